"""Personal memory in a task, on the built-in model: what is told, what changes, what is proposed, and what an answer rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from tests.agent.scripted import ScriptedModel


async def ask(assistant: Assistant, task: str) -> list[ev.Event]:
    return [event async for event in assistant.ask(task)]


def answer(found: list[ev.Event]) -> ev.Answer:
    return next(event for event in found if isinstance(event, ev.Answer))


async def test_a_statement_ends_the_older_one_and_the_answer_says_what_it_rests_on(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        await ask(assistant, "Remember that my locker code is 4471")
        (said,) = await ask(assistant, "remember that my locker code is 9912")
        assert isinstance(said, ev.Remembered)
        assert [old.text for old in said.closed] == ["My locker code is 4471"]
        found = answer(await ask(assistant, "What is my locker code?"))
        assert "9912" in found.text
        assert [source.memory_id for source in found.sources] == [said.memory_id]
        assert "what you said on" in found.sources[0].where
        (source,) = assistant.memories.sources(said.memory_id)
        assert source.quote == "remember that my locker code is 9912"
        assistant.history.undo()  # the task
        assistant.history.undo()  # the statement
        assert [m.body for m in assistant.memories.list(("fact",)) if m.valid_to is None] == ["My locker code is 4471"]


async def test_a_changed_document_changes_the_next_answer_and_is_named(paths: Paths, tmp_path: Path):
    policy = tmp_path / "policy.md"
    policy.write_text("# Travel\n\nThe hotel limit is 150 EUR a night.\n")
    async with Assistant(Settings(), paths) as assistant:
        await assistant.personal.documents.remember([str(policy)])
        first = answer(await ask(assistant, "What is the hotel limit?"))
        policy.write_text("# Travel\n\nThe hotel limit is 180 EUR a night.\n")
        events = await ask(assistant, "What is the hotel limit?")
        assert "150" in first.text
        assert "180" in answer(events).text
        assert any(isinstance(event, ev.Noticed) and "policy.md changed" in event.text for event in events)
        assert answer(events).sources[0].where.startswith("policy.md")
        assert [m.body for m in assistant.memories.list(("document",), ("superseded",))] == ["The hotel limit is 150 EUR a night."]


async def test_what_is_said_in_passing_is_proposed_once_and_waits(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        task = "My sister is called Ann. What is 5 + 5?"
        assert [event.text for event in await ask(assistant, task) if isinstance(event, ev.Proposed)] == ["My sister is called Ann."]
        events = await ask(assistant, task)
        proposed = assistant.memories.list(statuses=("proposed",))
        assert [memory.body for memory in proposed] == ["My sister is called Ann."]
        assert not any(isinstance(event, ev.Proposed) for event in events), "known by now"
        assert isinstance(events[-1], ev.CaseWritten)
        off = Settings.model_validate({"memory": {"propose": "off"}})
    async with Assistant(off, paths) as assistant:
        await ask(assistant, "My brother is called Tom. What is 5 + 5?")
        assert assistant.memories.count(("proposed",)) == 1


async def test_without_memory_nothing_is_written_down(paths: Paths):
    async with Assistant(Settings(), paths, memory=False) as assistant:
        await ask(assistant, "My sister is called Ann. What is 5 + 5?")
        assert assistant.personal.conversations.list() == []
        assert assistant.memories.count(("proposed", "active")) == 0


async def test_from_now_on_is_a_standing_instruction_and_a_question_is_not(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        (said,) = await ask(assistant, "From now on answer in metric units")
        assert isinstance(said, ev.Remembered)
        assert [m.kind for m in assistant.memories.always_on()] == ["instruction"]
        await ask(assistant, "From now on, what is 5 + 5?")
        assert len(assistant.memories.always_on()) == 1


async def test_the_models_own_remember_keeps_only_what_the_owner_said(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        turn = assistant.personal.turn()
        turn.follow(ev.TaskStarted(case_id=0, task="The gate code is 5512, please open it", model="toy"))
        with pytest.raises(MementoError, match="not kept"):
            await turn.keep("The gate code is 9999")
        await turn.keep("The gate code is 5512")
        (kept,) = assistant.memories.list(statuses=("proposed",))
        assert kept.body == "The gate code is 5512"


async def test_profiles_hear_nothing_of_each_other(paths: Paths):
    home, work = (Settings.model_validate({"profile": name}) for name in ("home", "work"))
    async with Assistant(home, paths) as assistant:
        await ask(assistant, "remember that my locker code is 4471")
    async with Assistant(work, paths) as assistant:
        found = await ask(assistant, "What is my locker code?")
        assert "4471" not in repr(found)
        assert assistant.personal.conversations.count() == 1


async def test_a_larger_model_proposes_what_the_message_bears_out_and_nothing_else(paths: Paths, tmp_path: Path):
    said = "Ruth took over the archive from Tom. What is 5 + 5?"
    items = [
        {"kind": "fact", "text": "Ruth took over the archive from Tom.", "quote": "Ruth took over the archive from Tom."},
        {"kind": "fact", "text": "Ruth's locker code is 4471.", "quote": "Ruth took over the archive from Tom."},
        {"kind": "fact", "text": "Tom has left.", "quote": "Tom has left."},
    ]
    settings = Settings.model_validate({"memory": {"propose": "model"}, "loop": {"judge": False}})
    model = ScriptedModel([{"answer": "10"}, {"items": items}])
    engine: Any = model
    async with Assistant(settings, paths, model=tmp_path / "large.gguf", engine=engine) as assistant:
        events = await ask(assistant, said)
        assert [event.text for event in events if isinstance(event, ev.Proposed)] == ["Ruth took over the archive from Tom."]
        assert said in model.seen[-1][-1]["content"]
        (kept,) = assistant.memories.list(statuses=("proposed",))
        assert kept.origin == "assistant"
        assert [source.quote for source in assistant.memories.sources(kept.id)] == ["Ruth took over the archive from Tom."]
