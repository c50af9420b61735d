"""A temporary home for every test, and no way out of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """MEMENTO_HOME and HOME of this test alone, offline for every hub client."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("MEMENTO_HOME", str(folder / "memento"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("HF_HOME", raising=False)
    return folder


@pytest.fixture
def paths(home: Path) -> Paths:
    return Paths.of_this_user()


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    opened = Bank(tmp_path / "bank.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def memories(bank: Bank) -> Memories:
    return Memories(bank)


@pytest.fixture
def cases(bank: Bank, memories: Memories) -> Cases:
    return Cases(bank, memories)


@pytest.fixture
def history(bank: Bank) -> History:
    return History(bank)
