"""`actor-runs merge` puts reports together: the worst verdict wins, and what differs is refused."""

from __future__ import annotations

import json

import pytest

from actor_runs_conformance.cli.main import main
from tests.support.made_log import MadeLog

LEDGER = {"ledger": "0.2.0", "contract": "sha256:1", "scope": "documents"}


def share(folder, name, verdicts, *, further=0, exit_code=0, **start):
    """Write the report of a share, with one exchange as the evidence of each verdict."""
    log = MadeLog()
    log.start(**(LEDGER | {"shard": name, "cases": 90} | start))
    for key in verdicts:
        log.promise(key, scope="documents")
    if further:
        further_one = log.exchange(check="further_cases")
        log.add("further_cases", operation="getRun", sent=further, answers={"200": further})
        log.add("finding", **finding("GET-09", "noted", [further_one]))
    for key, verdict in verdicts.items():
        reached = verdict not in {"not_exercised", "excluded"}
        log.verdict(key, verdict, exchanges=(log.exchange(),) if reached else ())
    log.end(verdict="conformant" if exit_code == 0 else "violated", exit_code=exit_code)
    return log.write(folder / f"share-{(name or 'whole').replace('/', '-of-')}")


def finding(promise, verdict, exchanges):
    named = {"promise": promise, "check": "odd_wait_values", "verdict": verdict}
    return (
        named
        | dict.fromkeys(("message", "expected", "observed", "reproduce"))
        | {"exchanges": exchanges}
    )


def merged(capsys, *paths):
    """Merge reports; return the exit code, the words, and the merged report.json and events."""
    code = main(["merge", *map(str, paths)])
    captured = capsys.readouterr()
    out = paths[-1]
    report = json.loads((out / "report.json").read_text()) if (out / "report.json").exists() else {}
    events = (out / "events.jsonl").read_text() if (out / "events.jsonl").exists() else ""
    return code, captured.out + captured.err, report, [json.loads(x) for x in events.splitlines()]


def test_the_worst_verdict_wins(tmp_path, capsys):
    """A breach of any share breaks the whole; what one share left to another is judged by that one."""
    first = share(tmp_path, "1/2", {"GET-01": "passed", "PUT-01": "passed"})
    second = share(tmp_path, "2/2", {"GET-01": "excluded", "PUT-01": "failed"}, exit_code=1)
    code, words, report, events = merged(capsys, second, first, tmp_path / "out")
    assert code == 1
    assert words.startswith("Violated. Merged from 2 reports. 1 promise (PUT-01) broken.")
    verdicts = {promise["id"]: promise for promise in report["promises"]}
    assert {name: one["verdict"] for name, one in verdicts.items()} == {
        "GET-01": "passed",
        "PUT-01": "failed",
    }
    exchanges = [event["id"] for event in events if event["event"] == "exchange"]
    assert len(set(exchanges)) == len(exchanges) == 3
    assert verdicts["PUT-01"]["exchanges"] == [3]
    assert events[0]["shards"] == ["1/2", "2/2"]
    assert events[0]["shard"] is None


def test_counts_are_added_up(tmp_path, capsys, schema):
    """Requests, cases and runs are those of all shares; the log is one as a check writes it."""
    parts = [share(tmp_path, f"{n}/3", {"GET-01": "passed"}, further=10 * n) for n in (1, 2, 3)]
    code, _, report, events = merged(capsys, *parts, tmp_path / "out")
    assert code == 0
    [further] = [event for event in events if event["event"] == "further_cases"]
    assert (further["sent"], further["answers"]) == (60, {"200": 60})
    assert report["cost"]["requests"] == 6
    [promise] = report["promises"]
    assert promise["evidence"] == 3
    validator = schema("events")
    assert [error.message for event in events for error in validator.iter_errors(event)] == []


def test_a_missing_share_is_said(tmp_path, capsys):
    """Without one of its shares a check is inconclusive, and the words name the share."""
    parts = [share(tmp_path, f"{n}/3", {"GET-01": "passed"}) for n in (1, 3)]
    code, words, _, _ = merged(capsys, *parts, tmp_path / "out")
    assert code == 3
    assert "Not there: share 2/3." in words


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ({"ledger": "0.1.0"}, "differ in the ledger: 0.2.0 and 0.1.0"),
        ({"contract": "sha256:2"}, "differ in the contract: sha256:1 and sha256:2"),
        ({"seed": 2}, "differ in the seed: 1 and 2"),
        ({"cases": 80}, "differ in the --cases: 90 and 80"),
        ({"shard": "1/2"}, "share 1/2 is there twice"),
        ({"shard": "2/4"}, "shares of different wholes: 1/2, 2/4"),
        ({"shard": None}, "is a whole check and the others are shares of one"),
    ],
)
def test_what_does_not_belong_together_is_refused(tmp_path, capsys, start, says):
    """Checks that were asked or promised something else make no report."""
    first = share(tmp_path, "1/2", {"GET-01": "passed"})
    other = share(tmp_path / "other", start.pop("shard", "2/2"), {"GET-01": "passed"}, **start)
    code, words, report, _ = merged(capsys, first, other, tmp_path / "out")
    assert (code, report) == (2, {})
    assert says in words


def test_other_promises_are_refused(tmp_path, capsys):
    """Checks with another --only are not one check."""
    first = share(tmp_path, "1/2", {"GET-01": "passed"})
    other = share(tmp_path, "2/2", {"GET-02": "passed"})
    code, words, _, _ = merged(capsys, first, other, tmp_path / "out")
    assert code == 2
    assert "judge different promises: GET-01" in words


def test_no_report_is_overwritten(tmp_path, capsys):
    """The merged report goes neither into a part of it nor among files of the user's."""
    parts = [share(tmp_path, f"{n}/2", {"GET-01": "passed"}) for n in (1, 2)]
    assert merged(capsys, *parts, parts[0])[0] == 2
    code, words, _, _ = merged(capsys, *parts)
    assert (code, "which would be lost; give as the last directory, OUT" in words) == (2, True)
    assert [merged(capsys, *parts, tmp_path / "out")[0] for _ in range(2)] == [0, 0]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    code, words, _, _ = merged(capsys, *parts, mine)
    assert code == 2
    assert "it holds 'thesis.txt'" in words


def test_whole_checks_are_merged_too(tmp_path, capsys):
    """Checks of one target with different seeds make one report, in which the worst verdict wins."""
    first = share(tmp_path / "a", None, {"GET-01": "passed"})
    again = share(tmp_path / "b", None, {"GET-01": "failed"}, seed=2, exit_code=1)
    assert merged(capsys, first, again, tmp_path / "out")[0] == 1
