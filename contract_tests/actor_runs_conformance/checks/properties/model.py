"""What the state machine expects of its runs, and the judgements of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from actor_runs_conformance.checks.properties.checks import MACHINE_CHECKS
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended, runs_or_ended
from actor_runs_conformance.results.finding import Finding
from actor_runs_conformance.testkit.registry import registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.checks.properties.blocking_api import BlockingApi
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue

ABORT_WITHIN = 15.0
KEPT_BY_UPDATE = ("startedAt", "finishedAt", "exitCode", "options", "buildId", "meta", "status")
KEPT_BY_REBOOT = ("startedAt", "options", "meta", "finishedAt", "exitCode")
ORDINARY = 64
"""Characters that a status message may have and is not too long for any target."""
KEPT_BY_NOTHING = ("status", "startedAt", "finishedAt", "exitCode", "options")
COUNTERS = ("rebootCount", "restartCount", "resurrectCount", "migrationCount", "metamorph")


@define
class ModelRun:
    """What the model knows of a run.

    `lost` runs are those that could not be started or left the model's path: nothing is expected
    of them.
    """

    id: str = ""
    actor: str = ""
    last: Exchange | None = None
    messages: list[str] = field(factory=list)
    reboots_accepted: list[Exchange] = field(factory=list)
    aborted: bool = False
    lost: bool = False

    @property
    def live(self) -> bool:
        """Whether it is expected to be RUNNING."""
        return not self.aborted and not self.lost


@define
class Model:
    """The runs as they are expected to be; judges what answers show of them."""

    api: BlockingApi
    runs: list[ModelRun] = field(factory=list)

    def judge(
        self,
        promise: str,
        *exchanges: Exchange,
        kept: bool,
        message: str,
        expected: JsonValue = None,
        observed: JsonValue = None,
    ) -> None:
        """Add a finding, in the thread of the event loop."""
        session = self.api.session
        check = _check_of(promise)
        if promise not in session.selected:
            return

        def add() -> None:
            session.findings.add(
                check,
                Finding(promise, kept, message, expected, observed),
                *exchanges,
            )

        self.api.loop.call_soon_threadsafe(add)

    def read(self, run: ModelRun) -> Exchange:
        """Read a run and compare it with the model, allowing for a replica that is behind."""
        wanted = run.messages[-1] if run.messages and run.live else None
        exchange = self.api.until(
            run.id, lambda data: wanted is None or data.get("statusMessage") == wanted
        )
        status = status_of(exchange)
        if run.live and status in TERMINAL:
            run.lost = True  # It ended by itself; the invariants judge whether it may.
        elif exchange.data is not None:
            self.expect_message(run, exchange)
            if not run.lost:
                run.last = exchange
        return exchange

    def expect_message(self, run: ModelRun, exchange: Exchange) -> None:
        """Judge the status message; after an abort the platform may have set its own."""
        if not run.live or not run.messages:
            return
        observed, expected = (exchange.data or {}).get("statusMessage"), run.messages[-1]
        others = [
            message for sibling in self.runs if sibling is not run for message in sibling.messages
        ]
        self.judge(
            "PUT-05",
            exchange,
            kept=observed == expected,
            message="the status message that was set is not shown",
            expected=expected,
            observed=observed,
        )
        if len(run.messages) > 1:
            self.judge(
                "PUT-06",
                exchange,
                kept=observed not in run.messages[:-1] or observed == expected,
                message="an earlier status message is shown instead of the last",
                expected=expected,
                observed=observed,
            )
        if others and (observed == expected or observed in others):
            self.judge(
                "PUT-04b",
                exchange,
                kept=observed == expected,
                message="the status message of another run is shown",
                expected=expected,
                observed=observed,
            )

    def updated(self, run: ModelRun, message: str, exchange: Exchange) -> None:
        """Judge the answer to an update, and what is read after it."""
        if exchange.data is None or exchange.status != 200:
            is_ordinary = len(message) <= ORDINARY
            if run.live and is_ordinary and exchange.status in {400, 404, 422}:
                self.judge(
                    "PUT-01",
                    exchange,
                    kept=exchange.status == 200,
                    message=f"an update is answered with {summary(exchange)}",
                    expected=200,
                    observed=exchange.status,
                )
            return
        run.messages.append(message)
        self.expect_message(run, exchange)
        self.unchanged("PUT-10", run, exchange, KEPT_BY_UPDATE, "an update changed")
        if run.live:
            self.read(run)

    def unchanged(
        self, promise: str, run: ModelRun, exchange: Exchange, fields: tuple[str, ...], what: str
    ) -> None:
        """Judge that these fields, and the counters, are as they were last seen."""
        before, after = run.last.data if run.last else None, exchange.data
        if (
            run.last is None
            or before is None
            or after is None
            or (run.live and status_of(exchange) in TERMINAL)
        ):
            return
        changed = differing(fields, before, after)
        old, new = before.get("stats"), after.get("stats")
        if isinstance(old, dict) and isinstance(new, dict):
            changed += [name for name in COUNTERS if (old.get(name) or 0) > (new.get(name) or 0)]
        self.judge(
            promise,
            run.last,
            exchange,
            kept=not changed,
            message=f"{what} {', '.join(changed) or 'nothing else'}",
            expected={name: before.get(name) for name in changed} or None,
            observed={name: after.get(name) for name in changed} or None,
        )

    def rebooted(self, run: ModelRun, exchange: Exchange) -> None:
        """Judge the reboot of a running run."""
        again = bool(run.reboots_accepted)
        if exchange.status == 200:
            run.reboots_accepted.append(exchange)
            run.messages.clear()  # What the Actor has not stored is lost, its message perhaps too.
            self.judge("RBT-01", exchange, kept=True, message="")
            self.judge(
                "RBT-07",
                exchange,
                kept=status_of(exchange) == "RUNNING",
                message="the answer to a reboot shows another status",
                expected="RUNNING",
                observed=status_of(exchange),
            )
            self.unchanged("RBT-05", run, exchange, KEPT_BY_REBOOT, "a reboot changed")
        elif 400 <= exchange.status < 500 and exchange.status != 429 and not again:
            after = self.api.get(run.id)
            if status_of(after) == "RUNNING":
                self.judge(
                    "RBT-01",
                    exchange,
                    kept=exchange.status == 200,
                    message=f"the reboot of a running run is answered with {summary(exchange)}",
                    expected=200,
                    observed=exchange.status,
                )
        if again:
            self.judge(
                "RBT-11",
                run.reboots_accepted[0],
                exchange,
                kept=exchange.status == 200,
                message=f"reboot {len(run.reboots_accepted)} of one run is answered with "
                f"{summary(exchange)}",
                observed=exchange.status,
            )
        # A rebooted run needs time to start over.
        self.api.until(run.id, runs_or_ended)

    def rebooted_after_abort(self, run: ModelRun, exchange: Exchange) -> None:
        """Judge the reboot of an aborted run."""
        after = self.api.until(run.id, lambda data: data.get("status") == "ABORTED")
        refused = 400 <= exchange.status < 500
        # A refusal shows something only where a reboot of a running run is accepted.
        controls = [other.reboots_accepted[-1] for other in self.runs if other.reboots_accepted]
        if exchange.status in {401, 429} or exchange.status >= 500 or (refused and not controls):
            return
        self.judge(
            "RBT-02",
            *controls[:1],
            exchange,
            after,
            kept=refused and status_of(after) == "ABORTED",
            message=f"the reboot of an aborted run is answered with {summary(exchange)}, the run "
            f"is {status_of(after)} then",
            expected="4xx, and the run stays ABORTED",
            observed=exchange.status,
        )

    def aborted(self, run: ModelRun, exchange: Exchange) -> None:
        """Judge the abort of a running run."""
        if exchange.status != 200:
            return
        self.count(run)
        run.aborted = True
        after = self.api.until(run.id, has_ended, within=ABORT_WITHIN)
        run.last = after
        run.lost = status_of(after) != "ABORTED"
        if after.response and after.response.refused:
            return  # That it cannot be read is judged elsewhere, and is no word about the abort.
        self.judge(
            "ABT-05" if self.is_judged_at(exchange) else "ABT-01",
            exchange,
            after,
            kept=not run.lost,
            message="a running run that was aborted does not end as ABORTED",
            expected="ABORTED",
            observed=status_of(after),
        )

    def aborted_again(self, run: ModelRun, exchange: Exchange) -> None:
        """Judge the abort of an aborted run."""
        if not self.is_judged_at(exchange):
            return
        if exchange.status != 200:
            if exchange.status in {400, 403, 409}:
                self.judge(
                    "ABT-06d",
                    exchange,
                    kept=exchange.status == 200,
                    message=f"the abort of an aborted run is answered with {summary(exchange)}",
                    expected=200,
                    observed=exchange.status,
                )
            return
        self.unchanged(
            "ABT-06d",
            run,
            exchange,
            KEPT_BY_NOTHING,
            "the abort of an aborted run changed",
        )

    def is_judged_at(self, abort: Exchange) -> bool:
        """Whether the abort as such is judged at the address of this one."""
        return abort.operation == self.api.session.abort_address

    def count(self, run: ModelRun) -> None:
        """Judge the counter of reboots when no more reboots can follow."""
        if not run.reboots_accepted:
            return
        wanted = len(run.reboots_accepted)

        def reboots(data: Mapping[str, Any]) -> JsonValue:
            stats = data.get("stats")
            return stats.get("rebootCount") if isinstance(stats, dict) else None

        exchange = self.api.until(run.id, lambda data: reboots(data) in (None, wanted))
        observed = reboots(exchange.data or {})
        if observed is not None:
            self.judge(
                "RBT-06",
                run.reboots_accepted[-1],
                exchange,
                kept=observed == wanted,
                message=f"stats.rebootCount is {observed} after {wanted} reboots",
                expected=wanted,
                observed=observed,
            )


def differing(
    fields: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    """Return which of these fields differ; absent and null are equal."""
    return [name for name in fields if before.get(name) != after.get(name)]


def _check_of(promise: str) -> str:
    """Return the check of the state machine that judges a promise, as the ledger says."""
    for name in MACHINE_CHECKS:
        if promise in registered()[name].promises:
            return name
    raise LookupError(f"the ledger does not say that the state machine judges {promise}")
