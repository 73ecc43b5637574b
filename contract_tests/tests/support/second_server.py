"""A second implementation of the API, for the suite to agree with.

aiohttp on asyncio, no line shared with the reference server; runs are child processes of the
fixture Actor. Where the documents leave freedom, it does otherwise than the reference server:
optional fields left out or spelled otherwise, error types of its own, dates with microseconds, a
relative `Location`, a fresh run not found for a moment, `waitForFinish` above 60 and brotli
refused, a hard abort without ABORTING. It prints one line of JSON when it is ready.
"""

import asyncio
import base64
import contextlib
import json
import os
import re
import secrets
import signal
import sys
import time
import urllib.parse
import zlib
from asyncio.subprocess import DEVNULL
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

ACTOR = Path(__file__).parents[2] / "fixture_actor" / "main.py"
MAX_BODY = 9_437_184
GRACE = 30.0  # Seconds from a graceful abort to the kill.
REPLICA_LAG = 0.4  # Seconds during which readers do not find a new run.
LIVE = ("READY", "RUNNING")
ACCESS = ("RESTRICTED", "ANYONE_WITH_ID_CAN_READ", "FOLLOW_USER_SETTING")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
EVENT = re.compile(
    r"ACTOR\.(RUN|BUILD)\.(CREATED|SUCCEEDED|FAILED|ABORTED|TIMED_OUT|RESURRECTED)|TEST"
)
RUN = "/v2/actor-runs/<run>"
ROUTES = {
    RUN: {"GET": "get_run", "PUT": "update_run"},
    f"{RUN}/abort": {"POST": "abort"},
    "/v2/(?:acts|actors)/<actor>/runs/<run>/abort": {"POST": "abort"},
    f"{RUN}/reboot": {"POST": "reboot"},
    "/v2/actor-tasks/<task>/runs": {"POST": "run_task"},
    "/v2/key-value-stores/<store>/records/<key>": {"GET": "record"},
    f"{RUN}/events": {"GET": "events"},
}
SLOT = re.compile(r"<(\w+)>")
KINDS = {"key-value-store": "KeyValueStore", "dataset": "Dataset", "request-queue": "RequestQueue"}


def new_id() -> str:
    return secrets.token_hex(9)[:17]


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


USERS = {secrets.token_urlsafe(24): name for name in ("nina", "otto")}  # By token.
OWNER_TOKEN, OTHER_TOKEN = USERS
OWNER, ACTOR_ID, TASK_ID, BUILD_ID = new_id(), new_id(), new_id(), new_id()
TASKS, ACTORS = (TASK_ID, "nina~as-told", "~as-told"), (ACTOR_ID, "nina~teller", None)
BUILDS = ("latest", "1.4")
SAVED_INPUT = {"durationSecs": 0.5, "exitCode": 0, "greeting": {"word": "hello"}}
SAVED = {"timeoutSecs": 120, "memoryMbytes": 256}
RUNS, STORES, SEEN_KEYS, BACKGROUND, BASE_URL = {}, {}, set(), set(), []


def spawn(coroutine) -> None:
    BACKGROUND.add(task := asyncio.create_task(coroutine))
    task.add_done_callback(BACKGROUND.discard)


class Refused(Exception):  # noqa: N818
    def __init__(self, message: str, status: int = 400, kind: str = "invalid-request") -> None:
        self.status = status
        self.error = {"type": kind, "message": message, "hint": "See the documents."}


