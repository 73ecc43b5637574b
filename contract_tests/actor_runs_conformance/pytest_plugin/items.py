"""The tests: an item a promise, below a collector of them all."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.pytest_plugin.outcomes import Outcomes

NAME = "actor-runs"
"""The file part of the tests' ids, as in `actor-runs::RBT-02`."""


class Promises(pytest.Collector):
    """All promises that are to be judged."""

    wanted: tuple[Promise, ...]
    judge: Callable[[pytest.Session], Outcomes]

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each promise, in the order of the ledger."""
        timeouts = self.config.pluginmanager.hasplugin("timeout")
        for promise in self.wanted:
            item = PromiseItem.from_parent(self, name=promise.id)
            item.promise, item.judge = promise, self.judge
            for mark in ("actor_runs", promise.operation, promise.level, promise.scope):
                item.add_marker(mark)
            if timeouts:  # The first test waits for the whole check, which has limits of its own.
                item.add_marker(pytest.mark.timeout(0))
            yield item


class PromiseItem(pytest.Item):
    """One promise as a test: it waits for the check, of which there is one for all of them."""

    promise: Promise
    judge: Callable[[pytest.Session], Outcomes]

    def setup(self) -> None:
        """Have the server checked, once; an error is that nothing was, or that the suite failed."""
        if self.config.option.setupplan or self.config.option.setuponly:  # They run no test.
            return
        outcome = self.judge(self.session).of(self.promise.id)
        properties = {
            "verdict": outcome.verdict,
            "level": self.promise.level,
            "scope": self.promise.scope,
        }
        # A rerun sets a test up again.
        self.user_properties += [
            one for one in properties.items() if one not in self.user_properties
        ]
        if outcome.kind == "error":
            pytest.fail(outcome.text, pytrace=False)

    def runtest(self) -> None:
        """Say what came of the promise."""
        outcome = self.judge(self.session).of(self.promise.id)
        if outcome.kind == "skipped":
            pytest.skip(outcome.text)
        if outcome.kind == "xfailed":
            pytest.xfail(outcome.reason)  # It returns where --runxfail is given.
        if outcome.kind in {"failed", "xfailed"}:
            pytest.fail(outcome.text, pytrace=False)
        if outcome.text:
            self.add_report_section("call", NAME, outcome.text)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - a type that pytest keeps to itself, as the next
    ) -> Any:  # noqa: ANN401
        """Return the finding, without a traceback: no line of ours is of interest, nor a local."""
        if isinstance(excinfo.value, pytest.fail.Exception):
            return super().repr_failure(excinfo, style)
        if isinstance(excinfo.value, pytest.xfail.Exception):
            return str(excinfo.value)
        place = traceback.extract_tb(excinfo.value.__traceback__)[-1]
        return (
            "actor-runs failed by itself, which says nothing about any server: "
            f"{excinfo.typename}: {excinfo.value} (at {Path(place.filename).name}:{place.lineno}); "
            "please report it"
        )

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where the test stands: in no file."""
        return self.config.rootpath / NAME, None, self.name
