"""Makes a generated case harmless and addresses it to runs and a task that may be touched.

Whatever Schemathesis draws, a case that leaves this module reads the given run, changes a run that
the suite started, names an id that cannot exist, or starts the given task for about a second, with
little memory and without calling a webhook.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from attrs import evolve, frozen

from actor_runs_conformance.checks.properties.violations import MEMORY, json_body, number, query
from actor_runs_conformance.ledger.contract import operations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actor_runs_conformance.checks.properties.case import Case

# A well-formed id that nothing has.
UNKNOWN = "GeneratedNoSuch00"
WELL_FORMED = re.compile(r"[A-Za-z0-9]{17}")
ID_LIMIT = 200
WAIT = 0.5
MEMORY_LIMIT = 512
TIMEOUT = 60
INPUT: Mapping[str, Any] = {"durationSecs": 0, "exitCode": 0}
WEBHOOKS = base64.b64encode(
    json.dumps(
        [{"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": "https://receiver.invalid/"}]
    ).encode()
).decode()

# Methods that no document mentions for the path. Others have a meaning on a real platform (DELETE
# deletes a run, GET on a task's runs lists them), or are answered by a server's outer layers.
UNDOCUMENTED_METHODS: Mapping[str, frozenset[str]] = {
    "getRun": frozenset({"PATCH"}),
    "updateRun": frozenset(),  # The same path as getRun.
    "rebootRun": frozenset({"GET", "PUT", "PATCH", "DELETE"}),
    "abortRun": frozenset({"GET", "PUT", "PATCH", "DELETE"}),
    "abortActorRun": frozenset({"GET", "PUT", "PATCH", "DELETE"}),
    "runTask": frozenset({"PUT", "PATCH", "DELETE"}),
}


@frozen
class SafeTargets:
    """What cases may touch: a run that goes on, one that has ended, its Actor, the task.

    Cases that need one that is None are not sent. `ended` says whether `finished` certainly has
    ended: a wait for it then returns at once. `status` is the status that it was found in. With
    `read_only` only GET is sent.
    """

    live: str | None = None
    finished: str | None = None
    actor: str | None = None
    task: str | None = None
    ended: bool = True
    status: str | None = None
    read_only: bool = False

    def run(self, operation: str) -> str | None:
        """Return the run that cases of an operation are addressed to."""
        return self.live if operation in {"updateRun", "rebootRun"} else self.finished


def make_safe(case: Case, safe_targets: SafeTargets) -> Case | None:
    """Return the case as it may be sent; None when it must not be sent, or has no target."""
    harmless = UNDOCUMENTED_METHODS.get(case.operation, frozenset())
    if not documented_method(case) and case.method not in harmless:
        return None
    if safe_targets.read_only and case.method != "GET":
        return None
    addressed = _invented(case) if case.phase == "ids" else _real(case, safe_targets)
    if addressed is None:
        return None
    return {"runTask": _make_start_safe, "updateRun": _make_update_safe}.get(
        case.operation, _shorten_wait
    )(addressed, safe_targets)


def documented_method(case: Case) -> bool:
    """Whether a case uses its operation's own method."""
    return case.method == operations()[case.operation].method


def ids(case: Case) -> dict[str, str]:
    """Return the decoded ids of a case's path by parameter."""
    names = operations()[case.operation].path.split("/")
    segments = case.path.split("/")
    return {
        name[1:-1]: unquote(segment)
        for name, segment in zip(names, segments, strict=False)
        if name.startswith("{")
    }


def ordinary(identity: str) -> str:
    """Return an unknown id that every layer of a server passes on unchanged.

    What proxies and routers refuse, decode again or take for a part of the path becomes `-`.
    """
    kept = "".join("-" if is_altered(character) else character for character in identity[:ID_LIMIT])
    return "-" if kept.strip() != kept or kept in {"", ".", ".."} else kept


