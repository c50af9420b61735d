"""Undo of every change, by example and by property."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories

TABLES = ("memory", "case_detail", "step", "source", "link", "embedding")


def state(bank: Bank) -> dict[str, Any]:
    """All that memory holds, with what the text index finds."""
    tables = {table: bank.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}
    return tables | {"text": bank.rows("SELECT rowid, title, body FROM memory_text ORDER BY rowid")}


def test_undo_and_redo_an_edit(memories: Memories, history: History):
    kept = memories.keep("Ruth's locker code is 4471.")
    memories.edit(kept.id, "Ruth's locker code is 9020.")
    assert history.undo().label == "edit: Ruth's locker code is 9020."
    assert memories.get(kept.id).body == "Ruth's locker code is 4471."
    assert not memories.get(kept.id).user_edited
    history.redo()
    assert memories.get(kept.id).body == "Ruth's locker code is 9020."


def test_undo_takes_back_a_whole_task(bank: Bank, cases: Cases, history: History):
    before = state(bank)
    case_id = cases.begin("Total the km in trips.csv", "nano")
    cases.planned(case_id, ["total the km in trips.csv"])
    cases.step(case_id, "total the km in trips.csv", "read_table", {"path": "trips.csv"}, "170", True, 3)
    cases.finish(case_id, "done", "170")
    cases.reward(case_id, 0.9, "self")
    done = state(bank)
    history.undo()
    assert state(bank) == before
    history.redo()
    assert state(bank) == done


def test_a_later_change_stands_in_the_way(memories: Memories, history: History):
    kept = memories.keep("one")
    first = history.list()[0]
    memories.edit(kept.id, "two")
    with pytest.raises(MementoError, match="changed after it"):
        history.undo(first.id)
    assert memories.get(kept.id).body == "two"


def test_nothing_to_undo_is_said(history: History):
    with pytest.raises(MementoError, match="nothing to undo"):
        history.undo()
    with pytest.raises(MementoError, match="nothing to redo"):
        history.redo()


def test_a_verdict_is_undone(cases: Cases, history: History):
    case_id = cases.begin("task", "nano")
    cases.finish(case_id, "done", "answer")
    cases.verdict(case_id, 0.0, "leave out rows marked void")
    assert not cases.get(case_id).worked
    history.undo()
    case = cases.get(case_id)
    assert case.worked
    assert case.correction == ""


def test_reading_counts_do_not_stand_in_the_way_of_undo(bank: Bank, memories: Memories, history: History):
    kept = memories.keep("one")
    number = bank.one("INSERT INTO retrieval (query, policy, at) VALUES ('q', 'similarity', '2026') RETURNING id")["id"]
    bank.rows("INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown) VALUES (?,?,1,1,1)", number, kept.id)
    assert memories.get(kept.id).read == 1
    history.undo()
    assert memories.count() == 0


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(lambda t: bool(t.strip()))
ACTION = st.one_of(
    st.tuples(st.just("keep"), TEXT),
    st.tuples(st.just("edit"), st.integers(0, 9), TEXT),
    st.tuples(st.just("trash"), st.integers(0, 9)),
    st.tuples(st.just("restore"), st.integers(0, 9)),
    st.tuples(st.just("task"), TEXT),
    st.tuples(st.just("verdict"), st.integers(0, 9), TEXT),
    st.tuples(st.just("embed")),
)


def act(action: tuple[Any, ...], bank: Bank, memories: Memories, cases: Cases) -> None:
    rows = bank.rows("SELECT id, kind FROM memory ORDER BY id")
    if action[0] == "keep":
        memories.keep(action[1])
    elif action[0] == "task":
        case_id = cases.begin(action[1], "model")
        cases.step(case_id, "s", "calculate", {"expression": "1"}, "1", True, 1)
        cases.finish(case_id, "done", "1")
    elif action[0] == "embed":
        embeddings = Embeddings(bank)
        number = embeddings.register("m", "sha", 4)
        embeddings.store(number, [(item, bytes(16)) for item in embeddings.waiting(number)])
    elif rows:
        row = rows[action[1] % len(rows)]
        if action[0] == "edit":
            memories.edit(row["id"], action[2])
        elif action[0] == "trash":
            memories.trash(row["id"])
        elif action[0] == "restore":
            memories.restore(row["id"])
        elif row["kind"] == "case":
            cases.verdict(row["id"], 0.0, action[2])


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTION, max_size=12))
def test_undoing_everything_returns_to_the_start_and_redoing_to_the_end(actions: list[tuple[Any, ...]]):
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "b.sqlite")
        memories, history = Memories(bank), History(bank)
        cases = Cases(bank, memories)
        start = state(bank)
        for action in actions:
            act(action, bank, memories, cases)
        end = state(bank)
        count = len(bank.rows("SELECT DISTINCT txn_id FROM revision"))
        for _ in range(count):
            history.undo()
        assert state(bank) == start
        for _ in range(count):
            history.redo()
        # Vectors are not history: they are derived from the text, and come back from the queue.
        without_vectors = {**state(bank), "embedding": []}
        assert without_vectors == {**end, "embedding": []}
        assert bank.problems() == []
        bank.close()
