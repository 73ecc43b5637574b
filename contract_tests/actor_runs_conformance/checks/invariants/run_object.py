"""Invariants on every Run object: its fields, their types and what they say of each other."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.ledger.statuses import ENDING, TERMINAL, all_statuses
from actor_runs_conformance.results.finding import (
    NEVER_SENT,
    Finding,
    broken,
    kept,
    not_exercised,
    noted,
)
from actor_runs_conformance.testkit.registry import invariant
from actor_runs_conformance.testkit.run_fields import (
    MISSING,
    moment,
    number_at,
    object_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.history import History


def _fields_by_promise(check: str) -> Mapping[str, tuple[str, ...]]:
    """Return the fields that each promise of a check is about, by dotted path."""
    return {
        promise.id: tuple(
            field.path for field in contract.fields().values() if field.pointer in promise.pointers
        )
        for promise in ledger.by_check()[check]
    }


FIELDS = _fields_by_promise("run_fields")
FROM_ZERO = frozenset(_fields_by_promise("figures_from_zero")["OBJ-41"])
CONTAINERS = frozenset(
    path.rpartition(".")[0] for paths in FIELDS.values() for path in paths if "." in path
)
"""Objects whose members are judged by promises of their own."""
REQUIRED = tuple(
    field.path for field in contract.fields().values() if field.required and "." not in field.path
)
ACCESS = {*contract.enum("RunGeneralAccess"), "ANYONE_WITH_NAME_CAN_READ"}
"""What `generalAccess` may show: what Update run takes, and one value more."""
BUILD_NUMBER = re.compile(r"\d+\.\d+(\.\d+)?")
DATES = (
    "startedAt",
    "finishedAt",
    "meta.scheduledAt",
    "metamorphs.createdAt",
    "pricingInfo.createdAt",
    "pricingInfo.startedAt",
    "pricingInfo.notifiedAboutChangeAt",
    "pricingInfo.notifiedAboutFutureChangeAt",
)
"""All dates of a Run object, by dotted path; the members of an array are looked at one by one."""
USUAL_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
EXTERNAL = "DATA_TRANSFER_EXTERNAL_GBYTES"


@invariant
def required_fields(exchange: Exchange, history: History) -> Iterator[Finding]:
    """Every Run object that its owner reads has the twelve fields that are always there."""
    for run in exchange.runs if history.shows_all(exchange) else ():
        missing = [
            name for name in REQUIRED if run.get(name) is None and name not in history.never_sent
        ]
        yield Finding(
            "INV-12",
            not missing,
            f"A run lacks {', '.join(missing)}.",
            ", ".join(REQUIRED),
            sorted(run),
        )


@invariant
def run_fields(exchange: Exchange, history: History) -> Iterator[Finding]:
    """Every field of a Run object is as the contract says, or absent where it may be."""
    complete = history.shows_all(exchange)
    for run in exchange.runs:
        if run.get("id") is None:
            continue  # Not a Run object at all: `required_fields` says so.
        for promise, paths in FIELDS.items():
            due = [path for path in paths if path not in history.never_sent]
            faults = [fault for path in due for fault in _faults(run, path, complete=complete)]
            if faults:
                yield broken(promise, *faults[0])
            elif any(value_at(run, path) is not MISSING for path in due):
                yield kept(promise)
            elif due:
                yield not_exercised(promise, NEVER_SENT)


def _faults(run: Mapping[str, Any], path: str, *, complete: bool) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is wrong with a field; unless the run is shown `complete`, it may be hidden."""
    value = value_at(run, path)
    if not complete and value in (MISSING, None):
        return
    if value is MISSING:
        parent = path.rpartition(".")[0]
        in_object = not parent or isinstance(value_at(run, parent), dict)
        if in_object and contract.fields()[path].required:
            yield f"`{path}` is missing.", f"`{path}` in every run", "absent"
        return
    if path in CONTAINERS:
        if not isinstance(value, dict):
            yield f"`{path}` is not an object.", "an object", value
        return
    if path in FROM_ZERO and _is_negative(value):
        value = -value  # What is below 0 is judged by `figures_from_zero`.
    fault = contract.field_fault(path, value)
    if fault is not None:
        place = fault.path.strip("/").replace("/", ".")
        yield (
            f"`{place}` does not fit: {fault.message}.",
            contract.fields()[path].schema,
            fault.value,
        )
    elif path == "generalAccess" and value is not None and value not in ACCESS:
        yield "`generalAccess` has an unknown value.", sorted(ACCESS), value
    elif path == "buildNumber" and value is not None and not BUILD_NUMBER.fullmatch(value):
        yield "`buildNumber` is not a build number.", "a number like 0.1.234", value


