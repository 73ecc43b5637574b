"""The form of the ledger: its schema, its ids, its sentences and its sources."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import attrs
import jsonschema_rs
import pytest
import yaml

from actor_runs_conformance.ledger import dependencies, ledger
from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.documents import documents, undecided
from actor_runs_conformance.ledger.entries import parse
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, LEVELS, SCOPES
from actor_runs_conformance.ledger.words import LedgerError, versions, words

SNAPSHOT = Path(__file__).with_name("ledger_ids.txt")
FOLDER = files("actor_runs_spec") / "ledger"
NOT_PRESENT_TENSE = re.compile(r"\b(should|will|would|shall|must|was to|is going to)\b")
CONTRADICTIONS = {f"B-{number:02d}" for number in range(1, 46)}

EXAMPLES = {
    "get-run": ["get-run"],
    "reboot-run": ["reboot-run-auto", "reboot-run-manual"],
    "abort-run": ["abort-run"],
    "run-task": ["run-task"],
    "update-status-message": ["update-run-auto", "update-run-manual"],
}

ENTRY = {
    "id": "XYZ-01",
    "operation": "getRun",
    "level": "must",
    "text": "A run answers.",
    "source": [{"document": "get-run", "says": "Gets an object"}],
    "pointer": None,
    "server": {"unchecked": "for this test alone"},
    "client": {"unchecked": "for this test alone"},
}
PUBLIC = {"document": "public-contract", "says": "Gets an object"}
BY_OPERATION = {"offered", "json"}
MALFORMED = {
    "no list": ({}, "holds dict, not a list"),
    "no mapping": (["XYZ-01"], "entry 1: is 'XYZ-01', not a mapping"),
    "no id": ([{"text": "A run answers."}], "entry 1: `id` is missing"),
    "no level": ([{k: v for k, v in ENTRY.items() if k != "level"}], "XYZ-01: `level` is missing"),
    "unknown level": ([ENTRY | {"level": "may"}], "XYZ-01: `level` is 'may'; it needs one of must"),
    "unknown key": ([ENTRY | {"levle": "must"}], "XYZ-01: `levle` is no key; there are also"),
    "no source": ([ENTRY | {"source": []}], "XYZ-01: `source` is empty"),
    "mixed without scope": (
        [ENTRY | {"source": [*ENTRY["source"], PUBLIC]}],
        "XYZ-01: `scope` is None, and the sources are mixed; it needs one of documents, platform",
    ),
    "scope for nothing": (
        [ENTRY | {"scope": "documents"}],
        "XYZ-01: `scope` follows from the sources here; take it out",
    ),
    "unknown version": (
        [ENTRY | {"since": "7.0.0"}],
        "XYZ-01: '7.0.0' is no version of the ledger: 0.1.0",
    ),
    "both": (
        [ENTRY | {"server": {"check": "a", "unchecked": "b"}}],
        "XYZ-01: `server` is {'check'",
    ),
    "neither": ([ENTRY | {"client": {}}], "XYZ-01: `client` is {}; it needs either"),
    "no kind": (
        [ENTRY | {"server": {"check": "a"}}],
        "XYZ-01: `server.kind` is None; it needs one",
    ),
    "odd side": ([ENTRY | {"client": {"check": "a", "why": "b"}}], "XYZ-01: .*'why'"),
    "odd decision": ([ENTRY | {"decides": [{"side": "Left."}]}], "XYZ-01: .*'contradiction'"),
}
SENTENCES = {
    "A run answers.": None,
    "`id` is a string, like `0.1.234`.": None,
    "A run answers": "does not end with one period",
    "A run answers..": "does not end with one period",
    "a run answers.": "does not begin with a capital letter",
    "A run should answer.": "is not in the present tense: 'should'",
    "A run will answer.": "is not in the present tense: 'will'",
    "A run answers. It says more.": "is more than one sentence",
    "A run\nanswers.": "is more than one line",
}


def place(id_: str) -> tuple[int, str]:
    """Return where an id stands within its family."""
    return int(id_[4:6]), id_[6:]


def flaw(text: str) -> str | None:
    """Return what keeps a text from being one present-tense sentence, None if nothing does."""
    if not text.endswith(".") or text.endswith(".."):
        return "does not end with one period"
    if not (text[0].isupper() or text[0] == "`"):
        return "does not begin with a capital letter"
    if "\n" in text:
        return "is more than one line"
    if re.search(r"[.!?] ", text):
        return "is more than one sentence"
    found = NOT_PRESENT_TENSE.search(re.sub(r"`[^`]*`", "", text))
    return f"is not in the present tense: {found[0]!r}" if found else None


def snapshot() -> dict[str, str]:
    """Return the version that each id came with, for ids of earlier versions all at least."""
    lines = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines)


@pytest.fixture(scope="module")
def promises():
    """The ledger."""
    return ledger.load()


@pytest.mark.parametrize("subject", words().subjects)
def test_a_file_fits_the_schema(subject):
    """Every file of the ledger fits ledger/schema.json."""
    validator = jsonschema_rs.validator_for(json.loads((FOLDER / "schema.json").read_text()))
    entries = yaml.safe_load((FOLDER / f"{subject}.yaml").read_text(encoding="utf-8"))
    faults = [
        f"ledger/{subject}.yaml: {entries[error.instance_path[0]].get('id')}: {error.message}"
        for error in validator.iter_errors(entries)
    ]
    assert faults == [], "correct the entry, or ledger/schema.json if it is too narrow"


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_entry_is_named(case):
    """A file that is not as it has to be raises an error that names the file and the id."""
    entries, message = MALFORMED[case]
    with pytest.raises(LedgerError, match=message) as raised:
        parse(entries, "general")
    assert str(raised.value).startswith("ledger/general.yaml")


def test_a_well_formed_entry_is_read():
    """A file whose entries are right is read, with its subject."""
    [promise] = parse([ENTRY], "general")
    assert (promise.id, promise.level, promise.subject) == ("XYZ-01", "must", "general")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        promise.__setattr__("level", "open")
    [twice] = parse([ENTRY | {"pointer": ["/paths", "/info"]}], "general")
    assert (promise.pointers, twice.pointer, twice.pointers) == ((), "/paths", ("/paths", "/info"))


def test_the_ledger_has_its_size(promises):
    """The ledger has the promises of all six operations."""
    assert len(promises) >= 180


def test_every_id_stays(promises):
    """The ids of a version stay from the next one on: none is removed, none is taken anew."""
    ids = {promise.id for promise in promises}
    also = {other for promise in promises for other in promise.also}
    assert sorted(set(snapshot()) - ids - also) == [], (
        "an id is stable: reports and target files of others name it. Put the entry back; "
        "if the promise is none any more, give it the level `open` and say why in `because`"
    )
    first, *_, last = versions()
    came = {promise.id: promise.since for promise in promises if promise.since not in {first, last}}
    lines = [f"{id_} {since}" for id_, since in sorted(came.items()) if id_ not in snapshot()]
    assert lines == [], f"add these lines to {SNAPSHOT.name}: their version is followed by another"
    written = SNAPSHOT.read_text(encoding="utf-8").split("\n")[:-1]
    ordered = [f"{id_} {version}" for id_, version in sorted(snapshot().items())]
    assert written == ordered, f"sort {SNAPSHOT.name} and leave each id in it once"


def test_since_is_the_version_that_brought_it_in(promises):
    """A promise names the version that it came with, which for a new one is the last there is."""
    known, (first, *_, last) = snapshot(), versions()
    came = {p.id: known.get(p.id, last if p.since == first else p.since) for p in promises}
    wrong = [
        f"ledger/{promise.subject}.yaml: {promise.id}: write `since: {came[promise.id]}`, "
        f"not {promise.since}"
        for promise in promises
        if promise.since != came[promise.id]
    ]
    assert wrong == [], "an entry without `since` counts as one of the first version"


def test_ids_are_sorted(promises):
    """Within a file, the entries of a family stand together and in the order of their ids."""
    for subject, group in groupby(promises, key=lambda promise: promise.subject):
        ids = [promise.id for promise in group]
        families = [family for family, _ in groupby(ids, key=lambda id_: id_[:3])]
        assert len(families) == len(set(families)), f"ledger/{subject}.yaml mixes {families}"
        expected = sorted(ids, key=lambda id_: (families.index(id_[:3]), place(id_)))
        assert ids == expected, f"sort ledger/{subject}.yaml by id"


def test_no_id_is_also_another(promises):
    """An id that stands in `also` has no entry of its own, and stands in one `also` only."""
    also = [id_ for promise in promises for id_ in promise.also]
    assert sorted(set(also) & {promise.id for promise in promises}) == []
    assert len(also) == len(set(also)), "an id stands in `also` of two promises: leave it in one"


@pytest.mark.parametrize(("text", "expected"), SENTENCES.items())
def test_a_sentence_is_recognised(text, expected):
    """The rule for sentences tells one present-tense sentence from everything else."""
    assert flaw(text) == expected


def test_every_text_is_one_sentence(promises):
    """Every text, reason and decision of the ledger is one present-tense sentence."""
    flaws = {promise.id: found for promise in promises if (found := flaw(promise.text))}
    assert flaws == {}, "rewrite `text` as one present-tense sentence in our own words"


def test_no_text_is_there_twice(promises):
    """No two promises say the same."""
    texts = [promise.text for promise in promises]
    doubled = sorted({text for text in texts if texts.count(text) > 1})
    assert doubled == [], "make one entry of them and put the other id into `also`"


def test_every_source_names_a_document(promises):
    """Every source names a document of documents.yaml, and every document there is a source."""
    named = {source.document for promise in promises for source in promise.source}
    assert sorted(named - set(documents())) == [], "add the document to documents.yaml"
    assert sorted(set(documents()) - named) == [], "no promise rests on it: remove it"


def test_quotations_of_examples_are_true(promises):
    """What the ledger quotes of an example stands in that document's example."""
    examples = files("actor_runs_spec") / "examples"
    texts = {
        document: "".join((examples / f"{name}.json").read_text() for name in names)
        for document, names in EXAMPLES.items()
    }
    quoted = [
        (promise.id, source)
        for promise in promises
        for source in promise.source
        if source.document in texts and source.says.startswith('"')
    ]
    assert quoted
    assert [id_ for id_, s in quoted if s.says not in texts[s.document]] == []


