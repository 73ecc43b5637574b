"""The token is in no file and on no screen, in no spelling."""

from __future__ import annotations

import html
import io
import json
import re
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.cli import check_server, diff, table
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.http.exchange import Exchange, Request, Response
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.report.formats import FORMATS
from actor_runs_conformance.report.render import render_all
from actor_runs_conformance.report.terminal import Live
from tests.support.echoing import RUN, echo_server, spelled
from tests.support.hand_made import answering, speaking

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import jsonschema_rs

FILES = {"events.jsonl", *(each.file for each in FORMATS)}
TOKENS = {
    "plain": "apify_api_0123456789abcdefABCDEF",
    "quotes": "tok\"en'with`quotes\\and\\\\more",
    "address": "to/k+e=n&with%41?odd#chars;~!*",
    "markup": "<b>tok&amp;</script>{{7}}'\"",
    "brackets": "[t](o)|k|{e}^n, $1 \\1 (.*)+",
}


def decoded(text: str) -> Iterable[str]:
    """The text, and what it says to whoever undoes one layer of escaping."""
    yield text
    yield html.unescape(text)
    yield urllib.parse.unquote(text)
    yield urllib.parse.unquote(urllib.parse.unquote(text))
    yield urllib.parse.unquote_plus(text)
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    yield re.sub(r'\\(["\\/])', r"\1", text)
    yield re.sub(r'\\(["\\/])', r"\1", html.unescape(text))


def assert_free_of(token: str, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        for view in decoded(text):
            assert token not in view, name
        for form in spelled(token):
            assert form not in text, (name, form)
        core = spelled(token)[-1][8:-8]
        assert core not in text, name


@pytest.mark.parametrize("name", TOKENS)
def test_nothing_that_is_rendered_holds_the_token(name: str, tmp_path: Path) -> None:
    """Whatever the suite writes into its log with the token in it, no report holds it."""
    token = TOKENS[name]
    log = Log(tmp_path, Redactor([token]))
    stream = io.StringIO()
    with Live(plain=True, stream=stream) as live:
        log.listeners.append(live.event)
        forms = spelled(token)
        everything = " | ".join(forms)
        log.write(
            "start",
            at=0.0,
            schema=1,
            time="",
            version="0",
            target="http://t/",
            task=token,
            seed=1,
            profile="full",
            command=f"actor-runs check-server --token {everything}",
        )
        log.write("promise", id="GET-01", operation="getRun", level="must", text=everything)
        for number, form in enumerate(forms):
            headers = (("authorization", f"Bearer {form}"), ("x", form))
            request = Request("GET", f"http://t/v2?token={form}", headers, form.encode())
            response = Response(200, headers, f'{{"a": "{form}"}}'.encode(), 0.1)
            log.exchange(Exchange(number, 0.1, request, response, run=form, check=form))
        log.write("run_started", run=everything, budget={"used": 1, "max": 2}, check="c")
        log.write("run_status", run=everything, status=everything, exchange=1)
        log.write(
            "verdict",
            id="GET-01",
            operation="getRun",
            level="must",
            verdict="failed",
            message=everything,
            expected=forms,
            observed={everything: forms},
            reproduce=everything,
            alone=everything,
            exchanges=list(range(len(forms))),
        )
        log.close()
    render_all(tmp_path)
    files = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert files.keys() == FILES
    assert "<token>" in files["events.jsonl"]
    assert_free_of(token, {**files, "terminal": stream.getvalue()})


def test_a_server_that_echoes_does_not_spread_the_token(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    schema: Callable[[str], jsonschema_rs.Draft202012Validator],
) -> None:
    """A check of a server that repeats the token everywhere leaves it in no output.

    `--json` prints a report.json and nothing else.
    """
    token = "tok\"e'n/with+odd=chars&%41\\and<>;~!?#"
    with echo_server() as url:
        arguments = [url, "--token", token, "--profile", "read-only", "--run", RUN]
        only = "AUT-01,AUT-02,AUT-04,AUT-05,AUT-12,GET-01@get_run"
        check_server.main([*arguments, "--only", only, "--report", str(tmp_path / "out")])
        printed = [capsys.readouterr()]
        check_server.main([*arguments, "--only", "GET-01@get_run", "--json"])
        printed.append(capsys.readouterr())
    schema("report").validate(json.loads(printed[1].out))
    given = [str(tmp_path / "out")] * 2
    diff.main(given)
    table.main([*given, "--html"])
    printed.append(capsys.readouterr())
    texts = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert texts.keys() == FILES
    assert texts["exchanges.har"].count("<token>") > 20
    for number, output in enumerate(printed):
        texts |= {f"out-{number}": output.out, f"err-{number}": output.err}
    assert_free_of(token, texts)


SHOWN = TOKENS["plain"]
CUT_HERE = 60
"""Characters of an answer that messages show."""


def in_pieces(text: str, size: int) -> bytes:
    """The text as a body in chunks of this size, none of which holds the token."""
    pieces = (text[start : start + size] for start in range(0, len(text), size))
    return "".join(f"{len(piece):x}\r\n{piece}\r\n" for piece in (*pieces, "")).encode()


def chunks(connection: socket.socket, _: bytes) -> None:
    body = json.dumps({"error": {"type": f"no-{SHOWN}", "message": f"not for {SHOWN}"}})
    head = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    for part in (head, *re.findall(rb"(?s).{1,9}", in_pieces(body, 7))):
        connection.sendall(part)


def refusing(shown: str) -> Callable[[socket.socket, bytes], None]:
    body = json.dumps({"error": {"type": f"no-{shown}", "message": shown}}).encode()
    return answering("403 No", body)


ERRORS = {
    "in chunks": chunks,
    "percent-encoded": refusing(urllib.parse.quote(SHOWN).replace("a", "%61")),
    "in Base64": refusing(spelled(SHOWN)[-1]),
    "where a message is cut": answering(
        "403 No", json.dumps("y" * (CUT_HERE - 25) + SHOWN).encode()
    ),
    "in an address": answering("302 No", b"", "text/plain", f"Location: /login?for={SHOWN}"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_does_not_show_the_token(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that repeats the token, in pieces or in a disguise, leaves no half of it anywhere."""
    with speaking(ERRORS[name]) as url:
        check_server.main(
            [
                url,
                "--token",
                SHOWN,
                "--task",
                "me~task",
                "--only",
                "GET-01",
                "--report",
                str(tmp_path),
            ]
        )
    printed = capsys.readouterr()
    texts = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert "<token>" in texts["events.jsonl"]
    half = len(SHOWN) // 2
    for where, text in {**texts, "out": printed.out, "err": printed.err}.items():
        for form in (SHOWN, *spelled(SHOWN)[-3:]):
            assert form[:half] not in text, where
            assert form[-half:-8] not in text, where
