"""Two profiles in one bank: nothing of one is seen, changed, undone or learnt from in the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.memories import INSTRUCTIONS, Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import Search

SECRET = "zebra"


def live(bank: Bank, word: str) -> None:
    """A little of everything that a profile can hold, all of it with one word in it."""
    memories = Memories(bank)
    cases, search = Cases(bank, memories), Search(bank)
    reading = Reading(bank, memories, cases, search)
    memories.keep(f"The {word} lives in the north")
    memories.keep(f"Always feed the {word} first", kind="instruction")
    memories.keep(f"The {word} is called Sam", origin="assistant", status="proposed")
    for n in range(2):
        case_id = cases.begin(f"Count the {word} number {n}", "toy")
        reading.read(f"Count the {word} number {n}", case_id)
        cases.planned(case_id, (f"count the {word}",))
        cases.finish(case_id, "done", f"one {word}")
        reading.credit(case_id)
        cases.verdict(case_id, 1.0)
    conversations = Conversations(bank)
    conversations.fill(conversations.begin(f"About the {word}"), [("user", f"Where is the {word}?", None), ("assistant", "North.", None)])


def everything(bank: Bank) -> list[Any]:
    """All that a profile shows."""
    memories, search = Memories(bank), Search(bank)
    cases, log = Cases(bank, memories), Log(bank)
    reading = Reading(bank, memories, cases, search)
    conversations = Conversations(bank)
    read = reading.read("Count the zebra number 1", None)
    return [
        memories.list(statuses=("active", "proposed", "archived", "trashed", "superseded"), limit=1000), memories.always_on(),
        search.find("zebra north count"), read.cases, read.facts, read.instructions, read.lessons, History(bank).list(1000),
        log.newest(1000), log.tried(1000), [cases.of(range(1, 100))],
        [(session, conversations.messages(session.id)) for session in conversations.list(1000)], memories.instruction_characters(),
    ]  # fmt: skip


def test_nothing_of_one_profile_shows_in_another(bank: Bank):
    bank.use("home")
    live(bank, SECRET)
    assert SECRET in repr(everything(bank))
    bank.use("work")
    assert SECRET not in repr(everything(bank)).replace("Count the zebra number 1", "")
    live(bank, "lion")
    assert SECRET not in repr(everything(bank)).replace("Count the zebra number 1", "")


def test_what_is_learnt_counts_in_its_own_profile_alone(bank: Bank):
    bank.use("home")
    live(bank, SECRET)
    learnt = Log(bank).digest()
    assert Log(bank).count() > 0
    bank.use("work")
    assert Log(bank).count() == 0
    live(bank, "lion")
    bank.use("home")
    assert Log(bank).digest() == learnt


def test_undo_stays_in_its_profile(bank: Bank):
    bank.use("home")
    Memories(bank).keep("zebra")
    bank.use("work")
    with pytest.raises(MementoError, match="nothing to undo"):
        History(bank).undo()
    bank.use("home")
    assert History(bank).undo().label == "remember: zebra"


def test_an_interrupted_task_is_found_by_its_own_profile(tmp_path: Path):
    path = tmp_path / "bank.sqlite"
    home = Bank(path, "home")
    Cases(home, Memories(home)).begin("Count the zebra", "toy")
    home.rows("UPDATE case_detail SET runner = 'gone'")
    home.close()
    work = Bank(path, "work")
    assert Cases(work, Memories(work)).recover() == []
    work.close()
    home = Bank(path, "home")
    assert [case.task for case in Cases(home, Memories(home)).recover()] == ["Count the zebra"]
    home.close()


def test_what_one_profile_removed_for_good_another_may_still_learn(bank: Bank):
    bank.use("home")
    memories = Memories(bank)
    memories.purge(memories.keep("zebra").id)
    assert memories.purged("zebra")
    bank.use("work")
    assert not Memories(bank).purged("zebra")


def test_standing_instructions_that_are_too_long_together_are_refused_and_nothing_is_lost(bank: Bank, memories: Memories):
    kept = memories.keep("a" * (INSTRUCTIONS - 10), kind="instruction")
    with pytest.raises(MementoError, match="full"):
        memories.keep("b" * 11, kind="instruction")
    with pytest.raises(MementoError, match="full"):
        memories.edit(kept.id, "a" * (INSTRUCTIONS + 1))
    waiting = memories.keep("c" * 11, kind="instruction", origin="assistant", status="proposed")
    with pytest.raises(MementoError, match="full"):
        memories.restore(waiting.id)
    assert [memory.body for memory in memories.always_on()] == [kept.body]
    memories.trash(kept.id)
    assert memories.restore(waiting.id).status == "active"
    assert len(History(bank).list()) == 4, "what was refused left no trace"


def test_of_another_profile_its_name_and_size_are_known_and_no_more(bank: Bank):
    bank.use("home")
    live(bank, SECRET)
    bank.use("work")
    assert Memories(bank).profiles() == {"home": 4}
