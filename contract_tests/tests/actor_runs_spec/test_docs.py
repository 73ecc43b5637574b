"""The rendered pages are those of the present ledger and contract."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from actor_runs_conformance.ledger import ledger

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "docs.py"


def check(script=SCRIPT):
    """Run the script with `--check` and return its exit code and what it prints."""
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def pages():
    """The committed pages by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}


def test_the_pages_are_fresh():
    """What the script renders is what is committed; otherwise it names page and remedy."""
    assert check() == (0, "")


def test_a_stale_page_is_named(tmp_path, pages):
    """A page with one word changed fails the check, by its name."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "docs").mkdir()
    for part in SCRIPT.parent.glob("docs*.py"):
        shutil.copy(part, tmp_path / "scripts")
    script = tmp_path / "scripts" / "docs.py"
    for name, page in pages.items():
        (tmp_path / "docs" / name).write_text(page, encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    (tmp_path / "docs" / "promises.md").write_text(pages["promises.md"] + "More.\n")
    assert check(script) == (1, "stale: docs/promises.md; run `nox -s docs`\n")
    promised = len(ledger.load())
    (tmp_path / "docs" / "promises.md").write_text(pages["promises.md"], encoding="utf-8")
    [row] = re.findall(r"^\| the five documents \|.*$", readme, re.MULTILINE)
    (tmp_path / "README.md").write_text(readme.replace(row, row.replace("1", "2")))
    assert check(script) == (1, "stale: README.md; run `nox -s docs`\n")
    assert f"has {promised} promises" in pages["promises.md"]


def test_the_documents_lead(pages):
    """promises.md has every promise of the five documents before those of the platform."""
    order = [
        ledger.by_id()[id_].scope
        for id_ in re.findall(r"^### (\S+)$", pages["promises.md"], re.MULTILINE)
    ]
    assert order == sorted(order)
    assert set(order) == {"documents", "platform"}


def test_every_promise_has_its_anchor(pages):
    """Every promise has a heading of its own in promises.md, and is told in full."""
    headings = re.findall(r"^### (\S+)$", pages["promises.md"], re.MULTILINE)
    assert sorted(headings) == sorted(promise.id for promise in ledger.load())
    assert [p.id for p in ledger.load() if p.text not in pages["promises.md"]] == []


def test_links_between_the_pages_lead_somewhere(pages):
    """Every link to a promise leads to its heading, every link within a page to one of its own."""
    ids = {promise.id.lower() for promise in ledger.load()}
    linked = set(re.findall(r"promises\.md#([^)]+)", pages["contract.md"]))
    assert linked - ids == set()
    for name in ("promises.md", "contract.md"):
        titles = re.findall(r"^#+ (.+)$", pages[name], re.MULTILINE)
        anchors = {re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in titles}
        assert set(re.findall(r"\]\(#([^)]+)\)", pages[name])) - anchors == set()


def test_the_contract_page_is_true_to_bodies_and_headers(pages):
    """Run task and an update need a body; the answer to a start has a header with promises."""
    operations = re.split(r"^## ", pages["contract.md"], flags=re.MULTILINE)
    [start] = [one for one in operations if one.startswith("Run task (")]
    [update] = [one for one in operations if one.startswith("Update status message (")]
    assert "\n| body | required | JSON |" in start
    assert "\n| body | required | JSON |" in update
    [created] = re.findall(r"^\| 201 \|.*$", start, re.MULTILINE)
    assert "[TSK-03](promises.md#tsk-03)" in created


def test_the_page_shows_the_first_server_as_it_is(pages):
    """Each block of code on the page is a file of the small server, whole."""
    page = pages["from-an-empty-server.md"]
    blocks = dict(re.findall(r"<!-- code: ([\w.]+) -->\n```js\n(.*?)\n```\n", page, re.DOTALL))
    files = {path.name: path for path in (ROOT / "contract_tests" / "first_server").glob("*.mjs")}
    assert blocks.keys() == files.keys() - {"server.mjs"}
    for name, block in blocks.items():
        assert block == files[name].read_text(encoding="utf-8").strip(), name
