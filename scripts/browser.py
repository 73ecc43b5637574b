"""Print where a Chromium is that can run headless; install one where that is possible.

The first of: $ACTOR_RUNS_BROWSER, a browser on the path, Debian's `chromium` through apt-get
(as root). Exits with 1 and what to do when there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

VARIABLE = "ACTOR_RUNS_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL = (
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"),
)


def find() -> str | None:
    """Return the path of a browser, or None."""
    given = os.environ.get(VARIABLE)
    if given:
        return shutil.which(given)
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Install Debian's Chromium, where there is apt-get and the right to use it."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in INSTALL:
            subprocess.run(command, check=True, stdout=sys.stderr)


def main() -> int:
    """Print the path; 1 when there is no browser."""
    if find() is None and not os.environ.get(VARIABLE):
        install()
    found = find()
    if found is None:
        print(f"no browser found: install Chromium, or name one in {VARIABLE}", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
