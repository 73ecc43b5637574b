"""`actor-runs schemathesis DIR`: what plain Schemathesis needs, written into a directory."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_spec import contract_path

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

NEXT = """\
Next: cd {directory}   # where st finds schemathesis.toml
      export ACTOR_RUNS_URL=… APIFY_TOKEN=… ACTOR_RUNS_TASK=user~task
      st run openapi.yaml
"""


def sources() -> tuple[Traversable, ...]:
    """Return the files that are written."""
    return (
        files("actor_runs_conformance") / "plain_schemathesis" / "schemathesis.toml",
        contract_path(),
    )


def main(arguments: list[str]) -> int:
    """Write the files; 2 when one of them is there already and differs, or cannot be written."""
    parser = Parser(
        prog="actor-runs schemathesis",
        description="Write schemathesis.toml and the contract, openapi.yaml, into a directory: with "
        "them `st run` and `@schema.parametrize()` test a server. It loads hooks from this package.",
    )
    parser.add_argument("directory", metavar="DIR", type=Path, help="made when it is not there")
    parser.add_argument("--force", action="store_true", help="replace files that differ")
    options = parser.parse_args(arguments)
    directory: Path = options.directory
    texts = {directory / source.name: source.read_text("utf-8") for source in sources()}
    try:
        for path, text in texts.items():
            if path.exists() and path.read_text("utf-8") != text and not options.force:
                why = "is there and differs; move it away, or replace it with --force"
                return refuse("schemathesis", f"{path} {why}")
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return refuse("schemathesis", f"{directory}: {error}")
    wrote = "".join(f"wrote {path}\n" for path in texts)
    return deliver("schemathesis", wrote + NEXT.format(directory=shlex.quote(str(directory))))
