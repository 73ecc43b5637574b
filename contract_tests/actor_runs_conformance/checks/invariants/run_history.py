"""Invariants across the answers about one run: lifecycle, what never changes, settled figures.

An answer is compared only with what was known before its request (see `testkit.history`), so that
neither a replica that lags behind nor two overlapping requests look like a breach.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.results.finding import Finding
from actor_runs_conformance.testkit.history import LAG, knows_end
from actor_runs_conformance.testkit.registry import invariant
from actor_runs_conformance.testkit.run_fields import (
    COUNTERS,
    FIGURES,
    MAY_CHANGE_AFTER_END,
    MISSING,
    changed,
    moment,
    number,
    number_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.history import History, RunHistory, Snapshot

AFTER: Mapping[str, frozenset[str]] = {
    "READY": frozenset({"READY", "RUNNING", "TIMING-OUT", "ABORTING"}) | TERMINAL,
    "RUNNING": frozenset({"RUNNING", "TIMING-OUT", "ABORTING"}) | TERMINAL,
    "TIMING-OUT": frozenset({"TIMING-OUT", "TIMED-OUT", "ABORTING", "ABORTED"}),
    # An Actor may still end by itself while it is given time.
    "ABORTING": frozenset({"ABORTING"}) | TERMINAL,
    **{status: frozenset({status}) for status in TERMINAL},
}
"""What may be seen after each status, whatever came in between."""
IMMUTABLE = (
    "actId",
    "userId",
    "actorTaskId",
    "startedAt",
    "meta.origin",
    "buildId",
    "defaultKeyValueStoreId",
    "defaultDatasetId",
    "defaultRequestQueueId",
)
RUN_TIMES = ("stats.runTimeSecs", "stats.durationMillis")
"""Figures that never fall either, but may settle a little lower once the run has ended."""
MEGABYTE = 1 << 20
_close = partial(math.isclose, rel_tol=1e-6, abs_tol=1e-9)


@invariant
def status_transitions(exchange: Exchange, history: History) -> Iterator[Finding]:
    """The status never goes back, and a terminal one is never left."""
    for run, now in history.seen_in(exchange):
        status = str(now.data.get("status"))
        if status not in AFTER:
            continue
        known = [
            (before, seen)
            for before, seen in run.first_seen.items()
            if before in AFTER
            and seen is not now
            and not _resurrected(seen, now)
            and seen.received + (0 if knows_end(seen.data, now.data) else LAG) <= now.sent
        ]
        for before, seen in known:
            # A rebooted run may be READY for a moment.
            again = run.rebooted and (before, status) == ("RUNNING", "READY")
            kept = status in AFTER[before] or again
            message = f"A run that was {before} is {status} {now.sent - seen.received:.1f} s later."
            expected = " or ".join(sorted(AFTER[before]))
            yield Finding("LIF-02", kept, message, expected, status, (seen.exchange,))
            if before in TERMINAL:
                promise = "LIF-03" if before == "SUCCEEDED" else "LIF-03b"
                yield Finding(promise, kept, message, expected, status, (seen.exchange,))


def _resurrected(before: Snapshot, now: Snapshot) -> bool:
    """Whether somebody has resurrected a run meanwhile, which the suite never does."""
    counts = [number_at(seen.data, "stats.resurrectCount") or 0 for seen in (before, now)]
    return counts[1] > counts[0]


@invariant
def immutable_fields(exchange: Exchange, history: History) -> Iterator[Finding]:
    """What identifies a run never changes."""
    for run, now in history.seen_in(exchange):
        first = run.snapshots[0]
        if first is now:
            continue
        for path in IMMUTABLE:
            before, after = value_at(first.data, path), value_at(now.data, path)
            # A brand-new run may lack a field for a moment, and others than the owner see less.
            hidden = after is None and not history.shows_all(exchange)
            if before in (MISSING, None) or after is MISSING or hidden:
                continue
            yield Finding(
                "INV-11", before == after, f"`{path}` changed.", before, after, (first.exchange,)
            )


@invariant
def counters_never_fall(exchange: Exchange, history: History) -> Iterator[Finding]:
    """Counters and run time never go down."""
    for run, now in history.seen_in(exchange):
        before = run.known(now)
        if before is None:
            continue
        paths = (*COUNTERS, *RUN_TIMES) if _same_phase(run, before, now) else COUNTERS
        for path in paths:
            earlier, later = number_at(before.data, path), number_at(now.data, path)
            if earlier is not None and later is not None:
                yield Finding(
                    "INV-09",
                    later >= earlier,
                    f"`{path}` went down.",
                    f"at least {earlier:g}",
                    later,
                    (before.exchange,),
                )


def _same_phase(run: RunHistory, before: Snapshot, now: Snapshot) -> bool:
    """Whether both were seen before the run's end, or both after its figures had settled."""
    working = all(not has_ended(snapshot.data) for snapshot in (before, now))
    return working or (run.settled(before) and run.settled(now))


