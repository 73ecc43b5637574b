"""Where the token goes, how long anything may take, and what is logged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import subprocess
import sys
import threading
import traceback

import aiohttp
import httpx
import pytest

from actor_runs import AsyncClient, Client, Retries, errors
from actor_runs._httpx_bridge import ByHttpx
from actor_runs._transports import environment_proxy, failure
from tests.support.client_wire import CALLS, ROOT, RUN_ID, TOKEN, Caller, answer, example, success

KINDS = pytest.mark.parametrize("kind", [Client, AsyncClient])


def made(kind, *args, **kwargs) -> str:
    """Make a client and return what it shows of itself."""
    client = kind(*args, **kwargs)
    shown = repr(client)
    if kind is Client:
        client.close()
    else:
        asyncio.run(client.aclose())
    return shown


@KINDS
def test_repr_has_no_token(kind):
    """A client shows its settings, and no token."""
    shown = made(kind, TOKEN, base_url="http://127.0.0.1:1/")
    assert shown.startswith(f"{kind.__name__}(base_url='http://127.0.0.1:1', http_timeout_secs=30")
    assert TOKEN not in shown


def bearer(kind, **settings) -> str | None:
    client = kind(**settings)
    client.close() if kind is Client else asyncio.run(client.aclose())
    return client._token


@KINDS
def test_settings_come_from_the_environment(kind, monkeypatch):
    """APIFY_TOKEN and APIFY_API_BASE_URL stand in; arguments win; an empty token is none."""
    assert "base_url='https://api.apify.com'" in made(kind)
    monkeypatch.setenv("APIFY_TOKEN", TOKEN)
    monkeypatch.setenv("APIFY_API_BASE_URL", "http://127.0.0.1:2")
    assert "base_url='http://127.0.0.1:2'" in made(kind)
    assert "base_url='http://127.0.0.1:3'" in made(kind, base_url="http://127.0.0.1:3")
    assert [
        bearer(kind),
        bearer(kind, token=""),
        bearer(kind, token="other"),
    ] == [TOKEN, None, "other"]
    monkeypatch.setenv("APIFY_TOKEN", "")
    assert bearer(kind) is None


@KINDS
@pytest.mark.parametrize("token", ["a b", "a\nb", "tok\r\nX: y", "é", "\x7f", " "])
def test_token_that_no_header_can_carry_is_refused(kind, token):
    """Such a token raises when the client is made, and is not shown."""
    with pytest.raises(errors.InvalidArgumentError) as caught:
        kind(token)
    assert token not in str(caught.value).replace(" ", "") or token == " "


@KINDS
@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("api.apify.com", "expected http(s)://"),
        ("ftp://api.apify.com", "expected http(s)://"),
        ("https://", "expected http(s)://"),
        ("http:///path", "expected http(s)://"),
        ("http://a\nb", "expected http(s)://"),
        ("http://[::1", "expected http(s)://"),
        ("http://a..b", "expected http(s)://"),
        ("http://127.0.0.1:99999", "expected http(s)://"),
        ("https://api.apify.com/v2", "give what stands before /v2"),
        ("https://api.apify.com/v2/", "give what stands before /v2"),
        ("https://me:secret@api.apify.com", "leave it out"),
        ("https://api.apify.com?token=secret", "leave it out"),
        ("https://api.apify.com#secret", "leave it out"),
        ("https://api.apify.com#", "leave it out"),
        ("https://api.apify.com?", "leave it out"),
        ("https://api.apify.com ", "expected http(s)://"),
        ("https://api.apify.com/a b", "expected http(s)://"),
    ],
)
def test_base_url_that_cannot_work_is_refused(kind, url, text):
    """A base URL that is none, or holds secrets, raises when the client is made."""
    with pytest.raises(errors.InvalidArgumentError, match=re.escape(text)) as caught:
        kind(TOKEN, base_url=url)
    assert "secret" not in str(caught.value)


@KINDS
@pytest.mark.parametrize("secs", [0, -1, 1e10, float("inf"), float("nan"), "30", True, None])
def test_http_timeout_has_to_be_a_time(kind, secs):
    """Without an end, or before its beginning, no request can time out."""
    with pytest.raises(errors.InvalidArgumentError, match="expected a number above 0"):
        kind(TOKEN, http_timeout_secs=secs)


@KINDS
@pytest.mark.parametrize("setting", [{"retries": 5}, {"base_url": 5}, {"token": 5}])
def test_setting_of_a_wrong_type_is_refused(kind, setting):
    """A setting that is of no type that it can have raises when the client is made."""
    with pytest.raises(errors.InvalidArgumentError, match=f"{next(iter(setting))} is .*: expected"):
        kind(**setting)


def test_base_url_may_have_a_path(connect, serve):
    """What stands before /v2 may be more than a host."""
    server = serve()
    connect(f"{server.url}/proxy/").get_run("x")
    assert server.requests[0].split()[1] == b"/proxy/v2/actor-runs/x"


def test_cookies_are_not_kept(connect, serve):
    """What one answer sets is not sent with the next request; the answer itself shows it."""
    server = serve(answer(200, example(), "Set-Cookie: session=secret; Path=/"))
    caller = connect(server.url)
    first, _ = caller.get_run(RUN_ID), caller.get_run(RUN_ID)
    assert first.response.headers["set-cookie"].startswith("session=secret")
    assert b"secret" not in b"".join(server.requests)


def test_answer_knows_its_request_and_how_long_it_took(connect, serve):
    """`run.response` has the request that it answers, and the time between."""

    def late(connection, request):
        threading.Event().wait(0.1)
        connection.sendall(success(request))

    response = connect(serve(late).url).get_run("x").response
    assert (response.request.method, response.request.url.path) == ("GET", "/v2/actor-runs/x")
    assert 0.1 <= response.elapsed.total_seconds() < 5


def test_without_a_token_none_is_sent(connect, serve):
    """A client without a token sends no Authorization."""
    server = serve()
    connect(server.url, token=None).get_run("x")
    assert b"authorization" not in server.requests[0].lower()


def test_token_is_not_in_what_remains(connect, serve):
    """After the call neither the run's response nor an error's request has the token."""
    server = serve(None, answer(404, b"{}"))
    caller = connect(server.url)
    run = caller.get_run("x")
    assert TOKEN not in str(run.response.request.headers.raw) + repr(run)
    with pytest.raises(errors.NotFoundError) as caught:
        caller.get_run("x")
    assert TOKEN not in str(caught.value.response.request.headers.raw)


def hang_up(connection, request):
    connection.close()


def silent(connection, request):
    threading.Event().wait(1)


ECHOING = [
    answer(404, TOKEN.encode()),
    answer(200, TOKEN.encode()),
    f"HTTP/1.1 200 OK\r\nBearer {TOKEN}\r\n\r\n".encode(),
    f"HTTP/1.1 Bearer {TOKEN}\r\n\r\n".encode(),
    f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode(),
]


@pytest.mark.parametrize("step", [*ECHOING, hang_up, silent])
def test_token_is_in_no_traceback(step, connect, serve):
    """What a crash prints has no token, also where all variables of our frames are printed."""
    once = Retries(deadline_secs=0)
    caller = connect(serve(step).url, retries=once, http_timeout_secs=0.5)
    with pytest.raises(errors.ExchangeError) as caught:
        caller.get_run("x")
    frames = caught.value.__traceback__
    while not frames.tb_frame.f_code.co_filename.endswith("actor_runs/_session.py"):
        frames = frames.tb_next
    whole = traceback.TracebackException(caught.type, caught.value, frames, capture_locals=True)
    printed = "".join([*traceback.format_exception(caught.value), *whole.format()])
    assert "exchange = Exchange(" in printed
    assert TOKEN not in printed


@pytest.mark.parametrize("step", [None, *ECHOING[:2], hang_up, silent])
def test_token_is_in_no_log(step, connect, serve, caplog):
    """What is logged, here and by the libraries below, has no token."""
    once = Retries(deadline_secs=0)
    with caplog.at_level(logging.DEBUG), contextlib.suppress(errors.ExchangeError):
        connect(serve(step).url, retries=once, http_timeout_secs=0.5).get_run("x")
    assert "actor_runs" in caplog.text
    assert TOKEN not in caplog.text


def test_decode_errors_do_not_show_a_token(connect, serve):
    """A token inside a malformed body is not shown by the error."""
    body = (
        success(b"")
        .partition(b"\r\n\r\n")[2]
        .replace(b'"exitCode": 0', f'"exitCode": "{TOKEN}"'.encode())
    )
    with pytest.raises(errors.DecodeError) as caught:
        connect(serve(answer(200, body)).url).get_run("x")
    assert TOKEN not in f"{caught.value}{caught.value!r}{caught.value.message}"
    assert (caught.value.pointer, caught.value.value) == ("/data/exitCode", "<token>")


# What stands where an object is expected, and what the error keeps of it.
ECHOES = {
    "deep": (
        [{TOKEN: [f"a {TOKEN} b", 1, None]}, [[TOKEN]]],
        [{"<token>": ["a <token> b", 1, None]}, [["<token>"]]],
    ),
    "nothing to hide": ([{"a": ["b", 1.5, True]}], [{"a": ["b", 1.5, True]}]),
}


@pytest.mark.parametrize("case", ECHOES)
def test_decode_errors_keep_no_token(case, connect, serve):
    """The value that an error keeps has no token in any string or key, and is else as it came."""
    given, kept = ECHOES[case]
    with pytest.raises(errors.DecodeError) as caught:
        connect(serve(answer(200, {"data": given})).url).get_run("x")
    assert (caught.value.pointer, caught.value.value) == ("/data", kept)
    assert TOKEN not in str(caught.value)


def test_decode_errors_keep_no_token_of_what_is_no_json(connect, serve):
    """The beginning of a body that is no JSON is kept without the token."""
    with pytest.raises(errors.DecodeError) as caught:
        connect(serve(answer(200, b"\xff " + TOKEN.encode())).url).get_run("x")
    assert caught.value.value == "\\xff <token>"


def test_decode_errors_cut_no_token(connect, serve):
    """A token that stands where a long body is cut is hidden before the cut."""
    for before in range(150, 310, 7):
        with pytest.raises(errors.DecodeError) as caught:
            connect(serve(answer(200, b"x" * before + TOKEN.encode() + b"tail")).url).get_run("x")
        assert TOKEN[:6] not in str(caught.value) + repr(caught.value.value)


def test_decode_errors_keep_what_is_deep(connect, serve):
    """A value of many levels is redacted, too."""
    deep = b'{"data": ' + b"[" * 400 + f'"{TOKEN}"'.encode() + b"]" * 400 + b"}"
    with pytest.raises(errors.DecodeError) as caught:
        connect(serve(answer(200, deep)).url).get_run("x")
    assert "<token>" in repr(caught.value.value)
    assert TOKEN not in repr(caught.value.value)


def test_log_says_what_was_sent_and_what_came(connect, serve, caplog):
    """The logger `actor_runs` has method, path, status, attempt and milliseconds."""
    caller = connect(serve(answer(429, b""), None).url)
    with caplog.at_level(logging.DEBUG, "actor_runs"):
        caller.get_run("abc", server_wait_secs=1)
    first, second = (r.getMessage() for r in caplog.records if r.name == "actor_runs")
    assert re.fullmatch(r"GET /v2/actor-runs/abc: 429, attempt 1, \d+ ms", first)
    assert re.fullmatch(r"GET /v2/actor-runs/abc: 200, attempt 2, \d+ ms", second)


def test_log_is_off_by_default(serve):
    """Nothing is printed unless logging is set up, also where something fails."""
    code = (
        "import actor_runs, sys\n"
        "with actor_runs.Client(base_url=sys.argv[1]) as client:\n"
        "    client.get_run('x')\n"
    )
    command = [sys.executable, "-c", code, serve(answer(429, b""), None).url]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (result.stdout, result.stderr) == ("", "")


@KINDS
def test_http_timeout_is_longer_than_the_servers_wait(kind):
    """By default HTTP may take 30 seconds more than the server is asked to wait."""
    sent = []

    def answered(request):
        sent.append(request)
        return httpx.Response(200, json=example())

    caller = Caller(kind, TOKEN, transport=httpx.MockTransport(answered))
    for wait in (0, 60):
        caller.get_run(RUN_ID, server_wait_secs=wait)
        assert {
            **dict.fromkeys(("read", "write", "pool"), wait + 30),
            "connect": 10,
        } == sent[-1].extensions["timeout"]
    caller.close()


def test_transport_may_have_read_the_answer(connect):
    """A transport of one's own may read a streamed body itself, for instance to log it."""
    body = json.dumps(example()).encode()

    def whole(request):
        response = httpx.Response(200, content=iter([body[:9], body[9:]]))
        response.read()
        return response

    caller = connect("http://127.0.0.1:1", transport=httpx.MockTransport(whole))
    assert caller.get_run(RUN_ID).id


