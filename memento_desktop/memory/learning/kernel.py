"""The episodic reader: how useful a case is for a task, from the rewards of its past readings (arXiv 2508.16153, equation 9).

Pure functions of arrays. The readings are the only state, so a verdict that is undone is undone here at the next call.

Equation (9) averages the values of a case's past readings with the weights k(s, s_i) / Σ_j k(s, s_j). Four things differ here:

- Normalised weights make one far reading count as much as one near reading would. Here the weighted rewards are pseudo-counts of a
  Beta posterior: Q = (Σ k r + a·prior) / (Σ k + a), so that far evidence moves Q little. Without the prior (a = 0) this is (9).
- A case that is no good anywhere is told apart from one that does not fit this task: Q = fit · works, where `works` is the case's
  success over all its readings, shrunk to a prior of its own.
- k is a logistic function of the cosine, which is what the probability that two tasks are of one kind looks like.
- The score adds the log-odds of `fit` and the logarithm of `works` to the similarity, as logarithms of probabilities add, so the
  softmax of the scores (7) is a distribution over cases with similarity as its prior. No evidence adds exactly nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Settings:
    """The constants of the reader; tuned on CLINC150 (see `memento_desktop.evaluation.selection`)."""

    near: float = 0.65
    """Cosine of two tasks at which a reading of one says half as much about the other as a reading of the same task."""
    width: float = 0.042
    """Cosine over which that changes."""
    fits: float = 0.62
    """`fit` of a case that was never read, in (0, 1)."""
    fits_weight: float = 0.3
    """Weight of that prior, in readings of the same task; above 0."""
    works: float = 0.75
    """`works` of a case that was never read, in (0, 1)."""
    works_weight: float = 1.0
    """Weight of that prior, in readings; above 0."""
    temperature: float = 0.11
    """Cosine worth as much as one unit of log-odds."""
    gain: float = 1.5
    """Weight of the log-odds of `fit` in the score."""
    trust: float = 1.5
    """Weight of the logarithm of `works` in the score."""
    explore: float = 0.01
    """Share of the tasks at which one case from outside the best is read."""
    reach: int = 8
    """How many of the next best are drawn from then."""
    leave_out: float = 0.01
    """Share of the tasks at which one of several chosen cases is left out."""


@dataclass(frozen=True)
class Past:
    """Readings of cases whose tasks have a reward, in any order; all arrays are (n,)."""

    cases: Ids
    nearness: Floats
    """Similarity in [-1, 1] of the task at hand to the reading's task."""
    similarity: Floats
    """Similarity in [-1, 1] of the case to the task it was read for."""
    rewards: Floats
    """In [0, 1]."""
    weights: Floats
    """How far that task's plan followed the case, in [0, 1]."""


@dataclass(frozen=True)
class Utility:
    """What the past says of each candidate; arrays are (m,)."""

    q: Floats
    """Q(s, c) = fit · works, in (0, 1)."""
    fit: Floats
    """Success of the case on tasks near this one, in (0, 1)."""
    works: Floats
    """Success of the case whatever the task, in (0, 1)."""
    evidence: Floats
    """Readings near the task, weighted."""


def nearness_weight(similarity: Floats, settings: Settings) -> Floats:
    """k of equation (9): how far a reading at this similarity speaks for the task at hand, in (0, 1)."""
    return 1.0 / (1.0 + np.exp(np.clip((settings.near - similarity) / settings.width, -60.0, 60.0)))


def log_odds(q: Floats | float) -> Floats:
    return np.log(q) - np.log1p(-np.asarray(q))


