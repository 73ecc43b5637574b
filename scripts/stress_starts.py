"""Start runs on a server that cuts, delays, resets and refuses at random; none may be started twice.

Some processes share a client by forking. For each start it is known what the server did with every
request for it, and what the caller was told: a run, or an error. `stress_starts.py 10000` makes so
many starts, half of them by the asynchronous client, and exits 1 with each that went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import json
import multiprocessing
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from actor_runs import AsyncClient, Client, Retries, errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "spec" / "actor_runs_spec" / "examples" / "get-run.json"
PROCESSES = 4
AT_ONCE = 20
TIMEOUT_SECS = 0.5
RETRIES = Retries(deadline_secs=5, first_delay_secs=0.002)
# What says that the server may have started something.
PERHAPS = (
    *(errors.ConnectionLostError, errors.HttpTimeoutError, errors.ServerError),
    *(errors.AnswerError,),
)


class Unreliable(asyncio.Protocol):
    """A connection to the server, which does something at random with each request."""

    def __init__(self, log: TextIO, chance: random.Random) -> None:
        """Begin; `log` gets one line for each request: which start, and what was done."""
        self.log, self.chance = log, chance
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or reset it before any request."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.chance.random() < 0.05:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer a request as soon as it is whole."""
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(x[15:]) for x in lines if x.startswith("content-length:")), 0)
        if not end or len(body) < length:
            return
        self.received = b""
        act = self.chance.choice(ACTS)
        print(json.loads(body)["start"], act.__name__, file=self.log, flush=True)
        act(self, json.loads(body)["start"])

    def send(
        self, status: int, body: bytes, *, end: int | None = None, close: bool = False
    ) -> None:
        """Send an answer, or its beginning."""
        head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self.transport.write((head + body)[:end])
        if close:
            self.transport.close()


def run(start: str) -> bytes:
    """Return the body of a success, about a run of this start."""
    data = json.loads(EXAMPLE.read_bytes())["data"]
    return json.dumps({"data": {**data, "id": start}}).encode()


def fine(to: Unreliable, start: str) -> None:
    """Start the run and say so."""
    to.send(201, run(start))


def fine_then_gone(to: Unreliable, start: str) -> None:
    """Start the run, say so and hang up."""
    to.send(201, run(start), close=True)


def cut(to: Unreliable, _: str) -> None:
    """Hang up without a word."""
    to.transport.close()


def reset(to: Unreliable, _: str) -> None:
    """Reset the connection."""
    to.transport.abort()


def cut_head(to: Unreliable, start: str) -> None:
    """Hang up within the head."""
    to.send(201, run(start), end=20, close=True)


def cut_body(to: Unreliable, start: str) -> None:
    """Hang up within the body."""
    to.send(201, run(start), end=500, close=True)


def too_late(to: Unreliable, start: str) -> None:
    """Answer when nobody waits any more."""
    asyncio.get_running_loop().call_later(TIMEOUT_SECS * 3, to.send, 201, run(start))


def broken(to: Unreliable, _: str) -> None:
    """Start the run and say something else."""
    to.send(201, b"<html>")


def refused(to: Unreliable, _: str) -> None:
    """Refuse for now."""
    to.send(429, b"{}")


def refused_and_gone(to: Unreliable, _: str) -> None:
    """Refuse for now, and hang up within the body."""
    to.send(429, b"{}" * 99, end=60, close=True)


def failed(to: Unreliable, _: str) -> None:
    """Fail, perhaps after the run was started."""
    to.send(503, b"")


REFUSALS = (refused, refused_and_gone)
ACTS: tuple[Callable[[Unreliable, str], None], ...] = (
    *((fine,) * 4 + (fine_then_gone, cut, reset, cut_head, cut_body, broken, failed)),
    *(too_late, *REFUSALS),
)


