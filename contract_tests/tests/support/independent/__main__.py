"""Runs the server: `python -m tests.support.independent [--fault NAME] [--freedom NAME]`."""

import argparse
import asyncio
import contextlib
import json
import signal

import attrs
from aiohttp import web

from tests.support.independent.api_http import Http
from tests.support.independent.faults import FAULTS
from tests.support.independent.freedoms import FREEDOMS
from tests.support.independent.life import Life
from tests.support.independent.operations import Operations
from tests.support.independent.rules import Json, Rules
from tests.support.independent.starts import Starts
from tests.support.independent.state import World
from tests.support.independent.webhooks import Webhooks


def application(world: World, rules: Rules) -> tuple[web.Application, Life]:
    """Put the parts together."""
    webhooks = Webhooks(rules, lambda run: operations.show(run, "webhook"))
    life = Life(world, rules, webhooks)
    operations = Operations(world, rules, life)
    starts = Starts(operations)
    http = Http(
        world,
        rules,
        {
            "getRun": operations.get_run,
            "updateRun": operations.update_run,
            "rebootRun": operations.reboot_run,
            "abortRun": operations.abort_run,
            "abortActorRun": operations.abort_run,
            "runTask": starts.run_task,
            "runActor": starts.run_actor,
            "getActor": starts.get_actor,
        },
    )
    app = web.Application(client_max_size=20_000_000)
    app.router.add_route("*", "/v2/key-value-stores/{store}/records/{key}", operations.record)
    app.router.add_get("/events/{run}", operations.events)
    app.router.add_route("*", "/{rest:.*}", http.handle)
    return app, life


async def serve(rules: Rules, port: int) -> None:
    """Serve on loopback until told to stop."""
    world = World()
    app, life = application(world, rules)
    runner = web.AppRunner(
        app, auto_decompress=False, access_log=None, shutdown_timeout=0.5, handler_cancellation=True
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    host, bound = runner.addresses[0][:2]
    life.base = f"http://{host}:{bound}"
    ready = {
        "url": life.base,
        "token": world.owner.token,
        "other_token": world.other.token,
        "task": f"{world.owner.name}~{world.task.name}",
        "actor": f"{world.owner.name}~{world.actor.name}",
    }
    print(json.dumps(ready), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await life.close()
    with contextlib.suppress(asyncio.CancelledError):
        await runner.cleanup()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.independent")
    parser.add_argument("--port", type=int, default=0, help="0 is a free one (default: 0)")
    parser.add_argument(
        "--only-documents", action="store_true", help="offer what the five documents state alone"
    )
    parser.add_argument(
        "--fault",
        choices=sorted(FAULTS),
        metavar="NAME",
        action="append",
        default=[],
        help="a fault to build in; several, if they change what is shown alone",
    )
    parser.add_argument("--freedom", choices=sorted(FREEDOMS), metavar="NAME")
    options = parser.parse_args(arguments)
    faults = [FAULTS[name].change for name in options.fault]
    changes: Json = {key: value for change in faults for key, value in change.items()}
    if len(faults) > 1:
        changes["shows"] = tuple(show for change in faults for show in change["shows"])
    if options.freedom:
        changes |= FREEDOMS[options.freedom].change
    changes.setdefault("documents_only", options.only_documents)
    asyncio.run(serve(attrs.evolve(Rules(), **changes), options.port))


if __name__ == "__main__":
    main()
