"""A bank with something of everything, and readings of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.browser import Browser
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def browser(bank: Bank, memories: Memories) -> Browser:
    return Browser(bank, memories)


def dated(bank: Bank, memory_id: int, at: str) -> int:
    """Moves a memory to another day."""
    bank.rows("UPDATE memory SET recorded_at = ? WHERE id = ?", f"{at}T09:00:00.000000+00:00", memory_id)
    return memory_id


def task(bank: Bank, memories: Memories, text: str, reward: float | None = None, source: str = "owner", at: str = "") -> int:
    """A finished case."""
    cases = Cases(bank, memories)
    number = cases.begin(text, "nano")
    cases.finish(number, "done", "answer")
    if reward is not None:
        cases.reward(number, reward, source)  # pyright: ignore[reportArgumentType]
    return dated(bank, number, at) if at else number


def reading(
    bank: Bank, case: int | None, *hits: int, shown: bool = True, followed: float | None = 1.0, reason: str = "", at: str = "2026-05-10"
) -> int:  # fmt: skip
    """A reading of memories for a task."""
    number = bank.one(
        "INSERT INTO retrieval (task_case, query, policy, at) VALUES (?,'what?','similarity',?) RETURNING id",
        case, f"{at}T10:00:00.000000+00:00",
    )["id"]  # fmt: skip
    for hit in hits:
        why = json.dumps({"terms": ["km"], "coverage": 0.5, "reason": reason})
        bank.rows(
            "INSERT INTO retrieval_hit (retrieval_id, memory_id, rank_text, score, similarity, propensity, shown, why, followed) "
            "VALUES (?,?,1,1.5,0.8,0.9,?,?,?)",
            number, hit, int(shown), why, followed if shown else None,
        )  # fmt: skip
    return number
