"""A check of a target from beginning to end."""
