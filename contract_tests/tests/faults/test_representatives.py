"""A handful of the matrix that runs with the other tests: faults, a freedom, servers that are none."""

import pytest

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.results.finding import NO_STORAGES, ONLY_THOROUGH
from tests.support.bad_servers import BAD_SERVERS
from tests.support.checking import check, unrelated
from tests.support.faults import BY_NAME
from tests.support.targets import Target, faulty, independent

FOUND = ("error-without-type", "no-location", "run-options-diskmbytes-wrong")
FREEDOMS = ("unknown-keys", "nulls-left-out")
NONE = ("nobody", "html", "404-for-everything", "redirects-to-itself")


def by_own_check(promise: str) -> str:
    """Name a promise with the check that the ledger names first: others take longer."""
    return f"{promise}@{ledger.by_id()[promise].server.check}"


@pytest.mark.parametrize("name", FOUND)
def test_fault_is_found(name, tmp_path):
    """The promise that a fault breaks is found broken, and no other one."""
    fault = BY_NAME[name]
    with faulty(name, tmp_path) as target:
        result = check(target, "--scope", "platform", only=map(by_own_check, fault.breaks))
    assert unrelated(result.findings, fault.breaks) == []
    assert {event["promise"] for event in result.findings} & set(fault.breaks)
    assert result.exit_code == 1


@pytest.mark.parametrize("name", FREEDOMS)
def test_freedom_is_left(name, tmp_path):
    """What the documents leave free breaks nothing."""
    with faulty(name, tmp_path) as target:
        result = check(
            target,
            "--scope",
            "platform",
            only=map(by_own_check, ("GET-01", "TSK-01", "INV-12", "OBJ-16", "OBJ-28", "OBJ-06")),
        )
    assert (result.exit_code, unrelated(result.findings, ())) == (0, [])


def test_what_is_not_due_is_not_missed():
    """Storages that are not served, and what takes a minute, are named and leave exit code 0."""
    with independent() as target:
        result = check(target, only=("GET-08", "GET-12", "GET-07b"))
    reasons = {name: event["message"] for name, event in result.verdicts.items()}
    assert reasons == {"GET-08": None, "GET-12": NO_STORAGES, "GET-07b": ONLY_THOROUGH}
    assert (result.exit_code, result.with_verdict("passed")) == (0, {"GET-08"})


@pytest.mark.parametrize("name", NONE)
def test_no_server(name):
    """A server that is no implementation gets its exit code and words that say what it is."""
    server = {server.name: server for server in BAD_SERVERS}[name]
    with server.start() as url:
        target = Target(url, "a-token-of-many-letters", "another-token-of-letters", "me~task")
        result = check(target)
    assert result.exit_code == server.exit_code
    assert [word for word in server.says if word.lower() not in result.message.lower()] == []
