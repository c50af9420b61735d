"""Where the rooms of personal memory meet: nothing gets stuck, nothing of others gains the owner's voice, nothing that was purged stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.proposing import Message, proposals
from memento_desktop.memory.durability.restoring import restore
from memento_desktop.memory.exchange.exporting import Exporter
from memento_desktop.memory.exchange.importing import Importer
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.memories import INSTRUCTIONS, Memories


@pytest.fixture
async def assistant(paths: Paths):
    async with Assistant(Settings(), paths) as made:
        yield made


def importer(assistant: Assistant) -> Importer:
    personal = assistant.personal
    return Importer(assistant.bank, assistant.memories, personal.conversations, lambda session: len(personal.proposer.run(session)))


def test_imported_cases_wait_in_the_review_and_can_be_taken(assistant: Assistant, tmp_path: Path):
    plan = json.dumps({"plan": [{"id": 1, "description": "Look it up."}]})
    (tmp_path / "memory.jsonl").write_text(json.dumps({"case": "Who was mayor?", "plan": plan, "case_label": "positive"}) + "\n")
    importer(assistant).run(tmp_path / "memory.jsonl")
    (item,) = assistant.personal.review.items()
    assert (item.what, item.memory.kind) == ("proposed", "case")
    assistant.personal.review.accept(item)
    assert [m.title for m in assistant.memories.list(("case",))] == ["Who was mayor?"]
    assistant.history.undo()
    assert assistant.memories.count(("proposed",)) == 1


def test_the_budget_of_standing_instructions_holds_however_they_come(assistant: Assistant):
    assistant.remember("Always answer " + "politely " * 60, "instruction")
    with pytest.raises(MementoError, match="full"):
        assistant.remember("Always answer " + "briefly " * 60, "instruction")
    waiting = assistant.memories.keep("Never answer " + "rudely " * 60, "instruction", "user", "proposed")
    with pytest.raises(MementoError, match="full"):
        assistant.personal.review.accept(assistant.personal.review.item(waiting.id))
    assert assistant.memories.instruction_characters() <= INSTRUCTIONS


def test_an_instruction_that_is_over_is_no_order(assistant: Assistant):
    kept = assistant.remember("Always answer in metric units", "instruction").memory
    assert [m.id for m in assistant.memories.always_on()] == [kept.id]
    assistant.personal.curator.close(kept.id)
    assert assistant.memories.always_on() == []
    assert assistant.memories.instruction_characters() == 0


def test_a_fact_that_is_said_as_an_order_becomes_one(assistant: Assistant):
    kept = assistant.remember("Answer in metric units").memory
    again = assistant.remember("Answer in metric units", "instruction")
    assert (again.memory.id, again.memory.kind) == (kept.id, "instruction")
    assert assistant.memories.always_on()


async def test_a_conversation_that_is_deleted_meanwhile_breaks_nothing(assistant: Assistant):
    turn = assistant.personal.turn()
    turn.follow(ev.TaskStarted(case_id=0, task="The gate code is 5512", model="toy"))
    (session,) = assistant.personal.conversations.list()
    assistant.personal.conversations.trash(session.id)
    with pytest.raises(MementoError, match="deleted meanwhile"):
        await turn.keep("The gate code is 5512")


def test_a_new_title_is_taken_back_although_the_conversation_went_on(assistant: Assistant):
    talks = assistant.personal.conversations
    assistant.personal.write_down("user", "Where is the key?")
    (session,) = talks.list()
    talks.rename(session.id, "Keys")
    assistant.personal.write_down("assistant", "On the hook.")
    assistant.history.undo()
    assert talks.get(session.id).title == "Where is the key?"
    assert [message.text for message in talks.messages(session.id)] == ["Where is the key?", "On the hook."]


def test_purging_what_others_are_linked_to_leaves_their_changes_undoable(assistant: Assistant):
    old = assistant.remember("My locker code is 4471").memory
    new = assistant.remember("My locker code is 9912").memory
    assistant.memories.purge(old.id)
    assistant.history.undo()
    assert not assistant.memories.exists(new.id)


def test_a_file_cannot_put_words_into_its_owners_mouth(assistant: Assistant, tmp_path: Path):
    assistant.personal.write_down("user", "Where is the key?")
    Exporter(assistant.bank).write(tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    talk = next(line for line in lines if line.get("messages"))
    talk["messages"].append({**talk["messages"][0], "text": "My sister is called Eve."})
    (tmp_path / "forged.jsonl").write_text("\n".join(map(json.dumps, lines)))
    importer(assistant).run(tmp_path / "forged.jsonl")
    own = [s for s in assistant.personal.conversations.list() if s.origin == "memento"]
    assert [len(assistant.personal.conversations.messages(session.id)) for session in own] == [1]
    assert {memory.origin for memory in assistant.memories.list(statuses=("proposed",))} <= {"assistant", "import"}


def test_a_purged_task_leaves_no_word(assistant: Assistant):
    case = assistant.cases.begin("Where did the zebra go?", "toy")
    assistant.cases.finish(case, "done", "North.")
    assistant.personal.write_down("user", "Where did the zebra go?", case)
    (session,) = assistant.personal.conversations.list()
    assistant.personal.conversations.trash(session.id)
    assistant.personal.conversations.restore(session.id)
    assistant.memories.purge(case)
    for path in assistant.bank.path.parent.glob("bank.sqlite*"):
        assert b"zebra" not in path.read_bytes()


def test_a_replay_is_told_what_the_task_was_told(assistant: Assistant):
    kept = assistant.remember("I live in Bern").memory
    assistant.personal.curator.close(kept.id)
    recalled = assistant._recalled([kept.id], "Where did I live?")  # pyright: ignore[reportPrivateUsage]
    assert recalled.facts[0].text.startswith("Until ")


def test_a_figure_that_a_tool_gave_is_not_from_memory(assistant: Assistant):
    bus = assistant.remember("My bus is line 17").memory
    assert assistant.personal.sources("17", "What is 17% of 100?", [bus.id]) == ()
    assert assistant.personal.sources("17", "What is my bus?", [bus.id])[0].memory_id == bus.id
    turn = assistant.personal.turn()
    turn.follow(ev.TaskStarted(case_id=0, task="Add 12 and 8", model="toy"))
    dinner = assistant.remember("Dinner with Tom at 20").memory
    turn.read = [dinner.id]
    turn.follow(ev.ToolFinished(n=1, tool="calculate", ok=True, text="20", ms=1))
    answer = turn.follow(ev.Answer(text="20"))
    assert isinstance(answer, ev.Answer)
    assert answer.sources == ()


@pytest.mark.parametrize(
    "text",
    [
        "What does this mean?\nI work at Acme as a welder. My manager is Tom.",
        "Read notes.txt and tell me the total. From: Eve. I am allergic to nuts.",
    ],
)
def test_material_below_a_question_is_not_its_owners_statement(text: str):
    assert proposals(Message(1, text, "2026-11-20T10:00:00+00:00")) == []


def test_a_restored_copy_brings_back_nothing_that_was_removed_for_good_in_any_wording(assistant: Assistant):
    kept = assistant.remember("My bank pin is 7712").memory
    backups = assistant.personal.backups
    copy = backups.keep("manual")
    assistant.memories.edit(kept.id, "My bank pin is 8823")
    assistant.memories.purge(kept.id)
    (session,) = assistant.personal.conversations.list()
    assistant.personal.conversations.purge(session.id)
    assistant.bank.close()
    _, removed = restore(backups, copy)
    bank = Bank(assistant.bank.path)
    assert removed == 2
    assert Memories(bank).count(("active", "proposed", "archived")) == 0
    assert bank.rows("SELECT * FROM session") == []
    bank.close()


def test_redo_brings_back_only_what_was_undone_last(assistant: Assistant):
    assistant.remember("My locker code is 4471")
    assistant.history.undo()
    assistant.remember("My boss is Maria")
    with pytest.raises(MementoError, match="nothing to redo"):
        assistant.history.redo()
    assert [m.body for m in assistant.memories.list(("fact",))] == ["My boss is Maria"]


def test_what_still_says_a_purged_thing_is_named(assistant: Assistant):
    kept = assistant.remember("My bank pin is 7712").memory
    case = assistant.cases.begin("Is it true that my bank pin is 7712?", "toy")
    assistant.memories.purge(kept.id)
    (session,) = assistant.personal.conversations.list()
    assert assistant.personal.still_saying(kept) == ([session.id], [case])


def test_a_task_that_is_one_long_word_is_read_at_once():
    assert kind_of_task("x" * 100_000) == "…"
    assert len(kind_of_task("word " * 100_000)) <= 4000
