"""The options of a client: what its calls share, its headers, and whom it trusts."""

from __future__ import annotations

import httpx
import pytest

from actor_runs import AsyncClient, Client, Retries, errors
from tests.support.client_wire import (
    RUN_ID,
    TOKEN,
    hang_up,
)


def test_options_hold_for_the_calls_of_their_client(connect, serve):
    """`with_options` changes timeout, retries and headers, and shares the connections."""
    server = serve(None, hang_up, None)
    caller = connect(server.url)
    run = caller._runner.run if caller._runner else lambda call: call
    run(caller.client.get_run(RUN_ID))
    once = caller.client.with_options(
        http_timeout_secs=3, retries=Retries(deadline_secs=0), headers={"X-Trace": "a1"}
    )
    with pytest.raises(errors.ConnectionLostError):
        run(once.get_run(RUN_ID))
    assert (once.http_timeout_secs, caller.client.http_timeout_secs) == (3, 5)
    run(caller.client.get_run(RUN_ID))
    assert [b"x-trace: a1" in request.lower() for request in server.requests] == [0, 1, 0]
    assert server.connections == 2
    with pytest.raises(errors.InvalidArgumentError, match="http_timeout_secs is 0"):
        caller.client.with_options(http_timeout_secs=0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "x"},
        {"Host": "x"},
        {"Content-Length": "1"},
        {"X Y": "z"},
        {"X": "a\r\nY: b"},
        {"X": "é"},
        {"X": 5},
        [("X", "y")],
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers, connect):
    """A header that every request has, or that would be two, is refused when the client is made."""
    with pytest.raises(errors.InvalidArgumentError, match="headers is"):
        connect("http://127.0.0.1:1", headers=headers)


def test_private_authority_is_trusted(connect, tls):
    """`ca_file` names the authorities to trust, and them alone."""
    url, authority, received = tls
    caller = connect(url, ca_file=str(authority), retries=Retries(deadline_secs=0))
    assert caller.get_run(RUN_ID).id == RUN_ID
    assert len(received) == 1


@pytest.mark.parametrize("name", ["ca_file", "SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_authorities_that_are_not_there_are_named(name, kind, monkeypatch, tmp_path):
    """A file or folder that does not exist is an error with its name, when the client is made."""
    place = str(tmp_path / "nowhere.pem")
    settings = {"ca_file": place} if name == "ca_file" else {}
    for each in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(each, raising=False)
    if not settings:
        monkeypatch.setenv(name, place)
    with pytest.raises(errors.InvalidArgumentError, match=f"{name} is .*nowhere.pem"):
        kind(TOKEN, **settings)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_transport_that_is_none_is_refused(kind):
    """What is no transport of httpx is refused when the client is made, and shown."""
    with (
        httpx.Client() as wrong,
        pytest.raises(
            errors.InvalidArgumentError,
            match=r"transport is .*Client.*expected a transport of httpx",
        ),
    ):
        kind(TOKEN, transport=wrong)


def test_closing_the_client_of_options_closes_both(serve):
    """Clients that share connections are closed together, and say so."""
    client = Client(TOKEN, base_url=serve().url)
    with client.with_options(http_timeout_secs=1) as other:
        assert other.get_run("x").id == "x"
    with pytest.raises(errors.ClientStateError, match="closed"):
        client.get_run("x")
