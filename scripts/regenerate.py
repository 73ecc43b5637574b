"""Write generated/actor_runs_api from the contract, or check that it is what would be written.

`regenerate.py` replaces the package; `regenerate.py --check` generates into a temporary folder,
names every file that differs by a byte, and exits 1 if there is one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "spec" / "actor_runs_spec" / "openapi.yaml"
CONFIG = ROOT / "scripts" / "openapi-python-client.yaml"
TEMPLATES = ROOT / "scripts" / "templates"
PACKAGE = ROOT / "generated" / "actor_runs_api"

# Every byte of the output depends on these two.
PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.6"}


def main(arguments: list[str]) -> int:
    """Regenerate or check; return 0 if all is well, 1 on a difference, 2 if it cannot be told."""
    parser = argparse.ArgumentParser(prog="regenerate.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)

    if complaints := wrong_versions():
        print("\n".join(complaints), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        if not generate(fresh):
            return 2
        if options.check:
            return report(differences(PACKAGE, fresh))
        shutil.rmtree(PACKAGE, ignore_errors=True)
        shutil.copytree(fresh, PACKAGE)
    print(f"{PACKAGE.relative_to(ROOT)}: {len(files(PACKAGE))} files written")
    return 0


def wrong_versions() -> list[str]:
    """Return a complaint for each pinned tool that is missing or has another version."""
    complaints = []
    for name, expected in PINNED.items():
        try:
            actual = version(name)
        except PackageNotFoundError:
            actual = "none"
        if actual != expected:
            complaints.append(
                f"{name}: expected {expected}, found {actual}; run `nox -s regenerate`,"
                " which installs the right one"
            )
    return complaints


def generate(output: Path) -> bool:
    """Write the package to `output`; return whether the generator did it without a warning."""
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(CONTRACT), "--config", str(CONFIG), "--output-path", str(output)),
        *("--custom-template-path", str(TEMPLATES)),
        *("--meta", "none", "--overwrite", "--fail-on-warning"),
    ]
    # The hooks call ruff by name: the one beside this interpreter is meant.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    run = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    if run.returncode != 0:
        print(run.stdout + run.stderr, file=sys.stderr)
        print(f"the generator refused {CONTRACT.relative_to(ROOT)}", file=sys.stderr)
        return False
    # Without package metadata the generator leaves this out, and type checkers would look away.
    (output / "py.typed").write_text("# Marker file for PEP 561\n", encoding="utf-8")
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    (output / "requests.py").write_text(requests(output), encoding="utf-8")
    (output / "schemas.py").write_text(schemas(contract), encoding="utf-8")
    shutil.copy(TEMPLATES / "validation.py.in", output / "validation.py")
    layout = ("--isolated", "--no-cache", "--quiet", "--target-version=py311", "--line-length=120")
    subprocess.run([sys.executable, "-m", "ruff", "format", *layout, str(output)], check=True)
    return True


def requests(package: Path) -> str:
    """Return the module that has, by its operation's name, each function that builds a request."""
    modules = sorted(package.glob("api/*/[!_]*.py"), key=lambda path: path.stem)
    lines = [
        f"from .api.{module.parent.name}.{module.stem} import _get_kwargs as {module.stem}"
        for module in modules
    ]
    return "\n".join(
        [
            '"""The functions that build the requests, by the names of the operations."""\n',
            *lines,
            f"\n__all__ = {[module.stem for module in modules]!r}\n",
        ]
    )


def schemas(contract: dict[str, Any]) -> str:
    """Return the module with what the generated code does not check: schemas for a validator.

    A module, not a data file: tools that freeze applications take modules along by themselves.
    """
    components = contract["components"]
    by_name = {each["name"]: each["schema"] for each in components["parameters"].values()}
    for body in components["requestBodies"].values():
        reference = body["content"]["application/json"]["schema"]
        for name, schema in resolved(contract, reference).get("properties", {}).items():
            by_name.setdefault(name, resolved(contract, schema))
    return (
        '"""The contract\'s schemas, for a validator to read without YAML."""\n\n'
        "from typing import Any\n\n"
        "# The schema of each parameter, and of each property of a request's body, by its name.\n"
        f"PARAMETERS: dict[str, Any] = {by_name!r}\n\n"
        "# All others, where references look for them.\n"
        f"COMPONENTS: dict[str, Any] = { ({'schemas': components['schemas']})!r}\n"
    )


def resolved(contract: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what it refers to in place of the reference."""
    if "$ref" not in schema:
        return schema
    target: Any = contract
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def files(package: Path) -> dict[str, bytes]:
    """Return the content of every file of the package, by its path inside."""
    return {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(kept: Path, fresh: Path) -> list[str]:
    """Return one line for each file that is missing, surplus or different in `kept`."""
    old, new = files(kept), files(fresh)
    kinds = {
        "missing": new.keys() - old.keys(),
        "not generated": old.keys() - new.keys(),
        "different": {name for name in old.keys() & new.keys() if old[name] != new[name]},
    }
    return sorted(f"{name}: {kind}" for kind, names in kinds.items() for name in names)


def report(lines: list[str]) -> int:
    """Say what differs and what to do about it; return the exit code."""
    if not lines:
        print("generated/ is what the contract generates, to the byte")
        return 0
    print("\n".join(lines), file=sys.stderr)
    print(
        f"{len(lines)} files of generated/ are not what the contract generates:"
        " run `nox -s regenerate` and commit the result",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
