"""Make the pictures of the docs again: a server with one broken promise is checked and shown.

Needs a browser, at $ACTOR_RUNS_BROWSER.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import ViewportSize, sync_playwright
from rich.console import Console
from rich.text import Text

from tests.support.targets import Target, child

DOCS = Path(__file__).parent.parent / "docs"
BROKEN = "reboot_of_finished_run_accepted"
WIDE, PHONE = ViewportSize(width=1200, height=860), ViewportSize(width=390, height=780)
PICTURES: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "report.png": (WIDE, "light"),
    "report-dark.png": (WIDE, "dark"),
    "report-phone.png": (PHONE, "light"),
}
TERMINAL = "terminal.svg"
COLUMNS = 118
LARGEST = 400_000
"""Bytes: a README is opened on slow lines too."""


CLEARED = "\x1b[2K"
"""What the live view ends with, before the end is shown."""


def check(target: Target, room: Path) -> str:
    """Check everything in a terminal of so many columns, and return what it shows at the end."""
    command = [sys.executable, "-m", "actor_runs_conformance", "check-server", target.url]
    command += ["--task", target.task, "--actor", target.actor, "--report", "report"]
    environment = {
        "APIFY_TOKEN": target.token,
        "APIFY_SECOND_TOKEN": target.other_token,
        "COLUMNS": str(COLUMNS),
        "FORCE_COLOR": "1",
    }
    done = subprocess.run(
        command,
        cwd=room,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.rpartition(CLEARED)[2].strip()


def photograph(browser: str, page: Path) -> None:
    """Write the pictures of the beginning of a page."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, (size, colours) in PICTURES.items():
            context = opened.new_context(viewport=size, color_scheme=colours)
            shown = context.new_page()
            shown.goto(page.as_uri())
            shown.screenshot(path=DOCS / name)
            context.close()
        opened.close()


def draw(text: str) -> None:
    """Write the picture of a terminal that shows this."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(text))
    console.save_svg(str(DOCS / TERMINAL), title="actor-runs check-server")


def main() -> int:
    """Make the pictures; 1 when one is too large to be shown."""
    with tempfile.TemporaryDirectory() as room:
        data = str(Path(room) / "data")
        with child("-m", "tests.support.broken_server", BROKEN, "--data", data) as target:
            shown = check(target, Path(room))
        photograph(os.environ["ACTOR_RUNS_BROWSER"], Path(room) / "report" / "report.html")
    draw(shown)
    sizes = {name: (DOCS / name).stat().st_size for name in (*PICTURES, TERMINAL)}
    print("\n".join(f"docs/{name}: {size} bytes" for name, size in sizes.items()))
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
