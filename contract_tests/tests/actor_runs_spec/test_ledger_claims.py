"""Ledger and contract agree: every pointer resolves, and nothing in the contract is unclaimed."""

from __future__ import annotations

import copy
import re
from importlib.resources import files

import attrs
import pytest
import yaml

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.contract import METHODS
from actor_runs_conformance.ledger.promise import ABORT, ANY

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def promises():
    """The ledger."""
    return ledger.load()


@pytest.fixture(scope="module")
def contract():
    """The contract, parsed."""
    text = (files("actor_runs_spec") / "openapi.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=LOADER)


def resolve(contract, pointer):
    """Return what a JSON pointer leads to, through references; raise KeyError if to nothing."""
    node = contract
    for step in pointer.removeprefix("/").split("/") if pointer else ():
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name not in node and "$ref" in node:
            node = resolve(contract, node["$ref"].removeprefix("#"))
        node = node[int(name)] if isinstance(node, list) else node[name]
    return node


def operations(contract):
    """Return the pointer of every operation by operationId."""
    return {
        item[method]["operationId"]: f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}"
        for path, item in contract["paths"].items()
        for method in METHODS
        if method in item
    }


def dangling(promises, contract):
    """Return the ids of promises that point nowhere, with the pointer."""
    found = {}
    for promise in promises:
        for pointer in promise.pointers:
            try:
                resolve(contract, pointer)
            except (KeyError, IndexError, TypeError):
                found[promise.id] = pointer
    return found


def strangers(promises, contract):
    """Return the operations that the ledger names and the contract does not have."""
    named = {promise.operation for promise in promises} - {ANY, ABORT}
    named |= {operation for promise in promises for operation in promise.among}
    return sorted(named - set(operations(contract)))


def unclaimed_operations(promises, contract):
    """Return the operations that no promise of their own claims."""
    return sorted(set(operations(contract)) - {promise.operation for promise in promises})


def unclaimed_parameters(promises, contract):
    """Return the parameters, as `operation: name`, that no promise of the operation points at."""
    found = []
    for operation, pointer in operations(contract).items():
        path = pointer.rpartition("/")[0]
        claims = {at for p in promises if p.holds_for(operation) for at in p.pointers}
        for parent in (path, pointer):
            for place, entry in enumerate(resolve(contract, parent).get("parameters", ())):
                places = {f"{parent}/parameters/{place}", entry.get("$ref", "#").removeprefix("#")}
                name = entry.get("name") or resolve(contract, entry["$ref"][1:])["name"]
                if not claims & places:
                    found.append(f"{operation}: {name}")
    return sorted(found)


def unclaimed_statuses(promises, contract):
    """Return the statuses, as `operation: status`, that no promise points at or lists."""
    found = []
    for operation, pointer in operations(contract).items():
        own = [promise for promise in promises if promise.holds_for(operation)]
        lists = [p.text for p in own if f"{pointer}/responses" in p.pointers]
        claims = {at for promise in own for at in promise.pointers}
        for status, entry in resolve(contract, pointer)["responses"].items():
            places = {f"{pointer}/responses/{status}", entry.get("$ref", "#")[1:]}
            if not claims & places and not any(re.search(rf"\b{status}\b", t) for t in lists):
                found.append(f"{operation}: {status}")
    return sorted(found)


def misstated_statuses(promises, contract):
    """Return the lists of statuses in the ledger that are not those of the contract, by id."""
    found = {}
    for operation, pointer in operations(contract).items():
        statuses = set(resolve(contract, pointer)["responses"])
        for promise in promises:
            if f"{pointer}/responses" in promise.pointers and promise.holds_for(operation):
                listed = set(re.findall(r"\b\d{3}\b", promise.text))
                if listed != statuses:
                    found[promise.id] = sorted(listed ^ statuses)
    return found


def unclaimed_properties(promises, contract):
    """Return the properties of a run that no promise points at."""
    place = "/components/schemas/Run/properties"
    claimed = {
        pointer.removeprefix(place).split("/")[1]
        for promise in promises
        for pointer in promise.pointers
        if pointer.startswith(f"{place}/")
    }
    return sorted(set(resolve(contract, place)) - claimed)


def unclaimed_headers(promises, contract):
    """Return the headers of answers that no promise points at."""
    claims = {pointer for promise in promises for pointer in promise.pointers}
    return [
        name
        for name in contract["components"]["headers"]
        if f"/components/headers/{name}" not in claims
    ]


