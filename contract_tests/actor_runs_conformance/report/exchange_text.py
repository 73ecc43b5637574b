"""An exchange as text: for pages and files that people read, printable and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from markupsafe import escape

from actor_runs_conformance.report.build import answer
from actor_runs_conformance.report.text import cut, pretty, printable

if TYPE_CHECKING:
    from actor_runs_conformance.events.reader import Event

LONGEST_BODY = 20_000
LONGEST_HEADER = 2_000
LONGEST_URL = 2_000
SECOND = 1.0


@frozen
class Shown:
    """An exchange as the page shows it; every text is printable and bounded."""

    id: int
    at: float
    check: str | None
    operation: str | None
    run: str | None
    method: str
    path: str
    url: str
    request: str
    response: str | None
    answer: str
    took: str
    family: str
    """`2xx` to `5xx`, or `none` when nothing came back."""

    @property
    def size(self) -> int:
        """Bytes in a page: what a target sends can grow fivefold when it is escaped."""
        texts = (self.request, self.response or "", self.path)
        return sum(len(escape(text).encode("utf-8", "replace")) for text in texts)


def show(event: Event, target: str) -> Shown:
    """Return an exchange event as the page shows it."""
    request, response = event["request"], event.get("response")
    method = printable(request["method"])
    url = cut(printable(request["url"]), LONGEST_URL)
    path = url.removeprefix(target.rstrip("/"))
    status = response["status"] if response else None
    seconds = (response or {}).get("seconds")
    return Shown(
        id=event["id"],
        at=event["at"],
        check=event.get("check"),
        operation=event.get("operation"),
        run=event.get("run"),
        method=method,
        path=path or "/",
        url=url,
        request=f"{method} {path} HTTP/1.1\n{_message(request)}",
        response=f"{status}\n{_message(response)}" if response else None,
        answer=printable(answer(event)),
        took="" if seconds is None else _took(seconds),
        family=f"{status // 100}xx" if status else "none",
    )


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= SECOND else f"{1000 * seconds:.0f} ms"


def _message(message: dict[str, Any]) -> str:
    headers = "".join(
        f"{name}: {cut(printable(str(value)), LONGEST_HEADER)}\n"
        for name, value in (message.get("headers") or {}).items()
    )
    body = message.get("body")
    if not body:
        return printable(headers)
    if len(body) <= LONGEST_BODY:
        body = pretty(body)
    return f"{printable(headers)}\n{cut(printable(body), LONGEST_BODY)}"
