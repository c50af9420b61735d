"""Choosing the next token from the logits, under a grammar, with the probability that the model gave it. Runs in the worker only."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

SURE = 0.99
"""Above this probability a token that the grammar allows is taken without looking at its rivals."""
RIVALS = 64

Logits = npt.NDArray[np.float32]
Allowed = Callable[[list[int]], list[bool]]


class Chooser:
    """Greedy, or drawn from the best 64 at a temperature. `random` is seeded: the same seed gives the same reply."""

    def __init__(self, temperature: float, seed: int) -> None:
        self._temperature = temperature
        self._random = random.Random(seed)
        self._buffer: Logits = np.zeros(0, dtype=np.float32)

    def choose(self, logits: Logits, allowed: Allowed | None) -> tuple[int, float] | None:
        """A token and its probability among the tokens that may stand here; None when none may.

        `allowed` says of each token id whether the grammar admits it. The probability counts every token as admitted that is not
        among the 64 most likely ones: a lower bound, and a tight one.
        """
        best = int(logits.argmax())
        if len(self._buffer) != len(logits):
            self._buffer = np.empty_like(logits)
        weights = np.subtract(logits, logits[best], out=self._buffer)
        total = float(np.exp(weights, out=weights).sum())
        if not np.isfinite(total):
            return None
        if self._temperature <= 0 and (allowed is None or (total * SURE <= 1.0 and allowed([best])[0])):
            return best, 1.0 / total
        return self._among_rivals(logits, allowed)

    def _among_rivals(self, logits: Logits, allowed: Allowed | None) -> tuple[int, float] | None:
        count = min(RIVALS, len(logits))
        rivals = np.argpartition(logits, -count)[-count:]
        if allowed is not None:
            rejected = _rejected(rivals, allowed)
            if rejected.all():
                # All that the grammar admits is far down.
                rivals = np.arange(len(logits))
                rejected = _rejected(rivals, allowed)
                if rejected.all():
                    return None
            logits = logits.copy()
            logits[rivals[rejected]] = -np.inf
            rivals = rivals[~rejected]
        token = self._pick(logits, rivals)
        top = logits[rivals].max()
        return token, float(np.exp(logits[token] - top) / np.exp(logits - top).sum())

    def _pick(self, logits: Logits, candidates: npt.NDArray[np.intp]) -> int:
        if self._temperature <= 0:
            return int(candidates[logits[candidates].argmax()])
        scaled = logits[candidates].astype(np.float64) / self._temperature
        weights = np.exp(scaled - scaled.max())
        return int(self._random.choices(candidates.tolist(), weights.tolist())[0])


def _rejected(tokens: npt.NDArray[np.intp], allowed: Allowed) -> npt.NDArray[np.bool_]:
    return ~np.array(allowed(tokens.tolist()), dtype=bool)
