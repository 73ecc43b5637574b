"""What a target sends is text: nowhere does it become markup, a command or a mention."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema
from markdown_it import MarkdownIt

from actor_runs_conformance.cli import table as command
from actor_runs_conformance.report import table
from actor_runs_conformance.report.diff import as_markdown, as_text, compare
from actor_runs_conformance.report.formats import FORMATS
from actor_runs_conformance.report.load import stored
from actor_runs_conformance.report.render import render_all
from actor_runs_conformance.report.table import Column, arrange
from actor_runs_conformance.report.terminal import Live
from actor_runs_conformance.report.text import pretty, printable
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "closes-script": "</script><script>alert(1)</script>",
    "closes-style": "</style><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "single-quote": "' autofocus onfocus='alert(1)",
    "template": "{{ 7 * 7 }}{% raw %}",
    "comment": "--><script>alert(1)</script><!--",
    "link": "javascript:alert(1)",
    "svg": "<svg/onload=alert(1)>",
    "entity": "&lt;script&gt;",
    "cdata": "]]><script>alert(1)</script>",
    "doctype": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;',
    "controls": "\x00\x07\x1b[31mred\x1b]0;title\x07\x9b31m\x7f",
    "surrogate": "\ud800",
    "bidi": "\u202eevil\u202c\u200b",
    "not-xml": "\ufffe\uffff",
    "markdown": "](http://evil) ![x](http://evil/x.png) **b** | a | b |\n# h\n<b>",
    "mention": "@everyone #1",
    "fence": "``` \n````\n`````",
    "details": "</details></summary>",
}
MARKDOWN_ELEMENTS = {
    "h2",
    "h3",
    "p",
    "em",
    "strong",
    "b",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "details",
    "summary",
}
ELEMENTS_OF_OURS = {"script": 1, "style": 1, "img": 0, "iframe": 0, "base": 0, "object": 0}


class Elements(HTMLParser):
    """Collects the start tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile_log(payload: str) -> MadeLog:
    """A log with the payload wherever a target has a say."""
    log = MadeLog()
    log.start(target=f"http://127.0.0.1/{payload}", task=payload, command=payload)
    log.promise("GET-01", text=payload, source=[{"document": payload, "says": payload}])
    log.add("run_started", run=payload, budget={"used": 1, "max": 4}, check=payload)
    first = log.exchange(
        text=json.dumps({"data": {"status": payload, payload: payload}}),
        headers={"x-evil": payload, payload: "1"},
        path=f"/v2/{payload}",
        run=payload,
        sent=payload,
        method=payload or "GET",
    )
    second = log.exchange(text=payload, run=payload)
    third = log.exchange(status=None, error=payload, run=payload)
    log.add("run_status", run=payload, status=payload, exchange=first)
    for verdict in ("failed", "warned", "noted", "not_exercised"):
        key = f"X-{verdict}"
        log.promise(key, text=payload)
        log.verdict(
            key,
            verdict,
            message=payload,
            expected=payload,
            observed={payload: [payload]},
            reproduce=payload,
            alone=payload,
            exchanges=(first, second, third),
        )
    log.end(message=payload)
    return log


