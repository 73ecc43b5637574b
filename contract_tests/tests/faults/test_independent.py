"""The suite finds what is wrong with a second implementation, and blames no lawful choice of it."""

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.checking import FEW_CASES, ONE_WORKER, check, command
from tests.support.faults import FAULTS as OWN_FAULTS
from tests.support.independent.fault import Fault
from tests.support.independent.faults import FAULTS, SERVERS, TABLES
from tests.support.independent.freedoms import FREEDOMS
from tests.support.targets import independent


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - 1
    return f"{names[0]} and {more} more" if more else names[0]


def _shows_all(faults: list[Fault]):
    """Return what says of each finding whether it is the last that was needed."""
    left = {fault.name: fault.breaks for fault in faults}

    def is_last(finding) -> bool:
        for name in [name for name, breaks in left.items() if finding["promise"] in breaks]:
            del left[name]
        return not left

    return is_last


def test_tables_are_consistent():
    """A fault breaks checked promises that bind, a freedom goes against `should` promises."""
    promises = ledger.by_id()
    assert len(FAULTS) == sum(map(len, TABLES)), "two faults have the same name"
    for fault in FAULTS.values():
        assert fault.breaks
        for promise in fault.breaks:
            assert promises[promise].level != "open", f"{fault.name}: {promise}"
            assert promises[promise].server.check, f"{fault.name}: {promise}"
    for freedom in FREEDOMS.values():
        assert {promises[promise].level for promise in freedom.against} <= {"should"}


def test_every_promise_of_the_documents_has_two_faults():
    """Each checked `must` that one of the five documents states has two faults at least.

    This server serves no storages and no input schema; what needs them is tried on our own.
    """
    few = [
        promise.id
        for promise in ledger.by_id().values()
        if promise.level == "must" and promise.scope == "documents" and promise.server.check
        if sum(promise.id in fault.breaks for fault in (*FAULTS.values(), *OWN_FAULTS)) < 2
    ]
    assert few == [], "add faults to tests/support/faults or tests/support/independent/faults"


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.timeout(400)
def test_unchanged(tmp_path):
    """Without a fault the server keeps every promise, those of the platform too."""
    with independent() as target:
        checked = command(target, report=tmp_path)
    assert checked.errors == []
    assert checked.with_verdict("failed", "warned") == set(), checked.output


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("names", SERVERS, ids=_named)
def test_faults(names):
    """A fault is found by a promise that it breaks, with those promises alone asked for."""
    faults = [FAULTS[name] for name in names]
    promises = [promise for fault in faults for promise in fault.breaks]
    options = [word for name in names for word in ("--fault", name)]
    with independent(*options) as target:
        checked = check(target, *ONE_WORKER, only=promises, until=_shows_all(faults))
    assert checked.errors == []
    broken = {event["promise"] for event in checked.findings}
    found = {fault.name for fault in faults if broken & set(fault.breaks)}
    assert set(names) - found == set(), checked.message


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_one_cause_is_one_finding():
    """Where no wait is heeded, each operation is found once; what depends on waits is folded below."""
    waits = ("GEN-18", "GET-05", "GET-06", "GET-11", "TSK-19")
    with independent("--fault", "wait-ignored") as target:
        checked = check(target, only=(*waits, "GET-05b", "TSK-19b"))
    assert checked.with_verdict("failed", "warned") == {"GET-05b", "TSK-19b"}, checked.message
    folded = {name: checked.verdicts[name].get("because") for name in waits}
    assert folded.pop("GEN-18") in {None, "GET-05b"}  # A start with decimals is judged by itself.
    assert folded.pop("TSK-19") == "TSK-19b"
    assert set(folded.values()) == {"GET-05b"}


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.long
@pytest.mark.parametrize("name", FREEDOMS)
def test_freedom(name, tmp_path):
    """A lawful server breaks no `must`, and no other `should` than it chooses against."""
    freedom = FREEDOMS[name]
    with independent("--freedom", name) as target:
        checked = command(target, *FEW_CASES, report=tmp_path)
    assert checked.errors == []
    blamed = checked.with_verdict("failed", level="must")
    if freedom.only_documents:
        blamed = {promise for promise in blamed if ledger.by_id()[promise].scope == "documents"}
    else:
        blamed |= checked.with_verdict("warned") - set(freedom.against)
    assert blamed == set(), checked.output
    # What a target takes its time for, refuses or leaves out hides nothing that was due.
    hides_nothing = name in {"slow", "own-clock-and-ids"}
    assert not hides_nothing or checked.exit_code == 0, checked.output
    assert [event["run"] for event in checked.of("run_ended") if event["by"] == "unknown"] == []
