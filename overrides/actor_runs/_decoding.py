"""From the bytes of an answer to a `Run`: strict where the contract is, tolerant where it is not.

Generated code builds objects but looks at little, so each answer first passes a validator that is
built from the contract's own schemas. What the contract leaves open (new statuses, origins and
pricing models, unknown keys) passes and is kept.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, NoReturn

import attrs

from ._run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_rs import Draft202012Validator, ValidationError


@attrs.define
class MismatchError(Exception):
    """A body that the contract does not allow: what stands at a JSON pointer, and what should."""

    pointer: str
    value: object
    expected: str


def read_run(body: bytes) -> Run:
    """Decode the body of a success.

    Raises:
        MismatchError: It is not JSON in UTF-8, or not what the contract says.
    """
    try:
        answer = STRICT_JSON.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        text = body.decode("utf-8", "backslashreplace")
        raise MismatchError("", text, f"JSON in UTF-8 ({error})") from None
    try:
        if not validator().is_valid(answer):
            raise mismatch(validator().iter_errors(answer), answer)
        return Run.from_dict(answer["data"])
    except (ValueError, RecursionError) as error:
        # Numbers, characters, depths or dates that the contract allows but no object can carry.
        raise MismatchError("", answer, f"values that can be read ({error})") from None


def _no_json(constant: str) -> NoReturn:
    message = f"{constant} is not JSON"
    raise ValueError(message)


# JSON as RFC 8259 has it, without `NaN` and `Infinity`.
STRICT_JSON = json.JSONDecoder(parse_constant=_no_json)


@functools.cache
def validator() -> Draft202012Validator:
    """Return the validator for the body of a success."""
    from jsonschema_rs import Draft202012Validator  # Here, since it takes 40 ms.

    text = resources.files("actor_runs_api").joinpath("schemas.json").read_text(encoding="utf-8")
    schema = {"$ref": "#/components/schemas/RunEnvelope", **json.loads(text)}
    return Draft202012Validator(schema, validate_formats=True)


def mismatch(errors: Iterable[ValidationError], answer: object) -> MismatchError:
    """Return the error that says most: the deepest, also inside alternatives."""
    everything = (inner for error in errors for inner in _inside(error))
    deepest = max(everything, key=lambda error: len(error.instance_path))
    pointer, value = "", answer
    for step in deepest.instance_path:
        if isinstance(value, dict) and isinstance(step, int):
            # The validator takes a key such as "0", "00" or "+0" for an index.
            keys = (key for key in value if re.fullmatch(r"\+?[0-9]+", key))
            step = min((key for key in keys if int(key) == step), key=len)
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
        value = value[step]  # type: ignore[index]
    return MismatchError(pointer, value, deepest.message)


def _inside(error: ValidationError) -> Iterator[ValidationError]:
    """Yield an error and those inside its alternatives."""
    yield error
    branches = getattr(error.kind, "context", None) or []
    # An alternative for another kind of object says nothing of this one.
    fitting = [branch for branch in branches if not any(map(_other_kind, branch))]
    for branch in fitting or branches:
        for inner in branch:
            yield from _inside(inner)


def _other_kind(error: ValidationError) -> bool:
    return error.schema_path[-1] in {"const", "not"}
