"""What learning needs: the vector of each query, how far a reading was followed, self-judgements, readings of practice, trained heads."""

from __future__ import annotations

import json
from typing import Any

SQL = """
ALTER TABLE case_detail DROP COLUMN lesson;
ALTER TABLE case_detail ADD COLUMN judged REAL CHECK (judged BETWEEN 0 AND 1);

ALTER TABLE retrieval ADD COLUMN vector BLOB;
ALTER TABLE retrieval ADD COLUMN embedder_id INTEGER REFERENCES embedder(id);
ALTER TABLE retrieval ADD COLUMN txn_id INTEGER REFERENCES txn(id);
ALTER TABLE retrieval ADD COLUMN reward REAL CHECK (reward BETWEEN 0 AND 1);
ALTER TABLE retrieval_hit ADD COLUMN followed REAL CHECK (followed BETWEEN 0 AND 1);

CREATE TABLE learned (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL CHECK (what IN ('neural', 'standing')),
    at TEXT NOT NULL,
    upto INTEGER NOT NULL, digest TEXT NOT NULL,
    state BLOB NOT NULL
) STRICT;

-- Each reading of a memory with what came of it. A lesson that was merged into another passes its readings on to it. Readings of practice
-- carry their own reward and the change they belong to, which can be undone; they count while the outcome they were held to is called good.
CREATE VIEW outcome_of_reading AS
    SELECT h.retrieval_id, CASE WHEN m.kind = 'lesson' AND m.status = 'superseded' THEN coalesce(m.superseded_by, m.id) ELSE h.memory_id END
        AS memory_id, h.memory_id AS read_id, m.kind, h.score, h.similarity, h.propensity, h.followed, h.shown, h.why,
        h.rank_text IS NULL AND h.rank_vector IS NULL AS nominated, r.query, r.vector, r.embedder_id, r.at, r.txn_id, r.task_case, d.judged,
        coalesce(r.reward, d.reward) AS reward, CASE WHEN r.txn_id IS NULL THEN d.reward_source ELSE 'practice' END AS source
    FROM retrieval_hit h JOIN retrieval r ON r.id = h.retrieval_id
    LEFT JOIN memory m ON m.id = h.memory_id
    LEFT JOIN case_detail d ON d.memory_id = r.task_case LEFT JOIN txn t ON t.id = r.txn_id
    WHERE t.undone_by IS NULL AND (r.task_case IS NULL OR d.memory_id IS NOT NULL)
    AND (r.txn_id IS NULL OR (d.reward_source = 'owner' AND d.reward >= 0.5));

-- How often a memory was read and whether it helped is derived from that view, so that it never drifts.
DROP VIEW usage;
CREATE INDEX memory_merged ON memory (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX memory_always ON memory (profile, id) WHERE status = 'active' AND (always_on OR pinned) AND kind != 'case';
CREATE INDEX retrieval_practice ON retrieval (txn_id) WHERE txn_id IS NOT NULL;
CREATE INDEX case_judged ON case_detail (judged, reward) WHERE judged IS NOT NULL AND reward_source = 'owner';
CREATE INDEX retrieval_shown ON retrieval_hit (retrieval_id, memory_id, followed) WHERE shown;
"""


def apply(db: Any) -> None:
    db.execute(SQL)
    for (embedder,) in list(db.execute("SELECT id FROM embedder")):  # cases are embedded by their kind of task from now on
        stale = f"SELECT e.id FROM embedding e JOIN memory m ON m.id = e.memory_id WHERE e.embedder_id = {embedder} AND m.kind = 'case'"
        for (row,) in list(db.execute(stale)):
            db.execute(f"DELETE FROM vector_{embedder} WHERE rowid = ?", (row,))
            db.execute("DELETE FROM embedding WHERE id = ?", (row,))
    for txn, memory, before, after in list(db.execute("SELECT txn_id, memory_id, before, after FROM revision")):
        db.execute("UPDATE revision SET before = ?, after = ? WHERE txn_id = ? AND memory_id = ?", (_now(before), _now(after), txn, memory))


def _now(state: str | None) -> str | None:
    """An earlier state of a memory, in the columns of today: what was kept of the past must still be what undo compares with."""
    if state is None:
        return None
    kept = json.loads(state)
    for row in kept["case_detail"]:
        row.pop("lesson", None)
        row["judged"] = None
    return json.dumps(kept)
