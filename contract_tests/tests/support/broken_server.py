"""The reference server with one thing broken by hand: `python broken_server.py NAME --data DIR`."""

import json
import sys

from actor_runs_server.__main__ import main

TOKEN = (b"authorization", b"Bearer demo-token")


class Exchange:
    """A request on its way in, and its whole answer on the way out."""

    def __init__(self, scope, receive):
        self.scope, self.receive = scope, receive
        self.method, self.path = scope["method"], scope["path"]
        self.headers = dict(scope["headers"])
        self.status, self.answer_headers, self.body = 0, [], b""

    @property
    def anonymous(self):
        return b"authorization" not in self.headers

    async def ask(self, app, **changes):
        """Let the server answer, with these parts of the request changed."""
        parts = []

        async def send(message):
            if message["type"] == "http.response.start":
                self.status, self.answer_headers = message["status"], list(message["headers"])
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await app({**self.scope, **changes}, self.receive, send)
        self.body = b"".join(parts)

    def change(self, **values):
        """Change fields of the run in the answer."""
        content = json.loads(self.body)
        if "data" in content:
            content["data"].update(values)
            self.body = json.dumps(content).encode()

    async def tell(self, send):
        headers = [(k, v) for k, v in self.answer_headers if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


async def two_hundred_for_a_start(exchange, app):
    await exchange.ask(app)
    if exchange.status == 201:
        exchange.status = 200


async def no_location(exchange, app):
    await exchange.ask(app)
    exchange.answer_headers = [
        (name, value) for name, value in exchange.answer_headers if name.lower() != b"location"
    ]


async def reboot_of_finished_run_accepted(exchange, app):
    await exchange.ask(app)
    if exchange.path.endswith("/reboot") and exchange.status == 403:
        path = exchange.path.removesuffix("/reboot")
        await exchange.ask(app, method="GET", path=path, raw_path=path.encode())


ABORTED = set()


async def abort_changes_a_finished_run(exchange, app):
    await exchange.ask(app)
    run = exchange.path.split("/")[3]
    if exchange.path.endswith("/abort") and exchange.status == 200:
        ABORTED.add(run)
    if run in ABORTED and b'"SUCCEEDED"' in exchange.body:
        exchange.change(exitCode=143)


async def wait_ignored(exchange, app):
    await exchange.ask(app, query_string=b"")


async def costs_shown_to_strangers(exchange, app):
    headers = exchange.scope["headers"]
    if exchange.anonymous and exchange.method == "GET":
        headers = [*headers, TOKEN]
    await exchange.ask(app, headers=headers)


async def message_not_kept(exchange, app):
    await exchange.ask(app)
    if exchange.method == "GET" and exchange.status == 200:
        exchange.change(statusMessage=None)


# What is broken, and the promise that is to be named.
BROKEN = {
    "two_hundred_for_a_start": (two_hundred_for_a_start, "TSK-01"),
    "no_location": (no_location, "TSK-03"),
    "reboot_of_finished_run_accepted": (reboot_of_finished_run_accepted, "RBT-02"),
    "abort_changes_a_finished_run": (abort_changes_a_finished_run, "ABT-06"),
    "wait_ignored": (wait_ignored, "GET-05b"),
    "costs_shown_to_strangers": (costs_shown_to_strangers, "AUT-05"),
    "message_not_kept": (message_not_kept, "PUT-05"),
}


def broken(fault):
    """Return ASGI middleware with this fault; the Actor's own requests pass unharmed."""

    def wrap(app):
        async def serve(scope, receive, send):
            asked_by_suite = b"actor-runs-conformance" in dict(scope.get("headers", ())).get(
                b"user-agent", b""
            )
            if scope["type"] != "http" or not asked_by_suite:
                return await app(scope, receive, send)
            exchange = Exchange(scope, receive)
            await fault(exchange, app)
            return await exchange.tell(send)

        return serve

    return wrap


if __name__ == "__main__":
    fault, _ = BROKEN[sys.argv[1]]
    sys.exit(main(["--port", "0", "--ready-json", *sys.argv[2:]], wrap=broken(fault)))
