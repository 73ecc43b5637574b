"""The reference server with one fault, one freedom, or a bundle of freedoms built in.

`python -m tests.support.faulty_server NAME [arguments of actor_runs_server]` prints one line of JSON when ready.
"""

import sys

from actor_runs_server.__main__ import main
from actor_runs_server.runs.service import Parts
from tests.support import freedoms
from tests.support.faults import BY_NAME
from tests.support.tampering import Tampering


def serve(name: str, arguments: list[str]) -> int:
    variant = (BY_NAME | freedoms.BY_NAME | freedoms.SERVERS)[name]
    return main(
        ["--port", "0", "--ready-json", *arguments],
        parts=variant.parts(Parts()) if variant.parts else None,
        wrap=lambda app: Tampering(app, variant.before, variant.after),
    )


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], sys.argv[2:]))
