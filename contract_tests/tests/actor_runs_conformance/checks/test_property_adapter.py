"""What the adapter relies on in Schemathesis and Hypothesis, held on the version that is installed."""

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import asdict
from hypothesis.internal.conjecture import providers

from actor_runs_conformance.checks.properties import adapter, not_public
from actor_runs_conformance.checks.properties.case import (
    ACTOR,
    PLACEHOLDERS,
    RUN,
    TASK,
    Case,
    CaseCounts,
    from_line,
    read_warning,
    to_line,
)
from actor_runs_conformance.checks.properties.safe_targets import documented_method, ids
from actor_runs_conformance.checks.properties.violations import json_body, query, violations
from actor_runs_conformance.ledger.contract import document, operations

COUNTS = CaseCounts(positive=5, negative=9, ids=9)


def draw(names, seed=1, counts=COUNTS):
    return {name: list(adapter.cases(document(), name, seed=seed, counts=counts)) for name in names}


@pytest.fixture(scope="module")
def drawn():
    return draw(operations())


def test_the_installed_schemathesis_is_the_pinned_one():
    assert importlib.metadata.version("schemathesis").split(".")[:2] == ["4", "32"]


def test_every_operation_of_the_contract_has_cases(drawn):
    assert set(drawn) == set(operations())
    assert all(drawn.values())


def test_the_same_seed_draws_the_same_cases_in_any_company(drawn):
    """Operations drawn alone, or in another order, have the cases that they have among all."""
    again = draw(["runTask", "getRun"])
    assert again == {name: drawn[name] for name in again}


def test_an_operation_that_the_contract_has_not_is_no_operation():
    with pytest.raises(KeyError):
        adapter.load(document(), "deleteRun")


@pytest.mark.parametrize("piece", not_public.PIECES, ids=lambda piece: piece.name)
def test_each_piece_that_is_not_public_is_there_and_has_its_test(piece):
    """The table names pieces that exist, and for each a test of this module that holds it."""
    assert not_public.find(piece.name) is not None
    assert piece.test in globals()
    assert Path(__file__).as_posix().endswith(not_public.TESTS)


def test_nothing_else_of_theirs_is_used_that_is_not_public():
    """Outside of the one module, only what the two packages offer in public is imported."""
    found = {
        (path.name, name)
        for path in Path(adapter.__file__).parents[2].rglob("*.py")
        for name in re.findall(
            r"^\s*(?:from|import) ((?:hypothesis|schemathesis)[\w.]*)",
            path.read_text(),
            re.MULTILINE,
        )
        if path.name != "not_public.py"
    }
    assert {name for _, name in found} == {
        "hypothesis",
        "hypothesis.errors",
        "hypothesis.stateful",
        "hypothesis.strategies",
        "schemathesis",
    }


OTHER_COVERAGE = """
import schemathesis.generation.drivers as drivers
drivers.CoverageGenerator = lambda operation: iter(())
"""
OTHER_CONSTANTS = """
import hypothesis.internal.conjecture.providers as providers
class Other(type(providers._get_local_constants())):
    def __init__(self, needed):
        super().__init__()
providers._get_local_constants = lambda: Other(1)
"""
WORKER = """
from actor_runs_conformance.checks.properties.worker import main
main()
"""


@pytest.mark.integrations
@pytest.mark.parametrize(
    ("change", "piece"),
    [(OTHER_COVERAGE, not_public.COVERAGE), (OTHER_CONSTANTS, not_public.CONSTANTS)],
    ids=["coverage", "constants"],
)
def test_a_piece_that_is_used_otherwise_by_now_is_one_that_is_gone(change, piece):
    """The worker draws by the public API alone, and warns of it, naming the piece."""
    job = {
        "contract": document(),
        "seed": 1,
        "shard": "1/1",
        "operations": {"abortRun": asdict(CaseCounts(positive=2))},
    }
    done = subprocess.run(
        [sys.executable, "-c", "import schemathesis" + change + WORKER],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )
    *cases, last = done.stdout.splitlines()
    assert {from_line(line).phase for line in cases} - {"examples"} == {"fuzzing"}
    assert piece in read_warning(last)


def test_a_case_that_says_nothing_of_itself_is_a_positive_one(monkeypatch):
    """What has no `meta`, as cases of another version may not, is drawn all the same."""
    monkeypatch.setattr(not_public, "_changed", {})
    assert not_public.described(object()) == ("positive", "")
    assert not_public.gone() == [not_public.META]


def test_a_case_says_what_it_varies(drawn):
    """Of coverage each case names the place, and whether the contract allows the value."""
    notes = {(case.mode, case.note) for case in drawn["getRun"] if case.phase == "coverage"}
    assert {mode for mode, _ in notes} == {"positive", "negative"}
    assert any("waitForFinish" in note for _, note in notes)


