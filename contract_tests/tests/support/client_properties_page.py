"""docs/client-properties.md: what Schemathesis checks of the client, and what no call can say."""

from collections.abc import Iterator

from tests.support.contract_judge import parameters
from tests.support.drawn_calls import ARGUMENTS, METHODS, UNSAYABLE, UPDATE
from tests.support.markdown import RENDERED, table


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
    yield from ("", "## What a case becomes", "")
    yield from table(("operation", "method", "arguments"), _calls())
    yield from ("", "## What no call can say", "")
    yield from table(("what Schemathesis draws", "why no call says it"), UNSAYABLE.items())
    yield ""
    yield (
        "Ids with `/`, a backslash or characters that cannot be printed, and the ids `.` and `..`, are "
        "refused although the contract allows them: they would lead to another path."
    )


def _calls() -> Iterator[tuple[str, str, str]]:
    for operation, method in METHODS.items():
        names = [*parameters(operation), *(UPDATE if operation == "updateRun" else ())]
        arguments = [f"`{ARGUMENTS[name]}` for `{name}`" for name in names]
        arguments += ["`task_input` for the body"] if operation == "runTask" else []
        yield operation, f"`{method}`", ", ".join(arguments)
