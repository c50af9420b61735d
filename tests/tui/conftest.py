"""An app on a temporary home, and waiting for what it shows: on predicates, never on time alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from memento_desktop.inference.embedder import Embedder
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.widgets.panels import Meters

PATIENCE = 60.0


async def wait_for(pilot: Pilot[None], predicate: Callable[[], object], what: str) -> None:
    """Lets the app run until something holds; fails when it never does."""
    end = time.monotonic() + PATIENCE
    while not predicate():
        assert time.monotonic() < end, f"never: {what}"
        await pilot.pause()
        await asyncio.sleep(0.01)
    await pilot.pause()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to work in, with two tables of one kind."""
    here = tmp_path / "work"
    here.mkdir()
    (here / "trips_april.csv").write_text("day,km,mark\n1,120,\n2,30,void\n3,50,\n")
    (here / "trips_may.csv").write_text("day,km,mark\n1,100,\n2,30,void\n3,70,\n")
    return here


@pytest.fixture
def app(folder: Path) -> MementoApp:
    return MementoApp(Start((folder,), deterministic=True))


async def opened(app: MementoApp, pilot: Pilot[None]) -> None:
    """The assistant stands behind the frame."""
    await wait_for(pilot, lambda: app.desk.is_open and app.work_screen.query_one(Meters).model != "", "the assistant opens")


@pytest.fixture
def no_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """No child that loads the embedder: words alone will do."""

    def stay(_: Embedder) -> None:
        """Not started."""

    monkeypatch.setattr(Embedder, "start", stay)