@pytest.fixture(params=PAYLOADS, scope="module")
def hostile(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A payload and the directory of the reports on it."""
    payload = PAYLOADS[request.param]
    directory = tmp_path_factory.mktemp("hostile")
    render_all(hostile_log(payload).write(directory))
    return payload, directory


def page_elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    return parser.found


def test_no_page_gets_an_element_or_a_handler(hostile: tuple[str, Path], tmp_path: Path) -> None:
    """The pages hold the elements of their templates and no event handler at all."""
    _, directory = hostile
    output = tmp_path / "table.html"
    assert command.main([str(directory), "--html", "-o", str(output)]) == 0
    for path in (directory / "report.html", output):
        text = path.read_text(encoding="utf-8")
        found = page_elements(text)
        for tag, limit in ELEMENTS_OF_OURS.items():
            assert sum(name == tag for name, _ in found) <= limit, tag
        names = {name for _, attributes in found for name in attributes}
        assert not [name for name in names if name.startswith("on")]
        for _, attributes in found:
            assert not (attributes.get("href") or "#").startswith(("javascript:", "http://evil"))
            assert "src" not in attributes
            assert "style" not in attributes


def test_pages_forbid_what_is_not_theirs(hostile: tuple[str, Path]) -> None:
    """A content security policy allows the page's own script and style by hash, nothing else."""
    text = (hostile[1] / "report.html").read_text()
    policies = [a["content"] for tag, a in page_elements(text) if a.get("http-equiv")]
    assert len(policies) == 1
    assert re.fullmatch(
        "default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+'; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        policies[0] or "",
    )


@pytest.fixture(scope="module")
def valid(
    schema: Callable[[str], jsonschema_rs.Draft202012Validator],
) -> dict[str, Callable[[str], object]]:
    """What raises, by the name of a file, unless a text is of that format."""
    archive = json.loads((HERE / "har-1.2.schema.json").read_text())
    har = jsonschema_rs.Draft202012Validator(archive, validate_formats=True)
    return {
        "report.html": page_elements,
        "report.json": lambda text: schema("report").validate(json.loads(text)),
        "report.md": check_markdown,
        "junit.xml": xmlschema.XMLSchema(HERE / "junit.xsd").validate,
        "badge.svg": ET.fromstring,
        "exchanges.har": lambda text: har.validate(json.loads(text)),
    }


@pytest.mark.parametrize("file", [form.file for form in FORMATS])
def test_every_file_is_what_it_claims(
    file: str, hostile: tuple[str, Path], valid: dict[str, Callable[[str], object]]
) -> None:
    """Each format is valid by its schema, and everything is UTF-8 without control characters."""
    text = (hostile[1] / file).read_text(encoding="utf-8")
    assert file in valid, "say in `valid` what the new format is held against"
    valid[file](text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", text)


def check_markdown(text: str) -> None:
    """Rendered as Markdown, a text has no link, no image, no element but its own."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    elements = page_elements(html)
    assert {tag for tag, _ in elements} <= MARKDOWN_ELEMENTS
    assert not any(attributes.keys() - {"class"} for _, attributes in elements)
    assert html.count("<details>") == html.count("</details>")
    assert "@everyone" not in re.sub(r"(?s)<code.*?</code>", "", html)


def test_the_terminal_gets_no_escape(hostile: tuple[str, Path]) -> None:
    """Nothing a target sends reaches the terminal as a control sequence."""
    stream = io.StringIO()
    with Live(plain=True, stream=stream) as live:
        for line in (hostile[1] / "events.jsonl").read_text().splitlines():
            live.event(json.loads(line))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", stream.getvalue())


def test_a_comparison_stays_text(hostile: tuple[str, Path]) -> None:
    """The terminal and the Markdown form of a diff are as careful as the reports."""
    after = stored(hostile[1])
    before: dict[str, Any] = {**after, "promises": []}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", as_text(compare(before, after)))
    check_markdown(as_markdown(compare(before, after)))
    check_markdown(table.as_markdown(arrange([Column("a", after)])))


def test_numbers_that_are_no_json_are_words(tmp_path: Path) -> None:
    """NaN and infinity in a log do not make report.json unreadable."""
    log = MadeLog()
    log.start()
    log.promise("GET-01")
    log.verdict("GET-01", "noted", observed=[float("nan"), float("inf")])
    log.end("conformant", 0)
    render_all(log.write(tmp_path))
    text = (tmp_path / "report.json").read_text()
    assert json.loads(text)["promises"][0]["observed"] == ["NaN", "Infinity"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain, ünïcödé 漢字 🙂\n\ttab", "plain, ünïcödé 漢字 🙂\n\ttab"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\\x0db"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\u202e", "\\u202e"),
        ("\udc80", "\\udc80"),
    ],
)
def test_printable(given: str, expected: str) -> None:
    """What can be seen stays, what cannot is written as its escape."""
    assert expected == printable(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"a":1.10,"a":[],"b":{}}', '{\n  "a": 1.10,\n  "a": [],\n  "b": {}\n}'),
        ('["\\u00e9{[,:\\"",  1e400,\nnull]', '[\n  "\\u00e9{[,:\\"",\n  1e400,\n  null\n]'),
        ("[[[]]]", "[\n  [\n    []\n  ]\n]"),
        ('"text"', '"text"'),
        ("<html>{}</html>", "<html>{}</html>"),
        ('{"a":1}}', '{"a":1}}'),
        ("", ""),
    ],
)
def test_pretty_keeps_every_token(given: str, expected: str) -> None:
    """JSON is laid out, with numbers, escapes and repeated keys exactly as they were sent."""
    assert expected == pretty(given)
