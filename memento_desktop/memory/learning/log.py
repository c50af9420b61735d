"""The log of readings as evidence: which memory was shown for which task, how far it was followed, and what came of it.

The bank's tables are the only state of the learning. Nothing is added up beside them, so undoing a verdict, a task or a practice undoes
what was learnt from it, and relabelling a case re-computes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.learning.calibration import calibrated
from memento_desktop.memory.learning.credit import words
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.memories import read_as
from memento_desktop.memory.policy import FAR

TRUST = {"owner": 1.0, "check": 0.8, "practice": 0.8, "self": 0.25}
"""Weight of a reward by who gave it."""
MOST = 256
"""Readings of one memory that are looked at, the newest ones."""
REWARDED = "SELECT * FROM outcome_of_reading WHERE reward IS NOT NULL AND +profile = (SELECT profile FROM temp.this)"
KNOWN = f"{REWARDED} AND kind IN ('case', 'lesson')"
"""What the readers of cases learn from. Of one profile: what was learnt in another is not known here. The plus keeps SQLite from
starting at all memories of the profile."""


@dataclass(frozen=True)
class Evidence:
    """One reading of one memory whose task has a reward."""

    retrieval: int
    group: int
    """The task that was read for: readings of one group (a task and what was practised with it) never explain each other."""
    memory: int
    task: str
    vector: bytes | None
    embedder: int | None
    similarity: float | None
    """Cosine of the memory to the task; None when it was found by words alone."""
    score: float
    """Fused z-score of the search that found it."""
    propensity: float
    shown: bool
    far: bool
    """Whether it was not similar enough to be read at all."""
    nominated: bool
    """Whether the search had not found it."""
    practised: bool
    """Whether it is of no task's own reading: of practice, or the owner's word on one memory."""
    reward: float
    """In [0, 1]; a self-judgement is calibrated against the owner's verdicts."""
    weight: float
    """In [0, 1]: by who gave the reward, times how far the memory was followed."""


