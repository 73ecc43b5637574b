"""Whatever a target answers, a check of it stays small, comes to its end, and says what it was."""

import gzip
import itertools
import json
import os
import subprocess
import sys
import zlib

import brotli
import pytest

from tests.support.hand_made import answering, run_object, speaking

pytestmark = pytest.mark.robustness

MEGABYTE = 1024 * 1024
MOST = 250 * MEGABYTE
"""Bytes that the check's process may hold; without such answers it holds about 90 MB."""
ORDINARY = 20
"""Answers that are as they should be: the first look, and the first run."""


def packed(pack, *, times=2):
    body = b"0" * 64 * MEGABYTE
    for _ in range(times):
        body = pack(body)
    return body


def endless(connection, _head):
    connection.sendall(
        b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    )
    while True:
        connection.sendall(b'{"data": {"x": "' + b"x" * MEGABYTE)


def endless_chunks(connection, _head):
    connection.sendall(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"8\r\n[[[[[[[[\r\n" * 10_000)


def endless_head(connection, _head):
    connection.sendall(b"HTTP/1.1 200 X\r\n")
    for number in itertools.count():
        connection.sendall(b"X-%d: y\r\n" % number)


def with_headers(number):
    return answering("200 X", b"{}", "application/json", *(f"X-{n}: y" for n in range(number)))


def with_run(**values):
    """An answer with a Run object that has these fields too."""
    return answering("200 X", json.dumps({"data": run_object(**values)}).encode())


def coded(body, codings):
    return answering("200 X", body, "application/json", f"Content-Encoding: {codings}")


HOSTILE = {
    "gzip in gzip": coded(packed(gzip.compress), "gzip, gzip"),
    "deflate in deflate": coded(packed(zlib.compress), "deflate, deflate"),
    "br in br": coded(packed(lambda body: brotli.compress(body, quality=1)), "br, br"),
    "body without end": endless,
    "chunks without end": endless_chunks,
    "head without end": endless_head,
    "100,000 headers": with_headers(100_000),
    "long header": answering("200 X", b"{}", "application/json", "X: " + "y" * 50 * MEGABYTE),
    "100,000 keys": with_run(**{f"key{n}": n for n in range(100_000)}),
    "10,000 keys": with_run(**{f"key{n}": n for n in range(10_000)}),
    "deep nesting": answering("200 X", b'{"data":' * 200_000 + b"1" + b"}" * 200_000),
    "long text": with_run(statusMessage="x" * 30 * MEGABYTE),
}
SAYS = {
    "gzip in gzip": "unpacks to more than",
    "deflate in deflate": "unpacks to more than",
    "br in br": "unpacks to more than",
    "body without end": "has more than",
    "chunks without end": "has more than",
    "long text": "has more than",
    "100,000 keys": "has more than",
}


def good(connection, head):
    status = "201 X" if head.startswith(b"POST") else "200 X"
    answering(status, json.dumps({"data": run_object()}).encode())(connection, head)


MEASURED = """
import resource, subprocess, sys
code = subprocess.call([sys.executable, "-m", "actor_runs_conformance", *sys.argv[1:]])
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def check(url, out):
    """Check a target in a process of its own; what it prints, its exit code, and the most bytes it held."""
    command = [sys.executable, "-c", MEASURED, "check-server", url, "--report", str(out)]
    # A process in between: one that is started by a large process counts what that one held.
    done = subprocess.run(
        [*command, "--task", "me~task", "--max-runs", "4", "--only", "getRun,runTask"],
        env={**os.environ, "APIFY_TOKEN": "a-token-of-many-letters"},
        capture_output=True,
        text=True,
    )
    code, held = done.stdout.splitlines()[-1].split()
    return done.stdout + done.stderr, int(code), int(held)


@pytest.mark.parametrize("kind", HOSTILE)
def test_memory_is_bounded(tmp_path, kind):
    """A target that turns hostile after its first answers costs no more memory than any other."""
    count = itertools.count()

    def speak(connection, head):
        (good if next(count) < ORDINARY else HOSTILE[kind])(connection, head)

    with speaking(speak) as url:
        printed, code, held = check(url, tmp_path)
    assert code in {1, 2, 3}, printed
    assert "Traceback" not in printed
    assert held < MOST, f"{held // MEGABYTE} MB"
    assert SAYS.get(kind, "") in (tmp_path / "events.jsonl").read_text()
    print(f"{kind}: {held // MEGABYTE} MB, {next(count)} answers, exit code {code}")
