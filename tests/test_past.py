"""Questions about the past, through the whole program on the built-in model: what held then is the answer, with the day it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from memento_desktop.agent.events import Answer
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings

OLD, NEW = "2026-01-10T10:00:00.000000+00:00", "2026-06-01T10:00:00.000000+00:00"


async def told(assistant: Assistant, question: str) -> str:
    [answer] = [event.text async for event in assistant.ask(question) if isinstance(event, Answer)]
    return answer


async def test_what_held_then_is_answered(paths: Paths, tmp_path: Path):
    async with Assistant(Settings(), paths, folders=[tmp_path]) as assistant:
        for text in ("My locker code is 4471", "I live in Porto", "My locker code is 9912", "I live in Lyon", "Ruth's desk is 12"):
            assistant.remember(text)
        with assistant.bank.writing():  # as if that had been said in January, and the change in June
            sql = "UPDATE memory SET recorded_at = ?, valid_to = ? WHERE valid_to IS NOT NULL"
            assistant.bank.rows(sql, OLD, NEW)
            assistant.bank.rows("UPDATE memory SET recorded_at = ?, valid_from = ? WHERE valid_to IS NULL", NEW, NEW)
        for question, wanted in {
            "What is my locker code?": "My locker code is 9912",
            "What was my locker code before?": "Until 2026-06-01: My locker code is 4471",
            "What was my locker code in March 2026?": "Until 2026-06-01: My locker code is 4471",
            "What was my locker code on 3 March 2026?": "Until 2026-06-01: My locker code is 4471",
            "What was my old locker code?": "Until 2026-06-01: My locker code is 4471",
            "What was my locker code in August 2026?": "My locker code is 9912",
            "Where do I live?": "I live in Lyon",
            "Where did I live in March 2026?": "Until 2026-06-01: I live in Porto",
            "Where did I use to live?": "Until 2026-06-01: I live in Porto",
        }.items():
            assert (question, await told(assistant, question)) == (question, wanted)


@pytest.mark.parametrize(("task", "wanted"), [("3*4", "12"), ("12/4", "3"), ("2+2", "4")])
async def test_sums_as_on_a_pocket_calculator(paths: Paths, task: str, wanted: str):
    async with Assistant(Settings(), paths) as assistant:
        assistant.remember("My flat number is 34")
        assert await told(assistant, task) == wanted
