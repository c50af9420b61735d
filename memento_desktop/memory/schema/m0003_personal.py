"""Personal memory: profiles apart, conversations, watched files, places in a source, memories of shared pools, what the owner waved off."""

from __future__ import annotations

import json
from typing import Any

from memento_desktop.memory.tokens import reindex

SQL = """
ALTER TABLE memory ADD COLUMN pool TEXT NOT NULL DEFAULT '';
CREATE INDEX memory_pool ON memory (pool) WHERE pool != '';
CREATE INDEX memory_recorded ON memory (profile, recorded_at);
ALTER TABLE source ADD COLUMN locator TEXT NOT NULL DEFAULT '';
CREATE INDEX source_ref ON source (ref);

ALTER TABLE txn ADD COLUMN profile TEXT NOT NULL DEFAULT 'default';
ALTER TABLE learned ADD COLUMN profile TEXT NOT NULL DEFAULT 'default';

-- Conversations, verbatim. What is said in them is found by windows of three turns, made when a message is written: the line itself, what
-- was said just before and after it, and the conversation's title, each with a weight of its own.
DROP TABLE message;
DROP TABLE session;
CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile TEXT NOT NULL DEFAULT 'default',
    title TEXT NOT NULL,
    started_at TEXT NOT NULL,
    origin TEXT NOT NULL DEFAULT 'memento',
    ref TEXT NOT NULL DEFAULT '',
    trashed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX session_ref ON session (profile, ref) WHERE ref != '';
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    case_id INTEGER,
    UNIQUE (session_id, n)
) STRICT;
CREATE INDEX message_case ON message (case_id) WHERE case_id IS NOT NULL;
CREATE TABLE message_embedding (
    message_id INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    embedder_id INTEGER NOT NULL REFERENCES embedder(id),
    content_hash TEXT NOT NULL,
    PRIMARY KEY (message_id, embedder_id)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE message_text USING fts5 (said, near, title, tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE message_terms USING fts5vocab (message_text, row);
CREATE TABLE session_revision (
    txn_id INTEGER NOT NULL REFERENCES txn(id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL,
    before TEXT, after TEXT,
    PRIMARY KEY (txn_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_revision_session ON session_revision (session_id);

-- Files that documents came from, as they were when they were read: bookkeeping, made anew by reading them again.
CREATE TABLE document_file (
    profile TEXT NOT NULL, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, read_at TEXT NOT NULL, missing_since TEXT,
    digest TEXT NOT NULL DEFAULT '', -- of the passages that it was cut into
    PRIMARY KEY (profile, path)
) STRICT, WITHOUT ROWID;

-- Proposals to tidy up that the owner said no to: not made again. `b` is 0 where only one memory is concerned.
CREATE TABLE dismissed (
    profile TEXT NOT NULL, what TEXT NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL,
    PRIMARY KEY (what, a, b)
) STRICT, WITHOUT ROWID;

DROP VIEW outcome_of_reading;
CREATE VIEW outcome_of_reading AS
    SELECT h.retrieval_id, CASE WHEN m.kind = 'lesson' AND m.status = 'superseded' THEN coalesce(m.superseded_by, m.id) ELSE h.memory_id END
        AS memory_id, h.memory_id AS read_id, m.kind, m.profile, h.score, h.similarity, h.propensity, h.followed, h.shown, h.why,
        h.rank_text IS NULL AND h.rank_vector IS NULL AS nominated, r.query, r.vector, r.embedder_id, r.at, r.txn_id, r.task_case, d.judged,
        coalesce(r.reward, d.reward) AS reward, CASE WHEN r.txn_id IS NULL THEN d.reward_source ELSE 'practice' END AS source
    FROM retrieval_hit h JOIN retrieval r ON r.id = h.retrieval_id
    LEFT JOIN memory m ON m.id = h.memory_id
    LEFT JOIN case_detail d ON d.memory_id = r.task_case LEFT JOIN txn t ON t.id = r.txn_id
    WHERE t.undone_by IS NULL AND (r.task_case IS NULL OR d.memory_id IS NOT NULL)
    AND (r.txn_id IS NULL OR (d.reward_source = 'owner' AND d.reward >= 0.5));
"""


def apply(db: Any) -> None:
    db.execute(SQL)
    reindex(db)
    for txn, memory, before, after in list(db.execute("SELECT txn_id, memory_id, before, after FROM revision")):
        db.execute("UPDATE revision SET before = ?, after = ? WHERE txn_id = ? AND memory_id = ?", (_now(before), _now(after), txn, memory))


def _now(state: str | None) -> str | None:
    """An earlier state of a memory, in the columns of today: what was kept of the past must still be what undo compares with."""
    if state is None:
        return None
    kept = json.loads(state)
    kept["memory"]["pool"] = ""
    for row in kept["source"]:
        row["locator"] = ""
        row.pop("id", None)
    return json.dumps(kept)
