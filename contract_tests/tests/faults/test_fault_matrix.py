"""Every fault is found by a promise that it breaks, and every freedom is left in peace."""

import time

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.checking import INTERRUPTED, Checked, check, promises_of, unrelated
from tests.support.faults import BY_NAME, FAULTS
from tests.support.freedoms import TOLERANCES
from tests.support.tampering import Fault
from tests.support.targets import faulty

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

# What the whole suite judges, generated cases included. The other freedoms meet all but those; the
# other faults meet every invariant, the quick scenarios and the checks of what they break.
WHOLE = frozenset(
    {
        "start-answers-200",
        "memory-rounded",
        "wait-ignored",
        "abort-rewrites-succeeded",
        "message-not-kept",
        # Freedoms.
        "unknown-keys",
        "unknown-error-types",
        "container-starts-in-12-s",
    }
)
QUICK = 1.0
LASTING = 16.0
# The slowest first, so that they do not end alone.
SLOW = (
    "wait-for-all-the-time",
    "wait-on-finished-run",
    "access-not-kept",
    "restricted-run-is-open",
    "one-waiter-only",
    "never-forced",
)


def named(variant: Fault) -> str:
    return variant.name


def judged(variant: Fault) -> frozenset[str]:
    """Return the promises that a variant is judged by; none means all."""
    if variant.name in WHOLE:
        return frozenset()
    seconds = QUICK if variant.name in BY_NAME else LASTING
    scenarios = promises_of("scenario", seconds=seconds) - promises_of("generated")
    return frozenset(variant.breaks + variant.beside) | promises_of("invariant") | scenarios


def slowest_first(fault: Fault) -> bool:
    return fault.name not in SLOW and fault.name not in WHOLE


def unexercised() -> set[str]:
    """Return the promises that no check of the suite reaches, whatever the server."""
    return {promise.id for promise in ledger.load() if promise.server.unchecked}


def checked(variant: Fault, data) -> tuple[Checked, float]:
    with faulty(variant.name, data) as target:
        began = time.monotonic()
        whole = variant.name in WHOLE or variant.name not in BY_NAME
        enough = () if whole else variant.breaks
        result = check(target, only=judged(variant), enough=enough)
        return result, time.monotonic() - began


@pytest.mark.parametrize("freedom", TOLERANCES, ids=named)
def test_freedom_is_left(freedom, tmp_path, record):
    """The whole suite finds nothing broken, and exercises all that a good target lets it."""
    result, seconds = checked(freedom, tmp_path)
    record(
        name=freedom.name,
        kind="freedom",
        exit_code=result.exit_code,
        seconds=round(seconds, 1),
        findings=unrelated(result.findings, ()),
    )
    assert result.errors == []
    assert (result.exit_code, result.with_verdict("failed")) == (0, set()), result.message
    assert unrelated(result.findings, freedom.breaks) == []
    assert result.with_verdict("not_exercised", level="must") <= unexercised(), result.message


@pytest.mark.parametrize("fault", sorted(FAULTS, key=slowest_first), ids=named)
def test_fault_is_found(fault, tmp_path, record):
    """A promise that the fault breaks is found broken, and no unrelated one before it."""
    result, seconds = checked(fault, tmp_path)
    found = [event for event in result.findings if event["promise"] in fault.breaks]
    record(
        name=fault.name,
        kind="fault",
        whole=fault.name in WHOLE,
        exit_code=result.exit_code,
        seconds=round(seconds, 1),
        found=sorted({(e["promise"], e["check"], e["verdict"]) for e in found}),
        killed_by=sorted({event["check"] for event in found}),
        unrelated=unrelated(result.findings, fault.breaks),
    )
    assert result.errors == []
    assert found, f"{fault.wrong} Nobody noticed. Findings: {unrelated(result.findings, ())}"
    assert fault.breaks.count(result.findings[0]["promise"]), unrelated(result.findings, ())
    if any(event["verdict"] == "failed" for event in found):
        assert result.exit_code in (1, INTERRUPTED)
