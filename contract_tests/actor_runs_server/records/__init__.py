"""Runs as they are stored, and the database that stores them."""
