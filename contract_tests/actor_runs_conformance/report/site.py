"""Several targets as a small static site: an index, a page for each promise and each target.

It needs no network and no script, and each page allows nothing but its own style.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.report.html import environment, own_policy
from actor_runs_conformance.report.model import OVERALL, TITLES, VERDICTS
from actor_runs_conformance.report.render import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from actor_runs_conformance.report.table import Table

INDEX = "index.html"
MARK = "actor-runs-site.txt"
"""The file that says that a directory is a site of ours, which may be written again."""

MARKED = "Written by `actor-runs table --site`; written again, its pages are replaced.\n"


class ForeignSiteError(ValueError):
    """A directory holds files that are no site of ours."""


def write_site(table: Table, directory: Path) -> int:
    """Write the site and return how many pages it has.

    Raises:
        ForeignSiteError: the directory holds other files.
        OSError: a page cannot be written.
    """
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MARK).is_file():
        raise ForeignSiteError(
            f"{directory} holds files and is no site; give a new or an empty directory"
        )
    for folder in (directory, directory / "promises", directory / "targets"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.html"):
            old.unlink()
    (directory / MARK).write_text(MARKED, encoding="utf-8")
    written = 0
    for name, text in pages(table):
        with replacing(directory / name) as stream:
            stream.write(text)
        written += 1
    return written


def pages(table: Table) -> Iterator[tuple[str, str]]:
    """Yield the path of each page within the site, and its text."""
    lines = [line for group in table.operations.values() for line in group]
    files = _file_names([*(one.name for one in table.columns), *(line.id for line in lines)])
    css, policy = own_policy("page.css")
    template = environment().get_template("site.html.jinja")
    shared: dict[str, Any] = {
        "table": table,
        "files": files,
        "overall": OVERALL,
        "titles": TITLES,
        "verdicts": VERDICTS,
        "css": css,
        "policy": policy,
    }
    yield INDEX, template.render(shared, kind="index", up="", title="Promises by targets")
    for line in lines:
        text = template.render(shared, kind="promise", up="../", title=line.id, line=line)
        yield f"promises/{files[line.id]}.html", text
    for place, column in enumerate(table.columns):
        page = {"title": column.name, "column": column, "place": place}
        yield (
            f"targets/{files[column.name]}.html",
            template.render(shared, kind="target", up="../", **page),
        )


def _file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file name for each name: letters, digits and hyphens; different for different names."""
    used: Counter[str] = Counter()
    files: dict[str, str] = {}
    for name in names:
        if name in files:
            continue
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:80] or "target"
        used[plain.lower()] += 1
        again = used[plain.lower()]
        files[name] = plain if again == 1 else f"{plain}--{again}"
    return files
