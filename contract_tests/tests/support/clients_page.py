"""docs/clients.md: what check-client finds of the clients that can be run here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.markdown import table

MEASURED = Path(__file__).parents[2] / "client_drivers" / "measured"
RENDERED = (
    "<!-- Rendered by `nox -s docs` from contract_tests/client_drivers/measured. Do not edit. -->"
)
NAMES = {
    "actor-runs": "actor-runs, `Client`",
    "actor-runs-async": "actor-runs, `AsyncClient`",
    "apify-client-python-3": "apify-client for Python",
    "apify-client-python-2": "apify-client for Python",
    "apify-client-javascript": "apify-client for JavaScript",
    "curl": "curl in a POSIX shell",
}
"""The clients in the order of the page, as it calls them."""
INSTALLED = {
    "apify-client-python-3": "pip install apify-client=={}",
    "apify-client-python-2": "pip install apify-client=={}",
    "apify-client-javascript": "npm install apify-client@{}",
}
SIGNS = {"passed": "✓", "failed": "**✗**", "warned": "✗", "not_exercised": "-"}
ABOUT = """\
`actor-runs check-client` judged these clients, each through its driver in
[contract_tests/client_drivers](../contract_tests/client_drivers). Every line comes from a report of that
day; to see a finding again, run its command in that directory. What it finds of the official clients was seen in the
journal of the [reference server](reference-server.md) too
(`contract_tests/tests/actor_runs_conformance/clients/test_reference_server.py`), but for PUT-23 of version 2.5.1 for
Python: it compresses the body, and the journal shows bodies as text.

Most promises about clients are of level *should*: no document says what a client must not do, and ours
is a conclusion from what a repeated call does to a run. The one *must* that widely used clients break,
PUT-23, is written in a document, and the API itself takes less. [Check your client](check-your-client.md) tells
what a verdict means. curl sends what it is told, and waits and repeats nothing by itself."""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines([_read(name) for name in NAMES])) + "\n"


def _read(name: str) -> dict[str, Any]:
    found = json.loads((MEASURED / f"{name}.json").read_text(encoding="utf-8"))
    return {**found, "by_id": {promise["id"]: promise for promise in found["promises"]}}


def _lines(clients: list[dict[str, Any]]) -> Iterator[str]:
    yield from (RENDERED, "", "# What clients do", "", ABOUT, "")
    columns = (
        "client",
        "version",
        "judged on",
        "kept",
        "must broken",
        "should broken",
        "not judged",
    )
    yield from table(columns, map(_counted, clients))
    yield from _kept_and_broken(clients)
    yield from _findings(clients)
    yield from _left_open(clients)


def _counted(client: dict[str, Any]) -> tuple[object, ...]:
    verdicts = ("passed", "failed", "warned", "not_exercised")
    numbers = (client["counts"][verdict] for verdict in verdicts)
    return NAMES[client["client"]], client["version"], client["date"], *numbers


def _sign(client: dict[str, Any], promise: dict[str, Any]) -> str:
    return SIGNS[client["by_id"].get(promise["id"], {"verdict": "passed"})["verdict"]]


def _kept_and_broken(clients: list[dict[str, Any]]) -> Iterator[str]:
    broken = _promises(clients, "failed", "warned")
    yield from ("", "## What is not kept by all", "")
    yield "✓ kept · ✗ broken (a *must* in bold) · - not judged: the client does not do it, or the driver did not reply"
    yield ""
    yield from table(
        ("promise", *map(_title, clients)),
        (
            (f"{_link(promise)} {promise['text']}", *(_sign(client, promise) for client in clients))
            for promise in broken
        ),
    )


def _findings(clients: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("", "## Finding by finding", "")
    for client in clients:
        found = [one for one in client["promises"] if one["verdict"] in {"failed", "warned"}]
        missed = [one for one in client["promises"] if one["verdict"] == "not_exercised"]
        yield from (f"### {_title(client)}", "")
        if not found:
            yield from ("It breaks nothing.", "")
        for one in found:
            yield f"- {_link(one)} ({one['level']}): {one['message']}"
        if found:
            yield from ("", "```sh")
            if client["client"] in INSTALLED:
                yield INSTALLED[client["client"]].format(client["version"])
            names = ",".join(one["id"] for one in found)
            yield f"actor-runs check-client --only {names} -- {client['driver']}"
            yield from ("```", "")
        if missed:
            told = [f"{_link(one)} ({one['message']})" for one in missed]
            yield from (f"Not judged: {'; '.join(told)}.", "")


def _left_open(clients: list[dict[str, Any]]) -> Iterator[str]:
    yield from (
        "## What is left open",
        "",
        "No client is blamed for these; they tell clients apart.",
        "",
    )
    for promise in _promises(clients, "noted"):
        yield from (f"**{_link(promise)}** {promise['text']}", "")
        said = [client["by_id"].get(promise["id"], {}).get("message") for client in clients]
        for message in dict.fromkeys(one for one in said if one):
            who = [
                _title(client) for client, one in zip(clients, said, strict=True) if one == message
            ]
            yield f"- {message.rstrip('.')}: {', '.join(who)}"
        yield ""


def _promises(clients: list[dict[str, Any]], *verdicts: str) -> list[dict[str, Any]]:
    """Return the promises that some client has one of these verdicts on, in the order of ids."""
    found = {
        promise["id"]: promise
        for client in clients
        for promise in client["promises"]
        if promise["verdict"] in verdicts
    }
    return [found[name] for name in sorted(found)]


def _link(promise: dict[str, Any]) -> str:
    return f"[{promise['id']}](promises.md#{promise['id'].lower()})"


def _title(client: dict[str, Any]) -> str:
    return f"{NAMES[client['client']]} {client['version']}"
