"""The first bank: memories of every kind, cases, history, embeddings, what was read and why, conversations, grants, pools."""

from __future__ import annotations

from typing import Any

SQL = """
CREATE TABLE memory (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile TEXT NOT NULL DEFAULT 'default',
    kind TEXT NOT NULL CHECK (kind IN ('case','lesson','fact','preference','instruction','correction','document','feedback')),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('proposed','active','archived','superseded','trashed')),
    pinned INTEGER NOT NULL DEFAULT 0,
    always_on INTEGER NOT NULL DEFAULT 0,
    origin TEXT NOT NULL CHECK (origin IN ('user','assistant','tool','web','import')),
    trust REAL NOT NULL DEFAULT 1.0,
    user_edited INTEGER NOT NULL DEFAULT 0,
    valid_from TEXT, valid_to TEXT,
    recorded_at TEXT NOT NULL,
    superseded_by INTEGER REFERENCES memory(id) DEFERRABLE INITIALLY DEFERRED,
    content_hash TEXT NOT NULL
) STRICT;
CREATE INDEX memory_kind ON memory (profile, kind, status);
CREATE INDEX memory_hash ON memory (content_hash);

CREATE TABLE case_detail (
    memory_id INTEGER PRIMARY KEY REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    task TEXT NOT NULL,
    plan TEXT NOT NULL DEFAULT '[]',
    outcome TEXT NOT NULL CHECK (outcome IN ('running','done','failed','cancelled','interrupted')),
    answer TEXT NOT NULL DEFAULT '',
    reward REAL CHECK (reward BETWEEN 0 AND 1),
    reward_source TEXT NOT NULL DEFAULT '' CHECK (reward_source IN ('','owner','check','self')),
    correction TEXT NOT NULL DEFAULT '',
    lesson TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    tokens INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    tainted INTEGER NOT NULL DEFAULT 0,
    runner TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE step (
    case_id INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL,
    task TEXT NOT NULL, tool TEXT NOT NULL, args TEXT NOT NULL, result TEXT NOT NULL,
    ok INTEGER NOT NULL, ms INTEGER NOT NULL,
    PRIMARY KEY (case_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    memory_id INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ref TEXT NOT NULL, quote TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX source_memory ON source (memory_id);
CREATE TABLE link (
    a INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    b INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    rel TEXT NOT NULL CHECK (rel IN ('duplicates','contradicts','supersedes','derived_from')),
    PRIMARY KEY (a, b, rel)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_back ON link (b);

CREATE TABLE txn (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, actor TEXT NOT NULL, label TEXT NOT NULL,
    undoes INTEGER REFERENCES txn(id),
    undone_by INTEGER REFERENCES txn(id)
) STRICT;
CREATE TABLE revision (
    txn_id INTEGER NOT NULL REFERENCES txn(id) ON DELETE CASCADE,
    memory_id INTEGER NOT NULL,
    before TEXT, after TEXT,
    PRIMARY KEY (txn_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX revision_memory ON revision (memory_id);

CREATE TABLE embedder (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE, dim INTEGER NOT NULL
) STRICT;
CREATE TABLE embedding (
    id INTEGER PRIMARY KEY,
    memory_id INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    chunk INTEGER NOT NULL,
    embedder_id INTEGER NOT NULL REFERENCES embedder(id),
    content_hash TEXT NOT NULL,
    UNIQUE (memory_id, chunk, embedder_id)
) STRICT;

CREATE TABLE retrieval (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_case INTEGER, query TEXT NOT NULL, policy TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX retrieval_case ON retrieval (task_case);
CREATE TABLE retrieval_hit (
    retrieval_id INTEGER NOT NULL REFERENCES retrieval(id) ON DELETE CASCADE,
    memory_id INTEGER NOT NULL,
    rank_text INTEGER, rank_vector INTEGER, score REAL NOT NULL, similarity REAL, q REAL,
    propensity REAL NOT NULL, shown INTEGER NOT NULL, why TEXT NOT NULL DEFAULT '{}', verdict TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (retrieval_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX retrieval_hit_memory ON retrieval_hit (memory_id);

-- How often a memory was read and whether it helped is derived from the readings and from what their tasks were worth, so that it
-- never drifts, and a verdict that is undone is undone here too.
CREATE VIEW usage AS
    SELECT h.memory_id, count(*) AS read, coalesce(sum(d.reward >= 0.5), 0) AS helpful, coalesce(sum(d.reward < 0.5), 0) AS harmful,
        max(r.at) AS last_used
    FROM retrieval_hit h JOIN retrieval r ON r.id = h.retrieval_id LEFT JOIN case_detail d ON d.memory_id = r.task_case
    WHERE h.shown GROUP BY h.memory_id;

CREATE TABLE tombstone (keyed_hash TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE session (id INTEGER PRIMARY KEY, title TEXT NOT NULL, started_at TEXT NOT NULL, temporary INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE message (
    session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
    n INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, case_id INTEGER,
    PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE "grant" (
    tool TEXT NOT NULL, scope TEXT NOT NULL, argument TEXT NOT NULL, until TEXT, PRIMARY KEY (tool, scope, argument)
) STRICT;
CREATE TABLE outside (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, case_id INTEGER, tool TEXT NOT NULL, payload TEXT NOT NULL, approved_by TEXT NOT NULL
) STRICT;
CREATE TABLE pool (id INTEGER PRIMARY KEY, path TEXT NOT NULL, key TEXT NOT NULL, trust REAL NOT NULL) STRICT;
CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE memory_text USING fts5 (title, body, tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO memory_text (memory_text, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE memory_terms USING fts5vocab (memory_text, row);
"""


def apply(db: Any) -> None:
    db.execute(SQL)
