"""An app that embeds nothing beside the test: no child process is started for what the test does not look at."""

from __future__ import annotations

import pytest

from memento_desktop.tui.desk import Desk


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: Desk) -> None:
        return None

    monkeypatch.setattr(Desk, "catch_up", nothing)
