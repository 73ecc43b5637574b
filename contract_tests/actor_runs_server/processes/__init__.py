"""Processes of runs: started, measured, ended."""
