"""What practice tries: past tasks whose right outcome is known, each with one of the memories that a task like it would read.

In daily use a memory is judged by what happened to be asked while it was shown, together with others. Practice makes the comparison: the
same task, the same recorded results, this memory alone. One practice is one change in the history: its readings count until it is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.learning.lessons import about, of_one_kind
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.policy import are_close
from memento_desktop.memory.reading import CASES, Reading
from memento_desktop.memory.records import Case, now
from memento_desktop.memory.search import Hit

RECENT = 400
"""Judged tasks that are looked at, the newest ones."""


@dataclass(frozen=True)
class Trial:
    """A known task to be done again with one memory."""

    case: Case
    hit: Hit
    propensity: float


class Practice:
    def __init__(self, bank: Bank, cases: Cases, reading: Reading, log: Log) -> None:
        self.bank, self.cases, self.reading, self.log = bank, cases, reading, log

    def known(self) -> list[Case]:
        """Tasks that the owner called good and that used a tool: their calls and results are on record. The newest first.

        A success that is older than a failure on the same kind of task may be right no longer: it is not practised.
        """
        rows = self.bank.rows(
            "SELECT d.memory_id FROM case_detail d JOIN memory m ON m.id = d.memory_id WHERE d.reward_source = 'owner' "
            "AND d.outcome IN ('done', 'failed') AND m.status = 'active' AND m.profile = ? ORDER BY d.memory_id DESC LIMIT ?",
            self.bank.profile, RECENT,
        )  # fmt: skip
        failed: list[frozenset[str]] = []
        found: list[Case] = []
        for case in self.cases.of([row["memory_id"] for row in rows]):
            kind = about(case)
            if not case.worked:
                failed.append(kind)
            elif any(step.ok and step.tool for step in case.steps) and not any(of_one_kind(kind, other) for other in failed):
                found.append(case)
        return found

    def trials(self) -> Iterator[Trial]:
        """What is worth trying, the memories that least is known of first; no memory twice on one task."""
        found = [(self._evidence(hit.memory_id), n, Trial(case, hit, share)) for n, (case, hit, share) in enumerate(self._pairs())]
        for _, _, one in sorted(found, key=lambda item: item[:2]):
            yield one

    def _pairs(self) -> Iterator[tuple[Case, Hit, float]]:
        for case in self.known():
            tried = {row["memory_id"] for row in self.bank.rows(
                "SELECT memory_id FROM outcome_of_reading WHERE task_case = ? AND txn_id IS NOT NULL AND shown", case.id
            )}  # fmt: skip
            read = self._as_read(case)
            hits = self.reading.search.find(case.task, CASES, 12, read["vector"], read["embedder_id"])
            hits = [hit for hit in hits if hit.memory_id != case.id]
            drawn = self._lessons_of(case)
            hits = [hit for hit in hits if hit.memory_id not in drawn]  # a lesson from this very task knows its answer
            near = [hit for hit, close in zip(hits, are_close(hits), strict=True) if close]
            for hit in near:
                if hit.memory_id not in tried:
                    yield case, hit, 1.0 / len(near)

    def _lessons_of(self, case: Case) -> set[int]:
        return {row["a"] for row in self.bank.rows("SELECT a FROM link WHERE b = ? AND rel = 'derived_from'", case.id)}

    def _as_read(self, case: Case) -> Row:
        """The vector of a task's own reading, with its embedder; nothing where it had none."""
        rows = self.bank.rows("SELECT vector, embedder_id FROM retrieval WHERE task_case = ? AND txn_id IS NULL LIMIT 1", case.id)
        return rows[0] if rows else {"vector": None, "embedder_id": None}

    def _evidence(self, memory_id: int) -> float:
        return sum(one.weight for one in self.log.of([memory_id]))

    def begin(self) -> int:
        """Opens a practice in the history. Returns its number."""
        with self.bank.writing():
            sql = "INSERT INTO txn (at, actor, label, profile) VALUES (?, 'assistant', 'practice', ?) RETURNING id"
            return self.bank.one(sql, now(), self.bank.profile)["id"]

    def record(self, txn: int, trial: Trial, reward: float, plan: Sequence[str]) -> None:
        """Keeps what a trial brought; it is on disk when this returns."""
        read, hit = self._as_read(trial.case), trial.hit
        with self.bank.writing():
            number = self.bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at, vector, embedder_id, txn_id, reward) "
                "VALUES (?,?,'practice',?,?,?,?,?) RETURNING id",
                trial.case.id, trial.case.task, now(), read["vector"], read["embedder_id"], txn, reward,
            )["id"]  # fmt: skip
            self.bank.rows(
                "INSERT INTO retrieval_hit (retrieval_id, memory_id, rank_text, rank_vector, score, similarity, propensity, shown) "
                "VALUES (?,?,?,?,?,?,?,1)",
                number, hit.memory_id, hit.rank_text, hit.rank_vector, hit.score, hit.similarity, trial.propensity,
            )  # fmt: skip
            self.reading.credit_reading(number, trial.case.task, plan)

    def end(self, txn: int) -> int:
        """Closes a practice; one that tried nothing leaves no trace. Returns the number of trials."""
        count = self.bank.one("SELECT count(*) AS n FROM retrieval WHERE txn_id = ?", txn)["n"]
        with self.bank.writing():
            if count:
                label = f"practice: {count} {'trial' if count == 1 else 'trials'}"
                self.bank.rows("UPDATE txn SET label = ? WHERE id = ?", label, txn)
            else:
                self.bank.rows("DELETE FROM txn WHERE id = ?", txn)
        return count
