"""The assistant on the real engine, in one process: broken engines, cancelling, indexing, what the process imports."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings

TASK = "What is 17% of 2340?"


async def ask(assistant: Assistant, task: str, stop: asyncio.Event | None = None) -> list[ev.Event]:
    return [event async for event in assistant.ask(task, stop)]


def outcome(found: list[ev.Event]) -> str:
    last = found[-1]
    assert isinstance(last, ev.CaseWritten)
    return last.outcome


def answer(found: list[ev.Event]) -> str:
    return next(event.text for event in found if isinstance(event, ev.Answer))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this platform has no SIGKILL")
async def test_an_engine_killed_in_the_middle_of_an_answer_costs_a_message_not_the_app(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        found: list[ev.Event] = []
        async for event in assistant.ask(TASK):
            found.append(event)
            if isinstance(event, ev.TextDelta) and assistant.engine.pid is not None and len(found) < 8:
                os.kill(assistant.engine.pid, signal.SIGKILL)
        assert any(isinstance(event, ev.Failed) for event in found)
        assert outcome(found) == "interrupted"
        case = assistant.cases.last()
        assert (case.task, case.outcome, case.status) == (TASK, "interrupted", "archived")
        assert answer(await ask(assistant, TASK)) == "397.8"


async def test_a_stopped_task_is_kept_and_the_next_one_works(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        stop = asyncio.Event()
        found: list[ev.Event] = []
        async for event in assistant.ask(TASK, stop):
            found.append(event)
            if isinstance(event, ev.PlanReady):
                stop.set()
        assert outcome(found) == "cancelled"
        assert assistant.cases.last().plan
        assert answer(await ask(assistant, TASK)) == "397.8"


async def test_memories_written_before_the_embedder_is_there_are_embedded_later(paths: Paths):
    async with Assistant(Settings(), paths) as assistant:
        assistant.remember("The automobile stands in the garage.")
        assistant.remember("Bananas are yellow.")
        hits, _ = await assistant.search("bananas")
        assert [hit.title for hit in hits] == ["Bananas are yellow."]
        assert await assistant.index(wait=120) == 6, "two memories, and what was said: two statements with their answers"
        assert assistant.embeddings.waiting_count(assistant.embeddings.current()) == 0
        hits, reason = await assistant.search("car parking")
        assert reason == ""
        assert hits[0].title == "The automobile stands in the garage."
        assert hits[0].similarity is not None and hits[0].similarity > 0.3


async def test_without_an_embedder_search_works_on_words_and_says_so(paths: Paths, tmp_path: Path):
    settings = Settings.model_validate({"memory": {"embedder": tmp_path / "nowhere"}})
    async with Assistant(settings, paths) as assistant:
        assistant.remember("Bananas are yellow.")
        await assistant.embedder.ready(30)
        hits, reason = await assistant.search("bananas")
        assert hits[0].similarity is None
        assert "nowhere" in reason


async def test_a_model_file_that_is_none_is_named_and_the_app_goes_on(paths: Paths, tmp_path: Path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + os.urandom(4096))
    async with Assistant(Settings(), paths, model=broken) as assistant:
        found = await ask(assistant, TASK)
        assert any(isinstance(event, ev.Failed) and "broken.gguf" in event.message for event in found)
        assert outcome(found) == "interrupted"
        assistant.remember("Memory works without a model.")
        assert assistant.memories.count() == 1


async def test_a_file_outside_the_opened_folders_is_not_read(paths: Paths, tmp_path: Path):
    (tmp_path / "open").mkdir()
    (tmp_path / "secret.csv").write_text("km\n1\n")
    async with Assistant(Settings(), paths, folders=[tmp_path / "open"]) as assistant:
        for name in (str(tmp_path / "secret.csv"), "../secret.csv"):
            args = {"path": name, "operation": "total", "column": "km"}
            assert not (await assistant.toolbox().call("read_table", args, asyncio.Event())).ok


def test_the_front_process_imports_no_model_library(home: Path):
    script = """
import asyncio, sys
import memento_desktop.cli.app, memento_desktop.cli.ask, memento_desktop.cli.memory, memento_desktop.cli.doctor
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
async def main():
    async with Assistant(Settings(), Paths.of_this_user()) as assistant:
        async for event in assistant.ask("What is 17% of 2340?"): pass
asyncio.run(main())
print(sorted({"torch", "llama_cpp", "markitdown", "sentence_transformers", "textual", "numpy"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
