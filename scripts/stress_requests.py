"""Generated requests of any shape: likely ones bent in places, and plain garbage."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from random import Random

METHODS = ["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "BREW", "TRACE"]
# What an address is for; often it is called with something else.
CALLS = [
    ("GET", "/v2/actor-runs/{run}"),
    ("PUT", "/v2/actor-runs/{run}"),
    ("POST", "/v2/actor-runs/{run}/abort"),
    ("POST", "/v2/actor-runs/{run}/reboot"),
    ("POST", "/v2/actor-runs/{run}/resurrect"),
    ("GET", "/v2/actor-runs/{run}/log"),
    ("POST", "/v2/actor-runs/{run}/dataset/items"),
    ("PUT", "/v2/actor-runs/{run}/key-value-store/records/{run}"),
    ("POST", "/v2/acts/{actor}/runs/{run}/abort"),
    ("POST", "/v2/actors/{actor}/runs/{run}/abort"),
    ("POST", "/v2/actor-tasks/{task}/runs"),
    ("GET", "/v2/actor-tasks/{task}"),
    ("GET", "/v2/actor-tasks/{task}/runs"),
    ("GET", "/v2/actor-runs"),
    ("GET", "/v2/datasets/{store}/items"),
    ("GET", "/v2/key-value-stores/{store}/records/INPUT"),
    ("DELETE", "/v2/actor-runs/{actor}"),
    ("GET", "/health"),
    ("GET", "/{run}"),
]
NAMES = [
    "waitForFinish",
    "gracefully",
    "timeout",
    "memory",
    "maxItems",
    "maxTotalChargeUsd",
    "restartOnError",
    "build",
    "webhooks",
    "token",
    "method",
    "offset",
    "limit",
    "desc",
    "foo",
]
VALUES = [
    "",
    "0",
    "1",
    "-1",
    "0.5",
    "128",
    "1e400",
    "-0",
    "NaN",
    "Infinity",
    "1" * 400,
    "true",
    "FALSE",
    "latest",
    "null",
    "[]",
    "demo-token",
    "POST",
    "put",
    "HEAD",
    "get",
    "../../etc/passwd",
    "' OR 1=1 --",
    "\x00",
    "é\u2028🐎",
    "%",
    "a" * 5_000,
    base64.b64encode(b'[{"eventTypes":["TEST"],"requestUrl":"http://127.0.0.1:9/"}]').decode(),
    base64.b64encode(b"[[[[").decode(),
    base64.b64encode(b"\xff\xfe").decode(),
]
GOOD_BODIES = [b"", b"{}", b'{"durationSecs": 0}', b'{"statusMessage": "x"}']
BODIES = [
    b"",
    b"{}",
    b"null",
    b"[]",
    b"{",
    b'{"durationSecs": 0}',
    b'{"durationSecs": "x", "exitCode": -5}',
    b'{"statusMessage": "x"}',
    b'{"statusMessage": 5, "runId": []}',
    b'{"statusMessage": "\\ud800"}',
    b'{"statusMessage": "x", "isStatusMessageTerminal": null, "generalAccess": {}}',
    b'{"a": ' * 20_000,
    b"[" * 1_000 + b"]" * 1_000,
    b'{"a": 1e999, "b": 123456789012345678901234567890}',
    b'{"a": NaN}',
    b"\xff\xfe\x00",
    b'"' + b"x" * 100_000 + b'"',
]
TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", ";;", "", "a/b" * 99]
ENCODINGS = ["identity", "gzip", "br", "deflate", "bla", "gzip, gzip", ""]
TOKENS = ["Bearer nobody", "Bearer ", "Basic eDp5", "bearer demo-token", "Bearer \x7f"]
STRANGE_NAMES = [
    "",
    "x",
    "~",
    "demo~fixture",
    "~fixture",
    "a" * 300,
    "%2F",
    "%00",
    "%FF",
    "%zz",
    "..",
    "é",
]


def generated(dice: Random, known: dict[str, str], token: str) -> bytes:
    """Return the bytes of one request; `known` are names that exist, by the word in braces."""
    if dice.random() < 0.02:
        return bytes(dice.randrange(256) for _ in range(dice.randrange(1, 200))) + b"\r\n\r\n"
    method, path = dice.choice(CALLS)
    if dice.random() < 0.3:
        method = dice.choice(METHODS)
    for word, name in known.items():
        path = path.replace(f"{{{word}}}", _name(dice, name))
    head = [f"{method} {path}{_query(dice)} HTTP/1.1", "Host: 127.0.0.1"]
    if dice.random() < 0.8:
        head.append(f"Authorization: Bearer {token}")
    elif dice.random() < 0.5:
        head.append(f"Authorization: {dice.choice(TOKENS)}")
    body = b""
    if method in {"POST", "PUT", "PATCH"} or dice.random() < 0.1:
        body = dice.choice(GOOD_BODIES if dice.random() < 0.5 else BODIES)
        encoding = dice.choice(ENCODINGS) if dice.random() < 0.3 else None
        if encoding == "gzip" and dice.random() < 0.7:
            body = gzip.compress(body, 1)
        if encoding is not None:
            head.append(f"Content-Encoding: {encoding}")
        if dice.random() < 0.9:
            head.append(f"Content-Type: {dice.choice(TYPES[:2] * 3 + TYPES)}")
    length = str(len(body)) if dice.random() < 0.995 else dice.choice(["-1", "x", "9" * 30])
    head.append(f"Content-Length: {length}")
    return "\r\n".join(head).encode("utf-8", "replace") + b"\r\n\r\n" + body


def _name(dice: Random, name: str) -> str:
    chance = dice.random()
    if chance < 0.6:
        return name
    if chance < 0.7:
        return "".join(dice.choice("abcXYZ019") for _ in range(17))
    return dice.choice(STRANGE_NAMES)


def _query(dice: Random) -> str:
    if dice.random() < 0.4:
        return ""
    pairs = []
    for _ in range(dice.randrange(1, 5)):
        value = dice.choice(VALUES)
        bent = json.dumps(value)[1:-1].replace(" ", "+")
        value = bent if dice.random() < 0.1 else quote(value)
        pairs.append(f"{dice.choice(NAMES)}={value}")
    return "?" + "&".join(pairs)
