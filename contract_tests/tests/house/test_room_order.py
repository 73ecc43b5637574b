"""Inside a package: a folder imports only folders to its left, and no modules import in a circle."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# The folders of each package from left to right. Folders of one group do not import each other.
# Modules beside the folders stand for themselves; all others, such as `__main__`, come last.
ORDER = {
    "contract_tests/actor_runs_server": (
        ("api_error", "clock"),
        ("config", "processes"),
        ("records",),
        ("webhooks", "storages"),
        ("runs",),
        ("http",),
        ("admin", "endpoints"),
        ("app", "testing"),
    ),
    "contract_tests/actor_runs_conformance": (
        ("ledger",),
        ("http", "target"),
        ("events", "results"),
        ("testkit", "report"),
        ("checks", "clients"),
        ("engine", "plain_schemathesis"),
        ("library",),
        ("cli", "pytest_plugin"),
    ),
}
LONGEST_CHAIN = 8


def imported(module: str, source: str) -> set[str]:
    """Return the dotted names that a module imports, typing imports and nested ones included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.name for alias in aliases)
            case ast.ImportFrom(module=str(start), level=0, names=aliases):
                names.update(f"{start}.{alias.name}" for alias in aliases)
            case ast.ImportFrom(level=level, module=start, names=aliases) if level:
                base = ".".join(module.split(".")[:-level] + ([start] if start else []))
                names.update(f"{base}.{alias.name}" for alias in aliases)
            case ast.Call(
                func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]
            ):
                names.add(name)
    return names


def modules(package: Path) -> dict[str, set[str]]:
    """Return the modules of a package, each with the modules of the same package it imports."""
    sources = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        sources[name] = (f"{name}.__init__" if parts[-1] == "__init__" else name, file.read_text())
    return {
        name: {
            # `from package.module import name` imports the module, not the name.
            target if target in sources else target.rpartition(".")[0]
            for target in imported(place, source)
        }
        & set(sources) - {name}
        for name, (place, source) in sources.items()
    }


def positions(order: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    return {room: position for position, group in enumerate(order) for room in group}


def room_of(module: str) -> str:
    """Return the folder of a module, or the module beside the folders; "" for the package."""
    return module.partition(".")[2].partition(".")[0]


def misdirected(
    graph: dict[str, set[str]], order: tuple[tuple[str, ...], ...]
) -> list[tuple[str, str]]:
    """Return each pair of importing and imported module whose folders are in the wrong order."""
    place = positions(order)
    return sorted(
        (module, target)
        for module, targets in graph.items()
        for target in targets
        if room_of(target) != room_of(module)
        and room_of(target)
        and place.get(room_of(target), len(order)) >= place.get(room_of(module), len(order))
    )


@pytest.fixture(params=ORDER)
def package(request):
    return ROOT / request.param, ORDER[request.param]


def test_a_folder_imports_only_folders_to_its_left(package):
    """Every import between folders follows the order, typing imports included."""
    folder, order = package
    assert misdirected(modules(folder), order) == [], (
        "the first module of each pair must not import the second. Move the shared code to a "
        "folder further left, or hand the value in as an argument or a callback; ORDER is the rule"
    )


def test_every_folder_has_a_place_in_the_order(package):
    """A new folder needs a place, and a place needs its folder."""
    folder, order = package
    rooms = {path.name for path in folder.iterdir() if (path / "__init__.py").exists()}
    named = set(positions(order))
    modules_beside = {path.stem for path in folder.glob("*.py")}
    assert rooms <= named, "give the new folder a place in ORDER"
    assert named <= rooms | modules_beside, "ORDER names a folder that does not exist"


def test_no_modules_import_in_a_circle(package):
    """Neither folders nor modules import each other in a circle."""
    folder, _ = package
    try:
        tuple(graphlib.TopologicalSorter(modules(folder)).static_order())
    except graphlib.CycleError as error:
        pytest.fail(
            f"a circle of imports: {' <- '.join(error.args[1])}. Move what both need into a "
            "module of its own, or hand it in as an argument"
        )


def test_the_order_is_short(package):
    """A reader passes at most eight folders from the last to the first."""
    assert len(package[1]) <= LONGEST_CHAIN


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import p.late.b", [("p.early.a", "p.late.b")]),
        ("from p.late import b", [("p.early.a", "p.late.b")]),
        ("from ..late.b import c", [("p.early.a", "p.late.b")]),
        ("if TYPE_CHECKING:\n    from p.late.b import C", [("p.early.a", "p.late.b")]),
        ("def f():\n    importlib.import_module('p.late.b')", [("p.early.a", "p.late.b")]),
        ("import p.main", [("p.early.a", "p.main")]),
        ("import p.early.other, p", []),
    ],
)
def test_the_rule_sees_each_way_to_import(tmp_path, source, found):
    """Absolute, relative, typing and nested imports are all seen."""
    for name in ("early", "late"):
        (tmp_path / "p" / name).mkdir(parents=True)
    for name in ("__init__", "main", "early/__init__", "early/other", "late/__init__", "late/b"):
        (tmp_path / "p" / f"{name}.py").write_text("")
    (tmp_path / "p/early/a.py").write_text(source)
    assert misdirected(modules(tmp_path / "p"), (("early",), ("late",))) == found


def test_a_circle_within_a_folder_is_found(tmp_path):
    """Two modules of one folder that import each other are a circle."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("from p import b")
    (folder / "b.py").write_text("from p.a import c")
    with pytest.raises(pytest.fail.Exception, match="circle of imports"):
        test_no_modules_import_in_a_circle((folder, ()))
