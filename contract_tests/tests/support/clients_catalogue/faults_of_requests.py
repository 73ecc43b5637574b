"""Clients that send a wrong request: each breaks what the API's documents say of it."""

from __future__ import annotations

from typing import Final

from .patch import Patch

_STARTS: Final = 'f"/v2/actor-tasks/{segment(task)}/runs"'
_START_QUERY: Final = 'query = {key: value for key, value in options.items() if key != "webhooks"}'
_WEBHOOKS: Final = 'base64.b64encode(json.dumps(options["webhooks"]).encode()).decode()'
_GET_QUERY: Final = '{} if wait_for_finish is None else {"waitForFinish": wait_for_finish}'
_GRACEFULLY: Final = '{} if gracefully is None else {"gracefully": gracefully}'
_GET_CALL: Final = '"GET", f"/v2/actor-runs/{segment(run)}", query=query'
_UPDATE_CALL: Final = 'self.call("PUT", f"/v2/actor-runs/{segment(run)}", body=body)'
_REBOOT_CALL: Final = 'self.call("POST", f"/v2/actor-runs/{segment(run)}/reboot", repeatable=False)'
_QUOTE: Final = 'return quote(name, safe="~")'
_CONTENT: Final = "content = json.dumps(body, ensure_ascii=False).encode()"

