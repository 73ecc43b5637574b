"""Freeze an application that uses the client, and run it: by PyInstaller, and as a zipapp.

Nothing of the client is data beside its modules, so that tools which follow imports find all of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "contract_tests"))

from tests.support.client_wire import Scripted  # noqa: E402 - found only now

APPLICATION = """
import asyncio
import sys

from actor_runs import AsyncClient, Client, errors


async def main():
    async with AsyncClient("t", base_url=sys.argv[1]) as client:
        assert (await client.get_run("x")).id == "x"


with Client("t", base_url=sys.argv[1]) as client:
    run = client.run_task("a~b", {"x": 1}, memory=256)
    try:
        client.get_run("a/b")
    except errors.InvalidArgumentError:
        asyncio.run(main())
        print(run.status, run.response.status_code)
"""


def by_pyinstaller(folder: Path, application: Path) -> list[str]:
    """Return the command that runs the application, frozen into one file."""
    places = [f"--paths={place}" for place in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    freeze = ["-m", "PyInstaller", "--onefile", "--log-level=ERROR", "--distpath=out", *places]
    subprocess.run([sys.executable, *freeze, application.name], cwd=folder, check=True)
    return [str(folder / "out" / application.stem)]


def by_zipapp(folder: Path, application: Path) -> list[str]:
    """Return the command that runs the application, zipped with the client's own modules."""
    inside = folder / "zipped"
    for package in ("generated/actor_runs_api", "overrides/actor_runs"):
        for module in sorted((ROOT / package).rglob("*.py")):
            place = inside / module.relative_to((ROOT / package).parent)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(module.read_bytes())
    (inside / "__main__.py").write_bytes(application.read_bytes())
    zipapp.create_archive(inside, folder / "app.pyz")
    return [sys.executable, str(folder / "app.pyz")]


def main() -> int:
    """Freeze and run; return 0 if each frozen application does what it does otherwise."""
    server = Scripted()
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        application = folder / "app.py"
        application.write_text(APPLICATION, encoding="utf-8")
        for freeze in (by_zipapp, by_pyinstaller):
            command = [*freeze(folder, application), server.url]
            env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            done = subprocess.run(
                command, env=env, cwd=folder, capture_output=True, text=True, check=False
            )
            is_fine = (done.stdout, done.returncode) == ("READY 201\n", 0)
            print(f"{freeze.__name__}: {'works' if is_fine else done.stdout + done.stderr}")
            bad += not is_fine
    server.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