def test_every_must_rests_on_a_binding_document(promises):
    """A `must` rests on a document or the public contract; prose makes a `should` at most."""
    kinds = {key: document.kind for key, document in documents().items()}
    loose = [
        promise.id
        for promise in promises
        if promise.level == "must"
        and not {"document", "contract"} & {kinds[s.document] for s in promise.source}
    ]
    assert loose == [], "what was observed only binds nobody: make it `should` or `open`"


def test_every_lower_level_has_its_reason(promises):
    """A promise that rests on a binding document and is no `must` says why it is none."""
    binding = {"document", "contract"}
    kinds = {key: document.kind for key, document in documents().items()}
    silent = [
        promise.id
        for promise in promises
        if promise.level != "must"
        and binding & {kinds[s.document] for s in promise.source}
        and not (promise.because or promise.decides)
    ]
    assert silent == [], "a reader asks why it binds nobody: say it in `because`"


def test_every_contradiction_is_settled(promises):
    """Every contradiction between the documents is decided, or does not touch the contract."""
    decided = {d.contradiction for promise in promises for d in promise.decides}
    untouched = set(undecided())
    assert sorted(CONTRADICTIONS - decided - untouched) == [], (
        "add a `decides` to the promise it touches, or a reason to contradictions.yaml"
    )
    assert sorted(decided & untouched) == [], "it is decided: remove it from contradictions.yaml"
    assert sorted((decided | untouched) - CONTRADICTIONS) == [], "no such contradiction is known"


