"""No constraint of the contract is without a source, and no source is without a constraint."""

from __future__ import annotations

import copy
from importlib.resources import files

import pytest

from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.keywords import Constraint, constraints, rules, source_of

EXAMPLES = {"get-run": ["get-run"], "run-task": ["run-task"]}


def without_source(contract=None):
    """Return the constraints that no rule covers, as `pointer keyword`."""
    return [f"{c.pointer} {c.keyword}" for c in constraints(contract) if source_of(c) is None]


def test_every_constraint_has_a_source():
    """Every keyword of the contract that rules something out is covered by keywords.yaml."""
    assert without_source() == [], "name its source in keywords.yaml, or take it out"


def test_every_source_has_a_constraint():
    """Every rule of keywords.yaml is the source of something, by a document that there is."""
    used = {source_of(constraint) for constraint in constraints()}
    assert [rule.at for rule in rules() if rule not in used] == [], "take these rules out"
    assert {rule.document for rule in rules()} <= set(documents())


def test_quotations_of_examples_are_true():
    """What a rule quotes of an example stands in that document's example."""
    examples = files("actor_runs_spec") / "examples"
    quoted = [rule for rule in rules() if rule.says.startswith('"')]
    assert quoted
    for rule in quoted:
        texts = [(examples / f"{name}.json").read_text() for name in EXAMPLES[rule.document]]
        assert any(rule.says in text for text in texts), rule.says


@pytest.mark.parametrize(
    ("pointer", "keyword", "value"),
    [
        ("/components/schemas/Run/properties/exitCode", "maximum", 255),
        ("/components/schemas/RunUsage/properties/PROXY_SERPS", "minimum", 0),
        ("/components/parameters/build", "required", True),
        ("/components/schemas/WebhookDefinition/properties/requestUrl", "format", "uri"),
    ],
)
def test_a_constraint_that_nobody_states_is_found(pointer, keyword, value):
    """A keyword that is added without a source is named."""
    changed = copy.deepcopy(document())
    place = changed
    for step in pointer.removeprefix("/").split("/"):
        place = place[step]
    place[keyword] = value
    assert without_source(changed) == [f"{pointer} {keyword}"]


def test_what_only_the_platform_says_is_marked():
    """The list of statuses is of the platform, the limit of a wait of the documents."""
    schemas = "/components/schemas/RunStatus"
    wait = "/components/parameters/waitForFinish/schema"
    assert source_of(Constraint(schemas, "enum", [])).scope == "platform"
    assert source_of(Constraint(wait, "maximum", 60)).scope == "documents"
