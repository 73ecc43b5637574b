"""The application: every path and its handlers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute

from actor_runs_server.api_error import ApiError
from actor_runs_server.http.middleware import ApiMiddleware, send_error
from actor_runs_server.http.resources import DEFAULT_LIMIT, Handler, Rates, Resource
from actor_runs_server.http.run_endpoints import RunEndpoints
from actor_runs_server.http.storage_endpoints import StorageEndpoints
from actor_runs_server.records.run import STORAGES
from actor_runs_server.runs.service import Parts, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from actor_runs_server.config.config import Config

RUN_TASK_LIMIT = 400


def create_app(
    config: Config,
    data: Path,
    *,
    parts: Parts | None = None,
    rates: Rates | None = None,
    public_url: str | None = None,
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Starlette:
    """Return the server as an ASGI application; its lifespan opens and closes the data.

    Args:
        config: Users, Actors and tasks.
        data: The directory that keeps everything.
        parts: The parts of the service; a test gives a subclass of one, with a fault.
        rates: Enforces the rate limits; None only shows them.
        public_url: Where others reach the server; None is the address of each request.
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

    app = Starlette(routes=routes(service, rates), lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = _no_such_page
    app.state.service = service
    app.add_middleware(lambda inner: wrap(ApiMiddleware(inner)))
    return app


def routes(service: Service, rates: Rates | None) -> list[BaseRoute]:
    """Return the table of all paths, the busiest first."""
    runs, storages = RunEndpoints(service), StorageEndpoints(service)

    def at(path: str, methods: dict[str, Handler], limit: int = DEFAULT_LIMIT) -> Route:
        return Route(path, Resource(methods, rates.limit(limit) if rates else limit, rates))

    one = "/v2/actor-runs/{run}"
    task = "/v2/actor-tasks/{task}"
    table: list[BaseRoute] = [
        at(one, {"GET": runs.get_run, "PUT": runs.update_run, "DELETE": runs.delete_run}),
        at(f"{task}/runs", {"POST": runs.run_task, "GET": runs.list_runs}, RUN_TASK_LIMIT),
        at(f"{one}/abort", {"POST": runs.abort_run}),
        at("/v2/acts/{actor}/runs/{run}/abort", {"POST": runs.abort_actor_run}),
        at("/v2/actors/{actor}/runs/{run}/abort", {"POST": runs.abort_actor_run}),
        at(f"{one}/reboot", {"POST": runs.reboot_run}),
        at(f"{one}/resurrect", {"POST": runs.resurrect_run}),
        at(f"{one}/log", {"GET": runs.get_log}),
        at("/v2/logs/{run}", {"GET": runs.get_log}),
        WebSocketRoute(f"{one}/events", runs.events),
        at("/v2/actor-runs", {"GET": runs.list_runs}),
        at(task, {"GET": runs.get_task}),
        at(f"{task}/input", {"GET": runs.get_task_input}),
        at("/health", {"GET": runs.get_health}),
    ]
    # A storage is reached by its own id and by that of its run.
    places = {kind: (f"/v2/{kind}s/{{id}}", f"{one}/{kind}") for kind in STORAGES}
    table += [at(place, {"GET": storages.storage(k)}) for k in STORAGES for place in places[k]]
    items: dict[str, Handler] = {"GET": storages.get_items, "POST": storages.push_items}
    table += [at(f"{place}/items", items) for place in places["dataset"]]
    records: dict[str, Handler] = {
        "GET": storages.get_record,
        "PUT": storages.put_record,
        "DELETE": storages.delete_record,
    }
    table += [at(f"{place}/records/{{key}}", records) for place in places["key-value-store"]]
    return table


async def _no_such_page(scope: Scope, _: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send_error(send, ApiError("page-not-found"), (b"x-ratelimit-limit", b"60"))
