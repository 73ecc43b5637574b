"""Drives apify-client for Python: one JSON command a line on stdin, one reply a line on stdout."""

import json
import sys
from datetime import timedelta

from apify_client import ApifyClient
from apify_client.errors import ApifyApiError

OPTIONS = {
    "memory": "memory_mbytes",
    "maxItems": "max_items",
    "maxTotalChargeUsd": "max_total_charge_usd",
    "restartOnError": "restart_on_error",
    "build": "build",
    "webhooks": "webhooks",
}


def options_of(told):
    """Return the options of a start under the client's own names."""
    given = {OPTIONS[name]: value for name, value in told.items() if name in OPTIONS}
    if "timeout" in told:
        given["run_timeout"] = timedelta(seconds=told["timeout"])
    if "waitForFinish" in told:
        given["wait_for_finish"] = told["waitForFinish"]
    return given


def handle(told):
    """Do what a command says and return the reply without its id."""
    client = ApifyClient(told["token"], api_url=told["base_url"])
    match told["do"]:
        case "start":
            task = client.task(told["task"])
            return task.start(task_input=told.get("input"), **options_of(told.get("options", {})))
        case "get" if "waitForFinish" not in told:
            return client.run(told["run"]).get()
        case "wait":
            limit = timedelta(seconds=told["deadlineSecs"])
            return client.run(told["run"]).wait_for_finish(wait_duration=limit)
        case "abort" if "actor" not in told:
            return client.run(told["run"]).abort(gracefully=told.get("gracefully"))
        case "reboot":
            return client.run(told["run"]).reboot()
        case "update":
            return client.run(told["run"]).update(
                status_message=told["statusMessage"],
                is_status_message_terminal=told.get("isStatusMessageTerminal"),
            )
    raise NotImplementedError(f"apify-client has no method for {told['do']} like this")


def plain(run):
    """Return a run as JSON has it, under the API's names."""
    return run if isinstance(run, dict) else json.loads(run.model_dump_json(by_alias=True))


def reply_to(told):
    """Return the reply to one command."""
    try:
        run = handle(told)
    except NotImplementedError as error:
        return {"unsupported": str(error)}
    except ApifyApiError as error:
        return {
            "error": {"status": error.status_code, "type": error.type, "message": error.message}
        }
    except Exception as error:
        return {
            "error": {"status": None, "type": None, "message": f"{type(error).__name__}: {error}"}
        }
    return {"none": True} if run is None else {"run": plain(run)}


for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps({"id": command["id"], **reply_to(command)}), flush=True)
