"""One check for all processes of a pytest: the first that needs it has it made, the others wait."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from actor_runs_conformance.pytest_plugin.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

CLEAN_UP = 60.0
"""Seconds that a check which is ended early may take to abort its runs."""


@frozen
class SharedCheck:
    """The check in a directory that all processes of a pytest share.

    It is made in a child process. Whatever becomes of this one, also when it is killed, the child
    then aborts the runs that it has started. It sees the folder and the environment that pytest was
    started with, whatever other tests have made of them.
    """

    directory: Path
    keywords: Mapping[str, Any]
    folder: Path
    fail_not_exercised: bool = False
    environment: Mapping[str, str] = field(factory=lambda: dict(os.environ), repr=False)

    @property
    def written(self) -> Path:
        """Where the outcomes are, once there are any."""
        return self.directory / "outcomes.json"

    def outcomes(self, only: Sequence[str]) -> Outcomes:
        """Return what came of the check, which is made now unless it has been.

        Args:
            only: The ids of the promises to judge; none means all.
        """
        with self._alone():
            if self.written.exists():
                return Outcomes.read(self.written)
            begun = self.directory / "begun"
            if begun.exists():
                return Outcomes({}, failure="the check was ended before it had come to its end")
            begun.touch()
            failure = self._check(only)
            if failure is not None:
                Outcomes({}, failure=failure).write(self.written)
            return Outcomes.read(self.written)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check(self, only: Sequence[str]) -> str | None:
        """Have the check made; return why there is none."""
        job = {
            "keywords": {**self.keywords, **({"only": list(only)} if only else {})},
            "fail_not_exercised": self.fail_not_exercised,
            "into": str(self.written),
        }
        child = subprocess.Popen(
            [
                sys.executable,
                "-P",  # No module of the current folder is imported.
                "-m",
                "actor_runs_conformance.pytest_plugin.child",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.environment,
            # Ctrl-C is for pytest: the child still has runs to abort.
            start_new_session=True,
        )
        assert child.stdin is not None
        assert child.stderr is not None
        try:
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()
            errors = child.stderr.read().decode(errors="replace").strip().splitlines()
        finally:
            child.stdin.close()  # The child ends by that, after its clean-up.
            with suppress(subprocess.TimeoutExpired):
                child.wait(CLEAN_UP)
            child.stderr.close()
        if self.written.exists():
            return None
        why = errors[-1] if errors else f"exit code {child.returncode}"
        return f"the check failed by itself, which says nothing about the server: {why}"
