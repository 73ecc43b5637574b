"""The endpoints of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.endpoints.lookup import data
from actor_runs_server.http import parameters

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.service import Service

FEATURES: Final = (
    "ACTORS",
    "STORAGE",
    "SCHEDULER",
    "PROXY",
    "PROXY_EXTERNAL_ACCESS",
    "PROXY_RESIDENTIAL",
    "PROXY_SERPS",
    "WEBHOOKS",
    "ACTORS_PUBLIC_ALL",
    "ACTORS_PUBLIC_DEVELOPER",
)
# What this server does not offer.
DISABLED: Final = frozenset({"SCHEDULER", *(name for name in FEATURES if "PROXY" in name)})


@frozen
class UserEndpoints:
    """Shows users."""

    service: Service
    lookup: Lookup

    async def get_me(self, call: Call) -> Answer:
        """GET /v2/users/me: the user of the token."""
        parameters.only(call.query)
        user = self.lookup.required(call).user
        limits = self.service.config.users[user]
        feature = {"isTrial": False, "trialExpirationAt": None}
        return data(
            _public(user)
            | {
                "id": stable_id("user", user),
                "email": f"{user}@example.com",
                "createdAt": timestamp(self.service.catalog.began),
                "isPaying": True,
                "proxy": {"password": "no-proxy", "groups": []},
                "plan": {
                    "id": "REFERENCE",
                    "description": "Reference server",
                    "isEnabled": True,
                    "monthlyBasePriceUsd": 0,
                    "monthlyUsageCreditsUsd": 0,
                    "usageDiscountPercent": 0,
                    "enabledPlatformFeatures": [name for name in FEATURES if name not in DISABLED],
                    "maxMonthlyUsageUsd": 0,
                    "maxActorMemoryGbytes": (limits.max_memory_mbytes or 0) / 1024,
                    "maxMonthlyActorComputeUnits": 0,
                    "maxMonthlyResidentialProxyGbytes": 0,
                    "maxMonthlyProxySerps": 0,
                    "maxMonthlyExternalDataTransferGbytes": 0,
                    "maxActorCount": 0,
                    "maxActorTaskCount": 0,
                    "dataRetentionDays": 0,
                    "availableProxyGroups": {},
                    "teamAccountSeatCount": 1,
                    "supportLevel": "NONE",
                    "availableAddOns": [],
                },
                "effectivePlatformFeatures": {
                    name: feature
                    | (
                        {
                            "isEnabled": False,
                            "disabledReason": "The reference server does not offer it.",
                            "disabledReasonType": "DISABLED",
                        }
                        if name in DISABLED
                        else {"isEnabled": True, "disabledReason": None, "disabledReasonType": None}
                    )
                    for name in FEATURES
                },
            }
        )

    async def get_user(self, call: Call) -> Answer:
        """GET /v2/users/{userId}: what everybody may know of a user."""
        parameters.only(call.query)
        for user in self.service.config.users:
            if call.path["user"] in (user, stable_id("user", user)):
                return data(_public(user))
        raise ApiError("record-not-found", "User was not found")


def _public(user: str) -> dict[str, Any]:
    return {"username": user, "profile": {"name": user}}
