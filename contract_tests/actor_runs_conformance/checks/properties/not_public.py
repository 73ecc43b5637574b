"""The pieces of Schemathesis and Hypothesis that are not public API: all that the suite uses.

`PIECES` names them, each with the test that holds it on the pinned version. Where one of them is gone,
`adapter` draws by the public API alone and says so: no coverage and no examples then, and cases that
may differ between installations.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import schemathesis

TESTS = "checks/test_property_adapter.py"


@frozen
class Piece:
    """Something that may change without notice: `test` is a test of `TESTS` that notices."""

    name: str
    used_for: str
    test: str


EXAMPLES = "schemathesis.generation.drivers:ExamplesGenerator"
COVERAGE = "schemathesis.generation.drivers:CoverageGenerator"
OVERRIDE = "schemathesis.generation.overrides:Override"
NO_FEEDBACK = "schemathesis.generation.feedback:NO_FEEDBACK"
CONSTANTS = "hypothesis.internal.conjecture.providers:_get_local_constants"
CACHE = "hypothesis.internal.conjecture.providers:CONSTANTS_CACHE"

PIECES = (
    Piece(
        EXAMPLES,
        "the contract's own examples as cases",
        "test_the_examples_of_the_contract_are_drawn",
    ),
    Piece(COVERAGE, "values at the edges of each constraint", "test_coverage_tries_the_edges"),
    Piece(
        OVERRIDE,
        "placeholders in the place of ids",
        "test_ids_are_placeholders_but_in_the_phase_of_ids",
    ),
    Piece(
        NO_FEEDBACK,
        "the same cases whatever was drawn before",
        "test_the_same_seed_draws_the_same_cases_in_any_company",
    ),
    Piece(
        CONSTANTS,
        "no constants of loaded modules among the values",
        "test_constants_of_loaded_modules_are_not_drawn",
    ),
    Piece(CACHE, "the same", "test_drawing_leaves_hypothesis_as_it_was"),
)


def find(name: str) -> Any:  # noqa: ANN401 - classes, values and functions of others
    """Return a piece; None when it is gone."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None


def gone() -> list[str]:
    """Return the names of the pieces that the installed versions do not have."""
    return [piece.name for piece in PIECES if find(piece.name) is None]


def examples(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], ids: Mapping[str, str]
) -> Iterator[schemathesis.Case[Any]]:
    """Yield the contract's own examples as cases."""
    yield from find(EXAMPLES)(
        operation=operation,
        override=find(OVERRIDE)(path_parameters=dict(ids)),
        feedback=find(NO_FEEDBACK),
        fill_missing=False,
    )


def coverage(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], ids: Mapping[str, str]
) -> Iterator[schemathesis.Case[Any]]:
    """Yield cases at the edges of each constraint, inside and outside."""
    from schemathesis import GenerationMode

    yield from find(COVERAGE)(
        operation=operation,
        generation_modes=list(GenerationMode),
        generation_config=operation.schema.config.generation,
        auth_storage=None,
        override=find(OVERRIDE)(path_parameters=dict(ids)),
        feedback=find(NO_FEEDBACK),
    )


def steering() -> dict[str, Any]:
    """Return the arguments of `as_strategy` by which nothing that was drawn before steers it."""
    feedback = find(NO_FEEDBACK)
    return {} if feedback is None else {"feedback": feedback}


@contextmanager
def without_local_constants() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that it finds in the loaded modules.

    The modules differ between an installed copy and a checkout, and so would the cases.
    """
    original, cache = find(CONSTANTS), find(CACHE)
    if original is None or cache is None:
        yield
        return
    providers = importlib.import_module(CONSTANTS.partition(":")[0])
    empty = type(original())()
    providers._get_local_constants = lambda: empty  # type: ignore[attr-defined]  # noqa: SLF001
    cache.cache.clear()
    try:
        yield
    finally:
        providers._get_local_constants = original  # type: ignore[attr-defined]  # noqa: SLF001
        cache.cache.clear()
