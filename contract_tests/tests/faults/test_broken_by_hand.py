"""Breaking the reference server by hand makes the suite exit 1 and name the promise."""

import json

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.broken_server import BROKEN
from tests.support.checking import command
from tests.support.targets import child

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

CASES = {name: promise for name, (_, promise) in BROKEN.items()}
# Kept by every one of these servers, unless it is the broken one.
OTHERS = ("GET-08", "TSK-01", "AUT-05")


def by_its_check(promise):
    """Name a promise with its own check: others that could show it take longer."""
    return f"{promise}@{ledger.by_id()[promise].server.check}"


@pytest.mark.parametrize(("name", "promise"), CASES.items(), ids=CASES)
def test_promise_is_named(tmp_path, name, promise):
    """The broken promise is failed with what was expected and observed, and no other one is."""
    only = ",".join(map(by_its_check, (promise, *OTHERS)))
    with child(
        "-m", "tests.support.broken_server", name, "--data", str(tmp_path / "data")
    ) as target:
        checked = command(target, "--only", only, report=tmp_path / "report")
    assert checked.exit_code == 1, checked.output
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    failed = [one for one in report["promises"] if one["verdict"] == "failed"]
    assert [promise] == [one["id"] for one in failed], checked.output
    assert f"FAILED {promise}" in checked.output
    (broken,) = failed
    assert broken["message"]
    assert broken["expected"] is not None
    assert broken["reproduce"].startswith("curl ")
    assert broken["evidence"] >= 1
