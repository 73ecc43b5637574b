"""What the machine has too little of is told as that, with the limit that is set."""

import errno
import resource

import pytest

from actor_runs_conformance.http.shortage import advice, shortage

FILES, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
LACKING = {
    "open files": (
        OSError(errno.EMFILE, "Too many open files"),
        f"this machine gives no more open files (ulimit -n is {FILES})",
    ),
    "memory": (OSError(errno.ENOMEM, "no"), "this machine gives no more memory"),
    "threads": (
        RuntimeError("can't start new thread"),
        "this machine gives no more processes or threads",
    ),
    "processes": (BlockingIOError(errno.EAGAIN, "no"), "this machine gives no more processes"),
}


@pytest.mark.parametrize("name", LACKING)
def test_shortage_is_told(name):
    """The sentence names the limit and its value, and what to do."""
    error, sentence = LACKING[name]
    assert shortage(error).startswith(sentence)
    assert advice(error) == f"{shortage(error)}; raise that or end other programs, and try again"


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "no"), RuntimeError("no"), OSError("no")])
def test_any_other_error_is_no_shortage(error):
    """Only what says so is blamed on the machine."""
    assert shortage(error) is None
    assert advice(error) is None
