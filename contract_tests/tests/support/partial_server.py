"""The reference server with some operations alone: `python -m … OPERATION,OPERATION --data DIR`."""

import json
import re
import sys

from actor_runs_conformance.ledger.contract import operations
from actor_runs_server.__main__ import main

REFUSAL = json.dumps({"error": {"type": "page-not-found", "message": "Not here."}}).encode()
HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"content-length", str(len(REFUSAL)).encode()),
]


def offering(*names):
    """Return ASGI middleware that knows none of the operations but these; the Actor's requests pass."""
    missing = [
        (operation.method.upper(), re.sub(r"{\w+}", "[^/]+", operation.path))
        for name, operation in operations().items()
        if name not in names
    ]

    def wrap(app):
        async def serve(scope, receive, send):
            agent = dict(scope.get("headers", ())).get(b"user-agent", b"")
            asked = scope["type"] == "http" and b"actor-runs-conformance" in agent
            path = scope.get("path", "").replace("/v2/actors/", "/v2/acts/")
            if asked and any(
                method == scope["method"] and re.fullmatch(pattern, path)
                for method, pattern in missing
            ):
                await send({"type": "http.response.start", "status": 404, "headers": HEADERS})
                await send({"type": "http.response.body", "body": REFUSAL})
            else:
                await app(scope, receive, send)

        return serve

    return wrap


if __name__ == "__main__":
    known = sys.argv[1].split(",")
    sys.exit(main(["--port", "0", "--ready-json", *sys.argv[2:]], wrap=offering(*known)))
