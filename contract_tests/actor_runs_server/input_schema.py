"""The input schema of an Actor: the defaults that it gives, the input that it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from attrs import frozen

from .errors import ApiError

if TYPE_CHECKING:
    from pathlib import Path


@frozen
class InputSchema:
    """A JSON Schema whose properties may have defaults; the empty one allows everything."""

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> InputSchema:
        """Read a schema, or the `input` of an `actor.json`.

        Raises:
            ValueError: The file cannot be read or holds no schema.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(str(error)) from error
        if isinstance(document, dict) and "actorSpecification" in document:
            document = document.get("input")
        if not isinstance(document, dict):
            raise ValueError(f"{path} holds no schema of an object")  # noqa: TRY004
        jsonschema_rs.validator_for(document)
        return cls(document)

    def defaults(self) -> dict[str, Any]:
        """Return the default of each property that has one."""
        properties = self.document.get("properties", {})
        return {name: value["default"] for name, value in properties.items() if "default" in value}

    def check(self, value: dict[str, Any]) -> None:
        """Accept an input.

        Raises:
            ApiError: 400 `invalid-input`, when the schema refuses it.
        """
        for error in jsonschema_rs.validator_for(self.document).iter_errors(value):
            place = ".".join(["input", *map(str, error.instance_path)])
            message = f"Input is not valid: {place}: {error.message}"
            raise ApiError("invalid-input", message[:1000], status=400)
