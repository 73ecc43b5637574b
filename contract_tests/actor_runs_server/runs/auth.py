"""Who is calling: a token in the Authorization header, or else in the query.

The header counts when both are given. A token that is given must be right, even where none is
needed.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_server.config.config import Config
    from actor_runs_server.http.parameters import Query

SCHEME: Final = "bearer "


@frozen
class Caller:
    """The user whom a token speaks for; `run` is the run whose process it was given to."""

    user: str
    run: str | None = None


class Tokens:
    """The tokens that are good at this moment: those of users, and one for each going run."""

    def __init__(self, config: Config) -> None:
        """Take the users' tokens from the configuration."""
        self._callers = {user.token: Caller(name) for name, user in config.users.items()}

    def issue(self, user: str, run: str) -> str:
        """Return a new token for the process of a run."""
        token = f"run_{secrets.token_urlsafe(24)}"
        self._callers[token] = Caller(user, run)
        return token

    def revoke(self, token: str) -> None:
        """Make a token invalid."""
        self._callers.pop(token, None)

    def caller(self, headers: Mapping[str, str], query: Query) -> Caller | None:
        """Return who is calling; None when no token is given.

        Raises:
            ApiError: 401, when the token is nobody's.
        """
        header = headers.get("authorization", "")
        token = header[len(SCHEME) :].strip() if header.lower().startswith(SCHEME) else ""
        token = token or query.get("token", "")
        if not token:
            return None
        caller = self._callers.get(token)
        if caller is None:
            raise ApiError("user-or-token-not-found")
        return caller

    def required(self, headers: Mapping[str, str], query: Query) -> Caller:
        """Return who is calling.

        Raises:
            ApiError: 401, when no token is given or it is nobody's.
        """
        caller = self.caller(headers, query)
        if caller is None:
            raise ApiError("token-not-provided")
        return caller
