"""Shaping: each call one change, refused whole, undone to the byte."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.shaping import Shaping
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import INSTRUCTIONS, Memories
from memento_desktop.memory.records import Source
from tests.memory.browsing.conftest import task
from tests.memory.test_history import state


@pytest.fixture
def shaping(bank: Bank, memories: Memories, cases: Cases) -> Shaping:
    return Shaping(bank, memories, cases)


def facts(memories: Memories, *texts: str) -> list[int]:
    return [memories.keep(text).id for text in texts]


def test_many_at_once_are_one_change(memories: Memories, shaping: Shaping, history: History, bank: Bank):
    ids = facts(memories, "one", "two", "three")
    before = state(bank)
    done = shaping.archive([*ids, ids[0]])
    assert [memory.status for memory in done.memories] == ["archived"] * 3
    assert done.label == history.list()[0].label == "archive: 3 memories"
    assert done.txn == history.list()[0].id
    history.undo()
    assert state(bank) == before
    assert shaping.trash(ids[:1]).label == "delete: one"


def test_what_changes_nothing_leaves_no_trace(memories: Memories, shaping: Shaping, history: History):
    ids = facts(memories, "one", "two")
    shaping.archive(ids)
    count = len(history.list())
    assert shaping.archive(ids).txn is None
    assert len(history.list()) == count


REFUSED: list[tuple[Callable[[Shaping, int, int], object], str]] = [
    (lambda shaping, fact, case: shaping.pin([fact, case]), "cases are found by their task"),
    (lambda shaping, fact, _: shaping.trash([fact, 999]), "no memory 999"),
    (lambda shaping, fact, case: shaping.merge(fact, [case]), "not merged"),
    (lambda shaping, fact, case: shaping.supersede(fact, case), "does not hold for a time"),
    (lambda shaping, fact, _: shaping.supersede(fact, fact), "own place"),
    (lambda shaping, fact, _: shaping.split(fact, ["a"]), "no split"),
    (lambda shaping, fact, _: shaping.split(fact, ["a", " "]), "empty"),
    (lambda shaping, _, case: shaping.split(case, ["a", "b"]), "is a case"),
    (lambda shaping, fact, case: shaping.relabel([case, fact], 1.0), "no case"),
    (lambda shaping, _, case: shaping.relabel([case], 1.5), "no reward"),
    (lambda shaping, _, case: shaping.relabel([case], outcome="running"), "running"),
    (lambda shaping, _, case: shaping.relabel([case]), "Nothing is said"),
    (lambda shaping, fact, _: shaping.restore([fact]), "in use"),
    (lambda shaping, fact, case: shaping.set_kind([fact, case], "preference"), "cannot be turned"),
    (lambda shaping, _fact, _case: shaping.create("case", "x"), "not kept by being said"),
    (lambda shaping, _fact, _case: shaping.create("fact", "  "), "empty"),
    (lambda shaping, _fact, _case: shaping.pin([]), "No memory is named"),
    (lambda shaping, _fact, _case: shaping.merge(1, []), "Only one"),
    (lambda shaping, fact, _: shaping.edit(fact, " "), "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "why"), REFUSED)
def test_a_refusal_says_why_and_changes_nothing(
    bank: Bank, memories: Memories, shaping: Shaping, act: Callable[[Shaping, int, int], object], why: str
):
    fact, case = memories.keep("one").id, task(bank, memories, "a task", 0.2)
    before, changes = state(bank), bank.rows("SELECT * FROM txn")
    with pytest.raises(MementoError, match=why) as told:
        act(shaping, fact, case)
    assert told.value.hint or why == "empty"
    assert (state(bank), bank.rows("SELECT * FROM txn")) == (before, changes)


def test_a_refusal_names_the_memory(memories: Memories, shaping: Shaping):
    first, second = facts(memories, "x" * (INSTRUCTIONS - 10), "y" * 20)
    with pytest.raises(MementoError, match=f"Memory {second}, “yyy.*are full"):
        shaping.always([first, second])
    assert {memories.get(number).kind for number in (first, second)} == {"fact"}


def test_splitting_keeps_sources_time_and_links(bank: Bank, memories: Memories, shaping: Shaping, history: History):
    whole = memories.keep("Ruth lives in Porto and Mara in Lisbon", kind="lesson").id
    case = task(bank, memories, "where?", 1.0)
    memories.add_source(whole, Source("message:1", "Ruth lives in Porto and Mara in Lisbon"))
    bank.rows("INSERT INTO link (a, b, rel) VALUES (?,?,'derived_from')", whole, case)
    bank.rows("UPDATE memory SET valid_from = '2026-01-01T00:00:00.000000+00:00', pinned = 1 WHERE id = ?", whole)
    before = state(bank)
    done = shaping.split(whole, ["Ruth lives in Porto", "Mara lives in Lisbon"])
    for part in done.memories:
        assert (part.valid_from, part.pinned, part.kind, part.recorded_at) == (
            "2026-01-01T00:00:00.000000+00:00", True, "lesson", memories.get(whole).recorded_at,
        )  # fmt: skip
        assert memories.sources(part.id)[0].quote.startswith("Ruth")
        assert {row["b"] for row in bank.rows("SELECT b FROM link WHERE a = ?", part.id)} == {whole, case}
    old = memories.get(whole)
    assert (old.status, old.superseded_by, old.pinned) == ("superseded", done.memories[0].id, False)
    history.undo()
    assert state(bank) == before


def test_purging_a_part_takes_what_it_was_split_from(memories: Memories, shaping: Shaping, bank: Bank):
    whole = memories.keep("Ruth lives in Porto and Mara in Lisbon").id
    one, other = (part.id for part in shaping.split(whole, ["Ruth lives in Porto", "Mara lives in Lisbon"]).memories)
    assert {memory.id for memory in shaping.purging([other])} == {whole, other}
    assert set(shaping.purge([other])) == {whole, other}
    assert memories.exists(one)
    assert not bank.rows("SELECT 1 FROM revision WHERE instr(coalesce(before, '') || coalesce(after, ''), 'Lisbon')")


def test_restoring_what_was_replaced_takes_it_out_of_its_successor(memories: Memories, shaping: Shaping, history: History, bank: Bank):
    one, other = facts(memories, "The dentist is Dr Wu", "My dentist: Wu")
    shaping.merge(one, [other])
    before = state(bank)
    restored = shaping.restore([other]).memories[0]
    assert (restored.status, restored.superseded_by) == ("active", None)
    history.undo()
    assert state(bank) == before


def test_accepting_a_proposal_ends_what_stands_against_it(memories: Memories, shaping: Shaping):
    old = shaping.create("fact", "My locker code is 4471").memories[0]
    new = memories.keep("My locker code is 9912", status="proposed", origin="assistant")
    done = shaping.activate([new.id])
    assert done.memories[0].status == "active"
    assert [memory.id for memory in done.also] == [old.id]
    assert memories.get(old.id).valid_to is not None


def test_a_new_statement_ends_the_old_one(memories: Memories, shaping: Shaping):
    old = shaping.create("fact", "My locker code is 4471").memories[0].id
    done = shaping.create("fact", "My locker code is 9912")
    assert [memory.id for memory in done.also] == [old]
    assert shaping.supersede(done.memories[0].id, old, "2030-01-01").memories[0].valid_to is not None


def test_relabelling_is_the_owners_verdict(bank: Bank, memories: Memories, cases: Cases, shaping: Shaping, history: History):
    number = task(bank, memories, "Total the km in trips.csv", 0.9, "self")
    before = state(bank)
    done = shaping.relabel([number], outcome="failed", correction="leave out the rows that are marked void")
    case = cases.get(number)
    assert (case.outcome, case.reward, case.reward_source) == ("failed", 0.0, "owner")
    assert [memory.kind for memory in done.also] == ["lesson"]
    history.undo()
    assert state(bank) == before
    assert shaping.relabel([number], 1.0).label.startswith("good: ")


NUMBER = st.integers(0, 7)
ACTION = st.one_of(
    st.tuples(
        st.just("create"), st.sampled_from(("fact", "preference")), st.sampled_from(("My code is 1", "My code is 2", "Ann likes tea", "km"))
    ),
    st.tuples(st.sampled_from(("pin", "unpin", "archive", "activate", "trash", "restore")), st.lists(NUMBER, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(("supersede", "merge")), NUMBER, NUMBER),
    st.tuples(st.just("split"), NUMBER),
    st.tuples(st.just("relabel"), NUMBER, st.sampled_from((0.0, 1.0))),
    st.tuples(st.just("kind"), NUMBER, st.sampled_from(("instruction", "fact", "preference"))),
    st.tuples(st.just("edit"), NUMBER, st.sampled_from(("My code is 3", "other"))),
)  # fmt: skip


def act(shaping: Shaping, action: tuple[Any, ...], ids: list[int]) -> Any:
    def of(n: int) -> int:
        return ids[n % len(ids)]

    name, *rest = action
    several = {"pin": shaping.pin, "archive": shaping.archive, "activate": shaping.activate, "trash": shaping.trash,
               "restore": shaping.restore, "unpin": partial(shaping.pin, pinned=False)}  # fmt: skip
    if name in several:
        return several[name]([of(n) for n in rest[0]])
    single = {
        "create": lambda: shaping.create(rest[0], rest[1]),
        "supersede": lambda: shaping.supersede(of(rest[0]), of(rest[1])),
        "merge": lambda: shaping.merge(of(rest[0]), [of(rest[1])]),
        "split": lambda: shaping.split(of(rest[0]), ["one part", "another part"]),
        "relabel": lambda: shaping.relabel([of(rest[0])], rest[1], correction="" if rest[1] else "leave out the void rows"),
        "kind": lambda: shaping.set_kind([of(rest[0])], rest[1]),
        "edit": lambda: shaping.edit(of(rest[0]), rest[1]),
    }  # fmt: skip
    return single[name]()


@settings(max_examples=30, deadline=None)
@given(st.lists(ACTION, max_size=10))
def test_any_sequence_is_undone_and_redone_to_the_byte(actions: list[tuple[Any, ...]]):
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "b.sqlite")
        memories, history = Memories(bank), History(bank)
        shaping = Shaping(bank, memories)
        facts(memories, "My code is 7", "Tea is served at four")
        task(bank, memories, "Total the km in trips.csv", 0.9, "self")
        memories.keep("proposed thing", status="proposed", origin="assistant")
        states = [state(bank)]
        for action in actions:
            before = state(bank)
            try:
                done = act(shaping, action, [row["id"] for row in bank.rows("SELECT id FROM memory ORDER BY id")])
            except MementoError:
                assert state(bank) == before
                continue
            assert (done.txn is None) == (state(bank) == before)
            if done.txn is not None:
                states.append(state(bank))
        for expected in reversed(states[:-1]):
            history.undo()
            assert state(bank) == expected
        for expected in states[1:]:
            history.redo()
            assert state(bank) == expected
        assert bank.problems() == []
        bank.close()
