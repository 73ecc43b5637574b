"""What a subcommand prints: nothing about a console or a pipe may decide the exit code."""

from __future__ import annotations

import io
import os
import sys

UNUSABLE = 2


def adapt_to_console() -> None:
    """Let what the console's encoding lacks be shown as `?`, instead of ending the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def write(text: str) -> str | None:
    """Print text as it is, and return what went wrong: None also when a pipe was closed.

    Whoever closed it has seen enough.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python writes what is left at its exit: that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return f"standard output: {error.strerror}"
    return None


def deliver(command: str, text: str, code: int = 0) -> int:
    """Print all that a command has to say and return its exit code: 2 when it cannot be printed."""
    problem = write(text)
    return code if problem is None else refuse(command, problem)


def refuse(command: str, sentence: str) -> int:
    """Print why nothing came of a command, or not all, and return the exit code 2."""
    print(f"actor-runs {command}: {sentence}", file=sys.stderr)
    return UNUSABLE
