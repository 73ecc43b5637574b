"""A second implementation of the Actor-run API, written from the five documents alone.

It shares no code with the reference server or the suite. `rules` says what it may do differently:
each fault breaks a promise, each freedom is a choice that the documents leave to a server.
"""
