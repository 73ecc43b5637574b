"""A pytest plugin: the fixture `actor_runs_server`, a reference server of one's own.

It is loaded with every pytest, so it loads nothing before a test asks for the fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actor_runs_server.testing import TestServer


@pytest.fixture(scope="session")
def actor_runs_session() -> Iterator[TestServer]:
    """One server for all tests."""
    from actor_runs_server.testing import running

    with running() as server:
        yield server


@pytest.fixture
def actor_runs_server(actor_runs_session: TestServer) -> TestServer:
    """The server, empty at the start of each test."""
    actor_runs_session.reset()
    return actor_runs_session
