"""`python -m actor_runs_conformance` is `actor-runs`."""

import sys

from actor_runs_conformance.cli import main

sys.exit(main())
