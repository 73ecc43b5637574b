"""The suite agrees with a second implementation that shares nothing with the reference server."""

import ast
from pathlib import Path

import pytest

from tests.support.checking import command
from tests.support.second_server import __file__ as second_server
from tests.support.targets import second

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.mark.long
def test_second_server_is_conformant(tmp_path):
    """It ends with exit code 0; what it does against a should promise on purpose is warned of."""
    with second() as target:
        checked = command(target, report=tmp_path)
    assert checked.exit_code == 0, checked.output
    assert checked.errors == []
    assert checked.with_verdict("failed") == set()
    assert checked.with_verdict("warned") == {"BDY-02", "GET-07"}


def test_second_server_is_small_and_independent():
    """It has under 400 lines and imports nothing of this project."""
    source = Path(second_server).read_text()
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert len(source.splitlines()) < 400
    assert {name for name in imported if name.startswith("actor_runs")} == set()
