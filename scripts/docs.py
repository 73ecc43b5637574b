"""Render docs/promises.md, docs/contract.md and the counts in README.md from ledger and contract.

`--check` writes nothing and fails when a page is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
# A script that is run by its path finds its neighbours, but not the folder that they lie in.
sys.path.insert(0, str(ROOT))

from scripts.docs_of_contract import contract_page  # noqa: E402
from scripts.docs_of_promises import counts, promises_page  # noqa: E402

from actor_runs_conformance.ledger import ledger  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

README = ROOT / "README.md"
COUNTS = ("<!-- counts of promises: rendered by `nox -s docs` -->", "<!-- end of counts -->")


def readme_page() -> Iterator[str]:
    """Return README.md with its counts of promises as they are."""
    before, _, rest = README.read_text(encoding="utf-8").partition(COUNTS[0])
    _, _, after = rest.partition(COUNTS[1])
    table_of_counts = "\n".join(counts(ledger.load())).rstrip()
    yield f"{before}{COUNTS[0]}\n\n{table_of_counts}\n\n{COUNTS[1]}{after}"


PAGES = {
    "docs/promises.md": promises_page,
    "docs/contract.md": contract_page,
    "README.md": readme_page,
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
