"""Figures of the bank: what is in it, cases over time, success with and without memory, what helped most and what harmed.

All of it is counted from the bank at each call; see `usage` for what counts as helping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Memory

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.columns import Columns


@dataclass(frozen=True)
class Success:
    """Tasks that have a reward, and those of them that went well."""

    tasks: int
    good: int

    @property
    def rate(self) -> float | None:
        """In [0, 1]; None without any task."""
        return self.good / self.tasks if self.tasks else None


@dataclass(frozen=True)
class Week:
    """One week of the owner's calendar."""

    start: str
    """Its Monday."""
    cases: int
    """Tasks that began in it, with a reward or without."""
    with_memory: Success
    """Those for which a case or a lesson was read."""
    without_memory: Success


@dataclass(frozen=True)
class Worth:
    """A memory and what came of the tasks that it was read for."""

    memory: Memory
    read: int
    helped: int
    harmed: int


@dataclass(frozen=True)
class Figures:
    """All figures."""

    kinds: dict[str, int]
    """Memories in use, by kind."""
    statuses: dict[str, int]
    weeks: tuple[Week, ...]
    """The oldest first; every week is there, also those without a task."""
    helpful: tuple[Worth, ...]
    harmful: tuple[Worth, ...]
    tasks_with: Success
    """With memory, over all time."""
    tasks_without: Success


class Statistics:
    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories
        self._columns: Columns | None = None

    def figures(self, weeks: int = 26, most: int = 10, today: date | None = None) -> Figures:
        """
        Args:
            weeks: how many are told, this one the last.
            most: memories that are named as helpful, and as harmful.
        """
        with self.bank.lock:
            counts = self.bank.rows(
                "SELECT kind, status, count(*) AS n FROM memory WHERE profile = ? GROUP BY kind, status", self.bank.profile
            )
            cases = self._cases()
            helpful, harmful = self._worth(most)
        kinds: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for row in counts:
            statuses[row["status"]] += row["n"]
            kinds[row["kind"]] += row["n"] if row["status"] == "active" else 0
        monday = _monday(today or date.today())
        starts = [monday - timedelta(days=7 * n) for n in reversed(range(max(1, weeks)))]
        by_week: dict[date, list[Row]] = {start: [] for start in starts}
        for case in cases:
            if (start := _monday(datetime.fromisoformat(case["recorded_at"]).astimezone().date())) in by_week:
                by_week[start].append(case)
        return Figures(
            dict(+kinds), dict(+statuses), tuple(_week(start, found) for start, found in by_week.items()), helpful, harmful,
            _success(cases, read=True), _success(cases, read=False),
        )  # fmt: skip

    def _cases(self) -> list[Row]:
        """The owner's own tasks that ended and were not deleted: when, their reward, whether a case or lesson was shown for them."""
        return self.bank.rows(
            "SELECT m.recorded_at, d.reward, EXISTS (SELECT 1 FROM retrieval r JOIN retrieval_hit h ON h.retrieval_id = r.id AND h.shown "
            "JOIN memory shown ON shown.id = h.memory_id AND shown.kind IN ('case', 'lesson') "
            "WHERE r.task_case = m.id AND r.txn_id IS NULL) AS read FROM memory m JOIN case_detail d ON d.memory_id = m.id "
            "WHERE m.profile = ? AND m.pool = '' AND m.origin = 'assistant' AND m.status != 'trashed' AND d.outcome != 'running'",
            self.bank.profile,
        )

    def _worth(self, most: int) -> tuple[tuple[Worth, ...], tuple[Worth, ...]]:
        """The most helpful and the most harmful, by how much more often the one than the other."""
        import numpy as np

        from memento_desktop.memory.browsing.columns import Columns
        from memento_desktop.memory.browsing.usage import usage_of

        columns = self._columns = self._columns or Columns(self.bank)
        columns.refresh()
        usage = usage_of(self.bank, columns)
        margin = np.where(columns.coded("status", ["trashed"]), 0, usage.helped - usage.harmed)
        order = np.lexsort((-columns["id"], -usage.read, -margin))
        best = [int(n) for n in order[:most] if margin[n] > 0]
        worst = [int(n) for n in order[::-1][:most] if margin[n] < 0]
        ids: list[int] = columns["id"].tolist()
        return self._named(ids[n] for n in best), self._named(ids[n] for n in worst)

    def _named(self, ids: Iterable[int]) -> tuple[Worth, ...]:
        found = self.memories.of(list(ids))
        return tuple(Worth(memory, memory.read, memory.helpful, memory.harmful) for memory in found)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(start: date, cases: Sequence[Row]) -> Week:
    return Week(start.isoformat(), len(cases), _success(cases, read=True), _success(cases, read=False))


def _success(cases: Sequence[Row], read: bool) -> Success:
    rewards = [case["reward"] for case in cases if case["reward"] is not None and bool(case["read"]) is read]
    return Success(len(rewards), sum(reward >= 0.5 for reward in rewards))
