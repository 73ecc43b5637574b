"""Render the pages that come from ledger and contract, and the tables inside of others.

`--check` writes nothing and fails when a page is stale.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
# A script that is run by its path finds its neighbours, but not the folder that they lie in.
sys.path.insert(0, str(ROOT))

from scripts.docs_of_contract import contract_page  # noqa: E402
from scripts.docs_of_promises import counts, promises_page  # noqa: E402
from scripts.docs_tables import table  # noqa: E402

from actor_runs_conformance.engine.option_table import table as option_table  # noqa: E402
from actor_runs_conformance.engine.options import Options  # noqa: E402
from actor_runs_conformance.events.reader import EVENTS  # noqa: E402
from actor_runs_conformance.ledger import ledger  # noqa: E402
from actor_runs_conformance.report.formats import FORMATS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


CODE = re.compile(r"(?<![`\w-])(--[a-z]+(-[a-z]+)*|[A-Z]{3}-\d\d[\w*,-]*)")
"""Options and ids of promises in the text of an option."""


def files() -> Iterator[str]:
    """Return the files of a report."""
    rows = [(f"`{form.file}`", form.purpose) for form in FORMATS]
    return table(
        ("file", "for"), [*rows, (f"`{EVENTS}`", "the log: every event, written when it happened")]
    )


def options() -> Iterator[str]:
    """Return the options of check-server, as its help has them."""
    rows = [
        (
            f"`{' '.join(filter(None, (row.flag or row.variable, row.metavar)))}`",
            CODE.sub(r"`\g<0>`", row.help),
        )
        for _, row, _ in option_table(Options)
    ]
    return table(("option", "what it is for"), rows)


def inside(page: str, title: str, lines: Iterator[str]) -> Iterator[str]:
    """Return a page with the part of this title as it is now."""
    begin, end = f"<!-- {title}: rendered by `nox -s docs` -->", f"<!-- end of {title} -->"
    before, _, rest = (ROOT / page).read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    part = "\n".join(lines).rstrip()
    yield f"{before}{begin}\n\n{part}\n\n{end}{after}"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "docs/promises.md": promises_page,
    "docs/contract.md": contract_page,
    "README.md": lambda: inside("README.md", "counts of promises", counts(ledger.load())),
    "docs/reports.md": lambda: inside("docs/reports.md", "files", files()),
    "docs/check-your-server.md": lambda: inside("docs/check-your-server.md", "options", options()),
}


def main() -> int:
    """Write the pages, or with `--check` say which are stale and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        text = "\n".join(page()).rstrip() + "\n"
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `nox -s docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
