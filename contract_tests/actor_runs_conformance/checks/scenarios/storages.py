"""The default storages of runs: where a target serves them, and what they hold.

They are no operations of the contract, so that a target may serve none, or only some; nothing of
what is promised of them is due then.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import frozen

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import JSON, encode, path
from actor_runs_conformance.results.finding import NO_RESULTS, NO_STORAGES
from actor_runs_conformance.testkit.api import POLL, NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


@frozen
class Storage:
    """A kind of storage: what it is called, where its id stands in a run, and where it is served.

    A value of our own is written by `method` to `writes` and read again at `reads`, below it.
    """

    name: str
    field: str
    below_run: str
    by_id: str
    method: str
    writes: str
    reads: str

    def places(self, run: Mapping[str, Any]) -> Iterator[str]:
        """Yield the paths of a run's storage: by its own id, and below the run."""
        yield f"/v2/{self.by_id}/{quote(str(run.get(self.field)), safe='')}"
        yield f"{path('getRun', run=str(run.get('id')))}/{self.below_run}"


KEPT = "kept-by-a-reboot"
"""What is written into a storage before a reboot."""
VALUE = {"url": "https://example.com/", "uniqueKey": KEPT}
"""It is a request, an item and a record at once."""

DATASET = Storage("dataset", "defaultDatasetId", "dataset", "datasets", "POST", "items", "items")
KEY_VALUE_STORE = Storage(
    "key-value store",
    "defaultKeyValueStoreId",
    "key-value-store",
    "key-value-stores",
    "PUT",
    f"records/{KEPT}",
    f"records/{KEPT}",
)
REQUEST_QUEUE = Storage(
    "request queue",
    "defaultRequestQueueId",
    "request-queue",
    "request-queues",
    "POST",
    "requests",
    "head",
)
STORAGES = (DATASET, KEY_VALUE_STORE, REQUEST_QUEUE)


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def default_storages(ctx: CheckContext) -> None:
    """Below a run its path leads to its default dataset, key-value store and request queue."""
    run = await ctx.fixtures.get("finished")
    places = [f"{path('getRun', run=run.id)}/{kind.below_run}" for kind in STORAGES]
    answers = [await ctx.api.look("GET", place) for place in places]
    # A router that overlooks what follows the run's id answers with the run.
    shown = [(answer.data or {}).get("id") for answer in answers]
    served = [
        answer.status == 200 and isinstance(found, str) and found != run.id
        for answer, found in zip(answers, shown, strict=True)
    ]
    if not any(served):
        ctx.not_exercised("GET-12", NO_STORAGES)
        return
    for kind, answer, found in zip(STORAGES, answers, shown, strict=True):
        if not _answered(answer):
            raise NotExercisedError(f"the default {kind.name} was not shown: {summary(answer)}")
        wanted = run.first.get(kind.field)
        observed = f"{answer.status} with the id {found}" if found else summary(answer)
        ctx.judge(
            "GET-12",
            run.start,
            answer,
            kept=answer.status == 200 and found == wanted,
            message=f"The path of a run's default {kind.name} is answered {observed}; the run's "
            f"{kind.field} is {wanted}.",
            expected=f"200 with the {kind.name} {wanted}",
            observed=observed,
        )


async def judge_results(ctx: CheckContext, run: StartedRun) -> None:
    """Judge that `defaultDatasetId` leads to what the fixture Actor has stored as its result."""
    by_id, below_run = (f"{place}/items" for place in DATASET.places(run.first))
    # The Actor stores its result after it has reported.
    answer = await _look_until(
        ctx,
        by_id,
        lambda items: run.id in _runs_of_items(items),
        late=ctx.session.tolerance(),
    )
    runs = _runs_of_items(answer)
    if run.id not in runs:
        # Only where another run's results are shown, or this run's elsewhere, is the id wrong.
        elsewhere = _runs_of_items(await ctx.api.look("GET", below_run))
        if not _answered(answer) or not (runs or run.id in elsewhere):
            ctx.not_exercised("TSK-25", NO_RESULTS)
            return
    ctx.judge(
        "TSK-25",
        run.start,
        answer,
        kept=run.id in runs,
        message=f"The dataset items of defaultDatasetId {run.first.get('defaultDatasetId')!r} are "
        f"answered {summary(answer)}, and the result that the run has stored is not among them.",
        expected=f"200 with an item of the run {run.id}",
        observed=summary(answer),
    )


