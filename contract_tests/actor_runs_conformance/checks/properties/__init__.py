"""Property tests: requests drawn from the contract by Schemathesis, and a state machine.

How a generated case travels:

1. `worker` (a child process; `worker_pool` runs one or two of them) draws the cases of an
   operation through `adapter`, the only module that touches Schemathesis, and prints each as a
   line of JSON. A case names no real run and holds no token: ids are placeholders. So the cases
   depend only on the contract, the seed and the counts asked for.
2. `safe_targets` makes a case harmless and addresses it: real ids, short runs, no foreign hosts.
3. `sender` sends it, keeps to the quota of starts, and writes it into the log.
4. `violations` finds the promises that a request breaks, `checks` judges the answers by them.

`machine` is the other half: a Hypothesis state machine that calls start, get, update, reboot and
abort through `blocking_api`, and compares each answer with what `model` expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.session import Session


async def run_generated(session: Session) -> None:
    """Send the generated cases and run the state machine; the findings go to the session.

    Cases are addressed to `session.live_run` and `session.finished_run`; those that need a run
    that is missing are left out. Starts at most `session.generated_runs` runs, and
    `session.late_runs` late.
    """
    # Imported here, as the worker and the registry need neither httpx nor Hypothesis.
    from actor_runs_conformance.checks.properties.run import run

    await run(session)