def test_every_reason_is_a_sentence(promises):
    """Every reason and decision is written in sentences."""
    reasons = [
        *(promise.because for promise in promises if promise.because),
        *(text for promise in promises for d in promise.decides for text in (d.side, d.because)),
    ]
    reasons += undecided().values()
    assert [text for text in reasons if not re.fullmatch(r"[A-Z`4].*\.", text)] == []


def test_every_need_level_and_scope_is_explained():
    """The needs, levels and scopes that the schema knows are those that there are words for."""
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))["$defs"]
    assert set(schema["Need"]["enum"]) == set(words().needs)
    assert schema["Level"]["enum"] == list(words().levels) == list(LEVELS)
    scopes = schema["Promise"]["properties"]["scope"]["enum"]
    assert scopes == list(words().scopes) == list(SCOPES)


def test_every_dependency_leads_somewhere(promises):
    """What a promise depends on is a promise or a cause, and never, over others, itself."""
    ids = {promise.id: promise for promise in promises}

    def strange(dependency):
        key, _, operation = dependency.partition(":")
        cause = words().causes.get(key)
        return dependency not in ids and (cause is None or bool(operation) != (key in BY_OPERATION))

    assert [(p.id, one) for p in promises for one in p.depends_on if strange(one)] == []
    broken = {id_ for cause in words().causes.values() for id_ in cause.promises.values()}
    assert sorted(broken - set(ids)) == [], "correct words.yaml: these are no promises"
    assert [p.id for p in promises if p.id in reached(p, ids)] == []


