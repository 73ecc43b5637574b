"""The one log of a check: events as JSON lines, redacted, flushed as they happen.

Every report is rendered from it, so that what was seen can be judged again later.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.redaction import EDGE, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from actor_runs_conformance.http.exchange import Exchange, Headers
    from actor_runs_conformance.ledger.json_value import JsonValue

Event = dict[str, Any]
FILE = "events.jsonl"
FURTHER = "further_cases"
"""The event that counts generated cases beyond the first, and the check that sends them.

Their exchanges are logged where something rests on them.
"""
BODY_LIMIT = 64 * 1024
OWN = {
    *("id", "promise", "operation", "level", "kind", "check", "text", "source", "pointer"),
    *("unchecked", "name", "phase", "mode", "verdict", "by", "profile", "time", "version"),
    *("budget", "counts", "cost"),
}
"""Values that are the suite's own words: reports look them up, and a short token may be in them."""
FORMS = frozenset({"request", "response"})
"""Objects whose keys are the suite's own, and whose values are not."""
BYTES_SHOWN = 64


def body_text(body: bytes | None, redactor: Redactor) -> str | None:
    """Return a body as the log shows it: redacted text, cut after 64 KiB; None when there is none.

    A body that is not UTF-8 is shown by its length and first bytes.
    """
    if body is None:
        return None
    # Redacted before it is cut, and without the edge: half a token there would escape.
    head = body[: 2 * BODY_LIMIT]
    whole = len(body) == len(head)
    try:
        text = head.decode("utf-8", "strict" if whole else "ignore")
    except UnicodeDecodeError:
        shown = redactor.text(head.decode("utf-8", "backslashreplace"))[:BYTES_SHOWN]
        return f"<{len(body)} bytes that are not UTF-8, first {shown}>"
    text = redactor.text(text)
    if whole and len(text) <= BODY_LIMIT:
        return text
    text = text if whole else text[:-EDGE]
    return f"{text[:BODY_LIMIT]}… <{len(body)} bytes>"


def headers_object(headers: Headers) -> dict[str, str]:
    """Return headers as an object with lower-case names; a repeated one is joined by commas."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _line(entry: Event) -> str:
    try:
        return json.dumps(entry, ensure_ascii=False, allow_nan=False)
    except ValueError:  # An answer held a number beyond a double, such as 1e999.
        return json.dumps(json.loads(json.dumps(entry), parse_constant=str), ensure_ascii=False)


class Log:
    """Writes events to a file (if any) and hands each to the listeners, redacted.

    Safe to call from several threads.
    """

    def __init__(self, directory: Path | None = None, redactor: Redactor | None = None) -> None:
        """Begin the log, and time; `directory` is created when it does not exist.

        Raises:
            OSError: the file cannot be written.
        """
        self.redactor = redactor or Redactor([])
        self._own = self.redactor.for_own_words()
        self.listeners: list[Callable[[Event], None]] = []
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._file = None
        self.failure: OSError | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = (directory / FILE).open("w", encoding="utf-8", errors="backslashreplace")

    def now(self) -> float:
        """Return the seconds since the log began."""
        return time.monotonic() - self._started

    def write(self, event: str, *, at: JsonValue = None, **values: JsonValue) -> Event:
        """Write an event of this kind, flushed, and return it as it was written."""
        moment: float = self.now() if at is None else at
        entry: Event = {"event": event, "at": round(moment, 4)}
        entry.update((name, self._hidden(name, value)) for name, value in values.items())
        with self._lock:
            self._keep(entry)
            for listener in self.listeners:
                listener(entry)
        return entry

    def _keep(self, entry: Event) -> None:
        """Write an entry to the file; when that fails the log goes on without one."""
        if self._file is None:
            return
        try:
            self._file.write(_line(entry) + "\n")
            self._file.flush()
        except OSError as error:
            self.failure = error
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _hidden(self, name: str, value: JsonValue) -> JsonValue:
        if name in OWN:
            return self._own.value(value)
        if name in FORMS and isinstance(value, dict):
            return {key: self.redactor.value(item) for key, item in value.items()}
        return self.redactor.value(value)

    def exchange(self, exchange: Exchange) -> None:
        """Write an exchange."""
        request, response = exchange.request, exchange.response
        self.write(
            "exchange",
            at=exchange.sent,
            id=exchange.id,
            check=exchange.check,
            operation=exchange.operation,
            run=exchange.run,
            request={
                "method": request.method,
                "url": request.url,
                "headers": headers_object(request.headers),
                "body": body_text(request.body, self.redactor),
            },
            response=None
            if response is None
            else {
                "status": response.status,
                "headers": headers_object(response.headers),
                "body": body_text(response.body, self.redactor),
                "seconds": round(response.seconds, 6),
            },
            error=exchange.error,
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
