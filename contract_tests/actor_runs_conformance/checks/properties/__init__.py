"""Generated cases: Schemathesis draws requests from the contract, the suite sends and judges them.

How a case travels:

1. `worker` (a child process, one or two of them) draws the cases of an operation through
   `adapter`, the only module that touches Schemathesis, and prints each as a line of JSON.
   A case names no real run and holds no token: ids are placeholders. So the cases depend on
   nothing but the contract, the seed and the numbers asked for.
2. `guard` makes a case harmless and addresses it: real ids, short runs, no strangers' hosts.
3. `traffic` sends it, rations the starts, and puts it into the log.
4. `violations` says which promises a request breaks, `checks` what the answers say of them.

`machine` is the other half: a Hypothesis state machine over start, get, update, reboot and abort,
beside `model`, which says what is expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.session import Session


async def run_generated(session: Session) -> None:
    """Send the generated cases and run the state machine, and put the judgements on the board.

    Cases are addressed to `context.live_run` and `context.finished_run`; those that need a run
    that is not there are left out. Starts at most `context.generated_runs` runs.
    """
    # Later than the package: the worker and the registry need neither httpx nor Hypothesis.
    from actor_runs_conformance.checks.properties.run import run

    await run(session)
