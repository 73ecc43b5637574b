"""The reference server with one fault, one freedom, or a bundle of freedoms built in.

`python -m tests.support.faulty_server NAME [arguments of actor_runs_server]` prints one line of JSON when ready.
"""

import sys

from actor_runs_server.__main__ import main as serve
from actor_runs_server.runs.service import Parts
from tests.support import freedoms
from tests.support.faults import BY_NAME
from tests.support.tampering import Tampering


def main(arguments: list[str]) -> int:
    variant = (BY_NAME | freedoms.BY_NAME | freedoms.SERVERS)[arguments[0]]
    return serve(
        ["--port", "0", "--ready-json", *arguments[1:]],
        parts=variant.parts(Parts()) if variant.parts else None,
        wrap=lambda app: Tampering(app, variant.before, variant.after),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
