"""The map and the figures."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.map import Map
from memento_desktop.memory.browsing.statistics import Statistics
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from tests.memory.browsing.conftest import reading, task


def embed(bank: Bank, vectors: dict[str, tuple[float, ...]]) -> None:
    """Gives the memories with these titles these vectors."""
    embeddings = Embeddings(bank)
    number = embeddings.register("m", "sha", len(next(iter(vectors.values()))))
    batch = [(item, np.array(vectors[item.text], "<f4").tobytes()) for item in embeddings.waiting(number) if item.text in vectors]
    embeddings.store(number, batch)


SPOTS = {"a": (1.0, 0.0, 0.0), "b": (0.9, 0.1, 0.0), "c": (-1.0, 0.0, 0.1), "d": (0.0, 1.0, 0.0)}


def test_what_means_the_same_is_close_and_the_picture_stays(bank: Bank, memories: Memories):
    ids = {text: memories.keep(text).id for text in SPOTS}
    memories.keep("waits")
    embed(bank, SPOTS)
    found = Map(bank, memories).points()
    assert (found.total, found.waiting) == (4, 1)
    spot = {point.id: np.array([point.x, point.y]) for point in found.points}
    assert all(0.0 <= value <= 1.0 for point in spot.values() for value in point)
    a, b, c = (spot[ids[name]] for name in "abc")
    assert np.linalg.norm(a - b) < 0.3 * np.linalg.norm(a - c)
    assert 1.0 >= sum(found.explained) > 0.9
    assert Map(bank, memories).points() == found
    memories.trash(ids["d"])
    assert {point.id for point in Map(bank, memories).points().points} == set(ids.values()) - {ids["d"]}


def test_a_sample_is_always_the_same(bank: Bank, memories: Memories):
    random = np.random.default_rng(1)
    made = {f"m{n}": tuple(random.normal(size=8).tolist()) for n in range(40)}
    for text in made:
        memories.keep(text)
    embed(bank, made)
    one = Map(bank, memories)
    found = one.points(most=10)
    assert (len(found.points), found.total) == (10, 40)
    assert one.points(most=10) == Map(bank, memories).points(most=10) == found
    memories.edit(found.points[0].id, "another text")  # its vector goes, and it waits
    assert one.points(most=10).waiting == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_without_vectors_it_is_said_what_to_do(bank: Bank, memories: Memories, count: int):
    memories.keep("zero")
    spots = {f"m{n}": (1.0, 0.0) for n in range(count)}
    for text in spots:
        memories.keep(text)
    if spots:
        embed(bank, spots)
    with pytest.raises(MementoError, match="no map") as told:
        Map(bank, memories).points()
    assert "memory index" in told.value.hint


def test_what_is_all_alike_is_one_spot(bank: Bank, memories: Memories):
    for text in "abc":
        memories.keep(text)
    embed(bank, dict.fromkeys("abc", (0.6, 0.8)))
    assert {(point.x, point.y) for point in Map(bank, memories).points().points} == {(0.5, 0.5)}


def test_figures(bank: Bank, memories: Memories):
    helper, harmer = memories.keep("helper", kind="lesson").id, memories.keep("harmer", kind="lesson").id
    fact = memories.keep("fact").id
    first = task(bank, memories, "one", 1.0, at="2026-05-05")
    second = task(bank, memories, "two", 0.0, at="2026-05-06")
    task(bank, memories, "three", 0.0, at="2026-05-12")
    third = task(bank, memories, "four", 1.0, at="2026-05-13")
    task(bank, memories, "five", at="2026-05-13")
    memories.trash(task(bank, memories, "deleted", 1.0, at="2026-05-13"))
    reading(bank, first, helper)
    reading(bank, second, harmer)
    reading(bank, third, fact)
    found = Statistics(bank, memories).figures(weeks=3, today=date(2026, 5, 20))
    assert [(week.start, week.cases) for week in found.weeks] == [("2026-05-04", 2), ("2026-05-11", 3), ("2026-05-18", 0)]
    assert (found.weeks[0].with_memory.tasks, found.weeks[0].with_memory.good) == (2, 1)
    assert (found.weeks[1].without_memory.tasks, found.weeks[1].without_memory.rate) == (2, 0.5)  # a fact alone is no experience
    assert found.weeks[2].with_memory.rate is None
    assert (found.tasks_with.tasks, found.tasks_without.tasks) == (2, 2)
    assert [(worth.memory.id, worth.helped) for worth in found.helpful] == [(fact, 1), (helper, 1)]
    assert [(worth.memory.id, worth.harmed) for worth in found.harmful] == [(harmer, 1)]
    assert found.kinds == {"lesson": 2, "fact": 1, "case": 5}
    assert found.statuses == {"active": 8, "trashed": 1}


def test_figures_of_nothing(bank: Bank, memories: Memories):
    found = Statistics(bank, memories).figures(weeks=2)
    assert (len(found.weeks), found.kinds, found.helpful, found.tasks_with.rate) == (2, {}, (), None)