async def serve(log: TextIO, seed: int, ready: Callable[[int], None]) -> None:
    """Serve until the process is ended."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Unreliable(log, chance), "127.0.0.1", 0, backlog=999)
    ready(server.sockets[0].getsockname()[1])
    await server.serve_forever()


@contextlib.contextmanager
def server(log: Path, seed: int) -> Iterator[str]:
    """Run the server in a process of its own; give its URL."""
    reader, writer = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        with log.open("w") as opened:
            asyncio.run(serve(opened, seed, writer.send))

    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{reader.recv()}"
    finally:
        process.terminate()
        process.join()


def told(call: Callable[[], object]) -> str:
    """Make a start; return what the caller was told."""
    try:
        return f"run {getattr(call(), 'id')}"  # noqa: B009 - a run
    except errors.ActorRunsError as error:
        return what_is_said(error)


async def told_later(call: Awaitable[object]) -> str:
    """Make a start; return what the caller was told."""
    try:
        return f"run {getattr(await call, 'id')}"  # noqa: B009 - a run
    except errors.ActorRunsError as error:
        return what_is_said(error)


def what_is_said(error: errors.ActorRunsError) -> str:
    """Return whether an error says that the run may have been started."""
    return f"{'perhaps' if isinstance(error, PERHAPS) else 'no'} {type(error).__name__}"


def in_a_fork(client: Client, starts: list[str], out: Path) -> None:
    """Make starts, half of them by a client of its own, and write down what was told."""
    half = len(starts) // 2
    lines = [
        f"{start} {told(lambda start=start: client.run_task('a~b', {'start': start}))}"  # type: ignore[misc]
        for start in starts[:half]
    ]

    async def others() -> None:
        settings = {"base_url": client.base_url, "http_timeout_secs": TIMEOUT_SECS}
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(start: str) -> None:
            async with limit:
                call = shared.run_task("a~b", {"start": start})
                lines.append(f"{start} {await told_later(call)}")

        async with AsyncClient("t", retries=RETRIES, **settings) as shared:  # type: ignore[arg-type]
            await asyncio.gather(*map(one, starts[half:]))

    asyncio.run(others())
    out.write_text("\n".join(lines))


def wrong(arrived: dict[str, list[str]], told: dict[str, str]) -> Iterator[str]:
    """Yield each start that went wrong."""
    refusals = {act.__name__ for act in REFUSALS}
    for start, said in told.items():
        acted = [act for act in arrived.get(start, []) if act not in refusals]
        kind, _, detail = said.partition(" ")
        if len(acted) > 1:
            yield f"{start}: sent {len(acted)} times ({acted}), told {said}"
        elif kind == "run" and detail != start:
            yield f"{start}: told of the run {detail}"
        elif acted and kind == "no":
            yield f"{start}: may have been started ({acted}), told {said}"


def stress(count: int, seed: int) -> tuple[list[str], collections.Counter[str]]:
    """Make so many starts; return what went wrong, and how often what was told."""
    names = [f"start-{number}" for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        with server(room / "log", seed) as url:
            settings = {"base_url": url, "http_timeout_secs": TIMEOUT_SECS}
            with Client("t", retries=RETRIES, **settings) as client:  # type: ignore[arg-type]
                # So that there are connections which a fork could share.
                for _ in range(PROCESSES):
                    told(lambda: client.run_task("a~b", {"start": "before"}))
                children = [
                    fork(client, names[number::PROCESSES], room / f"told-{number}")
                    for number in range(PROCESSES)
                ]
                codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
        lines = [line for each in room.glob("told-*") for line in each.read_text().splitlines()]
        said = dict(line.split(" ", 1) for line in lines)
        arrived = collections.defaultdict(list)
        for line in (room / "log").read_text().splitlines():
            start, act = line.split()
            arrived[start].append(act)
    problems = list(wrong(arrived, said))
    problems += [f"a process ended with {code}" for code in codes if code]
    problems += [f"{start}: never told" for start in names if start not in said]
    kinds = (text.split()[0] if text.startswith("run") else text for text in said.values())
    return problems, collections.Counter(kinds)


def fork(client: Client, starts: list[str], out: Path) -> int:
    """Make starts in a fork; return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            in_a_fork(client, starts, out)
            code = 0
        finally:
            os._exit(code)
    return child


def main(arguments: list[str]) -> int:
    """Make the starts, print what was told, and every one that went wrong."""
    parser = argparse.ArgumentParser(prog="stress_starts.py", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000, help="how many starts")
    parser.add_argument("--seed", type=int, default=1, help="what the server does depends on it")
    options = parser.parse_args(arguments)
    problems, said = stress(options.count, options.seed)
    for kind, number in said.most_common():
        print(f"{number:7} {kind}")
    print(
        "\n".join(problems)
        or f"{options.count} starts: none was sent twice, none is unaccounted for"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
