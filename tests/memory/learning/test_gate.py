"""Whether a learned reader is let in: right where the truth is known, and never by chance or by knowing the future."""

from dataclasses import replace

import numpy as np
import pytest

from memento_desktop.memory.learning.gate import Judged, Logged, Rule, decide, kernel_pick, replay, similarity_pick
from memento_desktop.memory.learning.kernel import Settings

FIRST, SECOND = np.array([True, False]), np.array([False, True])


def judged_log(count, learned, similarity, seed=0, share=0.3):
    """Two cases: the learned reader would always show the second, similarity the first; logged at random with known chances."""
    random = np.random.default_rng(seed)
    found = []
    for n in range(count):
        shown = SECOND if random.random() < share else FIRST
        reward = float(random.random() < (learned if shown[1] else similarity))
        logged = Logged(n, np.array([0, 1]), np.array([0.8, 0.7]), np.array([1 - share, share]), shown, reward, np.ones(2))
        found.append(Judged(logged, SECOND, FIRST))
    return found


def test_the_better_reader_is_let_in_and_its_gain_is_right():
    verdict = decide(judged_log(2000, 0.8, 0.5))
    assert verdict.used
    assert verdict.share == 1.0
    assert verdict.low < 0.3 < verdict.high
    assert verdict.gain == pytest.approx(0.3, abs=0.06)
    assert "better" in verdict.reason


def test_the_worse_reader_is_found_out():
    verdict = decide(judged_log(2000, 0.4, 0.7), before=True)
    assert (verdict.state, verdict.share) == ("worse", Rule().doubt)
    assert verdict.high < 0


def test_the_estimate_does_not_depend_on_how_often_each_was_shown():
    """Over many logs: no bias beyond noise, though one side is shown nine times as often and both draw their reward from the same kind."""
    gains = [decide(judged_log(200, 0.7, 0.4, seed, share=0.1), rule=Rule(draws=10)).gain for seed in range(60)]
    assert np.mean(gains) == pytest.approx(0.3, abs=0.05)


def test_equal_readers_are_seldom_let_in():
    let_in = sum(decide(judged_log(300, 0.6, 0.6, seed), rule=Rule(draws=200)).used for seed in range(60))
    assert let_in <= 6  # 1.5 expected


def test_hysteresis_keeps_it_while_it_is_not_worse():
    log = judged_log(200, 0.6, 0.6, seed=3)
    assert not decide(log).used
    assert decide(log, before=True).used


def test_few_readings_or_few_differences_decide_nothing():
    assert decide([]).reason == "0 readings have a reward; 50 are needed"
    assert not decide(judged_log(40, 1.0, 0.0)).used
    alike = [Judged(one.logged, FIRST, FIRST) for one in judged_log(500, 1.0, 0.0)]
    verdict = decide(alike)
    assert (verdict.differing, verdict.gain, verdict.used) == (0.0, 0.0, False)
    assert "differed at 0 and 0 shown cases only" in verdict.reason


def test_three_lucky_readings_prove_nothing():
    lucky = judged_log(300, 1.0, 0.9, share=0.04)
    assert not decide(lucky, rule=Rule(least_differing=3)).used


def test_a_repeated_task_is_one_task_not_many():
    """One task, read again and again, must not make the interval narrow."""
    repeated = repeats()
    apart = [Judged(replace(one.logged, task=n), one.learned, one.similarity) for n, one in enumerate(repeated)]
    assert decide(repeated).gain == pytest.approx(decide(apart).gain)
    assert _width(repeated) > 2 * _width(apart)


def repeats():
    """Ten tasks with thirty readings each; whether the second case helps depends on the task alone."""
    found = []
    for n in range(300):
        shown, helps = (SECOND if n % 2 else FIRST), float(n // 30 % 2)
        reward = helps if shown[1] else 0.5
        logged = Logged(n // 30, np.array([0, 1]), np.array([0.8, 0.7]), np.array([0.5, 0.5]), shown, reward, np.ones(2))
        found.append(Judged(logged, SECOND, FIRST))
    return found


def _width(log):
    verdict = decide(log)
    return verdict.high - verdict.low


def test_replay_knows_earlier_readings_of_other_tasks_only():
    seen = []

    def spy(n, logged, past):
        seen.append((n, past.cases.tolist(), past.rewards.tolist(), past.nearness.tolist()))
        return FIRST

    log = [
        Logged(task, np.array([10 + n, 20]), np.array([0.9, 0.5]), np.ones(2), FIRST, n / 4, np.ones(2))
        for n, task in enumerate([1, 1, 2, 1])
    ]
    replay(log, lambda n: np.arange(4, dtype=np.float64) + np.float64(100 * n), spy, similarity_pick(1))
    assert seen == [(0, [], [], []), (1, [], [], []), (2, [10, 11], [0.0, 0.25], [200.0, 201.0]), (3, [12], [0.5], [302.0])]


def test_the_kernel_on_replay_leaves_a_case_that_failed():
    log = [Logged(n, np.array([1, 2]), np.array([0.8, 0.78]), np.ones(2), FIRST, 0.0, np.ones(2)) for n in range(3)]
    found = replay(log, lambda n: np.ones(3), kernel_pick(Settings(), 1), similarity_pick(1))
    assert [one.learned.tolist() for one in found] == [[True, False], [False, True], [False, True]]
    assert all(one.similarity.tolist() == [True, False] for one in found)
