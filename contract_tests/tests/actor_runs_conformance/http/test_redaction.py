"""No spelling of a token reaches anything that is written."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from actor_runs_conformance.events.writer import Log, body_text
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.report.render import render_all


def in_full(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


TOKEN = 'apify_api_Zx/9+"k~é&q'
PLAIN = "apify_api_0123456789abcdef"
SPELLINGS = {
    "as it is": str,
    "percent-encoded": lambda token: quote(token, safe=""),
    "percent-encoded in lower case": lambda token: re.sub(
        "%..", lambda found: found[0].lower(), quote(token, safe="")
    ),
    "percent-encoded in full": lambda token: "".join(f"%{byte:02X}" for byte in token.encode()),
    "percent-encoded twice": lambda token: quote(quote(token, safe=""), safe=""),
    "as a form value": quote_plus,
    "in JSON": lambda token: json.dumps(token)[1:-1],
    "in JSON as it is": lambda token: json.dumps(token, ensure_ascii=False)[1:-1],
    "in JSON, all escaped": lambda token: "".join(f"\\u{ord(char):04x}" for char in token),
    "in JSON with escaped slashes": lambda token: json.dumps(token)[1:-1].replace("/", "\\/"),
    "in JSON in JSON": lambda token: json.dumps(json.dumps(token))[3:-3],
    "in JSON in JSON, all escaped": lambda token: "".join(
        f"\\\\u{ord(char):04x}" for char in token
    ),
    "in the repr of JSON": lambda token: repr(json.dumps(token).replace("/", "\\/"))[2:-2],
    "in HTML": html.escape,
    "percent-encoded three times": lambda token: quote(quote(quote(token, safe=""), safe="")),
    "percent-encoded in full twice": lambda token: in_full(in_full(token)),
    "in entities": lambda token: "".join(f"&#{ord(char)};" for char in token),
    "in hexadecimal entities": lambda token: "".join(f"&#x{ord(char):04X};" for char in token),
    "in named entities": lambda token: token.replace("+", "&plus;").replace("/", "&sol;"),
    "in entities, escaped": lambda token: "".join(f"&amp;#{ord(char)};" for char in token),
    "in escapes of bytes": lambda token: "".join(f"\\x{byte:02x}" for byte in token.encode()),
    "in octal escapes": lambda token: "".join(
        f"\\{ord(char):03o}" if ord(char) < 128 else char for char in token
    ),
    "in a mail": lambda token: token.replace("=", "=3D").replace("_", "=5F"),
    "wrapped": lambda token: "\r\n ".join(re.findall("(?s).{1,5}", token)),
    "wrapped in JSON": lambda token: json.dumps("\n".join(re.findall("(?s).{1,5}", token)))[1:-1],
    "in hexadecimal digits": lambda token: token.encode().hex(),
}
PACKINGS = {
    "wrapped": lambda text: "\n".join(re.findall(".{1,16}", text)),
    "wrapped in JSON": lambda text: "\\n".join(re.findall(".{1,16}", text)),
    "percent-encoded": lambda text: quote(text, safe=""),
    "in JSON with escaped slashes": lambda text: text.replace("/", "\\/"),
    "once more in base64": lambda text: base64.b64encode(text.encode()).decode(),
}
AROUND = ("", "x", "xy", "user:", "Bearer ")


@pytest.mark.parametrize("token", [TOKEN, PLAIN])
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_spelling_is_redacted(token, spell):
    """A token is replaced in each spelling, and what stands around it stays."""
    text = f"before {spell(token)} after"
    assert Redactor([token]).text(text) == "before <token> after"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", AROUND)
@pytest.mark.parametrize("after", AROUND)
def test_base64_is_redacted(encode, before, after):
    """Of base64 text at any alignment, no more is left than what its neighbours decide."""
    secret = encode(f"{before}{PLAIN}{after}".encode()).decode()
    shown = Redactor([PLAIN]).text(secret)
    assert "<token>" in shown
    assert len(shown.replace("<token>", "")) <= len(before + after) * 2 + 8


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
@pytest.mark.parametrize("before", AROUND)
def test_base64_is_redacted_however_it_is_spelled(pack, before):
    """Base64 text that is wrapped, escaped or encoded once more shows no more of the token."""
    secret = pack(base64.b64encode(f"{before}{TOKEN}".encode()).decode())
    shown = Redactor([TOKEN]).text(secret)
    assert "<token>" in shown
    assert len(shown.replace("<token>", "")) <= len(before) * 4 + 12


def test_values_and_keys_are_redacted():
    """Strings anywhere in a JSON value are redacted, keys included; other values stay."""
    value = {PLAIN: [1, None, {"a": f"x{PLAIN}"}], "b": True}
    assert Redactor([PLAIN]).value(value) == {"<token>": [1, None, {"a": "x<token>"}], "b": True}


def test_longer_token_goes_first():
    """A token that begins with another one leaves no rest of itself."""
    assert Redactor([PLAIN, f"{PLAIN}-more"]).text(f"{PLAIN}-more {PLAIN}") == "<token> <token>"


def test_nothing_to_hide():
    """Without a token, or with an empty one, text stays as it is."""
    assert Redactor([None, ""]).text(f"{PLAIN}") == PLAIN


def test_token_at_the_cut_of_a_long_body():
    """A token at the place where a long body is cut leaves no half of itself."""
    body = b"x" * (64 * 1024 - 5) + PLAIN.encode() + b"y" * 200_000
    shown = body_text(body, Redactor([PLAIN]))
    assert PLAIN[:6] not in shown
    assert shown.endswith(f"<{len(body)} bytes>")


def test_tokens_that_fill_a_long_body():
    """Where hiding makes a long body short, the half of a token at its edge is gone too."""
    body = PLAIN.encode() * 50_000
    shown = body_text(body, Redactor([PLAIN]))
    assert PLAIN[:4] not in shown
    assert shown.startswith("<token><token>")


@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_token_at_the_cut_of_a_beginning(spell, before):
    """What a message shows of a body ends with no half of a token."""
    body = b"x" * before + spell(PLAIN).encode() + b"y" * 10_000
    shown = Redactor([PLAIN]).beginning(body, 12)
    assert shown == f"{'x' * before}<token>{'y' * 10_000}"[:12]


def test_binary_body_is_described():
    """A body that is not UTF-8 is shown by its size and first bytes, without a token."""
    shown = body_text(f"{PLAIN} and ".encode() + b"\xff\xfe", Redactor([PLAIN]))
    size = len(PLAIN) + 7
    assert shown == f"<{size} bytes that are not UTF-8, first <token> and \\xff\\xfe>"


def test_log_holds_no_token(tmp_path):
    """What is written is redacted, each event is a line that is there at once."""
    log = Log(tmp_path, Redactor([PLAIN]))
    log.write("finding", message=f"found {PLAIN}", observed={"big": float("inf")}, lone="\ud800")
    text = (tmp_path / "events.jsonl").read_text()
    log.close()
    event = json.loads(text)
    assert PLAIN not in text
    assert (event["event"], event["message"]) == ("finding", "found <token>")
    assert event["observed"] == {"big": "Infinity"}


@pytest.mark.parametrize("token", ["t", "e", "passed", "GET-01"])
def test_token_that_is_a_part_of_words(tmp_path, token):
    """However short a token is, the log keeps its keys and words, and can be rendered."""
    log = Log(tmp_path, Redactor([token]))
    log.write("start", schema=1, time="2026-01-01T00:00:00.000Z", target=token, command=token)
    common = {"operation": "getRun", "level": "must", "check": "get_of_run"}
    promise = {"text": "A run is answered.", "source": [{"document": "Get run", "says": "it"}]}
    log.write("promise", id="GET-01", kind="scenario", pointer=None, **common, **promise)
    request = {"method": "GET", "url": f"http://x/?{token}", "headers": {token: token}}
    response = {"status": 200, "headers": {}, "body": token, "seconds": 0.1}
    log.write("exchange", id=1, run=None, request=request, response=response, **common)
    seen = {"message": f"saw {token}", "observed": {token: token}, "exchanges": [1]}
    log.write("verdict", id="GET-01", verdict="passed", **common, **seen)
    counts = {"passed": 1}
    cost = {"requests": 1, "seconds": 1.0}
    log.write("end", exit_code=0, verdict="conformant", counts=counts, cost=cost, message="Done.")
    log.close()
    render_all(tmp_path)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert events[2]["request"]["headers"] == {"<token>": "<token>"}
    assert events[2]["response"]["body"] == "<token>"
    assert events[3]["observed"] == {"<token>": "<token>"}
    assert [(one["id"], one["verdict"]) for one in events if one["event"] == "verdict"] == [
        ("GET-01", "passed")
    ]
