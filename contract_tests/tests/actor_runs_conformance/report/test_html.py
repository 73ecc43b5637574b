"""What report.html is made of: the contract's margin, the evidence, the differences, the lanes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.events.reader import Log
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.report.build import collect
from actor_runs_conformance.report.exchange_text import LONGEST_BODY
from actor_runs_conformance.report.html.contract import annotated
from actor_runs_conformance.report.html.differences import changed_lines, marked
from actor_runs_conformance.report.html.evidence import pick
from actor_runs_conformance.report.html.timeline import draw
from actor_runs_conformance.report.model import Promise
from actor_runs_conformance.report.render import render_all
from tests.support.made_log import MadeLog, every_verdict, run_object

if TYPE_CHECKING:
    from pathlib import Path

# Where a promise points, its operation, and the section and row that it stands beside.
PLACES = [
    ("/paths/~1v2~1actor-runs~1{runId}/get", "getRun", "getRun", None),
    ("/paths/~1v2~1actor-runs~1{runId}/put", "updateRun", "updateRun", None),
    ("/paths/~1v2~1actor-runs~1{runId}/get/responses/404", "getRun", "getRun", "404"),
    ("/components/parameters/waitForFinish", "getRun", "getRun", "waitForFinish"),
    ("/components/parameters/waitForFinish/schema/maximum", "runTask", "runTask", "waitForFinish"),
    ("/components/schemas/Run/properties/finishedAt", "any", "Run", "finishedAt"),
    ("/components/schemas/Run/properties/finishedAt/type", "getRun", "Run", "finishedAt"),
    ("/components/schemas/RunStatus", "any", "RunStatus", None),
    ("/components/headers/X-RateLimit-Limit", "any", "Everywhere", "X-RateLimit-Limit"),
    ("/components/securitySchemes/queryToken", "any", "Everywhere", "queryToken"),
    ("/paths/~1nowhere/get", "rebootRun", "Everywhere", None),
    (None, "rebootRun", "rebootRun", None),
    (None, "any", "Everywhere", None),
]
DIFFERENCES = [
    ("status 200", "status 400", ["200"], ["400"]),
    ("same", "same", [], []),
    ("ABORTING, then ABORTED", "nothing at all", [], []),
    ('{"a": 1, "b": 2}', '{"a": 1}', [', "b": 2'], []),
]
LINES = [
    ("a\nb\nc", "a\nx\nc", [1]),
    ("a\nb", "a\nb", []),
    ("a\nb", "a\nb\nc", [2]),
    ("a\nb", "b", []),
]


class Page(HTMLParser):
    """What a page holds: ids, targets of links, addresses of anything to load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag in {"a", "use"} and given.get("href"):
            self.links.add(given["href"] or "")
        if given.get("src") or tag in {"link", "iframe", "object", "embed"}:
            self.loads.append(tag)


def promise(pointer: str | None, operation: str) -> Promise:
    return Promise("X-01", operation, "must", "text", (), pointer, None, None, None)


@pytest.mark.parametrize(("pointer", "operation", "section", "row"), PLACES)
def test_a_promise_stands_beside_its_place(
    pointer: str | None, operation: str, section: str, row: str | None
) -> None:
    """A promise stands at the nearest node at or above its pointer, or at its operation."""
    found = [
        (one.title, name)
        for one in annotated([promise(pointer, operation)])
        for name, marks in [
            (None, one.marks),
            *((line.name, line.marks) for group in one.groups for line in group.rows),
        ]
        if marks
    ]
    assert found == [(section, row)]


def test_every_promise_of_the_ledger_has_a_place() -> None:
    """No promise is missing from the contract's margin."""
    promises = [
        Promise(one.id, one.operation, one.level, one.text, (), one.pointer, None, None, None)
        for one in ledger.load()
    ]
    sections = annotated(promises)
    placed = {one.id for section in sections for one in section.promises()}
    assert {one.id for one in promises} == placed


def test_the_page_is_whole(tmp_path: Path) -> None:
    """Ids are unique, every link leads somewhere in the page, and nothing is loaded."""
    render_all(every_verdict().write(tmp_path))
    page = Page((tmp_path / "report.html").read_text())
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link[1:] not in page.ids} == set()
    assert page.loads == []


def test_a_check_of_some_promises_shows_only_those(tmp_path: Path) -> None:
    """With --only the other promises of the ledger are neither listed nor in the margin."""
    log = MadeLog()
    log.start()
    log.promise("GET-01")
    log.promise("GET-02")
    log.verdict("GET-01")
    log.end("conformant", 0)
    render_all(log.write(tmp_path))
    page = Page((tmp_path / "report.html").read_text())
    assert "GET-01" in page.ids
    assert {link for link in page.links if link[1:] not in page.ids} == set()


