"""Render what the tests keep: docs/fault-matrix.md, docs/client-properties.md, docs/clients.md, docs/schemathesis.md.

`--check` writes nothing and fails when a page is stale.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    "fault-matrix.md": "tests.support.fault_page",
    "client-properties.md": "tests.support.client_page",
    "clients.md": "tests.support.clients_page",
    "schemathesis.md": "tests.support.schemathesis_page",
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale and return 1."""
    stale = []
    for name, module in PAGES.items():
        path = DOCS / name
        text: str = importlib.import_module(module).page()
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