def unknown_types(promises, contract):
    """Return the error types that a promise names and no answer of the contract does, by id."""
    known = set(contract["components"]["schemas"]["ErrorDetail"]["properties"]["type"]["examples"])
    found = {}
    for promise in promises:
        if promise.id != "ERR-28" and "error type" in promise.text:
            named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", promise.text))
            if named - known:
                found[promise.id] = sorted(named - known)
    return found


def test_every_pointer_resolves(promises, contract):
    """Every pointer of the ledger leads to a place in the contract."""
    assert dangling(promises, contract) == {}, (
        "correct `pointer` of these promises: it leads nowhere in openapi.yaml"
    )


def test_every_operation_exists(promises, contract):
    """The ledger names operations of the contract only."""
    assert strangers(promises, contract) == [], "correct `operation` or `among` in the ledger"


def test_every_operation_is_claimed(promises, contract):
    """Every operation of the contract has a promise of its own."""
    assert unclaimed_operations(promises, contract) == [], "add promises for them to the ledger"


def test_every_parameter_is_claimed(promises, contract):
    """Every parameter of an operation has a promise of that operation that points at it."""
    assert unclaimed_parameters(promises, contract) == [], (
        "add a promise whose `pointer` is the parameter in openapi.yaml"
    )


def test_every_status_is_claimed(promises, contract):
    """Every status of an operation has a promise that points at it or lists it."""
    assert unclaimed_statuses(promises, contract) == [], (
        "add a promise that points at the answer, or name the status in the promise that lists them"
    )


def test_the_lists_of_statuses_are_right(promises, contract):
    """A promise that lists the statuses of an operation lists those of the contract."""
    assert misstated_statuses(promises, contract) == {}, (
        "these statuses stand on one side only: correct the promise's text or the contract"
    )


def test_every_property_of_a_run_is_claimed(promises, contract):
    """Every property of a run has a promise that points at it."""
    assert unclaimed_properties(promises, contract) == [], (
        "add a promise to ledger/run-object.yaml whose `pointer` is the property"
    )


def test_every_header_is_claimed(promises, contract):
    """Every header of answers has a promise that points at it."""
    assert unclaimed_headers(promises, contract) == [], (
        "add a promise whose `pointer` is the header in openapi.yaml"
    )


def test_error_types_are_those_of_the_contract(promises, contract):
    """The error types that promises name are named by the contract, but for those not in use."""
    assert unknown_types(promises, contract) == {}, (
        "name the type at its answer in openapi.yaml, or correct the promise"
    )


def test_a_changed_word_of_a_pointer_is_found(promises, contract):
    """A pointer with one word changed is named with the id of its promise."""
    changed = [
        attrs.evolve(promise, pointers=(str(promise.pointer).replace("reboot", "restart"),))
        if promise.id == "RBT-02"
        else promise
        for promise in promises
    ]
    assert list(dangling(changed, contract)) == ["RBT-02"]


def test_what_is_added_to_the_contract_is_found(promises, contract):
    """A property, parameter, status or operation that no promise claims is named."""
    grown = copy.deepcopy(contract)
    grown["components"]["schemas"]["Run"]["properties"]["shoeSize"] = {"type": "number"}
    get = grown["paths"]["/v2/actor-runs/{runId}"]["get"]
    get["parameters"].append({"name": "verbose", "in": "query"})
    get["responses"]["418"] = {"description": "A teapot."}
    grown["paths"]["/v2/actor-runs/{runId}"]["delete"] = {
        "operationId": "deleteRun",
        "responses": {},
    }
    grown["components"]["headers"]["X-Mood"] = {"schema": {"type": "string"}}
    assert unclaimed_headers(promises, grown) == ["X-Mood"]
    assert unclaimed_properties(promises, grown) == ["shoeSize"]
    assert "getRun: verbose" in unclaimed_parameters(promises, grown)
    assert "getRun: 418" in unclaimed_statuses(promises, grown)
    assert misstated_statuses(promises, grown) == {"GET-16": ["418"]}
    assert unclaimed_operations(promises, grown) == ["deleteRun"]


def test_an_error_type_that_no_answer_names_is_found(promises, contract):
    """An error type with one letter changed is named with the id of its promise."""
    changed = [
        attrs.evolve(promise, text=promise.text.replace("`record-not", "`records-not"))
        for promise in promises
        if promise.id == "ERR-01b"
    ]
    assert unknown_types(changed, contract) == {"ERR-01b": ["records-not-found"]}


def test_an_operation_that_is_no_more_is_found(promises, contract):
    """An operation that the ledger names and the contract lost is named."""
    shrunk = copy.deepcopy(contract)
    del shrunk["paths"]["/v2/actor-runs/{runId}/abort"]
    assert strangers(promises, shrunk) == ["abortRun"]
