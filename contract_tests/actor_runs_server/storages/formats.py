"""The formats of dataset items: JSON, JSON lines, CSV, HTML, XML and RSS."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import msgspec
from attrs import frozen

from actor_runs_server.storages.datasets import Item, flattened

if TYPE_CHECKING:
    from collections.abc import Callable

BOM: Final = b"\xef\xbb\xbf"
NOT_A_NAME: Final = re.compile(r"[^\w.-]|^(?![A-Za-z_])")
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@frozen(kw_only=True)
class Style:
    """Options of a format; each is used by some formats only."""

    delimiter: str = ","
    header_row: bool = True
    xml_root: str = "items"
    xml_row: str = "item"
    feed_title: str = "Dataset"
    feed_description: str = ""


@frozen
class Format:
    """A format: media type, ending of file names, whether it begins with a byte order mark."""

    media_type: str
    ending: str
    write: Callable[[list[Item], Style], bytes]
    bom: bool = False


def _json(items: list[Item], _: Style) -> bytes:
    return msgspec.json.encode(items)


def _json_lines(items: list[Item], _: Style) -> bytes:
    return b"".join(msgspec.json.encode(item) + b"\n" for item in items)


def _csv(items: list[Item], style: Style) -> bytes:
    rows, columns = _table(items)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n")
    if style.header_row and columns:
        writer.writerow(columns)
    writer.writerows([_text(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _html(items: list[Item], style: Style) -> bytes:
    rows, columns = _table(items)
    lines = [_cells("th", columns)] if style.header_row else []
    lines += [_cells("td", [_text(row.get(column)) for column in columns]) for row in rows]
    return "\n".join(["<table>", *lines, "</table>", ""]).encode()


def _xml(items: list[Item], style: Style) -> bytes:
    inside = "".join(_element(style.xml_row, item) for item in items)
    root = style.xml_root
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{inside}</{root}>\n'.encode()


def _rss(items: list[Item], style: Style) -> bytes:
    inside = "".join(_element(style.xml_row, item) for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>{_xml_text(style.feed_title)}</title><link/>"
        f"<description>{_xml_text(style.feed_description)}</description>\n"
        f"{inside}</channel></rss>\n"
    ).encode()


FORMATS: Final = {
    "json": Format("application/json; charset=utf-8", "json", _json),
    "jsonl": Format("application/x-ndjson; charset=utf-8", "jsonl", _json_lines),
    "csv": Format("text/csv; charset=utf-8", "csv", _csv, bom=True),
    "html": Format("text/html; charset=utf-8", "html", _html),
    "xml": Format("application/xml; charset=utf-8", "xml", _xml),
    "rss": Format("application/rss+xml; charset=utf-8", "rss", _rss),
}


def _table(items: list[Item]) -> tuple[list[Item], list[str]]:
    """Return items of one level, and their columns in the order of appearance."""
    rows = [flattened(item, None, "/") for item in items]
    return rows, list(dict.fromkeys(key for row in rows for key in row))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cells(tag: str, texts: list[str]) -> str:
    cells = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)
    return f"<tr>{cells}</tr>"


def _xml_text(text: str) -> str:
    return escape(NOT_XML.sub("�", text))


def _element(name: str, value: object) -> str:
    tag = NOT_A_NAME.sub("_", name)
    if isinstance(value, dict):
        inside = "".join(_element(key, member) for key, member in value.items())
    elif isinstance(value, list):
        return "".join(_element(name, member) for member in value)
    else:
        inside = _xml_text(_text(value))
    return f"<{tag}>{inside}</{tag}>\n"
