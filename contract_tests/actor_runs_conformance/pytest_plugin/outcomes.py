"""What a verdict is to pytest: passed, failed, skipped, xfailed or error; and the words for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from attrs import asdict, frozen

from actor_runs_conformance.pytest_plugin.flags import FAIL_NOT_EXERCISED, PREFIX
from actor_runs_conformance.pytest_plugin.settings import spelled
from actor_runs_conformance.report.causes import causes
from actor_runs_conformance.report.last_words import finding_lines, verdict_lines
from actor_runs_conformance.report.model import TITLES
from actor_runs_conformance.report.standing import counted, headline
from actor_runs_conformance.results.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from actor_runs_conformance.library.result import CheckedPromise, CheckResult

Kind = Literal["passed", "failed", "skipped", "xfailed", "error"]
LISTED = 8
"""How many ids a line names."""


@frozen
class ItemOutcome:
    """What one test is told: how it ends, and what it says.

    `text` is the failure, the reason of a skip, or a note on a test that passes; `reason` is why
    a failure was expected.
    """

    kind: Kind
    verdict: str
    text: str = ""
    reason: str = ""


@frozen
class Outcomes:
    """What all tests are told, and the last lines of the terminal.

    `failure` is why there was no check, so that every test is an error. `missed` says what was not
    exercised and had to be; empty where it was, or where its tests fail.
    """

    items: Mapping[str, ItemOutcome]
    summary: tuple[str, ...] = ()
    failure: str | None = None
    missed: str = ""

    def of(self, promise: str) -> ItemOutcome:
        """Return what the test of a promise is told."""
        if self.failure is not None:
            return ItemOutcome("error", Verdict.NOT_EXERCISED, self.failure)
        return self.items[promise]

    def write(self, path: Path) -> None:
        """Write them into a file, in one step."""
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(asdict(self)), encoding="utf-8")
        beside.replace(path)

    @classmethod
    def read(cls, path: Path) -> Outcomes:
        """Read what `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        items = {name: ItemOutcome(**item) for name, item in content["items"].items()}
        return cls(items, tuple(content["summary"]), content["failure"], content["missed"])


def outcomes(result: CheckResult, *, strict: bool, fail_not_exercised: bool) -> Outcomes:
    """Return what pytest is told of a result.

    Args:
        result: What the check came to.
        strict: A broken should promise fails, too.
        fail_not_exercised: So does a promise that had to be exercised and was not.
    """
    promises = result.promises.values()
    errors = any(promise.verdict is Verdict.ERROR for promise in promises)
    if result.exit_code is ExitCode.UNUSABLE and not errors:
        return Outcomes({}, failure=f"nothing was judged: {spelled(result.message)}")
    texts = _texts(result)
    items = {
        promise.id: item_outcome(
            promise,
            texts.get(promise.id, ""),
            strict=strict,
            fail_not_exercised=fail_not_exercised,
        )
        for promise in promises
    }
    missed = [promise.id for promise in promises if promise.missed and not fail_not_exercised]
    return Outcomes(items, tuple(_summary(result)), missed=_skipped_though_due(missed))


def item_outcome(
    promise: CheckedPromise, text: str, *, strict: bool = False, fail_not_exercised: bool = False
) -> ItemOutcome:
    """Return what the test of a promise is told; `text` is all that there is to say of it."""
    verdict, message = promise.verdict, promise.message or ""
    if promise.outdated:
        both = f"{promise.outdated}\n{text}".strip()
        return ItemOutcome("failed", verdict, both)
    if verdict is Verdict.ERROR:
        return ItemOutcome("error", verdict, text)
    if promise.known:
        return ItemOutcome("xfailed", verdict, text, promise.known)
    if verdict in {Verdict.NOT_EXERCISED, Verdict.EXCLUDED}:
        because = f" (because of {promise.because})" if promise.because else ""
        kind: Kind = "failed" if promise.missed and fail_not_exercised else "skipped"
        return ItemOutcome(kind, verdict, f"{TITLES[verdict]}: {spelled(message)}{because}")
    if verdict is Verdict.FAILED or (verdict is Verdict.WARNED and strict):
        if promise.counts:
            return ItemOutcome("failed", verdict, text)
        return ItemOutcome("skipped", verdict, f"broken, but outside of the scope: {message}")
    return ItemOutcome("passed", verdict, text or message)


def _skipped_though_due(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - LISTED} more" if names[LISTED:] else ""
    listed = ", ".join(names[:LISTED]) + more
    return (
        f"not exercised, though it had to be: {counted(len(names), 'must promise', 'must promises')} "
        f"({listed}). The command exits with 3 for that; "
        f"{PREFIX}{FAIL_NOT_EXERCISED.option} makes these tests fail"
    )


def _texts(result: CheckResult) -> dict[str, str]:
    """Return what the terminal says of each promise that is not kept, what was found first."""
    report = result.report
    return {
        cause.key: "\n".join(
            [cause.found or TITLES[cause.verdict.verdict]]
            + [line.plain for line in finding_lines(report, cause)]
        )
        for cause in causes(report)
        if cause.verdict is not None
    }


def _summary(result: CheckResult) -> Iterator[str]:
    report = result.report
    for line in verdict_lines(report):
        yield spelled(line.plain)
    warned = [name for name, one in result.promises.items() if one.verdict is Verdict.WARNED]
    if warned and not report.start.strict:
        yield f"warned of, without {spelled('--strict')}: {', '.join(warned)}"
    if report.end.message and report.end.message != headline(report):
        yield spelled(report.end.message)
    yield report.spent
    if result.report_dir is not None:
        yield f"report: {result.report_dir / 'report.html'}"
