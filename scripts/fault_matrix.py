"""Render docs/fault-matrix.md from the catalogue of faults and the ledger.

`--check` writes nothing and fails when the page is stale.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/fault-matrix.md"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say that it is stale and return 1."""
    text: str = importlib.import_module("tests.support.fault_page").page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print("stale: docs/fault-matrix.md; run `nox -s docs`")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print("wrote docs/fault-matrix.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
