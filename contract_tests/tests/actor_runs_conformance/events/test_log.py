"""Reading events.jsonl: whatever the writer left of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.cli import report as command
from actor_runs_conformance.events.reader import Log, UnreadableLogError
from actor_runs_conformance.report.formats import FORMATS
from actor_runs_conformance.report.render import render_all
from tests.support.echoing import RUN, echo_server
from tests.support.made_log import MadeLog, every_verdict

if TYPE_CHECKING:
    from pathlib import Path

EVERY_FORMAT = {"events.jsonl", *(form.file for form in FORMATS)}
# What stands in the file, and what the refusal says of it.
REFUSED = {
    "empty": ("", "begins with no event"),
    "other-json": ('{"event": "begin"}\n', "'begin', expected 'start'"),
    "no-json": ("PK\x03\x04\n", "begins with no event"),
    "newer": ('{"event": "start", "schema": 2, "version": "9.1"}\n', "use actor-runs 9.1"),
    "no-version": ('{"event": "start", "schema": 2}\n', "reads 1: use the version that wrote it"),
    "no-schema": ('{"event": "start"}\n', "schema None and this version reads 1: use the version"),
}


def test_every_format_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    """A whole log gives every format, and no half-written file stays behind."""
    every_verdict().write(tmp_path)
    render_all(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == EVERY_FORMAT


def test_rendering_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """The reports depend on the log alone."""
    every_verdict().write(tmp_path)
    render_all(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert command.main([str(tmp_path)]) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_log_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no log of this version gives exit 2 and says what was found and expected."""
    text, message = REFUSED[name]
    (tmp_path / "events.jsonl").write_text(text)
    assert command.main([str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]


def test_a_directory_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refusal names the path and what was expected of it."""
    assert command.main([str(tmp_path / "nowhere")]) == 2
    error = capsys.readouterr().err
    assert str(tmp_path / "nowhere") in error
    assert "--report" in error


def test_a_directory_without_a_log_is_refused(tmp_path: Path) -> None:
    """The refusal names the file that is missing."""
    with pytest.raises(UnreadableLogError, match=r"events\.jsonl does not exist"):
        render_all(tmp_path)


def test_half_a_last_line_is_left_out(tmp_path: Path) -> None:
    """What was written whole before the writer died is rendered, and the page says what is lost."""
    path = every_verdict().write(tmp_path) / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:30])
    report = render_all(tmp_path)
    assert (report.cut_off, report.unreadable) == (True, 1)
    assert "The log ends before the suite did" in (tmp_path / "report.html").read_text()


def test_findings_of_a_log_that_was_cut_off_weigh_as_in_the_suite(tmp_path: Path) -> None:
    """A breach outweighs a failure of the suite, and a pass what was not reached."""
    log = MadeLog()
    log.start()
    for promise, verdicts in {"A": ("error", "warned"), "B": ("not_exercised", "passed")}.items():
        log.promise(promise, level="should")
        for verdict in verdicts:
            log.add("finding", promise=promise, check="c", verdict=verdict, exchanges=[1])
    report = render_all(log.write(tmp_path))
    assert [one.verdict for one in report.verdicts] == ["warned", "passed"]


def test_lines_that_are_no_events_are_counted(tmp_path: Path) -> None:
    """Broken lines inside a log cost only themselves."""
    path = every_verdict().write(tmp_path) / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"\xff\xfe\n", b"[1]\n", b'{"at": 1}\n', *lines[1:]]))
    report = render_all(tmp_path)
    assert (report.cut_off, report.unreadable, len(report.verdicts)) == (False, 3, 10)


def test_unknown_kinds_of_events_are_passed_over(tmp_path: Path) -> None:
    """A later minor version may write more than this one knows."""
    log = every_verdict()
    log.events.insert(3, {"event": "weather", "at": 0.1, "sky": "grey"})
    assert len(render_all(log.write(tmp_path)).verdicts) == 10


def test_events_are_read_again_by_their_offset(tmp_path: Path) -> None:
    """Each offset leads back to its own event."""
    log = Log.open(every_verdict().write(tmp_path))
    pairs = list(log.events())
    assert [log.at(offset) for offset, _ in pairs] == [event for _, event in pairs]
    log.close()


class TestCutOff:
    """A log without an end event."""

    def cut(self, tmp_path: Path) -> Path:
        log = MadeLog()
        log.start()
        for key in ("GET-01", "GET-02", "GET-03", "GET-04"):
            log.promise(key)
        log.promise("GET-05", unchecked="nobody can see it")
        for number, run in enumerate(("endedRun", "abortedRun", "runningRun", "neverSeenRun")):
            log.add("run_started", run=run, budget={"used": number + 1, "max": 40}, check="c")
        exchange = log.exchange(run="endedRun")
        log.add("run_status", run="endedRun", status="SUCCEEDED", exchange=exchange)
        log.add("run_status", run="runningRun", status="RUNNING", exchange=exchange)
        log.add("run_ended", run="abortedRun", status="ABORTED", by="cleanup")
        for key, verdict in (
            ("GET-01", "passed"),
            ("GET-02", "passed"),
            ("GET-02", "failed"),
            ("GET-03", "not_exercised"),
            ("GET-03", "passed"),
        ):
            reached = [exchange] if verdict != "not_exercised" else []
            log.add("finding", promise=key, check="c", verdict=verdict, exchanges=reached)
        return log.write(tmp_path)

    def test_verdicts_are_folded_from_the_findings(self, tmp_path: Path) -> None:
        """The gravest finding that reached what it judges counts; what had none is open."""
        report = render_all(self.cut(tmp_path))
        assert {one.id: one.verdict for one in report.verdicts} == {
            "GET-01": "passed",
            "GET-02": "failed",
            "GET-03": "passed",
            "GET-04": "not_exercised",
            "GET-05": "not_exercised",
        }
        assert report.end.verdict == "violated"
        assert report.end.exit_code is None

    def test_the_runs_that_may_go_on_are_named(self, tmp_path: Path) -> None:
        """Every format names the runs that were not seen to end, and only those."""
        render_all(self.cut(tmp_path))
        stored = json.loads((tmp_path / "report.json").read_text())
        assert stored["still_running"] == ["runningRun", "neverSeenRun"]
        for name in ("report.html", "report.md", "junit.xml"):
            text = (tmp_path / name).read_text()
            assert "runningRun" in text
            assert "neverSeenRun" in text
        alert = (tmp_path / "report.html").read_text().split('role="alert"')[1].split("</div>\n")[0]
        assert "endedRun" not in alert
        assert "abortedRun" not in alert
        assert "/v2/actor-runs/runningRun/abort" in alert

    def test_the_command_says_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """`actor-runs report` says that the log was cut off and which runs may go on."""
        assert command.main([str(self.cut(tmp_path))]) == 0
        said = capsys.readouterr().out
        assert "cut off" in said
        assert "runningRun (last seen RUNNING)" in said
        assert "endedRun" not in said


def test_a_writer_that_is_killed_leaves_a_readable_log(tmp_path: Path) -> None:
    """After SIGKILL everything that had happened is in the log."""
    code = """
        import os, signal, sys
        from pathlib import Path
        from actor_runs_conformance.events.writer import Log
        log = Log(Path(sys.argv[1]))
        log.write("start", schema=1, time="", version="0", target="http://t", seed=1)
        log.write("run_started", run="leftBehind", budget={"used": 1, "max": 4}, check="c")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    report = render_all(tmp_path)
    assert report.cut_off
    assert [run.id for run in report.still_running] == ["leftBehind"]


def test_a_check_that_is_killed_leaves_a_readable_log(tmp_path: Path) -> None:
    """After SIGKILL of the suite itself, the report names the run that it left behind."""
    with echo_server() as url:
        command = [sys.executable, "-m", "actor_runs_conformance", "check-server", url]
        options = ["--task", "demo~fixture", "--token", "t0ken-t0ken", "--report", str(tmp_path)]
        suite = subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, start_new_session=True
        )
        log = tmp_path / "events.jsonl"
        deadline = time.monotonic() + 60
        while not (log.exists() and '"run_started"' in log.read_text()):
            assert time.monotonic() < deadline
            assert suite.poll() is None
            time.sleep(0.02)
        os.killpg(suite.pid, signal.SIGKILL)
        suite.wait()
    report = render_all(tmp_path)
    assert report.cut_off
    assert [run.id for run in report.still_running] == [RUN]
    assert report.traffic.total > 0
    assert f"/v2/actor-runs/{RUN}/abort" in (tmp_path / "report.html").read_text()
