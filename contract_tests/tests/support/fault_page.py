"""docs/fault-matrix.md: which check must find which fault, from the catalogue and the ledger alone."""

from collections import defaultdict
from collections.abc import Iterator

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.ledger import ledger
from tests.support.faults import FAULTS
from tests.support.freedoms import BUNDLES, TOLERANCES, VARIANTS
from tests.support.independent.faults import FAULTS as OTHER_FAULTS
from tests.support.independent.freedoms import FREEDOMS as OTHER_FREEDOMS
from tests.support.markdown import RENDERED, table
from tests.support.tampering import Fault

SHOWN = 4


def must_find(fault: Fault) -> tuple[str, str]:
    """Return the promise that must be found broken, and the check that must find it so."""
    promise = fault.breaks[0]
    return promise, fault.found_by or str(ledger.by_id()[promise].server.check)


def can_fail() -> dict[str, tuple[str, ...]]:
    """Return the checks that judge a must or should promise, with those promises."""
    promises = ledger.by_id()
    found = {
        name: tuple(one for one in check.promises if promises[one].level != "open")
        for name, check in all_checks().items()
    }
    return {name: judged for name, judged in found.items() if judged}


def faults_by_check() -> dict[str, list[str]]:
    """Return the names of the faults that each check must find."""
    found = defaultdict(list)
    for fault in FAULTS:
        found[must_find(fault)[1]].append(fault.name)
    for name, other in OTHER_FAULTS.items():
        checks = {check for promise in other.breaks for check in _checks_of(promise)}
        if len(checks) == 1:
            found[checks.pop()].append(name)
    return found


def checks_tried() -> set[str]:
    """Return the checks that judge a promise which a fault breaks."""
    faults = (*FAULTS, *OTHER_FAULTS.values())
    return {check for fault in faults for one in fault.breaks for check in _checks_of(one)}


def _checks_of(promise: str) -> tuple[str, ...]:
    side = ledger.by_id()[promise].server
    return (str(side.check), *side.further)


def page() -> str:
    """Return the page."""
    parts = (_head(), _faults(), _freedoms(), _checks(), _other_faults(), _other_freedoms())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head() -> Iterator[str]:
    yield from (RENDERED, "", "# The fault matrix", "")
    yield (
        f"The {len(can_fail())} checks that can fail are tried by {len(FAULTS)} faults and "
        f"{len(TOLERANCES)} freedoms of the reference server, and by {len(OTHER_FAULTS)} faults and "
        f"{len(OTHER_FREEDOMS)} freedoms of a second implementation, which shares no code with it. "
        "`nox -s faults` tries every row for real, and fails when one does not hold."
    )
    yield ""


def _faults() -> Iterator[str]:
    yield from ("## Faults", "")
    yield (
        "A row is the reference server with one thing wrong, judged by the suite. It holds when the "
        "check in the last column finds the promise beside it broken, and when no promise that the "
        "fault does not break is blamed before. The suite runs the checks of what the fault breaks "
        "and those on every answer; in the rows marked “whole” it runs all checks, and in those "
        "marked “thorough” it does so by `--profile thorough`, which takes over a minute."
    )
    by_operation = defaultdict(list)
    for fault in FAULTS:
        by_operation[fault.operation].append(fault)
    for operation, members in by_operation.items():
        yield from ("", f"### {'every operation' if operation == 'any' else operation}", "")
        yield from table(
            ("fault", "what is wrong", "must be found broken", "by the check"),
            (
                (
                    _code(fault.name) + _how(fault),
                    fault.wrong,
                    promise,
                    _code(check),
                )
                for fault in members
                for promise, check in [must_find(fault)]
            ),
        )


def _how(fault: Fault) -> str:
    words = ["whole"] if fault.whole else []
    if fault.profile != "full":
        words.append(fault.profile)
    return "".join(f", {word}" for word in words)


def _freedoms() -> Iterator[str]:
    yield from ("", "## Freedoms", "")
    yield (
        "A row is something that the documents leave free, or a fault of `should` promises alone. The "
        "reference server takes it together with the others of the same bundle, and is judged whole: "
        "the rows hold when the suite ends with exit code 0 and finds nothing broken but the `should` "
        "promises named here."
    )
    yield ""
    yield from table(
        ("bundle", "freedom", "what the server does", "warned of"),
        (
            (_code(bundle), _code(each.name), each.wrong, ", ".join(each.breaks))
            for bundle, names in BUNDLES.items()
            for each in map(VARIANTS.__getitem__, names)
        ),
    )


def _checks() -> Iterator[str]:
    yield from ("", "## Checks", "")
    yield (
        "Each check that can fail has to find the faults beside it. Where there is none, faults of "
        "the second implementation try it that another check may find as well."
    )
    yield ""
    found = faults_by_check()
    rows = []
    for check in sorted(can_fail()):
        names = sorted(found[check])
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        rows.append((_code(check), ", ".join(map(_code, names[:SHOWN])) + more))
    yield from table(("check", "faults that it must find"), rows)


def _other_faults() -> Iterator[str]:
    yield from (
        "",
        "## Faults of the second implementation",
        "",
        "A row holds when one of the promises is found broken, with nothing but them asked for.",
        "",
    )
    yield from table(
        ("fault", "what is wrong", "one must be found broken", "checks of these promises"),
        (
            (
                _code(name),
                fault.wrong,
                ", ".join(fault.breaks),
                ", ".join(
                    sorted({_code(each) for one in fault.breaks for each in _checks_of(one)})
                ),
            )
            for name, fault in OTHER_FAULTS.items()
        ),
    )


def _other_freedoms() -> Iterator[str]:
    yield from ("", "## Freedoms of the second implementation", "")
    yield (
        "A row is judged by the whole suite. It holds when no `must` is found broken, and no "
        "`should` but those named here."
    )
    yield ""
    yield from table(
        ("freedom", "what the server does", "warned of"),
        (
            (_code(name), " ".join(one.chosen), ", ".join(one.against))
            for name, one in OTHER_FREEDOMS.items()
        ),
    )


def _code(name: str) -> str:
    return f"`{name}`"
