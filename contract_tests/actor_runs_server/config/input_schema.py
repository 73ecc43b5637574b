"""The input schema of an Actor: its defaults, and the check of an input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from attrs import frozen

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from pathlib import Path


@frozen
class InputSchema:
    """A JSON Schema whose properties may have defaults; the empty schema allows every input."""

    document: dict[str, Any]
    validator: jsonschema_rs.Validator

    @classmethod
    def of(cls, document: dict[str, Any]) -> InputSchema:
        """Return the input schema of a document.

        Raises:
            ValueError: The document is not a JSON Schema.
        """
        try:
            return cls(document, jsonschema_rs.validator_for(document))
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            raise ValueError(str(error).splitlines()[0]) from error

    @classmethod
    def read(cls, path: Path) -> InputSchema:
        """Read a schema file, or an `actor.json` whose `input` is a schema or names its file.

        Raises:
            ValueError: The file cannot be read or does not hold a schema.
        """
        document = _read(path)
        if isinstance(document, dict) and "actorSpecification" in document:
            document = document.get("input")
            if isinstance(document, str):
                path = path.parent / document
                document = _read(path)
        if not isinstance(document, dict):
            raise ValueError(f"{path} does not hold the schema of an object")  # noqa: TRY004
        return cls.of(document)

    def defaults(self) -> dict[str, Any]:
        """Return the defaults by property."""
        return {
            name: schema["default"]
            for name, schema in self.document.get("properties", {}).items()
            if isinstance(schema, dict) and "default" in schema
        }

    def check(self, value: dict[str, Any]) -> None:
        """Check an input.

        Raises:
            ApiError: 400 `invalid-input`, if the schema does not allow it.
        """
        for error in self.validator.iter_errors(value):
            place = ".".join(["input", *map(str, error.instance_path)])
            message = f"Input is not valid: {place}: {error.message}"
            raise ApiError("invalid-input", message[:1000], status=400)


def _read(path: Path) -> object:
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    return document
