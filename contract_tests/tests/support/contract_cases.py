"""What Schemathesis draws from the contract, by its public API."""

import copy
from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from tests.support.contract_judge import at, component, contract, operations

SEED = 1
GOOD, BROKEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CONFIG = {
    "generation": {
        "database": "none",
        "allow-extra-parameters": False,
        "with-security-parameters": False,
    },
    "cache": {"enabled": False},
}


def cases(operation: str, mode: GenerationMode, **fixed: Any) -> SearchStrategy:
    """Return the cases of an operation; `fixed` are `path_parameters` that are not drawn."""
    path, method, _ = operations()[operation]
    return _schema(contract())[path][method].as_strategy(generation_mode=mode, **fixed)


def bodies(name: str, mode: GenerationMode) -> SearchStrategy:
    """Return JSON values for a schema of the contract, drawn as the body of a made-up request."""
    at(component(name)["$ref"])  # Schemathesis overlooks a reference that leads nowhere.
    content = {"application/json": {"schema": component(name)}}
    body = {"required": True, "content": content}
    operation = {"requestBody": body, "responses": {"200": {"description": "Taken."}}}
    made_up = {**contract(), "paths": {"/": {"post": operation}}}
    strategy = _schema(made_up)["/"]["post"].as_strategy(generation_mode=mode)
    return strategy.map(lambda case: case.body)


def _schema(document: dict[str, Any]) -> schemathesis.BaseSchema:
    config = schemathesis.Config.from_dict(copy.deepcopy(CONFIG))
    return schemathesis.openapi.from_dict(copy.deepcopy(document), config=config)


def for_each(number: int, **strategies: SearchStrategy) -> Callable[[Callable], None]:
    """Call the decorated function at once, with a number of cases that are always the same."""

    def run(function: Callable) -> None:
        steady = settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        seed(SEED)(steady(given(**strategies)(function)))()

    return run
