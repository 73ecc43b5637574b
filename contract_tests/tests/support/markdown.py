"""What the pages that are rendered from the tests have in common."""

from collections.abc import Iterable, Iterator

RENDERED = "<!-- Rendered by `nox -s docs` from contract_tests/tests/support. Do not edit. -->"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a table."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
