"""The owner's word that a memory had nothing to do with a task counts as evidence against it, whatever became of the task."""

from __future__ import annotations

from typing import Any

SQL = """
DROP VIEW outcome_of_reading;
CREATE VIEW outcome_of_reading AS
    SELECT h.retrieval_id, CASE WHEN m.kind = 'lesson' AND m.status = 'superseded' THEN coalesce(m.superseded_by, m.id) ELSE h.memory_id END
        AS memory_id, h.memory_id AS read_id, m.kind, m.profile, h.score, h.similarity, h.propensity, h.followed, h.shown, h.why,
        h.rank_text IS NULL AND h.rank_vector IS NULL AS nominated, r.query, r.vector, r.embedder_id, r.at, r.txn_id, r.task_case, r.policy,
        d.judged, coalesce(r.reward, d.reward) AS reward,
        CASE WHEN r.policy = 'owner' THEN 'owner' WHEN r.txn_id IS NULL THEN d.reward_source ELSE 'practice' END AS source
    FROM retrieval_hit h JOIN retrieval r ON r.id = h.retrieval_id
    LEFT JOIN memory m ON m.id = h.memory_id
    LEFT JOIN case_detail d ON d.memory_id = r.task_case LEFT JOIN txn t ON t.id = r.txn_id
    WHERE t.undone_by IS NULL AND (r.task_case IS NULL OR d.memory_id IS NOT NULL)
    AND (r.txn_id IS NULL OR r.policy = 'owner' OR (d.reward_source = 'owner' AND d.reward >= 0.5));
"""


def apply(db: Any) -> None:
    db.execute(SQL)
