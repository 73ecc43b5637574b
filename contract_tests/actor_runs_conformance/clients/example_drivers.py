"""Drivers to begin with, one a language: the project's own, for `--write-driver`."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen


@frozen
class Example:
    """A driver of the project: its file, what it drives, and the program that starts it."""

    file: str
    drives: str
    program: str


EXAMPLES = {
    ".py": Example("actor_runs_driver.py", "the client of this package", "python"),
    ".mjs": Example("apify-client-driver.mjs", "apify-client of npm", "node"),
    ".sh": Example("curl_driver.sh", "curl and jq", "sh"),
}
"""The drivers by how their files end."""


def read_new_driver(text: str) -> Path:
    """Read the path of a driver that does not exist yet."""
    path = Path(text)
    if path.suffix not in EXAMPLES:
        raise ValueError(f"{text!r} ends with none of {', '.join(EXAMPLES)}")
    if path.exists():
        raise ValueError(f"{text!r} exists already; give the name of a new file")
    return path


def write_driver(path: Path) -> str:
    """Write the driver for this ending, and return what to do with it.

    Raises:
        OSError: the file cannot be written.
    """
    example, here = EXAMPLES[path.suffix], Path(__file__).parent
    inside = here / "drivers"  # Where a wheel has them.
    folder = inside if inside.is_dir() else here.parents[1] / "client_drivers"
    path.write_text((folder / example.file).read_text(encoding="utf-8"), encoding="utf-8")
    return (
        f"Wrote {path}, which drives {example.drives}. Put the calls of your client in place of its "
        f"calls, then:\n  actor-runs check-client --profile quick -- {example.program} {path}\n"
    )
