"""Clients that do the plain case well: another value, operation or repetition shows what is wrong."""

from __future__ import annotations

from typing import Final

from .patch import Patch

_START_QUERY: Final = 'query = {key: value for key, value in options.items() if key != "webhooks"}'
_JSON: Final = 'json.dumps(options["webhooks"])'
_WEBHOOKS: Final = f"base64.b64encode({_JSON}.encode()).decode()"
_GET_QUERY: Final = '{} if wait_for_finish is None else {"waitForFinish": wait_for_finish}'
_MESSAGE: Final = 'body = {"runId": run, **changes}'
_QUOTE: Final = 'return quote(name, safe="~")'
_CONTENT: Final = "content = json.dumps(body, ensure_ascii=False).encode()"
_HEADERS: Final = '"Accept": "application/json"}'
_AGAIN: Final = "again = status == 429 or (status >= 500 and repeatable)"
_LOST: Final = "if not repeatable or attempt == TRIES:"
_DELAY: Final = "time.sleep(random.uniform(delay, 2 * delay))"


def _message(how: str) -> str:
    return f'{_MESSAGE}\n        body["statusMessage"] = {how}'


FAULTS_OF_FURTHER_REQUESTS: Final = (
    Patch(
        "leaves-out-options-that-are-0-or-false",
        _START_QUERY,
        _START_QUERY.replace("if key", "if value and key"),
        ("TSK-10", "TSK-17"),
    ),
    Patch(
        "leaves-out-options-that-are-false",
        _START_QUERY,
        _START_QUERY.replace("if key", "if value is not False and key"),
        ("TSK-17",),
    ),
    Patch(
        "does-not-escape-the-query",
        "urlencode({key: in_query(value) for key, value in query.items()})",
        '"&".join(f"{key}={in_query(value)}" for key, value in query.items())',
        ("TSK-13",),
    ),
    Patch(
        "encodes-webhooks-for-urls",
        _WEBHOOKS,
        _WEBHOOKS.replace("b64encode", "urlsafe_b64encode"),
        ("WHK-01",),
    ),
    Patch(
        "breaks-the-lines-of-webhooks",
        _WEBHOOKS,
        _WEBHOOKS.replace("b64encode", "encodebytes"),
        ("WHK-01",),
    ),
    Patch(
        "sends-webhooks-in-utf-16",
        _WEBHOOKS,
        _WEBHOOKS.replace(".encode()", '.encode("utf-16")'),
        ("WHK-01",),
    ),
    Patch("sends-utf-16", _CONTENT, _CONTENT.replace("()", '("utf-16")'), ("BDY-01", "TSK-06")),
    Patch(
        "waits-for-half-a-minute-at-most",
        _GET_QUERY,
        _GET_QUERY.replace(": wait_for_finish}", ": min(30, wait_for_finish)}"),
        ("GET-05b",),
    ),
    Patch(
        "sends-null-for-what-is-not-given",
        _GET_QUERY,
        '{"waitForFinish": "null" if wait_for_finish is None else wait_for_finish}',
        ("GET-04",),
    ),
    Patch(
        "aborts-gracefully-by-one-path-alone",
        "query = {} if gracefully is None else",
        "query = {} if gracefully is None or actor is not None else",
        ("ABT-08",),
    ),
    Patch(
        "marks-messages-with-null",
        _MESSAGE,
        'body = {"runId": run, "isStatusMessageTerminal": None, **changes}',
        ("PUT-02b",),
    ),
    Patch(
        "names-its-secret-to-every-server",
        _HEADERS,
        _HEADERS[:-1] + ', "User-Agent": f"me/1.0 {self.token[10:]}"}',
        ("CLI-24",),
    ),
    Patch("cuts-messages", _MESSAGE, _message('body["statusMessage"][:100]'), ("PUT-05",)),
    Patch("strips-messages", _MESSAGE, _message('body["statusMessage"].strip()'), ("PUT-05",)),
    Patch(
        "joins-the-lines-of-messages",
        _MESSAGE,
        _message('body["statusMessage"].replace("\\n", " ")'),
        ("PUT-05",),
    ),
    Patch(
        "escapes-messages-for-html",
        _MESSAGE,
        _message('__import__("html").escape(body["statusMessage"])'),
        ("PUT-05",),
    ),
    Patch(
        "spells-methods-in-lower-case",
        "connection.request(method,",
        "connection.request(method.lower(),",
        ("GET-02", "PUT-24"),
    ),
    Patch(
        "puts-a-plus-for-a-blank-in-ids",
        _QUOTE,
        'return quote(name, safe="~ ").replace(" ", "+")',
        ("CLI-12",),
    ),
    Patch(
        "sends-ids-in-latin-1",
        _QUOTE,
        'return quote(name, safe="~", encoding="latin-1", errors="replace")',
        ("CLI-12",),
    ),
    Patch(
        "sends-its-token-in-the-query-too",
        "        if query:\n            target +=",
        '        query = {**(query or {}), "token": self.token}\n        if query:\n            target +=',
        ("CLI-24",),
    ),
    Patch(
        "sends-its-token-as-a-cookie-too",
        _HEADERS,
        _HEADERS[:-1] + ', "Cookie": f"token={self.token}"}',
        ("CLI-24",),
    ),
    Patch(
        "sends-its-token-in-bodies-too",
        _CONTENT,
        'content = json.dumps({**body, "token": self.token}, ensure_ascii=False).encode()',
        ("CLI-24",),
    ),
    Patch(
        "sends-its-token-when-it-reads-alone",
        _HEADERS,
        _HEADERS + '\n        if method != "GET":\n            del headers["Authorization"]',
        ("AUT-01",),
    ),
    Patch("starts-again-after-503", _AGAIN, f"{_AGAIN} or status == 503", ("CLI-02", "CLI-06")),
    Patch("starts-again-after-504", _AGAIN, f"{_AGAIN} or status == 504", ("CLI-02",)),
    Patch(
        "starts-again-after-json-that-breaks-off",
        _AGAIN,
        f'{_AGAIN} or (status == 201 and text[-1:] != b"}}")',
        ("CLI-04",),
    ),
    Patch(
        "reboots-again-after-a-lost-connection",
        _LOST,
        'if (not repeatable and "/reboot" not in path) or attempt == TRIES:',
        ("CLI-27",),
    ),
    Patch(
        "forgets-the-body-of-a-repetition",
        _DELAY,
        f"body = None\n            {_DELAY}",
        ("CLI-23",),
    ),
    Patch(
        "forgets-the-query-of-a-repetition",
        _DELAY,
        f"query = None\n            {_DELAY}",
        ("CLI-23",),
    ),
    Patch(
        "forgets-its-token-in-a-repetition",
        _DELAY,
        f'self.token = ""\n            {_DELAY}',
        ("CLI-23",),
    ),
    Patch(
        "tells-its-token-when-the-connection-is-lost",
        "raise NoAnswerError(type(error).__name__) from error",
        'raise NoAnswerError(f"{error!r} {headers}") from error',
        ("CLI-21",),
    ),
    Patch(
        "asks-without-pause-for-a-run-that-is-missing",
        "if time.monotonic() - began > NEW_RUN_SECS:\n                    raise\n                time.sleep(PAUSE_SECS)",
        "if time.monotonic() - began > NEW_RUN_SECS:\n                    raise",
        ("CLI-07",),
    ),
)
