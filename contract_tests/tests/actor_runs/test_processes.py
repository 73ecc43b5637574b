"""Processes, threads and event loops: each caller gets its own answers, and nothing is left behind."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from actor_runs import AsyncClient, Client, errors
from tests.support.client_wire import RUN_ID, TOKEN, example, success

WORKERS = 3
CALLS_EACH = 60


def wrong_answers(client: Client, name: str) -> int:
    """Return how many of many calls were answered with something else than was asked for."""
    wrong = 0
    for number in range(CALLS_EACH):
        run_id = f"{name}-{number}"
        try:
            wrong += client.get_run(run_id).id != run_id
        except errors.ActorRunsError:
            wrong += 1
    return wrong


def in_forks(work) -> list[int]:
    """Run a function in some forks at once; return the exit code of each, at most 99."""
    children = []
    for number in range(WORKERS):
        child = os.fork()
        if child == 0:
            code = 99
            try:
                code = min(work(f"fork-{number}"), 98)
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_forks_of_a_used_client_get_their_own_runs(way, serve, monkeypatch):
    """After a fork, parent and children use connections of their own, also through a proxy."""
    server = serve()
    if way == "proxy":
        monkeypatch.setenv("http_proxy", server.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
    url = "http://server.invalid" if way == "proxy" else server.url
    with Client(TOKEN, base_url=url) as client:
        client.get_run("before")
        assert in_forks(lambda name: wrong_answers(client, name)) == [0] * WORKERS
        assert wrong_answers(client, "parent") == 0
    assert server.connections == 1 + WORKERS


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_fork_of_a_used_asynchronous_client_refuses(serve):
    """An asynchronous client that was used belongs to its loop; in a fork it says so."""
    client = AsyncClient(TOKEN, base_url=serve().url)

    def work(_: str) -> int:
        try:
            asyncio.run(client.get_run("x"))
        except errors.ClientStateError:
            return 0
        return 1

    with asyncio.Runner() as runner:
        runner.run(client.get_run("before"))
        assert in_forks(work) == [0] * WORKERS
        assert runner.run(client.get_run("after")).id == "after"
        runner.run(client.aclose())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_asynchronous_client_made_before_a_fork_works_in_it(serve):
    """A client that was made, and not used, before the fork is as good as new in each worker."""
    client = AsyncClient(TOKEN, base_url=serve().url)

    async def own(name: str) -> int:
        async with client:
            return int((await client.get_run(name)).id != name)

    assert in_forks(lambda name: asyncio.run(own(name))) == [0] * WORKERS


def test_threads_share_a_client(serve):
    """Many threads that use one client at once each get their own runs."""
    with (
        Client(TOKEN, base_url=serve().url) as client,
        concurrent.futures.ThreadPoolExecutor(8) as pool,
    ):
        names = [f"thread-{number}" for number in range(8)]
        assert list(pool.map(lambda name: wrong_answers(client, name), names)) == [0] * 8


WORKER = """
import asyncio, sys
from actor_runs import AsyncClient, Client
client = Client('t', base_url=sys.argv[1])
def worker(name):
    return client.get_run(name).id
if __name__ == '__main__':
    import multiprocessing
    client.get_run('before')
    with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
        names = [f'worker-{n}' for n in range(20)]
        assert pool.map(worker, names) == names
    client.close()
    print('fine')
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_client_made_at_import_works_in_workers(method, serve, tmp_path):
    """A client of a module is used in the workers of a pool, however those are started."""
    (tmp_path / "app.py").write_text(WORKER.replace("sys.argv[1]", repr(serve().url)))
    command = [sys.executable, "app.py", "", method]
    # From another folder, where relative places lead nowhere.
    places = os.pathsep.join(str(Path(place).resolve()) for place in sys.path)
    env = {**os.environ, "PYTHONPATH": places}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("fine\n", 0), done.stderr


USE = """
import asyncio, sys
from actor_runs import AsyncClient, Client, Run, errors
url = sys.argv[1]
with Client('t', base_url=url) as client:
    run = client.run_task('a~b', {'x': 1}, memory=256)
    assert str(client.get_run('x', server_wait_secs=1)).startswith('x READY')
    try:
        client.get_run('a/b')
    except errors.InvalidArgumentError:
        pass
    else:
        raise SystemExit('accepted')
async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # Said of a busy machine, in debug mode.
    async with AsyncClient('t', base_url=url) as client:
        runs = await asyncio.gather(*(client.get_run(f'run-{n}') for n in range(5)))
        assert run.response.status_code == 201
        for _ in range(3):
            await client.run_task('a~b')
{main}
print('fine')
"""
PLAIN = "asyncio.run(main())"
UVLOOP = "import uvloop; uvloop.run(main())"


