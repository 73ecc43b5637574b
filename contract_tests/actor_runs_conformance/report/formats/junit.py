"""junit.xml: a suite an operation, a test case a promise, as GitHub, GitLab and Jenkins read it.

JUnit knows no warning: what is warned or noted passes, and says so in its output, unless
--strict made it count as broken. What was not exercised, is excluded, is known to be broken or is
broken outside of --scope is skipped. The time of a case is that of its check, which may judge
several promises and works beside others. What is broken ends with the first exchanges that it
rests on, as long as there is room.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from actor_runs_conformance.report.exchange_text import show
from actor_runs_conformance.report.model import TITLES
from actor_runs_conformance.report.text import cut, printable, shown

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.model import Report, Verdict

OUTCOMES = {
    "passed": None,
    "failed": "failure",
    "warned": None,
    "noted": None,
    "not_exercised": "skipped",
    "excluded": "skipped",
    "error": "error",
}
COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
LONGEST = 4000
SHOWN = {"failed", "warned", "error"}
"""Verdicts that are given with exchanges."""
MOST_EXCHANGES = 3
LONGEST_EXCHANGE = 4000
ROOM = 2_000_000
"""Characters of all exchanges together: CI systems refuse large files, and the log has them all."""
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def write(report: Report, log: Log, stream: TextIO) -> None:
    """Write junit.xml."""
    suites: defaultdict[str, list[ET.Element]] = defaultdict(list)
    room = ROOM
    for verdict in report.verdicts:
        case = _case(report, verdict)
        suites[verdict.operation].append(case)
        if verdict.verdict in SHOWN:
            exchanges = _exchanges(report, log, verdict)
            if 0 < len(exchanges) <= room:
                room -= len(exchanges)
                _add(case, exchanges)
    if report.cut_off:
        suites["suite"].append(_cut_off(report))
    root = ET.Element("testsuites", name=f"actor-runs {printable(report.start.target)}")
    root.set("time", f"{report.end.cost.seconds:.3f}")
    for operation, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", name=operation, tests=str(len(cases)))
        for outcome, attribute in COUNTED.items():
            suite.set(attribute, str(sum(case.find(outcome) is not None for case in cases)))
        suite.set("time", _wall_time(report, operation))
        if report.start.time:
            suite.set("timestamp", report.start.time.split(".")[0].rstrip("Z"))
        _properties(suite, report)
        suite.extend(cases)
    for attribute in ("tests", "failures", "errors"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ET.indent(root)
    stream.write(DECLARATION + ET.tostring(root, encoding="unicode") + "\n")


def _properties(suite: ET.Element, report: Report) -> None:
    start = report.start
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("target", start.target),
        ("seed", start.seed),
        ("profile", start.profile),
        ("command", start.command),
    ):
        if value is not None:
            ET.SubElement(properties, "property", name=name, value=printable(str(value)))


def _case(report: Report, verdict: Verdict) -> ET.Element:
    promise = report.promises.get(verdict.id)
    text = promise.text if promise else ""
    case = ET.Element(
        "testcase",
        classname=f"actor-runs.{verdict.operation}",
        name=printable(f"{verdict.id} {text}".strip()),
        time=_seconds(report, verdict),
    )
    outcome = OUTCOMES[verdict.verdict]
    if verdict.verdict == "warned" and report.start.strict:
        outcome = "failure"
    if verdict.known is not None or (outcome == "failure" and not report.counts_for(verdict)):
        outcome = "skipped"
    text = details(report, verdict)
    if outcome is None:
        if verdict.verdict != "passed":
            ET.SubElement(case, "system-out").text = f"{TITLES[verdict.verdict]}: {text}"
        return case
    message = cut(printable(verdict.message or TITLES[verdict.verdict]), LONGEST)
    element = ET.SubElement(case, outcome, message=message)
    if outcome != "skipped":
        element.set("type", verdict.verdict)
        element.text = text
    return case


def _exchanges(report: Report, log: Log, verdict: Verdict) -> str:
    """Return the first exchanges that a verdict rests on, as they went over the wire."""
    offsets = [report.traffic.offsets.get(number) for number in verdict.exchanges[:MOST_EXCHANGES]]
    events = [log.at(offset) for offset in offsets if offset is not None]
    shown = [show(event, report.start.target) for event in events if event is not None]
    return "\n\n".join(
        f"exchange {one.id}: {one.answer}\n"
        + cut(f"{one.request.rstrip()}\n\n{one.response or ''}".rstrip(), LONGEST_EXCHANGE)
        for one in shown
    )


def _add(case: ET.Element, text: str) -> None:
    """Add a text to what a case says: GitLab shows no output beside a failure."""
    said = next((one for one in case if one.tag != "skipped"), None)
    if said is not None:
        said.text = f"{said.text}\n\n{text}"


def _seconds(report: Report, verdict: Verdict) -> str:
    """Return how long the check of a promise was at work; 0 where it only reads other answers."""
    promise = report.promises.get(verdict.id)
    seen = report.checks.get(promise.check or "") if promise else None
    return f"{seen.seconds if seen else 0:.3f}"


def _wall_time(report: Report, operation: str) -> str:
    """Return the time from the first request for an operation's promises to the last answer."""
    names = {
        promise.check for promise in report.promises.values() if promise.operation == operation
    }
    seen = [check for name, check in report.checks.items() if name in names]
    if not seen:
        return "0.000"
    return f"{max(check.ended for check in seen) - min(check.began for check in seen):.3f}"


def details(report: Report, verdict: Verdict) -> str:
    """Return everything there is to say about one verdict, a line each."""
    promise = report.promises.get(verdict.id)
    sources = ", ".join(source.document for source in promise.source) if promise else ""
    rows = (
        ("promised", promise.text if promise else None),
        ("source", sources or None),
        ("found", verdict.message),
        ("expected", verdict.expected),
        ("observed", verdict.observed),
        ("reproduce", verdict.reproduce),
        ("because", verdict.because),
        ("alone", verdict.alone),
    )
    lines = [f"{name}: {cut(shown(value), LONGEST)}" for name, value in rows if value is not None]
    return "\n".join(lines)


def _cut_off(report: Report) -> ET.Element:
    case = ET.Element("testcase", classname="actor-runs.suite", name="reaches its end", time="0")
    error = ET.SubElement(case, "error", message=report.end.message or "cut off", type="cut-off")
    going = [run.id for run in report.still_running]
    error.text = printable(f"runs that may still be going on: {', '.join(going) or 'none'}")
    return case
