"""Limits and addresses: the head of a request, in-process use, the URL that others see."""

import json
import socket
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from actor_runs_server.app import create_app
from actor_runs_server.config.config import demo

START = "/v2/actor-tasks/demo~fixture/runs"


def ask(url, *parts):
    """Send raw bytes and return all that is answered until the server closes the connection."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        answer = b""
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def test_a_head_that_is_too_long_is_refused(server):
    """More than 65,536 bytes of head, in one header or many, are answered with 431."""
    begin = b"GET /health HTTP/1.1\r\nHost: a\r\n"
    for head in (b"X: " + b"a" * 70_000, b"".join(b"X-%d: 1\r\n" % n for n in range(9_000))):
        answer = ask(server.url, begin, head, b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid-request"


def test_a_long_head_within_the_limit_is_read(server):
    """A head of 60,000 bytes is answered, and so is the next request of the connection."""
    request = b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 60_000 + b"\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert ask(server.url, request, request, last).count(b"HTTP/1.1 200 ") == 3


def test_a_body_is_not_part_of_the_head(server):
    """A body far above the limit of heads is read."""
    body = json.dumps({"durationSecs": 0, "padding": "x" * 300_000}).encode()
    head = (
        f"POST {START} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer demo-token\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    assert ask(server.url, head.encode() + body).startswith(b"HTTP/1.1 201 ")


def test_location_follows_the_address_of_the_request(api):
    """Without --public-url a Location names the host that the caller has asked."""
    answer = api.call("POST", START, 201, headers={"Host": "runs.example:8443"})
    assert answer.headers["location"].startswith("http://runs.example:8443/v2/actor-runs/")


def test_a_public_url_is_shown_to_others(serve, client):
    """With --public-url Location and APIFY_API_PUBLIC_BASE_URL name it, and nothing else does."""
    with serve("--public-url", "https://runs.example/") as server, client(server.url) as api:
        answer = api.call("POST", START, 201)
        assert answer.headers["location"].startswith("https://runs.example/v2/actor-runs/")
        run = api.start(task="demo~shell")
        api.until(run["id"], lambda _: "marker" in api.log(run["id"]))
        assert "APIFY_API_PUBLIC_BASE_URL=https://runs.example\n" in api.log(run["id"])
        assert f"APIFY_API_BASE_URL={server.url}\n" in api.log(run["id"])


def test_the_application_works_in_process(tmp_path):
    """A test client opens the application in one thread and calls it from another."""
    app = create_app(demo(), tmp_path / "data")
    headers = {"Authorization": "Bearer demo-token"}
    with TestClient(app, base_url="http://testserver", headers=headers) as client:
        body = {"durationSecs": 0}
        answer = client.post(f"{START}?waitForFinish=1", json=body)
        assert answer.status_code == 201
        assert answer.headers["location"].startswith("http://testserver/v2/actor-runs/")
        run = answer.json()["data"]["id"]
        assert client.get(f"/v2/actor-runs/{run}?waitForFinish=1").status_code == 200
