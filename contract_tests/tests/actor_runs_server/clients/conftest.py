"""Real clients, installed by `nox -s clients`; left out unless `-m clients` asks for them."""

from __future__ import annotations

import http.server
import shutil
import sys
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).parent
JAVASCRIPT = HERE / "javascript"
ACTORS = ("python_sdk", "python_crawler", "javascript_sdk", "javascript_crawler")
PAGES = {
    "/": '<title>one</title><a href="/two">two</a><a href="/three">three</a>',
    "/two": '<title>two</title><a href="/">one</a>',
    "/three": "<title>three</title>",
}


def pytest_collection_modifyitems(config, items):
    """Leave out what needs real clients."""
    if "clients" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("clients")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def node():
    """Return the Node.js of this environment."""
    found = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert found, "Node.js is missing; run `nox -s clients`"
    assert (JAVASCRIPT / "node_modules").exists(), "run `nox -s clients`, which installs packages"
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory, serving, node):
    """A server whose Actors are programs on the SDKs."""
    folder = tmp_path_factory.mktemp("clients")
    lines = ["[limits]", "sample_secs = 0.3", "[users.demo]", 'token = "demo-token"']
    commands = {"fixture-actor": ["{python}", "-I", "-S", "{fixture}"]}
    for name in ACTORS:
        is_python = name.startswith("python")
        program = (HERE / f"{name}.py") if is_python else (JAVASCRIPT / f"{name}.mjs")
        commands[name.replace("_", "-")] = ["{python}" if is_python else node, str(program)]
    for name, command in commands.items():
        lines += [f'[actors."demo~{name}"]', f"command = {command}"]
    with serving(folder, config="\n".join(lines)) as running:
        yield running
    assert "Traceback" not in (folder / "errors.txt").read_text()


@pytest.fixture(scope="session")
def site():
    """The address of a local site with three pages."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = PAGES.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()
