"""Every fault is found by the check that must find it, and every freedom is left in peace."""

import pytest

from actor_runs_conformance.events.writer import Event
from actor_runs_conformance.ledger import ledger
from tests.support.checking import (
    FEW_CASES,
    INTERRUPTED,
    ONE_WORKER,
    check,
    judged_by,
    unrelated,
)
from tests.support.fault_page import must_find
from tests.support.faults import FAULTS
from tests.support.freedoms import SERVERS
from tests.support.tampering import Fault
from tests.support.targets import faulty

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

BOTH_SCOPES = ("--scope", "platform")
# These wait longest.
SLOW = (
    "wait-for-all-the-time",
    "wait-on-finished-run",
    "access-not-kept",
    "restricted-run-is-open",
    "one-waiter-only",
    "waiter-lost-at-reboot",
    "never-forced",
    "never-times-out",
    "wait-without-a-limit",
    "start-held-for-90-seconds",
    "wait-cut-at-50",
    "long-waits-refused",
)


def named(variant: Fault) -> str:
    return variant.name


def judged(variant: Fault) -> frozenset[str]:
    """Return what a variant is judged by; none means all. No answer may look wrong on the way."""
    if variant.whole:
        return frozenset()
    promises = ledger.by_id()
    own = {(name, promises[name].server.check) for name in (*variant.breaks, *variant.beside)}
    wanted = {must_find(variant), *own}
    return judged_by("invariant") | {f"{name}@{check}" for name, check in wanted if check}


def told(finding: Event) -> tuple[str, str]:
    return finding["promise"], finding["check"]


def case(variant: Fault):
    long = variant.whole or variant.name in SLOW
    return pytest.param(variant, id=variant.name, marks=[pytest.mark.long] if long else [])


def unexercised() -> set[str]:
    """Return the promises that no check of the suite reaches, whatever the server."""
    return {promise.id for promise in ledger.load() if promise.server.unchecked}


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS.values(), ids=named)
def test_freedoms_are_left(server, tmp_path):
    """The suite finds nothing broken, and exercises all that a good target lets it."""
    with faulty(server.name, tmp_path) as target:
        result = check(target, *BOTH_SCOPES, *FEW_CASES, "--profile", server.profile)
    assert result.errors == []
    assert (result.exit_code, result.with_verdict("failed")) == (0, set()), result.message
    assert unrelated(result.findings, server.breaks) == []
    assert result.missed <= unexercised(), result.message


@pytest.mark.parametrize("fault", [case(fault) for fault in FAULTS])
def test_fault_is_found(fault, tmp_path):
    """The check that must find the fault does, and no unrelated promise is blamed before."""
    wanted = must_find(fault)

    def enough(finding: Event) -> bool:
        return told(finding) == wanted and not fault.whole

    with faulty(fault.name, tmp_path) as target:
        given = (
            *BOTH_SCOPES,
            "--profile",
            fault.profile,
            *(FEW_CASES if fault.whole else ONE_WORKER),
        )
        result = check(target, *given, only=judged(fault), until=enough)
    found = [told(finding) for finding in result.findings]
    assert result.errors == []
    assert wanted in found, f"{fault.wrong} {wanted} did not notice; found: {found}"
    assert fault.breaks.count(result.findings[0]["promise"]), unrelated(result.findings, ())
    if "failed" in {event["verdict"] for event in result.findings}:
        assert result.exit_code in (1, INTERRUPTED)
