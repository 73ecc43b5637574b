"""Why there are overrides: what the generated code does by itself.

Each test here is a witness. When the generator mends a quirk, the test says so, and the override
that it names can go.
"""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from actor_runs_api import AuthenticatedClient
from actor_runs_api.api.actor_runs import get_run, update_run
from actor_runs_api.api.actor_tasks import run_task
from actor_runs_api.models import ErrorEnvelope, Run, RunUsage, TaskInput, UpdateRunRequest
from tests.support.client_wire import ROOT, TOKEN, answer, example

TEMPLATES = ROOT / "scripts" / "templates"


@pytest.fixture
def plain(serve):
    """Make generated clients without any override."""

    def make(*script) -> AuthenticatedClient:
        return AuthenticatedClient(base_url=serve(*script).url, token=TOKEN)

    return make


def test_documented_refusal_is_returned(plain):
    """A 404 comes back as if it were a result. Override: `exchange` raises."""
    with plain(answer(404, {"error": {"type": "record-not-found", "message": "No"}})) as client:
        assert isinstance(get_run.sync("x", client=client), ErrorEnvelope)


def test_undocumented_status_is_none(plain):
    """A 502 comes back as None. Override: `exchange` raises."""
    with plain(answer(502, b"<html>")) as client:
        assert get_run.sync("x", client=client) is None


def test_unregistered_status_is_a_value_error(plain):
    """Status 520 is a ValueError. Override: `exchange` raises."""
    with plain(answer(520, b"")) as client, pytest.raises(ValueError, match="520"):
        get_run.sync("x", client=client)


@pytest.mark.parametrize("body", [b"<html>", b""])
def test_body_that_is_no_json_is_a_json_error(body, plain):
    """HTML with status 200 is a JSONDecodeError. Override: `decoding`."""
    with plain(answer(200, body)) as client, pytest.raises(json.JSONDecodeError):
        get_run.sync("x", client=client)


@pytest.mark.parametrize(
    ("name", "value"), [("exitCode", True), ("statusMessage", 5), ("usageTotalUsd", "1")]
)
def test_plain_values_are_not_looked_at(name, value):
    """A value of the wrong type is taken as it is. Override: `decoding`."""
    run = Run.from_dict({**example()["data"], name: value})
    assert value == run.to_dict()[name]


def test_date_without_an_offset_is_taken():
    """A naive date passes. Override: `decoding`."""
    run = {**example()["data"], "startedAt": "2019-11-30T07:34:24.202"}
    assert Run.from_dict(run).started_at.tzinfo is None


def test_odd_key_is_no_attribute():
    """The key with a question mark lands among the unknown ones. Override: `run`."""
    usage = RunUsage.from_dict({"DATA_TRANSFER_EXTERNAL_GBYTES?": 3})
    assert not usage.data_transfer_external_gbytes
    assert usage.additional_properties == {"DATA_TRANSFER_EXTERNAL_GBYTES?": 3}


def test_token_is_in_the_repr():
    """The generated client shows its token. Override: `session`."""
    assert TOKEN in repr(AuthenticatedClient(base_url="http://x", token=TOKEN))


def test_there_is_no_timeout_of_its_own():
    """The generated client leaves all times to httpx: 5 seconds, under the server's 60.

    Override: `session`.
    """
    with AuthenticatedClient(base_url="http://x", token=TOKEN) as client:
        assert httpx.Timeout(None) == client.get_httpx_client().timeout


@pytest.mark.parametrize(
    ("run_id", "path"), [("..", b"/v2"), (".", b"/v2/actor-runs/"), ("", b"/v2/actor-runs/")]
)
def test_ids_can_change_the_path(run_id, path, serve):
    """An id of dots or nothing asks for another path. Override: `arguments`."""
    server = serve()
    with AuthenticatedClient(base_url=server.url, token=TOKEN) as client:
        get_run.sync(run_id, client=client)
    assert path.rstrip(b"/") == server.requests[0].split()[1].partition(b"?")[0].rstrip(b"/")


def test_memory_is_not_looked_at():
    """Any number passes for the memory. Override: `arguments`."""
    assert run_task._get_kwargs("x", body=TaskInput(), memory=100)["params"]["memory"] == 100


def test_webhooks_are_an_encoded_text():
    """The caller has to encode webhooks. Override: `arguments`."""
    assert (
        run_task._get_kwargs("x", body=TaskInput(), webhooks="W10=")["params"]["webhooks"] == "W10="
    )


def test_run_id_has_to_be_given_twice():
    """The body of an update needs the id that the path has. Override: `operations`."""
    body = UpdateRunRequest(run_id="a", status_message="b")
    assert update_run._get_kwargs("c", body=body)["json"] == {"runId": "a", "statusMessage": "b"}


def test_answer_is_not_kept(plain):
    """The model does not lead to status, headers and body. Override: `run`."""
    with plain() as client:
        run = get_run.sync("x", client=client).data
    assert not hasattr(run, "response")


# What the generator writes from its own templates, where ours differ.

MINIMAL = {
    "openapi": "3.1.0",
    "info": {"title": "Minimal", "version": "1"},
    "paths": {
        "/": {
            "get": {
                "operationId": "getThing",
                "responses": {
                    "200": {
                        "description": "A thing.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["at"],
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "ended": {"type": ["string", "null"], "format": "date-time"},
                    "part": {"anyOf": [{"$ref": "#/components/schemas/Part"}, {"type": "null"}]},
                },
            },
            "Part": {"type": "object", "properties": {"n": {"type": "integer"}}},
        }
    },
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Generate a minimal client from the generator's own templates; give its Thing."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "openapi.json").write_text(json.dumps(MINIMAL), encoding="utf-8")
    (folder / "config.yaml").write_text("post_hooks: []\npackage_name_override: original_api\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", "openapi.json", "--config", "config.yaml"]
    command += ["--output-path", "original_api"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    sys.path.insert(0, str(folder))
    try:
        import original_api.models
        import original_api.types

        yield original_api
    finally:
        sys.path.remove(str(folder))


AT = "2019-11-30T07:34:24.202Z"


def test_original_template_writes_dates_otherwise(original):
    """Milliseconds become microseconds and Z an offset. Template: datetime_property."""
    thing = original.models.Thing.from_dict({"at": AT})
    assert thing.to_dict()["at"] == "2019-11-30T07:34:24.202000+00:00"


@pytest.mark.parametrize(("name", "value"), [("ended", "garbage"), ("part", [1])])
def test_original_template_swallows_what_a_union_does_not_allow(name, value, original):
    """A broken value in a union stays as it is. Template: union_property."""
    assert value == getattr(original.models.Thing.from_dict({"at": AT, name: value}), name)


def test_original_template_imports_at_every_call(original):
    """Models import each other inside functions, at every call. Template: model."""
    source = Path(original.models.thing.__file__).read_text(encoding="utf-8")
    body = source[source.index("def from_dict") :]
    assert "from ..models.part import Part" in body


def test_original_template_has_an_unset_that_copying_doubles(original):
    """After copying, UNSET is no longer UNSET. Template: types."""
    assert copy.deepcopy(original.types.UNSET) is not original.types.UNSET


def test_originals_of_our_templates_are_the_known_ones():
    """Our templates were made from these originals: look what changed before adopting new ones."""
    folder = Path(find_spec("openapi_python_client").origin).parent / "templates"
    known = {}
    for line in (TEMPLATES / "originals.sha256").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        known[name] = digest
    assert known == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in known
    }
    ours = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja")}
    assert ours == set(known)
