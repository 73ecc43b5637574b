"""The server under test: where it is, and what its owner says of it."""
