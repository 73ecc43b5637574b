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


def test_plain_is_quiet_until_the_end() -> None:
    """Elsewhere than on a terminal there is no drawing and no colour: findings and a summary."""
    text = shown(io.StringIO(), every_verdict(), report_dir=Path("out"))
    lines = text.splitlines()
    assert "\x1b" not in text
    assert lines[1] == "FAILED ABT-02 abortRun (must)"
    assert lines[-4].startswith("Violated  2 promises are broken.")
    assert lines[-3].startswith("2 conformant · 2 violated · 2 not established")
    assert "19 requests, 6 generated cases, 4 runs" in lines[-2]
    assert lines[-1] == f"report: {Path('out') / 'report.html'}"


def test_a_finding_says_everything_about_it() -> None:
    """Promised, found, expected, observed and how to reproduce it, several lines indented."""
    text = shown(io.StringIO(), every_verdict())
    part = text[text.index("FAILED RUN-03") :].split("\n\n")[0]
    for word in ("promised", "found", "expected", "observed", "reproduce", "curl"):
        assert word in part
    assert '\n              "finishedAt": null\n' in part


def test_what_is_kept_is_only_counted() -> None:
    """Promises that passed, were noted or not exercised have no lines of their own."""
    text = shown(io.StringIO(), every_verdict())
    for key in ("GET-01", "TSK-04", "ABT-05", "TSK-09"):
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
    assert "1 waits, 30 s left at most" in text


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
