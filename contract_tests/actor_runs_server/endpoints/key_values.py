"""The endpoints of records in key-value stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.endpoints.lookup import NO_CONTENT, data
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import Answer, Call
from actor_runs_server.storages.signing import sign
from actor_runs_server.storages.storages import KEY_VALUE_STORE

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.runs.service import Service

KEY: Final = re.compile(r"[a-zA-Z0-9!\-_.'()]{1,256}")
MAX_KEYS: Final = 1_000


@frozen
class KeyValueEndpoints:
    """Reads and writes records."""

    service: Service
    lookup: Lookup

    async def get_record(self, call: Call) -> Answer:
        """GET .../records/{key}, as it was written."""
        self.lookup.only(call, "attachment", "disableRedirect", "signature")
        key = call.path["key"]
        storage = self.lookup.signed_storage(call, KEY_VALUE_STORE, key)
        found = self.service.key_values.get(storage.id, key)
        self.lookup.count(call, storage, "KEY_VALUE_STORE_READS")
        if found is None:
            raise ApiError("record-not-found", "Record was not found")
        content_type, value = found
        headers: tuple[tuple[bytes, bytes], ...] = ()
        if parameters.boolean(call.query, "attachment"):
            headers = ((b"content-disposition", f'attachment; filename="{quote(key)}"'.encode()),)
        return Answer(value, 200, content_type.encode("latin-1", "replace"), headers)

    async def put_record(self, call: Call) -> Answer:
        """PUT or POST .../records/{key}: stores the body with its content type."""
        self.lookup.only(call)
        storage = self.lookup.storage(call, KEY_VALUE_STORE, write=True)
        if not KEY.fullmatch(call.path["key"]):
            raise ApiError("invalid-value", "A key is 1 to 256 letters, digits and !-_.'()")
        content = await bodies.read(call.request)
        content_type = call.request.headers.get("content-type") or "application/octet-stream"
        self.service.key_values.put(storage.id, call.path["key"], content_type, content)
        self.lookup.count(call, storage, "KEY_VALUE_STORE_WRITES")
        return Answer(encode({}), 201)

    async def delete_record(self, call: Call) -> Answer:
        """DELETE .../records/{key}."""
        self.lookup.only(call)
        storage = self.lookup.storage(call, KEY_VALUE_STORE, write=True)
        self.service.key_values.delete(storage.id, call.path["key"])
        self.lookup.count(call, storage, "KEY_VALUE_STORE_WRITES")
        return NO_CONTENT

    async def list_keys(self, call: Call) -> Answer:
        """GET .../keys: a page of keys with their sizes."""
        self.lookup.only(call, "limit", "exclusiveStartKey", "prefix", "signature")
        storage = self.lookup.signed_storage(call, KEY_VALUE_STORE)
        start = call.query.get("exclusiveStartKey", "")
        limit = min(parameters.whole(call.query, "limit", MAX_KEYS) or MAX_KEYS, MAX_KEYS)
        found = self.service.key_values.keys(
            storage.id, start, call.query.get("prefix", ""), limit + 1
        )
        keys, more = found[:limit], len(found) > limit
        self.lookup.count(call, storage, "KEY_VALUE_STORE_LISTS")
        base = f"{self.service.public_url or call.base_url}/v2/key-value-stores/{storage.id}"
        access = self.service.access
        secret = None if access.storage_open(storage) else access.secret_of(storage)

        def public_url(key: str) -> str:
            query = f"?signature={sign(secret, key)}" if secret else ""
            return f"{base}/records/{quote(key)}{query}"

        items = [
            {"key": key, "size": size, "recordPublicUrl": public_url(key)} for key, size in keys
        ]
        return data(
            {
                "items": items,
                "count": len(items),
                "limit": limit,
                "exclusiveStartKey": start or None,
                "isTruncated": more,
                "nextExclusiveStartKey": keys[-1][0] if more else None,
            }
        )
