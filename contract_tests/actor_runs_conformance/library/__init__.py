"""The suite as a library: a server is judged, and the result is a value."""
