"""Drives apify-client for Python: one JSON command a line on stdin, one reply a line on stdout.

It knows the names of version 3 and, where they differ, those of version 2.
"""

import inspect
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
    "waitForFinish": "wait_for_finish",
    "webhooks": "webhooks",
}


def takes(method, name):
    """Whether a method of this version has a parameter."""
    return name in inspect.signature(method).parameters


def start(task, told):
    """Start a run of the task with the options under the client's own names."""
    options = dict(told.get("options", {}))
    given = {}
    if "timeout" in options:
        secs = options.pop("timeout")
        duration = takes(task.start, "run_timeout")
        given |= {"run_timeout": timedelta(seconds=secs)} if duration else {"timeout_secs": secs}
    given |= {OPTIONS[name]: value for name, value in options.items()}
    for name in given:
        if not takes(task.start, name):
            raise NotImplementedError(f"this version has no {name}")
    return task.start(task_input=told.get("input"), **given)


def wait(run, secs):
    """Wait for the end of the run, so many seconds at most."""
    if takes(run.wait_for_finish, "wait_secs"):
        return run.wait_for_finish(wait_secs=secs)
    return run.wait_for_finish(wait_duration=timedelta(seconds=secs))


def handle(told):
    """Do what a command says and return the run, None where the client says there is none."""
    client = ApifyClient(told["token"], api_url=told["base_url"])
    run = client.run(told.get("run", "x"))
    match told["do"]:
        case "start":
            return start(client.task(told["task"]), told)
        case "get" if "waitForFinish" not in told:
            return run.get()
        case "wait":
            return wait(run, told["deadlineSecs"])
        case "abort" if "actor" not in told:
            return run.abort(gracefully=told.get("gracefully"))
        case "reboot":
            return run.reboot()
        case "update":
            return run.update(
                status_message=told["statusMessage"],
                is_status_message_terminal=told.get("isStatusMessageTerminal"),
            )
    raise NotImplementedError(f"apify-client has no method for {told['do']} like this")


def plain(run):
    """Return a run as JSON has it, under the API's names."""
    if isinstance(run, dict):
        return json.loads(json.dumps(run, default=lambda moment: moment.isoformat()))
    return json.loads(run.model_dump_json(by_alias=True))


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
