"""The endpoints of webhooks and their dispatches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import evolve, frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.config.webhook import Webhook
from actor_runs_server.endpoints.lookup import NO_CONTENT, as_reference, data, listed
from actor_runs_server.http import bodies, parameters
from actor_runs_server.records.database import Page
from actor_runs_server.records.run import new_id
from actor_runs_server.webhooks.webhook_table import Dispatch, StoredWebhook

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.service import Service

CONDITIONS: Final = ("actorId", "actorTaskId", "actorRunId")
OWN_MEMBERS: Final = ("condition", "isAdHoc")


@frozen
class WebhookEndpoints:
    """Creates, shows, changes, tests and deletes webhooks."""

    service: Service
    lookup: Lookup

    async def list_webhooks(self, call: Call) -> Answer:
        """GET /v2/webhooks, and those of an Actor or a task."""
        parameters.only(call.query, "offset", "limit", "desc")
        caller = self.lookup.required(call)
        where = {"user = ?": caller.user}
        if "actor" in call.path:
            where["actor = ?"] = self.service.access.actor(call.path["actor"], caller)
        if "task" in call.path:
            where["task = ?"] = self.service.access.task(call.path["task"], caller).id
        page = parameters.page(call.query)
        total, webhooks = self.service.deliveries.table.page(where, page)
        return listed(page, total, [self._described(webhook) for webhook in webhooks])

    async def create_webhook(self, call: Call) -> Answer:
        """POST /v2/webhooks; one with a known idempotency key is answered with the known one."""
        parameters.only(call.query)
        caller = self.lookup.required(call)
        body = await _body(call)
        now = self.service.clock.millis()
        webhook = StoredWebhook(
            id=new_id(),
            user=caller.user,
            run=None,
            actor=None,
            task=None,
            idempotency_key=body.get("idempotencyKey"),
            created_at=now,
            modified_at=now,
            definition=_definition(body),
            ad_hoc=bool(body.get("isAdHoc")),
        )
        webhook = self._conditioned(call, webhook, body.get("condition"))
        if self.service.deliveries.table.add(webhook):
            return data(self._described(webhook), 201)
        known = self.service.deliveries.table.find_by_key(caller.user, body["idempotencyKey"])
        if known is None:
            raise ApiError("record-not-found", "Webhook was not found")
        return data(self._described(known))

    async def get_webhook(self, call: Call) -> Answer:
        """GET /v2/webhooks/{webhookId}."""
        parameters.only(call.query)
        return data(self._described(self._webhook(call)))

    async def update_webhook(self, call: Call) -> Answer:
        """PUT /v2/webhooks/{webhookId}: changes the given members, keeps the others."""
        parameters.only(call.query)
        webhook = self._webhook(call)
        body = await _body(call)
        before = msgspec.to_builtins(webhook.definition)
        changed = evolve(
            webhook,
            definition=_definition({**before, **body}),
            ad_hoc=bool(body.get("isAdHoc", webhook.ad_hoc)),
            modified_at=self.service.clock.millis(),
        )
        if "condition" in body:
            changed = self._conditioned(call, changed, body["condition"])
        self.service.deliveries.table.save(changed)
        return data(self._described(changed))

    async def delete_webhook(self, call: Call) -> Answer:
        """DELETE /v2/webhooks/{webhookId}."""
        parameters.only(call.query)
        self.service.deliveries.table.delete(self._webhook(call).id)
        return NO_CONTENT

    async def test_webhook(self, call: Call) -> Answer:
        """POST /v2/webhooks/{webhookId}/test: delivers an event of the type TEST."""
        parameters.only(call.query)
        webhook = self._webhook(call)
        with self.service.database.together():
            dispatch = self.service.deliveries.dispatch(webhook, "TEST", {}, None, None)
        return data(_dispatched(dispatch), 201)

    async def list_dispatches(self, call: Call) -> Answer:
        """GET /v2/webhook-dispatches, and those of a webhook."""
        parameters.only(call.query, "offset", "limit", "desc")
        where = {"user = ?": self.lookup.required(call).user}
        if "webhook" in call.path:
            where["webhook = ?"] = self._webhook(call).id
        page = parameters.page(call.query)
        total, dispatches = self.service.deliveries.table.dispatches(where, page)
        return listed(page, total, [_dispatched(dispatch) for dispatch in dispatches])

    async def get_dispatch(self, call: Call) -> Answer:
        """GET /v2/webhook-dispatches/{dispatchId}."""
        parameters.only(call.query)
        dispatch = self.service.deliveries.table.dispatch(call.path["dispatch"])
        if dispatch is None or dispatch.user != self.lookup.required(call).user:
            raise ApiError("record-not-found", "Webhook dispatch was not found")
        return data(_dispatched(dispatch))

    def _webhook(self, call: Call) -> StoredWebhook:
        webhook = self.service.deliveries.table.find(call.path["webhook"])
        if webhook is None or webhook.user != self.lookup.required(call).user:
            raise ApiError("record-not-found", "Webhook was not found")
        return webhook

    def _conditioned(self, call: Call, webhook: StoredWebhook, condition: object) -> StoredWebhook:
        """Return a webhook that watches what a condition names."""
        caller = self.lookup.required(call)
        named = condition if isinstance(condition, dict) else {}
        given = {key: value for key, value in named.items() if value is not None}
        if len(given) != 1 or not set(given) <= set(CONDITIONS):
            raise ApiError("invalid-value", f"condition must name one of: {', '.join(CONDITIONS)}.")
        ((kind, reference),) = given.items()
        access = self.service.access
        actor = access.actor(as_reference(reference), caller) if kind == "actorId" else None
        task = access.task(str(reference), caller).id if kind == "actorTaskId" else None
        run = self._watched_run(str(reference), caller) if kind == "actorRunId" else None
        return evolve(webhook, actor=actor, task=task, run=run)

    def _watched_run(self, run_id: str, caller: Caller) -> str:
        """Return the id of a run; public clients also name runs that do not exist."""
        run = self.service.repository.find(run_id)
        return self.service.access.owned(run_id, caller).id if run else run_id

    def _described(self, webhook: StoredWebhook) -> dict[str, Any]:
        definition = webhook.definition
        last = Page(limit=1, newest_first=True)
        where = {"webhook = ?": webhook.id}
        total, dispatches = self.service.deliveries.table.dispatches(where, last)
        condition = {
            "actorId": stable_id("actor", webhook.actor) if webhook.actor else None,
            "actorTaskId": webhook.task,
            "actorRunId": webhook.run,
        }
        return {
            "id": webhook.id,
            "userId": stable_id("user", webhook.user),
            "createdAt": timestamp(webhook.created_at),
            "modifiedAt": timestamp(webhook.modified_at),
            "isAdHoc": webhook.ad_hoc,
            "shouldInterpolateStrings": bool(definition.should_interpolate_strings),
            "eventTypes": definition.event_types,
            "condition": {key: value for key, value in condition.items() if value is not None},
            "ignoreSslErrors": bool(definition.ignore_ssl_errors),
            "doNotRetry": bool(definition.do_not_retry),
            "requestUrl": definition.request_url,
            "payloadTemplate": definition.payload_template,
            "headersTemplate": definition.headers_template,
            "description": definition.description,
            "lastDispatch": _summary(dispatches[0]) if dispatches else None,
            "stats": {"totalDispatches": total},
        }


async def _body(call: Call) -> dict[str, Any]:
    body = bodies.parse(await bodies.read(call.request), "invalid-request", "The body")
    if not isinstance(body, dict):
        raise ApiError("invalid-request", "The body is not a JSON object.")
    known = {*OWN_MEMBERS, *(field.encode_name for field in msgspec.structs.fields(Webhook))}
    unknown = [key for key, value in body.items() if key not in known and value is not None]
    if unknown:
        raise ApiError("invalid-request", f"Unknown {unknown[0]!r}; known: {sorted(known)}.")
    return body


def _definition(body: dict[str, Any]) -> Webhook:
    try:
        webhook = msgspec.convert(body, Webhook)
    except msgspec.ValidationError as error:
        raise ApiError("invalid-value", f"The webhook is not valid: {error}.") from error
    problem = webhook.problem()
    if problem:
        raise ApiError("invalid-value", f"The webhook is not valid: {problem}.")
    return webhook


def _summary(dispatch: Dispatch) -> dict[str, Any]:
    finished = dispatch.calls[-1].finished_at if dispatch.calls else None
    return {"status": dispatch.status, "finishedAt": finished}


def _dispatched(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "id": dispatch.id,
        "userId": stable_id("user", dispatch.user),
        "webhookId": dispatch.webhook,
        "createdAt": timestamp(dispatch.created_at),
        "status": dispatch.status,
        "eventType": dispatch.event,
        "eventData": dispatch.event_data or None,
        "webhook": {"requestUrl": dispatch.definition.request_url, "isAdHoc": dispatch.ad_hoc},
        "calls": [msgspec.to_builtins(call) for call in dispatch.calls],
    }
