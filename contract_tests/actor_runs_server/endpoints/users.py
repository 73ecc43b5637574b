"""The endpoints of users."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.endpoints.lookup import data
from actor_runs_server.http import parameters
from actor_runs_server.records.database import Page
from actor_runs_server.records.run_table import RunFilter

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


# Shown where this server has no limit.
NO_LIMIT: Final = 1_000_000
# What the limits call some services.
METERED: Final = {
    "monthlyActorComputeUnits": "ACTOR_COMPUTE_UNITS",
    "monthlyExternalDataTransferGbytes": "DATA_TRANSFER_EXTERNAL_GBYTES",
    "monthlyProxySerps": "PROXY_SERPS",
    "monthlyResidentialProxyGbytes": "PROXY_RESIDENTIAL_TRANSFER_GBYTES",
}
NOT_OFFERED: Final = ("scheduleCount", "teamAccountSeatCount")
WHOLE_MONTH: Final = "month"
Usage = defaultdict[str, Counter[str]]
EVERY: Final = Page(limit=2**31)


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

    async def get_limits(self, call: Call) -> Answer:
        """GET /v2/users/me/limits: what the configuration limits, and what is in use."""
        parameters.only(call.query)
        user = self.lookup.required(call).user
        configured, catalog = self.service.config.users[user], self.service.catalog
        going = [active.run for active in self.service.supervisor.active.values()]
        memory = [run.options["memoryMbytes"] for run in going if run.user == user]
        first, last = _month(datetime.fromtimestamp(self.service.clock.millis() / 1000, UTC))
        used, paid = self._used(user, first, last)
        limits = dict.fromkeys(NOT_OFFERED, (NO_LIMIT, 0)) | {
            "monthlyUsageUsd": (NO_LIMIT, sum(paid[WHOLE_MONTH].values())),
            **{name: (NO_LIMIT, used[WHOLE_MONTH][service]) for name, service in METERED.items()},
            "actorMemoryGbytes": (
                (configured.max_memory_mbytes or NO_LIMIT * 1024) / 1024,
                sum(memory) / 1024,
            ),
            "actorCount": (
                NO_LIMIT,
                sum(name.startswith(f"{user}~") for name in catalog.actors),
            ),
            "actorTaskCount": (NO_LIMIT, len(catalog.tasks(user))),
        }
        shown = {f"max{name[0].upper()}{name[1:]}": most for name, (most, _) in limits.items()}
        most_runs = configured.max_concurrent_runs
        shown["maxConcurrentActorJobs"] = NO_LIMIT if most_runs is None else most_runs
        shown["dataRetentionDays"] = NO_LIMIT
        return data(
            {
                "monthlyUsageCycle": _cycle(first, last),
                "limits": shown,
                "current": {name: now for name, (_, now) in limits.items()}
                | {"activeActorJobCount": len(memory)},
            }
        )

    async def get_monthly_usage(self, call: Call) -> Answer:
        """GET /v2/users/me/usage/monthly: what the runs of a month have used, also by days."""
        parameters.only(call.query, "date")
        user = self.lookup.required(call).user
        moment = parameters.moment(call.query, "date")
        millis = self.service.clock.millis() if moment is None else moment
        first, last = _month(datetime.fromtimestamp(millis / 1000, UTC))
        used, paid = self._used(user, first, last)
        total = sum(paid[WHOLE_MONTH].values())
        return data(
            {
                "usageCycle": _cycle(first, last),
                "monthlyServiceUsage": _services(used[WHOLE_MONTH], paid[WHOLE_MONTH]),
                "dailyServiceUsages": [
                    {
                        "date": f"{day}T00:00:00.000Z",
                        "serviceUsage": _services(used[day], paid[day]),
                        "totalUsageCreditsUsd": sum(paid[day].values()),
                    }
                    for day in sorted(used)
                    if day != WHOLE_MONTH
                ],
                "totalUsageCreditsUsdBeforeVolumeDiscount": total,
                "totalUsageCreditsUsdAfterVolumeDiscount": total,
            }
        )

    def _used(self, user: str, first: int, last: int) -> tuple[Usage, Usage]:
        """Return what the runs of a time have used and cost, by days and as a whole."""
        repository = self.service.repository
        wanted = RunFilter(user=user, started_after=first, started_before=last)
        used: Usage = defaultdict(Counter)
        paid: Usage = defaultdict(Counter)
        for run in filter(None, map(repository.find, repository.table.page(wanted, EVERY)[1])):
            shown = self.service.views.answer(run, owner=True)
            for days in (shown["startedAt"][:10], WHOLE_MONTH):
                used[days].update(shown["usage"])
                paid[days].update(shown["usageUsd"])
        return used, paid

    async def get_user(self, call: Call) -> Answer:
        """GET /v2/users/{userId}: what everybody may know of a user."""
        parameters.only(call.query)
        for user in self.service.config.users:
            if call.path["user"] in (user, stable_id("user", user)):
                return data(_public(user))
        raise ApiError("record-not-found", "User was not found")


def _public(user: str) -> dict[str, Any]:
    return {"id": stable_id("user", user), "username": user, "profile": {"name": user}}


def _month(moment: datetime) -> tuple[int, int]:
    """Return the first and the last millisecond of the month of a time."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    following = (first + timedelta(days=31)).replace(day=1)
    return int(first.timestamp() * 1000), int(following.timestamp() * 1000) - 1


def _cycle(first: int, last: int) -> dict[str, Any]:
    return {"startAt": timestamp(first), "endAt": timestamp(last)}


def _services(used: Counter[str], paid: Counter[str]) -> dict[str, Any]:
    """Return the usage of each service that has been used."""
    return {
        name: {
            "quantity": quantity,
            "baseAmountUsd": paid[name],
            "amountAfterVolumeDiscountUsd": paid[name],
        }
        for name, quantity in used.items()
        if quantity
    }
