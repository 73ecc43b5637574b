"""report.html: one file that needs nothing else, readable without scripts too.

Everything is written into the page by the template, which escapes whatever it is given; a
content security policy allows only the page's own script and style, by their hashes. The
script adds filters, deep links, copying and the keyboard.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, ANY, LEVELS
from actor_runs_conformance.report.causes import Cause, causes, heading
from actor_runs_conformance.report.html.contract import Section, annotated
from actor_runs_conformance.report.html.differences import Piece, marked
from actor_runs_conformance.report.html.evidence import Piece as EvidencePiece
from actor_runs_conformance.report.html.evidence import pick, pieces
from actor_runs_conformance.report.html.timeline import draw, style
from actor_runs_conformance.report.model import GRAVITY, OVERALL, TITLES
from actor_runs_conformance.report.standing import headline, standings
from actor_runs_conformance.report.text import cut, printable, shown

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.exchange_text import Shown
    from actor_runs_conformance.report.model import Promise, Report, Verdict

LONGEST, SHORTEST = 4_000, 160
"""Characters of a message, of what was expected and of what was observed."""
ROOM = 6_000_000
"""Bytes of all of these as they stand in a page; when they are used up, SHORTEST is the limit."""
CAUSES_SHOWN = 100


@frozen
class Todo:
    """A cause as the page lists it: what is wrong, what it unlocks, what to do."""

    cause: Cause
    verdict: str
    kind: str
    name: str
    message: str


@frozen
class Card:
    """One promise with its verdict, as the page shows it."""

    verdict: Verdict
    promise: Promise | None
    text: str
    message: str | None
    expected: list[Piece] | None
    observed: list[Piece] | None
    evidence: list[EvidencePiece]
    place: str | None
    """Anchor of the contract's section where it stands."""


@frozen
class Group:
    """The promises of one operation, what needs a reader first."""

    operation: str
    method: str
    path: str
    cards: list[Card]
    counts: dict[str, int]


def write(report: Report, log: Log, stream: TextIO) -> None:
    """Write report.html; the log gives the exchanges that it shows."""
    judged = {verdict.id for verdict in report.verdicts}
    sections = annotated(
        (promise for promise in report.promises.values() if promise.id in judged),
    )
    exchanges = pick(report, log)
    found = causes(report)
    groups = grouped(report, sections, exchanges)
    css, js, policy = own_policy("page.css", "page.js")
    stream.write(
        environment()
        .get_template("report.html.jinja")
        .render(
            report=report,
            headline=headline(report),
            standings=standings(report),
            todo=[_todo(cause) for cause in found[:CAUSES_SHOWN]],
            more_to_do=len(found[CAUSES_SHOWN:]),
            start=report.start,
            end=report.end,
            groups=groups,
            sections=sections,
            verdicts={verdict.id: verdict.verdict for verdict in report.verdicts},
            exchanges=list(exchanges.values()),
            traffic=traffic(report),
            timeline=draw(report),
            documents={key: document.title for key, document in documents().items()},
            levels=[
                (level, sum(verdict.level == level for verdict in report.verdicts))
                for level in LEVELS
            ],
            overall=OVERALL,
            gravity=GRAVITY,
            titles=TITLES,
            css=css,
            js=js,
            policy=policy,
        )
    )


