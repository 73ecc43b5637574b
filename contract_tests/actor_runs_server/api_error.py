"""The error types of this server in one table: type, status, default message."""

from __future__ import annotations

from typing import Final

TYPES: Final[dict[str, tuple[int, str]]] = {
    "invalid-request": (400, "The request is not valid."),
    "invalid-value": (400, "A value is not valid."),
    "invalid-parameter": (400, "A parameter is not valid."),
    "cannot-set-is-status-message-terminal": (
        400,
        "isStatusMessageTerminal cannot be set without a statusMessage.",
    ),
    "cannot-remove-running-run": (
        400,
        "It is not possible to delete a run that has not finished yet.",
    ),
    "max-items-must-be-greater-than-zero": (400, "maxItems must not be negative."),
    "max-total-charge-usd-must-be-greater-than-zero": (
        400,
        "maxTotalChargeUsd must not be negative.",
    ),
    "token-not-provided": (401, "Authentication token was not provided"),
    "user-or-token-not-found": (
        401,
        "User was not found or authentication token is not valid",
    ),
    "actor-memory-limit-exceeded": (
        402,
        "By launching this job you will exceed the memory limit for all your Actor runs.",
    ),
    "concurrent-runs-limit-exceeded": (
        402,
        "By launching this job you will exceed the limit of concurrent runs.",
    ),
    "cannot-charge-non-pay-per-event-actor": (
        403,
        "The Actor is not paid per event; its configuration has no event_prices.",
    ),
    "run-failed": (400, "The run has not succeeded."),
    "run-timeout-exceeded": (408, "The run has not finished within 300 seconds."),
    "request-handled-or-locked": (403, "The request is not locked by this client."),
    "actor-task-name-not-unique": (409, "The name is already in use by another task."),
    "name-not-unique": (409, "The name is already in use."),
    "insufficient-permissions": (
        403,
        "Insufficient permissions. Make sure you're passing a correct API token.",
    ),
    "job-finished": (403, "Actor job is already finished."),
    "invalid-input": (403, "Input is not valid."),
    "unknown-build-tag": (403, "There is no build with this tag."),
    "build-not-found": (403, "There is no build with this number."),
    "record-not-found": (404, "The requested resource was not found."),
    "record-or-token-not-found": (404, "Actor was not found or access denied"),
    "page-not-found": (
        404,
        "We have bad news: there is no API endpoint at this URL. Did you specify it correctly?",
    ),
    "method-not-allowed": (
        405,
        "This API end-point can only be accessed using the following HTTP methods:",
    ),
    "request-too-large": (413, "The POST payload is too large."),
    "unsupported-content-encoding": (415, "This Content-Encoding is not supported."),
    "rate-limit-exceeded": (429, "You have exceeded the rate limit. Please try again later."),
    "internal-server-error": (500, "Something failed inside the server; its log says more."),
}


class ApiError(Exception):
    """An answer of one of the documented error types, raised where the reason is found.

    Args:
        kind: A key of `TYPES`; it decides the HTTP status.
        message: A message for people; the default of the type if left out.
        headers: Headers of the answer, such as `Allow`.
        status: Replaces the status of the type; a few types have two.
    """

    def __init__(
        self,
        kind: str,
        message: str | None = None,
        headers: dict[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        usual, default = TYPES[kind]
        self.status = status or usual
        self.type = kind
        self.message = message or default
        self.headers = headers or {}
        super().__init__(f"{self.status} {kind}: {self.message}")

    def body(self) -> dict[str, object]:
        """Return the documented envelope."""
        return {"error": {"type": self.type, "message": self.message}}
