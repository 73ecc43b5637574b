"""The catalogue covers every check and promise, and docs/fault-matrix.md shows it as it is."""

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.fault_page import can_fail, checks_tried, must_find
from tests.support.faults import BY_NAME, FAULTS
from tests.support.freedoms import BUNDLES, SERVERS, TOLERANCES
from tests.support.independent.faults import FAULTS as OTHER_FAULTS
from tests.support.independent.freedoms import FREEDOMS
from tests.support.pages import PAGES
from tests.support.targets import ROOT

ONLY_BESIDE_A_MUST = {
    "TSK-23": "TSK-01",
    "RTL-08": "TSK-01",
    "LIF-01": "OBJ-07",
    "LIF-03b": "WHK-03",
    "GET-11": "GET-05",
}
"""The `should` promises against which no server can choose without breaking a must as well."""


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_fresh(name):
    """What is rendered is what is committed."""
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name](), f"docs/{name} is stale: run `nox -s docs`"


def test_every_check_that_can_fail_is_tried():
    """No check of the suite is without a fault that breaks a promise of it."""
    assert sorted(set(can_fail()) - checks_tried()) == [], "add a fault to tests/support/faults"


def test_a_fault_is_found_by_a_check_of_its_promise():
    """The check that must find a fault judges the promise that must be found broken."""
    checks = can_fail()
    wrong = [
        (fault.name, promise, check)
        for fault in FAULTS
        for promise, check in [must_find(fault)]
        if promise not in checks.get(check, ())
    ]
    assert wrong == [], "put a promise of that check first in `breaks`, or correct `found_by`"


def test_every_promise_that_can_be_broken_is_broken_by_a_fault():
    """Each must and should that a check of servers judges stands in `breaks` of a fault."""
    broken = {promise for fault in (*FAULTS, *OTHER_FAULTS.values()) for promise in fault.breaks}
    judged = {
        promise.id for promise in ledger.load() if promise.server.check and promise.level != "open"
    }
    assert sorted(judged - broken) == [], "add a fault that breaks it to tests/support/faults"


def test_faults_name_promises_and_operations():
    """Every fault has a name of its own, an operation, and promises that the ledger has."""
    promises = ledger.by_id()
    operations = {promise.operation for promise in promises.values()}
    unknown = [
        (fault.name, name)
        for fault in FAULTS
        for name in {*fault.breaks, *fault.beside, fault.operation} - {*promises, *operations}
    ]
    assert unknown == []
    names = [variant.name for variant in (*FAULTS, *TOLERANCES)]
    assert len(names) == len(set(names)) == len(BY_NAME) + len(TOLERANCES)
    assert all(fault.breaks for fault in FAULTS)


def test_every_freedom_is_taken_by_one_server():
    """Each freedom stands in one bundle, so that it is tried once."""
    taken = [name for names in BUNDLES.values() for name in names if name not in BY_NAME]
    assert sorted(taken) == sorted(each.name for each in TOLERANCES)


def test_each_should_is_chosen_against():
    """Each `should` that a check judges is not kept by a lawful server, or only together with a must."""
    against = {promise for server in SERVERS.values() for promise in server.breaks}
    against |= {promise for freedom in FREEDOMS.values() for promise in freedom.against}
    promises = ledger.by_id()
    checked = {
        each.id for each in promises.values() if each.level == "should" and each.server.check
    }
    assert checked - against == set(ONLY_BESIDE_A_MUST)
    assert {promises[must].level for must in ONLY_BESIDE_A_MUST.values()} == {"must"}
    assert len(SERVERS) + len(FREEDOMS) <= 15
