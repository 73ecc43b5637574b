"""Judge the clients of docs/clients.md by `check-client`, and keep what is found of each.

`python scripts/measure_clients.py [NAME...]` judges these, or all of them: each takes about 70
seconds. It needs what `nox -s drivers` installs, and APIFY_CLIENT_2, a directory with version 2 of
apify-client, for the older one. `nox -s docs` renders the page.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
DRIVERS: Final = ROOT / "contract_tests" / "client_drivers"
OLDER: Final = "APIFY_CLIENT_2"


@dataclass(frozen=True, slots=True)
class Client:
    """How a client is driven, and which words print its version."""

    driver: tuple[str, ...]
    version: tuple[str, ...]


def _of_package(name: str, *driver: str) -> Client:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return Client(("python", *driver), ("python", "-c", code))


APIFY: Final = _of_package("apify-client", "apify_client_driver.py")
CLIENTS: Final = {
    "actor-runs": _of_package("actor-runs", "actor_runs_driver.py"),
    "actor-runs-async": _of_package("actor-runs", "actor_runs_driver.py", "--asyncio"),
    "apify-client-python-3": APIFY,
    "apify-client-python-2": APIFY,
    "apify-client-javascript": Client(
        ("node", "apify-client-driver.mjs"),
        ("node", "-p", "require('./node_modules/apify-client/package.json').version"),
    ),
    "curl": Client(("sh", "curl_driver.sh"), ("sh", "-c", "curl --version | cut -d ' ' -f 2")),
}
"""The clients, whose drivers are started in the directory of the drivers."""

KEPT: Final = ("id", "operation", "level", "scope", "text", "verdict")


def run(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in the directory of the drivers, with this Python where it says `python`."""
    command = [sys.executable if word == "python" else word for word in words]
    return subprocess.run(
        command, cwd=DRIVERS, env=environment, capture_output=True, text=True, check=False
    )


def steady(message: str | None) -> str | None:
    """Return a message without the port, which is another one each time."""
    return re.sub(r"(http://127\.0\.0\.1):\d+", r"\1", message) if message else message


def measure(name: str) -> dict[str, Any]:
    """Judge a client and return what is kept of its report."""
    client, environment = CLIENTS[name], dict(os.environ)
    if name == "apify-client-python-2":
        paths = [os.environ[OLDER], environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    with tempfile.TemporaryDirectory() as directory:
        suite = ("python", "-m", "actor_runs_conformance", "check-client")
        done = run((*suite, "--json", "--report", directory, "--", *client.driver), environment)
        if done.returncode not in {0, 1, 3}:
            raise SystemExit(f"{name}: {done.stderr or done.stdout}")
        report = json.loads((Path(directory) / "report.json").read_text(encoding="utf-8"))
    return {
        "client": name,
        "version": run(client.version, environment).stdout.split()[0],
        "driver": shlex.join(client.driver),
        "date": report["time"][:10],
        "suite": report["version"],
        "seconds": report["cost"]["seconds"],
        "requests": report["cost"]["requests"],
        "counts": report["counts"],
        "promises": [
            {**{key: promise[key] for key in KEPT}, "message": steady(promise["message"])}
            for promise in report["promises"]
            if promise["verdict"] != "passed"
        ],
    }


def main(names: list[str]) -> int:
    """Judge clients and write a file for each."""
    for name in names or CLIENTS:
        found = measure(name)
        path = DRIVERS / "measured" / f"{name}.json"
        text = json.dumps(found, indent=1, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
        print(f"{name} {found['version']}: {found['counts']}, {found['seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
