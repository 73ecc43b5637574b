"""Reading `events.jsonl`: one JSON object a line, written as things happened.

The suite may have been killed while it wrote, so the last line may be half a line: it is
left out and counted. A log that holds no `start` event is no log of ours and is refused.
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

# NaN and infinities are no JSON: they are read as words, so that no output repeats them bare.
DECODER = json.JSONDecoder(parse_constant=str)

Event: TypeAlias = dict[str, Any]


class UnreadableLogError(Exception):
    """There is no log here, or none that this version can read; the message says what to do."""


@define
class Log:
    """An open log. Iterate once over `events()`; then `at()` reads single events again."""

    path: Path
    file: BinaryIO
    unreadable: int = 0
    """Lines that were no JSON object: normally 0, or 1 after the writer was killed."""

    @classmethod
    def open(cls, directory: Path) -> Log:
        """Open the log of a report directory (or the file itself); raises UnreadableLogError."""
        path = directory / EVENTS if directory.is_dir() else directory
        try:
            return cls(path, path.open("rb"))
        except FileNotFoundError:
            hint = f"a directory that --report wrote holds {EVENTS}"
            raise UnreadableLogError(f"{path} does not exist; {hint}") from None
        except OSError as error:
            raise UnreadableLogError(f"{path} cannot be read: {error.strerror}") from None

    def events(self) -> Iterator[tuple[int, Event]]:
        """Yield every event with the offset of its line; raises UnreadableLogError without a start."""
        started = False
        offset = 0
        while line := self.file.readline(LONGEST_LINE):
            event = parse(line)
            if event is None:
                self.unreadable += bool(line.strip())
            elif started:
                yield offset, event
            else:
                self._check_start(event)
                started = True
                yield offset, event
            offset += len(line)
        if not started:
            raise UnreadableLogError(
                f"{self.path} is not a log of check-server: it has no start event"
            )

    def _check_start(self, event: Event) -> None:
        if event.get("event") != "start":
            found = str(event.get("event"))[:40]
            raise UnreadableLogError(
                f"{self.path} is not a log of check-server: "
                f"its first event is {found!r}, expected 'start'"
            )
        if event.get("schema") != SCHEMA:
            raise UnreadableLogError(
                f"{self.path} has schema {event.get('schema')!r} and this version reads {SCHEMA}; "
                f"it was written by actor-runs {event.get('version')}: use that version"
            )

    def at(self, offset: int) -> Event:
        """Return the event whose line begins at this offset, as `events()` gave it."""
        self.file.seek(offset)
        event = parse(self.file.readline(LONGEST_LINE))
        return event if event is not None else {}

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def parse(line: bytes) -> Event | None:
    """Return the event of one line, or None when it is not one JSON object with a kind."""
    try:
        event = DECODER.decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
