"""How far the model's judgement of its own answers is to be believed: calibrated against the owner's verdicts on the same cases."""

from __future__ import annotations

from collections.abc import Sequence

PRIOR = 4.0
"""So many verdicts count as much as the judgement itself."""
WIDTH = 0.15
"""Judgements closer than this speak for each other fully, further ones less (a triangular kernel of twice this width)."""


def calibrated(judged: float, verdicts: Sequence[tuple[float, float]]) -> float:
    """The expected verdict of the owner, in [0, 1], where the model judged `judged`.

    The mean of the verdicts on cases with a like judgement, shrunk to the judgement itself: without any verdict it stays what it is.

    Args:
        verdicts: pairs of self-judgement and the owner's reward.
    """
    total, mass = PRIOR * judged, PRIOR
    for said, truth in verdicts:
        weight = max(0.0, min(1.0, 2.0 - abs(said - judged) / WIDTH))
        total, mass = total + weight * truth, mass + weight
    return total / mass
