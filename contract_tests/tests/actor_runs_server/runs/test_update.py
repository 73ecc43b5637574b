"""The status message is set and replaced; invalid updates are refused."""

import pytest

MESSAGES = ["Working", "", 'žluťoučký 🐎\n\t"\\\u2028', "x" * 20_000, "\u0000"]
REFUSED = [
    # body, type
    (b"", "invalid-request"),
    (b"{", "invalid-request"),
    (b"[]", "invalid-request"),
    (b'"x"', "invalid-request"),
    (b"null", "invalid-request"),
    (b"{}", "invalid-request"),
    (b'{"runId": "{run}"}', "invalid-request"),
    (b'{"statusMessage": 5}', "invalid-value"),
    (b'{"statusMessage": null}', "invalid-value"),
    (b'{"statusMessage": "x", "isStatusMessageTerminal": "yes"}', "invalid-value"),
    (b'{"statusMessage": "x", "isStatusMessageTerminal": 1}', "invalid-value"),
    (b'{"isStatusMessageTerminal": true}', "cannot-set-is-status-message-terminal"),
    (b'{"statusMessage": "x", "runId": "AnotherRunOfMine1"}', "invalid-request"),
    (b'{"statusMessage": "x", "runId": 5}', "invalid-request"),
    (b'{"generalAccess": "invalid"}', "invalid-value"),
    (b'{"generalAccess": 0}', "invalid-value"),
    (b'{"generalAccess": []}', "invalid-value"),
    (b'{"generalAccess": null}', "invalid-value"),
    (b'{"generalAccess": "ANYONE_WITH_NAME_CAN_READ"}', "invalid-value"),
]
SETTLED = ("status", "startedAt", "finishedAt", "options", "stats", "exitCode", "usage")


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_kept_as_it_is(api, ended, message):
    """The text that was set is read back unchanged, and nothing else changes."""
    body = {"runId": ended["id"], "statusMessage": message, "isStatusMessageTerminal": True}
    now = api.put(ended["id"], **body)
    assert now == api.get(ended["id"])
    assert (now["statusMessage"], now["isStatusMessageTerminal"]) == (message, True)
    assert {key: ended[key] for key in SETTLED} == {key: now[key] for key in SETTLED}


def test_a_new_message_replaces_the_old(api):
    """A new message replaces the old one, and stays when the run ends."""
    run = api.running({"durationSecs": 0.5})
    api.put(run["id"], statusMessage="one", isStatusMessageTerminal=False)
    assert api.put(run["id"], statusMessage="two")["statusMessage"] == "two"
    end = api.get(run["id"], wait=20)
    assert (end["status"], end["statusMessage"]) == ("SUCCEEDED", "two")


def test_unknown_properties_are_ignored(api, ended):
    """Undocumented properties are ignored."""
    assert api.put(ended["id"], statusMessage="x", foo=1)["statusMessage"] == "x"


def test_the_query_sets_no_message(api, ended):
    """A message in the query is ignored."""
    path = f"/v2/actor-runs/{ended['id']}"
    before = api.get(ended["id"])
    api.call("PUT", path, 400, params={"statusMessage": "x"}, json={})
    assert api.get(ended["id"]) == before


@pytest.mark.parametrize(("body", "kind"), REFUSED)
def test_a_wrong_body_is_refused(api, ended, body, kind):
    """A body that the documents do not allow is answered with 400 and changes nothing."""
    before = api.get(ended["id"])
    answer = api.call(
        "PUT",
        f"/v2/actor-runs/{ended['id']}",
        400,
        content=body.replace(b"{run}", ended["id"].encode()),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["error"]["type"] == kind
    assert api.get(ended["id"]) == before


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/jsonx"])
def test_json_has_to_be_called_json(api, ended, content_type):
    """A body without Content-Type: application/json is answered with 400."""
    headers = {"Content-Type": content_type} if content_type else {}
    path = f"/v2/actor-runs/{ended['id']}"
    before = api.get(ended["id"])
    api.call("PUT", path, 400, content=b'{"statusMessage": "x"}', headers=headers)
    assert api.get(ended["id"]) == before
