"""Servers and exchanges made by hand."""

import contextlib
import json
import re
import socket
import threading

from actor_runs_conformance.http.exchange import Exchange, Request, Response

RUN = "aRunOfSeventeenXy"


def secured(plain, tls):
    return plain if tls is None else tls.wrap_socket(plain, server_side=True)


@contextlib.contextmanager
def speaking(speak, tls=None):
    """A server that answers each connection by `speak(connection, request head)`; its URL.

    With an SSL context of a server it speaks HTTPS.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    ended = threading.Event()
    threads = []

    def converse(plain):
        plain.settimeout(30)
        with contextlib.suppress(OSError), plain, secured(plain, tls) as connection:
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    return
                head += part
            head, _, body = head.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            speak(connection, head)

    def accept():
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                thread = threading.Thread(target=converse, args=(connection,), daemon=True)
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield f"http{'' if tls is None else 's'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        acceptor.join()
        listener.close()


def answering(status, body, content_type="application/json", *more):
    """Return a `speak` that gives the same answer to every request."""
    head = "\r\n".join(
        [
            f"HTTP/1.1 {status}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *more,
            "",
            "",
        ]
    )
    return lambda connection, _: connection.sendall(head.encode() + body)


def run_object(**values):
    """Return a Run object that keeps every promise, with these fields changed."""
    return {
        "id": RUN,
        "actId": "anActor",
        "userId": "aUser",
        "actorTaskId": "aTask",
        "startedAt": "2026-01-01T00:00:00.000Z",
        "status": "RUNNING",
        "meta": {"origin": "API"},
        "stats": {"restartCount": 0},
        "options": {
            "build": "latest",
            "timeoutSecs": 300,
            "memoryMbytes": 1024,
            "diskMbytes": 2048,
        },
        "buildId": "aBuild",
        "defaultKeyValueStoreId": "aStore",
        "defaultDatasetId": "aDataset",
        "defaultRequestQueueId": "aQueue",
        **values,
    }


def exchange(
    data=None,
    *,
    status=200,
    operation="getRun",
    run=RUN,
    body=None,
    headers=(),
    sent=0.0,
    url=f"http://127.0.0.1:1/v2/actor-runs/{RUN}",
    token="a-secret-token",
):
    """Return an exchange with this run, or this body, in its answer."""
    if body is None:
        body = json.dumps({"data": run_object() if data is None else data}).encode()
    defaults = (("content-type", "application/json"), ("x-ratelimit-limit", "60"))
    given = {name.lower() for name, _ in headers}
    return Exchange(
        id=0,
        sent=sent,
        request=Request("GET", url, (("authorization", f"Bearer {token}"),) if token else ()),
        response=Response(
            status, (*headers, *(one for one in defaults if one[0] not in given)), body, 0.01
        ),
        operation=operation,
        run=run,
    )
