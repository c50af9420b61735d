"""Whether a learned reader is used: it must beat `similarity` on the log that the bank has, judged by readings that it had not seen.

Replay is progressive: for each past reading, each reader says what it would have shown, knowing only earlier readings of other tasks.
What both would have shown cancels. For the rest, the rewards of what *was* shown are averaged with the weights 1 / propensity, clipped and
normalised by their own sum (self-normalised importance sampling), once over the cases that only the learned reader would have shown, and
once over those that only similarity would have. The gain is the difference, times the share of readings at which the readers differ.

What the estimator assumes:

- the logged propensities are those with which each case was shown, and both readers' choices had some chance. A choice that never had
  one is not in the average: its value is taken to be that of the others of its reader;
- a case earns its credited reward whatever else was shown with it. Sets are compared case by case, not as sets;
- reading nothing is worth as much as the average of what else the reader would show: the void case has no reward of its own;
- clipping trades a bias towards the frequent choices for less variance;
- tasks do not depend on each other. The interval resamples whole tasks with all their readings.

Each side is given one success and one failure beforehand, since three successes in three readings are no proof. The gate is asked again
and again as the log grows, and its 95 % hold for one look, not for all of them: now and then it lets in a reader that is no better. It
keeps one that it let in until the upper end of the interval falls below zero, so that chance does not switch it back and forth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from memento_desktop.memory.learning.kernel import Flags, Floats, Ids, Past, Settings, choose, scores, utilities

State = Literal["used", "open", "worse"]


@dataclass(frozen=True)
class Logged:
    """One past reading as the log has it; arrays are (m,), one entry a candidate."""

    task: int
    candidates: Ids
    similarity: Floats
    propensity: Floats
    shown: Flags
    reward: float
    """Of the task, in [0, 1]."""
    weights: Floats
    """Credit of each shown case in [0, 1]; of the others it is not looked at."""


@dataclass(frozen=True)
class Judged:
    """A past reading with what each reader would have shown, knowing earlier readings of other tasks only."""

    logged: Logged
    learned: Flags
    similarity: Flags


Pick = Callable[[int, Logged, Past], Flags]
"""A reader on replay: number of the reading, the reading, what came of earlier ones → which candidates it would show."""


@dataclass(frozen=True)
class Rule:
    """When a learned reader is used."""

    least: int = 50
    """Readings with a reward."""
    least_differing: int = 8
    """Shown cases that only the one reader would have shown, and as many that only the other would have."""
    clip: float = 50.0
    """Largest importance weight."""
    trial: float = 0.5
    """Share of the tasks given to the learned reader while the question is open: an even trial tells the most in the fewest tasks, and
    costs little, since without evidence the learned reader does what similarity does."""
    doubt: float = 0.05
    """The same where it was found to be worse, so that this can change."""
    draws: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Verdict:
    """What the gate found, as the owner is shown it."""

    n: int
    """Readings with a reward."""
    differing: float
    """Share of them at which the readers would have shown different cases."""
    learned: float
    """Estimated reward of what the reader would show, in [0, 1]; not a number when nothing of it was ever shown."""
    similarity: float
    gain: float
    """Learned over similarity, over all readings."""
    low: float
    """Lower end of the 95 % interval of the gain."""
    high: float
    state: State
    share: float
    """Of the coming tasks, how many the learned reader should choose the cases for: 1 when it is used."""
    reason: str

    @property
    def used(self) -> bool:
        return self.state == "used"


def kernel_pick(settings: Settings, most: int, floor: float = -np.inf) -> Pick:
    """The kernel on replay; `floor` is in units of its score."""

    def pick(_: int, logged: Logged, past: Past) -> Flags:
        values = scores(logged.similarity, utilities(logged.candidates, past, settings), settings)
        return choose(values, most, settings, floor).shown

    return pick


def similarity_pick(most: int, floor: float = -np.inf) -> Pick:
    """Similarity on replay; `floor` is a cosine."""

    def pick(_: int, logged: Logged, __: Past) -> Flags:
        return choose(logged.similarity, most, Settings(), floor).shown

    return pick


def replay(log: Sequence[Logged], nearness: Callable[[int], Floats], learned: Pick, similarity: Pick) -> list[Judged]:
    """Both readers on each reading of the log (oldest first), knowing earlier readings of other tasks only.

    Args:
        nearness: of reading t's task to the tasks of all n readings, (n,) in [-1, 1].
    """
    flat = [(n, *row) for n, one in enumerate(log) for row in zip(one.candidates, one.similarity, one.weights, one.shown, strict=True)]
    flat = [row for row in flat if row[4]]
    reading, cases = (np.array([row[k] for row in flat], dtype=np.int64) for k in (0, 1))
    alike, weights = (np.array([row[k] for row in flat], dtype=np.float64) for k in (2, 3))
    rewards = np.array([log[row[0]].reward for row in flat], dtype=np.float64)
    tasks = np.array([one.task for one in log], dtype=np.int64)
    judged: list[Judged] = []
    for n, one in enumerate(log):
        known = (reading < n) & (tasks[reading] != one.task)
        near = nearness(n)[reading[known]].astype(np.float64)
        past = Past(cases[known], near, alike[known], rewards[known], weights[known])
        judged.append(Judged(one, learned(n, one, past), similarity(n, one, past)))
    return judged


def decide(judged: Sequence[Judged], before: bool = False, rule: Rule | None = None) -> Verdict:
    """Whether the learned reader is to be used from now on. `before`: whether it is now. The same log gives the same verdict."""
    rule = rule or Rule()
    differing = [one for one in judged if (one.learned != one.similarity).any()]
    share = len(differing) / len(judged) if judged else 0.0
    learned = _value([_sums(one, one.learned, rule) for one in judged])
    similarity = _value([_sums(one, one.similarity, rule) for one in judged])
    sides = np.array([[_sums(one, mine & ~other, rule) for mine, other in ((one.learned, one.similarity), (one.similarity, one.learned))]
                      for one in differing]).reshape(-1, 2, 3)  # fmt: skip
    seen = sides[:, :, 2].sum(axis=0)
    gain, low, high = (share * x for x in _difference(sides, np.array([one.logged.task for one in differing], dtype=np.int64), rule))
    state: State = "open"
    if len(judged) >= rule.least and seen.min() >= rule.least_differing:
        state = "used" if low > 0.0 or (before and high >= 0.0) else "worse" if high < 0.0 else "open"
    elif before:
        state = "used"
    chance = {"used": 1.0, "open": rule.trial, "worse": rule.doubt}[state]
    reason = _reason(state, len(judged), seen, rule, before, low, high)
    return Verdict(len(judged), share, learned, similarity, gain, low, high, state, chance, reason)


def _sums(one: Judged, cases: Flags, rule: Rule) -> tuple[float, float, float]:
    """Weighted rewards, weights, and number of `cases` that were shown."""
    shown = cases & one.logged.shown & (one.logged.propensity > 0.0)
    weight = float((np.minimum(1.0 / one.logged.propensity[shown], rule.clip) * one.logged.weights[shown]).sum())
    return weight * one.logged.reward, weight, float(shown.sum())


def _value(sums: Sequence[tuple[float, float, float]]) -> float:
    total = sum(one[1] for one in sums)
    return sum(one[0] for one in sums) / total if total else float("nan")


def _difference(sides: Floats, tasks: Ids, rule: Rule) -> tuple[float, float, float]:
    """Mean reward of the learned reader's own choices minus that of similarity's, with its 95 % bootstrap interval over tasks.

    `sides` is (n, 2, 3): weighted rewards, weights and counts, for either reader. Without any shown case the interval is [-1, 1].
    """
    counts = sides[:, :, 2].sum(axis=0)
    if not len(sides) or counts.min() == 0 or sides[:, :, 1].sum(axis=0).min() <= 0.0:
        return 0.0, -1.0, 1.0
    one = sides[:, :, 1].sum(axis=0) / counts
    groups, at = np.unique(tasks, return_inverse=True)
    sums = np.zeros((len(groups), 2, 2))
    np.add.at(sums, at, sides[:, :, :2])

    def value(total: Floats) -> Floats:
        mean = (total[..., 0] + one) / (total[..., 1] + 2.0 * one)
        return mean[..., 0] - mean[..., 1]

    drawn = np.random.default_rng(rule.seed).multinomial(len(groups), np.full(len(groups), 1.0 / len(groups)), rule.draws)
    low, high = np.percentile(value((drawn @ sums.reshape(len(groups), 4)).reshape(-1, 2, 2)), [2.5, 97.5])
    return float(value(sums.sum(axis=0))), float(low), float(high)


def _reason(state: State, n: int, seen: Floats, rule: Rule, before: bool, low: float, high: float) -> str:
    if n < rule.least:
        return f"{n} readings have a reward; {rule.least} are needed" + (", and it stays in use until then" if before else "")
    if seen.min() < rule.least_differing:
        return f"they differed at {seen[0]:.0f} and {seen[1]:.0f} shown cases only; {rule.least_differing} of each are needed"
    points = f"{100 * low:+.1f} to {100 * high:+.1f} points"
    if state == "used":
        return f"better than similarity on readings that it had not seen: {points}" if low > 0.0 else f"not shown to be worse: {points}"
    return f"worse than similarity: {points}" if state == "worse" else f"not yet shown to be better: {points}"
