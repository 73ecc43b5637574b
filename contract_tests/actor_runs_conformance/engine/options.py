"""The options of `actor-runs check-server`: one table, a field of `Options` an option.

A new option is a field here and the place that uses it; `nox -s docs` renders the table of the guide
(`docs/check-your-server.md`) from here. A test finds what the command that repeats a check leaves out.
"""

from __future__ import annotations

import shlex
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.checks.properties.amounts import cases_of
from actor_runs_conformance.engine import shared_options
from actor_runs_conformance.engine.option_table import (
    AMOUNT,
    KNOWN,
    OUTPUT,
    TARGET,
    new_file,
    option,
    read_name,
    read_names,
    whole_number,
    words_of,
)
from actor_runs_conformance.engine.plan import RUNS
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.names import meant
from actor_runs_conformance.target.target import Target, base_url
from actor_runs_conformance.testkit.registry import Profile
from actor_runs_conformance.testkit.shard import WHOLE, Shard, read_shard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.ledger.promise import Promise, Scope


def read_token(text: str) -> str:
    """Read a token; the error does not show it."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("the token holds a blank or another character that no header can carry")
    return text


def read_profile(text: str) -> Profile:
    """Read the name of a profile."""
    for profile in Profile:
        if str(profile) == text:
            return profile
    raise ValueError(f"{text!r} is not a profile; there are: {', '.join(map(str, Profile))}")


def read_promises(text: str) -> tuple[str, ...]:
    """Read names of promises with commas between them: ids, patterns of ids, operations."""
    found = read_names(text, checks=ledger.by_check())
    for name in found:
        if not about_servers(name):
            raise ValueError(f"{name!r} is a rule for clients; no server is judged by it")
    return found


def read_ca_file(text: str) -> Path:
    """Read the path of a file of certificates, and make sure that it holds some."""
    try:
        ssl.create_default_context(cafile=text)
    except OSError as error:
        why = (
            "it holds no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        )
        raise ValueError(f"{text!r}: {why}") from None
    return Path(text)


def about_servers(name: str) -> list[str]:
    """Return the ids that a name stands for and that a server can be judged by."""
    return [one for one in meant(name) if not ledger.by_id()[one].for_clients]


@frozen
class Options:
    """What the user asked for, checked."""

    url: str | None = option(
        None,
        TARGET,
        "the server: what stands before /v2 in its addresses",
        metavar="URL",
        read=base_url,
    )
    reference: bool = option(
        "--reference",
        TARGET,
        "start the reference server on a free port, check it, and stop it",
        default=False,
    )
    task: str | None = option(
        "--task",
        TARGET,
        "a task (id or user~task) whose Actor is the fixture Actor",
        metavar="USER~TASK",
        read=read_name,
    )
    short_task: str | None = option(
        "--short-task",
        TARGET,
        "where the fixture Actor cannot be hosted: a task that succeeds within 2 minutes",
        metavar="USER~TASK",
        read=read_name,
    )
    long_task: str | None = option(
        "--long-task",
        TARGET,
        "likewise: a task that works at least 90 s",
        metavar="USER~TASK",
        read=read_name,
    )
    actor: str | None = option(
        "--actor",
        TARGET,
        "the task's Actor by name, where the target has no Get Actor; without --task, the fixture "
        "Actor itself: runs are started by it, for set-up only, where the target has no tasks",
        metavar="USER~ACTOR",
        read=read_name,
    )
    run: str | None = option(
        "--run",
        TARGET,
        "a run to read, for --profile read-only",
        metavar="ID",
        read=read_name,
    )
    token: str | None = option(
        "--token",
        TARGET,
        "the token; APIFY_TOKEN in the environment is the safer place for it",
        metavar="T",
        read=read_token,
        variable="APIFY_TOKEN",
        secret=True,
    )
    second_token: str | None = option(
        None,
        TARGET,
        "the token of a second account, for promises about strangers",
        read=read_token,
        variable="APIFY_SECOND_TOKEN",
        secret=True,
    )
    ca_file: Path | None = option(
        "--ca-file",
        TARGET,
        "certificates to trust besides the usual ones, for a target behind a private authority",
        metavar="FILE.pem",
        read=read_ca_file,
    )
    profile: Profile = option(
        "--profile",
        AMOUNT,
        "how much may be done to the target: read-only, safe, full (the default) or thorough",
        metavar="NAME",
        read=read_profile,
        default=Profile.FULL,
    )
    scope: Scope = shared_options.SCOPE
    as_of: str | None = shared_options.AS_OF
    max_runs: int | None = option(
        "--max-runs",
        AMOUNT,
        f"start at most N runs, whatever happens (default: {RUNS[Profile.SAFE]} for safe, "
        f"{RUNS[Profile.FULL]} for full, {RUNS[Profile.THOROUGH]} for thorough)",
        metavar="N",
        read=whole_number(0),
    )
    only: tuple[str, ...] = shared_options.only("RBT-02,ABT-*,getRun", read_promises)
    rerun: Path | None = shared_options.rerun("without a URL, on the same target")
    fail_fast: bool = shared_options.FAIL_FAST
    seed: int = option(
        "--seed",
        AMOUNT,
        "the seed of the generated cases (default: 1); the same seed sends the same requests",
        metavar="N",
        read=whole_number(0),
        default=1,
    )
    workers: int = option(
        "--workers",
        AMOUNT,
        "processes that generate cases (default: 2)",
        metavar="N",
        read=whole_number(1),
        default=2,
    )
    cases: int | None = option(
        "--cases",
        AMOUNT,
        f"draw N generated cases at random (default: {cases_of(Profile.FULL)} in the full profile); "
        "runs that --max-runs leaves are started by them",
        metavar="N",
        read=whole_number(1),
    )
    shard: Shard = option(
        "--shard",
        AMOUNT,
        "share I of N of the generated cases; the first share has everything else too; "
        "`actor-runs merge` puts the reports together",
        metavar="I/N",
        read=read_shard,
        default=WHOLE,
    )
    target_file: Path | None = option(
        "--target",
        KNOWN,
        "promises, operations, fields and capabilities that it does not support, with reasons",
        metavar="FILE.toml",
        read=Path,
    )
    expected_file: Path | None = shared_options.EXPECTED
    strict: bool = shared_options.STRICT
    report: Path | None = shared_options.REPORT
    json: bool = shared_options.JSON

    listing: bool = option(
        "--list",
        OUTPUT,
        "print what would be judged, by which checks, at what cost; send nothing",
        default=False,
        unrepeated="it sends nothing",
        command_only="`ServerCheck.plan` has what would be done",
    )
    write_expected: Path | None = shared_options.WRITE_EXPECTED
    write_target: Path | None = option(
        "--write-target",
        OUTPUT,
        "write what is not offered or not kept today, for --target to begin with",
        metavar="NEW.toml",
        read=new_file,
        unrepeated="the file exists by then",
        command_only="the result has what is not offered",
    )

    @property
    def target(self) -> Target:
        """The server under test; its URL is empty until `--reference` has started one."""
        return Target(
            self.url or "",
            self.token,
            self.second_token,
            self.task,
            self.short_task,
            self.long_task,
            self.run,
            self.actor,
            self.ca_file,
        )

    @property
    def promises(self) -> Mapping[str, Promise]:
        """Every promise by id, as of the version of the ledger that `--as-of` names."""
        promised = ledger.as_of(self.as_of) if self.as_of else ledger.load()
        return {promise.id: promise for promise in promised}

    @property
    def selected(self) -> frozenset[str]:
        """The ids that `--only` names; empty when every promise is to be judged."""
        return frozenset(name for given in self.only for name in about_servers(given))

    @property
    def checks(self) -> Mapping[str, frozenset[str]]:
        """The checks that `--only ID@CHECK` names, by id; an id that is named alone is left out."""
        named: dict[str, set[str]] = {}
        alone: set[str] = set()
        for given in self.only:
            _, _, check = given.partition("@")
            for name in about_servers(given):
                if check:
                    named.setdefault(name, set()).add(check)
                else:
                    alone.add(name)
        return {name: frozenset(found) for name, found in named.items() if name not in alone}

    @property
    def run_limit(self) -> int:
        """How many runs may be started: `--max-runs`, or else what the profile allows."""
        if self.profile is Profile.READ_ONLY or self.max_runs is None:
            return RUNS[self.profile]
        return self.max_runs


def repeat(options: Options, *, only: str | None = None) -> str:
    """Return the command line that makes the same check again, or judges one promise alone."""
    return shlex.join(["actor-runs", "check-server", *words_of(options, only=only)])
