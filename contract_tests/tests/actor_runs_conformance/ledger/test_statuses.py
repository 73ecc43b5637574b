"""The table of statuses says what the contract says."""

from __future__ import annotations

import re

from actor_runs_conformance.ledger import contract
from actor_runs_conformance.ledger.statuses import TERMINAL, all_statuses


def test_terminal_statuses_are_those_of_the_contract():
    """The sentence of the contract that calls statuses terminal names exactly these."""
    description = contract.document()["components"]["schemas"]["RunStatus"]["description"]
    (sentence,) = re.findall(r"^(.*) are terminal", description, flags=re.MULTILINE)
    assert set(re.findall(r"`([A-Z-]+)`", sentence)) == TERMINAL
    assert set(all_statuses()) > TERMINAL
