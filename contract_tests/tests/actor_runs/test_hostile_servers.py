"""What servers and networks do wrong, and what each operation makes of it."""

from __future__ import annotations

import contextlib
import functools
import logging
import socket
import time
import zlib
from email.utils import formatdate

import httpx
import pytest

from actor_runs import AsyncClient, Client, Retries, errors
from actor_runs._aiohttp_transport import Aio
from tests.support.client_wire import (
    CALLS,
    RUN_ID,
    STARTS,
    TOKEN,
    Scripted,
    answer,
    example,
    hang_up,
    reset,
    success,
)

OK = "ok"


def reset_at_once(connection: socket.socket, request: bytes) -> None:
    reset(connection, request)


reset_at_once.before_request = True


def say(*pieces: bytes, pause: float = 0.0):
    """Send these bytes one after another, with pauses, then hang up."""

    def step(connection: socket.socket, request: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        hang_up(connection, request)

    return step


def too_slow(connection: socket.socket, request: bytes) -> None:
    time.sleep(0.4)
    hang_up(connection, request)


def whole(request: bytes, content: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return the documented success status with another body."""
    status = 201 if request.startswith(b"POST /v2/actor-tasks/") else 200
    return answer(status, content, *headers, length=length)


def body(content: bytes, *headers: str, length: int | None = None):
    def step(connection: socket.socket, request: bytes) -> None:
        connection.sendall(whole(request, content, *headers, length=length))

    return step


def endless(head: bytes, more: bytes):
    """Begin an answer, and go on until the client hangs up."""

    def step(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(more * (65536 // len(more)))

    return step


def body_without_end(connection: socket.socket, request: bytes) -> None:
    status = b"201" if b"/v2/actor-tasks/" in request else b"200"
    endless(b"HTTP/1.1 " + status + b" OK\r\nConnection: close\r\n\r\n", b"x")(connection, request)


def packed(*codings: str, cut: int = 0):
    """Answer with the documented success, packed like this, less its last bytes."""

    def step(connection: socket.socket, request: bytes) -> None:
        content = success(request).partition(b"\r\n\r\n")[2]
        for coding in codings:
            packer = zlib.compressobj(wbits={"gzip": 31, "deflate": 15, "raw": -15}[coding])
            content = packer.compress(content) + packer.flush()
        names = ", ".join("deflate" if coding == "raw" else coding for coding in codings)
        content = content[: len(content) - cut]
        connection.sendall(whole(request, content, f"Content-Encoding: {names}"))

    return step


def bomb() -> bytes:
    """Return some kilobytes that unpack twice to 2 GB."""
    packer = zlib.compressobj(9, wbits=31)
    once = b"".join([*(packer.compress(bytes(10**7)) for _ in range(200)), packer.flush()])
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(once) + packer.flush()


BOMB = bomb()


def later(secs: float) -> str:
    return formatdate(time.time() + secs, usegmt=True)


def huge() -> bytes:
    run = success(b"")
    return run.partition(b"\r\n\r\n")[2].replace(b"Actor is running", b"x" * 10_000_000)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = success(b"").partition(b"\r\n\r\n")[2]
LOST, TIMEOUT, DECODE = (
    errors.ConnectionLostError,
    errors.HttpTimeoutError,
    errors.DecodeError,
)

# name: first answer, then all is well; what comes of it, how many requests arrive.
# Each of the two is (get, update, abort) and (run task, reboot).
TABLE = {
    "reset after the request": (reset, (OK, LOST), (2, 1)),
    "hung up without an answer": (hang_up, (OK, LOST), (2, 1)),
    "truncated": (say(answer(200, WHOLE[:99], length=len(WHOLE))), (OK, LOST), (2, 1)),
    "truncated head": (say(b"HTTP/1.1 200 OK\r\nContent-Le"), (OK, LOST), (2, 1)),
    "broken chunks": (say(CHUNKED + b"zz\r\n"), (OK, LOST), (2, 1)),
    "a chunk shorter than nothing": (say(CHUNKED + b"-5\r\nxx"), (OK, LOST), (2, 1)),
    "a chunk without an end": (endless(CHUNKED + b"-1\r\n", b"x"), (OK, LOST), (2, 1)),
    "an announcement before": (
        lambda c, r: c.sendall(
            b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
            + success(r)
        ),
        (OK, OK),
        (1, 1),
    ),
    "a head without an end": (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), (OK, LOST), (2, 1)),
    "a header without an end": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"y"), (OK, LOST), (2, 1)),
    "402, cut": (
        say(answer(402, b'{"error": {"type": "actor-memory', length=99)),
        (errors.PaymentRequiredError,) * 2,
        (1, 1),
    ),
    "429, cut": (say(answer(429, b"{", length=99)), (OK, OK), (2, 2)),
    "500, cut": (say(answer(500, b"{", length=99)), (OK, errors.ServerError), (2, 1)),
    "404, without an end": (
        endless(b"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n", b"x"),
        (errors.NotFoundError,) * 2,
        (1, 1),
    ),
    "a body without an end": (body_without_end, (DECODE, DECODE), (1, 1)),
    "gzip": (packed("gzip"), (OK, OK), (1, 1)),
    "gzip in gzip": (packed("gzip", "gzip"), (OK, OK), (1, 1)),
    "deflate": (packed("deflate"), (OK, OK), (1, 1)),
    "raw deflate": (packed("raw"), (OK, OK), (1, 1)),
    "gzip, cut": (packed("gzip", cut=9), (DECODE, DECODE), (1, 1)),
    "gigabytes in gzip in gzip": (
        body(BOMB, "Content-Encoding: gzip, gzip"),
        (DECODE,) * 2,
        (1, 1),
    ),
    "packed nine times": (packed(*["gzip"] * 9), (DECODE, DECODE), (1, 1)),
    "an encoding that nobody asked for": (
        body(WHOLE, "Content-Encoding: br"),
        (DECODE,) * 2,
        (1, 1),
    ),
    "no HTTP": (say(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), (OK, LOST), (2, 1)),
    "slow": (too_slow, (OK, TIMEOUT), (2, 1)),
    "dripping": (
        say(*[bytes([byte]) for byte in answer(200, WHOLE)], pause=0.004),
        (OK, TIMEOUT),
        (2, 1),
    ),
    "500": (
        answer(500, {"error": {"type": "internal-server-error", "message": "Oops"}}),
        (OK, errors.ServerError),
        (2, 1),
    ),
    "502 page": (
        answer(502, b"<html>Bad gateway</html>", "Content-Type: text/html"),
        (OK, errors.ServerError),
        (2, 1),
    ),
    "403 in an encoding of no text": (
        answer(403, b"<html>", "Content-Type: text/html; charset=hex"),
        (errors.ForbiddenError, errors.ForbiddenError),
        (1, 1),
    ),
    "503 with Retry-After": (answer(503, b"", "Retry-After: 0"), (OK, errors.ServerError), (2, 1)),
    "520": (answer(520, b""), (OK, errors.ServerError), (2, 1)),
    "429": (
        answer(429, {"error": {"type": "rate-limit-exceeded", "message": "Slower"}}),
        (OK, OK),
        (2, 2),
    ),
    "429 page": (answer(429, b"<html>", "Content-Type: text/html"), (OK, OK), (2, 2)),
    "429 with seconds": (answer(429, b"", "Retry-After: 0.05"), (OK, OK), (2, 2)),
    "429 with a date": (
        lambda c, r: c.sendall(answer(429, b"", f"Retry-After: {later(0)}")),
        (OK, OK),
        (2, 2),
    ),
    "429 until tomorrow": (
        lambda c, r: c.sendall(answer(429, b"", f"Retry-After: {later(86400)}")),
        (errors.RateLimitError,) * 2,
        (1, 1),
    ),
    "429 with a zone beyond numbers": (
        answer(429, b"", f"Retry-After: Mon, 01 Jan 2024 00:00:00 +{'9' * 30}"),
        (OK, OK),
        (2, 2),
    ),
    "429 with nonsense": (answer(429, b"", "Retry-After: soon"), (OK, OK), (2, 2)),
    "wrong length": (body(WHOLE, length=100), (DECODE, DECODE), (1, 1)),
    "gzip that is none": (body(WHOLE, "Content-Encoding: gzip"), (DECODE, DECODE), (1, 1)),
    "no UTF-8": (body(WHOLE.replace(b"Actor is", b"\xff\xfe")), (DECODE, DECODE), (1, 1)),
    "NaN": (body(WHOLE.replace(b"0.2654", b"NaN")), (DECODE, DECODE), (1, 1)),
    "a number beyond all floats": (
        body(WHOLE.replace(b"0.2654", b"1e999")),
        (DECODE, DECODE),
        (1, 1),
    ),
    "an integer of 5,000 digits": (
        body(WHOLE.replace(b'"exitCode": 0', b'"exitCode": ' + b"9" * 5000)),
        (DECODE, DECODE),
        (1, 1),
    ),
    "half a surrogate": (
        body(WHOLE.replace(b"Actor is", b"\\ud800")),
        (OK, OK),
        (1, 1),
    ),
    "deep nesting": (body(b"[" * 100_000), (DECODE, DECODE), (1, 1)),
    "deep nesting in a new key": (
        body(WHOLE.replace(b'"exitCode": 0', b'"new": ' + b"[" * 500 + b"]" * 500)),
        (OK, OK),
        (1, 1),
    ),
    "10 MB": (lambda c, r: c.sendall(whole(r, huge())), (OK, OK), (1, 1)),
    "200 with HTML": (body(b"<html>", "Content-Type: text/html"), (DECODE, DECODE), (1, 1)),
    "an empty body": (body(b""), (DECODE, DECODE), (1, 1)),
    "truncated JSON": (body(WHOLE[:-2]), (DECODE, DECODE), (1, 1)),
    "an array": (body(b"[]"), (DECODE, DECODE), (1, 1)),
    "no data": (body(b"{}"), (DECODE, DECODE), (1, 1)),
    "data null": (body(b'{"data": null}'), (DECODE, DECODE), (1, 1)),
    "204": (answer(204, b""), (errors.UnexpectedStatusError,) * 2, (1, 1)),
    "226": (answer(226, WHOLE), (errors.UnexpectedStatusError,) * 2, (1, 1)),
    "404 page": (
        answer(404, b"<html>Nothing</html>", "Content-Type: text/html"),
        (errors.NotFoundError,) * 2,
        (1, 1),
    ),
    "an error without a type": (
        answer(400, {"error": "no"}),
        (errors.InvalidRequestError,) * 2,
        (1, 1),
    ),
    "418": (answer(418, b""), (errors.ApiError,) * 2, (1, 1)),
}


# The one exception, as `errors.ConnectionLostError` says. aiohttp takes surplus bytes for an answer
# that nobody asked for and drops what came with them. http.client and httpx never look at them.
ASYNC = {"wrong length": (TABLE["wrong length"][0], (OK, LOST), (2, 1))}


def chain(error: BaseException | None):
    """Yield an error and all that it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("case", TABLE)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_hostile_answer_has_its_outcome(case, method, connect, serve):
    """Each operation ends as the table says, and sends as many requests as it says."""
    slow = case in {"slow", "dripping"}
    server = serve(TABLE[case][0], None)
    caller = connect(server.url, http_timeout_secs=0.2 if slow else 10)
    is_aiohttp = isinstance(caller.client, AsyncClient) and isinstance(caller.client.transport, Aio)
    _, outcomes, counts = (ASYNC if is_aiohttp else TABLE).get(case, TABLE[case])
    expected, count = outcomes[method in STARTS], counts[method in STARTS]
    if expected is OK:
        assert example()["data"]["id"] == getattr(caller, method)(*CALLS[method]).id
    else:
        with pytest.raises(errors.ExchangeError) as caught:
            getattr(caller, method)(*CALLS[method])
        assert expected is type(caught.value)
        assert all(TOKEN not in f"{error} {error!r} {error.args}" for error in chain(caught.value))
    assert count == len(server.requests)


@pytest.mark.parametrize("method", ["get_run", "run_task"])
@pytest.mark.parametrize("case", TABLE)
def test_hostile_answer_has_the_same_outcome_by_httpx(case, method, connect, serve):
    """By transports of httpx it is the same."""
    kind = connect("http://127.0.0.1:1").client.__class__
    transport = httpx.HTTPTransport() if kind is Client else httpx.AsyncHTTPTransport()
    test_hostile_answer_has_its_outcome(
        case, method, functools.partial(connect, transport=transport), serve
    )


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_reset_before_the_request_starts_nothing_twice(method, connect, serve):
    """Whether the reset is noticed while connecting or sending, one request arrives at most."""
    server = serve(reset_at_once, None)
    try:
        getattr(connect(server.url), method)(*CALLS[method])
    except LOST:
        assert method in STARTS
        assert len(server.requests) == 0
    else:
        assert len(server.requests) == 1


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_refused_connection_is_tried_again_by_every_operation(method, connect, caplog):
    """Nobody there is NotConnectedError, after attempts that no server can have seen."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    caller = connect(url, retries=Retries(first_delay_secs=0.01, deadline_secs=0.2))
    with caplog.at_level(logging.DEBUG, "actor_runs"), pytest.raises(errors.NotConnectedError):
        getattr(caller, method)(*CALLS[method])
    assert "attempt 2" in caplog.text


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_redirect_is_not_followed(status, method, connect, serve):
    """A redirect is an error; the other host gets no request, and so no token."""
    elsewhere: Scripted = serve()
    server = serve(answer(status, b"", f"Location: {elsewhere.url}/v2/actor-runs/x"))
    with pytest.raises(errors.UnexpectedStatusError, match="redirects are not followed"):
        getattr(connect(server.url), method)(*CALLS[method])
    assert (len(server.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_token_that_a_server_echoes_is_not_shown(method, connect, serve, caplog):
    """A token in a refusal is replaced in message, type, repr and log."""
    refusal = {"error": {"type": f"bad-{TOKEN}", "message": f"Token {TOKEN} is not valid"}}
    server = serve(answer(401, refusal))
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.UnauthorizedError) as caught:
        getattr(connect(server.url), method)(*CALLS[method])
    error = caught.value
    assert error.message == "Token <token> is not valid"
    assert TOKEN not in f"{error}{error!r}{error.args}{error.type}{caplog.text}"


@pytest.mark.parametrize("method", sorted(STARTS))
def test_repeat_starts_repeats_them(method, connect, serve):
    """Who asks for it gets starts repeated, too."""
    server = serve(hang_up, None)
    caller = connect(server.url, retries=Retries(first_delay_secs=0.01, repeat_starts=True))
    getattr(caller, method)(*CALLS[method])
    assert len(server.requests) == 2


def test_rest_of_a_wrong_length_does_not_reach_the_next_answer(connect, serve):
    """Bytes beyond an answer's length are not taken for the next answer."""
    server = serve(body(WHOLE, length=100), None)
    caller = connect(server.url)
    with contextlib.suppress(errors.ExchangeError):
        caller.get_run(RUN_ID)
    assert caller.get_run(RUN_ID).id == RUN_ID


def test_wait_that_a_date_asks_for_is_kept(connect, serve):
    """`Retry-After` as a date is waited for."""
    server = serve(lambda c, r: c.sendall(answer(429, b"", f"Retry-After: {later(2)}")), None)
    connect(server.url).get_run("x")
    assert server.times[1] - server.times[0] > 0.9
