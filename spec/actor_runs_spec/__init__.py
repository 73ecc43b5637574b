"""What is promised: the contract, its ledger and the documents' examples, as data."""

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["contract_path", "examples_path", "ledger_path"]


def contract_path() -> Traversable:
    """Return where `openapi.yaml` lies, the contract in OpenAPI 3.1."""
    return files(__name__) / "openapi.yaml"


def ledger_path() -> Traversable:
    """Return the folder of the ledger: `*.yaml`, one entry a promise, and its JSON Schema."""
    return files(__name__) / "ledger"


def examples_path() -> Traversable:
    """Return the folder of the documents' seven example answers, `*.json`."""
    return files(__name__) / "examples"
