"""`actor-runs diff` and `actor-runs table`: runs beside each other."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.cli import diff, table
from actor_runs_conformance.report.diff import CHANGES, change_of
from actor_runs_conformance.report.model import VERDICTS
from actor_runs_conformance.report.render import render_all
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from collections.abc import Callable

    import jsonschema_rs

# The verdict before and after (None: that run does not know the promise), and the change.
STEPS = [
    ("passed", "passed", None),
    ("passed", "failed", "worse"),
    ("passed", "warned", "worse"),
    ("warned", "failed", "worse"),
    ("failed", "warned", "better"),
    ("failed", "passed", "better"),
    ("noted", "passed", "other"),
    ("noted", "failed", "worse"),
    ("not_exercised", "passed", "new"),
    ("not_exercised", "noted", "new"),
    ("not_exercised", "failed", "worse"),
    ("error", "warned", "worse"),
    ("passed", "not_exercised", "lost"),
    ("failed", "excluded", "lost"),
    ("passed", "error", "lost"),
    ("not_exercised", "excluded", "other"),
    (None, "passed", "new"),
    (None, "failed", "worse"),
    (None, "not_exercised", None),
    ("passed", None, "other"),
    ("excluded", None, None),
]
# What changes from one run to the other, and the exit code.
CODES = [
    ({"A": "passed"}, {"A": "passed"}, 0),
    ({"A": "passed"}, {"A": "failed"}, 1),
    ({"A": "failed"}, {"A": "passed"}, 0),
    ({"A": "passed"}, {"A": "not_exercised"}, 1),
    ({"A": "failed"}, {"A": "not_exercised"}, 0),
    ({"A": "not_exercised"}, {"A": "passed"}, 0),
    ({"A": "passed", "B": "failed"}, {"A": "failed", "B": "passed"}, 1),
]


def run(directory: Path, verdicts: dict[str, str], **start: object) -> str:
    log = MadeLog()
    log.start(**start)
    for key, verdict in verdicts.items():
        log.promise(key)
        log.verdict(key, verdict, message=f"{key} is {verdict} here")
    log.end()
    render_all(log.write(directory))
    return str(directory)


@cache
def whole() -> str:
    """Return a report.json of one promise."""
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), {"A": "passed"})
        return (Path(folder) / "report.json").read_text()


def without(*left_out: str, **changes: str) -> str:
    """Return a report.json that is not as it should be."""
    report = json.loads(whole())
    (promise,) = report["promises"]
    promise |= changes
    for key in left_out:
        del promise[key]
    return json.dumps(report)


UNREADABLE = {
    "nothing": (None, "does not exist"),
    "empty": ({}, "holds neither events.jsonl nor report.json"),
    "no-json": ({"report.json": "<html>"}, "cannot be read as JSON"),
    "list": ({"report.json": "[]"}, "not a report of schema 1: found 'list'"),
    "schema": ({"report.json": '{"schema": 7}'}, "not a report of schema 1: found 7"),
    "half": ({"report.json": '{"schema": 1, "promises": []}'}, "not a whole report"),
    "no-id": ({"report.json": without("id")}, 'at /promises/0, "id" is a required property'),
    "no-level": ({"report.json": without("level")}, 'at /promises/0, "level" is a required'),
    "odd-verdict": ({"report.json": without(verdict="fine")}, "at /promises/0/verdict"),
    "no-log": ({"events.jsonl": "{}"}, "not a log of check-server"),
}


@pytest.mark.parametrize(("before", "after", "kind"), STEPS)
def test_kinds_of_changes(before: str | None, after: str | None, kind: str | None) -> None:
    """Better and worse are between verdicts on the target; new and lost are about reaching it."""
    assert kind == change_of(before, after)


@pytest.mark.parametrize("before", [*VERDICTS, None])
@pytest.mark.parametrize("after", [*VERDICTS, None])
def test_there_and_back(before: str | None, after: str | None) -> None:
    """What is worse one way is never worse the other way, and the same verdict is no change."""
    kind = change_of(before, after)
    assert kind in {None, *CHANGES}
    assert not (kind == "worse" and change_of(after, before) == "worse")
    assert kind is None or before != after


@pytest.mark.parametrize(("before", "after", "code"), CODES)
def test_exit_codes(
    before: dict[str, str], after: dict[str, str], code: int, tmp_path: Path
) -> None:
    """1 when a promise is broken that was not, or one that was kept is not established any more."""
    assert code == diff.main([run(tmp_path / "a", before), run(tmp_path / "b", after)])


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("command", [diff.main, table.main])
def test_what_cannot_be_read_is_refused(
    command: Callable[[list[str]], int],
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 2, and the message says which path, what was found and what was expected."""
    contents, message = UNREADABLE[name]
    directory = tmp_path / "given"
    if contents is not None:
        directory.mkdir()
        for file, text in contents.items():
            (directory / file).write_text(text)
    assert command([run(tmp_path / "good", {"A": "passed"}), str(directory)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert str(directory) in error


def test_a_report_alone_can_be_compared(tmp_path: Path) -> None:
    """Where the log was not kept, report.json is enough, as a file too."""
    before, after = run(tmp_path / "a", {"A": "passed"}), run(tmp_path / "b", {"A": "failed"})
    (tmp_path / "a" / "events.jsonl").unlink()
    assert diff.main([before, after]) == 1
    assert diff.main([str(tmp_path / "a" / "report.json"), after]) == 1


class TestForms:
    """A comparison in its three forms."""

    @pytest.fixture
    def two(self, tmp_path: Path) -> list[str]:
        """Two runs with a change of each kind."""
        before = {"W": "passed", "B": "failed", "N": "error", "L": "passed", "S": "passed"}
        after = {"W": "failed", "B": "passed", "N": "passed", "L": "error", "S": "passed"}
        return [run(tmp_path / "a", before), run(tmp_path / "b", after, seed=2)]

    def test_json(
        self,
        two: list[str],
        capsys: pytest.CaptureFixture[str],
        schema: Callable[[str], jsonschema_rs.Draft202012Validator],
    ) -> None:
        """`--json` prints one document that is valid by the published schema."""
        assert diff.main([*two, "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        schema("diff").validate(told)
        assert told["got_worse"]
        assert told["unchanged"] == 1
        assert {one["id"]: one["change"] for one in told["changes"]} == {
            "W": "worse",
            "B": "better",
            "N": "new",
            "L": "lost",
        }
        assert (told["before"]["seed"], told["after"]["seed"]) == (1, 2)

    def test_text(self, two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """What got worse comes first, with what the later run says of it; the sum comes last."""
        diff.main(two)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "got worse:"
        assert lines[1].split() == [
            "W",
            "getRun",
            "passed",
            "->",
            "failed",
            "W",
            "is",
            "failed",
            "here",
        ]
        assert lines[-1].startswith("1 got worse, 1 no longer exercised, 1 got better")

    def test_markdown(self, two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A heading with the sum, then a table a kind."""
        diff.main([*two, "--markdown"])
        text = capsys.readouterr().out
        assert text.startswith("## ❌ 1 got worse")
        assert "| **W** | getRun | ✅ passed | ❌ failed | W is failed here |" in text

    def test_nothing_changed(self, two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A run beside itself says so."""
        assert diff.main([two[0], two[0]]) == 0
        assert capsys.readouterr().out == "nothing changed; 5 unchanged\n"


class TestTable:
    """Several targets side by side."""

    @pytest.fixture
    def three(self, tmp_path: Path) -> list[str]:
        """Three targets of which each knows other promises."""
        return [
            run(tmp_path / "one", {"A": "passed", "B": "failed"}, target="http://one"),
            run(tmp_path / "two", {"A": "passed", "B": "passed"}, target="http://two|"),
            run(
                tmp_path / "three",
                {"C": "warned", "A": "excluded"},
                target="http://three",
                ledger="0.2.0",
            ),
        ]

    def test_markdown(self, three: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A column a target, a row a promise, and what a target does not know is unknown."""
        assert table.main(three) == 0
        lines = capsys.readouterr().out.splitlines()
        rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("|")}
        assert rows[""] == "|  | `one` | `two` | `three` |"
        assert rows["conformant"] == "| conformant | 1 | 2 | 0 |"
        assert rows["violated"] == "| violated | 1 | 0 | 0 |"
        judged_by = "| judged by | profile full | profile full | ledger 0.2.0, profile full |"
        assert rows["judged by"] == judged_by
        assert rows["target"] == "| target | `http://one` | `http://two\\|` | `http://three` |"
        cells = {key.split("**")[1]: line for key, line in rows.items() if "**" in key}
        assert cells["B"].endswith("| ❌ failed | ✅ passed | unknown |")
        assert cells["C"].endswith("| unknown | unknown | ⚠️ warned |")

    def test_html(self, three: list[str], tmp_path: Path) -> None:
        """`-o` writes one self-contained page, in which agreement can be hidden."""
        output = tmp_path / "table.html"
        assert table.main(["--html", "-o", str(output), *three]) == 0
        text = output.read_text()
        assert text.count('class="agreed"') == 0
        assert text.count('<td class="cell"') == 9
        assert "http://" not in text.replace("http://one", "").replace("http://two|", "").replace(
            "http://three", ""
        )

    def test_names(self, three: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """NAME=DIR names a column; directories of one name are told apart by their path."""
        again = shutil.copytree(three[1], Path(three[0]) / "two")
        table.main([f"ours={three[0]}", three[1], str(again)])
        header = capsys.readouterr().out.splitlines()[2]
        assert header == f"|  | `ours` | `{three[1]}` | `{again}` |"

    def test_a_report_is_named_once(
        self, three: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The same directory twice would be two columns of one target: exit 2."""
        assert table.main([three[0], f"other={three[0]}"]) == 2
        assert f"{three[0]} is there twice" in capsys.readouterr().err

    def test_a_name_is_not_empty(
        self, three: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`=DIR` names nothing, and there is no such directory: exit 2."""
        assert table.main([f"={three[0]}"]) == 2
        assert f"={three[0]} does not exist" in capsys.readouterr().err

    def test_a_file_that_cannot_be_written(
        self, three: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit 2 with the path."""
        assert table.main([*three, "-o", str(tmp_path / "no" / "where.md")]) == 2
        assert "no/where.md: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("command", [diff.main, table.main])
def test_help_names_every_option(
    command: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """--help is a page of its own and exits 0."""
    with pytest.raises(SystemExit) as stop:
        command(["--help"])
    assert stop.value.code == 0
    assert "--markdown" in capsys.readouterr().out
