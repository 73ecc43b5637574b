"""Reading `events.jsonl`: one JSON object a line, written as things happened.

The suite may have been killed while it wrote, so the last line may be half a line: it is
left out and counted. A file that does not begin with a `start` event is refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = "events.jsonl"
SCHEMA = 1
# A log opens with its start event; anything longer than this before it is another file.
LONGEST_LINE = 64 * 1024 * 1024

# JSON has no NaN and no infinities: they are read as strings, so that all output stays JSON.
DECODER = json.JSONDecoder(parse_constant=str)

Event: TypeAlias = dict[str, Any]


class UnreadableLogError(Exception):
    """There is no log, or this version cannot read it; the message says what to do."""


@define
class Log:
    """An open log: `events()` reads it from its beginning, `at()` single events again."""

    path: Path
    file: BinaryIO
    start: Event
    """The first event."""
    unreadable: int = 0
    """Lines that `events()` left out: normally 0, or 1 after the writer was killed."""

    @classmethod
    def open(cls, directory: Path) -> Log:
        """Open the log of a report directory (or the file itself); raises UnreadableLogError."""
        path = directory / EVENTS if directory.is_dir() else directory
        try:
            file = path.open("rb")
            line = file.readline(LONGEST_LINE)
        except FileNotFoundError:
            hint = f"expected a directory that --report wrote, with {EVENTS} in it"
            raise UnreadableLogError(f"{path} does not exist; {hint}") from None
        except OSError as error:
            raise UnreadableLogError(f"{path} cannot be read: {error.strerror}") from None
        try:
            return cls(path, file, check_start(path, parse(line)))
        except UnreadableLogError:
            file.close()
            raise

    def events(self) -> Iterator[tuple[int, Event]]:
        """Yield every event with the offset of its line."""
        self.unreadable = 0
        offset = 0
        self.file.seek(offset)
        while line := self.file.readline(LONGEST_LINE):
            event = parse(line)
            if event is not None:
                yield offset, event
            elif line.strip():
                self.unreadable += 1
            offset += len(line)

    def at(self, offset: int) -> Event | None:
        """Return the event whose line begins at this offset, as `events()` gave it."""
        self.file.seek(offset)
        return parse(self.file.readline(LONGEST_LINE))

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def check_start(path: Path, event: Event | None) -> Event:
    """Return a log's first event; raises UnreadableLogError when it is not a start event of a schema that is known."""
    if event is None or event["event"] != "start":
        found = "no event" if event is None else f"the event {event['event'][:40]!r}"
        raise UnreadableLogError(
            f"{path} is not a log of check-server: it begins with {found}, expected 'start'"
        )
    if event.get("schema") != SCHEMA:
        version = event.get("version")
        known = isinstance(version, str) and version
        raise UnreadableLogError(
            f"{path} has schema {event.get('schema')!r} and this version reads {SCHEMA}: use "
            + (f"actor-runs {version}, which wrote it" if known else "the version that wrote it")
        )
    return event


def parse(line: bytes) -> Event | None:
    """Return the event of one line, or None when it is not one JSON object with a kind."""
    try:
        event = DECODER.decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
