"""Every machine-readable format against its schema, and what a human-readable one says."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema

from actor_runs_conformance.report.formats.har import uri
from actor_runs_conformance.report.render import render_all
from tests.support.made_log import ROWS, MadeLog, every_verdict

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
GUIDE = HERE.parents[3] / "docs" / "reports.md"
# The verdict on one promise, what JUnit makes of it, and with --strict.
OUTCOMES = {
    "passed": (None, None),
    "failed": ("failure", "failure"),
    "warned": ("system-out", "failure"),
    "noted": ("system-out", "system-out"),
    "not_exercised": ("skipped", "skipped"),
    "excluded": ("skipped", "skipped"),
    "error": ("error", "error"),
}
# The verdict on the target, its counts, and what the badge says.
BADGES = {
    "conformant": (("passed", "passed", "warned"), "conformant 2/2"),
    "violated": (("passed", "failed"), "1 violated"),
    "inconclusive": (("passed", "not_exercised", "not_exercised"), "2 not established"),
    "error": (("error",), "no verdict"),
}


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """A directory with every format of a log with every verdict."""
    render_all(every_verdict().write(tmp_path))
    return tmp_path


def test_every_event_is_valid_by_the_published_schema(
    rendered: Path, schema: Callable[[str], jsonschema_rs.Draft202012Validator]
) -> None:
    """The log that the tests use is one that the suite may write."""
    validator = schema("events")
    for line in (rendered / "events.jsonl").read_text().splitlines():
        validator.validate(json.loads(line))


@pytest.mark.parametrize(
    "event",
    [
        {"event": "start", "at": 0},
        {"event": "weather", "at": 0},
        {"event": "phase", "at": -1, "name": "preflight"},
        {"event": "verdict", "at": 0, "id": "A", "operation": "any", "level": "may", "verdict": 1},
    ],
    ids=["nothing-in-it", "unknown", "before-the-start", "unknown-level"],
)
def test_what_is_no_event_is_invalid(
    event: dict[str, object], schema: Callable[[str], jsonschema_rs.Draft202012Validator]
) -> None:
    """The published schema can fail."""
    assert not schema("events").is_valid(event)


@pytest.mark.parametrize("cut_off", [False, True])
def test_report_json_is_valid_by_the_published_schema(
    cut_off: bool, tmp_path: Path, schema: Callable[[str], jsonschema_rs.Draft202012Validator]
) -> None:
    """report.json is valid, also when the check was cut off."""
    log = every_verdict()
    if cut_off:
        log.events = [one for one in log.events if one["event"] not in {"verdict", "end"}]
    render_all(log.write(tmp_path))
    stored = json.loads((tmp_path / "report.json").read_text())
    schema("report").validate(stored)
    assert stored["cut_off"] == cut_off
    assert (stored["exit_code"] is None) == cut_off


def test_report_json_says_what_the_log_says(rendered: Path) -> None:
    """Counts, the three numbers, cost, and every promise with its verdict."""
    stored = json.loads((rendered / "report.json").read_text())
    assert stored["counts"] == {
        "passed": 2,
        "failed": 2,
        "warned": 1,
        "noted": 1,
        "not_exercised": 2,
        "excluded": 1,
        "error": 1,
    }
    assert stored["numbers"] == {"conformant": 2, "violated": 2, "not_established": 2}
    assert {one["id"]: one["verdict"] for one in stored["promises"]} == {
        **{row[0]: row[5] for row in ROWS},
        "GEN-09": "not_exercised",
    }
    assert stored["promises"][2]["observed"] == {"status": "SUCCEEDED", "finishedAt": None}


@pytest.mark.parametrize(("strict", "known", "violated"), [(0, 0, 2), (1, 0, 3), (0, 1, 1)])
def test_what_counts_as_violated(strict: int, known: int, violated: int, tmp_path: Path) -> None:
    """A warned promise counts with --strict, a broken one that was expected never does."""
    log = every_verdict(strict=bool(strict))
    for event in log.events:
        if event["event"] == "verdict" and event["id"] == "ABT-02" and known:
            event["known"] = "we know, https://example.com/1"
    report = render_all(log.write(tmp_path))
    assert report.numbers["violated"] == violated
    failures = ET.parse(tmp_path / "junit.xml").getroot().get("failures")
    assert failures == str(violated)


def test_junit_is_valid_by_its_schema(rendered: Path) -> None:
    """junit.xml keeps to what GitHub, GitLab and Jenkins all read."""
    xmlschema.XMLSchema(HERE / "junit.xsd").validate(rendered / "junit.xml")


@pytest.mark.parametrize("strict", [False, True])
def test_junit_has_a_case_a_promise(strict: bool, tmp_path: Path) -> None:
    """Each verdict has its outcome, and the sums are right."""
    render_all(every_verdict(strict=strict).write(tmp_path))
    root = ET.parse(tmp_path / "junit.xml").getroot()
    cases = {case.attrib["name"].split()[0]: case for case in root.iter("testcase")}
    expected = {row[0]: OUTCOMES[row[5]][strict] for row in ROWS} | {"GEN-09": "skipped"}
    actual = {key: next((one.tag for one in case), None) for key, case in cases.items()}
    assert expected == actual
    for suite in root:
        found = [one.tag for case in suite.iter("testcase") for one in case]
        assert suite.get("failures") == str(found.count("failure"))
        assert suite.get("errors") == str(found.count("error"))
        assert suite.get("skipped") == str(found.count("skipped"))
    assert root.get("tests") == "10"


def test_junit_tells_how_to_see_it(rendered: Path) -> None:
    """A failure holds promise, expectation, observation, curl and the command for it alone."""
    text = next(ET.parse(rendered / "junit.xml").getroot().iter("failure")).text or ""
    for word in ("promised: A run that has ended", "expected:", "observed:", "curl", "--only"):
        assert word in text


def test_junit_shows_the_first_exchanges_of_what_is_broken(rendered: Path) -> None:
    """What failed or is warned of has request and answer of three exchanges; nothing else has any."""
    for case in ET.parse(rendered / "junit.xml").getroot().iter("testcase"):
        text = "".join(case.itertext())
        shown = case.find("failure") is not None or text.lstrip().startswith("warned")
        assert text.count("HTTP/1.1") == (3 if shown else 0)
        assert ('"status": "READY"' in text) == shown


def test_har_is_valid_by_its_schema(rendered: Path) -> None:
    """exchanges.har is an HTTP Archive 1.2 with every exchange in it."""
    schema = json.loads((HERE / "har-1.2.schema.json").read_text())
    archive = json.loads((rendered / "exchanges.har").read_text())
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(archive)
    entries = archive["log"]["entries"]
    lines = (rendered / "events.jsonl").read_text().splitlines()
    sent = [event for event in map(json.loads, lines) if event["event"] == "exchange"]
    assert [one["id"] for one in sent] == [int(one["comment"].split()[0][1:]) for one in entries]
    silent = entries[-1]
    assert silent["response"]["status"] == 0
    assert "connection reset" in silent["comment"]
    assert entries[0]["startedDateTime"] == "2026-01-02T03:04:05.808+00:00"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://[::1]:8080/v2/a~b?q=%20&x=1", "http://[::1]:8080/v2/a~b?q=%20&x=1"),
        ("https://host/v2?token=<token>", "https://host/v2?token=%3Ctoken%3E"),
        ("http://host/ü[ ]|\ud800", "http://host/%C3%BC%5B%20%5D%7C?"),
        ("http://host/%%zz%41", "http://host/%25%25zz%41"),
        ("http://host", "http://host"),
    ],
)
def test_addresses_in_an_archive_are_valid(given: str, expected: str) -> None:
    """What no URL may hold is percent-encoded, and nothing else is touched."""
    assert expected == uri(given)


@pytest.mark.parametrize("verdict", BADGES)
def test_badge_says_the_verdict(verdict: str, tmp_path: Path) -> None:
    """The badge is an image with a text alternative that says the verdict and its number."""
    log = MadeLog()
    log.start()
    verdicts, words = BADGES[verdict]
    for number, one in enumerate(verdicts):
        log.promise(f"GET-{number}")
        log.verdict(f"GET-{number}", one)
    log.end(verdict)
    render_all(log.write(tmp_path))
    badge = ET.parse(tmp_path / "badge.svg").getroot()
    assert badge.get("aria-label") == f"Actor runs: {words}"


def folding(tmp_path: Path, scope: str = "documents") -> Path:
    """Return a report in which one promise keeps two others from being judged, by a check of 2 s."""
    log = MadeLog()
    log.start(scope=scope)
    log.promise("RBT-01", "rebootRun", check="reboot", scope="platform")
    log.exchange(check="reboot")
    log.clock += 2
    log.exchange(check="reboot")
    log.verdict("RBT-01", "failed", operation="rebootRun", message="404")
    for key in ("RBT-02", "RBT-03"):
        log.promise(key, "rebootRun", scope="documents")
        log.verdict(key, "not_exercised", operation="rebootRun", because="RBT-01")
    log.end()
    render_all(log.write(tmp_path))
    return tmp_path


def test_markdown_folds_what_waits_for_a_cause(tmp_path: Path) -> None:
    """A cause says what it unlocks, and how to leave it out by the target file."""
    text = (folding(tmp_path) / "report.md").read_text()
    assert "; unlocks 2 more</summary>" in text
    assert "Unlocks: RBT-02, RBT-03" in text
    assert '```toml\n[operations]\nrebootRun = "why it is not offered"\n```' in text
    assert "**Inconclusive about the five documents**: 0 of 2 kept" in text


def test_report_json_folds_what_waits_for_a_cause(tmp_path: Path) -> None:
    """Causes and scopes are data as well."""
    stored = json.loads((folding(tmp_path) / "report.json").read_text())
    assert [(one["key"], one["unlocks"]) for one in stored["causes"]] == [
        ("RBT-01", ["RBT-02", "RBT-03"])
    ]
    assert [(one["scope"], one["broken"], one["decides"]) for one in stored["scopes"]] == [
        ("documents", [], True),
        ("platform", ["RBT-01"], False),
    ]


@pytest.mark.parametrize(("scope", "outcome"), [("documents", "skipped"), ("platform", "failure")])
def test_junit_skips_what_is_broken_outside_of_the_scope(
    tmp_path: Path, scope: str, outcome: str
) -> None:
    """What does not count is no failure of the build, and keeps its message."""
    root = ET.parse(folding(tmp_path, scope) / "junit.xml").getroot()
    [case] = [case for case in root.iter("testcase") if case.get("name", "").startswith("RBT-01")]
    assert [(child.tag, child.get("message")) for child in case] == [(outcome, "404")]


def test_junit_cases_have_the_time_of_their_check(tmp_path: Path) -> None:
    """A case takes as long as its check was at work; the suite from its first to its last check."""
    root = ET.parse(folding(tmp_path) / "junit.xml").getroot()
    [suite] = root
    times = {
        case.get("name", "")[:6]: float(case.get("time", "0")) for case in suite if case.get("name")
    }
    assert 2 <= times["RBT-01"] < 3
    assert times["RBT-02"] == 0
    assert 2 <= float(suite.get("time", "0")) < 3


def test_markdown_leads_with_the_verdict(rendered: Path) -> None:
    """The verdict and the numbers come first, then what is broken, then the rest."""
    text = (rendered / "report.md").read_text()
    places = [
        text.index(word)
        for word in (
            "❌ Violated",
            "2 promises are broken.",
            "| **2** | **2** | **2** |",
            "<b>ABT-02</b>",
            "<b>RUN-03</b>",
            "<b>UPD-03</b>",
            "<b>GET-07</b>",
            "2 not exercised</summary>",
        )
    ]
    assert places == sorted(places)


def test_markdown_fits_a_comment(tmp_path: Path) -> None:
    """However much is broken, report.md stays under what a comment takes, and says what is not in."""
    log = MadeLog()
    log.start()
    for number in range(300):
        log.promise(f"GET-{number:03}")
        log.verdict(f"GET-{number:03}", "failed", message="x" * 900, expected="y" * 5000)
    log.end()
    render_all(log.write(tmp_path))
    text = (tmp_path / "report.md").read_text()
    assert len(text) < 65_536
    assert "more are in `report.html`" in text


def test_guide_finds_the_schemas() -> None:
    """The lines of docs/reports.md that list the schemas print what they say."""
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert f"# {printed.getvalue()}" in code
