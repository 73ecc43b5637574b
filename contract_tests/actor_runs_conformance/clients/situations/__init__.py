"""The situations, by what they are about; importing this package registers them all."""

from actor_runs_conformance.clients.situation import SITUATIONS
from actor_runs_conformance.clients.situations import (  # noqa: F401 - to register them
    answers,
    repeats,
    requests,
    safety,
    starts,
    values,
    waits,
)

__all__ = ["SITUATIONS"]
