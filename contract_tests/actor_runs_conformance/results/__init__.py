"""Verdicts: from findings to the outcome and the exit code."""
