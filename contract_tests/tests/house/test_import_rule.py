"""Who may import whom: spec <- generated <- overrides; spec <- conformance; spec <- server."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

ROOMS = {
    "actor_runs_spec": "spec/actor_runs_spec",
    "actor_runs_api": "generated/actor_runs_api",
    "actor_runs": "overrides/actor_runs",
    "actor_runs_conformance": "contract_tests/actor_runs_conformance",
    "actor_runs_server": "contract_tests/actor_runs_server",
    "fixture_actor": "contract_tests/fixture_actor",
}
MAY_IMPORT = {
    "actor_runs_spec": set(),
    "actor_runs_api": {"actor_runs_spec"},
    "actor_runs": {"actor_runs_api", "actor_runs_spec"},
    "actor_runs_conformance": {"actor_runs_spec"},
    "actor_runs_server": {"actor_runs_spec"},
    "fixture_actor": set(),
}


def imported(source: str) -> set[str]:
    """Return the top names that a module imports, by statement or by `import_module("name")`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.name.split(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module.split(".")[0])
            case ast.Call(
                func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]
            ):
                names.add(name.split(".")[0])
    return names


def forbidden(room: str, source: str) -> set[str]:
    """Return the rooms that this source of a room imports and may not."""
    return (imported(source) & set(ROOMS)) - MAY_IMPORT[room] - {room}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room):
    """Every import of another room follows the rule."""
    files = sorted((ROOT / ROOMS[room]).rglob("*.py"))
    assert files, f"{ROOMS[room]} holds no Python file"
    broken = {
        str(file.relative_to(ROOT)): found
        for file in files
        if (found := forbidden(room, file.read_text(encoding="utf-8")))
    }
    assert broken == {}, "a room may import only what lies below it; MAY_IMPORT above is the rule"


@pytest.mark.parametrize(
    ("room", "source", "found"),
    [
        ("actor_runs_conformance", "import actor_runs_server.http.app", {"actor_runs_server"}),
        ("actor_runs_conformance", "def f():\n    from actor_runs import Client", {"actor_runs"}),
        (
            "actor_runs_server",
            "import importlib\nimportlib.import_module('actor_runs')",
            {"actor_runs"},
        ),
        ("actor_runs", "from actor_runs_api.models import Run", set()),
        ("actor_runs_spec", "import actor_runs_api", {"actor_runs_api"}),
    ],
)
def test_the_rule_sees_each_way_to_import(room, source, found):
    """A statement, a nested statement and a call are all seen."""
    assert forbidden(room, source) == found
