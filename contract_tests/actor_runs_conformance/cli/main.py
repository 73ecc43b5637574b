"""The `actor-runs` command: a table of subcommands, each loaded only when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from actor_runs_conformance.cli.output import adapt_to_console
from actor_runs_conformance.http.shortage import advice

USAGE = 2
INTERRUPTED = 130


class Command(NamedTuple):
    """A subcommand: the module whose `main(arguments)` runs it, its extra, and what it does."""

    module: str
    extra: str
    summary: str


# The server is named here and imported nowhere else: the suite speaks only HTTP with it.
COMMANDS = {
    "check-server": Command(
        "actor_runs_conformance.cli.check_server",
        "conformance",
        "judge a server: a verdict for every documented promise",
    ),
    "check-client": Command(
        "actor_runs_conformance.cli.check_client",
        "conformance",
        "judge a client, in any language, by its driver",
    ),
    "serve": Command("actor_runs_server.__main__", "server", "run the reference server"),
    "promises": Command(
        "actor_runs_conformance.cli.promises", "conformance", "read the ledger of promises"
    ),
    "report": Command(
        "actor_runs_conformance.cli.report",
        "conformance",
        "render every report again from a run's events.jsonl",
    ),
    "diff": Command(
        "actor_runs_conformance.cli.diff",
        "conformance",
        "what changed between two runs, by promise",
    ),
    "table": Command(
        "actor_runs_conformance.cli.table", "conformance", "several targets side by side"
    ),
    "merge": Command(
        "actor_runs_conformance.cli.merge",
        "conformance",
        "put the reports of several machines together",
    ),
    "schemathesis": Command(
        "actor_runs_conformance.cli.schemathesis",
        "conformance",
        "write what plain Schemathesis needs to test a server",
    ),
}


def usage() -> str:
    """Return the help text: one line a subcommand."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: actor-runs COMMAND [OPTIONS]",
            "",
            "The Actor-run API as one contract: test any server against it, promise by promise.",
            "",
            *lines,
            "",
            "`actor-runs COMMAND --help` tells more. `actor-runs --version` prints the version.",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand and return its exit code; 2 when it is unknown or not installed."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name == "help" and rest:
        name, rest = rest[0], ["--help"]
    if name in {"-h", "--help", "help"}:
        print(usage())
        return 0
    if name == "--version":
        print(f"actor-runs {version('actor-runs')}")
        return 0
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(COMMANDS)}"
        print(f"actor-runs: no command {name!r}; {hint}", file=sys.stderr)
        return USAGE
    adapt_to_console()
    try:
        return run(name, rest)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - 1 would say that a promise is broken
        print(f"actor-runs {name}: {failure(error)}", file=sys.stderr)
        return USAGE


def failure(error: Exception) -> str:
    """Return the sentence for a failure of our own: what it is, and where; or what there is too little of."""
    lacking = advice(error)
    if lacking is not None:
        return lacking
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"failed by itself, which says nothing about any target: {what} (at {where}); please report it"


def run(name: str, rest: list[str]) -> int:
    """Run a subcommand and return its exit code; 2 when it is not installed."""
    command = COMMANDS[name]
    try:
        module = importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0].startswith("actor_runs"):
            raise
        print(
            f"actor-runs {name}: {error.name!r} is not installed; "
            f"run: pip install 'actor-runs[{command.extra}]'",
            file=sys.stderr,
        )
        return USAGE
    code: int = module.main(rest)
    return code