@pytest.mark.parametrize("lost", [not_public.COVERAGE, not_public.NO_FEEDBACK, not_public.CACHE])
def test_without_a_piece_cases_are_drawn_by_the_public_api(monkeypatch, lost):
    """Random cases are still drawn, with placeholders for ids; examples and edges are not."""
    found = not_public.find
    monkeypatch.setattr(not_public, "find", lambda name: None if name == lost else found(name))
    assert not_public.gone() == [lost]
    [cases] = draw(["abortRun"]).values()
    assert {case.phase for case in cases} == {"fuzzing", "ids"}
    assert all(ids(case) == {"runId": RUN} for case in cases if case.phase == "fuzzing")


def test_the_examples_of_the_contract_are_drawn(drawn):
    """Each body that the contract gives as an example is a case."""
    bodies = [json_body(case) for case in drawn["updateRun"] if case.phase == "examples"]
    assert {"Actor has finished"} <= {body["statusMessage"] for body in bodies}


def test_another_seed_draws_other_cases(drawn):
    assert draw(["getRun"], seed=2)["getRun"] != drawn["getRun"]


def test_constants_of_loaded_modules_are_not_drawn(drawn, tmp_path):
    """Hypothesis likes to try constants that it finds in local modules; the adapter does not."""
    source = tmp_path / "local_constants.py"
    source.write_text("WORDS = ['Zyzzogeton', 'Xanthic', 'Quixotry']\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("local_constants", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with not_public.without_local_constants():
        assert not len(providers._get_local_constants())
    assert draw(["updateRun"])["updateRun"] == drawn["updateRun"]


def test_drawing_leaves_hypothesis_as_it_was():
    before = providers._get_local_constants
    draw(["rebootRun"], counts=CaseCounts())
    assert providers._get_local_constants is before


@pytest.mark.parametrize("operation", operations())
def test_ids_are_placeholders_but_in_the_phase_of_ids(drawn, operation):
    for case in drawn[operation]:
        if case.phase != "ids":
            assert ids(case) == {name: PLACEHOLDERS[name] for name in ids(case)}
    assert any(
        set(ids(case).values()).isdisjoint({RUN, ACTOR, TASK})
        for case in drawn[operation]
        if case.phase == "ids"
    )


@pytest.mark.parametrize("operation", operations())
def test_no_case_is_drawn_twice(drawn, operation):
    keys = [case.request_key for case in drawn[operation]]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("operation", operations())
def test_cases_carry_no_credentials_and_no_header_of_the_transport(drawn, operation):
    for case in drawn[operation]:
        names = {name.lower() for name, _ in case.headers}
        assert names <= {"content-type"}
        assert "token" not in dict(query(case))


@pytest.mark.parametrize("operation", operations())
def test_negative_cases_are_not_what_the_contract_describes(drawn, operation):
    for case in drawn[operation]:
        if case.mode == "negative":
            assert violations(case) or not documented_method(case), case


@pytest.mark.parametrize("operation", operations())
def test_positive_cases_break_no_promise(drawn, operation):
    for case in drawn[operation]:
        if case.mode == "positive":
            assert not [one for one in violations(case) if one.promise], case


@pytest.mark.parametrize(
    ("operation", "parameter", "value"),
    [
        ("runTask", "memory", "127"),
        ("runTask", "timeout", "-1"),
        ("getRun", "waitForFinish", "61"),
        ("abortRun", "gracefully", "AAA"),
    ],
)
def test_coverage_tries_the_edges(drawn, operation, parameter, value):
    assert any(
        case.phase == "coverage" and dict(query(case)).get(parameter) == value
        for case in drawn[operation]
    )


@pytest.mark.parametrize("name", ["statusMessage", "isStatusMessageTerminal", "generalAccess"])
def test_coverage_tries_wrong_types_in_the_body(drawn, name):
    fields = {
        violation.field
        for case in drawn["updateRun"]
        if case.phase == "coverage"
        for violation in violations(case)
        if violation.promise
    }
    assert name in fields


def test_a_body_that_is_no_object_is_tried(drawn):
    bodies = [json_body(case) for case in drawn["updateRun"] if case.mode == "negative"]
    assert [None, None] in bodies


def test_methods_that_a_path_does_not_have_are_tried(drawn):
    methods = {case.method for case in drawn["abortRun"] if not documented_method(case)}
    assert methods == {"GET", "PUT", "PATCH", "DELETE"}


def test_an_operation_without_anything_to_break_has_no_random_negative_case(drawn):
    assert not [
        case for case in drawn["rebootRun"] if (case.phase, case.mode) == ("fuzzing", "negative")
    ]


def test_a_case_survives_the_way_between_processes(drawn):
    for cases in drawn.values():
        for case in cases:
            assert from_line(to_line(case)) == case


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"operation": "getRun"}', "Traceback"])
def test_a_line_that_is_no_case_is_refused(line):
    with pytest.raises(ValueError, match=r".+"):
        from_line(line)


def test_a_body_that_is_no_text_survives_too():
    case = Case("updateRun", "fuzzing", "negative", "PUT", "/v2/x", body=b"\xff\x00")
    assert from_line(to_line(case)) == case
