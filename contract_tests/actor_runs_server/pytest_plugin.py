"""A pytest plugin: `pytest_plugins = ["actor_runs_server.pytest_plugin"]` gives `actor_runs_server`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actor_runs_server.testing import TestServer, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def actor_runs_session() -> Iterator[TestServer]:
    """One server for all tests."""
    with running() as server:
        yield server


@pytest.fixture
def actor_runs_server(actor_runs_session: TestServer) -> TestServer:
    """The server, empty at the start of each test."""
    actor_runs_session.reset()
    return actor_runs_session
