"""The learned readers over a bank: the kernel and the neural head, fed from the log of readings, behind the interface of `memory.policy`.

Both score what search found and may be read at all, then take the best K, or fewer: a memory that past tasks like this one show to be of no
help is left out, however similar it is. Without evidence both rank exactly as search does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.kernel import Drawn, Flags, Floats, Ids, Past, Settings, Utility, choose, scores, utilities
from memento_desktop.memory.learning.log import Evidence, Log, likeness
from memento_desktop.memory.learning.neural import Head, Vectors, prototypes
from memento_desktop.memory.policy import ENOUGH, FAR, TRIAL, Asked, Choice, Reader, are_close
from memento_desktop.memory.search import Hit

SPREAD = 0.1
"""Cosine that one standard score of the search is worth: what a standard deviation among candidates mostly is."""
USELESS = 0.2
"""Q below which a memory is not read: about half of what a memory is given that was never read."""
TRIED = 0.5
"""Readings for tasks near this one (each by its nearness and credit) from which a low Q is believed. That a memory failed where it did not
belong says nothing of where it was never tried."""
HELPED_NOT = "did not help on tasks like this"


NEAR, WIDTH = 0.76, 0.03
"""The kernel's bandwidth for kinds of tasks (`wording.kind_of_task`), which are closer to each other than utterances with their names in
them: see `policy.OF_CASES`, measured on the same pairs."""


def settings_of(explore: float) -> Settings:
    """The kernel's constants with the owner's share of chance, half of it for trying another and half for leaving one out."""
    return replace(Settings(), near=NEAR, width=WIDTH, explore=explore / 2, leave_out=explore / 2)


@dataclass(frozen=True)
class Scored:
    """Candidates with what a reader makes of them; arrays are (m,)."""

    values: Floats
    """-inf where a memory may not be read."""
    q: Floats


@dataclass(frozen=True)
class KernelReader:
    """Similarity's score and what the readings say, see `kernel`."""

    log: Log
    settings: Settings
    name: str = "kernel"
    nominates: bool = True

    def choose(self, hits: Sequence[Hit], most: int, asked: Asked) -> list[Choice]:
        scored = self.scored(hits, asked)
        return choices(hits, scored, choose(scored.values, most, self.settings, random=asked.random))

    def scored(self, hits: Sequence[Hit], asked: Asked) -> Scored:
        ids = np.array([hit.memory_id for hit in hits], dtype=np.int64)
        utility = utilities(ids, past_of(self.log.of(ids.tolist()), asked), self.settings)
        similarity = SPREAD * np.array([hit.score for hit in hits])
        return barred(hits, scores(similarity, utility, self.settings), utility)


@dataclass(frozen=True)
class NeuralReader:
    """The trained head where task and cases have vectors; the kernel where they do not."""

    bank: Bank
    kernel: KernelReader
    head: Head
    embedder: int
    name: str = "neural"
    nominates: bool = True

    def choose(self, hits: Sequence[Hit], most: int, asked: Asked) -> list[Choice]:
        scored = self.scored(hits, asked)
        return choices(hits, scored, choose(scored.values, most, self.kernel.settings, random=asked.random))

    def scored(self, hits: Sequence[Hit], asked: Asked) -> Scored:
        known = vectors_of(self.bank, self.embedder, [hit.memory_id for hit in hits])
        if asked.vector is None or asked.embedder != self.embedder or len(known) < len(hits) or not hits:
            return self.kernel.scored(hits, asked)
        ids = np.array([hit.memory_id for hit in hits], dtype=np.int64)
        evidence = [one for one in self.kernel.log.of(ids.tolist()) if one.vector is not None and one.embedder == self.embedder]
        ranks = SPREAD * np.array([hit.score for hit in hits])
        cases = np.stack([known[i] for i in ids.tolist()])
        found = judged(self.head, self.kernel.settings, ids, cases, ranks, evidence, asked)
        return Scored(barred(hits, found.values, found.utility).values, found.q)


@dataclass(frozen=True)
class Judged:
    """What the head makes of candidates; arrays are (m,)."""

    values: Floats
    q: Floats
    utility: Utility
    """The kernel's answers, which are features of the head."""


