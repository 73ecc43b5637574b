"""Run nox sessions on a machine that has only Python 3.11+, pip and git.

    python scripts/run.py                  the default sessions
    python scripts/run.py tests lint       these sessions
    python scripts/run.py -l               what there is

It makes `.venv/` beside the noxfile, installs nox there, and hands the sessions on to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NOX = "nox[uv]==2026.10.20"


def main(arguments: list[str]) -> int:
    """Make the environment once, then run nox in it and return its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it may have an older one
        print(f"Actor Runs needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 2
    bin_dir = VENV / ("Scripts" if os.name == "nt" else "bin")
    stamp = VENV / "nox-requirement.txt"
    if not stamp.exists() or stamp.read_text() != NOX:
        print(f"setting up: {NOX} in {VENV}", flush=True)
        venv.create(VENV, with_pip=True, clear=False)
        install = [str(bin_dir / "python"), "-m", "pip", "install", "--quiet", NOX]
        if (code := subprocess.run(install, check=False).returncode) != 0:
            return code
        stamp.write_text(NOX)
    sessions = ["--session", *arguments] if arguments and arguments[0][:1] != "-" else arguments
    environment = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}"}
    command = [str(bin_dir / "python"), "-m", "nox", *sessions]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
