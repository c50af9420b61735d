"""Intervals for a mean: the percentile bootstrap, over single figures or over whole clusters of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TAILS = (2.5, 97.5)  # per cent: what a 95 % interval leaves out on either side


def interval(differences: Sequence[float], seed: int = 0, draws: int = 2000) -> tuple[float, float, float]:
    """Mean of `differences` with its 95 % percentile-bootstrap interval: (mean, low, high), in the unit of the figures.

    The figures are taken as independent; where tasks of one family or one seed belong together, use `clustered`. The same
    figures, seed and draws give the same interval. Raises ValueError for no figures at all, or for one that is not finite.
    """
    return clustered(dict(enumerate([value] for value in differences)), seed, draws)


def clustered(differences_by_cluster: Mapping[Any, Sequence[float]], seed: int = 0, draws: int = 2000) -> tuple[float, float, float]:
    """Mean over all figures with a 95 % interval from resampling whole clusters (such as task family × seed): (mean, low, high).

    Every drawn cluster brings all its figures, so a draw's mean is a ratio of two sums and large clusters keep their weight.
    A cluster without figures counts for nothing. With one cluster there is nothing to resample: the interval is the mean itself,
    which says that the spread is unknown, not that it is nil. Raises ValueError as `interval` does.
    """
    import numpy as np

    filled = [np.asarray(values, dtype=np.float64) for values in differences_by_cluster.values() if len(values)]
    if not filled:
        raise ValueError("an interval needs at least one figure")
    sums, sizes = np.array([values.sum() for values in filled]), np.array([len(values) for values in filled])
    if not np.isfinite(sums).all():
        raise ValueError("an interval needs finite figures")
    random = np.random.default_rng(seed)
    means = np.empty(draws)
    for draw in range(draws):  # one draw at a time: a matrix of draws × figures would not fit for a long log
        picked = random.integers(0, len(filled), len(filled))
        means[draw] = sums[picked].sum() / sizes[picked].sum()
    low, high = np.percentile(means, TAILS)
    return float(sums.sum() / sizes.sum()), float(low), float(high)