def utilities(candidates: Ids, past: Past, settings: Settings) -> Utility:
    """Q of each candidate. `candidates` (m,) are numbers of cases, each once.

    Readings of other cases are ignored. More reward never lowers Q. A failure says less about the case when the case was unlike the
    task it was read for: that was to be expected.
    """
    order = np.argsort(candidates, kind="stable")
    place = np.searchsorted(candidates, past.cases, sorter=order)
    inside = place < len(candidates)
    at = order[np.where(inside, place, 0)] if len(candidates) else place
    known = inside & (candidates[at] == past.cases) if len(candidates) else inside
    at, size = at[known], len(candidates)
    reward, weight = past.rewards[known], past.weights[known]

    def total(values: Floats) -> Floats:
        return np.bincount(at, values, size).astype(np.float64)

    blame = nearness_weight(past.similarity[known], settings)
    good, bad = total(weight * reward), total(weight * (1.0 - reward) * blame)
    works = (good + settings.works_weight * settings.works) / (good + bad + settings.works_weight)
    near = nearness_weight(past.nearness[known], settings) * weight
    evidence = total(near)
    fit = (total(near * reward) + settings.fits_weight * settings.fits) / (evidence + settings.fits_weight)
    return Utility(fit * works, fit, works, evidence)


def scores(similarity: Floats, utility: Utility, settings: Settings) -> Floats:
    """similarity/τ + λ·(log-odds of fit − those of its prior) + μ·log(works / its prior): similarity's ranking without evidence."""
    fit = settings.gain * (log_odds(utility.fit) - log_odds(settings.fits))
    return similarity / settings.temperature + fit + settings.trust * np.log(utility.works / settings.works)


def nominate(past: Past, settings: Settings, most: int = 16, least: float = 0.05) -> Ids:
    """Cases that helped on tasks near this one, the most helpful first, whatever their own similarity to it: candidates beside search's.

    Σ k(s, s_i) w_i r_i per case must reach `least`; of equals the lower number comes first.
    """
    cases, at = np.unique(past.cases, return_inverse=True)
    helped = np.bincount(at, nearness_weight(past.nearness, settings) * past.weights * past.rewards, len(cases))
    best = np.lexsort((cases, -helped))[:most]
    return cases[best[helped[best] >= least]].astype(np.int64)


@dataclass(frozen=True)
class Drawn:
    """Which candidates are shown, and the probability with which each is; arrays are (m,)."""

    shown: Flags
    propensity: Floats


def choose(values: Floats, most: int, settings: Settings, floor: float = -np.inf, random: Random | None = None) -> Drawn:
    """The best `most` of the candidates by score (equation 16), now and then with one exchanged or left out, and exact propensities.

    A score below `floor` is never shown: there the void case wins; nor is one of -inf. With probability `explore` the last of the chosen
    gives its place to one of the next `reach`, drawn from the softmax of their scores (7); with probability `leave_out` one of several
    chosen is left out, drawn evenly, so that what one case of a set is worth can be told. A single choice is never left out.

    Args:
        random: None shows the best and draws nothing.
    """
    order = np.argsort(-values, kind="stable")
    order = order[(values[order] >= floor) & np.isfinite(values[order])]
    chosen, following = order[:most], order[most : most + settings.reach]
    propensity = np.zeros(len(values))
    propensity[chosen] = 1.0
    shown = propensity > 0.0
    if random is None or not len(chosen):
        return Drawn(shown, propensity)
    explore = settings.explore if len(following) else 0.0
    leave_out = settings.leave_out if len(chosen) > 1 else 0.0
    propensity[chosen] -= leave_out / len(chosen)
    if explore > 0.0:
        share = np.exp(values[following] - values[following].max())
        propensity[following] = explore * share / share.sum()
        propensity[chosen[-1]] -= explore
    point = random.random()
    if point < explore:
        shown[chosen[-1]] = False
        shown[random.choices(following.tolist(), propensity[following].tolist())] = True
    elif point < explore + leave_out:
        shown[random.choice(chosen.tolist())] = False
    return Drawn(shown, propensity)


def mix(first: Drawn, second: Drawn, share: float, random: Random) -> Drawn:
    """`second` with probability `share`, else `first`, both over the same candidates: how a reader is tried before it is trusted."""
    shown = second.shown if random.random() < share else first.shown
    return Drawn(shown, (1.0 - share) * first.propensity + share * second.propensity)
