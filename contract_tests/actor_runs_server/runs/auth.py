"""Who is calling: the owner of the token in the Authorization header, or else in the query.

The header counts when both are given. A given token must be valid, even where none is needed.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_server.config.config import Config

SCHEME: Final = "bearer "


@frozen
class Caller:
    """The user that a token belongs to; `run` is the run whose process was given it."""

    user: str
    run: str | None = None


class Tokens:
    """The valid tokens: one of each user, one of each active run."""

    def __init__(self, config: Config) -> None:
        self._callers = {user.token: Caller(name) for name, user in config.users.items()}

    def issue(self, user: str, run: str) -> str:
        """Return a new token for the process of a run."""
        token = f"run_{secrets.token_urlsafe(24)}"
        self._callers[token] = Caller(user, run)
        return token

    def revoke(self, token: str) -> None:
        """Make a token invalid."""
        self._callers.pop(token, None)

    def caller(self, authorization: str, query: Mapping[str, str]) -> Caller | None:
        """Return who is calling; None without a token.

        Args:
            authorization: The Authorization header; "" without one.
            query: The query, which may have a `token`.

        Raises:
            ApiError: 401 for an unknown token.
        """
        bearer = authorization[: len(SCHEME)].lower() == SCHEME
        token = authorization[len(SCHEME) :].strip() if bearer else ""
        token = token or query.get("token", "")
        if not token:
            return None
        caller = self._callers.get(token)
        if caller is None:
            raise ApiError("user-or-token-not-found")
        return caller
