"""The trained head: deterministic, without leaks, the kernel when it knows little, better than it when tasks teach something."""

import numpy as np
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.learning import neural
from memento_desktop.memory.learning.kernel import Past, Settings, scores, utilities
from memento_desktop.memory.learning.neural import Head, Readings, fit, prototypes

DIM = 12


def unit(values):
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def log_of(count, seed=0, label=None):
    """Only the first half of the dimensions tells whether a case helps; the rest is noise."""
    random = np.random.default_rng(seed)
    tasks, bank = unit(random.normal(size=(count, DIM))), unit(random.normal(size=(20, DIM)))
    cases = random.integers(0, 20, count)
    helps = ((tasks * bank[cases])[:, : DIM // 2].sum(axis=1) > 0).astype(float)
    rewards = helps if label is None else np.full(count, label)
    return Readings(np.arange(count), cases, tasks, bank[cases], rewards, np.ones(count))


def judge(head, log):
    """Scores without any history: what the head itself has learnt."""
    empty = Past(np.empty(0, np.int64), *(np.empty(0) for _ in range(4)))
    values = []
    for task, case in zip(log.task_vectors, log.case_vectors, strict=True):
        utility = utilities(np.array([0]), empty, head.settings)
        values.append(head.q(task, case[None], case[None], utility)[0])
    return np.array(values)


def test_the_same_log_gives_the_same_bits():
    assert fit(log_of(300)).to_bytes() == fit(log_of(300)).to_bytes()


def test_a_head_survives_being_stored():
    head = fit(log_of(100))
    again = Head.from_bytes(head.to_bytes())
    assert (again.theta == head.theta).all()
    assert (again.settings, again.readings, again.dim) == (head.settings, 100, DIM)


@pytest.mark.parametrize("change", ["shorter", "much shorter", "empty", "other kind", "no header"])
def test_a_damaged_head_is_refused(change):
    data = fit(log_of(50)).to_bytes()
    damaged = {
        "shorter": data[:-1],
        "much shorter": data[:5],
        "empty": b"",
        "other kind": b"X" + data[1:],
        "no header": data[:12] + b"{" * 40,
    }
    with pytest.raises(MementoError, match="cannot be read"):
        Head.from_bytes(damaged[change])


def test_it_learns_which_directions_tell():
    tested = log_of(500, seed=1)
    right = (judge(fit(log_of(2000)), tested) > 0.5) == (tested.rewards > 0.5)
    cosine = ((tested.task_vectors * tested.case_vectors).sum(axis=1) > 0) == (tested.rewards > 0.5)
    assert right.mean() > cosine.mean() + 0.1


def test_with_a_handful_of_readings_it_ranks_as_the_kernel_does():
    head, settings = fit(log_of(3, label=1.0)), Settings()
    random = np.random.default_rng(2)
    cases, task = unit(random.normal(size=(8, DIM))), unit(random.normal(size=DIM))
    utility = utilities(np.arange(8), Past(np.empty(0, np.int64), *(np.empty(0) for _ in range(4))), settings)
    kernel = scores((cases @ task).astype(float), utility, settings)
    assert (np.argsort(head.scores(task, cases, cases, utility)) == np.argsort(kernel)).all()


def test_no_feature_of_a_reading_knows_its_own_label_or_a_later_one():
    log, turned = log_of(60), log_of(60)
    for one in (log, turned):
        one.tasks[59] = one.tasks[0]  # a task that is taken up again at the end must not bring the end forward
    turned.rewards[40:] = 1.0 - turned.rewards[40:]
    before, after = (neural._prequential(one, Settings()) for one in (log, turned))
    assert (before[0][:41] == after[0][:41]).all()
    assert (before[1][:41] == after[1][:41]).all()
    assert (before[0][41:] != after[0][41:]).any()


def test_readings_of_one_task_never_explain_each_other():
    log = log_of(40)
    one_task = Readings(np.zeros(40, np.int64), np.zeros(40, np.int64), log.task_vectors, log.case_vectors, log.rewards, log.weights)
    features, protos = neural._prequential(one_task, Settings())
    assert (features[:, 2:] == 0).all()
    np.testing.assert_allclose(protos, log.case_vectors, atol=1e-6)


def test_prototypes_lean_to_the_tasks_that_a_case_helped():
    own, tasks = unit(np.eye(3)[:2]), unit(np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    past = Past(np.array([7, 7, 8]), np.ones(3), np.ones(3), np.array([1.0, 0.0, 1.0]), np.ones(3))
    found = prototypes(np.array([7, 3]), own, past, tasks)
    np.testing.assert_allclose(found, [[0.5**0.5, 0, 0.5**0.5], [0, 1, 0]], atol=1e-6)


def test_prototypes_in_training_are_those_of_use():
    log = log_of(80)
    before = Past(log.cases[:79], np.ones(79), np.ones(79), log.rewards[:79], log.weights[:79])
    wanted = prototypes(log.cases[79:], log.case_vectors[79:], before, log.task_vectors[:79])
    np.testing.assert_allclose(neural._prequential(log, Settings())[1][79:], wanted, atol=1e-6)


def test_features_in_training_are_the_kernels_of_use():
    log = log_of(80)
    alike = (log.task_vectors * log.case_vectors).sum(axis=1, dtype=float)
    near = (log.task_vectors[:79] @ log.task_vectors[79]).astype(float)
    past = Past(log.cases[:79], near, alike[:79], log.rewards[:79], log.weights[:79])
    utility = utilities(log.cases[79:], past, Settings())
    np.testing.assert_allclose(neural._prequential(log, Settings())[0][79, 3], np.log(utility.works / Settings().works)[0], atol=1e-6)


def test_an_empty_log_teaches_nothing():
    with pytest.raises(MementoError, match="nothing to learn from"):
        fit(log_of(0))
