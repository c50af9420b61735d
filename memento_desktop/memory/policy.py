"""Which of the found memories are read before a plan: the case-selection policy μ(c | s, M) of the paper (arXiv 2508.16153, §3).

Every reader differs from the paper's in two things. A *void case* stands beside the real ones, so that nothing is read when nothing is
similar enough (their K is fixed). And a little randomness, of a known and logged probability, leaves a memory out now and then or tries the
next one instead, because what a memory is worth can only be told from tasks with it and like tasks without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from memento_desktop.memory.search import Hit


@dataclass(frozen=True)
class Floor:
    """What a memory must reach to be read: below it the void case wins."""

    similar: float
    """Cosine from which a memory counts as similar to the task."""
    covered: float
    """Weighted share of the task's words that makes it similar where there is no cosine."""
    repeated: float
    """The same where there is one: words that say the task again make up for a meaning that looks far."""
    behind: float = 2.0
    """How far it may be behind the best one, in cosine or share: beside a case of the very kind, a distant relative only distracts."""


OF_CASES = Floor(similar=0.75, covered=0.38, repeated=0.7, behind=0.15)
"""Of kinds of tasks (`wording.kind_of_task`) in the wordings that the built-in model was trained on, a cosine of 0.75 keeps 82 % of the
pairs that ask the same of the same column and 18 % of those that ask something else of it (MiniLM); 0.66 would keep 94 % and 51 %."""
OF_FACTS = Floor(similar=0.40, covered=0.35, repeated=0.35)
"""A fact may be about less than the whole question."""

FAR = "not similar enough"
ENOUGH = "enough were read"
TRIAL = "left out to see whether it is missed"


@dataclass(frozen=True)
class Asked:
    """The task that is read for.

    `vector` is its embedding (float32, unit length) by `embedder`, or None; without `random` nothing is left to chance.
    """

    task: str
    vector: bytes | None = None
    embedder: int | None = None
    random: Random | None = None


@dataclass(frozen=True)
class Choice:
    """What the policy decided on one hit, and the probability with which it would show it."""

    hit: Hit
    shown: bool
    propensity: float
    reason: str
    q: float | None = None
    """What a learned reader expects the task to be worth when this is read, in [0, 1]."""


class Reader(Protocol):
    """A case-selection policy."""

    @property
    def name(self) -> str: ...

    @property
    def nominates(self) -> bool:
        """Whether memories that helped on like tasks are candidates too, however unlike this task they are themselves."""
        ...

    def choose(self, hits: Sequence[Hit], most: int, asked: Asked) -> list[Choice]:
        """One choice per hit, in the order of the hits; at most `most` of them shown."""
        ...


@dataclass(frozen=True)
class SimilarityReader:
    """Reads the most similar, best first, down to a floor below which the void case wins."""

    floor: Floor = OF_CASES
    explore: float = 0.0
    name: str = "similarity"
    nominates: bool = False

    def choose(self, hits: Sequence[Hit], most: int, asked: Asked) -> list[Choice]:
        near = [n for n, close in enumerate(are_close(hits, self.floor)) if close]
        chances, out = trial(near, most, self.explore if asked.random else 0.0, asked.random)
        reasons = [_reason(n, near, chances, out) for n in range(len(hits))]
        return [Choice(hit, not reasons[n], chances.get(n, 0.0), reasons[n]) for n, hit in enumerate(hits)]


def are_close(hits: Sequence[Hit], floor: Floor = OF_CASES) -> list[bool]:
    """Which hits are similar enough to be read, each for itself and beside the best of them."""
    nearest = max((hit.similarity for hit in hits if hit.similarity is not None), default=0.0) - floor.behind
    fullest = max((hit.coverage for hit in hits), default=0.0) - floor.behind

    def close(hit: Hit) -> bool:
        if hit.nominated:
            return True
        if hit.similarity is None:
            return hit.coverage >= floor.covered and hit.coverage >= fullest
        by_words = hit.coverage >= floor.repeated and hit.coverage >= fullest
        return by_words or (hit.similarity >= floor.similar and hit.similarity >= nearest)

    return [close(hit) for hit in hits]


def trial(ranked: Sequence[int], most: int, explore: float, random: Random | None) -> tuple[dict[int, float], set[int]]:
    """Reads the first `most` of `ranked`; with probability `explore` one of them, drawn evenly, gives its place to the next.

    Returns:
        The chance of being shown of each that has one, and those of them that are not shown this time.
    """
    chosen, following = list(ranked[:most]), list(ranked[most : most + 1])
    if explore <= 0.0 or random is None or len(chosen) + len(following) < 2:  # what is read alone is not taken away
        return dict.fromkeys(chosen, 1.0), set()
    chances = dict.fromkeys(chosen, 1.0 - explore / len(chosen)) | dict.fromkeys(following, explore)
    trying = random.random() < explore
    return chances, {random.choice(chosen)} if trying else set(following)


def _reason(n: int, near: Sequence[int], chances: dict[int, float], out: set[int]) -> str:
    if n not in near:
        return FAR
    if n in chances and n not in out:
        return ""
    return TRIAL if n in near[: len(chances)] and n in out and chances[n] > 0.5 else ENOUGH
