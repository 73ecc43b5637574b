"""The reference server with one fault, or one freedom, built in.

`python faulty_server.py NAME [arguments of actor_runs_server]` prints one line of JSON when ready.
"""

import sys

from catalogue import BY_NAME
from tampering import Tampering
from tolerances import TOLERANCES

from actor_runs_server.__main__ import main
from actor_runs_server.runs import Runs


def serve(name: str, arguments: list[str]) -> int:
    variant = (BY_NAME | {freedom.name: freedom for freedom in TOLERANCES})[name]
    return main(
        ["--port", "0", "--ready-json", *arguments],
        service=variant.service(Runs) if variant.service else Runs,
        wrap=lambda app: Tampering(app, variant.before, variant.after),
    )


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], sys.argv[2:]))
