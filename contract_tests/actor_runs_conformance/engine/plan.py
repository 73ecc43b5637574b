"""What a check of a target will do: decided before the first request, and shown to the user.

Runs are given out in the order of the registry, shared ones first, so that a small budget always
reaches the same scenarios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.ledger import contract
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, ANY
from actor_runs_conformance.results.finding import ONLY_THOROUGH
from actor_runs_conformance.testkit.registry import Profile
from actor_runs_conformance.testkit.shard import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.target.target import Target
    from actor_runs_conformance.target.target_file import TargetFile
    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.shard import Shard

RUNS = {Profile.READ_ONLY: 0, Profile.SAFE: 20, Profile.FULL: 56, Profile.THOROUGH: 71}
GENERATED_RUNS = {Profile.READ_ONLY: 0, Profile.SAFE: 0, Profile.FULL: 14, Profile.THOROUGH: 14}
"""Starts that generated cases may make at most, where scenarios leave as many.

What they lack they make late, of the starts that were kept for refusals.
"""
SHARE_RUNS = 2
"""What the generated cases of a share after the first may start, beside the two runs they need."""
SURE = 3
"""A scenario that judges at least this many promises of an operation is assumed to call it."""
READ = frozenset({"getRun", "any"})
"""What the read-only profile sends."""
PROBES = {Profile.READ_ONLY: 0, Profile.SAFE: 2, Profile.FULL: 8, Profile.THOROUGH: 8}
"""Starts kept for requests that a good target refuses; each refusal gives one back."""
WITHOUT_TASKS = "no task was given: runs are started by their Actor"
"""Why Run task is left out where only an Actor is named."""


@define
class Plan:
    """The checks to run, what they may start, and why others are left out.

    `skipped` has the checks that cannot be run, with the reason; `excluded` the promises that the
    user left out, by profile or target file; `declared` those by target file; `too_long` those that
    only the thorough profile has the time for, which are not due in the others. `in_part` says
    that a scenario leaves steps out, so that runs and seconds are the most that may come.
    `late_runs` are not among `runs`: generated cases start as many of them as there are starts left
    that were kept for refusals.
    """

    invariants: list[Check] = field(factory=list)
    scenarios: list[Check] = field(factory=list)
    generated: list[Check] = field(factory=list)
    skipped: dict[str, str] = field(factory=dict)
    excluded: dict[str, str] = field(factory=dict)
    declared: frozenset[str] = frozenset()
    too_long: frozenset[str] = frozenset()
    shared: list[str] = field(factory=list)
    generated_runs: int = 0
    late_runs: int = 0
    runs: int = 0
    seconds: float = 0.0
    in_part: bool = False

    def lines(self, *, max_runs: int) -> list[str]:
        """Return in a few lines what will be done, and what it costs."""
        cases = "; generated cases" if self.generated else ""
        machine = (
            f", {self.generated_runs} of them for generated ones" if self.generated_runs else ""
        )
        runs = f"{'up to ' if self.in_part else ''}{_counted(self.runs, 'run')}"
        seconds = f"about {self.seconds:.0f} s{' or less' if self.in_part else ''}"
        lines = [
            (
                f"Plan: {_counted(len(self.scenarios), 'scenario')}, "
                f"{_counted(len(self.invariants), 'check')} on every answer{cases}"
            ),
            (f"      starts {runs} of the task{machine} (limit {max_runs}); {seconds}"),
            *self._late(),
            "      every run that is started is aborted at the end; nothing else is touched"
            if self.runs
            else "      sends only GET",
        ]
        if self.skipped:
            left_out = _counted(len(self.skipped), "check")
            lines.append(f"      leaves out {left_out} that cannot be made here")
        if self.too_long:
            lines.append(f"      leaves out {', '.join(sorted(self.too_long))}: {ONLY_THOROUGH}")
        return lines

    def _late(self) -> Iterator[str]:
        if self.late_runs:
            late = _counted(self.late_runs, "more run")
            yield f"      and up to {late} for generated cases, once all is refused that is to be"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def draw_up(
    checks: Iterable[Check],
    *,
    promises: Mapping[str, Promise],
    selected: frozenset[str],
    profile: Profile,
    target: Target,
    target_file: TargetFile,
    max_runs: int,
    chosen: Mapping[str, frozenset[str]] | None = None,
    shard: Shard = WHOLE,
    spare_runs: bool = False,
) -> Plan:
    """Decide what to run.

    `chosen` has the checks by which alone a promise is to be judged, by its id: those that judge it,
    or that make the requests by whose answers it is judged. With `spare_runs` the generated cases
    may start every run that is left.
    """
    plan = Plan(excluded=_excluded(promises, selected, target_file))
    checks = list(checks)
    wanted = [check for check in checks if _is_wanted(check, selected, chosen or {})]
    operations = {promises[name].operation for name in selected}
    if any(promises[name].operation == ANY for name in selected - (chosen or {}).keys()):
        # What holds for every answer can break in those of one operation alone.
        operations |= set(contract.operations())
    wanted += _request_makers(checks, wanted, operations, profile)
    plan.declared = frozenset(plan.excluded)
    plan.too_long = _too_long(wanted, selected - set(plan.excluded), profile)
    plan.invariants = [check for check in wanted if check.kind == "invariant"]
    probes = PROBES[profile]
    kept = probes if max_runs > probes else 0
    left = max_runs - kept
    plan.generated = [
        check for check in wanted if check.kind == "generated" and check.profile <= profile
    ]
    scenarios = [
        check
        for check in wanted
        if check.kind == "scenario" and check.profile <= profile and shard.first
    ]
    for check in scenarios:
        reason = missing(check, target, target_file)
        if reason is None:
            new = _new_runs(check, plan.shared, profile)
            cost = check.runs + len(new)
            if cost > left:
                reason = f"the budget of {max_runs} runs does not reach that far (--max-runs)"
            else:
                left -= cost
                plan.shared += new
                plan.runs += cost
                plan.scenarios.append(check)
        if reason is not None:
            plan.skipped[check.name] = reason
    possible = [
        check
        for check in wanted
        if not any(_calls(check, operation) for operation in target_file.operations)
    ]
    _leave_out_by_profile(plan, possible, promises, selected, profile)
    if plan.generated:
        starts = GENERATED_RUNS[profile] if shard.first else min(SHARE_RUNS, RUNS[profile])
        for shared in ("generated",) if shard.first else ("first", "generated"):
            if shared not in plan.shared and left > 0 and starts:
                plan.shared.append(shared)
                plan.runs += 1
                left -= 1
        plan.generated_runs = left if spare_runs and starts else min(starts, left)
        plan.runs += plan.generated_runs
        if starts and shard.first:
            plan.late_runs = min(kept, max(0, starts - plan.generated_runs))
    plan.in_part = not plan.invariants and any(
        not selected.issuperset(check.promises) for check in plan.scenarios
    )
    plan.seconds = max((check.seconds for check in plan.scenarios), default=2.0) + 5
    return plan


def _is_wanted(
    check: Check, selected: frozenset[str], chosen: Mapping[str, frozenset[str]]
) -> bool:
    if any(check.name in names for names in chosen.values()):
        return True
    judged = set(check.promises) & selected
    return bool(judged if check.kind == "invariant" else judged - chosen.keys())


def _request_makers(
    checks: Iterable[Check], wanted: Iterable[Check], operations: set[str], profile: Profile
) -> list[Check]:
    """Return scenarios for the sake of their requests: invariants need answers to judge.

    Their own promises are not judged, as nobody asked for them.
    """
    wanted = list(wanted)
    if not any(check.kind == "invariant" for check in wanted):
        return []
    chosen = [check for check in wanted if check.kind == "scenario"]
    spare = [
        check
        for check in sorted(checks, key=lambda check: (check.runs, check.seconds))
        if check.kind == "scenario" and check.profile <= profile and check not in wanted
    ]
    added = [] if chosen else [check for check in spare if check.runs == 0 and check.seconds <= 1]
    for operation in sorted(operations - {ANY, ABORT}):
        if not any(_calls(check, operation) for check in (*chosen, *added)):
            added += [check for check in spare if _calls(check, operation)][:1]
    return list(dict.fromkeys(added))


def _calls(check: Check, operation: str) -> bool:
    """Whether a check calls an operation for sure: it judges three promises of it or more."""
    names = {operation, ABORT} if operation == ABORTS[-1] else {operation}
    return sum(name in names for name in check.operations) >= SURE


def _new_runs(check: Check, shared: list[str], profile: Profile) -> list[str]:
    """Return the shared runs that a check is the first to need; the first run of all among them.

    The `finished` run is the first run once it has ended.
    """
    if profile is Profile.READ_ONLY:
        return []
    uses = [name for name in check.uses if name != "finished"]
    if check.runs or check.uses or check.probes:
        uses.insert(0, "first")
    return [name for name in dict.fromkeys(uses) if name not in shared]


def missing(check: Check, target: Target, target_file: TargetFile) -> str | None:
    """Return what a check needs and this target lacks; None when it lacks nothing."""
    for need in sorted(check.needs):
        if need in target_file.capabilities:
            return f"the target file says: {target_file.capabilities[need]}"
        if need == "control" and not target.controlled:
            return "needs runs that do as their input tells them (--task or --actor, the fixture Actor)"
        if need == "token" and target.token is None:
            return "needs a token (--token or APIFY_TOKEN)"
        if need == "second_token" and target.other_token is None:
            return "needs the token of a second account (APIFY_SECOND_TOKEN)"
        if need == "receiver" and not target.local:
            return "needs a target that can reach a webhook receiver on this machine"
    return None


def _excluded(
    promises: Mapping[str, Promise], selected: frozenset[str], target_file: TargetFile
) -> dict[str, str]:
    excluded: dict[str, str] = {}
    for name in selected:
        promise = promises[name]
        reason = target_file.promises.get(name) or _left_out(promise, target_file)
        for need in promise.needs:
            reason = reason or target_file.capabilities.get(need)
        reason = reason or _never_sent(promise, target_file)
        if reason:
            excluded[name] = reason
    return excluded


def _never_sent(promise: Promise, target_file: TargetFile) -> str | None:
    """Return why what a promise is about never comes: each field that it points to is left out."""
    absent = {
        field.pointer: reason
        for path, reason in target_file.fields.items()
        for field in contract.fields().values()
        if field.path == path or field.path.startswith(f"{path}.")
    }
    if promise.pointers and absent.keys() >= set(promise.pointers):
        return absent[promise.pointers[0]]
    return None


def _left_out(promise: Promise, target_file: TargetFile) -> str | None:
    """Return why the promise's operation is left out; the abort is with both of its addresses."""
    names = ABORTS if promise.operation == ABORT else (promise.operation,)
    reasons = [target_file.operations.get(name) for name in names]
    return reasons[-1] if all(reasons) else None


def _too_long(wanted: list[Check], names: Set[str], profile: Profile) -> frozenset[str]:
    """Return the promises that no check of another profile than the thorough one judges."""
    if profile is Profile.THOROUGH:
        return frozenset()
    sooner = {
        name for check in wanted if check.profile < Profile.THOROUGH for name in check.promises
    }
    return frozenset(
        name for check in wanted for name in check.promises if name in names and name not in sooner
    )


def _leave_out_by_profile(
    plan: Plan,
    possible: list[Check],
    promises: Mapping[str, Promise],
    selected: frozenset[str],
    profile: Profile,
) -> None:
    for name in selected - set(plan.excluded) - plan.too_long:
        profiles = [
            check.profile
            for check in possible
            if name in check.promises and check.name not in plan.skipped
        ]
        unsent = profile is Profile.READ_ONLY and promises[name].operation not in READ
        if profiles and (unsent or min(profiles) > profile):
            plan.excluded[name] = f"left out by --profile {profile}"
