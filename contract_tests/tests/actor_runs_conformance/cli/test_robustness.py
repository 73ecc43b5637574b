"""Nothing about the environment decides the exit code, and nothing of the user's is lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from actor_runs_conformance.cli import main
from actor_runs_conformance.cli.check_client import main as check_client
from actor_runs_conformance.cli.check_server import main as check_server
from actor_runs_conformance.events.writer import FILE, Log
from actor_runs_conformance.report.render import ForeignFilesError, claim
from tests.support.hand_made import answering, speaking
from tests.support.made_log import every_verdict

NOBODY = ["http://127.0.0.1:1", "--token", "a-long-token", "--task", "a~b"]
DRIVER = ["--", sys.executable, "-c", "import sys; sys.stdin.readline()"]


@contextlib.contextmanager
def files_of_at_most(size):
    """Let this process write no file beyond so many bytes: what a full disk is like."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python would keep half a file of bytecode without noticing.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = before


def command(*arguments: str, cwd: Path | None = None, **environment: str):
    """Run `actor-runs` as users do, in a process of its own."""
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    return subprocess.run(
        [sys.executable, "-P", "-m", "actor_runs_conformance", *arguments],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        timeout=60,
    )


def test_a_failure_of_ours_is_a_sentence_and_2(monkeypatch, capsys):
    """Whatever goes wrong in a command ends with 2: 1 would say that a promise is broken."""
    module = type("Broken", (), {"main": lambda _arguments: 1 / 0})
    monkeypatch.setattr(main.importlib, "import_module", lambda _name: module)
    assert main.main(["check-server"]) == main.USAGE
    said = capsys.readouterr().err
    assert said.startswith("actor-runs check-server: failed by itself, which says nothing about")
    assert "ZeroDivisionError: division by zero (at test_robustness.py:" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_any_console_will_do(tmp_path, encoding):
    """What a console's encoding lacks is shown as a question mark, and the verdict stands."""
    every_verdict().write(tmp_path)
    came = command("report", str(tmp_path), PYTHONIOENCODING=encoding)
    assert (came.returncode, came.stderr) == (0, b"")
    assert came.stdout.decode(encoding).startswith("Violated: 2 conformant")
    came = command("check-server", *NOBODY, PYTHONIOENCODING=encoding)
    assert came.returncode == 2


LOADED = """
import sys
from actor_runs_conformance.cli.main import main
code = main(sys.argv[1:])
print([name for name in ("schemathesis", "hypothesis", "jinja2", "harfile") if name in sys.modules])
sys.exit(code)
"""


def test_nobody_there_is_told_at_once():
    """A refused connection is not tried again, and nothing is loaded for what comes later."""
    came = subprocess.run(
        [sys.executable, "-c", LOADED, "check-server", *NOBODY],
        capture_output=True,
        text=True,
    )
    assert came.returncode == 2
    assert "connection refused" in came.stdout
    assert "\n1 requests, " in came.stdout
    assert came.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", ["promises", "report", "diff", "table"])
