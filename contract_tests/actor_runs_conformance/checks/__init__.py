"""The checks: invariants, scenarios and property tests."""
