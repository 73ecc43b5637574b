"""What the tests of the reports share: the published schemas, and where rendered files go."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def schema() -> Callable[[str], jsonschema_rs.Draft202012Validator]:
    """The validator of a published schema, by its name."""

    def load(name: str) -> jsonschema_rs.Draft202012Validator:
        path = files("actor_runs_conformance") / "events" / "schemas" / f"{name}.schema.json"
        return jsonschema_rs.Draft202012Validator(
            json.loads(path.read_text(encoding="utf-8")), validate_formats=True
        )

    return load