@pytest.mark.parametrize(
    ("flags", "main"),
    [
        (["-O"], PLAIN),
        (["-OO"], PLAIN),
        (["-W", "error", "-X", "dev"], PLAIN),
        (["-I", "-W", "error"], UVLOOP),
    ],
    ids=["O", "OO", "dev", "uvloop"],
)
def test_client_works_under(flags, main, serve):
    """Without assertions, with every warning an error, and on uvloop the client does the same."""
    flags = [flag for flag in flags if flag != "-I"]
    command = [sys.executable, *flags, "-c", USE.replace("{main}", main), serve().url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("fine\n", "", 0)


def test_starts_on_uvloop_use_no_connection_that_was_closed(serve):
    """On uvloop, too, a start goes by a new connection where the server closed the old one."""
    uvloop = pytest.importorskip("uvloop")

    def answered_once(connection, request):
        connection.sendall(success(request))
        time.sleep(0.05)
        connection.close()

    server = serve(answered_once)

    async def starts() -> None:
        async with AsyncClient(TOKEN, base_url=server.url) as client:
            for _ in range(3):
                await client.run_task("a~b")
                time.sleep(0.2)  # noqa: ASYNC251 - the loop sees nothing in the meantime

    uvloop.run(starts())
    assert len(server.requests) == 3


INTERRUPTED = """
import asyncio, signal, sys, time
import httpx
from actor_runs import AsyncClient, Client
signal.signal(signal.SIGINT, signal.default_int_handler)  # A job in the background ignores it.
_, url, kind = sys.argv
transport = httpx.HTTPTransport() if kind == 'httpx' else None
async def wait():
    await AsyncClient('t', base_url=url).wait_for_finish('x')
print('asking', flush=True)
try:
    if kind == 'asyncio':
        asyncio.run(wait())
    else:
        Client('t', base_url=url, transport=transport).wait_for_finish('x')
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("kind", ["direct", "httpx", "asyncio"])
def test_interrupt_ends_a_waiting_call(kind, serve):
    """Ctrl-C is heard within a fraction of a second while the server holds the answer back."""
    server = serve(lambda connection, request: time.sleep(30))
    command = [sys.executable, "-c", INTERRUPTED, server.url, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        child.stdout.readline()
        while not server.requests:
            time.sleep(0.01)
        time.sleep(0.1)
        began = time.monotonic()  # The clock of all processes.
        child.send_signal(signal.SIGINT)
        took = float(child.communicate(timeout=20)[0]) - began
    print(f"{kind}: {took * 1000:.1f} ms")
    # Milliseconds, and what a busy machine takes to let a process run.
    assert 0 <= took < 2


@pytest.fixture
def _interruptible():
    """Hear an interrupt, also where these tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_interrupted_call_gives_its_connection_to_nobody(serve):
    """After an interrupt in mid-answer, the next call does not read the rest of that answer."""

    def slow(connection, request):
        head, _, body = success(request).partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n" + body[:50])
        time.sleep(0.6)
        connection.sendall(body[50:])

    server = serve(slow, None)
    with Client(TOKEN, base_url=server.url) as client:
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            client.get_run("first")
        assert client.get_run("second").id == "second"
    assert server.connections == 2


def test_cancellation_leaves_nothing_behind(serve):
    """A wait that is cancelled leaves neither tasks nor connections in use."""
    server = serve(lambda connection, request: time.sleep(2), None)

    async def main() -> None:
        async with AsyncClient(TOKEN, base_url=server.url) as client:
            task = asyncio.create_task(client.wait_for_finish("x"))
            for _ in range(1000):
                if server.requests:
                    break
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert (await client.get_run("next")).id == "next"
            assert server.connections == 2

    asyncio.run(main(), debug=True)
    gc.collect()


def test_start_method_of_this_process_is_known():
    """The tests above cover every way to start a worker that Python has."""
    assert {"fork", "spawn", "forkserver"} >= set(multiprocessing.get_all_start_methods())


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_user_transport_survives_as_it_is(kind):
    """A transport of the user's is the one in use, and may be given on."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=example()))
    client = kind(TOKEN, transport=transport)
    assert client.transport is transport
    if kind is Client:
        assert client.get_run(RUN_ID).id == RUN_ID
        with Client(TOKEN) as usual, Client("other", transport=usual.transport) as sharing:
            assert sharing.transport is usual.transport
        with (
            Client(TOKEN) as usual,
            pytest.raises(errors.InvalidArgumentError, match="transport is"),
        ):
            AsyncClient(TOKEN, transport=usual.transport)
