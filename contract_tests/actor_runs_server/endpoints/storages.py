"""The endpoints of storages as such: lists, names, descriptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, get_args

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import GeneralAccess, stable_id
from actor_runs_server.endpoints.lookup import NO_CONTENT, data, listed
from actor_runs_server.http import bodies, parameters
from actor_runs_server.storages.signing import of_storage
from actor_runs_server.storages.storages import DATASET, KEY_VALUE_STORE, REQUEST_QUEUE, Storage

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.service import Service

NAME: Final = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
ACCESS: Final = (*get_args(GeneralAccess), "ANYONE_WITH_NAME_CAN_READ")


@frozen
class StorageEndpoints:
    """Lists, creates, describes, renames and deletes storages of one kind."""

    service: Service
    lookup: Lookup
    kind: str

    async def list_storages(self, call: Call) -> Answer:
        """GET /v2/{kind}s: named storages; with `unnamed` all."""
        parameters.only(call.query, "offset", "limit", "desc", "unnamed", "ownership")
        caller = self.lookup.required(call)
        ownership = parameters.choice(call.query, "ownership", ("ownedByMe", "sharedWithMe"))
        page = parameters.page(call.query)
        if ownership == "sharedWithMe":
            return listed(page, 0, [])
        unnamed = bool(parameters.boolean(call.query, "unnamed"))
        total, storages = self.service.storages.page(self.kind, caller.user, page, unnamed=unnamed)
        return listed(page, total, [self._described(call, storage) for storage in storages])

    async def create_storage(self, call: Call) -> Answer:
        """POST /v2/{kind}s: the storage of a name, or a new one."""
        parameters.only(call.query, "name")
        caller = self.lookup.required(call)
        name = call.query.get("name") or None
        if name is not None and not NAME.fullmatch(name):
            raise ApiError("invalid-value", f"Query parameter 'name': {_name_message(name)}")
        storage = self.service.storages.create(self.kind, caller.user, name)
        return data(self._described(call, storage), 201)

    async def get_storage(self, call: Call) -> Answer:
        """GET a storage by its own id or name, or by its run."""
        self.lookup.only(call)
        return data(self._described(call, self.lookup.storage(call, self.kind)))

    async def update_storage(self, call: Call) -> Answer:
        """PUT: changes name, title or generalAccess."""
        self.lookup.only(call)
        storage = self.lookup.storage(call, self.kind, write=True)
        body = bodies.parse(await bodies.read(call.request), "invalid-request", "The body")
        if not isinstance(body, dict) or not set(body) <= {"name", "title", "generalAccess"}:
            raise ApiError("invalid-request", "The body may have name, title and generalAccess.")
        if "name" in body:
            storage.name = self._checked_name(storage, body["name"])
        if body.get("generalAccess", ACCESS[0]) not in ACCESS:
            raise ApiError("invalid-value", f"generalAccess must be one of: {', '.join(ACCESS)}.")
        storage.general_access = body.get("generalAccess", storage.general_access)
        storage.title = body.get("title", storage.title)
        self.service.storages.save(storage)
        return data(self._described(call, storage))

    async def delete_storage(self, call: Call) -> Answer:
        """DELETE: the storage with its contents."""
        self.lookup.only(call)
        self.service.storages.delete(self.lookup.storage(call, self.kind, write=True))
        return NO_CONTENT

    def _checked_name(self, storage: Storage, name: object) -> str | None:
        if name is None:
            return None
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ApiError("invalid-value", _name_message(name))
        known = self.service.storages.find_named(self.kind, storage.user, name)
        if known and known.id != storage.id:
            raise ApiError("name-not-unique", f"The name {name!r} is already in use.")
        return name

    def _described(self, call: Call, storage: Storage) -> dict[str, Any]:
        run = self.service.repository.find(storage.run) if storage.run else None
        base = self.service.public_url or call.base_url
        access = self.service.access
        secret = access.secret_of(storage)
        signature = f"?signature={of_storage(secret, storage.id)}"
        query = "" if access.storage_open(storage) else signature
        described = {
            "id": storage.id,
            "name": storage.name,
            "title": storage.title,
            "userId": stable_id("user", storage.user),
            "username": storage.user,
            "createdAt": timestamp(storage.created_at),
            "modifiedAt": timestamp(storage.modified_at),
            "accessedAt": timestamp(storage.accessed_at),
            "actId": stable_id("actor", run.actor) if run else None,
            "actRunId": storage.run,
            "generalAccess": storage.general_access or "FOLLOW_USER_SETTING",
            "consoleUrl": f"{base}/v2/{self.kind}s/{storage.id}",
        }
        if self.kind != REQUEST_QUEUE and access.owns(self.lookup.caller(call), storage.user):
            described["urlSigningSecretKey"] = secret
        return described | DETAILS[self.kind](self.service, storage.id, base, query)


def _dataset(service: Service, storage: str, base: str, query: str) -> dict[str, Any]:
    return {
        "itemCount": service.datasets.count(storage),
        "cleanItemCount": service.datasets.clean_count(storage),
        "fields": service.datasets.fields(storage),
        "itemsPublicUrl": f"{base}/v2/datasets/{storage}/items{query}",
        "stats": {"storageBytes": service.datasets.size(storage)},
    }


def _key_value_store(service: Service, storage: str, base: str, query: str) -> dict[str, Any]:
    return {
        "keysPublicUrl": f"{base}/v2/key-value-stores/{storage}/keys{query}",
        "stats": {"storageBytes": service.key_values.size(storage)},
    }


def _request_queue(service: Service, storage: str, _base: str, _query: str) -> dict[str, Any]:
    total, handled = service.request_queues.counts(storage)
    return {
        "totalRequestCount": total,
        "handledRequestCount": handled,
        "pendingRequestCount": total - handled,
        "hadMultipleClients": service.request_queues.had_several_clients(storage),
        "expireAt": None,
    }


DETAILS: Final = {
    DATASET: _dataset,
    KEY_VALUE_STORE: _key_value_store,
    REQUEST_QUEUE: _request_queue,
}


def _name_message(name: object) -> str:
    return f"{name!r} is not 1 to 63 letters, digits and hyphens, with hyphens only inside."
