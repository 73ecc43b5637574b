"""What judges: a verdict for every documented promise of the Actor-run API."""
