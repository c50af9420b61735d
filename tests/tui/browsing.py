"""The memories browser over a small bank, as its tests use it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList, Static, TextArea

from memento_desktop.assistant import Assistant
from memento_desktop.memory.records import Memory
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.memories import MemoriesScreen
from memento_desktop.tui.screens.memory_sheets import ChoiceSheet, EditSheet
from tests.tui.conftest import wait_for

RUTH, MARA, HAZEL = "Ruth's locker code is 4471", "Mara lives in Bern", "I am allergic to hazelnuts. Peanuts are fine."
APRIL, MAY = "Total the km in trips_april.csv", "Total the km in trips_may.csv"


def fill(assistant: Assistant) -> None:
    """Three facts and two judged tasks, the newest last."""
    for text in (RUTH, MARA, HAZEL):
        assistant.memories.keep(text)
    for text, reward in ((APRIL, 0.0), (MAY, 1.0)):
        case = assistant.cases.begin(text, "nano")
        assistant.cases.planned(case, ["read the table", "add up km"])
        assistant.cases.finish(case, "done", "200 km")
        assistant.feedback(case, reward)


class Browsing:
    """The browser as its tests use it."""

    def __init__(self, app: MementoApp, pilot: Pilot[None], screen: MemoriesScreen) -> None:
        self.app, self.pilot, self.screen, self.table = app, pilot, screen, screen.table
        self.assistant = app.desk.assistant

    async def until(self, predicate: Callable[[], object], what: str) -> None:
        await wait_for(self.pilot, predicate, what)

    def titles(self) -> list[str]:
        return [self.table.rows[n].title for n in range(self.table.total) if n in self.table.rows]

    def memory(self, text: str) -> Memory:
        """The one whose title begins so, wherever it is."""
        statuses = ("active", "proposed", "archived", "superseded", "trashed")
        return next(one for one in self.assistant.memories.list(statuses=statuses) if one.title.startswith(text))

    async def at(self, text: str) -> None:
        """The cursor on a memory."""
        await self.until(lambda: any(title.startswith(text) for title in self.titles()), f"“{text}” is listed")
        self.table.move(next(n for n, title in enumerate(self.titles()) if title.startswith(text)))

    async def write(self, text: str) -> None:
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    async def search(self, text: str) -> None:
        """Types into the search line, which is empty."""
        await self.pilot.press("slash")
        await self.write(text)

    async def sheet(self, kind: type[Screen[Any]], what: str = "") -> None:
        await self.until(lambda: isinstance(self.app.screen, kind), what or f"{kind.__name__} opens")

    async def choose(self, value: str) -> None:
        """Takes one of a ChoiceSheet's options."""
        await self.sheet(ChoiceSheet)
        options = self.app.screen.query_one(OptionList)
        await self.until(lambda: options.option_count and options.has_focus, "it can be chosen")
        options.highlighted = options.get_option_index(value)
        await self.pilot.press("enter")

    async def text(self, text: str) -> None:
        """Writes another text into an EditSheet, and saves it."""
        await self.sheet(EditSheet)
        self.app.screen.query_one(TextArea).text = text
        await self.pilot.press("ctrl+s")

    def told(self, text: str) -> bool:
        """Whether a notification said so."""
        return any(text in one.message for one in self.app._notifications)  # pyright: ignore[reportPrivateUsage]

    def kept(self, folder: Path) -> list[str]:
        """What was written in an editor and not taken."""
        return [one.read_text("utf-8") for one in folder.glob("memento-*.md")]

    def said(self, selector: str) -> str:
        return str(self.screen.query_one(selector, Static).content)


@asynccontextmanager
async def browsing(app: MementoApp, size: tuple[int, int] = (80, 24), full: bool = True) -> AsyncGenerator[Browsing]:
    """The browser, open over a small bank."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(pilot, lambda: app.desk.is_open, "the memory opens")
        if full:
            fill(app.desk.assistant)
        await app.action_memories()
        assert isinstance(app.screen, MemoriesScreen)
        open_ = Browsing(app, pilot, app.screen)
        await open_.until(lambda: open_.screen.shown is not None and open_.table.total == (5 if full else 0), "the list is there")
        yield open_
