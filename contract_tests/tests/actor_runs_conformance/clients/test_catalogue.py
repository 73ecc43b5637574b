"""check-client on a catalogue of clients: each fault is found, each lawful freedom is left alone."""

import pytest

from actor_runs_conformance.results.verdict import ExitCode, Verdict
from tests.support.clients_catalogue.faults_of_answers import FAULTS_OF_ANSWERS
from tests.support.clients_catalogue.faults_of_further_answers import FAULTS_OF_FURTHER_ANSWERS
from tests.support.clients_catalogue.faults_of_further_requests import FAULTS_OF_FURTHER_REQUESTS
from tests.support.clients_catalogue.faults_of_requests import FAULTS_OF_REQUESTS
from tests.support.clients_catalogue.freedoms import FREEDOMS
from tests.support.clients_catalogue.judging import judge_again_and_again, judge_all

FAULTS = (
    *FAULTS_OF_REQUESTS,
    *FAULTS_OF_ANSWERS,
    *FAULTS_OF_FURTHER_REQUESTS,
    *FAULTS_OF_FURTHER_ANSWERS,
)
BROKEN = {Verdict.FAILED, Verdict.WARNED}


def names(patches):
    """Return the names of clients, as the ids of tests."""
    return [patch.name for patch in patches]


def test_each_patch_changes_a_program_that_still_compiles():
    """Each patch fits the good client, has a name of its own, and what comes of it is Python."""
    for patch in (*FAULTS, *FREEDOMS):
        compile(patch.source(), patch.name, "exec")
    assert len(set(names((*FAULTS, *FREEDOMS)))) == len(FAULTS) + len(FREEDOMS)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Judge every client of the catalogue, all in one event loop."""
    return judge_all((*FAULTS, *FREEDOMS), tmp_path_factory.mktemp("clients"))


@pytest.mark.catalogue
@pytest.mark.parametrize("patch", FAULTS, ids=names(FAULTS))
def test_a_faulty_client_is_found_out(outcomes, patch):
    """At least one of the promises that the fault breaks is found broken, and no other one."""
    results = outcomes[patch.name].results
    broken = {name for name, result in results.items() if result.verdict in BROKEN}
    assert broken, {name: (one.verdict, one.message) for name, one in results.items()}
    assert broken <= set(patch.breaks)


@pytest.mark.catalogue
@pytest.mark.parametrize("patch", FREEDOMS, ids=names(FREEDOMS))
def test_a_lawful_client_is_left_alone(outcomes, patch):
    """Nothing is found broken, and what the client does differently was looked at."""
    results = outcomes[patch.name].results
    told = {name: (one.verdict, one.message) for name, one in results.items()}
    assert not any(result.verdict in BROKEN for result in results.values()), told
    assert any(result.verdict in {Verdict.PASSED, Verdict.NOTED} for result in results.values())
    assert outcomes[patch.name].exit_code is ExitCode.CONFORMANT, told


@pytest.mark.catalogue
def test_the_good_client_gets_the_same_verdicts_ten_times():
    """The quick profile finds every promise kept, each time, also beside three other checks."""
    first, *others = judge_again_and_again(10)
    assert all(other == first for other in others)
    late = {name for name, verdict in first.items() if verdict == "not_exercised"}
    assert set(first.values()) == {"passed", "noted", "not_exercised"}
    assert late == {"GET-07b", "CLI-05", "CLI-09", "CLI-10", "CLI-22"}
