"""Faults of webhooks."""

import base64
import json

from tests.support.tampering import Answer, Fault, Request


def hooks(request: Request) -> list[dict]:
    try:
        value = json.loads(base64.b64decode(request.query.get("webhooks", "")))
    except ValueError:
        return []
    return [hook for hook in value if isinstance(hook, dict)] if isinstance(value, list) else []


def hooks_refused(refuses):
    def edit(request: Request) -> Answer | None:
        if request.operation == "runTask" and any(refuses(hook) for hook in hooks(request)):
            return Answer.error(400, "invalid-value")
        return None

    return edit


def timed_out_unknown(hook: dict) -> bool:
    return "ACTOR.RUN.TIMED_OUT" in (hook.get("eventTypes") or ())


def has_template(hook: dict) -> bool:
    return "payloadTemplate" in hook


def hooks_with_key_only(request: Request) -> None:
    """Drop the webhooks without a key; the others show that the receiver can be reached."""
    kept = [hook for hook in hooks(request) if "idempotencyKey" in hook]
    if request.operation == "runTask" and kept:
        request.query["webhooks"] = base64.b64encode(json.dumps(kept).encode()).decode()


def hooks_without_key(request: Request) -> None:
    found = hooks(request)
    if request.operation == "runTask" and any("idempotencyKey" in hook for hook in found):
        kept = [{k: v for k, v in h.items() if k != "idempotencyKey"} for h in found]
        request.query["webhooks"] = base64.b64encode(json.dumps(kept).encode()).decode()


def brief_payload(parts):
    from actor_runs_server.webhooks import deliveries

    deliveries.DEFAULT_TEMPLATE = '{"eventType": {{eventType}}, "createdAt": {{createdAt}}}'
    return parts


def plus_is_a_blank(request: Request) -> Answer | None:
    """Decode the query twice, as where a proxy has decoded it before."""
    plus = request.operation == "runTask" and "+" in request.query.get("webhooks", "")
    return Answer.error(400, "invalid-value") if plus else None


WEBHOOKS = (
    Fault("webhooks-refused", "runTask", ("WHK-01",),
          "A start with webhooks is refused.", before=hooks_refused(lambda hook: True)),
    Fault("webhooks-with-plus-refused", "runTask", ("WHK-01", "WHK-02", "WHK-03"),
          "A plus in the Base64 of webhooks is taken for a blank.", before=plus_is_a_blank),
    # Where none at all is called, a receiver out of reach looks the same.
    Fault("webhook-not-called", "runTask", ("WHK-01b",),
          "A webhook without an idempotencyKey is not called.", before=hooks_with_key_only),
    Fault("webhook-template-refused", "runTask", ("WHK-02",),
          "A webhook with a payloadTemplate is refused.", before=hooks_refused(has_template)),
    Fault("timed-out-event-unknown", "runTask", ("WHK-03",),
          "ACTOR.RUN.TIMED_OUT is no event.", before=hooks_refused(timed_out_unknown)),
    Fault("webhook-payload-is-brief", "runTask", ("WHK-05",),
          "The payload of a webhook names neither run nor user.", parts=brief_payload),
    Fault("webhook-key-ignored", "runTask", ("WHK-06",),
          "idempotencyKey is overlooked.", before=hooks_without_key),
)  # fmt: skip
