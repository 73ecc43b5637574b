"""HTTP around the operations: methods, CORS, encodings, sizes, strange requests."""

import gzip
import json
import socket
import time
import zlib
from urllib.parse import urlsplit

import brotli
import pytest

LIMIT = 9_437_184
RUNS = "/v2/actor-runs/{run}"
NOT_ALLOWED = [
    # method, path, methods that are
    ("PATCH", RUNS, {"GET", "PUT", "HEAD", "OPTIONS", "DELETE"}),
    ("POST", RUNS, {"GET", "PUT", "HEAD", "OPTIONS", "DELETE"}),
    ("GET", RUNS + "/abort", {"POST", "OPTIONS"}),
    ("GET", RUNS + "/reboot", {"POST", "OPTIONS"}),
    ("DELETE", "/v2/actor-tasks/demo~fixture/runs", {"GET", "HEAD", "POST", "OPTIONS"}),
    ("GET", "/v2/acts/x/runs/{run}/abort", {"POST", "OPTIONS"}),
]
ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "identity": bytes,
    "GZIP": gzip.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
}
BROKEN = {"gzip": b"no", "deflate": b"no", "br": b"\xff\xff\xff"}
STRANGE = [
    b"GET /v2/actor-runs/%ZZ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/x?waitForFinish=%FF&%00=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/x?" + b"a=1&" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //v2//actor-runs HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://other/v2/actor-runs/x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v2/actor-tasks/demo~fixture/runs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"PUT /v2/actor-runs/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"PUT /v2/actor-runs/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"GET /v2/actor-runs/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\n\r\n",
    b"GET /v2/actor-runs/x HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eHg6eHg=\r\n\r\n",
    b"BREW /v2/actor-runs/x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/x/events HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/x?method=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v2/actor-runs/x?method= HTTP/1.1\r\nHost: x\r\n\r\n",
    b"garbage\r\n\r\n",
]


@pytest.mark.parametrize(("method", "path", "allowed"), NOT_ALLOWED)
def test_another_method_is_not_allowed(anonymous, ended, method, path, allowed):
    """A method that a path does not have is answered with 405 and the list of its methods."""
    answer = anonymous.call(method, path.format(run=ended["id"]), 405)
    assert answer.json()["error"]["type"] == "method-not-allowed"
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("method", ["POST", "PoSt", "post"])
def test_the_query_overrides_the_method(api, ended, method):
    """`?method=` overrides the method, in upper or lower case."""
    path = f"/v2/actor-runs/{ended['id']}/abort"
    answer = api.call("GET", path, 200, params={"method": method})
    assert answer.json()["data"]["id"] == ended["id"]
    api.call("GET", path, 405, params={"method": "XXX"})


def test_an_overridden_method_does_not_confuse_the_connection(api, ended):
    """The method that was really sent decides whether an answer has a body."""
    path = f"/v2/actor-runs/{ended['id']}"
    assert api.call("GET", path, 200, params={"method": "HEAD"}).json()["data"]
    assert api.call("HEAD", path, 200, params={"method": "GET"}).content == b""
    assert api.call("GET", path, 200).json()["data"]["id"] == ended["id"]


def test_every_path_answers_options(anonymous, ended):
    """A preflight request of any origin is granted the headers that it asks for."""
    asked = {
        "Origin": "https://example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-custom",
    }
    answer = anonymous.call("OPTIONS", f"/v2/actor-runs/{ended['id']}/abort", 200, headers=asked)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-custom"))


