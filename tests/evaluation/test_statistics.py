"""Intervals hold their mean, shrink with more figures, respect clusters, and come out the same twice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.evaluation.statistics import clustered, interval

figures = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@given(figures, st.integers(0, 3))
def test_the_interval_lies_within_the_figures_and_is_repeatable(values: list[float], seed: int):
    mean, low, high = interval(values, seed, 100)
    assert mean == pytest.approx(math.fsum(values) / len(values), abs=1e-9)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert interval(values, seed, 100) == (mean, low, high)


@given(figures, st.floats(-50, 50))
def test_a_shift_moves_the_interval(values: list[float], by: float):
    assert interval([v + by for v in values], draws=100) == pytest.approx([v + by for v in interval(values, draws=100)], abs=1e-6)


def test_it_covers_the_truth_about_as_often_as_it_says():
    import numpy as np

    random = np.random.default_rng(7)
    hits = 0
    for seed in range(200):
        _, low, high = interval(list(random.normal(3.0, 1.0, 40)), seed, 300)
        hits += low <= 3.0 <= high
    assert 178 <= hits <= 199  # 95 % of 200 is 190; the percentile bootstrap is a little narrow at 40 figures


def test_like_figures_of_a_cluster_count_as_one():
    alone = interval([0.0] * 50 + [1.0] * 50)
    together = clustered({n: [float(n % 2)] * 10 for n in range(10)})
    assert alone[0] == together[0] == 0.5
    assert together[2] - together[1] > 2 * (alone[2] - alone[1])


def test_large_clusters_keep_their_weight_and_empty_ones_have_none():
    assert clustered({"a": [1.0, 1.0, 1.0], "b": [0.0], "c": []})[0] == 0.75
    assert clustered({"only": [0.0, 1.0]}) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("values", [[], [math.nan], [1.0, math.inf]])
def test_what_has_no_mean_is_refused(values: list[float]):
    with pytest.raises(ValueError, match="figure"):
        interval(values)
