"""`actor-runs table --site`: many targets as a static site that needs no network."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from actor_runs_conformance.cli.main import main
from actor_runs_conformance.report.site import pages, write_site
from actor_runs_conformance.report.table import Column, arrange
from tests.support.made_log import MadeLog

TARGETS, PROMISES = 30, 340
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def report(number, message=None):
    """A report.json of one target, as far as a table reads it."""
    verdicts = ("passed", "failed", "warned", "noted", "not_exercised")
    promises = [
        {
            "id": f"GEN-{place}",
            "operation": "getRun",
            "level": "must",
            "text": f"Promise {place}.",
            "verdict": verdicts[(place + number) % len(verdicts)],
            "message": message or f"Something about {place} and {number}.",
        }
        for place in range(PROMISES)
    ]
    return {
        "promises": promises,
        "numbers": {"conformant": 1, "violated": 2, "not_established": 3},
        "verdict": "violated",
        "target": f"http://target-{number}",
        "time": "2026-01-02T03:04:05Z",
        "message": message,
    }


class Links(HTMLParser):
    """The links of a page, and whatever would be loaded."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "a":
            self.links.append(given["href"])
        elif tag in {"script", "link", "img", "iframe", "object"} or "src" in given:
            self.loads.append(tag)


@pytest.mark.integrations
def test_thirty_targets_take_less_than_five_seconds(tmp_path):
    """An index, a page a promise and a page a target; every link leads to a page of the site."""
    began = time.process_time()
    table = arrange([Column(f"target {number}", report(number)) for number in range(TARGETS)])
    assert write_site(table, tmp_path) == 1 + PROMISES + TARGETS
    assert time.process_time() - began < 5
    for path in [tmp_path / "index.html", *list((tmp_path / "targets").iterdir())[:2]]:
        found = Links(path.read_text(encoding="utf-8"))
        assert len(found.links) >= PROMISES
        assert [link for link in found.links if not (path.parent / link).resolve().is_file()] == []
        assert found.loads == []


def test_what_targets_send_is_shown_and_never_run():
    """Names and messages are escaped on every page, and the policy allows only the page's own style."""
    table = arrange([Column(HOSTILE, report(1, HOSTILE)), Column("../../etc", report(2))])
    for path, text in pages(table):
        assert re.fullmatch(r"(?:(?:promises|targets)/)?[A-Za-z0-9-]+\.html", path)
        assert "<script" not in text
        assert "<img" not in text
        assert "default-src 'none'" in text
        assert "script-src" not in text


def test_targets_of_one_name_have_pages_of_their_own():
    """Names that make the same file name, also where case is ignored, do not share a page."""
    columns = [Column(name, report(1)) for name in ("a b", "a-b", "A B")]
    paths = [path.lower() for path, _ in pages(arrange(columns)) if path.startswith("targets")]
    assert len(set(paths)) == 3


@pytest.fixture
def reports(tmp_path):
    """Two reports as checks leave them."""
    for name, verdict in (("ours", "passed"), ("theirs", "failed")):
        log = MadeLog()
        log.start()
        log.promise("GET-01")
        log.verdict("GET-01", verdict, message="It is not so." if verdict == "failed" else None)
        log.end()
        log.write(tmp_path / name)
    return [str(tmp_path / "ours"), str(tmp_path / "theirs")]


def test_the_command_writes_a_site(reports, tmp_path, capsys):
    """It says how many pages it wrote; a second time it replaces them, and leaves no old one."""
    site = tmp_path / "site"
    assert main(["table", *reports, "--site", str(site)]) == 0
    assert capsys.readouterr().out == f"wrote 4 pages; open {site / 'index.html'}\n"
    assert "It is not so." in (site / "promises" / "GET-01.html").read_text(encoding="utf-8")
    assert main(["table", reports[0], "--site", str(site)]) == 0
    assert [path.name for path in (site / "targets").iterdir()] == ["ours.html"]


def test_a_directory_of_the_users_is_left_alone(reports, tmp_path, capsys):
    """Files that are no site are neither replaced nor joined."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "index.html").write_text("my page")
    assert main(["table", *reports, "--site", str(mine)]) == 2
    assert "holds files and is no site" in capsys.readouterr().err
    assert [path.name for path in mine.iterdir()] == ["index.html"]
