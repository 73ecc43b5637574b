"""`--list`: what a check would judge, by which checks, at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.results.finding import ONLY_THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.engine.plan import Plan
    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.testkit.registry import Check


def listing(
    plan: Plan, promises: Mapping[str, Promise], selected: frozenset[str], *, max_runs: int
) -> Iterator[str]:
    """Yield the plan line by line: the whole, each check, and what is left out with the reason."""
    yield from plan.lines(max_runs=max_runs)
    judged: set[str] = set()
    for title, checks in (
        ("Scenarios", plan.scenarios),
        ("Checks on every answer", plan.invariants),
        ("Generated cases", plan.generated),
    ):
        if checks:
            yield ""
            yield f"{title}:"
        for check in checks:
            mine = [name for name in check.promises if name in selected - set(plan.excluded)]
            judged.update(mine)
            yield f"  {check.name:<40} {_cost(check):<18} {', '.join(mine) or '(for its requests)'}"
    left_out = {
        name: plan.excluded.get(name)
        or (ONLY_THOROUGH if name in plan.too_long else None)
        or plan.skipped.get(promises[name].server.check or "")
        or promises[name].server.unchecked
        or "no check of this profile reaches it"
        for name in promises
        if name in selected - judged
    }
    if left_out:
        yield ""
        yield "Not judged:"
    for name, reason in left_out.items():
        yield f"  {name:<9} {reason}"


def _cost(check: Check) -> str:
    runs = f"{check.runs} run{'' if check.runs == 1 else 's'}" if check.runs else ""
    seconds = f"{check.seconds:g} s" if check.kind == "scenario" else ""
    return ", ".join(part for part in (runs, seconds) if part)