def _is_negative(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value < 0


@invariant
def figures_from_zero(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """Counters, bytes and times of a run are not below 0."""
    for run in exchange.runs:
        for path in sorted(FROM_ZERO):
            value = value_at(run, path)
            if isinstance(value, int | float):
                message = f"`{path}` is below 0."
                yield Finding("OBJ-41", not _is_negative(value), message, "0 or more", value)


@invariant
def run_identity(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """An answer is about the run that the path names."""
    for run in exchange.runs:
        name = run.get("id")
        if not isinstance(name, str) or not name:
            yield broken("OBJ-01", "A run has no id.", "a string", name)
        elif exchange.run is not None:
            yield Finding(
                "OBJ-01",
                name == exchange.run,
                "The answer is about another run than the path names.",
                exchange.run,
                name,
            )


@invariant
def run_status(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """The status of a run is one of eight, and never FINISHED."""
    for run in exchange.runs:
        if "status" in run or "id" in run:
            status = run.get("status")
            yield Finding(
                "OBJ-07",
                str(status) in all_statuses(),
                f"A run has status {status!r}.",
                f"one of {', '.join(sorted(all_statuses()))}",
                status,
            )
            yield Finding(
                "LIF-08",
                status != "FINISHED",
                "A run has the status FINISHED, which does not exist.",
                "SUCCEEDED, FAILED, ABORTED or TIMED-OUT for a finished run",
                status,
            )


@invariant
def dates(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """Every date is an ISO 8601 date and time with its time zone."""
    for run in exchange.runs:
        for path, value in _dates(run):
            yield Finding(
                "GEN-19",
                moment(value) is not None,
                f"`{path}` is not a date and time with a time zone.",
                "a date like 2019-11-30T07:34:24.202Z",
                value,
            )
            usual = isinstance(value, str) and bool(USUAL_DATE.fullmatch(value))
            yield Finding(
                "GEN-19b",
                usual,
                "Dates are in UTC with three decimals and a Z."
                if usual
                else "Dates are not written in UTC with three decimals and a Z.",
                None,
                value,
            )


def _dates(run: Mapping[str, Any]) -> Iterator[tuple[str, JsonValue]]:
    """Yield each date of a run that is there, with its path."""
    for path in DATES:
        place, _, key = path.rpartition(".")
        inner = value_at(run, place) if place else run
        for holder in inner if isinstance(inner, list) else [inner]:
            value = holder.get(key) if isinstance(holder, dict) else None
            if value is not None:
                yield path, value


@invariant
def finished_means_terminal(exchange: Exchange, history: History) -> Iterator[Finding]:
    """A run has `finishedAt` when it has ended, and not before; on its way to the end it may."""
    if "finishedAt" in history.never_sent or not history.shows_all(exchange):
        return
    for run in exchange.runs:
        status, finished = str(run.get("status")), run.get("finishedAt")
        if status not in all_statuses():
            continue
        says = f"A run that is {status} has {'a' if finished else 'no'} finishedAt."
        if status in ENDING:
            yield Finding("LIF-05", finished is None, says, None, finished)
            continue
        agrees = (finished is not None) == (status in TERMINAL)
        expected = "a date" if status in TERMINAL else "null or absent"
        yield Finding("INV-01", agrees, says, expected, finished)


@invariant
def times_in_order(exchange: Exchange, history: History) -> Iterator[Finding]:
    """A run does not end before it starts."""
    for run in exchange.runs:
        started, finished = moment(run.get("startedAt")), moment(run.get("finishedAt"))
        if started is None:
            continue
        latest = max(started, finished or started)
        future = history.clock_skew is not None and history.until(latest) > dt.timedelta(seconds=5)
        reversed_ = finished is not None and finished < started
        yield Finding(
            "INV-02",
            not (future or reversed_),
            "A run ends before it starts." if reversed_ else "A run's time lies in the future.",
            "startedAt ≤ finishedAt ≤ now",
            {"startedAt": run.get("startedAt"), "finishedAt": run.get("finishedAt")},
        )


@invariant
def exit_code_matches_status(exchange: Exchange, history: History) -> Iterator[Finding]:
    """The exit code agrees with the status."""
    if "exitCode" in history.never_sent or not history.shows_all(exchange):
        return
    for run in exchange.runs:
        status, code = run.get("status"), run.get("exitCode")
        rule = {
            "SUCCEEDED": (code == 0, "0"),
            "FAILED": (code != 0, "any code but 0"),
            "READY": (code is None, "null or absent"),
            "RUNNING": (code is None, "null or absent"),
        }.get(str(status))
        if rule:
            yield Finding(
                "INV-03", rule[0], f"A run that is {status} has exit code {code}.", rule[1], code
            )


@invariant
def disk_is_twice_memory(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """A run has twice as much disk as memory."""
    for run in exchange.runs:
        memory, disk = number_at(run, "options.memoryMbytes"), number_at(run, "options.diskMbytes")
        if memory is not None and disk is not None:
            yield Finding(
                "INV-04",
                disk == 2 * memory,
                f"A run with {memory:g} MB of memory has {disk:g} MB of disk.",
                2 * memory,
                disk,
            )


@invariant
def storage_ids_agree(exchange: Exchange, history: History) -> Iterator[Finding]:
    """`storageIds` names the same default storages as the run does."""
    pairs = (
        ("datasets", "defaultDatasetId"),
        ("keyValueStores", "defaultKeyValueStoreId"),
        ("requestQueues", "defaultRequestQueueId"),
    )
    for run in exchange.runs:
        aliases = {name: value_at(run, f"storageIds.{kind}.default") for kind, name in pairs}
        shown = {name: alias for name, alias in aliases.items() if alias not in (MISSING, None)}
        if not shown:
            yield not_exercised("INV-05", NEVER_SENT)
        for kind, name in pairs:
            hidden = run.get(name) is None and not history.shows_all(exchange)
            if name in shown and not hidden:
                yield Finding(
                    "INV-05",
                    shown[name] == run.get(name),
                    f"`storageIds.{kind}.default` is not the run's `{name}`.",
                    run.get(name),
                    shown[name],
                )


@invariant
def spellings_in_use(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """Origins, spellings and keys that the documents leave open are noted."""
    for run in exchange.runs:
        origin = value_at(run, "meta.origin")
        if isinstance(origin, str):
            yield noted("OBJ-11b", f"Runs have the origin {origin}.", origin)
        for kind in ("usage", "usageUsd"):
            for key in (EXTERNAL, f"{EXTERNAL}?"):
                if key in object_at(run, kind):
                    yield noted("OBJ-35b", f"External transfer is spelled {key}.")
        extra = sorted(set(run) - set(contract.fields()))
        yield noted(
            "OBJ-40",
            f"Runs have keys that the contract does not know: {', '.join(extra)}."
            if extra
            else "Runs have no keys that the contract does not know.",
            extra,
        )
