"""The application: every path and its handlers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute

from actor_runs_server.admin.endpoints import AdminEndpoints
from actor_runs_server.admin.faults import Faults
from actor_runs_server.admin.journal import Journal
from actor_runs_server.admin.middleware import AdminMiddleware
from actor_runs_server.api_error import ApiError
from actor_runs_server.endpoints.actors import ActorEndpoints
from actor_runs_server.endpoints.datasets import DatasetEndpoints
from actor_runs_server.endpoints.key_values import KeyValueEndpoints
from actor_runs_server.endpoints.lookup import Lookup
from actor_runs_server.endpoints.request_queues import RequestQueueEndpoints
from actor_runs_server.endpoints.runs import RunEndpoints
from actor_runs_server.endpoints.starts import StartEndpoints
from actor_runs_server.endpoints.storages import StorageEndpoints
from actor_runs_server.endpoints.tasks import TaskEndpoints
from actor_runs_server.endpoints.users import UserEndpoints
from actor_runs_server.endpoints.webhooks import WebhookEndpoints
from actor_runs_server.http.middleware import ApiMiddleware, send_error
from actor_runs_server.http.resources import DEFAULT_LIMIT, Handler, Rates, Resource
from actor_runs_server.runs.service import Parts, Service
from actor_runs_server.storages.storages import DATASET, KEY_VALUE_STORE, REQUEST_QUEUE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from actor_runs_server.config.config import Config

RUN_TASK_LIMIT: Final = 400
ONE_RUN: Final = "/v2/actor-runs/{run}"
TASK: Final = "/v2/actor-tasks/{task}"
# The canonical prefix and the deprecated one.
ACTORS: Final = ("/v2/actors", "/v2/acts")
LAST_RUNS: Final = (f"{TASK}/runs/last", *(f"{prefix}/{{actor}}/runs/last" for prefix in ACTORS))
Table = dict[str, dict[str, Handler]]


class Application(Starlette):
    """Starlette without its own handling of exceptions, which `ApiMiddleware` does."""

    outermost: ASGIApp

    def build_middleware_stack(self) -> ASGIApp:
        """Return the outermost layer of the application."""
        return self.outermost


def create_app(
    config: Config,
    data: Path,
    *,
    parts: Parts | None = None,
    rates: Rates | None = None,
    public_url: str | None = None,
    admin: bool = False,
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Starlette:
    """Return the server as an ASGI application; its lifespan opens and closes the data.

    Args:
        config: Users, Actors and tasks.
        data: The directory that keeps everything.
        parts: The parts of the service; a test gives a subclass of one, with a fault.
        rates: Enforces the rate limits; None only shows them.
        public_url: Where others reach the server; None is the address of each request.
        admin: Serves `/__admin`, with which a test controls the server.
        wrap: ASGI middleware around the application; a test alters requests and answers there.

    Returns:
        The application, with the service as `app.state.service`.
    """
    service = Service(config, data, parts or Parts(), public_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await service.open()
        try:
            yield
        finally:
            await service.close()

    journal, faults = Journal(), Faults()
    admin_table = AdminEndpoints(service, journal, faults).table() if admin else {}
    app = Application(routes=routes(service, rates, admin_table), lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = _no_such_page
    app.state.service = service
    outermost = wrap(ApiMiddleware(app.router))
    app.outermost = (
        AdminMiddleware(outermost, journal, faults, service.clock) if admin else outermost
    )
    return app


def routes(service: Service, rates: Rates | None, admin: Table) -> list[BaseRoute]:
    """Return the table of all paths, the busiest first."""
    lookup = Lookup(service)
    runs = RunEndpoints(service, lookup)
    starts = StartEndpoints(service, lookup, DatasetEndpoints(service, lookup))
    table: Table = {
        ONE_RUN: {"GET": runs.get_run, "PUT": runs.update_run, "DELETE": runs.delete_run},
        f"{TASK}/runs": {"POST": starts.run_task, "GET": runs.list_runs},
        **{path: {"GET": runs.get_run} for path in LAST_RUNS},
    }
    for place in (ONE_RUN, *LAST_RUNS):
        table |= _below_run(place, runs)
    table |= {"/v2/logs/{run}": {"GET": runs.get_log}, "/v2/actor-runs": {"GET": runs.list_runs}}
    for prefix in ACTORS:
        table[f"{prefix}/{{actor}}/runs/{{run}}/abort"] = {"POST": runs.abort_actor_run}
        table[f"{prefix}/{{actor}}/runs"] = {"POST": starts.run_actor, "GET": runs.list_runs}
    for place in (TASK, *(f"{prefix}/{{actor}}" for prefix in ACTORS)):
        for name, handler in (
            ("run-sync", starts.run_sync),
            ("run-sync-get-dataset-items", starts.run_sync_items),
        ):
            table[f"{place}/{name}"] = {"POST": handler, "GET": handler}
    table |= _storages(service, lookup) | _neighbours(service, lookup)
    table |= {"/health": {"GET": runs.get_health}, **admin}
    limits = {f"{TASK}/runs": RUN_TASK_LIMIT}

    def at(path: str, methods: dict[str, Handler]) -> Route:
        limit = limits.get(path, DEFAULT_LIMIT)
        return Route(path, Resource(methods, rates.limit(limit) if rates else limit, rates))

    events = WebSocketRoute(f"{ONE_RUN}/events", runs.events)
    return [*(at(path, methods) for path, methods in table.items()), events]


def _below_run(place: str, runs: RunEndpoints) -> Table:
    """Return what can be done with a run, or with the last run of an Actor or a task."""
    return {
        f"{place}/abort": {"POST": runs.abort_run},
        f"{place}/reboot": {"POST": runs.reboot_run},
        f"{place}/resurrect": {"POST": runs.resurrect_run},
        f"{place}/metamorph": {"POST": runs.metamorph_run},
        f"{place}/charge": {"POST": runs.charge_run},
        f"{place}/log": {"GET": runs.get_log},
    }


def _storages(service: Service, lookup: Lookup) -> Table:
    """Return the paths of storages: by their own reference, and by that of a run."""
    datasets = DatasetEndpoints(service, lookup)
    records = KeyValueEndpoints(service, lookup)
    queues = RequestQueueEndpoints(service, lookup)
    inside: dict[str, Table] = {
        DATASET: {
            "items": {"GET": datasets.get_items, "POST": datasets.push_items},
            "statistics": {"GET": datasets.get_statistics},
        },
        KEY_VALUE_STORE: {
            "keys": {"GET": records.list_keys},
            "records/{key}": {
                "GET": records.get_record,
                "PUT": records.put_record,
                "POST": records.put_record,
                "DELETE": records.delete_record,
            },
        },
        REQUEST_QUEUE: {
            "head": {"GET": queues.get_head},
            "head/lock": {"POST": queues.lock_head},
            "requests": {"POST": queues.add_request, "GET": queues.list_requests},
            "requests/batch": {"POST": queues.add_batch, "DELETE": queues.delete_batch},
            "requests/unlock": {"POST": queues.unlock_all},
            "requests/{request}": {
                "GET": queues.get_request,
                "PUT": queues.put_request,
                "DELETE": queues.delete_request,
            },
            "requests/{request}/lock": {"PUT": queues.prolong_lock, "DELETE": queues.delete_lock},
        },
    }
    table: Table = {}
    for kind, paths in inside.items():
        storages = StorageEndpoints(service, lookup, kind)
        one: dict[str, Handler] = {
            "GET": storages.get_storage,
            "PUT": storages.update_storage,
            "DELETE": storages.delete_storage,
        }
        below_runs = (f"{place}/{kind}" for place in (ONE_RUN, *LAST_RUNS))
        for place in (f"/v2/{kind}s/{{storage}}", *below_runs):
            table[place] = one
            table |= {f"{place}/{path}": methods for path, methods in paths.items()}
        table[f"/v2/{kind}s"] = {"GET": storages.list_storages, "POST": storages.create_storage}
    return table


def _neighbours(service: Service, lookup: Lookup) -> Table:
    """Return the paths of tasks, Actors, builds, users and webhooks."""
    tasks, actors = TaskEndpoints(service, lookup), ActorEndpoints(service, lookup)
    webhooks, users = WebhookEndpoints(service, lookup), UserEndpoints(service, lookup)
    hook = "/v2/webhooks/{webhook}"
    table: Table = {
        "/v2/actor-tasks": {"GET": tasks.list_tasks, "POST": tasks.create_task},
        TASK: {"GET": tasks.get_task, "PUT": tasks.update_task, "DELETE": tasks.delete_task},
        f"{TASK}/input": {"GET": tasks.get_input, "PUT": tasks.update_input},
        f"{TASK}/webhooks": {"GET": webhooks.list_webhooks},
        "/v2/store": {"GET": actors.list_store},
        "/v2/actor-builds": {"GET": actors.list_all_builds},
        "/v2/actor-builds/{build}": {"GET": actors.get_build},
        "/v2/users/me": {"GET": users.get_me},
        "/v2/users/me/limits": {"GET": users.get_limits},
        "/v2/users/me/usage/monthly": {"GET": users.get_monthly_usage},
        "/v2/users/{user}": {"GET": users.get_user},
        "/v2/webhooks": {"GET": webhooks.list_webhooks, "POST": webhooks.create_webhook},
        hook: {
            "GET": webhooks.get_webhook,
            "PUT": webhooks.update_webhook,
            "DELETE": webhooks.delete_webhook,
        },
        f"{hook}/test": {"POST": webhooks.test_webhook},
        f"{hook}/dispatches": {"GET": webhooks.list_dispatches},
        "/v2/webhook-dispatches": {"GET": webhooks.list_dispatches},
        "/v2/webhook-dispatches/{dispatch}": {"GET": webhooks.get_dispatch},
    }
    for prefix in ACTORS:
        one = f"{prefix}/{{actor}}"
        table |= {
            prefix: {"GET": actors.list_actors},
            one: {"GET": actors.get_actor},
            f"{one}/builds": {"GET": actors.list_builds},
            f"{one}/builds/default": {"GET": actors.get_default_build},
            f"{one}/webhooks": {"GET": webhooks.list_webhooks},
        }
    return table


async def _no_such_page(scope: Scope, _: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send_error(send, ApiError("page-not-found"), (b"x-ratelimit-limit", b"60"))
