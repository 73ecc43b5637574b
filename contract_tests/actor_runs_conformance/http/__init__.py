"""Requests, answers and what befalls connections, as they happened."""
