"""Which promise a field of the Run object is about, as the pointers of the ledger say."""

from actor_runs_conformance.ledger import contract, ledger

PROMISES: dict[str, str] = {}
"""The promise that comes first in the ledger, by dotted path."""

for promise in ledger.load():
    if promise.subject == "run-object" and promise.server.check:
        for field in contract.fields().values():
            if field.pointer in promise.pointers:
                PROMISES.setdefault(field.path, promise.id)


def about(path: str) -> str:
    """Return the promise about a field, or about the nearest object that it lies in."""
    while path and path not in PROMISES:
        path = path.rpartition(".")[0]
    return PROMISES[path]
