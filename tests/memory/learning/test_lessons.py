"""Lessons: distilled by rule, merged by rule, undone with the verdict that taught them."""

from __future__ import annotations

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.learning import wording
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import Search
from tests.memory.test_history import state

VOID = "leave out rows marked void"


@pytest.fixture
def lessons(bank: Bank, memories: Memories, cases: Cases) -> Lessons:
    return Lessons(bank, memories, cases, Search(bank))


def done(cases: Cases, task: str, plan: str = "", reward: float | None = None) -> int:
    case_id = cases.begin(task, "nano")
    cases.planned(case_id, [plan or task.lower()])
    cases.finish(case_id, "done", "170")
    if reward is not None:
        cases.verdict(case_id, reward)
    return case_id


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("Total the km in trips_march.csv", "Total the km in …"),
        ("What is 17% of 2,340.50?", "What is … of …?"),
        ("Find the rent in papers/lease.pdf.", "Find the rent in …"),
        ("Days from 2026-01-02 to 3 May", "Days from … to … May"),
        ('Say "good morning" to Ruth', "Say … to Ruth"),
        ("Read https://example.org/a?b=1 again", "Read … again"),
    ],
)
def test_what_is_particular_to_a_task_is_left_out(task: str, kind: str):
    assert wording.kind_of_task(task) == kind


def test_a_correction_becomes_a_lesson_linked_to_its_case(lessons: Lessons, cases: Cases, bank: Bank):
    case_id = done(cases, "Total the km in trips.csv")
    case, taught = lessons.verdict(case_id, 0.0, VOID)
    assert [lesson.body for lesson in taught] == ['For tasks like "Total the km in …": leave out rows marked void']
    assert taught[0].kind == "lesson"
    assert lessons.sources(taught[0].id) == [case.id] == [case_id]
    assert lessons.of_case(case_id) == taught
    assert not bank.problems()


def test_the_same_advice_again_is_one_lesson_with_both_cases(lessons: Lessons, cases: Cases, memories: Memories):
    first, second = done(cases, "Total the km in trips.csv"), done(cases, "Sum the km in more.csv", "total the km in more.csv")
    (one,) = lessons.verdict(first, 0.0, VOID)[1]
    (two,) = lessons.verdict(second, 0.0, "Leave out the rows marked void, please")[1]
    assert one.id == two.id
    assert two.body == one.body
    assert lessons.sources(one.id) == [first, second]
    assert memories.count(["active"]) == 3


def test_other_advice_or_another_kind_of_task_is_another_lesson(lessons: Lessons, cases: Cases):
    taught = [
        lessons.verdict(done(cases, "Total the km in a.csv"), 0.0, VOID)[1],
        lessons.verdict(done(cases, "Total the km in b.csv"), 0.0, "only rows marked void count")[1],
        lessons.verdict(done(cases, "Average the price in c.csv"), 0.0, VOID)[1],
    ]
    assert len({lesson.id for (lesson,) in taught}) == 3


def test_success_and_failure_on_like_tasks_teach_what_set_them_apart(lessons: Lessons, cases: Cases):
    bad = done(cases, "Total the km in a.csv", "total the km in a.csv")
    lessons.verdict(bad, 0.0)
    good = done(cases, "Total the km in b.csv", f"total the km in b.csv; {VOID}")
    (lesson,) = lessons.verdict(good, 1.0)[1]
    assert lesson.body == f'For tasks like "Total the km in …": {VOID}'
    assert lessons.sources(lesson.id) == [bad, good]


def test_a_success_without_the_owners_word_teaches_nothing(lessons: Lessons, cases: Cases):
    good = done(cases, "Total the km in b.csv", f"total the km in b.csv; {VOID}")
    cases.reward(good, 0.9, "self")
    assert lessons.verdict(done(cases, "Total the km in a.csv", "total the km in a.csv"), 0.0)[1] == []


def test_a_new_correction_replaces_the_lesson_of_the_old_one(lessons: Lessons, cases: Cases, memories: Memories):
    case_id = done(cases, "Total the km in trips.csv")
    (old,) = lessons.verdict(case_id, 0.0, VOID)[1]
    (new,) = lessons.verdict(case_id, 0.0, "only paid rows")[1]
    assert memories.get(old.id).status == "archived"
    assert lessons.of_case(case_id) == [new]
    lessons.verdict(case_id, 1.0)
    assert lessons.of_case(case_id) == []


