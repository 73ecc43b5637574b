"""Scenarios: checks that bring a run into a state and judge what comes of it."""