@pytest.mark.parametrize("method", ["get_run", "run_task"])
def test_slow_answer_within_the_servers_wait_is_no_timeout(method, connect, serve):
    """The server may take as long as it was asked to, beyond the HTTP timeout."""

    def late(connection, request):
        threading.Event().wait(0.8)
        connection.sendall(success(request))

    caller = connect(serve(late).url, http_timeout_secs=0.4)
    assert getattr(caller, method)(*CALLS[method], server_wait_secs=2).id


# What a client is told about each of httpx's own failures.
FAILURES = {
    httpx.ConnectError: errors.NotConnectedError,
    httpx.ConnectTimeout: errors.NotConnectedError,
    httpx.PoolTimeout: errors.NotConnectedError,
    httpx.ReadTimeout: errors.HttpTimeoutError,
    httpx.WriteTimeout: errors.HttpTimeoutError,
    httpx.ReadError: errors.ConnectionLostError,
    httpx.WriteError: errors.ConnectionLostError,
    httpx.CloseError: errors.ConnectionLostError,
    httpx.RemoteProtocolError: errors.ConnectionLostError,
    httpx.LocalProtocolError: errors.ConnectionLostError,
    httpx.ProxyError: errors.NotConnectedError,
    httpx.UnsupportedProtocol: errors.ConnectionLostError,
    httpx.TooManyRedirects: errors.ConnectionLostError,
    httpx.DecodingError: errors.ConnectionLostError,
}


