"""Render the pages of docs/ that come from what the tests keep: see `tests.support.pages`.

`--check` writes nothing and fails when a page is stale.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[1] / "docs"


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale and return 1."""
    stale = []
    # By name: the tests have no types that a script could be held to.
    pages: dict[str, Callable[[], str]] = importlib.import_module("tests.support.pages").PAGES
    for name, page in pages.items():
        path, text = DOCS / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"docs/{name}")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")
    if stale and "--check" in arguments:
        print(f"stale: {', '.join(stale)}; run `nox -s docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
