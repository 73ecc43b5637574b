"""The checks that the ledger names exist, on both sides, and those that exist are named."""

from __future__ import annotations

import ast
from pathlib import Path

import attrs
import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.promise import Side

CLIENT_TESTS = Path(__file__).resolve().parents[1] / "actor_runs"
CLIENTS_ONLY = "a rule for clients"

# Both numbers may only fall. When one falls, write the new one here.
MUSTS_UNCHECKED_BY_ANYONE = 7
MUSTS_UNCHECKED_ON_SERVERS = 8


@pytest.fixture(scope="module")
def promises():
    """The ledger."""
    return ledger.load()


@pytest.fixture(scope="module")
def checks():
    """The checks of the suite by name."""
    return all_checks()


def unwritten(promises, checks):
    """Return the server checks that the ledger names and the suite does not have, by promise."""
    named = {promise.id: {promise.server.check, *promise.server.further} for promise in promises}
    missing = {name: sorted(given - {None} - set(checks)) for name, given in named.items()}
    return {name: given for name, given in missing.items() if given}


def unnamed(promises, checks):
    """Return the checks of the suite that no promise names."""
    sides = [promise.server for promise in promises]
    return sorted(set(checks) - {name for side in sides for name in (side.check, *side.further)})


def mismatched(promises, checks):
    """Return the promises whose check is of another kind than the ledger says."""
    found = {}
    for promise in promises:
        check = checks.get(promise.server.check)
        if check and check.kind != promise.server.kind:
            found[promise.id] = f"{check.name} is of kind {check.kind}"
    return found


def functions(path):
    """Return the names of the test functions of a file, those in classes included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def missing_tests(promises, folder):
    """Return the client tests that the ledger names and that do not exist, by promise."""
    found = {}
    for promise in promises:
        if promise.client.check:
            name, _, test = promise.client.check.partition("::")
            if not (folder / name).is_file() or test not in functions(folder / name):
                found[promise.id] = promise.client.check
    return found


def test_every_check_of_servers_exists(promises, checks):
    """Every check that the ledger names for servers is registered in the suite."""
    assert unwritten(promises, checks) == {}, (
        "write the check in actor_runs_conformance/checks, or correct `server.check`"
    )


def test_every_check_of_servers_is_named(promises, checks):
    """Every check of the suite is named by a promise of the ledger."""
    assert unnamed(promises, checks) == [], "name it in `server.check` of what it judges"


def test_every_check_is_of_its_kind(promises, checks):
    """The check that a promise names is of the kind that stands there."""
    assert mismatched(promises, checks) == {}, "correct `server.kind`, or the check's decorator"


def test_further_checks_judge_too(checks):
    """A check that a promise names as a further one judges it, and needs nothing more for it."""
    further = {promise.id: promise.server.further for promise in ledger.load()}
    assert further["PUT-12"] == ("general_access",)
    assert "PUT-12" in checks["general_access"].promises
    assert checks["general_access"].needs == {"control"}


def test_every_test_of_the_client_exists(promises):
    """Every test that the ledger names for the client is a function of that file."""
    assert missing_tests(promises, CLIENT_TESTS) == {}, (
        "write the test under contract_tests/tests/actor_runs, or correct `client.check`"
    )


def test_no_side_is_forgotten(promises):
    """A rule for clients has a test of the client."""
    forgotten = [p.id for p in promises if p.server.unchecked == CLIENTS_ONLY and not p.checked]
    assert forgotten == [], "name a test in `client.check`"


def test_ever_fewer_musts_are_unchecked(promises):
    """The number of `must` promises without a check only falls."""
    by_anyone = [p.id for p in promises if p.level == "must" and not p.checked]
    on_servers = [
        p.id
        for p in promises
        if p.level == "must" and p.server.unchecked and p.server.unchecked != CLIENTS_ONLY
    ]
    for number, limit, name in (
        (by_anyone, MUSTS_UNCHECKED_BY_ANYONE, "MUSTS_UNCHECKED_BY_ANYONE"),
        (on_servers, MUSTS_UNCHECKED_ON_SERVERS, "MUSTS_UNCHECKED_ON_SERVERS"),
    ):
        assert len(number) <= limit, f"a `must` lost its check; give it one: {number}"
        assert len(number) == limit, f"write {len(number)} into {name}: it may not rise again"


def test_what_is_missing_is_found(promises, checks, tmp_path):
    """A check or test that is renamed on one side is named with its promise."""
    promise = ledger.by_id()["GEN-02"]
    name = promise.server.check
    renamed = {k: v for k, v in checks.items() if k != name}
    assert unwritten([promise], renamed) == {"GEN-02": [name]}
    side = attrs.evolve(promise.server, further=("no_such_check",))
    assert unwritten([attrs.evolve(promise, server=side)], checks) == {"GEN-02": ["no_such_check"]}
    assert unnamed([], {name: checks[name]}) == [name]
    side = attrs.evolve(promise.server, kind="scenario")
    assert list(mismatched([attrs.evolve(promise, server=side)], checks)) == ["GEN-02"]
    (tmp_path / "test_reading.py").write_text("def test_it(): ...")
    for check, expected in (
        ("test_reading.py::test_it", {}),
        ("test_reading.py::test_that", {"GEN-02": "test_reading.py::test_that"}),
        ("test_writing.py::test_it", {"GEN-02": "test_writing.py::test_it"}),
    ):
        tested = attrs.evolve(promise, client=Side(check=check))
        assert missing_tests([tested], tmp_path) == expected
