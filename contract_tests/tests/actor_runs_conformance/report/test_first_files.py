"""First versions of a target file and of expected deviations can be read, and say what is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.first_files import expected_file, target_file
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.target_file import read_target
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_conformance.report.model import Report


def report() -> Report:
    """Return a report of a target without reboots and aborts, one of whose messages is hostile."""
    log = MadeLog()
    log.start()
    log.verdict("RBT-01", "failed", message="404")
    log.verdict("RBT-02", "not_exercised", because="RBT-01")
    log.verdict("ABT-05", "failed", message="404")
    log.verdict("ABT-06", "not_exercised", because="ABT-05")
    log.verdict("GET-05", "failed", message='a "quote"\nand [promises] \ud800 \\')
    log.verdict("GET-06", "warned", message="slow")
    log.verdict("GET-03", "passed")
    log.end()
    gathering = Gathering()
    for event in log.events:
        gathering.add(event)
    return gathering.report()


def test_expected_deviations(tmp_path: Path) -> None:
    """What is broken is expected, with what was found as the reason."""
    path = tmp_path / "expected.toml"
    path.write_text(expected_file(report()), encoding="utf-8")
    found = read_expected(path, promises=ledger.by_id())
    assert set(found) == {"RBT-01", "ABT-05", "GET-05", "GET-06"}
    assert found["GET-06"].reason == "slow"


def test_target_file(tmp_path: Path) -> None:
    """What is not offered is left out as an operation, anything else by promise."""
    path = tmp_path / "target.toml"
    path.write_text(target_file(report()), encoding="utf-8")
    found = read_target(path, promises=ledger.by_id(), operations=contract.operations())
    assert set(found.operations) == {"rebootRun", "abortRun", "abortActorRun"}
    assert set(found.promises) == {"GET-05", "GET-06"}
