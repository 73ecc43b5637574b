"""A bare Starlette application for scripts/stress.py: answers each request with the bytes of a file.

`python -m scripts.stress_bare PORT FILE` serves as the reference server does, on uvicorn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request


def main(port: int, file: Path) -> None:
    """Serve until a signal."""
    body = file.read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/v2/actor-runs/{run}", answer)])
    uvicorn.run(app, port=port, log_level="error", access_log=False, server_header=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
