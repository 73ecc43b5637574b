"""The reference server with one fault, or one freedom, built in.

`python -m tests.support.faulty_server NAME [arguments of actor_runs_server]` prints one line of JSON when ready.
"""

import sys

from actor_runs_server.__main__ import main
from actor_runs_server.runs.service import Parts
from tests.support.faults import BY_NAME
from tests.support.freedoms import TOLERANCES
from tests.support.tampering import Tampering


def serve(name: str, arguments: list[str]) -> int:
    variant = (BY_NAME | {freedom.name: freedom for freedom in TOLERANCES})[name]
    return main(
        ["--port", "0", "--ready-json", *arguments],
        parts=variant.parts(Parts()) if variant.parts else None,
        wrap=lambda app: Tampering(app, variant.before, variant.after),
    )


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], sys.argv[2:]))
