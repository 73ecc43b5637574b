"""What stands in: the reference server of the Actor-run API."""