def own_policy(style_sheet: str, *scripts: str) -> list[Markup]:
    """Return these files of ours and last the policy that allows them, by hash, and nothing else.

    Whatever a target sends is escaped; should that ever fail, a browser still runs none of it.
    """
    contents = [_asset(name) for name in (style_sheet, *scripts)]
    style_hash, *script_hashes = map(_hash, contents)
    policy = [
        "default-src 'none'",
        f"style-src '{style_hash}'",
        *(f"script-src '{script_hash}'" for script_hash in script_hashes),
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return [*contents, Markup("; ".join(policy))]  # noqa: S704 - hashes and words of ours


@cache
def environment() -> Environment:
    """Return the templates' environment: what they show is printable and escaped."""
    loader = PackageLoader("actor_runs_conformance.report.html", "templates")
    found = Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    found.filters.update(code=_code, state=style, operation=_heading)
    return found


def grouped(report: Report, sections: list[Section], exchanges: dict[int, Shown]) -> list[Group]:
    """Return the promises by operation, in the contract's order, those of every operation first."""
    places = {promise.id: section.anchor for section in sections for promise in section.promises()}
    operations = [section for section in sections if section.kind == "operation"]
    order = [ANY, *(section.title for section in operations)]
    order.insert(order.index(ABORTS[0]), ABORT)
    addresses = {section.title: (section.method, section.path) for section in operations}
    cards: dict[str, list[Card]] = {name: [] for name in order}
    texts = _Texts()
    for verdict in sorted(report.verdicts, key=lambda item: GRAVITY.index(item.verdict)):
        card = _card(report, verdict, exchanges, places.get(verdict.id), texts)
        cards.setdefault(verdict.operation, []).append(card)
    groups = []
    for operation, found in cards.items():
        found.sort(key=_by_relevance)
        counted = Counter(card.verdict.verdict for card in found)
        counts = {name: counted[name] for name in GRAVITY if counted[name]}
        method, path = addresses.get(operation, ("", ""))
        if found:
            groups.append(Group(operation, method, path, found, counts))
    return groups


def _by_relevance(card: Card) -> tuple[int, int, str]:
    verdict = card.verdict
    level = LEVELS.index(verdict.level) if verdict.level in LEVELS else len(LEVELS)
    return GRAVITY.index(verdict.verdict), level, verdict.id


class _Texts:
    """Bounds the texts that verdicts carry, each and all together."""

    def __init__(self) -> None:
        self.room = ROOM

    def fit(self, value: object) -> str | None:
        if value is None:
            return None
        text = cut(shown(value), LONGEST if self.room > 0 else SHORTEST)
        self.room -= len(escape(text))
        return text


def _todo(cause: Cause) -> Todo:
    kind, name = heading(cause)
    verdict = cause.verdict.verdict if cause.verdict else "not_exercised"
    return Todo(cause, verdict, kind, name, cut(printable(cause.found or ""), SHORTEST))


def _card(
    report: Report,
    verdict: Verdict,
    exchanges: dict[int, Shown],
    place: str | None,
    texts: _Texts,
) -> Card:
    promise = report.promises.get(verdict.id)
    expected, observed = texts.fit(verdict.expected), texts.fit(verdict.observed)
    if expected is not None and observed is not None:
        left, right = marked(expected, observed)
    else:
        left, right = (
            [] if text is None else [Piece(text, differs=False)] for text in (expected, observed)
        )
    return Card(
        verdict=verdict,
        promise=promise,
        text=promise.text if promise else "",
        message=texts.fit(verdict.message),
        expected=left or None,
        observed=right or None,
        evidence=pieces(verdict.exchanges, exchanges),
        place=place,
    )


def traffic(report: Report) -> list[tuple[str, list[tuple[str, int]], int]]:
    """Return what was exchanged: operation, count by answer, and generated cases."""
    rows: dict[str, list[tuple[str, int]]] = {}
    for (operation, answered), count in sorted(report.traffic.by_answer.items()):
        rows.setdefault(operation, []).append((printable(answered), count))
    return [
        (operation, answers, report.traffic.cases[operation]) for operation, answers in rows.items()
    ]


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever a template holds
    """Make every text of a template printable, but what is HTML already."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _code(value: str) -> Markup:
    """Return text with what stands between backticks as code."""
    parts = printable(value).split("`")
    if len(parts) % 2 == 0:
        return escape(printable(value))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _heading(operation: str) -> str:
    title = operation_title(operation)
    return title if title == operation else title.capitalize()


def _asset(name: str) -> Markup:
    text = files(__name__).joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()
