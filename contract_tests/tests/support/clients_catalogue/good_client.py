"""A small client of the Actor-run API with its driver, in one file: the faulty clients are patches of this text.

It keeps every promise about clients. It uses the standard library alone, so that it starts quickly.
"""

from __future__ import annotations

import base64
import http.client
import json
import random
import sys
import time
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

TERMINAL: Final = ("SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED")
TRIES: Final = 5
FIRST_DELAY_SECS: Final = 0.5
ANSWER_SECS: Final = 30
LONGEST_HOLD_SECS: Final = 60
NEW_RUN_SECS: Final = 3
PAUSE_SECS: Final = 1.0


class ApiError(Exception):
    """The API refused the request."""

    def __init__(self, status: int | None, kind: str | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


class NoSuchRunError(ApiError):
    """The API says that there is no such run."""


class NoAnswerError(Exception):
    """No whole answer came: nobody knows what became of the request."""


class Client:
    """Calls the six operations of one server with one token."""

    def __init__(self, base_url: str, token: str) -> None:
        self.address = urlsplit(base_url)
        self.token = token

    def start(self, task: str, task_input: Any, options: dict[str, Any]) -> Any:
        query = {key: value for key, value in options.items() if key != "webhooks"}
        if "webhooks" in options:
            query["webhooks"] = base64.b64encode(json.dumps(options["webhooks"]).encode()).decode()
        held = options.get("waitForFinish", 0)
        path = f"/v2/actor-tasks/{segment(task)}/runs"
        return self.call("POST", path, query=query, body=task_input, held=held, repeatable=False)

    def get(self, run: str, wait_for_finish: float | None = None) -> Any:
        query = {} if wait_for_finish is None else {"waitForFinish": wait_for_finish}
        found = self.call(
            "GET", f"/v2/actor-runs/{segment(run)}", query=query, held=wait_for_finish or 0
        )
        return same_run(found, run)

    def update(self, run: str, changes: dict[str, Any]) -> Any:
        body = {"runId": run, **changes}
        return same_run(self.call("PUT", f"/v2/actor-runs/{segment(run)}", body=body), run)

    def reboot(self, run: str) -> Any:
        found = self.call("POST", f"/v2/actor-runs/{segment(run)}/reboot", repeatable=False)
        return same_run(found, run)

    def abort(self, run: str, actor: str | None, gracefully: bool | None) -> Any:
        path = f"/v2/actor-runs/{segment(run)}/abort"
        if actor is not None:
            path = f"/v2/acts/{segment(actor)}/runs/{segment(run)}/abort"
        query = {} if gracefully is None else {"gracefully": gracefully}
        return same_run(self.call("POST", path, query=query), run)

    def wait(self, run: str, deadline_secs: float) -> Any:
        began = time.monotonic()
        while True:
            left = began + deadline_secs - time.monotonic()
            asked = time.monotonic()
            try:
                found = self.get(run, max(0, min(LONGEST_HOLD_SECS, int(left))))
            except NoSuchRunError:
                if time.monotonic() - began > NEW_RUN_SECS:
                    raise
                time.sleep(PAUSE_SECS)
                continue
            except (ApiError, NoAnswerError) as error:
                if left <= 0 or not may_pass(error):
                    raise
                time.sleep(PAUSE_SECS)
                continue
            if found["status"] in TERMINAL or left <= 0:
                return found
            if time.monotonic() - asked < PAUSE_SECS:
                time.sleep(PAUSE_SECS)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        held: float = 0,
        repeatable: bool = True,
    ) -> Any:
        """Send the request, again where that is safe, and return the run of the answer."""
        delay = FIRST_DELAY_SECS
        for attempt in range(1, TRIES + 1):
            try:
                status, text = self.send(method, path, query, body, ANSWER_SECS + held)
            except NoAnswerError:
                if not repeatable or attempt == TRIES:
                    raise
            else:
                again = status == 429 or (status >= 500 and repeatable)
                if not again or attempt == TRIES:
                    return self.run_of(status, text)
            time.sleep(random.uniform(delay, 2 * delay))
            delay *= 2
        raise AssertionError("the last attempt returns or raises")

    def send(
        self, method: str, path: str, query: Any, body: Any, timeout: float
    ) -> tuple[int, bytes]:
        """Return the status and the body of the answer to one request."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        target = self.address.path.rstrip("/") + path
        if query:
            target += "?" + urlencode({key: in_query(value) for key, value in query.items()})
        connection = http.client.HTTPConnection(
            self.address.hostname or "", self.address.port, timeout=timeout
        )
        try:
            connection.request(method, target, body=content, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(type(error).__name__) from error
        finally:
            connection.close()

    def run_of(self, status: int, text: bytes) -> Any:
        """Return the run in the answer, or raise what the answer says instead."""
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = None
        answered = parsed if isinstance(parsed, dict) else {}
        if 200 <= status < 300:
            if not isinstance(answered.get("data"), dict):
                raise ApiError(status, None, "The answer holds no run.")
            return answered["data"]
        error = answered.get("error") or {}
        message = str(error.get("message", "")).replace(self.token, "(token)")
        if status == 404 and error.get("type") in ("record-not-found", "record-or-token-not-found"):
            raise NoSuchRunError(status, error["type"], message)
        raise ApiError(status, error.get("type"), message)


def segment(name: str) -> str:
    """Return the name as one percent-encoded segment of a path."""
    if name in ("", ".", ".."):
        raise ApiError(None, None, "A name is not empty and not made of dots.")
    return quote(name, safe="~")


def in_query(value: Any) -> str:
    """Return the value as the API spells it in a query."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def same_run(found: Any, run: str) -> Any:
    """Return the run that was found, unless it is another than the one asked for."""
    if found.get("id") != run:
        raise ApiError(None, None, "The answer is about another run.")
    return found


def may_pass(error: Exception) -> bool:
    """Whether to go on waiting: a gateway gave up on an answer, or a connection was lost."""
    return isinstance(error, NoAnswerError) or getattr(error, "status", None) in (502, 503, 504)


def carry_out(order: dict[str, Any]) -> Any:
    """Do what the order says and return the run."""
    client = Client(order["base_url"], order["token"])
    match order["do"]:
        case "start":
            return client.start(order["task"], order.get("input"), order.get("options") or {})
        case "get":
            return client.get(order["run"], order.get("waitForFinish"))
        case "wait":
            return client.wait(order["run"], order["deadlineSecs"])
        case "abort":
            return client.abort(order["run"], order.get("actor"), order.get("gracefully"))
        case "reboot":
            return client.reboot(order["run"])
        case _:
            changes = {
                key: order[key]
                for key in ("statusMessage", "isStatusMessageTerminal")
                if key in order
            }
            return client.update(order["run"], changes)


def answer_to(order: dict[str, Any]) -> dict[str, Any]:
    """Return what the driver answers to the order."""
    try:
        return {"run": carry_out(order)}
    except NoSuchRunError:
        return {"none": True}
    except ApiError as error:
        return {"error": {"status": error.status, "type": error.kind, "message": error.message}}
    except NoAnswerError as error:
        return {"error": {"status": None, "type": None, "message": str(error)}}


def main() -> None:
    """Answer one order a line until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(json.dumps({"id": order["id"], **answer_to(order)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