FAULTS_OF_REQUESTS: Final = (
    Patch("starts-at-the-actors-path", _STARTS, 'f"/v2/acts/{segment(task)}/runs"', ("GEN-01",)),
    Patch(
        "leaves-the-version-out-of-the-path",
        _STARTS,
        'f"/actor-tasks/{segment(task)}/runs"',
        ("GEN-01",),
    ),
    Patch(
        "puts-a-slash-for-the-tilde",
        _QUOTE,
        'return quote(name.replace("~", "/"))',
        ("GEN-01", "GEN-14"),
    ),
    Patch(
        "drops-the-owner-of-the-task",
        "{segment(task)}",
        "{segment(task.rpartition('~')[2])}",
        ("GEN-14",),
    ),
    Patch(
        "drops-the-input",
        "query=query, body=task_input, held=held",
        "query=query, body={}, held=held",
        ("TSK-06",),
    ),
    Patch(
        "wraps-the-input", "body=task_input", 'body={"input": task_input}', ("TSK-06", "TSK-05b")
    ),
    Patch(
        "sends-the-input-as-text-in-json",
        "body=task_input",
        "body=json.dumps(task_input)",
        ("TSK-06", "TSK-05b"),
    ),
    Patch(
        "names-no-content-type", 'headers["Content-Type"] = "application/json"', "pass", ("BDY-01",)
    ),
    Patch(
        "sends-a-form",
        '= "application/json"\n        target',
        '= "application/x-www-form-urlencoded"\n        target',
        ("BDY-01",),
    ),
    Patch(
        "sends-latin-1",
        _CONTENT,
        'content = json.dumps(body, ensure_ascii=False).encode("latin-1", "replace")',
        ("BDY-01", "TSK-06"),
    ),
    Patch(
        "timeout-in-milliseconds",
        _START_QUERY,
        _START_QUERY
        + '\n        query |= {"timeout": query["timeout"] * 1000} if "timeout" in query else {}',
        ("TSK-10",),
    ),
    Patch(
        "memory-in-bytes",
        _START_QUERY,
        _START_QUERY
        + '\n        query |= {"memory": query["memory"] * 2**20} if "memory" in query else {}',
        ("TSK-12",),
    ),
    Patch("drops-max-items", '!= "webhooks"}', 'not in ("webhooks", "maxItems")}', ("TSK-14",)),
    Patch(
        "rounds-the-charge-limit",
        _START_QUERY,
        _START_QUERY.replace(
            "value for", 'int(value) if key == "maxTotalChargeUsd" else value for'
        ),
        ("TSK-15",),
    ),
    Patch(
        "spells-booleans-as-python-does",
        "json.dumps(value) if isinstance(value, bool) else str(value)",
        "str(value)",
        ("TSK-17", "ABT-08"),
    ),
    Patch(
        "spells-restart-on-error-in-snake-case",
        _START_QUERY,
        _START_QUERY.replace("{key:", '{"restart_on_error" if key == "restartOnError" else key:'),
        ("TSK-17",),
    ),
    Patch(
        "sends-the-build-as-build-number",
        _START_QUERY,
        _START_QUERY.replace("{key:", '{"buildNumber" if key == "build" else key:'),
        ("TSK-13",),
    ),
    Patch(
        "drops-wait-for-finish-of-a-start",
        '!= "webhooks"}',
        'not in ("webhooks", "waitForFinish")}',
        ("TSK-19",),
    ),
    Patch(
        "puts-the-options-into-the-body",
        "query=query, body=task_input",
        "body={**(task_input or {}), **query}",
        ("TSK-10", "TSK-12", "TSK-06"),
    ),
    Patch(
        "sends-webhooks-as-plain-json", _WEBHOOKS, 'json.dumps(options["webhooks"])', ("WHK-01",)
    ),
    Patch(
        "sends-one-webhook-outside-a-list",
        _WEBHOOKS,
        _WEBHOOKS.replace('["webhooks"])', '["webhooks"][0])'),
        ("WHK-01",),
    ),
    Patch(
        "spells-webhook-keys-in-lower-case",
        _WEBHOOKS,
        _WEBHOOKS.replace('["webhooks"])', '["webhooks"]).lower()'),
        ("WHK-02",),
    ),
    Patch(
        "encodes-webhooks-for-urls-without-padding",
        _WEBHOOKS,
        _WEBHOOKS.replace("b64encode", "urlsafe_b64encode").replace(
            ".decode()", '.decode().rstrip("=")'
        ),
        ("WHK-01",),
    ),
    Patch("drops-wait-for-finish-of-a-get", _GET_QUERY, "{}", ("GET-05b",)),
    Patch(
        "waits-in-milliseconds",
        _GET_QUERY,
        _GET_QUERY.replace(": wait_for_finish}", ": wait_for_finish * 1000}"),
        ("GET-05b",),
    ),
    Patch("gets-below-the-actors", _GET_CALL, _GET_CALL.replace("actor-runs", "runs"), ("GET-02",)),
    Patch("reads-by-post", _GET_CALL, _GET_CALL.replace('"GET"', '"POST"'), ("GET-02",)),
    Patch("updates-by-post", _UPDATE_CALL, _UPDATE_CALL.replace('"PUT"', '"POST"'), ("PUT-24",)),
    Patch("updates-by-patch", _UPDATE_CALL, _UPDATE_CALL.replace('"PUT"', '"PATCH"'), ("PUT-24",)),
    Patch(
        "updates-in-the-query",
        _UPDATE_CALL,
        _UPDATE_CALL.replace("body=body", "query=body"),
        ("PUT-23",),
    ),
    Patch(
        "leaves-run-id-out-of-the-body",
        'body = {"runId": run, **changes}',
        "body = changes",
        ("PUT-23",),
    ),
    Patch(
        "spells-the-message-in-snake-case",
        'body = {"runId": run, **changes}',
        'body = {"runId": run, "status_message": changes.get("statusMessage")}',
        ("PUT-23", "GEN-03b", "PUT-07"),
    ),
    Patch(
        "drops-the-terminal-flag",
        'for key in ("statusMessage", "isStatusMessageTerminal")',
        'for key in ("statusMessage",)',
        ("PUT-07",),
    ),
    Patch(
        "sends-the-terminal-flag-as-text",
        "**changes}\n",
        "**{k: v if isinstance(v, str) else str(v).lower() for k, v in changes.items()}}\n",
        ("PUT-07",),
    ),
    Patch("drops-gracefully", _GRACEFULLY, "{}", ("ABT-08",)),
    Patch("always-aborts-gracefully", _GRACEFULLY, '{"gracefully": True}', ("ABT-07",)),
    Patch(
        "calls-gracefully-graceful",
        _GRACEFULLY,
        _GRACEFULLY.replace('"gracefully"', '"graceful"'),
        ("ABT-08",),
    ),
    Patch(
        "aborts-by-get",
        'self.call("POST", path, query=query), run)',
        'self.call("GET", path, query=query), run)',
        ("ABT-25",),
    ),
    Patch(
        "aborts-at-another-path",
        'f"/v2/actor-runs/{segment(run)}/abort"',
        'f"/v2/actor-runs/{segment(run)}/cancel"',
        ("ABT-25",),
    ),
    Patch(
        "swaps-actor-and-run",
        "{segment(actor)}/runs/{segment(run)}/abort",
        "{segment(run)}/runs/{segment(actor)}/abort",
        ("ABT-03",),
    ),
    Patch("reboots-by-put", _REBOOT_CALL, _REBOOT_CALL.replace('"POST"', '"PUT"'), ("RBT-09",)),
    Patch(
        "restarts-instead-of-rebooting",
        _REBOOT_CALL,
        _REBOOT_CALL.replace("/reboot", "/resurrect"),
        ("RBT-09",),
    ),
    Patch(
        "sends-no-token",
        'headers = {"Authorization": f"Bearer {self.token}", ',
        "headers = {",
        ("AUT-01",),
    ),
    Patch("sends-the-bare-token", 'f"Bearer {self.token}"', "self.token", ("AUT-01",)),
    Patch(
        "sends-the-token-as-basic", 'f"Bearer {self.token}"', 'f"Basic {self.token}"', ("AUT-01",)
    ),
    Patch("puts-ids-into-the-path-as-they-are", _QUOTE, "return name", ("CLI-12",)),
    Patch("keeps-slashes-in-ids", _QUOTE, 'return quote(name, safe="~/")', ("CLI-12",)),
    Patch(
        "encodes-ids-twice", _QUOTE, 'return quote(quote(name, safe="~"), safe="~")', ("CLI-12",)
    ),
)
