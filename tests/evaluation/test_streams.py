"""Every file tells the right reading from all others, by the app's own table tool; no two families and no two questions are alike."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.evaluation import streams
from memento_desktop.evaluation.streams import Convention, Task, make
from memento_desktop.sandbox.convert import Rows
from memento_desktop.tools import tables

seeds = st.integers(0, 10_000)


def answer(task: Task, without: str = "", only: str = "") -> str:
    """What the app's tool says of a task's file."""
    family = task.family
    rows = [[row.name, streams.decimal(row.value), row.status] for row in task.rows]
    try:
        return tables.answer(Rows(("name", family.column, "status"), rows), task.file, family.operation, family.column, without, only)
    except MementoError as error:
        return str(error)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_only_the_familys_convention_gives_the_right_figure(seed: int):
    stream = make(seed, 4, 2)
    conventions = {c for family in stream.families for c in (family.convention, family.former)}
    for task in (task for tasks in stream.rounds for task in tasks):
        own = task.family.convention
        present = {Convention(sense, row.status) for row in task.rows if row.status for sense in (True, False)}
        assert {own, task.family.former} <= present
        assert task.solved(answer(task, *own.arguments))
        assert not task.solved(answer(task))
        for other in (conventions | present) - {own}:  # those of other families too, whose marker may not stand in the file
            assert not task.solved(answer(task, *other.arguments)), other


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(1, streams.MOST_FAMILIES), st.integers(1, 6))
def test_families_files_and_questions_are_each_met_once(seed: int, families: int, exposures: int):
    stream = make(seed, families, exposures)
    assert len({(f.operation, f.column) for f in stream.families}) == len({f.convention for f in stream.families}) == families
    asked = [task for tasks in stream.rounds for task in tasks] + [old.task for old in stream.former]
    assert len({task.text for task in asked}) == len({task.file for task in asked}) == len(asked)
    for n, tasks in enumerate(stream.rounds, 1):
        assert sorted(task.family.number for task in tasks) == list(range(families))
        assert {task.exposure for task in tasks} == {n}
    assert all(task.file in task.text and task.family.column in task.text for task in asked)


def test_a_stream_comes_out_the_same_twice_and_different_with_another_seed():
    assert make(3, 5, 3) == make(3, 5, 3)
    assert make(3, 5, 3) != make(4, 5, 3)
    assert [t.family.number for t in make(3, 40, 2).rounds[0]] != [t.family.number for t in make(3, 40, 2).rounds[1]]


@pytest.mark.parametrize("families", [6, 7, 40])
def test_half_of_the_look_alikes_worked_in_each_family_and_all_say_the_former_convention(families: int):
    stream = make(1, families, 1)
    worked = Counter(old.task.family.number for old in stream.former if old.worked)
    assert len(stream.former) == 3 * families
    assert {worked[n] for n in range(families)} == {1, 2}
    assert abs(2 * sum(worked.values()) - len(stream.former)) <= 1
    for old in stream.former:
        assert old.task.family.former.marker in old.said.split()
        assert old.task.family.convention.marker not in old.said.split()


def test_many_families_share_an_operation_or_a_column():
    stream = make(0, 40, 1)
    columns = Counter(family.column for family in stream.families)
    assert sum(count > 1 for count in columns.values()) >= 10
    assert len({family.operation for family in stream.families}) == 4


def task_of(right: str, wrong: str = "900") -> Task:
    made = make(0, 1, 1).rounds[0][0]
    return Task(made.family, 1, "north_trips.csv", "", (), Fraction(right), frozenset([Fraction(wrong)]))


@pytest.mark.parametrize(
    ("said", "solved"),
    [
        ("The total of km in north_trips.csv is 1234.5 (9 rows, 3 with void left out).", True),
        ("It comes to 1,234.5 km.", True),
        ("1234.50", True),
        ("1234.5.", True),
        ("The total is 1234.", False),
        ("The total is 11234.5", False),
        ("The total is 1234.55", False),
        ("The total is -1234.5", False),
        ("It is 900, or 1234.5 without the void rows.", False),
        ("I do not know that.", False),
        ("", False),
    ],
)
def test_the_right_figure_must_stand_in_the_answer_whole_and_alone(said: str, solved: bool):
    assert task_of("1234.5").solved(said) is solved


def test_a_number_in_a_file_name_is_no_answer():
    task = task_of("7")
    assert not Task(task.family, 1, "week 7.csv", "", (), task.right, task.wrong).solved("There is no column km in Week 7.csv.")


def test_arguments_are_compared_as_the_tool_reads_them():
    task = next(t for t in make(0, 4, 1).rounds[0] if t.family.convention.leaves_out)
    marker = task.family.convention.marker
    assert task.follows(f' "{marker.upper()}"', "")
    assert not task.follows("", marker)
    assert not task.follows(marker, "paid")


def test_more_than_can_be_told_apart_is_refused():
    for families, exposures in ((0, 1), (streams.MOST_FAMILIES + 1, 1), (3, 7)):
        with pytest.raises(ValueError, match="cannot be made"):
            make(0, families, exposures)


def test_the_file_holds_what_the_task_was_judged_by(tmp_path: Path):
    task = make(5, 3, 1).rounds[0][0]
    task.write(tmp_path)
    lines = (tmp_path / task.file).read_text("utf-8").splitlines()
    assert lines[0] == f"name,{task.family.column},status"
    assert [Fraction(re.split(",", line)[1]) for line in lines[1:]] == [row.value for row in task.rows]