@invariant
def finished_run_keeps(exchange: Exchange, history: History) -> Iterator[Finding]:
    """A finished run does not change, except for message, access and, at first, figures."""
    for run, now in history.seen_in(exchange):
        if run.ended is None or run.ended is now or run.ended.received + LAG > now.sent:
            continue
        if _resurrected(run.ended, now):
            continue
        free = MAY_CHANGE_AFTER_END | FIGURES
        changes = changed(run.ended.data, now.data, free)
        yield Finding(
            "INV-10",
            not changes,
            f"A run that was {run.ended.data.get('status')} changed: {', '.join(changes)}.",
            {name: run.ended.data.get(name) for name in changes},
            {name: now.data.get(name) for name in changes},
            (run.ended.exchange,),
        )


@invariant
def figures_agree(exchange: Exchange, history: History) -> Iterator[Finding]:
    """Settled figures of a finished run agree with each other, or it is noted that they do not."""
    for run, now in history.seen_in(exchange):
        data = now.data
        if not run.settled(now):
            continue
        yield from _memory(data)
        yield from _cpu(data)
        yield from _durations(data)
        yield from _compute_units(data)
        yield from _costs(data)


def _agreement(promise: str, agrees: bool, what: str, observed: JsonValue) -> Finding:  # noqa: FBT001
    return Finding(
        promise, agrees, f"{what} {'agree' if agrees else 'do not agree'}.", None, observed
    )


def _memory(data: Mapping[str, Any]) -> Iterator[Finding]:
    average = number_at(data, "stats.memAvgBytes")
    most = number_at(data, "stats.memMaxBytes")
    limit = number_at(data, "options.memoryMbytes")
    if average is not None and most is not None and limit is not None:
        agrees = average <= most <= limit * MEGABYTE
        yield _agreement("OBJ-19b", agrees, "Memory figures", [average, most, limit * MEGABYTE])


def _cpu(data: Mapping[str, Any]) -> Iterator[Finding]:
    average, most = number_at(data, "stats.cpuAvgUsage"), number_at(data, "stats.cpuMaxUsage")
    if average is not None and most is not None:
        yield _agreement("OBJ-20b", average <= most, "CPU figures", [average, most])


def _durations(data: Mapping[str, Any]) -> Iterator[Finding]:
    millis, seconds = number_at(data, "stats.durationMillis"), number_at(data, "stats.runTimeSecs")
    started, finished = moment(data.get("startedAt")), moment(data.get("finishedAt"))
    if millis is None or seconds is None or started is None or finished is None:
        return
    wall = (finished - started).total_seconds()
    agrees = abs(millis - seconds * 1000) < 1 and millis <= wall * 1000 + 1
    yield _agreement("INV-06", agrees, "Durations", [millis, seconds, wall])


def _compute_units(data: Mapping[str, Any]) -> Iterator[Finding]:
    units, seconds = number_at(data, "stats.computeUnits"), number_at(data, "stats.runTimeSecs")
    memory, used = (
        number_at(data, "options.memoryMbytes"),
        number_at(data, "usage.ACTOR_COMPUTE_UNITS"),
    )
    if units is None or seconds is None or memory is None:
        return
    formula = memory / 1024 * seconds / 3600
    agrees = _close(units, formula) and (used is None or _close(used, units))
    yield _agreement("INV-07", agrees, "Compute units", [units, formula, used])


def _costs(data: Mapping[str, Any]) -> Iterator[Finding]:
    total, parts = number_at(data, "usageTotalUsd"), data.get("usageUsd")
    if total is None or not isinstance(parts, dict) or not parts:
        return
    amount = sum(number(value) or 0 for value in parts.values())
    yield _agreement("INV-08", abs(total - amount) <= 1e-9, "Costs", [total, amount])
