"""The options of `actor-runs check-client`, a field an option, as those of check-server."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.clients.example_drivers import read_new_driver
from actor_runs_conformance.engine import shared_options
from actor_runs_conformance.engine.option_table import (
    AMOUNT,
    OUTPUT,
    option,
    read_names,
    table,
    words_of,
)
from actor_runs_conformance.engine.options import Options
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.names import meant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from actor_runs_conformance.ledger.promise import Promise, Scope

PROFILES = ("quick", "full")


def read_client_profile(text: str) -> str:
    """Read the name of a profile."""
    if text not in PROFILES:
        raise ValueError(f"{text!r} is not a profile; there are: {', '.join(PROFILES)}")
    return text


def read_client_promises(text: str) -> tuple[str, ...]:
    """Read names of promises that a situation of a client shows."""
    found = read_names(text)
    for name in found:
        if not about_clients(name):
            raise ValueError(f"{name!r} is shown by no situation of a client")
    return found


def about_clients(name: str) -> list[str]:
    """Return the ids that a name stands for and that a client can be judged by."""
    return [found for found in meant(name) if ledger.by_id()[found].client.situation is not None]


@frozen
class ClientOptions:
    """What the user asked for, checked; `command` starts the driver."""

    command: tuple[str, ...] = option(
        None, AMOUNT, "the driver's command", default=(), unrepeated="it stands after --"
    )
    profile: str = option(
        "--profile",
        AMOUNT,
        "quick leaves out what takes longer than 20 s; full (the default) takes up to 95 s",
        metavar="NAME",
        read=read_client_profile,
        default="full",
    )
    scope: Scope = shared_options.SCOPE
    as_of: str | None = shared_options.AS_OF
    only: tuple[str, ...] = shared_options.only("CLI-02,TSK-*", read_client_promises)
    rerun: Path | None = shared_options.rerun("without a command, with the same driver")
    fail_fast: bool = shared_options.FAIL_FAST
    expected_file: Path | None = shared_options.EXPECTED
    strict: bool = shared_options.STRICT
    report: Path | None = shared_options.REPORT
    json: bool = shared_options.JSON
    write_expected: Path | None = shared_options.WRITE_EXPECTED
    write_driver: Path | None = option(
        "--write-driver",
        OUTPUT,
        "write a driver to begin with, in Python, JavaScript or shell by how its name ends: .py, "
        ".mjs or .sh; nothing is checked",
        metavar="NEW",
        read=read_new_driver,
        unrepeated="the file exists by then",
    )

    @property
    def promises(self) -> Mapping[str, Promise]:
        """Every promise by id, as of the version of the ledger that `--as-of` names."""
        promised = ledger.as_of(self.as_of) if self.as_of else ledger.load()
        return {promise.id: promise for promise in promised}


NO_TARGET = "the suite stands in for the server, so there is no target to describe"
NOTHING_DRAWN = "the situations are always the same, and nothing is drawn at random"
WHY_NOT = {
    "--seed": NOTHING_DRAWN,
    "--workers": NOTHING_DRAWN,
    "--cases": NOTHING_DRAWN,
    "--list": "`actor-runs promises ID` tells which situation judges a promise",
    "--shard": "the situations run side by side, and take as long as the longest one",
}


def refused(flag: str) -> str | None:
    """Return why an option of check-server makes no sense for a client; None for any other word."""
    mine = {row.flag for _, row, _ in table(ClientOptions)}
    servers = {row.flag for _, row, _ in table(Options) if row.flag}
    if flag in mine or flag not in servers:
        return None
    return f"{flag} is an option of check-server: {WHY_NOT.get(flag, NO_TARGET)}"


def selected(options: ClientOptions) -> frozenset[str]:
    """Return the ids to judge: those that `--only` names, or all that clients can be judged by."""
    return frozenset(found for name in options.only or ("*",) for found in about_clients(name))


def repeat_client(options: ClientOptions, *, only: str | None = None) -> str:
    """Return the command line that makes the same check again, or judges one promise alone."""
    words = ["actor-runs", "check-client", *words_of(options, only=only)]
    return shlex.join([*words, "--", *options.command])
