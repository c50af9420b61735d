"""Sheets: a memory as Markdown and back, nothing lost on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.sheet import SheetError, Sheets
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.browsing.conftest import task
from tests.memory.test_history import TEXT, state


@pytest.fixture
def sheets(bank: Bank, memories: Memories, cases: Cases) -> Sheets:
    return Sheets(bank, memories, cases)


def test_what_is_changed_on_a_sheet_is_one_change(bank: Bank, memories: Memories, sheets: Sheets, history: History):
    number = memories.keep("My locker code is 4471").id
    before, changes = state(bank), len(history.list())
    sheet = sheets.open(number)
    text = (
        sheet.text.replace("kind: fact", "kind: preference").replace("pinned: no", "pinned: yes").replace("since:\n", "since: 2026-05-03\n")
    )
    done = sheets.apply(sheet, text.replace("4471", "9912"))
    memory = memories.get(number)
    assert (memory.kind, memory.pinned, memory.body, memory.user_edited) == ("preference", True, "My locker code is 9912", True)
    assert memory.valid_from
    assert sheets.open(number).text.count("since: 2026-05-03\n") == 1
    assert done.memories == (memory,)
    assert done.txn == history.list()[0].id
    assert len(history.list()) == changes + 1
    history.undo()
    assert state(bank) == before


def test_a_sheet_that_is_not_changed_changes_nothing(bank: Bank, memories: Memories, sheets: Sheets):
    number = memories.keep("one").id
    bank.rows("UPDATE memory SET valid_from = '2026-01-01T10:11:12.345678+00:00' WHERE id = ?", number)
    sheet = sheets.open(number)
    before = state(bank)
    assert sheets.apply(sheet, sheet.text).txn is None
    assert sheets.apply(sheet, sheet.text.replace("\n", "\r\n")).txn is None
    assert state(bank) == before


@pytest.mark.parametrize(
    ("old", "new", "why", "line"),
    [
        ("pinned: no", "pinned: perhaps", "yes or no", 9),
        ("kind: fact", "kind: car", "cannot be turned", 5),
        ("kind: fact", "kind: case", "cannot be turned", 5),
        ("kind: fact", "kid: fact", "no field", 5),
        ("status: active", "status: superseded", "by hand", 7),
        ("since:", "since: May", "no day", 11),
        ("until:", "until: 2026-02-31", "no day", 13),
        ("until:", "until: 1999-01-01\nsince: 2020-01-01", "twice", None),
        ("memory: 1", "memory: 2", "number stays", 3),
        ("kind: fact", "kind: [fact", "cannot be read", None),
        ("since:", "reward: 1", "no field of this", 11),
        ("---\none\n", "---\n\n", "no text", 15),
        ("---\none", "one", "are missing", 1),
        ("---\n# the", "# the", "are missing", 1),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_line_and_keeps_the_text(
    bank: Bank, memories: Memories, sheets: Sheets, old: str, new: str, why: str, line: int | None
):
    sheet = sheets.open(memories.keep("one").id)
    assert old in sheet.text
    before = state(bank)
    edited = sheet.text.replace(old, new, 1)
    with pytest.raises(SheetError, match=why) as told:
        sheets.apply(sheet, edited)
    assert told.value.text == edited
    assert told.value.hint
    assert line is None or told.value.line in (line, line - 1), told.value
    assert state(bank) == before


def test_dates_that_contradict_each_other(bank: Bank, memories: Memories, sheets: Sheets):
    sheet = sheets.open(memories.keep("one").id)
    with pytest.raises(SheetError, match="end before it begins"):
        sheets.apply(sheet, sheet.text.replace("since:\n", "since: 2026-05-03\n").replace("until:\n", "until: 2026-05-01\n"))
    assert memories.get(1).valid_from is None


def test_what_was_changed_meanwhile_is_not_overwritten(memories: Memories, sheets: Sheets):
    number = memories.keep("one").id
    sheet = sheets.open(number)
    memories.edit(number, "two")
    with pytest.raises(SheetError, match="changed meanwhile") as told:
        sheets.apply(sheet, sheet.text.replace("\none\n", "\nthree\n"))
    assert "three" in told.value.text
    sheets.apply(sheet, sheet.text.replace("pinned: no", "pinned: yes"))  # another field is no matter
    assert (memories.get(number).body, memories.get(number).pinned) == ("two", True)


def test_a_case(bank: Bank, memories: Memories, cases: Cases, sheets: Sheets, history: History):
    number = task(bank, memories, "Total the km in trips.csv", 0.9, "self")
    before = state(bank)
    sheet = sheets.open(number)
    sheets.apply(sheet, sheet.text.replace('correction: ""', "correction: leave out the rows marked void").replace("trips", "runs"))
    case = cases.get(number)
    assert (case.task, case.reward, case.correction) == ("Total the km in runs.csv", 0.0, "leave out the rows marked void")
    history.undo()
    assert state(bank) == before
    sheets.apply(sheet, sheet.text.replace("reward: 0.9", "reward: 1"))
    assert (cases.get(number).reward, cases.get(number).reward_source) == (1.0, "owner")
    for wrong in ("reward: 2", "reward: much", "reward:"):
        with pytest.raises(SheetError, match="reward"):
            sheets.apply(sheets.open(number), sheets.open(number).text.replace("reward: 1.0", wrong))


def test_a_new_sheet_makes_a_memory(bank: Bank, memories: Memories, sheets: Sheets, history: History):
    before = state(bank)
    sheet = sheets.new("preference")
    with pytest.raises(SheetError, match="no text"):
        sheets.apply(sheet, sheet.text)
    done = sheets.apply(sheet, sheet.text.replace("pinned: no", "pinned: yes") + "Answer in metric units\n")
    assert (done.memories[0].kind, done.memories[0].pinned, done.memories[0].body) == ("preference", True, "Answer in metric units")
    history.undo()
    assert state(bank) == before
    with pytest.raises(MementoError, match="not made by hand"):
        sheets.new("case")


def test_what_is_not_edited(bank: Bank, memories: Memories, cases: Cases, sheets: Sheets):
    number = memories.keep("theirs").id
    bank.rows("UPDATE memory SET pool = 'p' WHERE id = ?", number)
    with pytest.raises(MementoError, match="read-only"):
        sheets.open(number)
    with pytest.raises(MementoError, match="still runs"):
        sheets.open(cases.begin("a task", "nano"))


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT)
def test_any_text_comes_back_as_it_was(one: str, other: str):
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "b.sqlite")
        memories = Memories(bank)
        sheets = Sheets(bank, memories)
        number = memories.keep(one.replace("\r", " ") or "x").id if one.replace("\r", " ").strip() else memories.keep("x").id
        sheet = sheets.open(number)
        assert sheets.apply(sheet, sheet.text).txn is None
        wanted = other.replace("\r", " ").strip() or "y"
        sheets.apply(sheet, sheet.text.removesuffix(f"{memories.get(number).body}\n") + wanted)
        assert memories.get(number).body == wanted
        bank.close()
