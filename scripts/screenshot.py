"""Make docs/report.png: check the reference server and photograph the report.

`python scripts/screenshot.py [DIR]` photographs the report in DIR instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent.parent / "docs" / "report.png"
WIDTH, HEIGHT = 1200, 860
LARGEST = 400_000
"""Bytes: a README is opened on slow lines too."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def check(directory: Path) -> None:
    """Run the whole suite on the reference server; its verdict is what the picture shows."""
    command = [sys.executable, "-m", "actor_runs_conformance", "check-server", "--reference"]
    subprocess.run([*command, "--report", str(directory)], check=False)


def photograph(directory: Path, picture: Path) -> None:
    """Write the picture of the page's beginning; raises FileNotFoundError without a report."""
    page_file = (directory / "report.html").resolve(strict=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ACTOR_RUNS_BROWSER"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.screenshot(path=picture)
        browser.close()


def main(arguments: list[str]) -> int:
    """Make the picture; 1 when it is too large to be shown in a README."""
    with tempfile.TemporaryDirectory() as room:
        directory = Path(arguments[0]) if arguments else Path(room)
        if not arguments:
            check(directory)
        photograph(directory, PICTURE)
    size = PICTURE.stat().st_size
    print(f"{PICTURE}: {size} bytes")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
