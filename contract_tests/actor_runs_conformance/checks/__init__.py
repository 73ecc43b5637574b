"""The checks: invariants that judge every exchange, scenarios by operation and subject."""