class Run:
    def __init__(self, options: dict, restart: bool, hooks: list[dict], given: dict) -> None:
        self.id, self.born, self.started_at = new_id(), time.monotonic(), now()
        self.options, self.restart, self.hooks = options, restart, hooks
        self.stores, self.given = {kind: new_id() for kind in KINDS}, given
        RUNS[self.id] = self
        STORES[self.stores["key-value-store"]] = self
        self.changing: dict = {}  # What updates and the end bring in.
        self.counts: dict[str, int] = {}
        self.status, self.seconds, self.ordered, self.process = "READY", 0.0, "", None
        self.turned, self.finished = asyncio.Event(), asyncio.Event()  # turned: no more LIVE.
        self.tell("CREATED")
        spawn(self.live())

    def show(self, *, owner: bool) -> dict:
        seconds = round(self.seconds or time.monotonic() - self.born, 3)
        units = self.options["memoryMbytes"] / 1024 * seconds / 3600
        stats = {"runTimeSecs": seconds, "durationMillis": round(seconds * 1000)}
        data = {"id": self.id, "actId": ACTOR_ID, "userId": OWNER, "actorTaskId": TASK_ID}
        data |= {"startedAt": self.started_at, "status": self.status, "colour": "green"}
        data |= {"meta": {"origin": "PARTNER"}, "buildId": BUILD_ID, "buildNumber": BUILDS[1]}
        data |= {"stats": {**stats, **self.counts, "computeUnits": units, "smell": 7}}
        data |= {"options": {**self.options, "diskMbytes": 2 * self.options["memoryMbytes"]}}
        data |= {f"default{KINDS[kind]}Id": store for kind, store in self.stores.items()}
        if owner:
            prices = {"ACTOR_COMPUTE_UNITS": units * 0.25, "DATA_TRANSFER_EXTERNAL_GBYTES?": 0}
            data |= {"usageUsd": prices, "usageTotalUsd": sum(prices.values())}
        return data | self.changing

    def become(self, status: str, code: int | None = None) -> None:
        self.status = status
        self.turned.set()
        if status not in ("ABORTING", "TIMING-OUT"):
            self.seconds = time.monotonic() - self.born
            self.changing |= {"finishedAt": now()} | ({} if code is None else {"exitCode": code})
            self.finished.set()
            self.tell(status.replace("-", "_"))

    def tell(self, event: str) -> None:
        for hook in self.hooks:
            if f"ACTOR.RUN.{event}" in hook["eventTypes"]:
                spawn(self.deliver(hook, f"ACTOR.RUN.{event}"))

    async def deliver(self, hook: dict, event: str) -> None:
        ids = {"actorId": ACTOR_ID, "actorTaskId": TASK_ID, "actorRunId": self.id}
        payload = {"userId": OWNER, "createdAt": now(), "eventType": event, "eventData": ids}
        payload["resource"] = self.show(owner=True)
        for attempt in range(1 if hook.get("doNotRetry") else 12):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
                async with aiohttp.request("POST", hook["requestUrl"], json=payload) as answered:
                    return answered.raise_for_status()
            await asyncio.sleep(60 * 2**attempt)
        return None

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.finished.wait(), seconds)

    def kill(self, order: str) -> None:
        self.ordered = order
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def live(self) -> None:
        await asyncio.sleep(0.05)
        deadline = time.monotonic() + min(self.options["timeoutSecs"] or 1e6, 1e6)
        restarts = 0
        while self.status in LIVE:
            self.status, self.ordered = "RUNNING", ""
            how = {"start_new_session": True, "stdout": DEVNULL, "env": self.environment()}
            command = (sys.executable, "-I", str(ACTOR))
            self.process = await asyncio.create_subprocess_exec(*command, **how)
            if self.status == "ABORTED":  # While the process was being made.
                self.kill("abort")
            try:
                code = await asyncio.wait_for(self.process.wait(), deadline - time.monotonic())
            except TimeoutError:
                if self.status == "RUNNING":
                    self.become("TIMING-OUT")
                self.kill("timeout")
                code = await self.process.wait()
            if self.ordered != "reboot" and self.status == "RUNNING":
                if not (code and self.restart and restarts < 3):
                    self.become("FAILED" if code else "SUCCEEDED", abs(code))
                    break
                restarts += 1
                self.counts["restartCount"] = restarts
        if self.status in ("ABORTING", "TIMING-OUT"):
            self.become("ABORTED" if self.status == "ABORTING" else "TIMED-OUT")

    def environment(self) -> dict[str, str]:
        own = {"ACTOR_RUN_ID": self.id, "APIFY_TOKEN": OWNER_TOKEN}
        own["APIFY_API_BASE_URL"] = BASE_URL[0]
        own["ACTOR_EVENTS_WEBSOCKET_URL"] = f"ws{BASE_URL[0][4:]}/v2/actor-runs/{self.id}/events"
        own["ACTOR_DEFAULT_KEY_VALUE_STORE_ID"] = self.stores["key-value-store"]
        own["ACTOR_MAX_PAID_DATASET_ITEMS"] = str(self.options.get("maxItems", ""))
        own["ACTOR_MAX_TOTAL_CHARGE_USD"] = str(self.options.get("maxTotalChargeUsd", ""))
        return {key: value for key, value in own.items() if value}


