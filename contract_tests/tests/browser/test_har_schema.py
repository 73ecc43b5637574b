"""exchanges.har against the schema that HAR tools themselves use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema_rs

from actor_runs_conformance.report.render import render_all
from tests.browser.conftest import NODE_MODULES
from tests.support.made_log import every_verdict

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = NODE_MODULES / "har-schema" / "lib"


def test_the_archive_is_valid(tmp_path: Path) -> None:
    """The npm package har-schema finds nothing wrong, and would find a missing key."""
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    registry = jsonschema_rs.Registry(
        [(f"json-schema:///{name}", schema) for name, schema in schemas.items()],
        draft=jsonschema_rs.Draft6,
    )
    validator = jsonschema_rs.Draft6Validator(
        {"$ref": "json-schema:///har.json"}, registry=registry
    )
    render_all(every_verdict().write(tmp_path))
    archive = json.loads((tmp_path / "exchanges.har").read_text())
    validator.validate(archive)
    del archive["log"]["entries"][0]["timings"]
    assert not validator.is_valid(archive)
