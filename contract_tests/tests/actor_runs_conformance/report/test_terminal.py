"""The terminal: what is drawn while the suite works, and its last words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from actor_runs_conformance.report.progress import Progress
from actor_runs_conformance.report.terminal import Live, matrix
from tests.support.made_log import MadeLog, every_verdict


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment decides about colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def shown(stream: io.StringIO, log: MadeLog, **options: object) -> str:
    with Live(stream=stream, **options) as live:  # type: ignore[arg-type]
        for event in log.events:
            live.event(event)
    return stream.getvalue()


def drawn(progress: Progress) -> list[str]:
    console = Console(file=io.StringIO(), width=110)
    console.print(matrix(progress))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_findings_are_printed_when_they_are_found() -> None:
    """Each promise that is not kept has a line at once, once, with the time: also in a pipe."""
    stream = io.StringIO()
    seen = []
    with Live(stream=stream) as live:
        for event in every_verdict().events:
            live.event(event)
            if event["event"] == "finding":
                live.event(event)  # The same again, as of another exchange.
                seen.append((event["promise"], stream.getvalue().count("\n")))
    lines = [line for _, line in seen]
    assert dict(seen)["GET-07"] == 1
    assert lines[-1] == 4
    first, *_ = stream.getvalue().splitlines()
    assert first == (
        "   9.4 s  WARNED GET-07 getRun (should): waitForFinish=180 was refused; public clients rely "
        "on it being clamped."
    )


def test_last_words_begin_with_the_verdict() -> None:
    """Elsewhere than on a terminal there is no drawing and no colour: verdict, numbers, causes."""
    text = shown(io.StringIO(), every_verdict(), report_dir=Path("out"))
    assert "\x1b" not in text
    lines = text[text.index("\nViolated") + 1 :].splitlines()
    assert lines[0] == "Violated  2 promises are broken."
    assert lines[1].startswith("2 conformant · 2 violated · 2 not established")
    assert lines[3] == "What to do, the cause that unlocks most first:"
    assert lines[5] == "1. FAILED ABT-02 abortRun (must)"
    assert "19 requests, 6 generated cases, 4 runs" in lines[-2]
    assert lines[-1] == f"report: {Path('out') / 'report.html'}"


def test_a_cause_says_everything_about_it() -> None:
    """Promised, found, expected, observed, how to reproduce it and what to do, each a row."""
    text = shown(io.StringIO(), every_verdict())
    part = text[text.index("2. FAILED RUN-03") :].split("\n\n")[0]
    for word in ("promised", "found", "expected", "observed", "reproduce", "curl", "to do"):
        assert word in part
    assert '\n                 "finishedAt": null\n' in part


def test_what_is_folded_is_named_below_its_cause() -> None:
    """A promise that another one keeps from being judged is no finding of its own."""
    log = MadeLog()
    log.start()
    log.verdict("RBT-01", "failed", operation="rebootRun", message="404")
    for key in ("RBT-02", "RBT-03"):
        log.verdict(key, "not_exercised", operation="rebootRun", because="RBT-01")
    log.end()
    text = shown(io.StringIO(), log)
    assert "unlocks   2 more: RBT-02, RBT-03" in text
    assert "to do     implement rebootRun, or leave it out in the target file:" in text
    assert '[operations]\n               rebootRun = "why it is not offered"' in text


def test_what_was_missed_is_listed_by_reason() -> None:
    """What could not be judged for a reason of its own is told, the commonest reason first."""
    log = MadeLog()
    log.start()
    for key, reason in {"A-01": "one", "A-02": "two", "A-03": "two"}.items():
        log.promise(key)
        log.verdict(key, "not_exercised", message=reason)
    log.end("inconclusive", 3)
    text = shown(io.StringIO(), log)
    assert text.index("2 two  A-02, A-03") < text.index("1 one  A-01")


def test_what_is_kept_is_only_counted() -> None:
    """Promises that passed, were noted or excluded have no lines of their own."""
    text = shown(io.StringIO(), every_verdict())
    for key in ("GET-01", "TSK-04", "TSK-09"):
        assert key not in text


def test_a_terminal_gets_colours_and_a_drawing() -> None:
    """On a terminal the summary is coloured and the drawing is gone at the end."""
    text = shown(Terminal(), every_verdict())
    assert "\x1b[1;31mViolated" in text
    assert "\x1b[?25l" in text
    assert text.rstrip("\n").rsplit("\n", 1)[-1].find("19 requests") >= 0


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR nothing is coloured, on a terminal too."""
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(Terminal(), every_verdict())
    assert "\x1b[1;31m" not in text
    assert "\x1b[31m" not in text
    assert "Violated" in text


def test_the_matrix_counts_by_operation() -> None:
    """A row an operation with a check, a column a verdict, and what is still to come."""
    log = MadeLog()
    log.start(max_runs=40)
    for key in ("GET-01", "GET-02", "GET-03"):
        log.promise(key)
    log.promise("ABT-01", "abortRun")
    log.promise("ABT-02", "abortRun", check=None, unchecked="nobody can")
    log.add("phase", name="scenarios")
    log.add("run_started", run="r", budget={"used": 1, "max": 40}, check="c")
    for verdict in ("passed", "failed", "passed"):
        log.add("finding", promise="GET-02", check="c", verdict=verdict, exchanges=[])
    for verdict in ("not_exercised", "passed"):
        log.add("finding", promise="GET-01", check="c", verdict=verdict, exchanges=[])
    progress = Progress()
    for event in log.events:
        progress.add(event)
    lines = drawn(progress)
    assert lines[1].split() == ["getRun", "1", "1", "·", "·", "·", "1"]
    assert lines[2].split() == ["abortRun", "·", "·", "·", "·", "·", "1"]
    log.verdict("GET-02", "noted")
    progress.add(log.events[-1])
    assert drawn(progress)[1].split() == ["getRun", "1", "·", "·", "1", "·", "1"]
    assert lines[-1].startswith("scenarios · 0 s · 0 requests · 0 generated · 1 of 40 runs")


def test_waits_say_what_for_and_how_long() -> None:
    """What is waited for is shown with the seconds left; a wait that is over is not."""
    progress = Progress()
    log = MadeLog()
    log.start()
    log.add("waiting", check="a", operation="getRun", until=30.0, **{"for": "SUCCEEDED"})
    log.add("waiting", check="b", operation="getRun", until=0.0, **{"for": "READY"})
    log.add("waiting", check="d", operation="getRun", until=20.0, **{"for": "ABORTED"})
    log.add("finding", promise="X", check="d", verdict="passed", exchanges=[])
    for event in log.events:
        progress.add(event)
    text = "\n".join(drawn(progress))
    assert "waiting for SUCCEEDED, 30 s at most" in text
    assert "READY" not in text
    assert "ABORTED" not in text
    assert "1 wait, 30 s left at most" in text


def test_a_suite_that_dies_says_what_may_go_on() -> None:
    """Without an end event the last words say so, and name the runs that may go on."""
    log = MadeLog()
    log.start()
    log.add("run_started", run="leftBehind", budget={"used": 1, "max": 4}, check="c")
    text = shown(io.StringIO(), log)
    assert "cut off" in text
    assert "run leftBehind" in text


def test_nothing_is_said_when_nothing_began() -> None:
    """A suite that refuses its arguments leaves the terminal to its own message."""
    assert shown(io.StringIO(), MadeLog()) == ""
