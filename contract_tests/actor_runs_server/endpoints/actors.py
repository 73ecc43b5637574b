"""The endpoints of Actors and their builds: what the configuration says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.endpoints.lookup import data, listed
from actor_runs_server.http import parameters
from actor_runs_server.records.database import Page
from actor_runs_server.records.run_table import RunFilter
from actor_runs_server.runs.starter import DEFAULTS, build_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from actor_runs_server.config.config import Actor
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.service import Service

LAST_STARTED: Final = "stats.lastRunStartedAt"
SORTED_BY: Final = ("createdAt", LAST_STARTED)
# Orders of the store; the configured Actors are alike in each of them.
STORE_SORTED_BY: Final = ("relevance", "popularity", "newest", "lastUpdate")
PRICING_MODELS: Final = ("FREE", "PAY_PER_EVENT")
UNUSED_MODELS: Final = ("FLAT_PRICE_PER_MONTH", "PRICE_PER_DATASET_ITEM")


def pricing_model(actor: Actor) -> str:
    """Return how an Actor is paid for."""
    return PRICING_MODELS[actor.event_prices is not None]


@frozen
class ActorEndpoints:
    """Shows Actors and builds."""

    service: Service
    lookup: Lookup

    async def list_actors(self, call: Call) -> Answer:
        """GET /v2/actors: the Actors that the caller owns or has started; with `my` its own."""
        parameters.only(call.query, "my", "offset", "limit", "desc", "sortBy")
        user = self.lookup.required(call).user
        mine = parameters.boolean(call.query, "my")
        order = parameters.choice(call.query, "sortBy", SORTED_BY)
        starts = self.service.repository.table.last_starts(user)
        names = [
            name
            for name in self.service.catalog.actors
            if name.startswith(f"{user}~") or (name in starts and not mine)
        ]
        if order == LAST_STARTED:
            names.sort(key=lambda name: starts.get(name, 0))
        return self._listed(call, names)

    async def list_store(self, call: Call) -> Answer:
        """GET /v2/store: every Actor, as each user may start each."""
        query = call.query
        parameters.only(
            query, "limit", "offset", "search", "sortBy", "username", "pricingModel", "category"
        )
        self.lookup.caller(call)
        parameters.choice(query, "sortBy", STORE_SORTED_BY)
        model = parameters.choice(query, "pricingModel", (*PRICING_MODELS, *UNUSED_MODELS))
        search, username = query.get("search", "").lower(), query.get("username")
        names = [
            name
            for name, actor in self.service.catalog.actors.items()
            if search in name.lower()
            and username in (None, name.partition("~")[0])
            and model in (None, pricing_model(actor))
            and not query.get("category")
        ]
        return self._listed(call, names, self._store_item)

    async def get_actor(self, call: Call) -> Answer:
        """GET /v2/actors/{actorId}."""
        parameters.only(call.query)
        name = self._actor(call)
        actor = self.service.catalog.actors[name]
        options = actor.options
        builds = {
            tag: {
                "buildId": build_id(name, number),
                "buildNumber": number,
                "finishedAt": timestamp(self.service.catalog.began),
            }
            for tag, number in actor.builds.items()
        }
        runs, _ = self.service.repository.table.page(
            RunFilter(user=self.lookup.required(call).user, actor=name), Page(limit=0)
        )
        return data(
            self._item(name)
            | {
                "userId": stable_id("user", name.partition("~")[0]),
                "description": None,
                "isPublic": True,
                "isDeprecated": False,
                "stats": {"totalRuns": runs, "totalBuilds": len(actor.builds)},
                "versions": [self._version(number, tag) for tag, number in actor.builds.items()],
                "defaultRunOptions": {
                    "build": options.build or "latest",
                    "timeoutSecs": options.timeout_secs or 0,
                    "memoryMbytes": options.memory_mbytes or DEFAULTS.memory_mbytes,
                    "restartOnError": bool(options.restart_on_error),
                },
                "taggedBuilds": builds,
            }
        )

    async def list_builds(self, call: Call) -> Answer:
        """GET /v2/actors/{actorId}/builds."""
        parameters.only(call.query, "offset", "limit", "desc")
        name = self._actor(call)
        numbers = self.service.catalog.actors[name].numbers()
        return self._listed(call, numbers, lambda number: self._build(name, number))

    async def list_all_builds(self, call: Call) -> Answer:
        """GET /v2/actor-builds: those of the caller's Actors."""
        parameters.only(call.query, "offset", "limit", "desc")
        prefix = f"{self.lookup.required(call).user}~"
        builds = [
            (name, number)
            for name, actor in self.service.catalog.actors.items()
            if name.startswith(prefix)
            for number in actor.numbers()
        ]
        return self._listed(call, builds, lambda build: self._build(*build))

    async def get_default_build(self, call: Call) -> Answer:
        """GET /v2/actors/{actorId}/builds/default, which needs no token."""
        parameters.only(call.query, "waitForFinish")
        parameters.wait_seconds(call.query)
        name = self.service.access.actor(call.path["actor"], self.lookup.caller(call))
        actor = self.service.catalog.actors[name]
        number = self.service.starter.build_of(actor, actor.options.build or "latest")
        return data(self._build(name, number))

    async def get_build(self, call: Call) -> Answer:
        """GET /v2/actor-builds/{buildId}, which needs no token."""
        parameters.only(call.query, "waitForFinish")
        parameters.wait_seconds(call.query)
        self.lookup.caller(call)
        for name, actor in self.service.catalog.actors.items():
            for number in actor.builds.values():
                if build_id(name, number) == call.path["build"]:
                    return data(self._build(name, number))
        raise ApiError("record-not-found", "Actor build was not found")

    def _actor(self, call: Call) -> str:
        return self.service.access.actor(call.path["actor"], self.lookup.required(call))

    def _listed(
        self,
        call: Call,
        all_of_them: list[Any],
        show: Callable[[Any], dict[str, Any]] | None = None,
    ) -> Answer:
        """Return the page that the query asks for."""
        page = parameters.page(call.query)
        ordered = all_of_them[::-1] if page.newest_first else all_of_them
        part = ordered[page.offset : page.offset + page.limit]
        return listed(page, len(all_of_them), [(show or self._item)(entry) for entry in part])

    def _store_item(self, name: str) -> dict[str, Any]:
        item, actor = self._item(name), self.service.catalog.actors[name]
        return item | {
            "title": item["name"],
            "stats": {"totalBuilds": len(actor.builds)},
            "currentPricingInfo": {"pricingModel": pricing_model(actor)},
        }

    def _item(self, name: str) -> dict[str, Any]:
        user, _, title = name.partition("~")
        began = timestamp(self.service.catalog.began)
        return {
            "id": stable_id("actor", name),
            "name": title,
            "title": None,
            "username": user,
            "createdAt": began,
            "modifiedAt": began,
        }

    def _version(self, number: str, tag: str) -> dict[str, Any]:
        return {
            "versionNumber": ".".join(number.split(".")[:2]),
            "buildTag": tag,
            "sourceType": "TARBALL",
            "envVars": [],
            "applyEnvVarsToBuild": False,
            "tarballUrl": "",
        }

    def _build(self, name: str, number: str) -> dict[str, Any]:
        began = timestamp(self.service.catalog.began)
        actor: Actor = self.service.catalog.actors[name]
        schema = self.service.starter.schemas[name].document
        definition: dict[str, Any] = {"actorSpecification": 1, "name": name.partition("~")[2]}
        if actor.input_schema:
            definition["input"] = schema
        return {
            "id": build_id(name, number),
            "actId": stable_id("actor", name),
            "userId": stable_id("user", name.partition("~")[0]),
            "status": "SUCCEEDED",
            "startedAt": began,
            "finishedAt": began,
            "usageTotalUsd": 0,
            "buildNumber": number,
            "meta": {"origin": "API"},
            "actorDefinition": definition,
        }
