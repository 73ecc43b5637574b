"""Connections that end, hang or lead through a proxy, and what both clients make of them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from actor_runs import AsyncClient, Client, Retries, errors
from tests.support.client_wire import CALLS, STARTS, TOKEN, Caller, answer, hang_up, reset, success

ONCE = Retries(deadline_secs=0)


def answering_then(end):
    """Answer, and end the connection a moment later."""

    def step(connection, request):
        connection.sendall(success(request))
        time.sleep(0.05)
        end(connection, request)

    return step


@pytest.mark.parametrize("ending", [hang_up, reset])
@pytest.mark.parametrize("method", sorted(STARTS))
def test_connection_that_was_closed_while_idle_is_not_used(method, ending, connect, serve):
    """A start goes by a new connection where the server closed the old one long ago."""
    server = serve(answering_then(ending))
    caller = connect(server.url, retries=ONCE)
    for _ in range(3):
        assert getattr(caller, method)(*CALLS[method]).id
        time.sleep(0.2)  # The event loop sees nothing in the meantime.
    assert (len(server.requests), server.connections) == (3, 3)


def test_tls_connection_that_was_closed_while_idle_is_not_used(connect, tls, trust):
    """By TLS it is the same."""
    url, authority, received = tls
    trust(authority)
    caller = connect(url, retries=ONCE)
    for _ in range(3):
        assert caller.run_task("a~b").id
        time.sleep(0.2)
    assert len(received) == 3


def test_connecting_that_hangs_has_sent_nothing(connect):
    """A TLS handshake without an answer is no timeout of a request that may have been seen."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        caller = connect(
            f"https://127.0.0.1:{silent.getsockname()[1]}", retries=ONCE, http_timeout_secs=0.5
        )
        with pytest.raises(errors.NotConnectedError):
            caller.run_task("a~b")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_closing_ends_the_attempts(kind, serve):
    """A call that is under way when its client is closed sends nothing more."""
    caller = Caller(kind, TOKEN, retries=Retries(first_delay_secs=0.3))

    def close_and_fail(connection, request):
        # From the other side, while the call waits for its answer.
        caller.client._sender.closed = True
        connection.sendall(answer(500, b""))

    server = serve(close_and_fail)
    caller.client.base_url = server.url
    with pytest.raises(RuntimeError, match="closed"):
        caller.get_run("x")
    caller.close()
    assert len(server.requests) == 1


def test_refusal_before_the_whole_request_was_read_is_heard(connect):
    """A server that refuses a large body without reading it is a refusal, not a lost connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer(413, b"{}", "Connection: close"))
                time.sleep(0.3)

        thread = threading.Thread(target=refuse)
        thread.start()
        caller = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", retries=ONCE)
        with pytest.raises(errors.ApiError) as caught:
            caller.run_task("a~b", {"x": "y" * 20_000_000})
        thread.join()
    assert caught.value.status == 413


def test_long_header_is_read(connect, serve):
    """A header of some kilobytes, as for a content security policy, costs no answer."""
    head = f"Content-Security-Policy: {'a' * 30_000}"
    server = serve(answer(201, success(b"").partition(b"\r\n\r\n")[2], head))
    assert connect(server.url, retries=ONCE).run_task("a~b").id


@pytest.mark.parametrize("status", [407, 502])
def test_refusal_of_a_proxy_has_sent_nothing(status, connect, serve, monkeypatch):
    """Where a proxy refuses to connect, the target has got nothing, and no password is shown."""
    proxy = serve(answer(status, b""))
    monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//me:pa55word@"))
    caller = connect("https://server.invalid", retries=ONCE)
    with pytest.raises(errors.NotConnectedError) as caught:
        caller.run_task("a~b")
    assert "pa55word" not in str(caught.value) + repr(caught.value)
    assert proxy.requests[0].startswith(b"CONNECT server.invalid:443")


def test_starts_share_a_connection_that_is_open(serve):
    """Looking for closed connections makes no new ones where the old ones are open."""

    async def starts(url):
        async with AsyncClient(TOKEN, base_url=url) as client:
            for _ in range(50):
                await client.run_task("a~b")

    server = serve()
    asyncio.run(starts(server.url))
    assert (len(server.requests), server.connections) == (50, 1)