def test_output_that_cannot_be_written_is_told(tmp_path, name):
    """A full disk below standard output ends a command with 2 and a sentence."""
    every_verdict().write(tmp_path)
    given = {"promises": [], "diff": [str(tmp_path)] * 2}.get(name, [str(tmp_path)])
    with Path("/dev/full").open("w") as full:
        came = subprocess.run(
            [sys.executable, "-m", "actor_runs_conformance", name, *given],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert came.returncode == 2
    assert came.stderr == f"actor-runs {name}: standard output: No space left on device\n"


def test_a_proxy_that_cannot_be_used_is_no_verdict():
    """A proxy of a kind that is not supported ends with 2 and a sentence."""
    came = command(
        "check-server", "http://target.invalid", *NOBODY[1:], ALL_PROXY="socks5://127.0.0.1:1"
    )
    assert came.returncode == 2
    assert b"Traceback" not in came.stderr


def test_no_module_of_the_current_folder_is_imported(tmp_path):
    """A file that is called like a module of the standard library is not run."""
    (tmp_path / "secrets.py").write_text("raise SystemExit('the wrong module')")
    came = command(
        *("check-server", "--reference", "--only", "GET-01@get_run", "--max-runs", "1"),
        cwd=tmp_path,
    )
    assert b"the wrong module" not in came.stdout + came.stderr
    assert came.returncode == 0


@pytest.mark.parametrize(("check", "asked"), [(check_server, NOBODY), (check_client, DRIVER)])
@pytest.mark.parametrize("name", ["report.html", "notes.txt"])
def test_foreign_files_are_left_alone(tmp_path, capsys, name, check, asked):
    """A report is not written into a folder of the user's, whose files it would overwrite."""
    (tmp_path / name).write_text("mine")
    assert check(["--report", str(tmp_path), *asked]) == 2
    assert f"--report {tmp_path}: it holds {name!r}" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_report_of_ours_is_written_anew(tmp_path):
    """A new, an empty and an earlier report's folder may be used; hidden files do not count."""
    claim(tmp_path / "new")
    (tmp_path / ".gitignore").write_text("*")
    claim(tmp_path)
    (tmp_path / FILE).write_text("")
    claim(tmp_path)
    claim(every_verdict().write(tmp_path))
    (tmp_path / FILE).write_text("something else\n")
    with pytest.raises(ForeignFilesError):
        claim(tmp_path)


def test_a_full_disk_ends_the_log_and_not_the_check(tmp_path):
    """When the log cannot be written any more, listeners still get every event."""
    heard = []
    log = Log(tmp_path)
    log.listeners.append(heard.append)
    log.write("phase", name="one")
    with files_of_at_most(100):
        log.write("phase", name="x" * 200)
        log.write("phase", name="three")
    log.close()
    assert [event["name"][:5] for event in heard] == ["one", "xxxxx", "three"]
    assert log.failure is not None
    assert (tmp_path / FILE).stat().st_size <= 100


@pytest.mark.parametrize(("check", "asked"), [(check_server, NOBODY), (check_client, DRIVER)])
def test_a_full_disk_is_told_at_the_end(tmp_path, capsys, check, asked):
    """A check whose log cannot be written says so beside what it came to, with 2."""
    with files_of_at_most(500):
        assert check(["--only", "GET-01", "--report", str(tmp_path), *asked]) == 2
    assert (
        f"--report {tmp_path}: the log could not be written to its end: File too large; "
        "the check went on without it, and came to: "
    ) in capsys.readouterr().err


@pytest.fixture
def private(tmp_path):
    """An address of a server whose certificate nobody knows, and the file that vouches for it."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    refusing = b'{"error": {"type": "user-or-token-not-found", "message": "No."}}'
    with speaking(answering("401 X", refusing), tls) as url:
        yield url, str(path)


def test_a_private_certificate_is_trusted_when_it_is_given(private):
    """A file of certificates is taken from an option or from SSL_CERT_FILE; else it says why not."""
    url, path = private
    arguments = ["check-server", url, *NOBODY[1:]]
    for came in (
        command(*arguments, "--ca-file", path),
        command(*arguments, SSL_CERT_FILE=path),
    ):
        assert came.returncode == 2
        assert b"user-or-token-not-found" in came.stdout
    came = command(*arguments)
    assert came.returncode == 2
    assert b"CERTIFICATE_VERIFY_FAILED" in came.stdout
    assert b"user-or-token-not-found" not in came.stdout


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_aborts_what_was_started(tmp_path, number):
    """A closed terminal is like SIGTERM: the runs are aborted, and the log has its end."""
    with started("--only", "ABT-01,GET-05", "--report", str(tmp_path / "report")) as process:
        events = wait_for(tmp_path / "report" / FILE, "run_started")
        process.send_signal(number)
        assert process.wait(30) == 130
    events = read(tmp_path / "report" / FILE)
    ended = {event["run"] for event in events if event["event"] == "run_ended"}
    assert ended == {event["run"] for event in events if event["event"] == "run_started"}
    assert events[-1]["event"] == "end"


def test_the_reference_server_ends_with_the_check(tmp_path, monkeypatch):
    """Killed, a check can abort nothing: its server, the runs there and their data go by themselves."""
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setenv("TMPDIR", str(places))
    with started("--only", "ABT-01", "--report", str(tmp_path / "report")) as process:
        events = wait_for(tmp_path / "report" / FILE, "run_started")
        assert any(places.iterdir())
        process.kill()
        process.wait()
    port = urlsplit(events[0]["target"]).port
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if not listening(port) and not any(places.iterdir()):
            return
        time.sleep(0.1)
    pytest.fail(f"the reference server outlives the check, or leaves {list(places.iterdir())}")


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def read(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]


def wait_for(log, kind):
    """Return the events of a log once there is one of this kind."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if log.exists() and any(event["event"] == kind for event in read(log)):
            return read(log)
        time.sleep(0.05)
    raise TimeoutError(f"no {kind} in {log}")


@contextlib.contextmanager
def started(*arguments):
    """A check of the reference server that is at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "actor_runs_conformance", "check-server", "--reference", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
