"""docs/client-properties.md: what Schemathesis checks of the client, and what no call can say."""

from collections.abc import Iterator

from tests.support.contract_judge import parameters
from tests.support.drawn_calls import ARGUMENTS, METHODS, UNSAYABLE, UPDATE

RENDERED = "<!-- Rendered by `nox -s docs` from contract_tests/tests/support. Do not edit. -->"


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (RENDERED, "", "# What is drawn for the client", "")
    yield (
        "`nox -s client-properties` lets Schemathesis draw requests and answers from the contract. Each "
        "case becomes a call: a value that the contract allows is sent as it was drawn, and one that "
        "it forbids is refused before anything is sent. An answer that keeps the contract comes back "
        "as it was, and one that does not raises an error that points to a value that is wrong. "
        "What is allowed is judged by the contract, not by the client's own validation."
    )
    yield from (
        "",
        "## What a case becomes",
        "",
        "| operation | method | arguments |",
        "|---|---|---|",
    )
    for operation, method in METHODS.items():
        names = [*parameters(operation), *(UPDATE if operation == "updateRun" else ())]
        told = [f"`{ARGUMENTS[name]}` for `{name}`" for name in names]
        told += ["`task_input` for the body"] if operation == "runTask" else []
        yield f"| {operation} | `{method}` | {', '.join(told)} |"
    yield from (
        "",
        "## What no call can say",
        "",
        "| what Schemathesis draws | why no call says it |",
    )
    yield "|---|---|"
    yield from (f"| {what} | {why} |" for what, why in UNSAYABLE.items())
    yield ""
    yield (
        "Ids with `/`, a backslash or characters that cannot be printed, and the ids `.` and `..`, are "
        "refused although the contract allows them: they would lead to another path."
    )
