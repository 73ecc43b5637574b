"""The operations on a run that exists: get, update, reboot, abort; and its storage and events."""

import asyncio
import copy
import time

from aiohttp import web

from tests.support.independent.api_http import Answer, ApiError, Call, json_object
from tests.support.independent.life import Life
from tests.support.independent.rules import Json, Rules
from tests.support.independent.show import run_object
from tests.support.independent.state import Run, World
from tests.support.independent.values import Values

ACCESS = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED")


class Operations:
    """Get, update, reboot and abort, at either address."""

    def __init__(self, world: World, rules: Rules, life: Life) -> None:
        self.world, self.rules, self.life = world, rules, life

    def show(self, run: Run, operation: str = "", *, hidden: tuple[str, ...] = ()) -> Json:
        """Return what an operation shows of a run."""
        shown = run_object(run, self.rules)
        for change in self.rules.shows:
            shown = change(shown, run, operation) or shown
        for key in hidden:
            if shown.pop(key, None) is not None and self.rules.hidden_as_null:
                shown[key] = None
        return shown

    def find(self, call: Call) -> Run:
        """Return the run that the path names, if the caller may see it."""
        rules, name = self.rules, call.path["run"]
        run = self.world.runs.get(name)
        if rules.finds is not None:
            run = rules.finds(self.world.runs, name, call.operation) or run
        if run is None and not (name.isalnum() and name.isascii() and len(name) == 17):
            raise ApiError(rules.ill_formed_id_status, "record-not-found", "This is no id of a run")
        if run is None or self._is_unknown(run, call):
            raise ApiError(404, "record-not-found", "Actor run was not found")
        is_stranger = call.user is not None and call.user.id != run.user.id
        if is_stranger and call.operation not in rules.strangers_may:
            if call.operation not in rules.refused_but_done:
                status = rules.stranger_status
                raise ApiError(status, "record-not-found", "Actor run was not found")
            call.has_right = False
        return run

    def _is_unknown(self, run: Run, call: Call) -> bool:
        rules = self.rules
        return (
            (call.operation != "updateRun" and time.monotonic() - run.born < rules.fresh_is_unknown)
            or (rules.ready_is_unknown and run.status == "READY")
            or (rules.finished_is_unknown and call.operation == "getRun" and run.is_finished)
        )

    async def get_run(self, call: Call) -> Answer:
        """Answer Get run."""
        run, rules = self.find(call), self.rules
        is_anonymous = call.user is None
        if is_anonymous and (
            rules.anonymous_refused(run.status) or run.general_access == "RESTRICTED"
        ):
            raise ApiError(403, "insufficient-permissions", "This run is not public")
        before = self.show(run, call.operation)
        waited = await self.wait(run, call)
        hidden = ()
        if is_anonymous and rules.hidden_when(run.status, waited > 0):
            hidden = rules.hidden
        if waited and call.operation in rules.wait_shows_before:
            return Answer(before)
        if rules.cached or (rules.cached_for_anonymous and is_anonymous):
            return Answer(self._cached(run, hidden))
        shown = self.show(run, call.operation, hidden=hidden)
        return self.after_wait(run, call, waited, Answer(shown))

    def _cached(self, run: Run, hidden: tuple[str, ...]) -> Json:
        at, shown = run.snapshot or (0.0, {})
        if run.snapshot is None or time.monotonic() - at > (
            self.rules.cached or self.rules.cached_for_anonymous
        ):
            shown = self.show(run, "getRun")
            run.snapshot = (time.monotonic(), shown)
        return {key: value for key, value in copy.deepcopy(shown).items() if key not in hidden}

    def after_wait(self, run: Run, call: Call, waited: float, answer: Answer) -> Answer:
        """Change an answer by whether a wait saw the end of the run."""
        rules = self.rules
        if not waited:
            return answer
        if run.is_finished:
            status = rules.wait_seen_end_status or answer.status
        else:
            status = rules.wait_over_status.get(call.operation, answer.status)
            if rules.wait_over_shows is not None:
                answer.data["status"] = rules.wait_over_shows
        if status >= 400:
            raise ApiError(status, "timeout", "The run has not finished in time")
        return Answer(answer.data, status, answer.headers)

    async def wait(self, run: Run, call: Call) -> float:
        """Wait for the run to finish as the query says; return the seconds asked for."""
        rules = self.rules
        values = Values(call.query, rules)
        seconds = values.number("waitForFinish", least=0)
        if seconds is None:
            seconds = rules.wait_default.get(call.operation, 0.0)
        if seconds > rules.wait_limit and rules.wait_above_limit_refused:
            raise ApiError(400, "invalid-value", "waitForFinish is at most 60")
        limit = rules.wait_limits.get(call.operation, rules.wait_limit)
        seconds = min(seconds, limit) * rules.wait_unit
        if call.operation in rules.wait_ignored or (rules.wait_per_run and run.waiters):
            return 0.0
        if seconds >= rules.wait_ignored_from or (rules.wait_needs_token and call.user is None):
            return 0.0
        if rules.wait_cut_to_seconds:
            seconds = float(int(seconds))
        if rules.wait_missed_when_ready and run.status == "READY":
            await asyncio.sleep(seconds)
            return seconds
        if call.operation in rules.wait_to_the_end_of_time:
            await asyncio.sleep(seconds)
            return seconds
        run.waiters += 1
        wakes = run.wakes
        lag = 0.0 if run.status in rules.wait_ends_at else rules.wait_lag
        try:
            async with asyncio.timeout(seconds), run.changed:
                await run.changed.wait_for(
                    lambda: run.status in rules.wait_ends_at or run.wakes > wakes
                )
            await asyncio.sleep(lag)
        except TimeoutError:
            pass
        finally:
            run.waiters -= 1
        return seconds

    async def update_run(self, call: Call) -> Answer:
        """Answer Update run."""
        rules, run = self.rules, self.find(call)
        if rules.update_accepts_any_json:
            try:
                body = json_object(call.body)
            except ApiError:
                return Answer(self.show(run, call.operation))
        else:
            body = json_object(call.body)
        if rules.update_reads_query and "statusMessage" in call.query:
            body["statusMessage"] = call.query["statusMessage"]
        self._look_at_update(body, run)
        if rules.update_named_by_body:
            run = self.world.runs.get(str(body.get("runId")), run)
        before = self.show(run, call.operation)
        old, had_flag = run.message, run.message_is_last
        is_stored = not rules.update_needs_flag_to_store or "isStatusMessageTerminal" in body
        if "statusMessage" in body and is_stored:
            run.message_was_set = True
            run.message = rules.update_stores(run.message, str(body["statusMessage"]))
            run.message_is_last = rules.update_flag(
                body.get("isStatusMessageTerminal"), run.message_is_last
            )
        if "generalAccess" in body and not rules.documents_only:
            run.general_access = body["generalAccess"]
        await self._wake(run, "update")
        if rules.update_previous_too and (previous := self._previous(run)):
            previous.message = run.message
        if rules.update_forgets_after is not None:

            def forget() -> None:
                run.message, run.message_is_last = old, had_flag

            asyncio.get_running_loop().call_later(rules.update_forgets_after, forget)
        return Answer(before if rules.update_answers_before else self.show(run, call.operation))

    def _look_at_update(self, body: Json, run: Run) -> None:
        rules = self.rules
        types = {"runId": str, "statusMessage": str, "isStatusMessageTerminal": bool}
        for key, kind in types.items():
            if key in body and not isinstance(body[key], kind):
                if not rules.update_casts:
                    raise ApiError(400, "invalid-request", f"{key} must be a {kind.__name__}")
                body[key] = kind(body[key])
        needed = ("runId", "statusMessage") if rules.documents_only else rules.update_requires
        for key in needed:
            if key not in body:
                raise ApiError(400, "invalid-request", f"{key} is missing")
        if refused := set(rules.update_refuses) & set(body):
            raise ApiError(400, "invalid-request", f"{sorted(refused)} are not known")
        if rules.update_refuses_unknown and (unknown := set(body) - set(types)):
            raise ApiError(400, "invalid-request", f"{sorted(unknown)} are not known")
        text = str(body.get("statusMessage", "-"))
        if rules.odd_messages_refused and (not 0 < len(text) <= 200 or "\n" in text):
            raise ApiError(400, "invalid-value", "statusMessage must be one line, and not long")
        if rules.update_after_last_status and run.message_was_set and run.message_is_last:
            raise ApiError(rules.update_after_last_status, "invalid-value", "The last was said")
        if rules.update_refuses_finished and run.is_finished:
            raise ApiError(400, "run-finished", "The run has finished")
        if not rules.documents_only and body.get("generalAccess", ACCESS[0]) not in ACCESS:
            raise ApiError(400, "invalid-value", f"generalAccess must be one of {ACCESS}")

    async def reboot_run(self, call: Call) -> Answer:
        """Answer Reboot run."""
        rules, run = self.rules, self.find(call)
        if rules.reboot_needs_body:
            json_object(call.body)
        if run.status in rules.reboot_refused and rules.reboot_refusal_clears_message:
            run.message = None
        if run.status in rules.reboot_refused:
            raise ApiError(
                rules.reboot_refusal_status, "job-finished", f"The run is {run.status}, not RUNNING"
            )
        if rules.reboot_limit is not None and run.reboots >= rules.reboot_limit:
            raise ApiError(400, "too-many-reboots", "The run was rebooted too often")
        if not run.is_finished or rules.reboot_restarts_finished:
            await self.life.reboot(run)
        await self._wake(run, "reboot")
        return Answer(self.show(run, call.operation))

    async def abort_run(self, call: Call) -> Answer:
        """Answer Abort run, at either address."""
        rules, run = self.rules, self.find(call)
        if "actor" in call.path and rules.abort_looks_at_actor:
            self._look_at_actor(call, run)
        values = Values(call.query, rules)
        gracefully = values.boolean("gracefully")
        if gracefully is None:
            gracefully = rules.graceful_default
        if call.operation in rules.graceful_never:
            gracefully = False
        await asyncio.sleep(rules.abort_delay)
        if run.is_finished:
            self._abort_finished(run, gracefully=gracefully)
        elif run.status == "ABORTING":
            if rules.abort_aborting_status is not None:
                raise ApiError(rules.abort_aborting_status, "run-aborting", "The run is ABORTING")
            await self.life.abort_again(run, gracefully=gracefully)
        elif run.status != "TIMING-OUT" and not (
            rules.abort_by_name_does_nothing and "~" in call.path.get("actor", "")
        ):
            await self.life.abort(run, gracefully=gracefully)
        if rules.abort_answers_at_end:
            async with run.changed:
                await run.changed.wait_for(lambda: run.is_finished)
        return Answer(self.show(run, call.operation))

    async def _wake(self, run: Run, operation: str) -> None:
        """Answer those who wait for a run, where an operation makes the server do so."""
        if operation in self.rules.wait_ends_on:
            async with run.changed:
                run.wakes += 1
                run.changed.notify_all()

    def _previous(self, run: Run) -> Run | None:
        """Return the run that was started before this one."""
        runs = list(self.world.runs.values())
        at = runs.index(run) - 1
        return None if at < 0 else runs[at]

    def _abort_finished(self, run: Run, *, gracefully: bool) -> None:
        rules = self.rules
        if rules.abort_finished_status is not None:
            raise ApiError(rules.abort_finished_status, "run-finished", "The run has finished")
        if run.status == "ABORTED" and rules.abort_aborted_status is not None:
            raise ApiError(rules.abort_aborted_status, "run-aborted", "The run is ABORTED")
        if gracefully or not rules.abort_changes_if_graceful:
            run.status = rules.abort_changes.get(run.status, run.status)
        if rules.abort_touches_finished:
            run.message = "Actor was aborted"

    def _look_at_actor(self, call: Call, run: Run) -> None:
        actor = run.actor
        names = {"id": actor.id, "name": f"{actor.owner.name}~{actor.name}"}
        known = [names[kind] for kind in self.rules.actor_known_by]
        if call.path["actor"] not in known:
            raise ApiError(404, "record-not-found", "Actor was not found")

    async def record(self, request: web.Request) -> web.Response:
        """Give and take a record of a run's key-value store."""
        run = self.world.by_store(request.match_info["store"])
        key = request.match_info["key"]
        if run is None or (request.method == "GET" and key not in run.records):
            return web.json_response(
                {"error": {"type": "record-not-found", "message": "-"}}, status=404
            )
        if request.method == "PUT":
            run.records[key] = await request.read()
            return web.json_response({}, status=201)
        return web.Response(body=run.records[key], content_type="application/json")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send a run its events."""
        run = self.world.runs.get(request.match_info["run"])
        if run is None:
            raise web.HTTPNotFound
        return await self.life.events(request, run)