class Call:
    """A request that was understood: who calls, what the path names, the body decoded."""

    def __init__(self, request: web.Request, method: str, query: dict, names: dict) -> None:
        self.request, self.method, self.query = request, method, query
        self.names = {key: urllib.parse.unquote(value) for key, value in names.items()}
        self.user, self.body = self.caller(), b""

    def caller(self) -> str | None:
        given = self.request.headers.get("Authorization", self.query.get("token"))
        if given is not None and given.removeprefix("Bearer ") not in USERS:
            raise Refused("This token is not known.", 401, "invalid-token")
        return None if given is None else USERS[given.removeprefix("Bearer ")]

    async def read(self) -> None:
        body, headers = await self.request.read(), self.request.headers
        encoding = headers.get("Content-Encoding", "identity")
        if encoding not in ("identity", "gzip", "deflate"):
            kind = "unsupported-content-encoding"
            raise Refused(f"{encoding!r} is not supported.", 415, kind)
        try:
            if body and encoding != "identity":
                raw = encoding == "deflate" and body[0] & 15 != 8  # Without zlib's header.
                body = zlib.decompress(body, -15 if raw else 47)
        except zlib.error as why:
            raise Refused(f"The body is not {encoding}.") from why
        if len(body) > MAX_BODY:
            raise Refused(f"The body has more than {MAX_BODY} bytes.", 413, "request-too-large")
        self.body = body

    def json_object(self) -> dict:
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise Refused("The body must be a JSON object.")
        return value

    def run(self) -> Run:
        run = RUNS.get(self.names["run"])
        fresh = run and self.method == "GET" and time.monotonic() - run.born < REPLICA_LAG
        if not run or fresh or self.names.get("actor") not in ACTORS:
            raise Refused("Actor run was not found.", 404, "record-not-found")
        if self.user == "otto" or (
            not self.user and run.changing.get("generalAccess") == ACCESS[0]
        ):
            raise Refused("This run is not yours.", 403, "insufficient-permissions")
        return run

    def number(self, name: str, default: float | None, most: float = 1e99) -> float | None:
        if not (text := self.query.get(name)):
            return default
        if not NUMBER.fullmatch(text) or not 0 <= float(text) <= most:
            raise Refused(f"{name} is {text!r}, not a number from 0 to {most}.")
        return int(float(text)) if float(text).is_integer() else float(text)

    def boolean(self, name: str) -> bool:
        if (text := self.query.get(name, "false")) not in ("true", "false", "1", "0"):
            raise Refused(f"{name} is {text!r}, neither true nor false.")
        return text in ("true", "1")

    def webhooks(self, text: str) -> list[dict]:
        try:
            hooks = json.loads(base64.b64decode(text, validate=True)) if text else []
            for hook in hooks if isinstance(hooks, list) else [None]:
                known = hook["eventTypes"] and all(map(EVENT.fullmatch, hook["eventTypes"]))
                if not known or not re.match("https?://", hook["requestUrl"]):
                    raise Refused(f"{hook} is no webhook.")
        except (ValueError, TypeError, KeyError, RecursionError) as why:
            raise Refused("webhooks is not Base64 of an array of webhooks.") from why
        keys = [str(hook.get("idempotencyKey") or new_id()) for hook in hooks]
        fresh = [hook for hook, key in zip(hooks, keys, strict=True) if key not in SEEN_KEYS]
        SEEN_KEYS.update(keys)
        return fresh

    def show(self, run: Run, status: int = 200, **headers: str) -> web.Response:
        return answer({"data": run.show(owner=self.user == "nina")}, status, **headers)

    async def get_run(self) -> web.Response:
        run = self.run()
        await run.wait(self.number("waitForFinish", 0, 60))
        return self.show(run)

    async def update_run(self) -> web.Response:
        run, body = self.run(), self.json_object()
        kinds = {"statusMessage": str, "isStatusMessageTerminal": bool, "runId": str}
        right = all(isinstance(body.get(key), kind | None) for key, kind in kinds.items())
        known = body.get("generalAccess", ACCESS[0]) in ACCESS
        if not right or not known or body.get("runId") not in (None, run.id):
            raise Refused("A property of the body has a wrong value.", 400, "invalid-value")
        kept = body.keys() & {"statusMessage", "isStatusMessageTerminal", "generalAccess"}
        run.changing |= {key: body[key] for key in kept if body[key] is not None}
        return self.show(run)

    async def abort(self) -> web.Response:
        run, gracefully = self.run(), self.boolean("gracefully")
        if run.status == "RUNNING" and gracefully:
            run.become("ABORTING")
            asyncio.get_running_loop().call_later(GRACE, run.kill, "abort")
        elif run.status in LIVE:
            run.become("ABORTED")
            run.kill("abort")
        return self.show(run)

    async def reboot(self) -> web.Response:
        run = self.run()
        if run.status != "RUNNING":
            raise Refused(f"The run is {run.status}; it is not running.", 400, "actor-run-not-live")
        run.counts["rebootCount"] = run.counts.get("rebootCount", 0) + 1
        run.kill("reboot")
        return self.show(run)

    async def run_task(self) -> web.Response:
        query, seconds = self.query, self.number("waitForFinish", 0, 60)
        if self.names["task"] not in TASKS or self.user != "nina":
            raise Refused("Actor task was not found.", 404, "record-not-found")
        if self.body and self.request.content_type != "application/json":
            raise Refused("The input must be application/json.", 400, "invalid-input")
        given = self.json_object() if self.body.strip() not in (b"", b"null") else {}
        memory = self.number("memory", SAVED["memoryMbytes"])
        if memory not in [2**n for n in range(7, 16)]:
            raise Refused(f"memory is {memory}, not a power of 2 from 128 to 32768.")
        if (build := query.get("build") or "latest") not in BUILDS:
            raise Refused(f"There is no build {build!r}.", 403, "no-such-build")
        timeout = round(self.number("timeout", SAVED["timeoutSecs"]))
        options = {"build": build, "timeoutSecs": timeout, "memoryMbytes": memory}
        for name, kind in (("maxItems", int), ("maxTotalChargeUsd", float)):
            if (limit := self.number(name, None)) is not None:
                options[name] = kind(limit)
        restart, hooks = self.boolean("restartOnError"), self.webhooks(query.get("webhooks", ""))
        run = Run(options, restart, hooks, {**SAVED_INPUT, **given})
        await run.wait(seconds)
        return self.show(run, 201, Location=f"/v2/actor-runs/{run.id}")

    async def record(self) -> web.Response:
        run = STORES.get(self.names["store"])
        if not run or self.names["key"] != "INPUT":  # The fixture Actor writes none.
            raise Refused("There is no such record.", 404, "record-not-found")
        return answer(run.given)

    async def events(self) -> web.WebSocketResponse:
        run, socket = RUNS[self.names["run"]], web.WebSocketResponse()
        await socket.prepare(self.request)
        await run.turned.wait()
        for name in ("aborting", "persistState") if run.status == "ABORTING" else ():
            await socket.send_json({"name": name, "data": {}})
        await run.finished.wait()
        return socket


