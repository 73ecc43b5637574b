"""check-client never blames the wrong side, whatever a driver does."""

import asyncio
import contextlib
import gc
import os
import sys
import time

import pytest

from actor_runs_conformance.clients.answers import Answer, run_data, success
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.runner import play
from actor_runs_conformance.clients.situation import Situation, about_run
from actor_runs_conformance.engine.client_check import ClientCheck
from actor_runs_conformance.engine.client_options import ClientOptions
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.results.verdict import ExitCode
from tests.support.clients_catalogue import drivers


def command(tmp_path, driver):
    """Write a driver and return the command that starts it."""
    script = tmp_path / "driver.py"
    script.write_text(driver)
    return (sys.executable, "-I", "-S", str(script))


def judged(tmp_path, driver, *promises):
    """Judge a client by these promises; return the exit code, and verdict and message of each."""
    options = ClientOptions(command=command(tmp_path, driver), only=promises)
    outcome = asyncio.run(ClientCheck(options, Log(), ledger.by_id()).run())
    return outcome.exit_code, {
        name: (str(result.verdict), result.message or "")
        for name, result in outcome.results.items()
    }


@pytest.mark.parametrize(
    "driver",
    # One is waited for until it counts as hung.
    [pytest.param(drivers.SILENT, marks=pytest.mark.catalogue), *drivers.NOTHING_SENT],
)
def test_a_driver_that_sends_nothing_keeps_no_promise(tmp_path, driver):
    """Without a request at the address it was told nothing passes, whatever the driver says."""
    code, found = judged(tmp_path, driver, "GET-01", "GET-02", "CLI-19")
    assert {verdict for verdict, _ in found.values()} == {"not_exercised"}
    assert code is ExitCode.INCONCLUSIVE


def test_a_driver_that_shows_the_run_keeps_the_promise(tmp_path):
    """It is the positive control of the others here."""
    code, found = judged(tmp_path, drivers.SHOWS, "GET-01", "GET-02")
    assert {verdict for verdict, _ in found.values()} == {"passed"}
    assert code is ExitCode.CONFORMANT


def test_a_crash_over_a_success_breaks_what_the_reply_was_to_show(tmp_path):
    """The address was right; the client did not come back, and the message has its last words."""
    code, found = judged(tmp_path, drivers.CRASHES_OVER_THE_ANSWER, "GET-01", "GET-02")
    assert found["GET-02"] == ("passed", "")
    assert found["GET-01"][0] == "failed"
    assert "KeyError: 'usage'" in found["GET-01"][1]
    assert code is ExitCode.VIOLATED


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        (drivers.HALF_JSON, "not JSON"),
        (drivers.ANSWERS_ANOTHER, "a reply to 2, not to 1"),
        (drivers.SAYS_UNSUPPORTED, "the client does not do this: not yet"),
    ],
)
def test_a_driver_that_breaks_the_protocol_is_told_what_is_wrong(tmp_path, driver, words):
    """What is no reply is a fault of the driver: no promise about the client is broken by it."""
    _, found = judged(tmp_path, driver, "GET-01")
    verdict, message = found["GET-01"]
    assert verdict == "not_exercised"
    assert words in message


def test_a_driver_that_dies_in_the_middle_of_its_reply_has_crashed(tmp_path):
    """Half a line is no reply."""
    _, found = judged(tmp_path, drivers.HALF_A_LINE, "GET-01")
    assert found["GET-01"][0] == "failed"
    assert "ended with exit code 0" in found["GET-01"][1]


def test_a_client_that_shows_another_run_is_found_out(tmp_path):
    """The reply is compared with what was answered."""
    code, found = judged(tmp_path, drivers.LIES_ABOUT_THE_RUN, "GET-01", "GET-02")
    assert (found["GET-01"][0], found["GET-02"][0]) == ("failed", "passed")
    assert code is ExitCode.VIOLATED


def test_a_lot_on_stderr_does_no_harm(tmp_path):
    """A megabyte of notes blocks neither side."""
    code, _ = judged(tmp_path, drivers.SHOUTS, "GET-01")
    assert code is ExitCode.CONFORMANT


@pytest.mark.catalogue
def test_a_hang_over_a_success_breaks_what_the_reply_was_to_show(tmp_path):
    """The client was answered, and never came back."""
    code, found = judged(tmp_path, drivers.HANGS_OVER_THE_ANSWER, "GET-01", "GET-02")
    assert (found["GET-01"][0], found["GET-02"][0]) == ("failed", "passed")
    assert "no reply within" in found["GET-01"][1]
    assert code is ExitCode.VIOLATED


@pytest.mark.catalogue
@pytest.mark.parametrize("driver", [drivers.IGNORES_THE_END, drivers.LEAVES_A_CHILD])
def test_what_outlives_the_situation_is_ended(tmp_path, driver):
    """A driver that ignores the end of its input, and a child of a driver, are gone afterwards."""
    situation = Situation(
        "s", "A run is read.", (about_run("get"),), lambda: answer_lawfully, lambda *_: None
    )
    began = time.monotonic()
    seen, fault = asyncio.run(play(situation, command(tmp_path, driver), asyncio.Semaphore()))
    assert fault is None
    assert seen.last.kind is Kind.RUN
    assert time.monotonic() - began < 20
    for pid in [int(line.split()[1]) for line in seen.stderr.splitlines() if "child" in line]:
        assert ends(pid)


@pytest.mark.catalogue
def test_a_child_that_left_the_group_holds_nothing_up(tmp_path):
    """It lives on and keeps the pipes open; the check ends without it, and without a complaint."""
    began = time.monotonic()
    code, _ = judged(tmp_path, drivers.LEAVES_A_CHILD_OF_ITS_OWN, "GET-01")
    gc.collect()  # What is not closed complains then, and complaints are errors here.
    assert code is ExitCode.CONFORMANT
    assert time.monotonic() - began < 15


def ends(pid):
    """Whether a process that was killed is gone within a few seconds: the kernel takes its time."""
    deadline = time.monotonic() + 10
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_gone(pid)


def is_gone(pid):
    """Whether a process is no more, or only waits to be collected by whoever inherited it."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a file of the kernel
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    return True


def answer_lawfully(_request, _earlier):
    """Answer with a run."""
    return success(run_data())


def test_an_unlawful_answer_of_the_suite_is_the_fault_of_the_suite(tmp_path):
    """It is not sent: the situation says what is wrong with it, and judges nobody."""

    def answer(_request, _earlier):
        return success({"id": 5})

    situation = Situation(
        "s", "A run is read.", (about_run("get"),), lambda: answer, lambda *_: None
    )
    seen, fault = asyncio.run(
        play(situation, command(tmp_path, drivers.SHOWS), asyncio.Semaphore())
    )
    assert "the answer to getRun" in fault
    assert all(exchange.response is None for exchange in seen.exchanges)


def test_an_answer_that_is_broken_on_purpose_is_sent_as_it_is(tmp_path):
    """A situation that says so may break the contract."""

    def answer(_request, _earlier):
        return Answer(200, b'{"data": {"id": 5}}', broken=True)

    situation = Situation(
        "s", "A run is read.", (about_run("get"),), lambda: answer, lambda *_: None
    )
    seen, fault = asyncio.run(
        play(situation, command(tmp_path, drivers.SHOWS), asyncio.Semaphore())
    )
    assert fault is None
    assert seen.last.run == {"id": 5}
