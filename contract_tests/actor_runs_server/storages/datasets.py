"""Items of datasets: stored as they were pushed, shaped when they are read."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actor_runs_server.records.database import Database, Page

Item = dict[str, Any]


@frozen(kw_only=True)
class Shape:
    """What is done with items before they are shown; each tuple names fields."""

    unwind: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    output_fields: tuple[str, ...] | None = None
    omit: tuple[str, ...] = ()
    flatten: tuple[str, ...] = ()
    skip_hidden: bool = False
    skip_empty: bool = False

    @property
    def plain(self) -> bool:
        """Whether items are shown as they were pushed."""
        return self == Shape()

    def apply(self, items: Iterable[Item]) -> list[Item]:
        """Return the shaped items."""
        for name in self.unwind:
            items = itertools.chain.from_iterable(_unwound(item, name) for item in items)
        shaped = [self._one(item) for item in items]
        return [item for item in shaped if item or not self.skip_empty]

    def _one(self, item: Item) -> Item:
        if self.fields is not None:
            names = self.output_fields or self.fields
            pairs = zip(self.fields, names, strict=False)
            item = {name: item[key] for key, name in pairs if key in item}
        hidden = self.skip_hidden
        item = {
            key: value
            for key, value in item.items()
            if key not in self.omit and not (hidden and key.startswith("#"))
        }
        return flattened(item, self.flatten, ".") if self.flatten else item


@frozen
class Datasets:
    """Appends and reads items."""

    database: Database

    def push(self, dataset: str, documents: Iterable[bytes]) -> None:
        """Append items, all or none."""
        self.database.write_many(
            "INSERT INTO items VALUES (?, ?)", ((dataset, document) for document in documents)
        )

    def count(self, dataset: str) -> int:
        """Return the number of items."""
        return int(self.database.one("SELECT count(*) FROM items WHERE dataset = ?", dataset))

    def clean_count(self, dataset: str) -> int:
        """Return the number of items that have a field which is not hidden."""
        statement = (
            "SELECT count(*) FROM items WHERE dataset = ? AND EXISTS (SELECT 1 FROM "
            "json_each(CAST(document AS TEXT)) WHERE substr(key, 1, 1) != '#')"
        )
        return int(self.database.one(statement, dataset))

    def size(self, dataset: str) -> int:
        """Return the bytes of all items."""
        statement = "SELECT total(length(document)) FROM items WHERE dataset = ?"
        return int(self.database.one(statement, dataset))

    def documents(self, dataset: str, page: Page) -> list[bytes]:
        """Return one page of the items as they were pushed."""
        direction = "DESC" if page.newest_first else "ASC"
        documents: list[bytes] = self.database.column(
            f"SELECT document FROM items WHERE dataset = ? ORDER BY rowid {direction} "  # noqa: S608
            "LIMIT ? OFFSET ?",
            dataset,
            page.limit,
            page.offset,
        )
        return documents

    def fields(self, dataset: str) -> list[str]:
        """Return the names of the fields of all items."""
        statement = (
            "SELECT DISTINCT field.key FROM items, json_each(CAST(items.document AS TEXT)) AS field "
            "WHERE dataset = ? ORDER BY field.key"
        )
        return self.database.column(statement, dataset)


def decoded(documents: Iterable[bytes]) -> Iterator[Item]:
    """Return the items of documents."""
    return (msgspec.json.decode(document) for document in documents)


def flattened(item: Item, names: Iterable[str] | None, separator: str) -> Item:
    """Return an item whose nested values, those of some fields or of all, have one level."""
    wanted = None if names is None else set(names)
    result: Item = {}
    for key, value in item.items():
        if wanted is None or key in wanted:
            result.update(_levels(key, value, separator))
        else:
            result[key] = value
    return result


def _levels(key: str, value: object, separator: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict | list) and value:
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from _levels(f"{key}{separator}{name}", member, separator)
    else:
        yield key, value


def _unwound(item: Item, name: str) -> list[Item]:
    """Return an item for each element of a field, merged with the rest; itself if it has none."""
    rest = {key: value for key, value in item.items() if key != name}
    value = item.get(name)
    if isinstance(value, dict):
        return [rest | value]
    if isinstance(value, list):
        parts = [part if isinstance(part, dict) else {name: part} for part in value]
        return [rest | part for part in parts]
    return [item]
