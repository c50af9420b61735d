"""The log of a bank in the terms of `gate` and `neural`: what each reader would have shown for past tasks, knowing only earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.gate import Logged, Pick, Verdict, decide, kernel_pick, replay, similarity_pick
from memento_desktop.memory.learning.kernel import Flags, Floats, Past, Settings, choose, utilities
from memento_desktop.memory.learning.log import Evidence, likeness
from memento_desktop.memory.learning.neural import Head, Readings, Vectors, fit, prototypes
from memento_desktop.memory.learning.readers import SPREAD, USELESS, as_vector, settings_of, vectors_of

BLOCKS = 5
"""So often is the head trained anew while the log is replayed: a block of readings is judged by the head of the blocks before."""
FIRST = 30
"""Readings that the first head needs."""
MOST = 4


def verdict(bank: Bank, readings: Sequence[Sequence[Evidence]], name: str, before: bool, explore: float) -> Verdict:
    """Whether the learned reader called `name` beats similarity on these readings (the oldest first)."""
    log = [_logged(reading) for reading in readings if any(not one.far for one in reading)]
    firsts = [reading[0] for reading in readings if any(not one.far for one in reading)]
    near = _nearness(firsts)
    settings = settings_of(explore)
    learned: Pick = _without_useless(kernel_pick(settings, MOST), settings)
    if name == "neural":
        learned = _Heads(bank, readings, settings, learned).pick
    return decide(replay(log, lambda n: near[n], learned, similarity_pick(MOST)), before)


def _logged(reading: Sequence[Evidence]) -> Logged:
    """Candidates that were similar enough to be read, with the score of the search as their similarity."""
    near = [one for one in reading if not one.far]
    return Logged(
        near[0].retrieval, np.array([one.memory for one in near], dtype=np.int64), SPREAD * np.array([one.score for one in near]),
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


def _without_useless(pick: Pick, settings: Settings) -> Pick:
    """The void case: what is known not to help is not read."""

    def picked(n: int, logged: Logged, past: Past) -> Flags:
        useful = utilities(logged.candidates, past, settings).q >= USELESS
        kept = Logged(
            logged.task, logged.candidates[useful], logged.similarity[useful], logged.propensity[useful], logged.shown[useful], logged.reward,
            logged.weights[useful],
        )  # fmt: skip
        shown = np.zeros(len(useful), dtype=bool)
        shown[useful] = pick(n, kept, past)
        return shown

    return picked


class _Heads:
    """The neural reader on replay: each block of readings is judged by a head that was trained on the blocks before it."""

    def __init__(self, bank: Bank, readings: Sequence[Sequence[Evidence]], settings: Settings, kernel: Pick) -> None:
        self.bank, self.settings, self.kernel = bank, settings, kernel
        self.readings = [reading for reading in readings if any(not one.far for one in reading)]
        self.block = max(1, len(self.readings) // BLOCKS)
        self.heads: dict[int, Head | None] = {}

    def _head(self, n: int) -> tuple[int, Head] | None:
        last = n // self.block * self.block
        found = readings_with_vectors(self.bank, [one for reading in self.readings[:last] for one in reading if one.shown])
        if found is None or len(found[1]) < FIRST:
            return None
        if last not in self.heads:
            self.heads[last] = fit(found[1], self.settings)
        head = self.heads[last]
        return (found[0], head) if head is not None else None

    def pick(self, n: int, logged: Logged, past: Past) -> Flags:
        found, reading = self._head(n), self.readings[n][0]
        if found is None or reading.vector is None or reading.embedder != found[0]:
            return self.kernel(n, logged, past)
        embedder, head = found
        known = vectors_of(self.bank, embedder, logged.candidates.tolist())
        if len(known) < len(logged.candidates):
            return self.kernel(n, logged, past)
        task = as_vector(reading.vector)
        cases = np.stack([known[i] for i in logged.candidates.tolist()])
        utility = utilities(logged.candidates, past, self.settings)
        tasks = np.empty((0, len(task)), dtype=np.float32)
        none = Past(past.cases[:0], past.nearness[:0], past.similarity[:0], past.rewards[:0], past.weights[:0])
        protos: Vectors = prototypes(logged.candidates, cases, none, tasks)
        z = head.scores(task, cases, protos, utility)
        words = (logged.similarity - (cases @ task).astype(np.float64)) / self.settings.temperature
        values = np.where(head.q(task, cases, protos, utility) >= USELESS, z + words, -np.inf)
        return choose(values, MOST, self.settings).shown


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
        np.array([one.retrieval for one in own], dtype=np.int64), np.array([one.memory for one in own], dtype=np.int64),
        np.stack([as_vector(one.vector or b"") for one in own]), np.stack([cases[one.memory] for one in own]),
        np.array([one.reward for one in own], dtype=np.float64), np.array([one.weight for one in own], dtype=np.float64),
    )  # fmt: skip
