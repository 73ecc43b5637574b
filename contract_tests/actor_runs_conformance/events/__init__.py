"""The one log of a check: written, read back, and its JSON Schemas."""