def test_a_lesson_that_the_owner_edited_stays(lessons: Lessons, cases: Cases, memories: Memories):
    case_id = done(cases, "Total the km in trips.csv")
    (lesson,) = lessons.verdict(case_id, 0.0, VOID)[1]
    memories.edit(lesson.id, 'For tasks like "Total the km in …": leave out rows marked void or test')
    lessons.verdict(case_id, 1.0)
    assert memories.get(lesson.id).status == "active"


def test_what_the_owner_removed_is_not_learnt_again(lessons: Lessons, cases: Cases, memories: Memories):
    case_id = done(cases, "Total the km in trips.csv")
    (lesson,) = lessons.verdict(case_id, 0.0, VOID)[1]
    memories.trash(lesson.id)
    assert lessons.verdict(case_id, 0.0, VOID)[1] == []
    memories.purge(lesson.id)
    assert lessons.verdict(case_id, 0.0, VOID)[1] == []


def test_undoing_the_verdict_undoes_its_lesson(lessons: Lessons, cases: Cases, history: History, bank: Bank):
    first, second = done(cases, "Total the km in a.csv"), done(cases, "Total the km in b.csv")
    states = [state(bank)]
    for case_id, correction in ((first, VOID), (second, VOID), (first, "only paid rows")):
        lessons.verdict(case_id, 0.0, correction)
        states.append(state(bank))
    for earlier in reversed(states[:-1]):
        history.undo()
        assert state(bank) == earlier


def test_a_merge_adds_the_counters(lessons: Lessons, cases: Cases, memories: Memories, bank: Bank, history: History):
    kept = lessons.verdict(done(cases, "Total the km in a.csv"), 0.0, VOID)[1][0]
    other = lessons.verdict(done(cases, "Average the price in b.csv"), 0.0, VOID)[1][0]
    reading = Reading(bank, memories, cases, Search(bank))
    for task, reward in (("Total the km in c.csv", 1.0), ("Average the price in d.csv", 1.0), ("Average the price in e.csv", 0.0)):
        case_id = cases.begin(task, "nano")
        reading.read(task, case_id)
        cases.planned(case_id, [f"{task.lower()}; {VOID}"])
        cases.finish(case_id, "done", "1")
        reading.credit(case_id)
        cases.verdict(case_id, reward)
    before = [memories.get(lesson.id) for lesson in (kept, other)]
    assert [(m.helpful, m.harmful) for m in before] == [(1, 0), (1, 1)]
    with bank.change("owner", "merge") as change:
        lessons.merge(kept.id, other.id, change)
    merged = memories.get(kept.id)
    assert (merged.read, merged.helpful, merged.harmful) == (3, 2, 1)
    assert merged.body == kept.body
    history.undo()
    assert [memories.get(lesson.id) for lesson in (kept, other)] == before


def test_a_lesson_is_read_like_a_case_and_stands_for_the_failure_it_came_from(
    lessons: Lessons, cases: Cases, memories: Memories, bank: Bank
):
    case_id = done(cases, "Total the km in a.csv")
    lessons.verdict(case_id, 0.0, VOID)
    read = Reading(bank, memories, cases, Search(bank)).read("Total the km in b.csv", None)
    assert [lesson.body for lesson in read.lessons] == [f'For tasks like "Total the km in …": {VOID}']
    assert read.cases == ()
    memories.trash(read.lessons[0].id)
    assert [c.id for c in Reading(bank, memories, cases, Search(bank)).read("Total the km in b.csv", None).cases] == [case_id]


def test_a_lesson_is_not_crowded_out_by_cases_of_the_same_file(lessons: Lessons, cases: Cases, memories: Memories, bank: Bank):
    lessons.verdict(done(cases, "Total the km in trips_april.csv"), 0.0, VOID)
    for n in range(30):
        done(cases, f"Total the km in trips_august_{n}.csv", reward=1.0)
    done(cases, "Total the price in trips_august.csv", reward=1.0)
    read = Reading(bank, memories, cases, Search(bank)).read("Total the km in trips_august.csv", None)
    assert any(VOID in choice.hit.title for choice in read.choices if choice.hit.kind == "lesson")
