"""What a change did, in a person's words."""

from __future__ import annotations

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.diff import Diffs
from memento_desktop.memory.browsing.shaping import Shaping
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.browsing.conftest import task


def told(bank: Bank, txn: int | None) -> list[tuple[str, str, dict[str, tuple[str, str]]]]:
    assert txn is not None
    found = Diffs(bank).of(txn)
    return [(one.what, one.title, {field.name: (field.before, field.after) for field in one.fields}) for one in found.memories]


def test_each_field_before_and_after(bank: Bank, memories: Memories, history: History):
    shaping = Shaping(bank, memories)
    made = shaping.create("fact", "tea at four")
    number = made.memories[0].id
    assert told(bank, made.txn)[0][:2] == ("new", "tea at four")
    assert told(bank, made.txn)[0][2]["text"] == ("", "tea at four")
    edited = shaping.edit(number, "tea at five")
    assert told(bank, edited.txn) == [
        ("changed", "tea at five", {"text": ("tea at four", "tea at five"), "edited by you": ("", "yes")}),
    ]
    assert told(bank, shaping.pin([number]).txn)[0][2] == {"pinned": ("", "yes")}
    assert told(bank, shaping.archive([number]).txn)[0][2] == {"state": ("in use", "put aside")}
    history.undo()
    undoing = bank.one("SELECT max(id) AS id FROM txn")["id"]
    assert told(bank, undoing)[0][2] == {"state": ("put aside", "in use")}


def test_a_verdict_and_its_lesson(bank: Bank, memories: Memories):
    case = task(bank, memories, "Total the km in trips.csv", 0.9, "self")
    done = Shaping(bank, memories).relabel([case], 0.0, correction="leave out the rows marked void")
    (what, _, fields), (lesson, *_) = told(bank, done.txn)
    assert (what, lesson) == ("changed", "new")
    assert fields["reward"] == ("0.90", "0.00")
    assert fields["reward by"] == ("the model", "you")
    assert fields["correction"] == ("", "leave out the rows marked void")


def test_a_conversation(bank: Bank):
    talks = Conversations(bank)
    session = talks.begin("Trips")
    talks.rename(session, "Travels")
    txn = bank.one("SELECT max(txn_id) AS id FROM session_revision")["id"]
    (one,) = Diffs(bank).of(txn).conversations
    assert (one.title, one.kind, [(field.name, field.before, field.after) for field in one.fields]) == (
        "Travels", "conversation", [("title", "Trips", "Travels")],
    )  # fmt: skip


def test_there_is_no_such_change(bank: Bank, memories: Memories):
    memories.keep("one")
    with pytest.raises(MementoError, match="no change 99"):
        Diffs(bank).of(99)
    bank.use("work")
    with pytest.raises(MementoError, match="no change 1"):
        Diffs(bank).of(1)
