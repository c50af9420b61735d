"""Undo of anything that teaches returns bank and policy to what they were, bit for bit; redo brings both back."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.learning.standing import Learner
from memento_desktop.memory.policy import Asked
from tests.memory.learning.test_policy import PAID, VOID, House, vector
from tests.memory.test_history import state

ACTION = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from((VOID, PAID)), st.booleans(), st.integers(0, 3)),
    st.tuples(st.just("verdict"), st.integers(0, 9), st.sampled_from((0.0, 1.0)), st.sampled_from(("", VOID, PAID))),
    st.tuples(st.just("practice"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("not relevant"), st.integers(0, 9)),
    st.tuples(st.just("learn")),
)


def act(action: tuple[Any, ...], house: House, learner: Learner) -> None:
    if action[0] == "ask":
        _, clause, good, kind = action
        case_id = house.ask(f"Total the km in t{kind}.csv", clause, float(good), vector=vector(kind))
        house.memories.set_status(case_id, "active", "back")
    elif action[0] == "verdict":
        cases = [row["memory_id"] for row in house.bank.rows("SELECT memory_id FROM case_detail ORDER BY memory_id")]
        house.lessons.verdict(cases[action[1] % len(cases)], action[2], action[3] if action[2] == 0.0 else "")
    elif action[0] == "practice":
        practice = Practice(house.bank, house.cases, house.reading, house.log)
        number = practice.begin()
        for trial in list(practice.trials())[: action[1]]:
            practice.record(number, trial, float(action[2]), trial.case.plan)
        practice.end(number)
    elif action[0] == "not relevant":
        known = "FROM outcome_of_reading WHERE shown AND txn_id IS NULL AND task_case NOT NULL"
        sql = f"SELECT DISTINCT task_case, memory_id {known} ORDER BY 1, 2"
        if read := [row for row in house.bank.rows(sql) if house.memories.exists(row["memory_id"])]:
            row = read[action[1] % len(read)]
            house.reading.not_relevant(row["task_case"], row["memory_id"])
    else:
        learner.learn(always=True)


def policy(house: House, learner: Learner) -> Any:
    """All that the readers would make of a task, and which of them is used."""
    hits = house.reading.search.find("Total the km in new.csv", ("case", "lesson"), 12)
    asked = Asked("Total the km in new.csv", vector(1), 1)
    choices = [(c.hit.memory_id, c.shown, c.q, c.reason) for c in house.kernel().choose(hits, 4, asked)]
    usage = [(m.id, m.read, m.helpful, m.harmful) for m in house.memories.list(limit=100)]
    return choices, usage, house.log.digest(), learner.standing(), learner.reader().name


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTION, min_size=1, max_size=8))
def test_undo_returns_bank_and_policy_bit_for_bit_and_redo_brings_both_back(actions: list[tuple[Any, ...]]):
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "bank.sqlite")
        learner = Learner(house.bank, house.log, "auto", 0.05)
        house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
        seen = [(len(house.history.list(1000)), state(house.bank), policy(house, learner))]
        for action in actions:
            act(action, house, learner)
            seen.append((len(house.history.list(1000)), state(house.bank), policy(house, learner)))
        for (before, bank, learnt), (after, *_) in zip(reversed(seen[:-1]), reversed(seen[1:]), strict=True):
            for _ in range(after - before):
                house.history.undo()
            assert state(house.bank) == bank
            assert policy(house, learner) == learnt or after == before, "learning by itself changes no memory and is not undone"
        for (before, *_), (after, bank, learnt) in pairwise(seen):
            for _ in range(after - before):
                house.history.redo()
            assert state(house.bank) == bank
            assert policy(house, learner) == learnt
        assert house.bank.problems() == []
        house.bank.close()


def test_what_the_owner_calls_beside_the_point_counts_against_it_and_is_taken_back(tmp_path: Path):
    house = House(tmp_path / "bank.sqlite")
    house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
    case_id = house.ask("Total the km in b.csv", VOID, 1.0, vector=vector(1))
    [memory_id] = house.reading.shown_for(case_id)
    before = house.memories.get(memory_id)
    worth = [one.reward for one in house.log.of([memory_id])]
    house.reading.not_relevant(case_id, memory_id)
    after = house.memories.get(memory_id)
    assert (after.read, after.harmful) == (before.read, before.harmful + 1)
    assert [one.reward for one in house.log.of([memory_id])] == [*worth, 0.0]
    with pytest.raises(MementoError, match="was not read"):
        house.reading.not_relevant(case_id, case_id)
    assert house.history.undo().label.startswith("not relevant")
    assert house.memories.get(memory_id) == before
