"""Judges patched clients as `check-client` does, many side by side."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from actor_runs_conformance.engine.client_check import ClientCheck
from actor_runs_conformance.engine.client_options import ClientOptions
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.ledger import ledger

from .patch import GOOD, LATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from actor_runs_conformance.results.outcome import Outcome

    from .patch import Patch

SIDE_BY_SIDE = 8
"""Clients that are judged at once: most of the time each waits."""
WHOLE_SIDE_BY_SIDE = 4


async def _judge(patch: Patch, folder: Path, gate: asyncio.Semaphore) -> tuple[str, Outcome]:
    script = folder / f"{patch.name}.py"
    script.write_text(patch.source(), encoding="utf-8")
    options = ClientOptions(
        # Without site-packages a process starts in half the time.
        command=(sys.executable, "-I", "-S", str(script)),
        only=patch.judged_by,
        profile="full" if patch.name in LATE else "quick",
    )
    async with gate:
        outcome = await ClientCheck(options, Log(), ledger.by_id()).run()
    return patch.name, outcome


def judge_all(patches: Iterable[Patch], folder: Path) -> Mapping[str, Outcome]:
    """Return what came of each patched client, by its name."""

    async def judge() -> list[tuple[str, Outcome]]:
        gate = asyncio.Semaphore(SIDE_BY_SIDE)
        # The longest first.
        ordered = sorted(patches, key=lambda patch: patch.name not in LATE)
        return await asyncio.gather(*(_judge(patch, folder, gate) for patch in ordered))

    return dict(asyncio.run(judge()))


def judge_again_and_again(times: int) -> list[Mapping[str, str]]:
    """Return the verdicts on the good client, judged as a whole by the quick profile so many times."""
    options = ClientOptions(command=(sys.executable, "-I", "-S", str(GOOD)), profile="quick")

    async def judge() -> list[Outcome]:
        gate = asyncio.Semaphore(WHOLE_SIDE_BY_SIDE)

        async def once() -> Outcome:
            async with gate:
                return await ClientCheck(options, Log(), ledger.by_id()).run()

        return await asyncio.gather(*(once() for _ in range(times)))

    return [
        {name: str(result.verdict) for name, result in outcome.results.items()}
        for outcome in asyncio.run(judge())
    ]
