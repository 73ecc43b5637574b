"""The command line of `actor-runs check-server`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.engine.plan import RUNS
from actor_runs_conformance.target.target import Target, base_url
from actor_runs_conformance.testkit.registry import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "APIFY_TOKEN"  # noqa: S105 - the name of a variable
SECOND_TOKEN = "APIFY_SECOND_TOKEN"  # noqa: S105

EPILOG = """\
profiles:
  read-only  only GET, on the run that --run names; starts nothing
  safe       starts at most 12 runs; every must and should promise that they can show
  full       at most 40 runs, generated cases and a state machine (the default)

exit codes:
  0    conformant: no must promise is broken, and each one that has a check was exercised
  1    violated: a must promise is broken (with --strict: or a should promise)
  2    nothing was checked: usage, configuration, the target is not there, or the suite failed
  3    inconclusive: nothing is broken, but a must promise was not exercised
  130  interrupted; the runs that were started have been aborted

examples:
  actor-runs check-server --reference
  APIFY_TOKEN=... actor-runs check-server http://127.0.0.1:8000 --task me~fixture --report out
  actor-runs check-server http://127.0.0.1:8000 --task me~fixture --only RBT-02,GET-05
  actor-runs check-server http://127.0.0.1:8000 --profile read-only --run 3KH8gEpp4d8uQSe8T

The fixture Actor, the target file and the file of expected deviations are described in
docs/check-your-server.md in the project's source. The token appears in no output.
"""


@frozen
class Options:
    """What the user asked for, checked."""

    target: Target
    reference: bool = False
    profile: Profile = Profile.FULL
    seed: int = 1
    workers: int = 2
    max_runs: int = 40
    only: tuple[str, ...] = ()
    target_file: Path | None = None
    expected_file: Path | None = None
    report: Path | None = None
    strict: bool = False
    json: bool = False


def positive(text: str) -> int:
    """Read a whole number from 1 on, for argparse."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too small; the least is 1")
    return number


def natural(text: str) -> int:
    """Read a whole number from 0 on, for argparse."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is too small; the least is 0")
    return number


def parser() -> argparse.ArgumentParser:
    """Return the parser of the subcommand."""
    made = argparse.ArgumentParser(
        prog="actor-runs check-server",
        description="Judge a server: a verdict for every documented promise of the Actor-run API.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "url", nargs="?", metavar="URL", help="the server: what stands before /v2 in its addresses"
    )
    target = made.add_argument_group("the target")
    target.add_argument(
        "--reference",
        action="store_true",
        help="start the reference server on a free port, check it, and stop it",
    )
    target.add_argument(
        "--task",
        metavar="USER~TASK",
        help="a task (id or user~task) whose Actor is the fixture Actor",
    )
    target.add_argument(
        "--short-task",
        metavar="USER~TASK",
        help="where the fixture Actor cannot be hosted: a task that succeeds within 2 minutes",
    )
    target.add_argument(
        "--long-task", metavar="USER~TASK", help="likewise: a task that works at least 90 s"
    )
    target.add_argument(
        "--actor",
        metavar="USER~ACTOR",
        help="the task's Actor by name; needed where the target has no Get Actor",
    )
    target.add_argument("--run", metavar="ID", help="a run to read, for --profile read-only")
    target.add_argument(
        "--token",
        metavar="T",
        help=f"the token; better given by the environment variable {TOKEN}; that of a second "
        f"account, for promises about strangers, by {SECOND_TOKEN}",
    )
    work = made.add_argument_group("how much")
    work.add_argument(
        "--profile",
        choices=[str(profile) for profile in Profile],
        default="full",
        help="how much may be done to the target (default: full)",
    )
    work.add_argument(
        "--max-runs",
        type=natural,
        metavar="N",
        help="start at most N runs, whatever happens (default: 12 for safe, 40 for full)",
    )
    work.add_argument(
        "--only",
        metavar="ID,ID",
        action="append",
        default=[],
        help="judge only these promises, such as RBT-02",
    )
    work.add_argument(
        "--seed",
        type=natural,
        default=1,
        metavar="N",
        help="the seed of the generated cases (default: 1); the same seed sends the same requests",
    )
    work.add_argument(
        "--workers",
        type=positive,
        default=2,
        metavar="N",
        help="processes that generate cases (default: 2)",
    )
    said = made.add_argument_group("what is known of the target")
    said.add_argument(
        "--target",
        dest="target_file",
        type=Path,
        metavar="FILE.toml",
        help="promises, operations, fields and capabilities that it does not support, with reasons",
    )
    said.add_argument(
        "--expected",
        dest="expected_file",
        type=Path,
        metavar="FILE.toml",
        help="known deviations: they do not break the run; a stale or expired one does",
    )
    said.add_argument(
        "--strict", action="store_true", help="a broken should promise breaks the run too"
    )
    out = made.add_argument_group("what comes out")
    out.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="write events.jsonl and every report rendered from it",
    )
    out.add_argument(
        "--json", action="store_true", help="print the report as JSON instead of progress"
    )
    return made


def parse(arguments: list[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line; argparse exits with 2 and a sentence when it makes no sense.

    Raises:
        BadTargetError: the URL cannot be used.
    """
    made = parser()
    given = made.parse_args(arguments)
    profile = next(one for one in Profile if str(one) == given.profile)
    if given.reference and given.url:
        made.error("--reference checks a server of its own; leave the URL out")
    if not given.reference and not given.url:
        made.error("give the URL of the server, what stands before /v2; or --reference")
    for option in ("task", "short_task", "long_task", "actor", "run"):
        if getattr(given, option) == "":
            made.error(f"--{option.replace('_', '-')} is ''; give a name or id, or leave it out")
    only = tuple(one.strip() for part in given.only for one in part.split(",") if one.strip())
    if given.only and not only:
        made.error("--only is ''; give ids such as RBT-02, or leave it out to judge every promise")
    token = given.token or environment.get(TOKEN) or None
    for name, value in (("token", token), ("second token", environment.get(SECOND_TOKEN))):
        if value and (not value.isascii() or not value.isprintable() or " " in value):
            made.error(f"the {name} holds a blank or another character that no header can carry")
    if not given.reference:
        _check_completeness(made, given, profile, token)
    limit = RUNS[profile] if given.max_runs is None else given.max_runs
    return Options(
        target=Target(
            "" if given.reference else base_url(given.url),
            token,
            environment.get(SECOND_TOKEN) or None,
            given.task,
            given.short_task,
            given.long_task,
            given.run,
            given.actor,
        ),
        reference=given.reference,
        profile=profile,
        seed=given.seed,
        workers=given.workers,
        max_runs=0 if profile is Profile.READ_ONLY else limit,
        only=only,
        target_file=given.target_file,
        expected_file=given.expected_file,
        report=given.report,
        strict=given.strict,
        json=given.json,
    )


def _check_completeness(
    made: argparse.ArgumentParser, given: argparse.Namespace, profile: Profile, token: str | None
) -> None:
    if profile is Profile.READ_ONLY:
        if given.run is None:
            made.error("--profile read-only starts nothing; name a run to read with --run ID")
        return
    if given.run is not None:
        made.error("--run belongs to --profile read-only; the other profiles start their own runs")
    if token is None:
        made.error(f"starting runs needs a token; set {TOKEN} (or give --token)")
    if given.task is None and given.short_task is None:
        made.error(
            "name the task that runs the fixture Actor with --task USER~TASK; "
            "where that cannot be hosted, give --short-task and --long-task"
        )
