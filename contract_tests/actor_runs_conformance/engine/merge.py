"""Several reports of one check become one: the shares of several machines, or repeated checks.

The worst verdict on each promise wins. What was not judged by the same ledger and contract, or does
not belong together, is refused.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from actor_runs_conformance.engine.log_entries import write_end
from actor_runs_conformance.events.reader import Log as StoredLog
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.events.writer import FURTHER, Log
from actor_runs_conformance.report.standing import counted
from actor_runs_conformance.results.finding import EVIDENCE_SHOWN, PromiseResult, not_due
from actor_runs_conformance.results.outcome import sum_up
from actor_runs_conformance.results.verdict import WEIGHT, ExitCode, Verdict
from actor_runs_conformance.testkit.shard import read_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from actor_runs_conformance.events.reader import Event
    from actor_runs_conformance.results.outcome import Outcome

SAME = {
    "ledger": "ledger",
    "contract": "contract",
    "version": "version of actor-runs",
    "scope": "scope",
    "profile": "profile",
    "strict": "--strict",
}
"""What reports must have in common, each with its name in words."""

SAME_IN_SHARES = {"seed": "seed", "cases": "--cases"}
"""What shares must have in common too."""

ONCE = frozenset({"start", "promise", "verdict", "end", FURTHER})
"""Events of which the merged log has its own."""


class MergeError(ValueError):
    """The reports do not make one; the message says why, and what to do."""


@define
class Part:
    """One of the reports; `last` is the highest id of its exchanges."""

    path: Path
    start: Event
    promises: dict[str, Event] = field(factory=dict)
    verdicts: dict[str, Event] = field(factory=dict)
    further: Counter[tuple[str, str]] = field(factory=Counter)
    end: Event = field(factory=dict)
    last: int = 0

    @property
    def share(self) -> str | None:
        """Which share of a check this is, such as 2/8; None when it is a whole check."""
        share = self.start.get("shard")
        return None if share is None else str(share)

    @classmethod
    def read(cls, path: Path) -> Part:
        """Read what the merged report needs of a report.

        Raises:
            MergeError: its log cannot be read, or was cut off.
        """
        part = cls(path, {})
        for event in _events(path):
            match event["event"]:
                case "start":
                    part.start = event
                case "promise":
                    part.promises[event["id"]] = event
                case "verdict":
                    part.verdicts[event["id"]] = event
                case "exchange":
                    part.last = max(part.last, event["id"])
                case "end":
                    part.end = event
                case kind if kind == FURTHER:
                    answers = event["answers"].items()
                    part.further.update({(event["operation"], key): n for key, n in answers})
        if not part.end:
            raise MergeError(f"{path} was cut off before its end; make that check again")
        return part


def merge(paths: Sequence[Path], out: Path) -> Outcome:
    """Write the log of all these reports together into a directory, and return the outcome.

    Raises:
        MergeError: they do not belong together, or one cannot be read.
        OSError: the log cannot be written.
    """
    if out.resolve() in {path.resolve() for path in paths}:
        raise MergeError(f"{out} is one of the reports; give another directory for the merged one")
    _keep_checks(out)
    parts = sorted((Part.read(path) for path in paths), key=_position)
    missing = _belong_together(parts)
    log = Log(out)
    try:
        return _write(log, parts, missing)
    finally:
        log.close()
        if log.failure is not None:
            raise log.failure


def _keep_checks(out: Path) -> None:
    """Make sure that the last directory is no share: whoever forgets OUT would lose it."""
    try:
        there = StoredLog.open(out)
    except UnreadableLogError:
        return
    there.close()
    if not there.start.get("shards"):
        raise MergeError(
            f"{out} holds the report of a check, which would be lost; give as the last directory, "
            "OUT, a new one or that of an earlier merge"
        )


def _position(part: Part) -> int:
    return read_shard(part.share).number if part.share else 0


def _belong_together(parts: Sequence[Part]) -> list[str]:
    """Make sure that the reports make one; return the shares that are missing."""
    first = parts[0]
    shares = [part.share for part in parts]
    if any(shares) and not all(shares):
        whole = next(part.path for part in parts if part.share is None)
        raise MergeError(f"{whole} is a whole check and the others are shares of one; leave it out")
    for part in parts[1:]:
        for key, name in (SAME | (SAME_IN_SHARES if first.share else {})).items():
            ours, theirs = first.start.get(key), part.start.get(key)
            if ours != theirs:
                raise MergeError(
                    f"{first.path} and {part.path} differ in the {name}: {ours} and {theirs}; "
                    "only checks that were asked the same can be merged"
                )
        judged = set(first.promises) ^ set(part.promises)
        if judged:
            raise MergeError(
                f"{first.path} and {part.path} judge different promises: {min(judged)} is in "
                "one of them only; give all the same --only and --as-of"
            )
    return _missing_shares(parts) if first.share else []


def _missing_shares(parts: Sequence[Part]) -> list[str]:
    found = [read_shard(str(part.share)) for part in parts]
    if len({shard.of for shard in found}) > 1:
        raise MergeError(
            f"the reports are shares of different wholes: {', '.join(map(str, found))}; "
            "merge those with one number of shares"
        )
    for (earlier, shard), (later, again) in pairwise(zip(parts, found, strict=True)):
        if shard == again:
            raise MergeError(
                f"share {shard} is there twice: {earlier.path} and {later.path}; leave one out"
            )
    numbers = {shard.number for shard in found}
    of = found[0].of
    return [f"{number}/{of}" for number in range(1, of + 1) if number not in numbers]


def _write(log: Log, parts: Sequence[Part], missing: Sequence[str]) -> Outcome:
    first = parts[0]
    shares = [str(part.share) for part in parts if part.share]
    start = {**first.start, "command": _whole_command(first.start["command"])}
    _copy(log, {**start, "shard": None, "shards": shares or None})
    for promise in first.promises.values():
        _copy(log, promise)
    offset, results, exchanges = 0, dict[str, list[PromiseResult]](), Counter[tuple[str, str]]()
    for part in parts:
        for event in _events(part.path):
            if event["event"] not in ONCE and (part is first or event["event"] != "phase"):
                _copy(log, _renumbered(event, offset))
        for name, verdict in part.verdicts.items():
            results.setdefault(name, []).append(_result(_renumbered(verdict, offset)))
        exchanges += part.further
        offset += part.last
    for operation in sorted({name for name, _ in exchanges}):
        answers = {key: n for (name, key), n in exchanges.items() if name == operation}
        log.write(FURTHER, operation=operation, sent=sum(answers.values()), answers=answers)
    return _end(log, parts, {name: worst(found) for name, found in results.items()}, missing)


def worst(found: Sequence[PromiseResult]) -> PromiseResult:
    """Return the worst of several verdicts on one promise, with the evidence of all that say so."""
    chosen = min(found, key=lambda result: WEIGHT.index(result.verdict))
    same = [result for result in found if result.verdict is chosen.verdict]
    ids = dict.fromkeys(number for result in (chosen, *same) for number in result.exchanges)
    return evolve(
        chosen,
        exchanges=tuple(ids)[:EVIDENCE_SHOWN],
        evidence=sum(result.evidence for result in same),
    )


def _end(
    log: Log, parts: Sequence[Part], results: Mapping[str, PromiseResult], missing: Sequence[str]
) -> Outcome:
    first = parts[0]
    promises = first.promises
    broken = (Verdict.FAILED, Verdict.WARNED)
    known = {
        name: next(filter(None, (part.verdicts.get(name, {}).get("known") for part in parts)), None)
        for name, result in results.items()
        if result.verdict in broken
    }
    counted = [
        name
        for name in results
        if first.start.get("scope") == "platform" or promises[name].get("scope") != "platform"
    ]
    outcome = sum_up(
        results,
        {},
        counted=[name for name in counted if not known.get(name)],
        due=[
            name
            for name in counted
            if promises[name]["level"] == "must"
            and promises[name].get("check")
            and not not_due(results[name].message)
        ],
        strict=bool(first.start.get("strict")),
        message=_sentence(parts, missing),
    )
    outcome = evolve(outcome, exit_code=_exit_code(outcome.exit_code, parts, missing))
    for name, result in results.items():
        chosen = next(
            part.verdicts[name]
            for part in parts
            if name in part.verdicts and part.verdicts[name]["verdict"] == result.verdict
        )
        _copy(log, {**chosen, "exchanges": result.exchanges, "evidence": result.evidence})
    costs = [part.end["cost"] for part in parts]
    write_end(
        log,
        outcome,
        requests=sum(cost["requests"] for cost in costs),
        generated_cases=sum(cost["generated_cases"] for cost in costs),
        runs_started=sum(cost["runs_started"] for cost in costs),
        seconds=max(cost["seconds"] for cost in costs),
    )
    return outcome


def _sentence(parts: Sequence[Part], missing: Sequence[str]) -> str | None:
    said = [f"Merged from {counted(len(parts), 'report', 'reports')}."]
    if missing:
        said.append(f"Not there: share {', '.join(missing)}.")
    said += [
        f"{part.path.name} ended early: {part.end.get('message')}"
        for part in parts
        if part.end["verdict"] == "error"
    ]
    return " ".join(said)


def _exit_code(found: ExitCode, parts: Sequence[Part], missing: Sequence[str]) -> ExitCode:
    """Return the exit code: what the promises come to, unless a part came to its end badly."""
    codes = {part.end["exit_code"] for part in parts}
    if found is ExitCode.VIOLATED or ExitCode.VIOLATED in codes:
        return ExitCode.VIOLATED
    if codes & {ExitCode.UNUSABLE, ExitCode.INTERRUPTED}:
        return ExitCode.UNUSABLE
    return ExitCode.INCONCLUSIVE if missing and found is ExitCode.CONFORMANT else found


def _events(path: Path) -> Iterator[Event]:
    try:
        log = StoredLog.open(path)
    except UnreadableLogError as error:
        raise MergeError(str(error)) from None
    try:
        for _, event in log.events():
            yield event
    finally:
        log.close()


def _renumbered(event: Event, offset: int) -> Event:
    """Return an event with the ids of its exchanges moved up, so that those of all parts differ."""
    changed = dict(event)
    if event["event"] == "exchange":
        changed["id"] = event["id"] + offset
    if isinstance(event.get("exchange"), int):
        changed["exchange"] = event["exchange"] + offset
    if event.get("exchanges"):
        changed["exchanges"] = [number + offset for number in event["exchanges"]]
    return changed


def _copy(log: Log, event: Mapping[str, Any]) -> None:
    values = {key: value for key, value in event.items() if key not in {"event", "at"}}
    log.write(event["event"], at=event["at"], **values)


def _result(verdict: Event) -> PromiseResult:
    return PromiseResult(
        promise=verdict["id"],
        verdict=Verdict(verdict["verdict"]),
        message=verdict.get("message"),
        expected=verdict.get("expected"),
        observed=verdict.get("observed"),
        reproduce=verdict.get("reproduce"),
        exchanges=tuple(verdict.get("exchanges") or ()),
        evidence=verdict.get("evidence") or 0,
        because=verdict.get("because"),
    )


def _whole_command(command: str) -> str:
    """Return the command of a share without the share."""
    return shlex.join(shlex.split(re.sub(r"--shard \S+ ?", "", command)))
