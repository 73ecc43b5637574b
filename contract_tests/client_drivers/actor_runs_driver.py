"""Drives `actor_runs`: one JSON command a line on stdin, one reply a line on stdout.

`python actor_runs_driver.py` drives `Client`, with `--asyncio` it drives `AsyncClient`.
"""

import asyncio
import json
import sys

from actor_runs import AsyncClient, Client, WebhookDefinition, errors

OPTIONS = {
    "timeout": "run_timeout_secs",
    "memory": "memory",
    "maxItems": "max_items",
    "maxTotalChargeUsd": "max_total_charge_usd",
    "restartOnError": "restart_on_error",
    "build": "build",
    "webhooks": "webhooks",
    "waitForFinish": "server_wait_secs",
}


def call(client, told):
    """Return what the client's method for a command returns: a run, or a coroutine for one."""
    match told["do"]:
        case "start":
            options = {OPTIONS[name]: value for name, value in told.get("options", {}).items()}
            if "webhooks" in options:
                options["webhooks"] = [WebhookDefinition.from_dict(w) for w in options["webhooks"]]
            given = (told["input"],) if "input" in told else ()
            return client.run_task(told["task"], *given, **options)
        case "get":
            return client.get_run(told["run"], server_wait_secs=told.get("waitForFinish", 0))
        case "wait":
            return client.wait_for_finish(told["run"], deadline_secs=told["deadlineSecs"])
        case "abort" if "actor" in told:
            return client.abort_actor_run(told["actor"], told["run"], **gracefully(told))
        case "abort":
            return client.abort_run(told["run"], **gracefully(told))
        case "reboot":
            return client.reboot_run(told["run"])
        case "update":
            return client.update_status_message(
                told["run"],
                told["statusMessage"],
                is_terminal=told.get("isStatusMessageTerminal"),
            )
    raise NotImplementedError(told["do"])


def gracefully(told):
    """Return the keyword of an abort, where it is given."""
    return {"gracefully": told["gracefully"]} if "gracefully" in told else {}


async def run_of(told):
    """Do what a command says with the client that was asked for."""
    settings = {"token": told["token"], "base_url": told["base_url"]}
    if "--asyncio" in sys.argv:
        async with AsyncClient(**settings) as client:
            return await call(client, told)
    with Client(**settings) as client:
        return call(client, told)


def reply_to(told):
    """Return the reply to one command."""
    try:
        run = asyncio.run(run_of(told))
    except errors.ApiError as error:
        if isinstance(error, errors.NotFoundError) and error.type is not None:
            return {"none": True}
        return {"error": {"status": error.status, "type": error.type, "message": error.message}}
    except errors.ActorRunsError as error:
        return {"error": {"status": None, "type": None, "message": str(error)}}
    return {"run": run.to_dict()}


for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps({"id": command["id"], **reply_to(command)}), flush=True)