def judged(
    head: Head, settings: Settings, ids: Ids, cases: Vectors, ranks: Floats, evidence: Sequence[Evidence], asked: Asked
) -> Judged:  # fmt: skip
    """Scores by a trained head. `cases` (m, d) are the candidates' vectors, `ranks` (m,) search's order in cosines; all evidence has
    vectors of the embedder that `asked` has its own of."""
    past, task = past_of(evidence, asked), as_vector(asked.vector or b"")
    utility = utilities(ids, past, settings)
    tasks = np.stack([as_vector(one.vector or b"") for one in evidence]) if evidence else np.empty((0, len(task)), np.float32)
    protos = prototypes(ids, cases, past, tasks)
    # The head knows the similarity of meaning alone. What the words add comes on top: with nothing learnt, search's order stays.
    words = (ranks - (cases @ task).astype(np.float64)) / settings.temperature
    return Judged(head.scores(task, cases, protos, utility) + words, head.q(task, cases, protos, utility), utility)


@dataclass(frozen=True)
class OnTrial:
    """A reader that is not yet proven chooses for a share of the tasks, the other for the rest; propensities are those of the mixture."""

    proven: Reader
    learned: Reader
    share: float

    @property
    def name(self) -> str:
        return f"{self.proven.name}, {self.learned.name} on trial"

    @property
    def nominates(self) -> bool:
        return self.proven.nominates  # what one of them never sees cannot be compared

    def choose(self, hits: Sequence[Hit], most: int, asked: Asked) -> list[Choice]:
        random = asked.random
        if random is None:
            return self.proven.choose(hits, most, asked)
        one, other = self.proven.choose(hits, most, asked), self.learned.choose(hits, most, asked)
        taken = other if random.random() < self.share else one
        return [
            replace(choice, propensity=(1.0 - self.share) * a.propensity + self.share * b.propensity, q=b.q)
            for choice, a, b in zip(taken, one, other, strict=True)
        ]


def barred(hits: Sequence[Hit], values: Floats, utility: Utility) -> Scored:
    """The void case wins over what is not similar enough, and over what is known not to help here, see `useful`."""
    near = np.array(are_close(hits), dtype=bool)
    return Scored(np.where(near & useful(utility), values, -np.inf), utility.q)


def useful(utility: Utility) -> Flags:
    """(m,): what is not known to be of no help on tasks like this. By the kernel's Q, which speaks of this very memory; the head's would
    bar everything where most tasks fail, whatever is read for them."""
    return (utility.q >= USELESS) | (utility.evidence < TRIED)


def choices(hits: Sequence[Hit], scored: Scored, drawn: Drawn) -> list[Choice]:
    found: list[Choice] = []
    close = are_close(hits)
    for n, hit in enumerate(hits):
        shown, chance, q = bool(drawn.shown[n]), float(drawn.propensity[n]), float(scored.q[n])
        if shown:
            reason = ""
        elif not close[n]:
            reason = FAR
        elif not np.isfinite(scored.values[n]):
            reason = HELPED_NOT
        else:
            reason = TRIAL if chance > 0.5 else ENOUGH
        found.append(Choice(hit, shown, chance, reason, None if np.isnan(q) else round(q, 4)))
    return found


def past_of(evidence: Sequence[Evidence], asked: Asked) -> Past:
    """Evidence as arrays, with the nearness of each past task to the one asked: by meaning where both have vectors, else by words.

    A failure on a task that the memory was unlike says little of it; where that is not known, it counts in full.
    """
    task = None if asked.vector is None else as_vector(asked.vector)
    nearness = [
        float(task @ as_vector(one.vector))
        if task is not None and one.vector is not None and one.embedder == asked.embedder
        else likeness(asked.task, one.task)
        for one in evidence
    ]
    return Past(
        np.array([one.memory for one in evidence], dtype=np.int64),
        np.array(nearness, dtype=np.float64),
        np.array([alike(one) for one in evidence], dtype=np.float64),
        np.array([one.reward for one in evidence], dtype=np.float64),
        np.array([one.weight for one in evidence], dtype=np.float64),
    )


def alike(one: Evidence) -> float:
    """Cosine of the memory to the task it was read for; 1 where it is not known."""
    return 1.0 if one.similarity is None else one.similarity


def as_vector(data: bytes) -> Vectors:
    return np.frombuffer(data, dtype="<f4")


def vectors_of(bank: Bank, embedder: int, memories: Sequence[int]) -> Mapping[int, Vectors]:
    """The vectors of those memories that have one."""
    rows = bank.rows(
        f"SELECT e.memory_id AS id, v.vector AS vector FROM embedding e JOIN vector_{int(embedder)} v ON v.rowid = e.id "
        "WHERE e.embedder_id = ? AND e.memory_id IN (SELECT value FROM json_each(?))",
        embedder, json.dumps(list(memories)),
    )  # fmt: skip
    return {row["id"]: as_vector(row["vector"]) for row in rows}
