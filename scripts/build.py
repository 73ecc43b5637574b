"""Build the wheel, look that its data is inside, and use it in bare environments.

Checked in environments of their own: `import actor_runs` from the bare wheel, and the
`actor-runs` command from the wheel with every extra.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MUST_HOLD = (
    "actor_runs_spec/openapi.yaml",
    "actor_runs_spec/documents.yaml",
    "actor_runs_spec/ledger/reboot-run.yaml",
    "actor_runs_spec/ledger/schema.json",
    "actor_runs_spec/examples/get-run.json",
    "actor_runs_api/py.typed",
    "actor_runs_api/schemas.py",
    "actor_runs/py.typed",
    "actor_runs_conformance/py.typed",
    "actor_runs_conformance/report/html/templates/report.html.jinja",
    "actor_runs_conformance/events/schemas/diff.schema.json",
    "actor_runs_conformance/events/schemas/events.schema.json",
    "actor_runs_conformance/events/schemas/report.schema.json",
    "actor_runs_server/py.typed",
    "actor_runs_server/fixture_actor/main.py",
)
BARE = "import actor_runs; print(actor_runs.Client(token='unseen'))"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it printed; stop with its output when it fails."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(folder: Path, requirement: str) -> Path:
    """Make a virtual environment with one requirement and return its `bin` folder."""
    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--python", sys.executable, folder, cwd=ROOT)
        run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            folder / "bin" / "python",
            requirement,
            cwd=ROOT,
        )
    else:
        venv.create(folder, with_pip=True)
        run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", requirement, cwd=ROOT)
    return folder / "bin"


def main() -> int:
    """Build, look inside, install twice, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="put the wheel there")
    keep: Path | None = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            folder,
            ROOT,
            cwd=ROOT,
        )
        (wheel,) = folder.glob("*.whl")
        inside = set(zipfile.ZipFile(wheel).namelist())
        if missing := [path for path in MUST_HOLD if path not in inside]:
            sys.exit(f"{wheel.name} misses: {', '.join(missing)}")
        strangers = sorted(
            {path.split("/")[0] for path in inside if not path.startswith("actor_runs")}
        )
        if strangers:
            sys.exit(f"{wheel.name} holds what is not ours: {', '.join(strangers)}")
        print(f"{wheel.name}: {len(inside)} files, its data is inside")
        empty = folder / "empty"
        empty.mkdir()
        bare = environment(folder / "bare", str(wheel))
        print(
            "bare import:", run(bare / "python", "-I", "-W", "error", "-c", BARE, cwd=empty).strip()
        )
        whole = environment(folder / "all", f"actor-runs[all] @ {wheel.as_uri()}")
        print(run(whole / "actor-runs", "--version", cwd=empty).strip())
        print(run(whole / "actor-runs", "promises", "RBT-02", cwd=empty).strip())
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(wheel, keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