def is_altered(character: str) -> bool:
    """Whether a layer before the server may change or refuse a character of an id."""
    return character in "/\\%?#;" or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def to_unknown_task(case: Case) -> Case:
    """Return a start whose task does not exist."""
    return _with_ids(case, {"actorTaskId": UNKNOWN})


def _with_ids(case: Case, values: Mapping[str, str]) -> Case:
    return evolve(case, path=operations()[case.operation].at(**values))


def _real(case: Case, safe_targets: SafeTargets) -> Case | None:
    values = {
        "runId": safe_targets.run(case.operation),
        "actorId": safe_targets.actor,
        "actorTaskId": safe_targets.task,
    }
    needed = {name: values[name] for name in ids(case)}
    known = {name: value for name, value in needed.items() if value is not None}
    return _with_ids(case, known) if len(known) == len(needed) else None


def _invented(case: Case) -> Case:
    """Return the case with ids that cannot exist: neither 17 characters nor a name."""
    values = {}
    for name, value in ids(case).items():
        harmless = UNKNOWN if WELL_FORMED.fullmatch(value) else ordinary(value)
        # `user~name` and `~name` name tasks; an Actor is never touched without its run.
        values[name] = harmless.replace("~", "-") if name == "actorTaskId" else harmless
    return _with_ids(case, values)


def _shorten_wait(case: Case, safe_targets: SafeTargets) -> Case:
    if case.phase != "ids" and safe_targets.ended:
        return case
    return _with_query(case, lambda name, value: _at_most(name, value, "waitForFinish", WAIT))


def _at_most(name: str, value: str, parameter: str, limit: float) -> str:
    given = number(value)
    return f"{limit:g}" if name == parameter and given is not None and given > limit else value


def _with_query(case: Case, change: Callable[[str, str], str | None]) -> Case:
    pairs = [(name, change(name, value)) for name, value in query(case)]
    return evolve(
        case, query=urlencode([pair for pair in pairs if pair[1] is not None], quote_via=quote)
    )


def _make_update_safe(case: Case, safe_targets: SafeTargets) -> Case:  # noqa: ARG001
    """Give the body the run id of the path: the schema cannot say that they are the same.

    No message is marked as the last: a target is free to refuse those that follow it.
    """
    body = json_body(case)
    if not isinstance(body, dict):
        return case
    changes: dict[str, Any] = {}
    if isinstance(body.get("runId"), str) and body["runId"]:
        changes["runId"] = ids(case)["runId"]
    if body.get("isStatusMessageTerminal") is True:
        changes["isStatusMessageTerminal"] = False
    return evolve(case, body=_encode({**body, **changes})) if changes else case


def _make_start_safe(case: Case, safe_targets: SafeTargets) -> Case:  # noqa: ARG001
    alone = len(query(case)) == 1

    def change(name: str, value: str) -> str | None:
        if name == "build":
            return value if alone else None
        if name == "webhooks":
            return WEBHOOKS if case.mode == "positive" or "[" in _decoded(value) else value
        return moderate(name, value)

    case = _with_query(case, change)
    body = json_body(case)
    if not isinstance(body, dict):
        return case
    extra = body if case.phase in {"fuzzing", "ids"} else {}
    kept = {name: value for name, value in extra.items() if name not in {"onAbort", "report"}}
    return evolve(case, body=_encode({**kept, **INPUT}))


def moderate(name: str, value: str) -> str:
    """Return a valid value within bounds that cost little; an invalid one unchanged."""
    given = number(value)
    if given is None or given < 0:
        return value
    match name:
        case "memory" if given in MEMORY:
            return f"{min(given, MEMORY_LIMIT):g}"
        case "timeout":
            return f"{int(given) if 1 <= given <= TIMEOUT else TIMEOUT}"
        case "maxItems":
            return f"{int(given) if 1 <= given <= 1000 else 10}"
        case "maxTotalChargeUsd":
            return f"{given:.2f}" if 1 <= given <= 100 else "5"
        case "waitForFinish":
            return f"{min(given, WAIT):g}"
    return value


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()
