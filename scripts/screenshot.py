"""Make docs/report.png: check the reference server and photograph the report.

`python scripts/screenshot.py [DIR]` photographs the report in DIR instead. The browser is
$ACTOR_RUNS_BROWSER, or `chromium`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURE = Path(__file__).parent.parent / "docs" / "report.png"
WIDTH, HEIGHT = 1200, 860
LARGEST = 400_000
"""Bytes: a README is opened on slow lines too."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
PATIENCE = 60
"""Seconds for a picture."""


def check(directory: Path) -> None:
    """Run the whole suite on the reference server; its verdict is what the picture shows."""
    command = [sys.executable, "-m", "actor_runs_conformance", "check-server", "--reference"]
    subprocess.run([*command, "--report", str(directory)], check=False)


def photograph(browser: str, directory: Path, picture: Path) -> None:
    """Write the picture of the page's beginning; raises FileNotFoundError without a report."""
    page = (directory / "report.html").resolve(strict=True)
    with tempfile.TemporaryDirectory() as profile:
        options = (
            f"--user-data-dir={profile}",
            f"--window-size={WIDTH},{HEIGHT}",
            f"--screenshot={picture}",
        )
        subprocess.run(
            [browser, *FLAGS, *options, page.as_uri()],
            check=True,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
        )


def main(arguments: list[str]) -> int:
    """Make the picture; 1 when it is too large to be shown in a README."""
    browser = os.environ.get("ACTOR_RUNS_BROWSER", "chromium")
    with tempfile.TemporaryDirectory() as room:
        directory = Path(arguments[0]) if arguments else Path(room)
        if not arguments:
            check(directory)
        photograph(browser, directory, PICTURE)
    size = PICTURE.stat().st_size
    print(f"{PICTURE}: {size} bytes")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