def test_the_page_leads_with_the_verdict(tmp_path: Path) -> None:
    """The verdict, the message and the three numbers come before anything else."""
    render_all(every_verdict().write(tmp_path))
    body = (tmp_path / "report.html").read_text().split("<body")[1]
    text = re.sub(r"<[^>]+>", " ", "<" + body)
    words = ["Violated", "2 promises are broken.", "conformant", "violated", "not established"]
    places = [text.index(word) for word in [*words, "demo~fixture", "RUN-03"]]
    assert places == sorted(places)


def test_an_exchange_is_held_once(tmp_path: Path) -> None:
    """However many promises rest on an exchange, its text is in the page once."""
    log = MadeLog()
    log.start()
    one = log.exchange(text="only-once-in-here")
    for number in range(50):
        log.promise(f"GET-{number}")
        log.verdict(f"GET-{number}", exchanges=(one,))
    log.end()
    render_all(log.write(tmp_path))
    assert (tmp_path / "report.html").read_text().count("only-once-in-here") == 1


def test_the_page_is_bounded(tmp_path: Path) -> None:
    """Thousands of long answers, each evidence, and all of it text that grows when escaped."""
    log = MadeLog()
    log.start()
    for number in range(120):
        log.promise(f"GET-{number:03}")
        exchanges = tuple(log.exchange(text="<'\"&>" * 4200) for _ in range(2))
        log.verdict(
            f"GET-{number:03}",
            "failed",
            exchanges=exchanges,
            message="<" * 50_000,
            expected='"' * 50_000,
            observed="'" * 50_000,
        )
    log.end()
    render_all(log.write(tmp_path))
    size = (tmp_path / "report.html").stat().st_size
    assert 8_000_000 < size < 20_000_000