def test_every_answer_may_be_read_by_a_page(anonymous, api, ended):
    """Successes and errors allow any origin and show the rate limit."""
    for answer, limit in (
        (anonymous.call("GET", f"/v2/actor-runs/{ended['id']}", 200), "60"),
        (anonymous.call("GET", "/v2/actor-runs/nothing", 404), "60"),
        (anonymous.call("GET", "/v2/nothing", 404), "60"),
        (anonymous.call("POST", "/v2/actor-tasks/demo~fixture/runs", 401), "400"),
        (api.call("POST", "/v2/actor-tasks/demo~fixture/runs", 201), "400"),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-ratelimit-limit"] == limit
        assert answer.headers["content-type"].startswith("application/json")


def test_head_is_get_without_the_body(api, ended):
    """HEAD answers with the headers of GET and no body."""
    answer = api.call("HEAD", f"/v2/actor-runs/{ended['id']}", 200)
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 1000


def test_an_unknown_address_is_not_found(api, ended):
    """An unknown path is answered with 404 in the envelope."""
    for path in ("/", "/v2", f"/v2/actor-runs/{ended['id']}/nonsense", "/v3/actor-runs"):
        assert api.call("POST", path, 404).json()["error"]["type"] == "page-not-found"


def test_a_slash_at_the_end_is_no_difference(api, ended):
    """A slash at the end of a path changes nothing."""
    assert (
        api.call("GET", f"/v2/actor-runs/{ended['id']}/", 200).json()["data"]["id"] == ended["id"]
    )


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_may_be_compressed(api, ended, encoding):
    """Both operations with a body accept gzip, deflate, br and identity."""
    message = f"by {encoding} " + "x" * 2000
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    body = ENCODERS[encoding](json.dumps({"statusMessage": message}).encode())
    path = f"/v2/actor-runs/{ended['id']}"
    now = api.call("PUT", path, 200, content=body, headers=headers).json()["data"]
    assert now["statusMessage"] == message
    body = ENCODERS[encoding](b'{"durationSecs": 0}')
    api.call("POST", "/v2/actor-tasks/demo~fixture/runs", 201, content=body, headers=headers)


@pytest.mark.parametrize("padding", [b"", bytes(8)])
def test_a_gzip_body_may_have_members(api, ended, padding):
    """The members of a gzip body are joined to one text; zeros may follow the last."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    parts = (b'{"statusMessage"', b"", b': "in three', b' parts"}')
    body = b"".join(map(gzip.compress, parts)) + padding
    path = f"/v2/actor-runs/{ended['id']}"
    now = api.call("PUT", path, 200, content=body, headers=headers).json()["data"]
    assert now["statusMessage"] == "in three parts"


MEMBERS = {
    # what follows the first member: status, part of the message
    "garbage": (b"garbage", 400, "incorrect header check"),
    "cut": (gzip.compress(b" ")[:-1], 400, "it ends too early"),
    "too large": (gzip.compress(bytes(LIMIT)), 413, "limit: 9437184 bytes"),
    "too large at last": (gzip.compress(b" " * 2**20) * 9, 413, "limit: 9437184 bytes"),
    "too many": (gzip.compress(b"") * 1000, 400, "more than 1000 members"),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_what_follows_a_gzip_member_counts(api, ended, name):
    """Later members are read as strictly as the first; the limit applies to all of them together."""
    rest, status, message = MEMBERS[name]
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"statusMessage": "x"}') + rest
    path = f"/v2/actor-runs/{ended['id']}"
    answer = api.call("PUT", path, status, content=body, headers=headers)
    assert message in answer.json()["error"]["message"]


def test_an_unknown_encoding_is_not_supported(api, ended):
    """An unknown encoding is answered with 415."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "bla"}
    for method, path in (
        ("PUT", f"/v2/actor-runs/{ended['id']}"),
        ("POST", "/v2/actor-tasks/demo~fixture/runs"),
    ):
        error = api.call(method, path, 415, content=b"{}", headers=headers).json()["error"]
        assert error["type"] == "unsupported-content-encoding"
        assert '"bla"' in error["message"]


@pytest.mark.parametrize("encoding", BROKEN)
def test_a_broken_encoding_is_refused(api, ended, encoding):
    """A body that does not have its declared encoding is answered with 400."""
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    path = f"/v2/actor-runs/{ended['id']}"
    api.call("PUT", path, 400, content=BROKEN[encoding], headers=headers)
    cut = ENCODERS[encoding](b'{"statusMessage": "x"}' + b" " * 5000)[:-4]
    api.call("PUT", path, 400, content=cut, headers=headers)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate", "br"])
@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
def test_a_body_has_a_limit(api, ended, encoding, size, status):
    """A body of 9,437,184 bytes is accepted, one more byte is too large, compressed or not."""
    text = b'{"statusMessage": "big"}'
    body = text + b" " * (size - len(text))
    packed = brotli.compress(body, quality=1) if encoding == "br" else ENCODERS[encoding](body)
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    path = f"/v2/actor-runs/{ended['id']}"
    answer = api.call("PUT", path, status, content=packed, headers=headers)
    if status == 413:
        assert answer.json()["error"]["type"] == "request-too-large"
        assert "9437184" in answer.json()["error"]["message"]


def test_a_body_may_come_in_chunks(api, ended):
    """A body without Content-Length is read up to the limit."""
    headers = {"Content-Type": "application/json"}
    path = f"/v2/actor-runs/{ended['id']}"

    def chunks(size):
        yield b'{"statusMessage": "chunks"}'
        for _ in range(size):
            yield b" " * 65_536

    now = api.call("PUT", path, 200, content=chunks(3), headers=headers).json()["data"]
    assert now["statusMessage"] == "chunks"
    api.call("PUT", path, 413, content=chunks(150), headers=headers)


def test_a_bomb_is_not_unpacked(api, ended):
    """A small body that unpacks to a gigabyte is refused as too large at once."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join([*(bomb.compress(bytes(2**20)) for _ in range(256)), bomb.flush()])
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    api.call("PUT", f"/v2/actor-runs/{ended['id']}", 413, content=body, headers=headers)


@pytest.mark.parametrize("request_bytes", STRANGE)
def test_a_strange_request_is_answered_or_cut_off(server, request_bytes):
    """No bytes make the server fail or hang."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=5) as stream:
        stream.sendall(request_bytes)
        answer = stream.recv(65_536)
    assert answer == b"" or 400 <= int(answer.split()[1]) < 500


def test_a_caller_that_leaves_is_no_failure(server, ended):
    """A connection that ends within its body leaves no trace in the log."""
    url = urlsplit(server.url)
    head = (
        f"PUT /v2/actor-runs/{ended['id']} HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Bearer demo-token\r\nContent-Length: 100\r\n\r\n{"
    )
    before = server.errors.read_text()
    with socket.create_connection((url.hostname, url.port), timeout=5) as stream:
        stream.sendall(head.encode())
        time.sleep(0.1)
    time.sleep(0.2)
    assert server.errors.read_text() == before


def test_operations_without_a_body_ignore_one(api, ended):
    """The body of an abort is ignored."""
    path = f"/v2/actor-runs/{ended['id']}/abort"
    for content, kind in ((b"{}", "application/json"), (b"\x00garbage", "text/plain")):
        api.call("POST", path, 200, content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize("value", ["yes", "", "null", "2"])
def test_gracefully_is_true_or_false(api, ended, value):
    """A value of `gracefully` that is not a boolean is answered with 400."""
    api.call("POST", f"/v2/actor-runs/{ended['id']}/abort", 400, params={"gracefully": value})


def test_health(anonymous):
    """Anybody may ask for the server's health."""
    assert anonymous.call("GET", "/health", 200).json()["data"]["status"] == "ok"


@pytest.fixture(scope="module")
def limited(tmp_path_factory, serving):
    """A server that enforces 5 requests a second and keeps an access log."""
    folder = tmp_path_factory.mktemp("limited")
    log = folder / "access.jsonl"
    with serving(folder, "--rate-limit", "5", "--access-log", str(log)) as server:
        yield server, log


def test_rate_limits_are_enforced_when_asked(limited, client):
    """With --rate-limit, requests above the limit are answered with 429."""
    with client(limited[0].url) as api:
        answers = [api.call("GET", "/v2/actor-runs/nothing") for _ in range(40)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:5] == [404] * 5
        assert 429 in statuses
        refusal = next(answer for answer in answers if answer.status_code == 429)
        assert refusal.json()["error"]["type"] == "rate-limit-exceeded"
        assert api.call("GET", "/v2/actor-runs/another").status_code == 404


def test_a_limit_is_for_a_resource(limited, client):
    """A run, a list and the health have separate limits, and each answer shows its own."""
    with client(limited[0].url) as api:
        for path in ("/health", "/v2/actor-runs", "/v2/actor-runs/limit", "/v2/actor-tasks/limit"):
            statuses = {api.call("GET", path).status_code for _ in range(40)}
            assert 429 in statuses
            assert len(statuses) == 2
        assert api.call("GET", "/v2/nothing", 404)
        answer = api.call("POST", "/v2/actor-tasks/other/runs", 404)
        assert answer.headers["x-ratelimit-limit"] == "5"


def test_the_access_log_is_json_without_tokens(limited, client):
    """Each request writes one JSON object, never with a token."""
    server, log = limited
    with client(server.url, token=None) as api:
        for name in ("token", "Token", "to%6ben"):
            api.call("GET", f"/v2/actor-runs/logged?a=1&{name}=demo-token&b=2")
    logged = []
    end = time.monotonic() + 10
    while len(logged) < 3 and time.monotonic() < end:  # A line is written after its answer.
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        logged = [line for line in lines if line["path"] == "/v2/actor-runs/logged"]
    assert len(logged) == 3
    assert "demo-token" not in log.read_text()
    assert logged[0]["query"] == "a=1&token=<token>&b=2"
    assert {"time", "client", "method", "status", "seconds"} <= set(logged[0])