async def _look_until(
    ctx: CheckContext, place: str, shows: Callable[[Exchange], bool], *, late: float = 0.0
) -> Exchange:
    """Look at a place until it shows something, or no replica can be behind.

    `late` is how many seconds more that which is looked for may take where the place is served.
    """
    since = ctx.session.now()
    while True:
        answer = await ctx.api.look("GET", place)
        patience = LAG + (late if answer.status == HTTPStatus.OK else 0.0)
        if shows(answer) or ctx.session.now() >= since + patience:
            return answer
        await asyncio.sleep(POLL)


async def stored_report(
    ctx: CheckContext, run: Mapping[str, Any]
) -> tuple[dict[str, Any], Exchange] | None:
    """Return what the fixture Actor has stored of what it saw; None where no dataset shows it."""
    for place in DATASET.places(run):
        answer = await ctx.api.look("GET", f"{place}/items")
        for item in _items(answer):
            if item.get("actorRunId") == run.get("id") and isinstance(item.get("input"), dict):
                return item, answer
    return None


def _items(answer: Exchange) -> list[dict[str, Any]]:
    items = answer.response.json if answer.response and answer.status == 200 else None
    return [item for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]


def _runs_of_items(answer: Exchange) -> set[str]:
    """Return the ids of the runs whose results are shown, as the fixture Actor stores them."""
    return {str(item["actorRunId"]) for item in _items(answer) if item.get("actorRunId")}


@frozen
class Stored:
    """A value that a target has stored for us in a storage of a run, and showed again."""

    kind: Storage
    place: str
    written: Exchange


async def store(ctx: CheckContext, run: StartedRun) -> list[Stored]:
    """Write a value into each default storage of a run; return those that a target took and shows."""
    found = await asyncio.gather(*(_store(ctx, run, kind) for kind in STORAGES))
    return [stored for stored in found if stored is not None]


async def _store(ctx: CheckContext, run: StartedRun, kind: Storage) -> Stored | None:
    for place in kind.places(run.first):
        written = await ctx.api.look(
            kind.method, f"{place}/{kind.writes}", headers=JSON, body=encode(VALUE)
        )
        stored = Stored(kind, f"{place}/{kind.reads}", written)
        if written.response and written.response.ok and _holds(await _read(ctx, stored)):
            return stored
    return None


async def judge_kept(ctx: CheckContext, stored: list[Stored], reboot: Exchange) -> None:
    """Judge that storages hold after a reboot what was written into them before."""
    if not stored:
        ctx.not_exercised("RBT-04b", NO_STORAGES)
    for each in stored:
        after = await _read(ctx, each)
        if not _answered(after):
            reason = f"the default {each.kind.name} was not shown: {summary(after)}"
            ctx.not_exercised("RBT-04b", reason)
            continue
        ctx.judge(
            "RBT-04b",
            each.written,
            reboot,
            after,
            kept=_holds(after),
            message=f"After a reboot the default {each.kind.name} does not hold what was stored in "
            f"it before: {summary(after)}.",
            expected=f"what was stored before, with the key {KEPT}",
            observed=summary(after),
        )


async def _read(ctx: CheckContext, stored: Stored) -> Exchange:
    return await _look_until(ctx, stored.place, _holds)


def _answered(answer: Exchange) -> bool:
    return answer.response is not None and answer.status != HTTPStatus.TOO_MANY_REQUESTS


def _holds(answer: Exchange) -> bool:
    """Whether an answer shows our value, alone, among items, or in a page of them."""
    return answer.status == 200 and bool(answer.response and KEPT.encode() in answer.response.body)