class Log:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def of(self, memories: Sequence[int], all_kinds: bool = False) -> list[Evidence]:
        """The evidence on these memories, the oldest first; of each the newest 256 readings. Of cases and lessons, which are chosen by
        it; with `all_kinds` of every memory."""
        known = REWARDED if all_kinds else KNOWN
        rows = self.bank.rows(
            f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY memory_id ORDER BY retrieval_id DESC) AS n FROM ({known}) "
            "WHERE shown AND read_id IN (SELECT value FROM json_each(?))) WHERE n <= ? ORDER BY retrieval_id, memory_id",
            json.dumps(read_as(self.bank, memories)), MOST,
        )  # fmt: skip
        return self._as_evidence(rows)

    def count(self) -> int:
        """Readings with a reward: what a learned reader can have learnt from."""
        return self.bank.one(f"SELECT count(DISTINCT retrieval_id) AS n FROM ({KNOWN}) WHERE shown")["n"]

    def digest(self, upto: int | None = None) -> tuple[int, str]:
        """The last reading with a reward (not after `upto`), and a digest of all evidence until then: any other evidence gives another.

        Each reading enters with its place, so that two changes do not cancel out; the verdicts that calibrate self-judgements enter too.
        """
        place = "(retrieval_id * 7919 + memory_id * 104729) % 1000003"
        row = self.bank.one(
            f"SELECT coalesce(max(retrieval_id), 0) AS last, count(*) AS n, coalesce(sum((CAST(reward * 10000 AS INTEGER) * 64 "
            f"+ instr('owner check practice self', source)) * ({place})), 0) AS rewards, "
            f"coalesce(sum(CAST(coalesce(followed, 1) * 10000 AS INTEGER) * ({place})), 0) AS credits FROM ({KNOWN}) "
            "WHERE shown AND retrieval_id <= ?",
            2**62 if upto is None else upto,
        )  # fmt: skip
        said = self.bank.one(
            "SELECT count(*) AS n, coalesce(sum(CAST(judged * 10000 AS INTEGER) * (1 + CAST(reward * 100 AS INTEGER))), 0) AS verdicts "
            "FROM case_detail JOIN memory ON id = memory_id WHERE judged IS NOT NULL AND reward_source = 'owner' AND profile = ?",
            self.bank.profile,
        )
        own = f"{said['n']}:{said['verdicts']}" if self._judges(upto) else ""
        return row["last"], f"{row['n']}:{row['rewards']}:{row['credits']}:{own}"

    def _judges(self, upto: int | None) -> bool:
        """Whether any reward of the evidence is a self-judgement, which the owner's verdicts calibrate."""
        sql = f"SELECT 1 FROM ({KNOWN}) WHERE shown AND source = 'self' AND retrieval_id <= ? LIMIT 1"
        return bool(self.bank.rows(sql, 2**62 if upto is None else upto))

    def newest(self, readings: int, upto: int = 2**62) -> list[list[Evidence]]:
        """The newest readings with a reward, the oldest first: for each all that was looked at, shown or not (those have weight 0)."""
        rows = self.bank.rows(
            f"SELECT * FROM ({KNOWN}) WHERE retrieval_id IN (SELECT DISTINCT retrieval_id FROM ({KNOWN}) WHERE shown AND retrieval_id <= ? "
            "ORDER BY retrieval_id DESC LIMIT ?) ORDER BY retrieval_id, memory_id",
            upto, readings,
        )  # fmt: skip
        grouped: dict[int, list[Evidence]] = {}
        for one in self._as_evidence(rows):
            grouped.setdefault(one.retrieval, []).append(one)
        return list(grouped.values())

    def tried(self, most: int) -> list[Row]:
        """The memories with the most evidence: memory_id, weight (readings, by how far they were followed), worth (mean reward)."""
        return self.bank.rows(
            "SELECT memory_id, sum(coalesce(followed, 1)) AS weight, sum(coalesce(followed, 1) * reward * iif(source = 'self', 0.25, 1)) / "
            "sum(coalesce(followed, 1) * iif(source = 'self', 0.25, 1)) AS worth "
            f"FROM ({KNOWN}) WHERE shown GROUP BY memory_id HAVING weight > 0 ORDER BY weight DESC, memory_id LIMIT ?",
            most,
        )

    def helpers(self, cases: Sequence[int], least: float = 0.5) -> list[int]:
        """Memories that were followed for these past tasks and that helped: worth looking at for a task like them."""
        rows = self.bank.rows(
            f"SELECT DISTINCT memory_id FROM ({KNOWN}) WHERE shown AND task_case IN (SELECT value FROM json_each(?)) AND reward >= ? "
            "AND coalesce(followed, 1) >= ? ORDER BY memory_id",
            json.dumps(list(cases)), least, least,
        )  # fmt: skip
        return [row["memory_id"] for row in rows]

    def _as_evidence(self, rows: Sequence[Row]) -> list[Evidence]:
        said = {row["reward"] for row in rows if row["source"] == "self"}
        verdicts = self._judged() if said else []
        believed = {reward: calibrated(reward, verdicts) for reward in said}
        return [
            Evidence(
                row["retrieval_id"], row["task_case"] or -row["retrieval_id"], row["memory_id"], row["query"], row["vector"],
                row["embedder_id"], row["similarity"], row["score"], row["propensity"], bool(row["shown"]),
                json.loads(row["why"]).get("reason") == FAR, bool(row["nominated"]), row["txn_id"] is not None,
                believed[row["reward"]] if row["source"] == "self" else row["reward"],
                TRUST[row["source"]] * (1.0 if row["followed"] is None else row["followed"]) if row["shown"] else 0.0,
            )
            for row in rows
        ]  # fmt: skip

    def _judged(self) -> list[tuple[float, float]]:
        """Self-judgements beside the owner's verdicts on the same cases."""
        rows = self.bank.rows(
            "SELECT judged, reward FROM case_detail JOIN memory ON id = memory_id WHERE judged IS NOT NULL AND reward_source = 'owner' "
            "AND profile = ?",
            self.bank.profile,
        )
        return [(row["judged"], row["reward"]) for row in rows]


def likeness(a: str, b: str) -> float:
    """How alike two tasks are by their words, in [0, 1]: the cosine of their sets of words. For readings without vectors."""
    one, other = words(kind_of_task(a)), words(kind_of_task(b))
    return len(one & other) / (len(one) * len(other)) ** 0.5 if one and other else 0.0
