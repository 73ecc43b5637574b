"""Reads the webhooks of a start, and calls them."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable

import aiohttp

from tests.support.independent.rules import Json, Rules
from tests.support.independent.state import Run, now

EVENTS = ("CREATED", "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT", "RESURRECTED")


def decode(text: str, rules: Rules) -> list[Json]:
    """Return what the parameter `webhooks` defines; ValueError says what is wrong with it."""
    if rules.webhook_plain_json:
        data = text.encode()
    else:
        try:
            data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("webhooks must be Base64") from error
    try:
        hooks = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("webhooks must be JSON in Base64") from error
    if not isinstance(hooks, list) or not all(isinstance(hook, dict) for hook in hooks):
        raise ValueError("webhooks must be an array of objects")
    for hook in hooks:
        _look_at(hook, rules)
    return hooks


def _look_at(hook: Json, rules: Rules) -> None:
    for key in rules.webhook_requires:
        if key not in hook:
            raise ValueError(f"a webhook needs {key}")
    types = hook["eventTypes"]
    known = rules.webhook_known_events or tuple(f"ACTOR.RUN.{name}" for name in EVENTS)
    if not isinstance(types, list) or not all(name in known for name in types):
        raise ValueError(f"eventTypes must be some of {', '.join(known)}")
    if not str(hook["requestUrl"]).startswith(("http://", "https://")):
        raise ValueError("requestUrl must be a URL")


class Webhooks:
    """Calls the webhooks of runs."""

    def __init__(self, rules: Rules, show: Callable[[Run], Json]) -> None:
        self.rules, self.show = rules, show

    async def tell(self, run: Run, status: str) -> None:
        """Call each webhook of the run that waits for this event."""
        rules = self.rules
        name = "ACTOR.RUN." + status.replace("-", "_")
        if not rules.webhooks or (
            rules.webhook_events is not None and name not in rules.webhook_events
        ):
            return
        if run.reboots and not rules.webhooks_survive_reboot:
            return
        hooks = run.webhooks[:1] if rules.webhook_first_only else run.webhooks
        if rules.webhook_at_start:
            if status != "CREATED":
                return
            await asyncio.gather(
                *(self._call(hook, run, kind) for hook in hooks for kind in hook["eventTypes"])
            )
            return
        await asyncio.sleep(rules.webhook_delay)
        await asyncio.gather(
            *(
                self._call(hook, run, name)
                for hook in hooks
                if name in hook["eventTypes"] or rules.webhook_all_events
            )
        )

    async def _call(self, hook: Json, run: Run, event: str) -> None:
        payload = {
            "userId": run.user.id,
            "createdAt": now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "eventType": event,
            "eventData": {
                "actorId": run.actor.id,
                "actorTaskId": run.task.id if run.task else None,
                "actorRunId": run.id,
            },
            "resource": self.show(run),
        }
        payload = self.rules.webhook_payload(payload)
        for attempt in range(3):
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
                    session.request(
                        self.rules.webhook_method, hook["requestUrl"], json=payload
                    ) as answer,
                ):
                    if answer.status < 300:
                        return
            except (aiohttp.ClientError, TimeoutError, ValueError):
                pass
            if hook.get("doNotRetry"):
                return
            await asyncio.sleep(0.5 * 2**attempt)
