"""Invariants: checks that judge every answer."""
