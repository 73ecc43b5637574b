"""Judges patched clients as `check-client` does, many side by side."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from actor_runs_conformance.engine.client_check import ClientCheck
from actor_runs_conformance.engine.client_options import ClientOptions
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.ledger import ledger

from .patch import LATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from actor_runs_conformance.results.outcome import Outcome

    from .patch import Patch

SIDE_BY_SIDE = 8
"""Clients that are judged at once: most of the time each waits."""


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
