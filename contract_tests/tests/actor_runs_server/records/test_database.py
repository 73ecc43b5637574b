"""A database that this version cannot use is refused at the start with a sentence."""

import sqlite3
from contextlib import closing

import pytest

from actor_runs_server.records.database import Database
from actor_runs_server.storages.key_values import KeyValues

CHANGES = {
    "an older version": ("PRAGMA user_version = 0", "has version 0, this server reads version"),
    "a newer version": ("PRAGMA user_version = 99", "has version 99, this server reads version"),
    "an extra column": ("ALTER TABLE runs ADD COLUMN more TEXT", "is damaged: its tables"),
    "a table that is missing": ("DROP TABLE items", "is damaged: its tables"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_schema_is_refused(tmp_path, change):
    """The message says what is wrong and what to do."""
    path = tmp_path / "runs.sqlite"
    Database(path).close()
    statement, message = CHANGES[change]
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
    with pytest.raises(sqlite3.DatabaseError, match=message) as refused:
        Database(path)
    assert "Give another --data directory" in str(refused.value)


def test_flipped_bits_are_found(tmp_path):
    """A damaged file is refused, not served until the first query fails."""
    path = tmp_path / "runs.sqlite"
    database = Database(path)
    for number in range(2_000):
        KeyValues(database).put("store", f"key {number}", "text/plain", b"x" * 100)
    database.close()
    content = bytearray(path.read_bytes())
    content[40_000:60_000] = bytes(20_000)
    path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError, match="damaged"):
        Database(path)


def test_its_own_database_is_opened_again(tmp_path):
    """What was written is there after the next opening."""
    path = tmp_path / "runs.sqlite"
    first = Database(path)
    KeyValues(first).put("store", "key", "text/plain", b"value")
    first.close()
    second = Database(path)
    assert KeyValues(second).get("store", "key") == ("text/plain", b"value")
    second.close()
