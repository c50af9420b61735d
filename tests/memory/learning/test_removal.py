"""What is removed for good is gone from what was learnt too, and nothing that rests on it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.learning import wording
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.learning.standing import Learner
from tests.memory.learning.test_policy import VOID, House, played


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "bank.sqlite")
    yield made
    made.bank.close()


def corrected(house: House, task: str, advice: str = VOID) -> tuple[int, int]:
    case_id = house.past(task, task.lower(), 0.0)
    return case_id, house.lessons.verdict(case_id, 0.0, advice)[1][0].id


def test_a_purged_case_takes_the_lesson_that_was_drawn_from_it_alone(house: House):
    case_id, lesson = corrected(house, "Total the zebra in a.csv", "leave out rows marked quagga")
    house.memories.purge(case_id)
    assert not house.memories.exists(lesson)
    data = house.bank.path.read_bytes()
    assert b"zebra" not in data
    assert b"quagga" not in data
    assert house.bank.problems() == []


def test_a_purged_case_leaves_a_lesson_that_others_taught_too(house: House):
    first, lesson = corrected(house, "Total the km in a.csv")
    _, same = corrected(house, "Sum the km in b.csv")
    if same != lesson:
        with house.bank.change("owner", "merge") as change:
            house.lessons.merge(lesson, same, change)
    house.memories.purge(first)
    assert house.memories.exists(lesson)


def test_a_lesson_that_another_was_merged_into_can_be_purged(house: House):
    _, kept = corrected(house, "Total the km in a.csv")
    _, other = corrected(house, "Average the price in b.csv")
    with house.bank.change("owner", "merge") as change:
        house.lessons.merge(kept, other, change)
    house.memories.purge(kept)
    assert not house.memories.exists(other), "it said the same"
    assert house.bank.problems() == []


def test_redo_after_a_purge_brings_back_what_is_left(house: House):
    case_id, lesson = corrected(house, "Total the km in a.csv")
    house.history.undo()
    house.memories.purge(case_id)
    house.history.redo()
    assert house.memories.get(lesson).status == "active"
    assert house.lessons.sources(lesson) == []
    assert house.bank.problems() == []


def test_a_task_that_a_lesson_was_drawn_from_is_not_undone_before_it(house: House):
    bad = house.past("Total the km in a.csv", "total the km in a.csv", 0.0)
    task = next(change for change in house.history.of(bad) if change.label.startswith("task"))
    good = house.past("Total the km in b.csv", f"total the km in b.csv; {VOID}", 0.0)
    house.lessons.verdict(good, 1.0)
    verdict = next(change for change in house.history.of(bad) if change.label.startswith("bad"))
    house.history.undo(verdict.id)
    with pytest.raises(MementoError, match="was drawn from it"):
        house.history.undo(task.id)


def test_practice_counts_only_while_the_known_outcome_is_called_good(house: House):
    memory = house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
    case_id = house.cases.begin("Total the km in b.csv", "nano")
    house.cases.planned(case_id, [f"total the km in b.csv; {VOID}"])
    house.cases.step(case_id, "total", "read_table", {"path": "b.csv"}, "1", True, 1)
    house.cases.finish(case_id, "done", "1")
    house.cases.verdict(case_id, 1.0)
    practice = Practice(house.bank, house.cases, house.reading, house.log)
    number = practice.begin()
    trial = next(one for one in practice.trials() if one.hit.memory_id == memory)
    practice.record(number, trial, 1.0, trial.case.plan)
    practice.end(number)
    assert len(house.log.of([memory])) == house.log.count() == 1
    house.cases.verdict(case_id, 0.0)
    assert house.log.of([memory]) == []
    assert house.log.count() == 0


def test_a_state_that_another_version_kept_is_not_used_and_learnt_anew(house: House):
    house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
    played(house, 40)
    learner = Learner(house.bank, house.log)
    assert learner.learn() is not None
    house.bank.rows("UPDATE learned SET state = CAST('{\"verdicts\": {}, \"other\": 1}' AS BLOB) WHERE what = 'standing'")
    assert learner.standing() is None
    assert learner.reader().name == "similarity"
    assert learner.learn() is not None


@pytest.mark.parametrize(
    ("correction", "rule"),
    [
        ("leave out rows marked void", True), ("use the gross amount, not the net one", True), ("add 19% tax", True), ("no", False),
        ("That's wrong, it should be 42", False), ("42", False), ("Use budget_2024.csv, not budget_2023.csv", False),
        ("no void rows", True), ('label it "Rent": in euros', True),
    ],
)  # fmt: skip
def test_only_what_can_be_a_rule_becomes_a_lesson(house: House, correction: str, rule: bool):
    case_id = house.past("Total the km in a.csv", "total the km in a.csv", 0.0)
    case, taught = house.lessons.verdict(case_id, 0.0, correction)
    assert case.correction == correction
    assert bool(taught) == rule
    if taught:
        assert wording.advice_of(taught[0].body) == correction
        assert house.lessons.verdict(case_id, 0.0, correction)[1] == taught


def test_a_pair_lesson_goes_when_its_success_is_called_bad(house: House):
    house.past("Total the km in a.csv", "total the km in a.csv", 0.0)
    good = house.past("Total the km in b.csv", f"total the km in b.csv; {VOID}", 0.0)
    (lesson,) = house.lessons.verdict(good, 1.0)[1]
    house.lessons.verdict(good, 0.0)
    assert house.memories.get(lesson.id).status == "archived"


def test_what_was_trashed_is_not_learnt_again_in_other_words(house: House):
    _, lesson = corrected(house, "Total the km in a.csv")
    house.memories.trash(lesson)
    case_id = house.past("Sum the km in b.csv", "total the km in b.csv", 0.0)
    assert house.lessons.verdict(case_id, 0.0, "Leave out the rows marked void")[1] == []
