"""What the owner decides in the review is done, said in a sentence, and taken back, waving off as well."""

from __future__ import annotations

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.decisions import Decisions, key_of
from memento_desktop.memory.curation.review import Item, Review
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories


@pytest.fixture
def decisions(review: Review, history: History) -> Decisions:
    return Decisions(review, history)


def only(decisions: Decisions) -> Item:
    batch = decisions.waiting()
    assert len(batch.items) == 1
    return batch.items[0]


def conflict(curator: Curator, memories: Memories) -> tuple[int, int]:
    old = curator.remember("My locker code is 77").memory.id
    memories.edit(old, "My locker code is 78")
    return old, curator.remember("My locker code is 99").memory.id


def test_either_side_of_a_conflict_may_hold(decisions: Decisions, curator: Curator, memories: Memories):
    old, new = conflict(curator, memories)
    item = only(decisions)
    assert "put aside: “My locker code is 99”" in decisions.stands(item, old)
    assert (memories.get(new).status, memories.get(old).valid_to, decisions.waiting().items) == ("archived", None, ())
    assert decisions.undo() == ("Taken back: decide: My locker code is 78", key_of(item))
    assert "ended: “My locker code is 78”" in decisions.stands(only(decisions), new)
    assert memories.get(old).valid_to is not None
    decisions.undo()
    assert "decide" in decisions.redo()
    assert memories.get(old).valid_to is not None


def test_waving_off_is_taken_back_like_a_change(decisions: Decisions, curator: Curator, memories: Memories, bank: Bank):
    conflict(curator, memories)
    item = only(decisions)
    decisions.both(item)
    assert decisions.waiting().items == ()
    assert decisions.undo() == ("Asked again: “My locker code is 99”", key_of(item))
    assert only(decisions) == item
    decisions.both(item)
    memories.keep("Something later")
    assert decisions.undo() == ("Taken back: remember: Something later", None)
    assert decisions.undo()[0].startswith("Asked again")
    assert bank.rows("SELECT 1 FROM dismissed") == []


def test_of_two_that_say_the_same_the_chosen_one_stays(decisions: Decisions, memories: Memories):
    short = memories.keep("Tom from next door keeps our spare set").id
    long = memories.keep("Tom from next door keeps our spare set of keys").id
    assert decisions.stands(only(decisions), short).startswith("One now")
    assert (memories.get(short).status, memories.get(long).superseded_by) == ("active", short)
    decisions.undo()
    decisions.accept(only(decisions))
    assert memories.get(short).superseded_by == long


def test_two_spellings_may_both_be_right(decisions: Decisions, curator: Curator, memories: Memories):
    known = curator.remember("My boss is Maria").memory.id
    proposed = curator.remember("My boss is Marie").memory.id
    item = only(decisions)
    assert decisions.both(item).endswith("both are kept")
    assert (memories.get(known).status, memories.get(proposed).status) == ("active", "active")
    assert decisions.waiting().items == ()
    decisions.undo()
    assert (memories.get(proposed).status, only(decisions)) == ("proposed", item)
    decisions.stands(item, known)
    assert memories.get(proposed).status == "trashed"


def test_what_is_left_for_later_stands_behind_the_others(decisions: Decisions, memories: Memories):
    numbers = [memories.keep(f"Proposal {n}", origin="import", status="proposed").id for n in range(12)]
    first = decisions.waiting()
    assert ([item.memory.id for item in first.items], first.more) == (numbers[:1:-1], True)
    later = [key_of(item) for item in first.items[:2]]
    assert [item.memory.id for item in decisions.waiting(later).items] == numbers[9::-1]
    assert [item.memory.id for item in decisions.waiting(later, 12).items][-2:] == [numbers[11], numbers[10]]


def test_a_question_that_is_out_of_date_changes_nothing(decisions: Decisions, curator: Curator, memories: Memories):
    old, new = conflict(curator, memories)
    item = only(decisions)
    memories.edit(new, "My locker code is 100")
    with pytest.raises(MementoError, match="has changed"):
        decisions.stands(item, old)
    with pytest.raises(MementoError, match="not about memory 999"):
        decisions.stands(item, 999)
    assert memories.get(new).status == "active"


def test_a_decision_undone_elsewhere_is_not_undone_twice(decisions: Decisions, memories: Memories, history: History):
    memories.keep("Kept before")
    number = memories.keep("The gate code is 12", origin="import", status="proposed").id
    decisions.reject(only(decisions))
    history.undo()
    assert decisions.undo() == ("Taken back: remember: The gate code is 12", None)
    assert not memories.exists(number)
