"""Starts: input, options and webhooks arrive as they were given."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.clients.answers import EXAMPLE
from actor_runs_conformance.clients.situation import TASK, NotReachedError, situation, start
from actor_runs_conformance.clients.situations.requests import FALSE, TRUE, waits

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

INPUT = {"url": "https://example.com/?q=1&r=ü", "depth": 3, "none": None, "nested": {"a": [1.5]}}
WEBHOOKS = [
    {
        "eventTypes": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
        "requestUrl": "https://example.com/hook?a=1&b=2",
        "payloadTemplate": '{"run": {{resource.id}}, "text": "ü >>>>> ?????"}',
    }
]
"""In Base64 they have both `+` and `/`, which another alphabet spells otherwise."""


@situation(start(input=INPUT))
def start_with_input(seen: Seen, verdicts: Verdicts) -> None:
    """A task is started with an input and no options."""
    request = seen.first("runTask")
    # What goes elsewhere is no start: `first` says so.
    verdicts.expect("GEN-01", True, "")  # noqa: FBT003
    verdicts.expect(
        "TSK-06",
        request.json == INPUT,
        "The input arrives changed.",
        expected=INPUT,
        observed=request.json,
    )
    verdicts.expect(
        "TSK-02",
        waits(request) == 0,
        f"The start asks to wait for {request.query.get('waitForFinish')!r} s, which nobody asked for.",
        expected={},
        observed=request.query,
    )
    shown = seen.shown()
    verdicts.expect(
        "TSK-01",
        shown.get("id") == EXAMPLE["id"],
        f"The client shows a run with the id {shown.get('id')!r}.",
        expected=EXAMPLE["id"],
        observed=shown.get("id"),
    )


@situation(start(input={}))
def start_with_empty_input(seen: Seen, verdicts: Verdicts) -> None:
    """A task is started with an empty input, which overrides nothing."""
    request = seen.first("runTask")
    verdicts.expect(
        "TSK-05b",
        request.content == b"" or request.json == {},
        "An empty input arrives as something else.",
        expected={},
        observed=request.body.decode("utf-8", "backslashreplace"),
    )


@situation(start(task="~my-task"), start(task=TASK))
def start_by_name(seen: Seen, verdicts: Verdicts) -> None:
    """A task is named by `~name` and by `username~name`."""
    seen.first("runTask")
    named = [request.ids["actorTaskId"] for request in seen.to("runTask")]
    wanted = ["~my-task", TASK]
    if wanted[: len(named)] == named and len(named) < len(wanted):
        seen.reply()
        raise NotReachedError("only the start by `~name` arrived")
    verdicts.expect(
        "GEN-14",
        named == wanted,
        "A task's name arrives changed.",
        expected=wanted,
        observed=named,
    )


OPTIONS: dict[str, Any] = {
    "timeout": 60,
    "memory": 256,
    "maxItems": 10,
    "maxTotalChargeUsd": 1.5,
    "restartOnError": True,
    "build": "0.1.2",
    "waitForFinish": 5,
}
OTHER_OPTIONS: dict[str, Any] = {
    "timeout": 0,
    "maxTotalChargeUsd": 0.05,
    "restartOnError": False,
    "build": "beta+1&2",
}
"""Values that are easily dropped or spelled wrong, and that say something else than the task may."""
OPTION_PROMISES = {
    "timeout": "TSK-10",
    "memory": "TSK-12",
    "maxItems": "TSK-14",
    "maxTotalChargeUsd": "TSK-15",
    "restartOnError": "TSK-17",
    "build": "TSK-13",
    "waitForFinish": "TSK-19",
}


@situation(start(input=INPUT, options=OPTIONS), start(input=INPUT, options=OTHER_OPTIONS))
def start_with_options(seen: Seen, verdicts: Verdicts) -> None:
    """A task is started with every option of the contract, and with others that are 0, false or odd."""
    seen.first("runTask")
    requests = seen.to("runTask")
    if len(requests) != 2:
        # Judged by the first start alone: the other one was refused, or one was sent twice.
        requests = requests[:1]
    for option, promise in OPTION_PROMISES.items():
        given = [told[option] for told in (OPTIONS, OTHER_OPTIONS) if option in told]
        arrived = [request.query.get(option) for request in requests][: len(given)]
        wrong = [
            (value, wanted)
            for value, wanted in zip(arrived, given, strict=False)
            if not _means(value, wanted)
        ]
        value, wanted = (wrong or [(arrived[0], given[0])])[0]
        verdicts.expect(
            promise,
            not wrong,
            f"`{option}` {'does not arrive' if value is None else f'arrives as {value!r}'}.",
            expected=wanted,
            observed=value,
        )


def _means(value: str | None, option: Any) -> bool:  # noqa: ANN401 - any option
    if value is None:
        return False
    if isinstance(option, bool):
        return value in (TRUE if option else FALSE)
    if isinstance(option, str):
        return value == option
    with contextlib.suppress(ValueError):
        return float(value) == float(option)
    return False


@situation(start(input=INPUT, options={"webhooks": WEBHOOKS}))
def start_with_webhooks(seen: Seen, verdicts: Verdicts) -> None:
    """A task is started with a webhook."""
    request = seen.first("runTask")
    arrived = _webhooks(request)
    verdicts.expect(
        "WHK-01",
        isinstance(arrived, list),
        "`webhooks` is not the Base64 form of a JSON array.",
        expected="Base64 of a JSON array",
        observed=request.query.get("webhooks"),
    )
    if not isinstance(arrived, list):
        raise NotReachedError("`webhooks` cannot be read", "WHK-01")
    first = arrived[0] if arrived else {}
    verdicts.expect(
        "WHK-02",
        isinstance(first, dict) and all(first.get(k) == v for k, v in WEBHOOKS[0].items()),
        "The webhook arrives changed.",
        expected=WEBHOOKS,
        observed=arrived,
    )


def _webhooks(request: Received) -> Any:  # noqa: ANN401 - any JSON
    text = request.query.get("webhooks", "")
    # A plus sign is a blank by the rules of a query string.
    for spelled in (text, text.replace(" ", "+")):
        with contextlib.suppress(ValueError):
            return json.loads(base64.b64decode(spelled, validate=True).decode())
    return None
