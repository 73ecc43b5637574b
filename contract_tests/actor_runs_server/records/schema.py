"""The tables of the database."""

from __future__ import annotations

from typing import Final

# Raised whenever the tables, or the documents in them, change.
VERSION: Final = 2
SCHEMA: Final = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, actor TEXT NOT NULL, task TEXT, status TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (user, started_at);
CREATE INDEX runs_unfinished ON runs (finished) WHERE finished = 0;
CREATE TABLE tasks (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE storages (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, user TEXT NOT NULL, name TEXT, title TEXT, run TEXT,
    general_access TEXT, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
    accessed_at INTEGER NOT NULL, UNIQUE (user, kind, name)) WITHOUT ROWID;
CREATE INDEX storages_by_run ON storages (run);
CREATE TABLE key_values (
    store TEXT, key TEXT, content_type TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (store, key)) WITHOUT ROWID;
CREATE TABLE items (dataset TEXT NOT NULL, document BLOB NOT NULL);
CREATE INDEX items_by_dataset ON items (dataset);
CREATE TABLE requests (
    queue TEXT, id TEXT, place REAL, handled INTEGER NOT NULL, locked_until INTEGER NOT NULL,
    locked_by TEXT, document BLOB NOT NULL, PRIMARY KEY (queue, id)) WITHOUT ROWID;
CREATE INDEX requests_in_order ON requests (queue, place) WHERE handled = 0;
CREATE TABLE queue_clients (queue TEXT, client TEXT, PRIMARY KEY (queue, client)) WITHOUT ROWID;
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, run TEXT, actor TEXT, task TEXT,
    idempotency_key TEXT, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
    document BLOB NOT NULL, UNIQUE (user, idempotency_key)) WITHOUT ROWID;
CREATE INDEX webhooks_by_run ON webhooks (run);
CREATE TABLE dispatches (
    id TEXT PRIMARY KEY, webhook TEXT NOT NULL, user TEXT NOT NULL, run TEXT,
    created_at INTEGER NOT NULL, pending INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX dispatches_by_webhook ON dispatches (webhook);
CREATE INDEX dispatches_by_run ON dispatches (run);
CREATE INDEX dispatches_pending ON dispatches (pending) WHERE pending = 1;
"""
