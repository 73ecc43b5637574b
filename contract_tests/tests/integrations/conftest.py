"""What the pages of docs/ are executed with: their blocks, and the commands that they name."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.targets import reference

DOCS = Path(__file__).parents[3] / "docs"
COMMAND = """\
#!{python}
import sys
from actor_runs_conformance.cli.main import main
sys.exit(main())
"""


@pytest.fixture(scope="session")
def blocks():
    """Return the blocks of a page of docs/ in one language."""

    def blocks(page, language):
        text = (DOCS / page).read_text(encoding="utf-8")
        return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)

    return blocks


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """An environment in which `actor-runs` and what the suite needs are commands."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "actor-runs"
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)
    path = os.pathsep.join((str(folder), str(Path(sys.executable).parent), os.environ["PATH"]))
    roots = os.pathsep.join(str(Path(root).resolve()) for root in sys.path if root)
    return {**os.environ, "PATH": path, "PYTHONPATH": roots}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A reference server."""
    with reference(tmp_path_factory.mktemp("data")) as target:
        yield target
