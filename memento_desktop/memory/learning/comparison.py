"""The log of a bank in the terms of `gate` and `neural`: what each reader would have shown for past tasks, knowing only earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.gate import Logged, Verdict, decide, replay
from memento_desktop.memory.learning.kernel import Flags, Floats, Past, Settings, choose, scores, utilities
from memento_desktop.memory.learning.log import Evidence, likeness
from memento_desktop.memory.learning.neural import Head, Readings, fit, prototypes
from memento_desktop.memory.learning.readers import SPREAD, USELESS, alike, as_vector, past_of, settings_of, vectors_of
from memento_desktop.memory.policy import Asked

BLOCKS = 5
"""So often is the head trained anew while the log is replayed: a block of readings is judged by the head of the blocks before."""
FIRST = 30
"""Readings that the first head needs."""
MOST = 4


def verdict(bank: Bank, readings: Sequence[Sequence[Evidence]], name: str, before: bool, explore: float) -> Verdict:
    """Whether the learned reader called `name` beats similarity on these readings (the oldest first)."""
    near = [[one for one in reading if not one.far] for reading in readings]
    near = [reading for reading in near if reading]
    played = _Played(bank, near, settings_of(explore))
    learned = played.neural if name == "neural" else played.kernel
    nearness = _nearness([reading[0] for reading in near])
    return decide(replay([_logged(reading) for reading in near], lambda n: nearness[n], learned, played.similarity), before)


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

    def __init__(self, bank: Bank, readings: Sequence[Sequence[Evidence]], settings: Settings) -> None:
        self.bank, self.readings, self.settings = bank, readings, settings
        self.block = max(1, len(readings) // BLOCKS)
        self.heads: dict[int, tuple[int, Head] | None] = {}

    def similarity(self, n: int, logged: Logged, past: Past) -> Flags:
        return choose(self._ranks(n), MOST, self.settings).shown

    def kernel(self, n: int, logged: Logged, past: Past) -> Flags:
        utility = utilities(logged.candidates, past, self.settings)
        return self._useful(scores(self._ranks(n), utility, self.settings), utility.q)

    def neural(self, n: int, logged: Logged, past: Past) -> Flags:
        found, reading = self._head(n // self.block * self.block), self.readings[n][0]
        if found is None or reading.vector is None or reading.embedder != found[0]:
            return self.kernel(n, logged, past)
        embedder, head = found
        known = vectors_of(self.bank, embedder, logged.candidates.tolist())
        if len(known) < len(logged.candidates):
            return self.kernel(n, logged, past)
        task, cases = as_vector(reading.vector), np.stack([known[i] for i in logged.candidates.tolist()])
        utility = utilities(logged.candidates, past, self.settings)
        helped = self._earlier(n, embedder)
        tasks = np.stack([as_vector(one.vector or b"") for one in helped]) if helped else np.empty((0, len(task)), dtype=np.float32)
        protos = prototypes(logged.candidates, cases, past_of(helped, Asked(reading.task, reading.vector, embedder)), tasks)
        words = (self._ranks(n) - (cases @ task).astype(np.float64)) / self.settings.temperature
        return self._useful(head.scores(task, cases, protos, utility) + words, utility.q)

    def _earlier(self, n: int, embedder: int) -> list[Evidence]:
        """What was shown for earlier tasks than that of reading `n`, with a vector."""
        group = self.readings[n][0].group
        first = next(m for m, reading in enumerate(self.readings) if reading[0].group == group)
        return [
            one for reading in self.readings[:first] for one in reading if one.shown and one.vector is not None and one.embedder == embedder
        ]

    def _ranks(self, n: int) -> Floats:
        return SPREAD * np.array([one.score for one in self.readings[n]])

    def _useful(self, values: Floats, q: Floats) -> Flags:
        return choose(np.where(q >= USELESS, values, -np.inf), MOST, self.settings).shown

    def _head(self, upto: int) -> tuple[int, Head] | None:
        if upto not in self.heads:
            found = readings_with_vectors(self.bank, [one for reading in self.readings[:upto] for one in reading if one.shown])
            trained = found is not None and len(found[1]) >= FIRST
            self.heads[upto] = (found[0], fit(found[1], self.settings)) if found is not None and trained else None
        return self.heads[upto]


def readings_with_vectors(bank: Bank, evidence: Sequence[Evidence]) -> tuple[int, Readings] | None:
    """What the head can learn from: readings whose task and memory both have a vector of the newest embedder; and that embedder."""
    embedders = [one.embedder for one in evidence if one.embedder is not None]
    if not embedders:
        return None
    embedder = max(embedders)
    own = [one for one in evidence if one.embedder == embedder and one.vector is not None]
    cases = vectors_of(bank, embedder, sorted({one.memory for one in own}))
    own = [one for one in own if one.memory in cases]
    if not own:
        return None
    return embedder, Readings(
        np.array([one.group for one in own], dtype=np.int64), np.array([one.memory for one in own], dtype=np.int64),
        np.stack([as_vector(one.vector or b"") for one in own]), np.stack([cases[one.memory] for one in own]),
        np.array([one.reward for one in own], dtype=np.float64), np.array([one.weight for one in own], dtype=np.float64),
    )  # fmt: skip
