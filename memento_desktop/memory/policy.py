"""Which of the found memories are read before a plan: the case-selection policy μ(c | s, M) of the paper (arXiv 2508.16153, §3).

The reader here is the non-parametric one: the cases most similar to the task, at most K. It differs from the paper's in one thing: a
*void case* stands beside the real ones, so that nothing is read when nothing is similar enough (their K is fixed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from memento_desktop.memory.search import Hit

SIMILAR = 0.55
"""Cosine from which a case counts as similar to the task."""
COVERED = 0.38
"""Weighted share of the task's words from which a case counts as similar."""
RELATED = 0.40
MENTIONED = 0.35
"""The same two for facts: a fact may be about less than the whole question."""


@dataclass(frozen=True)
class Choice:
    """What the policy decided on one hit, and the probability with which it would show it."""

    hit: Hit
    shown: bool
    propensity: float
    reason: str


class Reader(Protocol):
    """A case-selection policy."""

    @property
    def name(self) -> str: ...

    def choose(self, hits: Sequence[Hit], most: int) -> list[Choice]:
        """One choice per hit, in the order of the hits; at most `most` of them shown."""
        ...


@dataclass(frozen=True)
class SimilarityReader:
    """Reads the most similar, best first, down to a floor below which the void case wins."""

    similar: float = SIMILAR
    covered: float = COVERED
    name: str = "similarity"

    def choose(self, hits: Sequence[Hit], most: int) -> list[Choice]:
        choices: list[Choice] = []
        shown = 0
        for hit in hits:
            close = hit.coverage >= self.covered or (hit.similarity is not None and hit.similarity >= self.similar)
            show = close and shown < most
            shown += show
            choices.append(
                Choice(hit, show, 1.0 if show else 0.0, "" if show else "not similar enough" if not close else "enough were read")
            )
        return choices