def test_every_operation_can_be_missing():
    """The ledger says of each operation which promise a target breaks that does not offer it."""
    named = set(words().causes["offered"].promises)
    wanted = {ABORT if name in ABORTS else name for name in operations()}
    assert wanted == named, "name the promise in words.yaml, under `offered`"


def reached(promise, ids):
    """Return the ids of all that a promise depends on, over other promises too."""
    found = set()
    waiting = [promise]
    while waiting:
        for dependency in waiting.pop().depends_on:
            id_ = dependencies.broken(dependency)
            if id_ and id_ not in found:
                found.add(id_)
                waiting.append(ids[id_])
    return found


def test_scope_follows_from_the_sources():
    """A promise is of the documents where one of the five is its source, and of the platform else."""
    [own] = parse([ENTRY], "general")
    [other] = parse([ENTRY | {"source": [PUBLIC]}], "general")
    [mixed] = parse(
        [ENTRY | {"source": [*ENTRY["source"], PUBLIC], "scope": "platform"}], "general"
    )
    assert (own.scope, other.scope, mixed.scope) == ("documents", "platform", "platform")


def test_an_earlier_version_has_what_it_promised(promises):
    """`as_of` leaves out what came later and gives back the levels of then."""
    first, *_, last = versions()
    assert ledger.as_of(last) == promises
    then = {promise.id: promise for promise in ledger.as_of(first)}
    later = {promise.id for promise in promises if promise.since != first}
    assert set(then) == {promise.id for promise in promises} - later
    changed = {promise.id: promise.was[first] for promise in promises if first in promise.was}
    assert {id_: then[id_].level for id_ in changed} == changed
    with pytest.raises(LedgerError, match=f"'0.0.1' is no version of the ledger: {first}"):
        ledger.as_of("0.0.1")


def test_documents_are_described():
    """Every document has a title, a public address and a kind; five of them are the contract's."""
    found = documents().values()
    kinds = {"document", "contract", "prose", "code", "observation", "standard"}
    assert {document.kind for document in found} == kinds
    assert [d.key for d in found if not d.url.startswith("https://")] == []
    assert sum(document.kind == "document" for document in found) == 5
