"""A bank of the version before: brought up to date after a backup, its history still undone bit for bit."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memento_desktop.memory import bank as bank_module
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.schema import MIGRATIONS


@contextmanager
def change(bank: Bank, memory: int, label: str) -> Generator[None]:
    """A change of one memory, noted in the tables as the first version had them."""
    before = bank.snapshot(memory)
    yield
    txn = bank.one("INSERT INTO txn (at, actor, label) VALUES ('2026', 'owner', ?) RETURNING id", label)["id"]
    states = (json.dumps(state) if state else None for state in (before, bank.snapshot(memory)))
    bank.rows("INSERT INTO revision VALUES (?,?,?,?)", txn, memory, *states)


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bank as the first version wrote it: one task with a verdict, one edited fact."""
    path = tmp_path / "bank.sqlite"
    monkeypatch.setattr(bank_module, "MIGRATIONS", MIGRATIONS[:1])
    bank = Bank(path)
    with change(bank, 1, "task: Total"):
        bank.rows(
            "INSERT INTO memory (id, kind, title, body, status, origin, recorded_at, content_hash) "
            "VALUES (1, 'case', 'Total', 'Total', 'active', 'assistant', '2026', 'h')"
        )
        bank.rows("INSERT INTO case_detail (memory_id, task, outcome) VALUES (1, 'Total', 'done')")
        bank.index(1)
    with change(bank, 1, "good: Total"):
        bank.rows("UPDATE case_detail SET reward = 1, reward_source = 'owner'")
    with change(bank, 2, "remember: one"):
        bank.rows(
            "INSERT INTO memory (id, kind, title, body, status, origin, recorded_at, content_hash) "
            "VALUES (2, 'fact', 'one', 'one', 'active', 'user', '2026', 'h')"
        )
        bank.index(2)
    with change(bank, 2, "edit: two"):
        bank.rows("UPDATE memory SET title = 'two', body = 'two' WHERE id = 2")
        bank.index(2)
    bank.rows("INSERT INTO retrieval (task_case, query, policy, at) VALUES (1, 'Total', 'similarity', '2026')")
    bank.rows("INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown) VALUES (1, 2, 1, 1, 1)")
    bank.close()
    monkeypatch.undo()
    return path


def test_an_older_bank_is_brought_up_to_date_and_its_past_is_still_undone(old: Path):
    bank = Bank(old)
    history, memories = History(bank), Memories(bank)
    assert list((old.parent / "backups").iterdir())
    assert (memories.get(2).read, memories.get(2).helpful) == (1, 1)
    for _ in range(4):
        history.undo()
    assert memories.count() == 0
    for _ in range(4):
        history.redo()
    assert memories.get(2).body == "two"
    assert bank.one("SELECT reward, judged FROM case_detail") == {"reward": 1.0, "judged": None}
    assert bank.problems() == []
    bank.close()


def test_the_schema_of_a_migrated_bank_is_that_of_a_new_one(old: Path, tmp_path: Path):
    def tables(path: Path) -> dict[str, list[str]]:
        bank = Bank(path)
        names = [row["name"] for row in bank.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'vector_%'")]
        found = {name: sorted(row["name"] for row in bank.rows(f'PRAGMA table_info("{name}")')) for name in names}
        bank.close()
        return json.loads(json.dumps(found))

    assert tables(old) == tables(tmp_path / "new.sqlite")