def leaves(kind):
    children = kind.__subclasses__()
    return {leaf for child in children for leaf in leaves(child)} if children else {kind}


def test_every_error_of_httpx_is_mapped():
    """Each request error that httpx has is in the table, and means what the table says."""
    ours = {kind for kind in leaves(httpx.RequestError) if kind.__module__ == "httpx"}
    assert ours == set(FAILURES)
    kinds = {kind: failure(kind("x"), ByHttpx.unsent, ByHttpx.slow).kind for kind in FAILURES}
    assert kinds == FAILURES


def test_every_error_of_aiohttp_is_mapped():
    """Each client error of aiohttp has a meaning; only connecting counts as unsent."""
    from actor_runs._aiohttp_transport import Aio

    unsent = {kind.__name__ for kind in leaves(aiohttp.ClientError) if issubclass(kind, Aio.unsent)}
    assert {
        "ClientConnectorCertificateError",
        "ClientConnectorDNSError",
        "ClientConnectorSSLError",
        "ClientHttpProxyError",
        "ClientProxyConnectionError",
        "ConnectionTimeoutError",
        "UnixClientConnectorError",
    } == unsent


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy:1"}, "http://proxy:1"),
        ({"http_proxy": "http://proxy:1"}, None),
        ({"all_proxy": "http://proxy:2"}, "http://proxy:2"),
        ({"https_proxy": "proxy:1"}, "http://proxy:1"),
        ({"https_proxy": "http://proxy:1", "no_proxy": "apify.com"}, None),
        ({"https_proxy": "http://proxy:1", "no_proxy": "api.apify.com:8443"}, None),
        ({"https_proxy": "http://proxy:1", "no_proxy": "api.apify.com:1"}, "http://proxy:1"),
    ],
)
def test_proxy_comes_from_the_environment(environment, expected, monkeypatch):
    """The usual variables name the proxy of both clients."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expected == environment_proxy("https://api.apify.com:8443")


@KINDS
@pytest.mark.parametrize("proxy", ["socks5://{}127.0.0.1:1", "http://{}h:99999", "{}h:x"])
def test_proxy_that_no_client_can_use_is_refused(kind, proxy, monkeypatch):
    """A proxy of another kind, or one that is no URL, is named without its password."""
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.setenv("all_proxy", proxy.format("me:pa55word@"))
    shown = re.escape(proxy.format("").removeprefix("http://"))
    with pytest.raises(errors.InvalidArgumentError, match=f"{shown}: expected http") as caught:
        kind(TOKEN)
    assert "pa55word" not in str(caught.value)


def test_request_goes_through_the_proxy(connect, serve, monkeypatch):
    """With a proxy in the environment, the proxy gets the request."""
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    proxy = serve()
    monkeypatch.setenv("http_proxy", proxy.url)
    connect("http://server.invalid").get_run("x")
    assert proxy.requests[0].split()[1] == b"http://server.invalid/v2/actor-runs/x"


def test_certificate_is_verified(connect, tls, trust):
    """A server whose authority is not known gets no request; once it is known, it gets one."""
    url, authority, received = tls
    once = Retries(deadline_secs=0)
    with pytest.raises(errors.NotConnectedError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(url, retries=once).get_run("x")
    assert received == []
    trust(authority)
    assert connect(url, retries=once).get_run("x").id
    assert len(received) == 1


def test_async_client_belongs_to_one_event_loop(serve):
    """A second loop is refused with the way out, before anything hangs."""
    server = serve()
    client = AsyncClient(TOKEN, base_url=server.url)
    with asyncio.Runner() as first:
        assert first.run(client.get_run("x")).id
        with asyncio.Runner() as second, pytest.raises(RuntimeError, match="make one for each"):
            second.run(client.get_run("x"))
        first.run(client.aclose())
    assert len(server.requests) == 1


def test_closed_client_says_so(connect, serve):
    """Calling a closed client is a RuntimeError at once."""
    caller = connect(serve().url)
    caller.close() if caller._runner is None else caller._runner.run(caller.client.aclose())
    with pytest.raises(RuntimeError, match="closed"):
        caller.get_run("x")


def test_cancelled_call_ends_at_once(serve):
    """Cancelling a task that waits on a server does not wait for the server."""

    def silent(connection, request):
        threading.Event().wait(5)

    async def cancel():
        async with AsyncClient(TOKEN, base_url=serve(silent).url) as client:
            started = asyncio.get_running_loop().time()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await client.get_run("x", server_wait_secs=5)
            return asyncio.get_running_loop().time() - started

    assert asyncio.run(cancel()) < 2


def test_import_takes_nothing_that_is_not_needed():
    """Importing the client loads neither aiohttp nor the validator; they come with their use."""
    code = "import actor_runs, sys; print(*({'aiohttp', 'jsonschema_rs'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.strip() == ""


def test_overrides_are_thin():
    """The hand-written client has 17 lines of code for an operation and 1,089 for all of them.

    Texts and blank lines do not count.
    """
    import ast

    lines = 0
    for path in (ROOT / "overrides" / "actor_runs").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        texts = set()
        for node in ast.walk(ast.parse(source)):
            body = getattr(node, "body", None)
            first = body[0] if isinstance(body, list) and body else None
            text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if text:
                texts |= set(range(first.lineno, first.end_lineno + 1))
        lines += sum(
            1
            for number, line in enumerate(source.splitlines(), 1)
            if line.strip() and not line.strip().startswith("#") and number not in texts
        )
    assert lines <= 1089 + 17 * len(CALLS)
