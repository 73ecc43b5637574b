"""The plugin's options: those of `actor-runs check-server`, with a prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pytest

PREFIX = "--actor-runs-"


class Flag(NamedTuple):
    """An option: its name without the prefix, the name of its value (None for a switch), its help."""

    option: str
    metavar: str | None
    help: str

    @property
    def keyword(self) -> str:
        """The keyword of the library that it is."""
        return self.option.replace("-", "_")

    @property
    def dest(self) -> str:
        """Where pytest keeps its value."""
        return f"actor_runs_{self.keyword}"


FLAGS = (
    Flag("url", "URL", "the server, what stands before /v2: makes every promise a test of it"),
    Flag("reference", None, "judge the reference server instead, to try it out"),
    Flag("task", "USER~TASK", "a task (id or user~task) whose Actor is the fixture Actor"),
    Flag("short-task", "USER~TASK", "without the fixture Actor: a task that succeeds in 2 minutes"),
    Flag("long-task", "USER~TASK", "likewise: a task that works at least 90 s"),
    Flag("actor", "USER~ACTOR", "the task's Actor by name; alone: the fixture Actor itself"),
    Flag("run", "ID", "a run to read, for the profile read-only"),
    Flag("ca-file", "FILE.pem", "certificates to trust besides the usual ones"),
    Flag("profile", "NAME", "how much may be done: read-only, safe, full (default) or thorough"),
    Flag("scope", "NAME", "whose broken promises fail: documents (default) or platform"),
    Flag("as-of", "VERSION", "judge only what that version of the ledger promised"),
    Flag("max-runs", "N", "start at most N runs, all workers together"),
    Flag("seed", "N", "the seed of the generated requests (default: 1)"),
    Flag("cases", "N", "draw N generated requests at random"),
    Flag("shard", "I/N", "share I of N of the generated requests; the first has all else, too"),
    Flag("workers", "N", "processes that generate requests (default: 2)"),
    Flag("target", "FILE.toml", "what the server does not support, with reasons: skipped"),
    Flag("expected", "FILE.toml", "known deviations: xfail; a stale or expired one fails"),
    Flag("strict", None, "a broken should promise fails, too"),
    Flag("report", "DIR", "write events.jsonl and every report rendered from it"),
)

FAIL_NOT_EXERCISED = Flag(
    "fail-not-exercised",
    None,
    "a must promise fails, too, that could not be exercised though it had to be",
)
"""An option of pytest alone: for the command it is the exit code 3."""

NO_FLAGS = {
    "token": "APIFY_TOKEN has it: what is typed can be read by others",
    "second_token": "APIFY_SECOND_TOKEN has it",
    "only": "tests are selected by -k, -m and their ids",
    "fail_fast": "-x is for that",
}
"""Keywords of the library that are no options of the plugin, each with the reason."""


def typed(config: pytest.Config) -> list[str]:
    """Return the options that stand on the command line, not in a file or the environment."""
    words = (str(word) for word in config.invocation_params.args)
    return [word.partition("=")[0] for word in words if word.startswith(PREFIX)]
