"""The pieces of Schemathesis and Hypothesis that are not public API: all that the suite uses.

`PIECES` names them, each with the test that holds it on the pinned version. Where one of them is gone,
or can no longer be used as here, `adapter` draws by the public API alone and says so: no coverage and
no examples then, and cases that may differ between installations.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import schemathesis
    from hypothesis.strategies import SearchStrategy

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
META = "schemathesis:Case.meta"

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
    Piece(META, "in words, what a case varies", "test_a_case_says_what_it_varies"),
)

_changed: dict[str, None] = {}
"""Pieces that are there and could not be used."""

Ids = Mapping[str, str]


def find(name: str) -> Any:  # noqa: ANN401 - classes, values and functions of others
    """Return a piece; None when it is gone."""
    module, _, attributes = name.partition(":")
    try:
        return attrgetter(attributes)(importlib.import_module(module))
    except (ImportError, AttributeError):
        return None


def gone() -> list[str]:
    """Return the names of the pieces that the installed versions do not have, or have changed."""
    return [piece.name for piece in PIECES if piece.name in _changed or find(piece.name) is None]


def attempt(name: str, generate: Callable[..., Iterator[Any]], *arguments: object) -> Iterator[Any]:
    """Yield what a piece generates, to the end or until it fails: it is one that is gone then."""
    try:
        yield from generate(*arguments)
    except Exception:  # noqa: BLE001 - whatever another version raises
        _changed[name] = None


def examples(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], ids: Ids
) -> Iterator[schemathesis.Case[Any]]:
    """Yield the contract's own examples as cases."""
    yield from find(EXAMPLES)(
        operation=operation,
        override=find(OVERRIDE)(path_parameters=dict(ids)),
        feedback=find(NO_FEEDBACK),
        fill_missing=False,
    )


def coverage(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], ids: Ids
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


def strategy(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], mode: schemathesis.GenerationMode
) -> SearchStrategy[schemathesis.Case[Any]]:
    """Return the strategy for cases of an operation, which nothing that was drawn before steers."""
    feedback = find(NO_FEEDBACK)
    if feedback is not None:
        try:
            return operation.as_strategy(generation_mode=mode, feedback=feedback)
        except TypeError:
            _changed[NO_FEEDBACK] = None
    return operation.as_strategy(generation_mode=mode)


def described(drawn: schemathesis.Case[Any]) -> tuple[str, str]:
    """Return the mode of a case, positive or negative, and in words what it varies."""
    try:
        meta = drawn.meta
        if meta is None:
            return "positive", ""
        data: Any = meta.phase.data
        mode, words, parameter = meta.generation.mode.value, data.description or "", data.parameter
    except AttributeError:
        _changed[META] = None
        return "positive", ""
    return mode, words if parameter is None or parameter in words else f"{parameter}: {words}"


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
    try:
        empty = type(original())()
        cache.cache.clear()
    except (AttributeError, TypeError):
        _changed[CONSTANTS] = None
        yield
        return
    providers._get_local_constants = lambda: empty  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield
    finally:
        providers._get_local_constants = original  # type: ignore[attr-defined]  # noqa: SLF001
        cache.cache.clear()
