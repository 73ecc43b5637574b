"""Findings as GitHub shows them beside a commit: one workflow command a broken promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS = {"failed": "error", "error": "error", "warned": "warning"}
"""The verdicts that are shown, each with its kind of annotation."""


def workflow_commands(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield a workflow command for each broken promise of a report.json, must before should.

    What does not count, as it is known or beyond the scope, is a notice.
    """
    for verdict, kind in KINDS.items():
        for promise in report["promises"]:
            if promise["verdict"] != verdict:
                continue
            beyond = report.get("scope") == "documents" and promise.get("scope") == "platform"
            shown = "notice" if beyond or promise.get("known") else kind
            title = f"{promise['id']} {promise['operation']} ({promise['level']})"
            text = " ".join(filter(None, [promise.get("text"), promise.get("message")]))
            yield f"::{shown} title={escaped(title, ':,')}::{escaped(text)}"


def escaped(text: str, more: str = "") -> str:
    """Return text in which nothing ends the command, or begins another one."""
    text = text.replace("%", "%25")
    for character in f"\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
