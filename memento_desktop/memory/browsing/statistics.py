"""Figures of the bank: what is in it, cases over time, success with and without memory, what helped most and what harmed.

All of it is counted from the bank at each call; see `usage` for what counts as helping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from memento_desktop import plain
from memento_desktop.memory.bank import Bank
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


class _Task(NamedTuple):
    """When it began, what it was worth, whether a case or lesson was read for it."""

    at: str
    reward: float | None
    read: bool


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
            columns = self._read()
            cases = self._cases(columns)
            helpful, harmful = self._worth(columns, most)
            kinds = Counter(columns.values("kind", columns.coded("status", ["active"])))
            statuses = Counter(columns.values("status"))
        monday = _monday(today or plain.present().astimezone().date())
        starts = [monday - timedelta(days=7 * n) for n in reversed(range(max(1, weeks)))]
        by_week: dict[date, list[_Task]] = {start: [] for start in starts}
        first = (starts[0] - timedelta(days=2)).isoformat()  # wherever on the earth
        for case in cases:
            if case.at >= first and (start := _monday(datetime.fromisoformat(case.at).astimezone().date())) in by_week:
                by_week[start].append(case)
        return Figures(
            dict(kinds), dict(statuses), tuple(_week(start, found) for start, found in by_week.items()), helpful, harmful,
            _success(cases, read=True), _success(cases, read=False),
        )  # fmt: skip

    def _read(self) -> Columns:
        from memento_desktop.memory.browsing.columns import Columns  # NumPy comes with it

        columns = self._columns = self._columns or Columns(self.bank)
        columns.refresh()
        return columns

    def _cases(self, columns: Columns) -> list[_Task]:
        """The owner's own tasks that ended and were not deleted."""
        from memento_desktop.memory.browsing.usage import tasks_reading

        own = (
            columns.coded("kind", ["case"])
            & columns.coded("origin", ["assistant"])
            & (columns["pool"] == columns.names["pool"].get("", -1))
        )
        own &= ~columns.coded("status", ["trashed"]) & ~columns.coded("outcome", ["running"])
        read = columns.mask(tasks_reading(self.bank, columns, ("case", "lesson")))
        rows = zip(columns["recorded"][own].tolist(), columns["reward"][own].tolist(), read[own].tolist(), strict=True)
        return [_Task(at.decode(), None if reward != reward else reward, with_memory) for at, reward, with_memory in rows]

    def _worth(self, columns: Columns, most: int) -> tuple[tuple[Worth, ...], tuple[Worth, ...]]:
        """The most helpful and the most harmful, by how much more often the one than the other."""
        import numpy as np

        from memento_desktop.memory.browsing.usage import usage_of

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


def _week(start: date, cases: Sequence[_Task]) -> Week:
    return Week(start.isoformat(), len(cases), _success(cases, read=True), _success(cases, read=False))


def _success(cases: Sequence[_Task], read: bool) -> Success:
    rewards = [case.reward for case in cases if case.reward is not None and case.read is read]
    return Success(len(rewards), sum(reward >= 0.5 for reward in rewards))
