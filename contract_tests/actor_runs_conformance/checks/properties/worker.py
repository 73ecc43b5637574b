"""The child process that draws cases: a job on stdin, a case a line on stdout.

It is a process of its own because drawing needs a whole CPU core: the parent goes on waiting,
sending and judging meanwhile. It sends nothing and knows no token, no real id and no target.

The job is one JSON object: {"contract": {…}, "seed": 1, "shard": "1/1",
"operations": {"getRun": {"positive": 60, "negative": 60, "ids": 40}}}.
"""

from __future__ import annotations

import json
import sys

from actor_runs_conformance.checks.properties import adapter, not_public
from actor_runs_conformance.checks.properties.case import CaseCounts, to_line, warning_line
from actor_runs_conformance.testkit.shard import read_shard

GONE = (
    "The installed Schemathesis or Hypothesis lacks {}, or has changed it: cases were drawn by its "
    "public API alone, without the contract's examples and edges; install the versions that "
    "actor-runs asks for."
)


def main() -> int:
    """Draw the cases of the job's operations, in its order; exit 0."""
    job = json.load(sys.stdin)
    shard = read_shard(job["shard"])
    told: list[str] = []
    for name, counts in job["operations"].items():
        for case in adapter.cases(
            job["contract"], name, seed=job["seed"], counts=CaseCounts(**counts), shard=shard
        ):
            sys.stdout.write(to_line(case) + "\n")
            sys.stdout.flush()
        if (lost := not_public.gone()) != told:
            sys.stdout.write(warning_line(GONE.format(", ".join(lost))) + "\n")
            told = lost
    return 0


if __name__ == "__main__":
    sys.exit(main())
