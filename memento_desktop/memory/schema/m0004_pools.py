"""Shared pools: which are read, whose files in them are trusted and how far they were read, what was published, and what waits to be."""

from __future__ import annotations

from typing import Any

SQL = """
DROP TABLE pool;
CREATE TABLE pool (
    profile TEXT NOT NULL, id TEXT NOT NULL,
    path TEXT NOT NULL, name TEXT NOT NULL, joined_at TEXT NOT NULL, synced_at TEXT, left_at TEXT,
    PRIMARY KEY (profile, id)
) STRICT, WITHOUT ROWID;

-- The authors of a pool: those that were trusted, and this profile itself. `n` and `hash` are of the last record that was read or written.
CREATE TABLE pool_author (
    profile TEXT NOT NULL, pool TEXT NOT NULL, key TEXT NOT NULL,
    name TEXT NOT NULL, trusted_at TEXT, n INTEGER NOT NULL DEFAULT 0, hash TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (profile, pool, key)
) STRICT, WITHOUT ROWID;

-- Which memory was read from which author. Kept when the memory goes, so that nobody gets rid of what is known of an author's worth by
-- withdrawing what was bad.
CREATE TABLE pool_memory (
    memory_id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL, pool TEXT NOT NULL, author TEXT NOT NULL, record TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE INDEX pool_memory_author ON pool_memory (profile, author);

-- What this profile published: the record of each memory, its text as a digest.
CREATE TABLE pool_published (
    profile TEXT NOT NULL, pool TEXT NOT NULL, memory_id INTEGER NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL, content_hash TEXT NOT NULL, at TEXT NOT NULL, withdrawn_at TEXT,
    PRIMARY KEY (profile, pool, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pool_published_record ON pool_published (pool, record);

-- Signed lines on their way into the pool's folder; gone when they are there.
CREATE TABLE pool_outbox (
    profile TEXT NOT NULL, pool TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, line BLOB NOT NULL,
    PRIMARY KEY (profile, pool, n)
) STRICT, WITHOUT ROWID;
"""


def apply(db: Any) -> None:
    db.execute(SQL)
