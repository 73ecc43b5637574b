"""Each way in which a connection fails has a kind of its own, and the suite acts by the kind."""

from __future__ import annotations

import errno
import ssl

import httpx
import pytest

from actor_runs_conformance.http.no_answer import NoAnswer, explain
from actor_runs_conformance.http.unpacking import BadBodyError, TooLargeError


def caused(by):
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = by
    return error


def failed_handshake():
    error = ssl.SSLError(1, "wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


@pytest.mark.parametrize(
    ("error", "kind", "nothing_arrived", "worth_a_retry"),
    [
        (TimeoutError(), NoAnswer.TIMEOUT, False, False),
        (httpx.ReadTimeout(""), NoAnswer.TIMEOUT, False, False),
        (caused(ConnectionRefusedError()), NoAnswer.REFUSED, True, True),
        (caused(OSError("Name or service not known")), NoAnswer.NO_CONNECTION, True, True),
        (caused(failed_handshake()), NoAnswer.TLS, True, True),
        (ConnectionResetError(), NoAnswer.RESET, False, True),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            NoAnswer.RESET,
            False,
            True,
        ),
        (httpx.RemoteProtocolError("illegal status line"), NoAnswer.NOT_HTTP, False, True),
        (BadBodyError("not packed in gzip"), NoAnswer.NOT_HTTP, False, True),
        (TooLargeError("more than 2 bytes"), NoAnswer.TOO_LARGE, False, False),
        (caused(OSError(errno.EMFILE, "Too many open files")), NoAnswer.NOT_SENT, True, True),
        (httpx.InvalidURL("no host"), NoAnswer.BAD_REDIRECT, False, True),
        (RuntimeError("anything else"), NoAnswer.OTHER, False, True),
    ],
)
def test_kind_of_a_failed_connection(error, kind, nothing_arrived, worth_a_retry):
    """The kind says whether a start may have arrived, and whether sending again may help."""
    found, words = explain(error, 5.0)
    assert found is kind
    assert words
    assert found.nothing_arrived is nothing_arrived
    assert found.worth_a_retry is worth_a_retry