def test_what_is_broken_is_shown_first_when_room_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for two exchanges only, a failed promise has its own and a passed one has not."""
    monkeypatch.setattr("actor_runs_conformance.report.html.evidence.ROOM", 4 * LONGEST_BODY)
    log = MadeLog()
    log.start()
    made = {}
    for key, verdict in (
        ("A-1", "passed"),
        ("A-2", "passed"),
        ("A-3", "failed"),
        ("A-4", "warned"),
    ):
        log.promise(key)
        made[key] = log.exchange(text="x" * 2 * LONGEST_BODY)
        log.verdict(key, verdict, exchanges=(made[key],))
    log.end()
    opened = Log.open(log.write(tmp_path))
    shown = pick(collect(opened), opened)
    opened.close()
    assert set(shown) == {made["A-3"], made["A-4"], made["A-1"]}


def test_answers_about_a_run_are_compared(tmp_path: Path) -> None:
    """Of two answers about one run, the page marks the lines that changed, and only those."""
    log = MadeLog()
    log.start()
    log.promise("GET-01")
    before = log.exchange(run="a", body=run_object("a", "RUNNING"))
    other = log.exchange(run="b", body=run_object("b", "RUNNING"))
    after = log.exchange(run="a", body=run_object("a", "RUNNING", statusMessage="Hello"))
    log.verdict("GET-01", exchanges=(before, other, after))
    log.end()
    render_all(log.write(tmp_path))
    text = (tmp_path / "report.html").read_text()
    lines = dict(re.findall(r'data-exchange="(\d+)" data-lines="([^"]*)"', text))
    response = text.split(f'aria-label="Response {after}">')[1].split("</pre>")[0].split("\n")
    assert lines[str(before)] == lines[str(other)] == ""
    assert [response[int(line)].strip() for line in lines[str(after)].split(",")] == [
        "&#34;statusMessage&#34;: &#34;Hello&#34;,"
    ]


@pytest.mark.parametrize(("expected", "observed", "left", "right"), DIFFERENCES)
def test_differences_are_marked(
    expected: str, observed: str, left: list[str], right: list[str]
) -> None:
    """What one text has and the other lacks is marked; texts with nothing in common are not."""
    pieces = marked(expected, observed)
    assert ["".join(one.text for one in side) for side in pieces] == [expected, observed]
    assert [[one.text for one in side if one.differs] for side in pieces] == [left, right]


@pytest.mark.parametrize(("before", "after", "lines"), LINES)
def test_changed_lines(before: str, after: str, lines: list[int]) -> None:
    """Lines of the later text that the earlier one has not in that place."""
    assert lines == changed_lines(before, after)


class TestTimeline:
    """The drawing of the runs' states."""

    def lanes(self, tmp_path: Path, *states: tuple[float, str], ended: str | None = None) -> Log:
        log = MadeLog()
        log.start()
        log.clock = 0.99
        log.add("run_started", run="r", budget={"used": 1, "max": 4}, check="c")
        for at, status in states:
            log.clock = at - 0.01
            log.add("run_status", run="r", status=status, exchange=1)
        if ended:
            log.clock = 8.99
            log.add("run_ended", run="r", status=ended, by="itself")
        log.clock = 9.99
        log.end()
        return Log.open(log.write(tmp_path))

    def test_a_state_lasts_until_the_next(self, tmp_path: Path) -> None:
        """Bars meet, in the order of the states, and a terminal one is a mark."""
        log = self.lanes(tmp_path, (2, "READY"), (4, "RUNNING"), ended="SUCCEEDED")
        (lane,) = draw(collect(log)).lanes
        log.close()
        assert [bar.status for bar in lane.bars] == ["READY", "RUNNING", "SUCCEEDED"]
        ready, running, succeeded = lane.bars
        assert ready.x + ready.width + ready.rest == pytest.approx(running.x, abs=0.3)
        assert running.x + running.width + running.rest == pytest.approx(succeeded.x, abs=0.3)
        assert (lane.end, lane.going_on) == ("SUCCEEDED by itself", False)

    def test_a_state_is_seen_while_it_is_looked_at(self, tmp_path: Path) -> None:
        """A bar is thick until the last look that showed the state, and thin from there on."""
        log = MadeLog()
        log.start()
        log.add("run_started", run="r", budget={"used": 1, "max": 4}, check="c")
        for at, status in ((1, "RUNNING"), (2, None), (3, None), (8, "SUCCEEDED")):
            log.clock = at - 0.01
            exchange = log.exchange(run="r")
            if status:
                log.add("run_status", run="r", status=status, exchange=exchange)
        log.clock = 9.99
        log.end()
        opened = Log.open(log.write(tmp_path))
        (lane,) = draw(collect(opened)).lanes
        opened.close()
        second = (990 - 178) / 10
        assert lane.bars[0].width == pytest.approx(2 * second, abs=2)
        assert lane.bars[0].rest == pytest.approx(5 * second, abs=2)

    def test_a_run_without_an_end_goes_on(self, tmp_path: Path) -> None:
        """A run that was not seen to end is drawn to the edge and said to go on."""
        log = self.lanes(tmp_path, (2, "RUNNING"))
        (lane,) = draw(collect(log)).lanes
        log.close()
        last = lane.bars[-1]
        assert last.x + last.width + last.rest == pytest.approx(990, abs=1)
        assert lane.going_on
        assert "may still be going on, last seen RUNNING" in lane.end

    def test_an_unknown_status_is_drawn_as_such(self, tmp_path: Path) -> None:
        """A status that the contract does not know has a style of its own."""
        log = self.lanes(tmp_path, (2, "<b>PAUSED"), ended="ABORTED")
        (lane,) = draw(collect(log)).lanes
        log.close()
        assert [bar.style for bar in lane.bars] == ["s-other", "s-aborted"]


def test_a_log_without_runs_exchanges_or_promises_renders(tmp_path: Path) -> None:
    """A check that failed at once has a page too, which says why."""
    log = MadeLog()
    log.start(task=None, max_runs=None, seed=None)
    log.end("error", 2, message="Nobody answers at http://127.0.0.1:8080.")
    render_all(log.write(tmp_path))
    text = (tmp_path / "report.html").read_text()
    assert "No verdict" in text
    assert "Nobody answers at" in text


def test_the_page_says_what_to_do(tmp_path: Path) -> None:
    """Causes stand above the promises, each with what it unlocks and the lines that leave it out."""
    log = MadeLog()
    log.start()
    log.promise("RBT-01", "rebootRun", text="Rebooting answers 200.")
    log.verdict("RBT-01", "failed", operation="rebootRun", message="It answers 404.")
    log.verdict("RBT-02", "not_exercised", operation="rebootRun", because="RBT-01")
    log.end(message="A sentence that names every id.")
    render_all(log.write(tmp_path))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    todo = page[page.index('<section class="todo"') : page.index('<form class="filters"')]
    assert '<a href="#RBT-01">RBT-01 rebootRun (must)</a> Rebooting answers 200.' in todo
    assert "It answers 404." in todo
    assert 'Unlocks 1 more</summary><p><a href="#RBT-02">RBT-02</a>' in todo
    assert "rebootRun = &#34;why it is not offered&#34;" in todo
    assert page.index("1 promise is broken.") < page.index("A sentence that names every id.")
