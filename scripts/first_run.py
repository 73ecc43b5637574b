"""Run every step of docs/from-an-empty-server.md; fail when the page shows other code or verdicts.

`--write` puts them into the page.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "from-an-empty-server.md"
SERVER = ROOT / "contract_tests" / "first_server"
FIXTURE_ACTOR = ROOT / "contract_tests" / "fixture_actor" / "main.py"
TOKEN = "a-token-for-trying"  # noqa: S105 - the server of the page knows no other
SHOWN_URL = "http://127.0.0.1:8000"

READ = ("--profile", "read-only", "--run", "aRunThatHasEnded1")
WHOLE = ("--task", "me~fixture", "--actor", "me~fixture-actor")
SAFE = (*WHOLE, "--profile", "safe")
STEPS = {
    "read": ("read", READ),
    **{name: (name, SAFE) for name in ("start", "update", "abort", "reboot", "wait")},
    "full": ("wait", WHOLE),
}
"""Each check of the page: the step that the server is at, and what is asked of the suite."""

AT_ONCE = 2
"""Checks that run at the same time: most of their time they wait."""

BLOCK = re.compile(r"<!-- (code|check): ([\w.]+) -->\n(?:```\w+\n.*?\n```\n)?", re.DOTALL)
SCOPE = re.compile(r"  (?:Conformant|Violates|Inconclusive|No verdict).*the five documents")
RUN_ID = re.compile(rf"(?!{READ[-1]})\b(?=\w*\d)(?=\w*[A-Z])[A-Za-z0-9]{{17}}\b")
SECONDS = re.compile(r"(?<=after )\d+\.\d(?= s\b)")
"""How long an answer took, which is another time each time."""
LEFT_OUT = ("     reproduce", "     expected", "     observed")


@contextmanager
def server(step: str) -> Iterator[str]:
    """Serve the steps up to this one; the URL."""
    environment = {
        **os.environ,
        "FIXTURE_ACTOR": str(FIXTURE_ACTOR),
        "PYTHON": sys.executable,
        "SERVER_TOKEN": TOKEN,
    }
    command = ["node", str(SERVER / "server.mjs"), step]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            # `node` may be a program that starts the real one.
            os.killpg(process.pid, signal.SIGTERM)


def check(name: str) -> str:
    """Run a check of the page and return what the page shows of it."""
    step, asked = STEPS[name]
    environment = {**os.environ, "APIFY_TOKEN": TOKEN, "NO_COLOR": "1", "COLUMNS": "1000"}
    environment.pop("APIFY_SECOND_TOKEN", None)
    with server(step) as url:
        command = [sys.executable, "-m", "actor_runs_conformance", "check-server", url, *asked]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = [
        f"$ node contract_tests/first_server/server.mjs {step} 8000 &",
        f"$ actor-runs check-server {SHOWN_URL} {' '.join(asked)}",
        *shown(done.stdout),
        f"$ echo $?\n{done.returncode}",
    ]
    page = "\n".join(lines).replace(url, SHOWN_URL)
    return SECONDS.sub("…", RUN_ID.sub("…", page))


def shown(output: str) -> Iterator[str]:
    """Yield the verdict on the five documents, and the first thing to do where that counts."""
    yield from (line.strip() for line in output.splitlines() if SCOPE.match(line))
    first = re.search(r"^1\. .*?(?=\n\n)", output, re.DOTALL | re.MULTILINE)
    if first and "     counted" not in first[0]:
        yield ""
        yield from (line for line in first[0].splitlines() if not line.startswith(LEFT_OUT))
        yield ""


def rendered(page: str, names: Sequence[str]) -> str:
    """Return the page with the code as it is, and these checks as they come out now."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The longest first.
        checks = dict(zip(reversed(names), pool.map(check, reversed(names)), strict=True))

    def block(found: re.Match[str]) -> str:
        kind, name = found[1], found[2]
        if kind == "code":
            language, text = "js", (SERVER / name).read_text(encoding="utf-8").strip()
        else:
            if name not in checks:
                return found[0]
            language, text = "console", checks[name]
        return f"<!-- {kind}: {name} -->\n```{language}\n{text}\n```\n"

    return BLOCK.sub(block, page)


def main() -> int:
    """Render the page, or compare it; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("steps", nargs="*", metavar="STEP", help=f"one of {', '.join(STEPS)}")
    options.add_argument("--write", action="store_true", help="put what differs into the page")
    before = PAGE.read_text(encoding="utf-8")
    arguments = options.parse_args()
    after = rendered(before, arguments.steps or list(STEPS))
    if arguments.write:
        PAGE.write_text(after, encoding="utf-8")
        return 0
    names = (PAGE.name, "what is seen now")
    difference = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    )
    print("\n".join(difference) or f"{PAGE.name} is true.")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
