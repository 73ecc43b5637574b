"""What the options of check-server must say together, and what the environment says in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.engine.option_table import Value, table
from actor_runs_conformance.engine.options import Options
from actor_runs_conformance.testkit.registry import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping


def from_environment(
    values: Mapping[str, Value], environment: Mapping[str, str]
) -> dict[str, Value]:
    """Return what environment variables give of the options that have no value.

    The tokens that they hold are another server's where the reference server is checked.

    Raises:
        ValueError: a variable holds what its option cannot be; the message does not show it.
    """
    found: dict[str, Value] = {}
    if values.get("reference"):
        return found
    for name, row, _ in table(Options):
        if row.variable and not values.get(name) and environment.get(row.variable):
            try:
                found[name] = row.read(environment[row.variable])
            except ValueError as error:
                raise ValueError(f"{row.variable}: {error}") from None
    return found


def contradiction(options: Options) -> str | None:
    """Return what is missing or makes no sense together, with what to give instead."""
    if options.listing:
        return None
    if options.reference:
        return "--reference checks a server of its own; leave the URL out" if options.url else None
    if options.url is None:
        return "give the URL of the server, what stands before /v2; or --reference"
    if options.profile is Profile.READ_ONLY:
        if options.run is None:
            return "--profile read-only starts nothing; name a run to read with --run ID"
        return None
    if options.run is not None:
        return "--run belongs to --profile read-only; the other profiles start their own runs"
    if not options.token:
        return "starting runs needs a token; set APIFY_TOKEN (or give --token)"
    if options.task is None and options.short_task is None and options.actor is None:
        return (
            "name the task that runs the fixture Actor with --task USER~TASK; where there are no "
            "tasks, name the Actor with --actor USER~ACTOR; where the fixture Actor cannot be "
            "hosted, give --short-task and --long-task"
        )
    return None
