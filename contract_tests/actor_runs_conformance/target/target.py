"""The target: where it is, with which token and task, as the user gave it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path


class BadTargetError(ValueError):
    """What the user said of the target cannot be used; the message is one sentence for them."""


def base_url(url: str) -> str:
    """Return what stands before `/v2`, without a slash at the end.

    Raises:
        BadTargetError: it is not an http or https URL, or has a query, a fragment or a user in it.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise BadTargetError(f"{text!r} is not a URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadTargetError(f"{text!r} is not an http(s) URL; give it like http://127.0.0.1:8000")
    if parts.username or parts.password:
        raise BadTargetError("the URL holds a user or password; give the token by APIFY_TOKEN")
    if parts.query or parts.fragment:
        raise BadTargetError(f"{text!r} has a query or fragment; give what stands before /v2")
    path = parts.path.rstrip("/")
    path = path.removesuffix("/v2")
    return f"{parts.scheme}://{parts.netloc}{path}"


@frozen
class Target:
    """A server under test.

    `task` is an id or `user~task` whose Actor does as its input tells it (the fixture Actor);
    `short_task` and `long_task` stand in where a target cannot host that. `run` is a run to look
    at when none may be started; `actor` is the task's Actor as `user~actor`. Tokens are None when the user gave none, and in no
    repr. `ca_file` holds certificates to trust besides the usual ones.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    other_token: str | None = field(default=None, repr=False)
    task: str | None = None
    short_task: str | None = None
    long_task: str | None = None
    run: str | None = None
    actor: str | None = None
    ca_file: Path | None = None

    @property
    def controlled(self) -> bool:
        """Whether runs do as their input tells them: those of the task, or of the Actor alone."""
        return self.task is not None or self.without_tasks

    @property
    def without_tasks(self) -> bool:
        """Whether runs are started by their Actor, as the user named no task."""
        return self.actor is not None and self.task is None and self.short_task is None

    @property
    def local(self) -> bool:
        """Whether the target runs on this machine, so that it can reach a receiver here."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
