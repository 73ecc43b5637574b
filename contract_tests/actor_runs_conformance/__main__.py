"""`python -m actor_runs_conformance` is `actor-runs`."""

import sys

from actor_runs_conformance.cli.main import main

sys.exit(main())
