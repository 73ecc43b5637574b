"""exchanges.har: every exchange as an HTTP Archive 1.2, for the tools of a browser.

Written entry by entry while the log is read, so that the log's length does not matter.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from harfile import Content, Creator, HarFile, PostData, Record, Request, Response, Timings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from actor_runs_conformance.events.reader import Event, Log
    from actor_runs_conformance.report.model import Report

HTTP = "HTTP/1.1"
ALLOWED = "%!#$&'()*+,/:;=?@~"
STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
REASONS = {status.value: status.phrase for status in HTTPStatus}
NO_ANSWER = Response(status=0, statusText="", httpVersion=HTTP)
"""What browsers write when a request was never answered."""


def write(_report: Report, log: Log, stream: TextIO) -> None:
    """Write exchanges.har."""
    start = log.start
    began = moment(start.get("time"))
    creator = Creator(name="actor-runs", version=str(start.get("version") or "unknown"))
    comment = f"actor-runs check-server on {start.get('target')}"
    archive = HarFile(stream, creator=creator, comment=comment)
    for _, event in log.events():
        if event["event"] == "exchange":
            _add(archive, event, began)
    archive.close()


def _add(archive: HarFile, exchange: Event, began: datetime) -> None:
    response = exchange.get("response")
    wait = 1000 * float((response or {}).get("seconds") or 0.0)
    at = began + timedelta(seconds=float(exchange.get("at") or 0.0))
    words = (f"#{exchange['id']}", exchange.get("check"), exchange.get("error"))
    archive.add_entry(
        startedDateTime=at.isoformat(timespec="milliseconds"),
        time=wait,
        request=_request(exchange["request"]),
        response=_response(response) if response else NO_ANSWER,
        timings=Timings(send=0, wait=wait, receive=0),
        comment=" ".join(str(word) for word in words if word),
    )


def moment(text: str | None) -> datetime:
    """Return when the suite started; the epoch when the log does not say it readably."""
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _records(pairs: Iterable[tuple[str, Any]]) -> list[Record]:
    return [Record(name=str(name), value=str(value)) for name, value in pairs]


def _header(headers: dict[str, Any], name: str) -> str:
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


def _request(request: dict[str, Any]) -> Request:
    headers, body = request.get("headers") or {}, request.get("body")
    return Request(
        method=request["method"],
        url=uri(request["url"]),
        httpVersion=HTTP,
        headers=_records(headers.items()),
        queryString=_records(parse_qsl(_query(request["url"]), keep_blank_values=True)),
        postData=PostData(_header(headers, "content-type"), text=body) if body else None,
        bodySize=len(body.encode("utf-8", "replace")) if body else 0,
    )


def uri(url: str) -> str:
    """Return a URL in which what no URL may hold, such as `<token>`, is percent-encoded."""
    scheme, colon, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    path = STRAY_PERCENT.sub("%25", path)
    return scheme + colon + host + slash + quote(path, safe=ALLOWED, errors="replace")


def _query(url: str) -> str:
    try:
        return urlsplit(url).query if "?" in url else ""
    except ValueError:
        return ""


def _response(response: dict[str, Any]) -> Response:
    headers, body = response.get("headers") or {}, response.get("body") or ""
    size = len(body.encode("utf-8", "replace"))
    return Response(
        status=response["status"],
        statusText=REASONS.get(response["status"], ""),
        httpVersion=HTTP,
        headers=_records(headers.items()),
        content=Content(size=size, mimeType=_header(headers, "content-type"), text=body),
        redirectURL=_header(headers, "location"),
        bodySize=size,
    )
