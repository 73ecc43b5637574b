"""The options of `actor-runs check-client`, a field an option, as those of check-server."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.engine import shared_options
from actor_runs_conformance.engine.option_table import (
    AMOUNT,
    option,
    read_names,
    words_of,
)
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.names import meant

if TYPE_CHECKING:
    from pathlib import Path

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
        "quick leaves out what takes longer than 20 s; full (the default) takes about 100 s",
        metavar="NAME",
        read=read_client_profile,
        default="full",
    )
    only: tuple[str, ...] = shared_options.only("CLI-02,TSK-*", read_client_promises)
    expected_file: Path | None = shared_options.EXPECTED
    strict: bool = shared_options.STRICT
    report: Path | None = shared_options.REPORT
    json: bool = shared_options.JSON


def selected(options: ClientOptions) -> frozenset[str]:
    """Return the ids to judge: those that `--only` names, or all that clients can be judged by."""
    return frozenset(found for name in options.only or ("*",) for found in about_clients(name))


def repeat_client(options: ClientOptions, *, only: str | None = None) -> str:
    """Return the command line that makes the same check again, or judges one promise alone."""
    words = ["actor-runs", "check-client", *words_of(options, only=only)]
    return shlex.join([*words, "--", *options.command])
