"""The episodic reader: what past readings may and may not change, and that the propensities are those of the drawing."""

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.learning.kernel import Drawn, Past, Settings, choose, mix, nearness_weight, nominate, scores, utilities

SETTINGS = Settings()
unit = st.floats(0.0, 1.0)
readings = st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 1), st.floats(-1, 1), unit, unit), max_size=20)
CANDIDATES = np.array([4, 0, 2, 9])


def past(rows: list[tuple[int, float, float, float, float]]) -> Past:
    columns = np.array(rows, dtype=float).reshape(-1, 5).T
    return Past(columns[0].astype(np.int64), *columns[1:])


@given(readings, st.randoms(use_true_random=False))
def test_the_order_of_the_log_does_not_matter(rows, shuffler):
    mixed = list(rows)
    shuffler.shuffle(mixed)
    np.testing.assert_allclose(utilities(CANDIDATES, past(rows), SETTINGS).q, utilities(CANDIDATES, past(mixed), SETTINGS).q, rtol=1e-9)


@given(readings.filter(len), st.data())
def test_more_reward_never_lowers_q_and_moves_no_other_case(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    case, near, similarity, reward, weight = rows[at]
    better = [*rows[:at], (case, near, similarity, data.draw(st.floats(reward, 1.0)), weight), *rows[at + 1 :]]
    before, after = (utilities(CANDIDATES, past(log), SETTINGS).q for log in (rows, better))
    assert (after >= before - 1e-12).all()
    assert (after == before)[case != CANDIDATES].all()


@given(readings)
def test_q_is_a_probability_and_scores_are_finite(rows):
    utility = utilities(CANDIDATES, past(rows), SETTINGS)
    assert ((utility.q > 0) & (utility.q < 1)).all()
    assert np.isfinite(scores(np.zeros(4), utility, SETTINGS)).all()


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4))
def test_without_evidence_the_ranking_is_that_of_similarity(similarity):
    values = np.array(similarity)
    others = past([(77, 1.0, 1.0, 1.0, 1.0)])
    utility = utilities(CANDIDATES, others, SETTINGS)
    assert (utility.evidence == 0).all()
    assert (scores(values, utility, SETTINGS) == values / SETTINGS.temperature).all()


def test_weights_normalise_as_in_equation_9_when_the_prior_weighs_nothing():
    rows = [(2, 0.7, 1.0, 1.0, 1.0), (2, 0.6, 1.0, 0.0, 1.0), (2, 0.9, 1.0, 0.5, 1.0)]
    fit = utilities(np.array([2]), past(rows), replace(SETTINGS, fits_weight=1e-12)).fit
    k = nearness_weight(np.array([0.7, 0.6, 0.9]), SETTINGS)
    np.testing.assert_allclose(fit, (k * [1.0, 0.0, 0.5]).sum() / k.sum(), rtol=1e-6)


def test_a_failure_on_a_like_task_says_more_than_one_on_another():
    near, far = (utilities(np.array([2]), past([(2, x, 0.8, 0.0, 1.0)]), SETTINGS) for x in (0.95, 0.1))
    assert near.fit < far.fit
    assert near.works == far.works < SETTINGS.works


def test_no_candidates_have_no_utilities():
    assert utilities(np.array([], dtype=np.int64), past([(2, 0.9, 0.8, 0.0, 1.0)]), SETTINGS).q.shape == (0,)


def test_what_helped_on_like_tasks_is_nominated_the_most_helpful_first():
    rows = [(5, 0.9, 0.2, 1.0, 1.0), (3, 0.9, 0.2, 1.0, 1.0), (3, 0.9, 0.2, 1.0, 1.0), (1, 0.9, 0.2, 0.0, 1.0), (0, 0.1, 0.2, 1.0, 1.0)]
    assert nominate(past(rows), SETTINGS).tolist() == [3, 5]
    assert nominate(past(rows), SETTINGS, most=1).tolist() == [3]
    assert nominate(past([]), SETTINGS).tolist() == []


LIVELY = replace(SETTINGS, explore=0.2, leave_out=0.3, reach=2)


def test_propensities_are_the_frequencies_of_the_drawing():
    values = np.array([1.0, 3.0, -5.0, 2.0, 2.5, 0.5, -np.inf])
    random, draws = Random(4), 20_000
    first = choose(values, 2, LIVELY, -1.0, random)
    seen = np.mean([choose(values, 2, LIVELY, -1.0, random).shown for _ in range(draws)], axis=0)
    error = np.sqrt(first.propensity * (1 - first.propensity) / draws)
    assert (np.abs(seen - first.propensity) <= 4.5 * error).all()
    assert (first.propensity > 0).tolist() == [True, True, False, True, True, False, False]


@given(st.lists(st.floats(-5, 5), max_size=8), st.integers(0, 4), st.floats(-5, 5), st.integers())
def test_shown_cases_had_a_chance_and_the_void_case_wins_below_the_floor(values, most, floor, seed):
    drawn = choose(np.array(values), most, LIVELY, floor, Random(seed))
    assert drawn.shown.sum() <= most
    assert (drawn.propensity[drawn.shown] > 0).all()
    assert ((drawn.propensity >= -1e-12) & (drawn.propensity <= 1 + 1e-12)).all()
    assert (drawn.propensity[np.array(values, dtype=float) < floor] == 0).all()
    open_ones = int((np.array(values, dtype=float) >= floor).sum())
    left_out = LIVELY.leave_out if min(most, open_ones) > 1 else 0.0
    np.testing.assert_allclose(drawn.propensity.sum(), min(most, open_ones) - left_out)


def test_without_a_random_source_the_best_are_shown_and_nothing_is_left_to_chance():
    drawn = choose(np.array([1.0, 3.0, 2.0]), 2, LIVELY)
    assert drawn.shown.tolist() == [False, True, True]
    assert drawn.propensity.tolist() == [0.0, 1.0, 1.0]


def test_a_mixture_shows_with_the_mixed_probability():
    first = Drawn(np.array([True, False]), np.array([1.0, 0.0]))
    second = Drawn(np.array([False, True]), np.array([0.0, 1.0]))
    random = Random(1)
    seen = np.mean([mix(first, second, 0.25, random).shown for _ in range(10_000)], axis=0)
    np.testing.assert_allclose(mix(first, second, 0.25, random).propensity, [0.75, 0.25])
    np.testing.assert_allclose(seen, [0.75, 0.25], atol=0.02)
