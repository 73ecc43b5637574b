"""The pytest plugin: with `--actor-runs-url URL` every promise is a test of that server.

It is loaded with every pytest, so it loads nothing before it is asked for.
"""

from __future__ import annotations

import pytest

from actor_runs_conformance.pytest_plugin.flags import FAIL_NOT_EXERCISED, FLAGS, PREFIX, typed


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    group = parser.getgroup("actor-runs", "actor-runs: judge a server of the Actor-run API")
    for flag in (*FLAGS, FAIL_NOT_EXERCISED):
        action = "store" if flag.metavar else "store_true"
        more = {"metavar": flag.metavar} if flag.metavar else {}
        group.addoption(PREFIX + flag.option, dest=flag.dest, action=action, help=flag.help, **more)


def pytest_configure(config: pytest.Config) -> None:
    """Make the promises tests, where a server is named."""
    if config.getoption("help") or config.getoption("version"):
        return
    # An empty URL, as of a variable that is not set, is refused below.
    named = config.getoption("actor_runs_url") is not None
    if named or config.getoption("actor_runs_reference"):
        try:
            from actor_runs_conformance.pytest_plugin.plugin import register
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("actor_runs"):
                raise
            raise pytest.UsageError(
                f"actor-runs: {error.name!r} is not installed; "
                "run: pip install 'actor-runs[conformance]'"
            ) from None
        register(config)
        return
    if words := typed(config):
        raise pytest.UsageError(
            f"{words[0]}: no server is named; give {PREFIX}url URL, or "
            f"{PREFIX}reference to try it out"
        )
