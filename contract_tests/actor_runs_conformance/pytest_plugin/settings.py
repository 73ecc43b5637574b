"""What pytest was asked, as the library takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from actor_runs_conformance.library.errors import ConfigurationError
from actor_runs_conformance.library.options import read_options
from actor_runs_conformance.library.server_check import ServerCheck
from actor_runs_conformance.pytest_plugin.flags import FLAGS, PREFIX

if TYPE_CHECKING:
    from actor_runs_conformance.engine.options import Options


WORDS = {" (or give --token)": "", " or --token": "", "--token or ": "", "--fail-fast": "-x"}
"""What the command says of options that are none of pytest's, and what is said here."""


def keywords(config: pytest.Config) -> dict[str, Any]:
    """Return the keywords of the library that pytest's options are; what can become JSON."""
    found = {flag.keyword: config.getoption(flag.dest) for flag in FLAGS}
    found = {name: value for name, value in found.items() if value not in {None, False}}
    if config.getoption("maxfail") == 1:
        found["fail_fast"] = True
    return found


def read(config: pytest.Config) -> Options:
    """Read pytest's options, and the files that they name.

    Raises:
        pytest.UsageError: they make no sense; nothing was sent.
    """
    try:
        options = read_options(keywords(config), spell=spelled)
        ServerCheck.prepare(options)
    except ConfigurationError as error:
        raise pytest.UsageError(f"actor-runs: {spelled(str(error))}") from None
    return options


def spelled(sentence: str) -> str:
    """Return a sentence about options of the command with those of pytest."""
    for words, here in WORDS.items():
        sentence = sentence.replace(words, here)
    if sentence.startswith("url: "):
        sentence = f"--{sentence}"
    return re.sub(r"(?<![\w-])--(?!actor-runs-)(?=[a-z])", PREFIX, sentence)
