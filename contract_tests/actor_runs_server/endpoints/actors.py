"""The endpoints of Actors and their builds: what the configuration says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from actor_runs_server.config.config import Actor
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.service import Service


@frozen
class ActorEndpoints:
    """Shows Actors and builds."""

    service: Service
    lookup: Lookup

    async def list_actors(self, call: Call) -> Answer:
        """GET /v2/actors: the Actors of the caller; with `my` false those of all users."""
        parameters.only(call.query, "my", "offset", "limit", "desc", "sortBy")
        user = self.lookup.required(call).user
        parameters.choice(call.query, "sortBy", ("createdAt",))
        mine = parameters.boolean(call.query, "my")
        actors = self.service.catalog.actors.items()
        names = [name for name, _ in actors if mine is False or name.startswith(f"{user}~")]
        page = parameters.page(call.query)
        ordered = names[::-1] if page.newest_first else names
        part = ordered[page.offset : page.offset + page.limit]
        return listed(page, len(names), [self._item(name) for name in part])

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
                "isPublic": False,
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
        numbers = sorted(set(self.service.catalog.actors[name].builds.values()))
        page = parameters.page(call.query)
        ordered = numbers[::-1] if page.newest_first else numbers
        part = ordered[page.offset : page.offset + page.limit]
        return listed(page, len(numbers), [self._build(name, number) for number in part])

    async def get_default_build(self, call: Call) -> Answer:
        """GET /v2/actors/{actorId}/builds/default."""
        parameters.only(call.query, "waitForFinish")
        parameters.wait_seconds(call.query)
        name = self._actor(call)
        actor = self.service.catalog.actors[name]
        number = self.service.starter.build_of(actor, actor.options.build or "latest")
        return data(self._build(name, number))

    async def get_build(self, call: Call) -> Answer:
        """GET /v2/actor-builds/{buildId}."""
        parameters.only(call.query, "waitForFinish")
        parameters.wait_seconds(call.query)
        self.lookup.required(call)
        for name, actor in self.service.catalog.actors.items():
            for number in actor.builds.values():
                if build_id(name, number) == call.path["build"]:
                    return data(self._build(name, number))
        raise ApiError("record-not-found", "Actor build was not found")

    def _actor(self, call: Call) -> str:
        return self.service.access.actor(call.path["actor"], self.lookup.required(call))

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
