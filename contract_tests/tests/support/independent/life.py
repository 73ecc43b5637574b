"""The life of a run: a child process that runs the fixture Actor, its time-outs and its end."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from aiohttp import web

from tests.support.independent.rules import Rules
from tests.support.independent.state import Run, World, as_json, new_id, now
from tests.support.independent.webhooks import Webhooks

MAIN = Path(__file__).parents[3] / "fixture_actor/main.py"
MESSAGES = {
    "RUNNING": "Actor is running",
    "SUCCEEDED": "Actor has finished",
    "FAILED": "Actor failed",
    "TIMED-OUT": "Actor timed out",
    "ABORTED": "Actor was aborted",
}
CAPS = {
    "maxItems": "ACTOR_MAX_PAID_DATASET_ITEMS",
    "maxTotalChargeUsd": "ACTOR_MAX_TOTAL_CHARGE_USD",
}
LONGEST_TIMER = 1e6


class Life:
    """Starts, reboots, aborts and ends runs."""

    def __init__(self, world: World, rules: Rules, webhooks: Webhooks) -> None:
        self.world, self.rules, self.webhooks = world, rules, webhooks
        self.base = ""
        self.tasks: set[asyncio.Task[None]] = set()

    def _go(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def start(self, run: Run) -> None:
        """Take up a new run."""
        run.status = self.rules.first_status
        run.records["INPUT"] = run.input
        self.world.runs[run.id] = run
        self._go(self.webhooks.tell(run, "CREATED"))
        self._begin(run)

    def _begin(self, run: Run) -> None:
        timeout = run.options["timeoutSecs"]
        if self.rules.timeout_is_kept and 0 < timeout < LONGEST_TIMER:
            run.timeout_timer = asyncio.get_running_loop().call_later(timeout, self._time_out, run)
        self._go(self._live(run))

    async def _live(self, run: Run) -> None:
        while True:
            await asyncio.sleep(self.rules.container_start)
            if self.rules.abort_lost_before_start and run.status == "ABORTING":
                run.status = "READY"
            if run.status == "ABORTING" or run.is_finished:
                break
            await self._spawn(run)
            if run.status == "ABORTING" or run.is_finished:
                self.kill(run)
                break
            if not self.rules.update_survives_start and run.status == "READY":
                run.message, run.message_was_set = None, False
            await self._to(run, "RUNNING")
            if self.rules.running_flaps and not run.restarts:
                self._go(self._flap(run, "READY", "RUNNING", after=self.rules.running_flaps))
            code = await run.process.wait()
            if run.rebooting:
                run.rebooting = False
                await asyncio.sleep(self.rules.reboot_shows_ready)
                self._begin_anew(run)
                continue
            if self.rules.abort_restarts and run.restart_on_error and run.restarts < 1:
                run.status = "RUNNING"
            if run.status != "RUNNING" or not self._restarts(run, code):
                run.exit_code = code if code >= 0 else 128 - code
                break
            run.restarts += 1
            self._begin_anew(run)
            if self.rules.restart_input_is_saved and run.task:
                run.records["INPUT"] = as_json(run.task.input)
        await self._end(run)

    def _begin_anew(self, run: Run) -> None:
        if self.rules.restart_begins_anew:
            run.started = now()

    def _restarts(self, run: Run, code: int) -> bool:
        wanted = run.restart_on_error or self.rules.restarts_without_being_told
        return bool(wanted and code and run.restarts < self.rules.restarts)

    async def _spawn(self, run: Run) -> None:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "APIFY_API_BASE_URL": self.base,
            "APIFY_TOKEN": run.user.token,
            "ACTOR_RUN_ID": run.id,
            "ACTOR_DEFAULT_KEY_VALUE_STORE_ID": run.store,
            "ACTOR_EVENTS_WEBSOCKET_URL": f"{self.base.replace('http', 'ws', 1)}/events/{run.id}",
        }
        for key, name in CAPS.items():
            if (most := run.options.get(key)) is not None and key in self.rules.caps_in_environment:
                environment[name] = self.rules.cap_as_text(most)
        run.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(MAIN),
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def _to(self, run: Run, status: str) -> None:
        if run.status == "READY" or status != "RUNNING":
            run.status = status
        await self._tell_waiters(run)

    async def _tell_waiters(self, run: Run) -> None:
        async with run.changed:
            run.changed.notify_all()

    async def _flap(self, run: Run, *statuses: str, after: float = 0.6) -> None:
        before = run.status
        for status in statuses:
            await asyncio.sleep(after)
            if run.status != before:
                return
            run.status = before = status

    async def _end(self, run: Run) -> None:
        for timer in (run.timeout_timer, run.grace_timer):
            if timer is not None:
                timer.cancel()
        if run.is_finished:
            return
        status = self._final_status(run)
        if status is None:
            return
        if self.rules.abort_waits_for_grace and run.status == "ABORTING" and run.announced:
            await asyncio.sleep(max(0.0, 30.0 - (time.monotonic() - run.announced_at)))
        run.finished = now()
        run.ended_at = time.monotonic()
        run.status = status
        if self.rules.end_replaces_message or not run.message_is_last:
            run.message = MESSAGES.get(status, status)
            run.message_was_set = False
            run.message_is_last = True
        await self._tell_waiters(run)
        self._go(self.webhooks.tell(run, status))
        if status in self.rules.terminal_turns:
            self._go(self._flap(run, self.rules.terminal_turns[status]))
        if self.rules.terminal_flaps:
            self._go(self._flap(run, "RUNNING", status))

    def _final_status(self, run: Run) -> str | None:
        if run.status == "ABORTING":
            if not self.rules.abort_ends:
                return None
            code = run.exit_code
            if (
                self.rules.graceful_exit_counts
                and run.announced
                and code is not None
                and code < 128
            ):
                return self.rules.outcome(code)
            return self.rules.abort_outcome
        if run.status == "TIMING-OUT":
            return self.rules.timeout_outcome
        return self.rules.outcome(run.exit_code or 0)

    def _time_out(self, run: Run) -> None:
        if run.is_finished or run.status == "ABORTING":
            return
        was_ready = run.process is None
        run.status = "TIMING-OUT"

        async def kill() -> None:
            await asyncio.sleep(self.rules.timing_out_lasts)
            self.kill(run)
            if was_ready:
                await self._end(run)

        self._go(kill())

    def kill(self, run: Run) -> None:
        """Kill the container."""
        for process in (run.process, *run.old_processes):
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    async def abort(self, run: Run, *, gracefully: bool) -> None:
        """Abort a run that is READY or RUNNING; the caller has looked."""
        if run.status == "READY" and not self.rules.abort_ready:
            return
        run.status = "ABORTING"
        if run.process is None and self.rules.abort_lost_before_start:
            return
        if run.process is None or run.process.returncode is not None:
            await self._end(run)
        elif gracefully:
            run.announced = list(self.rules.announces) or ["none"]
            run.announced_at = time.monotonic()
            for name in self.rules.announces:
                await self._announce(run, name)
            self._grace(run)
        elif self.rules.abort_kills:
            self.kill(run)
        else:
            run.status = self.rules.abort_outcome
            run.finished = now()
            self._go(self._flap(run, self.rules.abort_outcome, "RUNNING"))

    def _grace(self, run: Run) -> None:
        if self.rules.grace is not None:
            if run.grace_timer is not None:
                run.grace_timer.cancel()
            loop = asyncio.get_running_loop()
            run.grace_timer = loop.call_later(self.rules.grace, self.kill, run)

    async def abort_again(self, run: Run, *, gracefully: bool) -> None:
        """Abort a run that is ABORTING already."""
        if self.rules.abort_again_restarts_grace:
            self._grace(run)
        elif not gracefully and self.rules.abort_again_is_immediate:
            self.kill(run)

    async def reboot(self, run: Run) -> None:
        """Restart the container of a run, or what the rules make of it."""
        run.reboots += 1
        rules = self.rules
        revives = rules.reboot_revives_aborting and run.status == "ABORTING"
        if not rules.reboots or not (run.status == "RUNNING" or run.is_finished or revives):
            return
        if rules.reboot_clears_store:
            run.records.clear()
        if rules.reboot_input_is_saved and run.task:
            run.records["INPUT"] = as_json(run.task.input)
        if rules.reboot_new_storage is not None:
            setattr(run, rules.reboot_new_storage, new_id())
        if not rules.update_survives_reboot:
            run.message, run.message_is_last = None, False
        if run.is_finished:
            run.status, run.finished, run.exit_code, run.ended_at = "RUNNING", None, None, None
            self._begin(run)
            return
        if rules.reboot_outcome is not None:
            run.status = {"ABORTED": "ABORTING", "TIMED-OUT": "TIMING-OUT"}.get(
                rules.reboot_outcome, run.status
            )
            self.kill(run)
            return
        if rules.reboot_keeps_old:
            old, run.process = run.process, None
            run.old_processes.append(old)
            await self._spawn(run)
            return
        if run.process is None or run.process.returncode is not None:
            return
        if rules.reboot_revives_aborting and run.grace_timer is not None:
            run.grace_timer.cancel()
            run.status, run.announced = "RUNNING", []
        run.rebooting = True
        if rules.reboot_renews_timeout and run.timeout_timer is not None:
            run.timeout_timer.cancel()
            left = run.options["timeoutSecs"]
            loop = asyncio.get_running_loop()
            run.timeout_timer = loop.call_later(left, self._time_out, run)
        if rules.reboot_shows_ready:
            run.status = "READY"
        self.kill(run)

    async def _announce(self, run: Run, name: str) -> None:
        for socket in list(run.sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_str(json.dumps({"name": name, "data": {}}))

    async def events(self, request: web.Request, run: Run) -> web.WebSocketResponse:
        """Send a run the events of the platform until it hangs up."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        run.sockets.add(socket)
        for name in run.announced:
            await socket.send_str(json.dumps({"name": name, "data": {}}))
        try:
            async for _message in socket:
                pass
        finally:
            run.sockets.discard(socket)
        return socket

    async def close(self) -> None:
        """Kill every container."""
        for run in self.world.runs.values():
            self.kill(run)
        for task in list(self.tasks):
            task.cancel()
