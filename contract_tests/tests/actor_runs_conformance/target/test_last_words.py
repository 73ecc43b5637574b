"""Why a process ended, as its stderr tells."""

import pytest

from actor_runs_conformance.target.last_words import last_words


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("", ""),
        ("one\n\nbye\n", "bye"),
        ("OSError: [Errno 98] in use\nRuntimeError: no\n", "OSError: [Errno 98] in use"),
        ("Traceback:\n  x\nKeyError: 'a'\n", "KeyError: 'a'"),
        (
            "Error [ERR_X]: no package 'y'\n    at z\n\nNode.js v20\n",
            "Error [ERR_X]: no package 'y'",
        ),
    ],
)
def test_the_last_words_tell_why_a_process_ended(stderr, words):
    """An error of the system goes before another error, and that before the last line."""
    assert last_words(stderr) == words
