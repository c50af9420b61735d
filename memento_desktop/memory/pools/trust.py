"""How far an author's memories are believed: learnt from what tasks that read them came to, beside what comparable tasks came to.

A reading counts as evidence by who rewarded its task and by how far the plan followed the memory. What is judged is not the reward itself,
which tells of easy and hard tasks, but how it differs from what was expected of such a task without this author. Half of the difference is
a success between 0 and 1, and successes are added to a Beta prior. An author of whom nothing is known stands somewhat below the owner's own
memories, and one that helps again and again comes up to them, and little above.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.learning.credit import words
from memento_desktop.memory.learning.log import TRUST
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.search import Hit

EVEN = 0.5
"""Tasks come out as well as without: where the owner's own memories stand."""
PRIOR = 0.4
"""Of an author of whom nothing is known."""
PRIOR_WEIGHT = 4.0
"""So many readings count as much as that."""
GAIN = 1.0
"""Fused z-scores per unit of log-odds."""
LOWEST, HIGHEST = -3.0, 0.25
"""Bounds of the shift, in fused z-scores."""
EXPECTED = 0.7
"""What a task comes to where nothing is known of any."""
EXPECTED_WEIGHT = 2.0
"""That counts as much as so many tasks, and the mean of all tasks as much as so many comparable ones."""
NEWEST, COMPARED = 64, 256
"""Readings of an author, and tasks they are compared with, that are looked at: the newest ones."""


@dataclass(frozen=True)
class Outcome:
    """A task that was read for: its words, and what it was worth in [0, 1].

    `weight` is in [0, 1]: by who said what it was worth, and by how far the memory was followed.
    """

    words: frozenset[str]
    reward: float
    weight: float


@dataclass(frozen=True)
class Belief:
    """A Beta posterior by its mean in (0, 1) and how much evidence it rests on, in readings."""

    mean: float = PRIOR
    evidence: float = 0.0


def belief(outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> Belief:
    """What the readings of an author's memories say, against tasks for which none of theirs was read. Order does not matter; a higher
    reward never lowers the mean."""
    success = sum(one.weight * (1.0 + one.reward - expected(one, others)) / 2.0 for one in outcomes)
    weight = sum(one.weight for one in outcomes)
    return Belief((PRIOR * PRIOR_WEIGHT + success) / (PRIOR_WEIGHT + weight), weight)


def expected(task: Outcome, others: Sequence[Outcome]) -> float:
    """What a task like this came to without the author: the mean of the others, weighted by how alike they are (cosine of their words),
    shrunk to the mean of all of them, and that to a constant."""
    total = sum(other.weight for other in others)
    mean = (EXPECTED_WEIGHT * EXPECTED + sum(other.weight * other.reward for other in others)) / (EXPECTED_WEIGHT + total)
    good, mass = EXPECTED_WEIGHT * mean, EXPECTED_WEIGHT
    for other in others:
        common = len(task.words & other.words)
        if common:
            near = other.weight * common / math.sqrt(len(task.words) * len(other.words))
            good, mass = good + near * other.reward, mass + near
    return good / mass


def trust_shift(mean: float) -> float:
    """What is added to the fused z-score of an author's memories: GAIN · log-odds(mean), bounded; 0 where the owner's own stand.

    Args:
        mean: of the Beta posterior, in (0, 1).
    """
    return min(HIGHEST, max(LOWEST, GAIN * (math.log(mean) - math.log1p(-mean))))


class Trust:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def of(self, key: str) -> Belief:
        """What is believed of an author, in any pool. Readings of memories that are gone by now count too."""
        rows = self.bank.rows(
            "SELECT o.query, o.reward, o.source, coalesce(o.followed, 1) AS followed FROM pool_memory p "
            "JOIN outcome_of_reading o ON o.read_id = p.memory_id WHERE p.profile = ? AND p.author = ? AND o.shown "
            "AND o.reward IS NOT NULL ORDER BY o.retrieval_id DESC LIMIT ?",
            self.bank.profile, key, NEWEST,
        )  # fmt: skip
        return belief([_outcome(row) for row in rows], self._others(key)) if rows else Belief()

    def _others(self, key: str) -> list[Outcome]:
        """The newest tasks for which nothing of this author was shown."""
        rows = self.bank.rows(
            "SELECT r.query, coalesce(r.reward, d.reward) AS reward, d.reward_source AS source, 1 AS followed FROM retrieval r "
            "JOIN case_detail d ON d.memory_id = r.task_case JOIN memory m ON m.id = d.memory_id "
            "WHERE r.txn_id IS NULL AND d.reward IS NOT NULL AND m.profile = ? AND NOT EXISTS (SELECT 1 FROM retrieval_hit h "
            "JOIN pool_memory p ON p.memory_id = h.memory_id WHERE h.retrieval_id = r.id AND h.shown AND p.author = ?) "
            "ORDER BY r.id DESC LIMIT ?",
            self.bank.profile, key, COMPARED,
        )  # fmt: skip
        return [_outcome(row) for row in rows]

    def adjust(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits ranked anew, with what is known of the authors of those that came from pools; others keep their scores."""
        rows = self.bank.rows(
            "SELECT p.memory_id, p.author FROM pool_memory p JOIN memory m ON m.id = p.memory_id WHERE m.pool != '' "
            "AND p.memory_id IN (SELECT value FROM json_each(?))",
            json.dumps([hit.memory_id for hit in hits]),
        )  # fmt: skip
        if not rows:
            return list(hits)
        shifts = {author: trust_shift(self.of(author).mean) for author in {row["author"] for row in rows}}
        return shifted(hits, {row["memory_id"]: shifts[row["author"]] for row in rows})


def shifted(hits: Sequence[Hit], shifts: Mapping[int, float]) -> list[Hit]:
    """Hits with these shifts added to their scores, the best first."""
    moved = [replace(hit, score=hit.score + shifts[hit.memory_id]) if hit.memory_id in shifts else hit for hit in hits]
    return sorted(moved, key=lambda hit: -hit.score)


def _outcome(row: Row) -> Outcome:
    weight = TRUST.get(row["source"] or "self", TRUST["self"]) * row["followed"]
    return Outcome(frozenset(words(kind_of_task(row["query"]))), row["reward"], weight)
