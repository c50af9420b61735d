"""The log of a bank in the terms of `gate` and `neural`: what each reader would have shown for past tasks, knowing only earlier ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.gate import Logged, Verdict, decide, replay
from memento_desktop.memory.learning.kernel import Flags, Floats, Past, Settings, Utility, choose, scores, utilities
from memento_desktop.memory.learning.log import Evidence, likeness
from memento_desktop.memory.learning.neural import Head, Readings, Vectors, fit
from memento_desktop.memory.learning.readers import SPREAD, alike, as_vector, judged, settings_of, useful, vectors_of
from memento_desktop.memory.policy import Asked

BLOCKS = 5
"""So often is the head trained anew while the log is replayed: a block of readings is judged by the head of the blocks before."""
LEAST = 30
"""Readings that a head needs."""


def verdict(bank: Bank, readings: Sequence[Sequence[Evidence]], name: str, before: bool, explore: float, most: int) -> Verdict:
    """Whether the learned reader called `name` beats similarity on these readings (the oldest first).

    Practice is evidence for the readers, and no task to compare them on: it had one candidate.
    """
    near = [[one for one in reading if not one.far] for reading in readings if not reading[0].practised]
    near = [reading for reading in near if reading]
    played = _Played(bank, near, settings_of(explore), most)
    learned = played.neural if name == "neural" else played.kernel
    nearness = _nearness([reading[0] for reading in near])
    return decide(replay([_logged(reading) for reading in near], lambda n: nearness[n], learned, played.similarity), before)


def most_used(shown: Sequence[Evidence]) -> int:
    """The embedder whose vectors most readings have; 0 where none has any. Numbers say nothing: one can switch back to an earlier one."""
    counts = Counter(one.embedder for one in shown if one.embedder)
    return max(counts, key=lambda number: (counts[number], number), default=0)


def _logged(near: Sequence[Evidence]) -> Logged:
    """What was similar enough to be read. Its similarity excuses failures; the readers rank by the search's score, see `_Played`."""
    return Logged(
        near[0].group, np.array([one.memory for one in near], dtype=np.int64), np.array([alike(one) for one in near]),
        np.array([one.propensity for one in near]), np.array([one.shown for one in near], dtype=bool), near[0].reward,
        np.array([one.weight for one in near]),
    )  # fmt: skip


def _nearness(firsts: Sequence[Evidence]) -> Floats:
    """(n, n): of each task to each other, by meaning where both have vectors of one embedder, else by words."""
    size = len(firsts)
    near = np.zeros((size, size))
    placed: dict[int, list[int]] = {}
    for n, one in enumerate(firsts):
        if one.vector is not None and one.embedder is not None:
            placed.setdefault(one.embedder, []).append(n)
    done = np.zeros((size, size), dtype=bool)
    for rows in placed.values():
        block = np.stack([as_vector(firsts[n].vector or b"") for n in rows])
        near[np.ix_(rows, rows)] = block @ block.T
        done[np.ix_(rows, rows)] = True
    for n, m in np.argwhere(~done).tolist():
        near[n, m] = likeness(firsts[n].task, firsts[m].task)
    return near


class _Played:
    """The readers on replay. The head is trained anew for each block of readings, on the blocks before it."""

    def __init__(self, bank: Bank, readings: Sequence[Sequence[Evidence]], settings: Settings, most: int) -> None:
        self.readings, self.settings, self.most = readings, settings, most
        self.block = max(1, len(readings) // BLOCKS)
        self.first: dict[int, int] = {}
        for n, reading in enumerate(readings):
            self.first.setdefault(reading[0].group, n)
        self.shown = [(n, one) for n, reading in enumerate(readings) for one in reading if one.shown and one.vector is not None]
        self.embedder = most_used([one for _, one in self.shown])
        memories = sorted({one.memory for reading in readings for one in reading})
        self.vectors: Mapping[int, Vectors] = vectors_of(bank, self.embedder, memories) if self.embedder else {}
        self.heads: dict[int, Head | None] = {}

    def similarity(self, n: int, logged: Logged, past: Past) -> Flags:
        found = np.array([not one.nominated for one in self.readings[n]], dtype=bool)  # it never sees what search did not find
        return choose(np.where(found, self._ranks(n), -np.inf), self.most, self.settings).shown

    def kernel(self, n: int, logged: Logged, past: Past) -> Flags:
        utility = utilities(logged.candidates, past, self.settings)
        return self._useful(scores(self._ranks(n), utility, self.settings), utility)

    def neural(self, n: int, logged: Logged, past: Past) -> Flags:
        ids, reading = logged.candidates, self.readings[n][0]
        head = self._head(n // self.block * self.block)
        if head is None or reading.vector is None or reading.embedder != self.embedder or any(i not in self.vectors for i in ids.tolist()):
            return self.kernel(n, logged, past)
        cases = np.stack([self.vectors[i] for i in ids.tolist()])
        asked = Asked(reading.task, reading.vector, self.embedder)
        found = judged(head, self.settings, ids, cases, self._ranks(n), self._earlier(n, set(ids.tolist())), asked)
        return self._useful(found.values, found.utility)

    def _earlier(self, n: int, memories: set[int]) -> list[Evidence]:
        """What became of these memories when they were shown for earlier tasks than that of reading `n`."""
        first = self.first[self.readings[n][0].group]
        return [one for at, one in self.shown if at < first and one.memory in memories and one.embedder == self.embedder]

    def _ranks(self, n: int) -> Floats:
        return SPREAD * np.array([one.score for one in self.readings[n]])

    def _useful(self, values: Floats, utility: Utility) -> Flags:
        return choose(np.where(useful(utility), values, -np.inf), self.most, self.settings).shown

    def _head(self, upto: int) -> Head | None:
        if upto not in self.heads:
            found = readings_with_vectors([one for at, one in self.shown if at < upto], self.embedder, self.vectors)
            self.heads[upto] = fit(found, self.settings) if found is not None and len(found) >= LEAST else None
        return self.heads[upto]


def readings_with_vectors(evidence: Sequence[Evidence], embedder: int, vectors: Mapping[int, Vectors]) -> Readings | None:
    """What the head can learn from: readings whose task and memory both have a vector of this embedder."""
    own = [one for one in evidence if one.shown and one.embedder == embedder and one.vector is not None and one.memory in vectors]
    if not own:
        return None
    return Readings(
        np.array([one.group for one in own], dtype=np.int64),
        np.array([one.memory for one in own], dtype=np.int64),
        np.stack([as_vector(one.vector or b"") for one in own]),
        np.stack([vectors[one.memory] for one in own]),
        np.array([one.reward for one in own], dtype=np.float64),
        np.array([one.weight for one in own], dtype=np.float64),
    )