def answer(value: object, status: int = 200, **headers: str) -> web.Response:
    return web.json_response(value, status=status, headers=headers)


async def handle(request: web.Request) -> web.StreamResponse:
    query = dict(urllib.parse.parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
    path = request.rel_url.raw_path
    patterns = {p: re.fullmatch(re.sub(SLOT, r"(?P<\1>[^/]*)", p), path) for p in ROUTES}
    match, methods = next(((m, ROUTES[p]) for p, m in patterns.items() if m), (None, {}))
    if not match:
        raise Refused(f"Nothing is served at {path}.", 404, "no-such-route")
    allowed = ", ".join(["OPTIONS", *methods])
    wanted = query.get("method", request.method).upper()
    if wanted == "OPTIONS":
        headers = {"Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": allowed}
        return web.Response(status=204, headers=headers | {"Allow": allowed})
    if wanted not in methods:
        raise Refused(f"Use one of {allowed}.", 405, "method-not-allowed")
    call = Call(request, wanted, query, match.groupdict())
    await call.read()
    if not call.user and methods[wanted] not in ("get_run", "events") and "store" not in call.names:
        raise Refused("This needs a token.", 401, "token-not-provided")
    return await getattr(call, methods[wanted])()


async def serve(request: web.Request) -> web.StreamResponse:
    try:
        response = await handle(request)
    except Refused as refused:
        response = answer({"error": refused.error}, refused.status)
    if not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-RateLimit-Limit"] = "400" if "/actor-tasks/" in request.path else "60"
    return response


def stop() -> None:
    for run in RUNS.values():
        run.kill("stop")
    os._exit(0)  # Whoever still waits is not waited for.


async def main() -> None:
    app = web.Application(client_max_size=0)
    app.router.add_route("*", "/{path:.*}", serve)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    BASE_URL.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
    ready = {"url": BASE_URL[0], "token": OWNER_TOKEN, "other_token": OTHER_TOKEN}
    print(json.dumps({**ready, "task": TASKS[1], "actor": ACTORS[1]}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
