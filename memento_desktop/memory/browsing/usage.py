"""How often each memory was read for tasks, and what came of them, for all memories at once: the figures of `Memories` in arrays.

A memory helped where the plan of a task followed it and the task was worth at least 0.5, by the owner's word or a check; see
`Memories.get`. Derived from the log at each need: nothing is added up beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.columns import Columns, Ints

READINGS = "FROM retrieval WHERE txn_id IS NULL"
HITS = "FROM retrieval_hit WHERE shown"


@dataclass(frozen=True)
class Usage:
    """Arrays (n,) beside those of `Columns`."""

    read: Ints
    helped: Ints
    harmed: Ints
    judged: Ints
    """Readings whose task somebody else than the model gave a reward."""
    last: NDArray[Any]
    """When it was read last, as bytes in ISO 8601; empty when never."""


def usage_of(bank: Bank, columns: Columns) -> Usage:
    """For use under the bank's lock, after `columns.refresh`."""
    size = len(columns)
    number, task, given, moments = _readings(bank)
    of, hit = (_parsed(text) for text in _one(bank, "SELECT group_concat(retrieval_id), group_concat(memory_id * 2 + "
                                              f"(coalesce(followed, 1) >= 0.5)) {HITS}"))  # fmt: skip
    if not size or not len(number):
        none = np.zeros(size, dtype=np.int64)
        return Usage(none, none, none, none, np.zeros(size, dtype="S32"))
    case = columns.places(task)
    counts = (task == 0) | (case >= 0)  # the readings of a task that is gone say nothing
    reward = np.where(given >= 0, given, np.where(case >= 0, columns["reward"][case], np.nan))
    judged = ~np.isnan(reward) & np.where(case >= 0, columns["source"][case] != "self", True)
    place = columns.places(hit // 2)
    place = np.where(place >= 0, columns.places(columns["merged"])[place], -1)  # a merged lesson's go to the one that stands for it
    at = np.minimum(np.searchsorted(number, of), len(number) - 1)
    known = (number[at] == of) & counts[at] & (place >= 0)
    at, place, taken = at[known], place[known], hit[known] % 2 == 1

    def count(which: NDArray[np.bool_]) -> Ints:
        return np.bincount(place[which], minlength=size).astype(np.int64)

    newest, rank = np.full(size, -1), np.arange(len(number))
    if (moments[1:] < moments[:-1]).any():  # a clock was set back: else they are in order, and sorting takes long
        order = np.argsort(moments, kind="stable")
        rank[order], moments = np.arange(len(number)), moments[order]
    np.maximum.at(newest, place, rank[at])
    last = np.where(newest >= 0, moments[newest], b"")
    good = judged[at] & taken & (reward[at] >= 0.5)
    bad = judged[at] & taken & (reward[at] < 0.5)
    return Usage(np.bincount(place, minlength=size).astype(np.int64), count(good), count(bad), count(judged[at]), last)


def tasks_reading(bank: Bank, columns: Columns, kinds: Sequence[str]) -> Ints:
    """The numbers of the tasks for which a memory of these kinds was read. For use under the bank's lock, after `columns.refresh`."""
    ids, tasks = (_parsed(text) for text in _one(bank, f"SELECT group_concat(id), group_concat(coalesce(task_case, 0)) {READINGS}"))
    of, memory = (_parsed(text) for text in _one(bank, f"SELECT group_concat(retrieval_id), group_concat(memory_id) {HITS}"))
    place = columns.places(memory)
    wanted = np.unique(of[(place >= 0) & columns.coded("kind", kinds)[place]]) if len(columns) else of
    return np.unique(tasks[np.isin(ids, wanted)])


def _readings(bank: Bank) -> tuple[Ints, Ints, NDArray[np.float64], NDArray[Any]]:
    """Number, task (0: none), reward of its own (-1: none) and moment of each reading, by number."""
    sql = "SELECT group_concat(id), group_concat(coalesce(task_case, 0)), group_concat(coalesce(reward, -1)), group_concat(at) "
    ids, tasks, rewards, when = _one(bank, sql + READINGS)
    moments = np.array(when.split(",") if when else [], dtype="S32")
    number, order = _parsed(ids), np.argsort(_parsed(ids), kind="stable")  # SQLite may read them by an index
    return number[order], _parsed(tasks)[order], _parsed(rewards, np.float64)[order], moments[order]


def _one(bank: Bank, sql: str) -> Sequence[Any]:
    return next(iter(bank.db.execute(sql)))


def _parsed(text: str | None, dtype: Any = np.int64) -> NDArray[Any]:
    return np.fromstring(text, dtype=dtype, sep=",") if text else np.empty(0, dtype)
