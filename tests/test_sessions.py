"""Tasks go into the conversation that was chosen; a temporary session leaves nothing; what was stopped or killed says so."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config import logs
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import NEW, Conversations
from memento_desktop.memory.history import History
from tests.agent.scripted import ScriptedModel

QUIET = Settings.model_validate({"loop": {"judge": False}, "memory": {"embedder_wait": 0}})


@pytest.fixture
def logged(paths: Paths) -> Iterator[Path]:
    """The log, written as the program does it."""
    file = logs.log_file(paths)
    logs.start(file)
    yield file
    logger = logging.getLogger(logs.OURS)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def scripted(paths: Paths, replies: list[Any], memory: bool = True) -> Assistant:
    engine: Any = ScriptedModel(replies)
    return Assistant(QUIET, paths, model=paths.data / "large.gguf", engine=engine, memory=memory)


async def ask(assistant: Assistant, task: str, session: int | None = None) -> list[ev.Event]:
    return [event async for event in assistant.ask(task, session=session)]


def place(found: list[ev.Event]) -> int:
    return next(event.session_id for event in found if isinstance(event, ev.TaskStarted | ev.Remembered))


async def test_a_task_goes_into_the_conversation_that_was_chosen(paths: Paths):
    async with scripted(paths, [{"answer": f"answer {n}"} for n in range(4)]) as assistant:
        talks = assistant.personal.conversations
        assert place(await ask(assistant, "First?")) == 1
        assert place(await ask(assistant, "Second?", NEW)) == 2
        assert place(await ask(assistant, "Third?", 1)) == 1
        assert place(await ask(assistant, "Fourth?")) == 1, "the one spoken in last goes on"
        assert place(await ask(assistant, "remember that the gate code is 5512", 2)) == 2
        assert [m.text for m in talks.messages(1)] == ["First?", "answer 0", "Third?", "answer 2", "Fourth?", "answer 3"]
        assert talks.messages(2)[-1].text == "Remembered: The gate code is 5512"
        assert talks.count() == 2


async def test_the_answer_stands_below_its_question_wherever_else_is_spoken_meanwhile(paths: Paths):
    async with scripted(paths, [{"answer": "yes"}]) as assistant:
        async with aclosing(assistant.ask("Here?")) as events:
            async for event in events:
                if isinstance(event, ev.TaskStarted):
                    assistant.personal.write_down("user", "elsewhere", session=NEW)
        assert [m.text for m in assistant.personal.conversations.messages(1)] == ["Here?", "yes"]


async def test_a_conversation_that_nothing_can_be_added_to_is_refused_before_the_model_works(paths: Paths):
    async with scripted(paths, []) as assistant:
        talks = assistant.personal.conversations
        trashed, foreign = talks.begin("old"), talks.begin("theirs", origin="chatgpt", ref="x")
        talks.trash(trashed)
        with assistant.bank.change("owner", "import"):
            ours_again = talks.begin("ours, imported as it was")
            talks.fill(ours_again, [("user", "hello", None)])
        for session, why in (
            (trashed, "in the trash"),
            (foreign, "was imported"),
            (ours_again, "was imported"),
            (99, "no conversation 99"),
        ):
            with pytest.raises(MementoError, match=why):
                await ask(assistant, "Anything?", session)
        assert assistant.memories.count() == 0
        assistant.history.undo()
        assert talks.count() == 1


@pytest.mark.parametrize("leaves", [False, True])
async def test_what_a_stopped_task_had_begun_to_say_stays_and_is_marked(paths: Paths, leaves: bool):
    class Halting(ScriptedModel):
        """Stops in the middle of its reply."""

        async def complete(self, *args: Any, **kwargs: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            yield '{"answer": "The total is'
            await asyncio.Event().wait()

    engine: Any = Halting([])
    stop = asyncio.Event()
    async with Assistant(QUIET, paths, model=paths.data / "large.gguf", engine=engine) as assistant:
        async with aclosing(assistant.ask("How much?", stop)) as events:
            async for event in events:
                if isinstance(event, ev.TextDelta):
                    if leaves:
                        break
                    stop.set()
        question, begun = assistant.personal.conversations.messages(1)
        assert (question.text, question.state) == ("How much?", "stopped")
        assert (begun.role, begun.text, begun.outcome) == ("assistant", "The total is", "cancelled")


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(bank: Bank) -> dict[str, list[Any]]:
    tables = [row["name"] for row in bank.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    return {table: bank.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}


async def test_a_temporary_session_reads_nothing_and_leaves_nothing(paths: Paths, tmp_path: Path, logged: Path):
    marked = "Remember that the quokka code is 77817781"
    settings = Settings.model_validate({"memory": {"embedder": tmp_path / "nowhere"}})
    async with Assistant(settings, paths) as assistant:
        await ask(assistant, "remember that my locker code is 4471")
        await ask(assistant, "From now on answer in metric units")
        assistant.use_memory = False
        before = rows(assistant.bank)
        found = await ask(assistant, "What is 77817781 + 1?")
        found += await ask(assistant, marked, session=1)
        assert rows(assistant.bank) == before
        assert "4471" not in repr(found)
        assert all(event.case_id == 0 == event.session_id for event in found if isinstance(event, ev.TaskStarted))
        assert not any(isinstance(event, ev.Remembered | ev.Proposed) for event in found)
        assert not any(event.items or event.instructions for event in found if isinstance(event, ev.MemoryUsed))
        assert not {"recall", "remember"} & {spec.name for spec in assistant.toolbox().specs()}
        assistant.use_memory = True
        assert place(await ask(assistant, "What is 5 + 5?")) == 1
    assert "logs/memento.log" in content(paths.data.parent), "of the task that was kept"
    assert not [name for name, text in content(paths.data.parent).items() if b"quokka" in text.lower() or b"77817781" in text]


async def test_the_log_of_tasks_holds_none_of_their_words(paths: Paths, logged: Path):
    async with scripted(paths, [{"answer": "The quokka sleeps."}, {"plan": [{"id": 1, "task": "quokka"}]}]) as assistant:
        await ask(assistant, "Where is the quokka?")
        with pytest.raises(IndexError) as broken:  # the script is at its end
            await ask(assistant, "And the other quokka?")
    logging.getLogger(logs.OURS).error("the program broke off", exc_info=broken.value)
    text = content(logged.parent)[logged.name].decode()
    assert "task 1 begins on scripted" in text
    assert "IndexError" in text
    assert "quokka" not in text


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this platform has no SIGKILL")
def test_a_process_killed_in_the_middle_of_an_answer_leaves_its_question_marked(paths: Paths):
    script = """
