"""From bytes to a JSON value that keeps the contract.

The models look at little, so each answer first passes a validator that is built from the contract's
own schemas. What the contract leaves open (new statuses, origins and pricing models, unknown keys)
passes and is kept.

JSON is read by msgspec, in a third of the time. What it refuses is read again by `json`, which
takes half a surrogate pair, tells the others with a position, and refuses what no float can carry.
"""

from __future__ import annotations

import functools
import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_rs import Draft202012Validator, ValidationError


@attrs.define
class MismatchError(Exception):
    """A body that the contract does not allow: what stands at a JSON pointer, and what should."""

    pointer: str
    value: object
    expected: str


def read_json(body: bytes) -> Any:
    """Decode JSON as RFC 8259 has it, without `NaN` and `Infinity`.

    Raises:
        MismatchError: It is not JSON in UTF-8.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        try:
            return STRICT_JSON.decode(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            text = body.decode("utf-8", "backslashreplace")
            raise MismatchError("", text, f"JSON in UTF-8 ({error})") from None


def hold(value: object, name: str) -> None:
    """Hold a JSON value against a schema of the contract.

    Raises:
        MismatchError: It breaks the contract, or the validator cannot read it.
    """
    judge = validator(name)
    try:
        if judge.is_valid(value):
            return
        found = mismatch(judge.iter_errors(value), value)
    except (ValueError, RecursionError) as error:
        found = MismatchError("", value, f"values that can be read ({error})")
    raise found


def _no_json(constant: str) -> NoReturn:
    message = f"no number can be {constant}"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_json(text)


STRICT_JSON = json.JSONDecoder(parse_constant=_no_json, parse_float=_finite)


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of a parameter, or else of another schema of the contract."""
    from jsonschema_rs import Draft202012Validator  # Here, since it takes 40 ms.

    from .schemas import COMPONENTS, PARAMETERS

    schema = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    return Draft202012Validator(PARAMETERS.get(name, schema), validate_formats=True)


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
