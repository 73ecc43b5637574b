"""Datasets, key-value stores and request queues: what is in them, and how it is shown."""
