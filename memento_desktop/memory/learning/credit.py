"""How far a plan followed each of the memories that were shown for it: the weight with which the task's reward is credited to them.

The reward of a task tells little of a memory that the plan took nothing from. What a plan did take can be seen: the words that it has and
the task has not stand in the memory that it followed, and the words of the others' advice are missing. The paper credits the one case that
was retrieved (arXiv 2508.16153, eq. 15); with several shown, this tells them apart without an experiment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from memento_desktop.memory.learning.wording import without_names

WORD = re.compile(r"[^\W_]+")
SHARPNESS = 4
"""Exponent on the agreement relative to the best: 0.6 of the best agreement leaves 0.13 of its credit."""
UNSEEN = 0.25
"""Credit of each shown memory when the plan took nothing from any: that reading them was harmless, or useless, is some evidence."""


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def followed(task: str, done: Sequence[str], advice: Mapping[int, str]) -> dict[int, float]:
    """Memory → credit in [0, 1]; the memory that was followed most has 1, unless none was.

    Args:
        done: the steps of the plan; the answer, where there was no plan.
        advice: what each shown memory says: plan and correction of a case, the sentence of a lesson or fact.
    """
    asked = words(task)
    taken = words(without_names(" ".join(done))) - asked
    said = {memory: words(without_names(text)) - asked for memory, text in advice.items()}
    agreement = {memory: _agreement(taken, own) for memory, own in said.items()}
    best = max(agreement.values(), default=0.0)
    if best == 0.0:
        return dict.fromkeys(advice, UNSEEN)
    return {memory: round((value / best) ** SHARPNESS, 4) for memory, value in agreement.items()}


def _agreement(taken: set[str], own: set[str]) -> float:
    """Dice coefficient: words in common, against all words of both."""
    return 2 * len(taken & own) / (len(taken) + len(own)) if taken and own else 0.0
