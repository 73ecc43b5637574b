"""What the plugin does where a server is named: tests, one check for all of them, a summary."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, evolve, field

from actor_runs_conformance.ledger.names import did_you_mean
from actor_runs_conformance.library.server_check import ServerCheck
from actor_runs_conformance.pytest_plugin.flags import FAIL_NOT_EXERCISED, typed
from actor_runs_conformance.pytest_plugin.items import NAME, PromiseItem, Promises
from actor_runs_conformance.pytest_plugin.settings import keywords, read
from actor_runs_conformance.pytest_plugin.shared_check import SharedCheck

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from actor_runs_conformance.engine.options import Options
    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.pytest_plugin.outcomes import Outcomes

WORKER = "actor_runs_directory"
"""Under which name the workers of xdist are told the directory that they share."""
UNNAMED = "actor_runs_unnamed"
"""And under which, whether promises are tests that no argument names."""


def register(config: pytest.Config) -> None:
    """Add the plugin to a pytest.

    Raises:
        pytest.UsageError: the options make no sense.
    """
    options = read(config)
    promises = {
        promise.id: promise for promise in options.promises.values() if not promise.for_clients
    }
    marks = {"actor_runs": "a promise about a server"}
    for promise in promises.values():
        marks[promise.operation] = "promises about this operation, or several"
        marks[promise.level] = "promises of this level"
        marks[promise.scope] = "promises of this scope"
    for name, meaning in marks.items():
        config.addinivalue_line("markers", f"{name}: {meaning} (actor-runs)")
    given: dict[str, Any] = getattr(config, "workerinput", {})
    directory = given.get(WORKER) or tempfile.mkdtemp(prefix="actor-runs-pytest-")
    check = SharedCheck(
        Path(directory),
        keywords(config),
        config.invocation_params.dir,
        fail_not_exercised=bool(config.getoption(FAIL_NOT_EXERCISED.dest)),
    )
    unnamed = given.get(UNNAMED, bool(typed(config)) or not names_tests(config))
    plugin = Plugin(options, promises, check, owner=WORKER not in given, unnamed=unnamed)
    config.pluginmanager.register(plugin, "actor-runs-check")


def names_tests(config: pytest.Config) -> bool:
    """Whether the command line names the tests to run, by files or ids."""
    return config.args_source is pytest.Config.ArgsSource.ARGS


@define(eq=False)
class Plugin:
    """The hooks.

    `owner` is the process that made the shared directory, and removes it. `unnamed` says whether
    the promises are tests although no argument names them.
    """

    options: Options
    promises: Mapping[str, Promise]
    check: SharedCheck
    owner: bool
    unnamed: bool
    named: list[str] = field(factory=list)
    found: Outcomes | None = None
    planned: bool = False

    # -- Which tests there are --

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Take the ids of promises out of pytest's arguments: they are in no file."""
        config = session.config
        here = config.invocation_params.dir / NAME
        self.named = [
            arg
            for arg in config.args
            if arg.startswith(f"{NAME}::") or (arg == NAME and not here.exists())
        ]
        config.args = [arg for arg in config.args if arg not in self.named]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add the promises to what the session collects."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            promises = Promises.from_parent(collector, name=NAME, nodeid=NAME)
            promises.wanted, promises.judge = self._wanted(), self._judge
            report.result.append(promises)
        return report

    def _wanted(self) -> tuple[Promise, ...]:
        if not self.named:
            return tuple(self.promises.values()) if self.unnamed else ()
        names = [arg.partition("::")[2] for arg in self.named]
        for name in names:
            if name and name not in self.promises:
                raise pytest.UsageError(
                    f"not found: {NAME}::{name}; {did_you_mean(name, self.promises)}"
                )
        if all(names):
            return tuple(self.promises[name] for name in names)
        return tuple(self.promises.values())

    # -- The check --

    def _judge(self, session: pytest.Session) -> Outcomes:
        if self.found is None:
            chosen = [item.name for item in session.items if isinstance(item, PromiseItem)]
            self.found = self.check.outcomes(self._only(chosen))
        return self.found

    def _only(self, chosen: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of the promises whose tests are selected; none where all are."""
        return tuple(chosen) if set(chosen) != set(self.promises) else ()

    # -- What is said --

    def pytest_report_header(self, config: pytest.Config) -> str:
        """Say which server is judged, or how it would be."""
        if not self.unnamed and not any(arg.partition("::")[0] == NAME for arg in config.args):
            return (
                f"actor-runs: judges nothing, since files are named; for promises too, name {NAME}"
            )
        options = self.options
        where = options.url or "the reference server"
        runs = "starts no run" if not options.run_limit else f"at most {options.run_limit} runs"
        return f"actor-runs: {where}, profile {options.profile}, scope {options.scope}, {runs}"

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> list[str]:
        """Say what will be done before it is."""
        chosen = [item.name for item in items if isinstance(item, PromiseItem)]
        return self._plan(chosen) if chosen else []

    def _plan(self, chosen: Sequence[str]) -> list[str]:
        options = evolve(self.options, only=self._only(chosen))
        return ServerCheck.prepare(options).plan.lines(max_runs=options.run_limit)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how the server stands; with `-q` only what would be overlooked among the skips."""
        if not self.check.written.exists():
            return
        found = self.found or self.check.outcomes(())
        lines = (found.missed, *(found.summary if terminalreporter.verbosity >= 0 else ()))
        if any(lines):
            terminalreporter.write_sep("=", "actor-runs")
        for line in filter(None, lines):
            terminalreporter.write_line(line)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let reports of promises name the promise, and show no line of ours."""
        report = yield
        if isinstance(item, PromiseItem) and call.excinfo is not None:
            if isinstance(report.longrepr, tuple):  # A skip: its place and its reason.
                report.longrepr = (item.nodeid, None, report.longrepr[2])  # type: ignore[assignment]
            else:
                report.longrepr = item.repr_failure(call.excinfo)
        return report

    # -- The processes of xdist --

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - of xdist
        """Tell a worker what all share."""
        node.workerinput[WORKER] = str(self.check.directory)
        node.workerinput[UNNAMED] = self.unnamed

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(
        self,
        node: Any,  # noqa: ANN401 - of xdist
        ids: Sequence[str],
    ) -> None:
        """Say what will be done before it is, once, as a pytest without workers does."""
        names = [arg.partition("::")[2] for arg in ids if arg.startswith(f"{NAME}::")]
        chosen = [name for name in names if name in self.promises]
        terminal = node.config.pluginmanager.get_plugin("terminalreporter")
        if self.planned or not chosen or terminal is None:
            return
        self.planned = True
        for line in self._plan(chosen):
            terminal.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Remove what was shared."""
        if self.owner:
            shutil.rmtree(self.check.directory, ignore_errors=True)