import asyncio, os, signal
from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
async def main():
    async with Assistant(Settings(), Paths.of_this_user()) as assistant:
        async for event in assistant.ask("What is 17% of 2340?"):
            if isinstance(event, ev.TextDelta):
                os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=120, check=False, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    assistant = scripted(paths, [])
    (asked,) = assistant.personal.conversations.messages(1)
    assert (asked.text, asked.state) == ("What is 17% of 2340?", "interrupted: the program ended while the task ran")
    assert assistant.personal.conversations.message(asked.id) == asked
    assistant.bank.close()


async def test_how_a_task_went_follows_its_case_and_pages_are_read_from_the_end(paths: Paths):
    async with scripted(paths, [{"answer": "a"}, {"answer": "b"}]) as assistant:
        talks = assistant.personal.conversations
        await ask(assistant, "One?")
        await ask(assistant, "Two?")
        assert [(m.outcome, m.state) for m in talks.messages(1)] == [("done", "")] * 4
        assert [m.n for m in talks.page(1, limit=3)] == [2, 3, 4]
        assert [m.n for m in talks.page(1, before=2, limit=3)] == [1]
        assert Conversations(Bank(paths.bank, "other")).list() == []
        History(assistant.bank).undo()
        assert [m.outcome for m in talks.messages(1)] == ["done", "done", "", ""]
        assert json.dumps([m.text for m in talks.messages(1)]) == '["One?", "a", "Two?", "b"]'
