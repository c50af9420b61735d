"""The map by keyboard: from memory to memory, nearer and farther, matches marked, any of them opened."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.map import MapScreen, Query
from tests.tui.conftest import opened, wait_for
from tests.tui.quiet import quiet as quiet

PLACES: dict[str, tuple[float, float]] = {
    "The roses": (0, 0),
    "The bins": (0, 1),
    "The car tyres": (3, 0),
    "The car tax": (3, 3),
    "The bank": (3, 3),
}


def place(app: MementoApp, texts: dict[str, tuple[float, float]]) -> dict[str, int]:
    """Memories with vectors that lie in a plane."""
    assistant = app.desk.assistant
    known = {one.title: one.id for one in assistant.memories.list()}
    numbers = {known.get(text) or assistant.memories.keep(text).id: text for text in texts}
    embeddings = Embeddings(assistant.bank)
    embedder = embeddings.register("made", "ab" * 32, 4)
    waiting = embeddings.waiting(embedder)
    embeddings.store(embedder, [(one, struct.pack("<4f", *texts[numbers[one.memory_id]], 0, 0)) for one in waiting])
    return {text: number for number, text in numbers.items()}


async def mapped(app: MementoApp, pilot: Pilot[None]) -> MapScreen:
    await app.action_map()
    await wait_for(pilot, lambda: isinstance(app.screen, MapScreen) and not app.screen.has_class("-empty"), "the map is drawn")
    assert isinstance(app.screen, MapScreen)
    return app.screen


def text(screen: MapScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).visual)


def here(screen: MapScreen) -> str:
    return text(screen, "here").splitlines()[0]


def lines(screen: MapScreen) -> list[str]:
    canvas = screen.canvas
    return [canvas.render_line(y).text for y in range(canvas.size.height)]


async def walk(pilot: Pilot[None], screen: MapScreen, keys: Sequence[str]) -> list[str]:
    seen: list[str] = []
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        seen.append(here(screen))
    return seen


async def test_without_vectors_it_says_what_to_do(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await app.action_map()
        screen = app.screen
        assert isinstance(screen, MapScreen)
        await wait_for(pilot, lambda: "There is no map" in text(screen, "empty"), "it says why")
        assert "memento memory index" in text(screen, "empty")
        for key in ("left", "space", "n", "plus", "c", "enter"):
            await pilot.press(key)
        place(app, PLACES)
        await app.changed()
        await wait_for(pilot, lambda: not screen.has_class("-empty"), "it comes as soon as there is one")


async def test_the_cursor_goes_from_memory_to_memory(app: MementoApp, monkeypatch: pytest.MonkeyPatch):
    wanted: list[int] = []

    async def open_memory(number: int) -> None:
        wanted.append(number)

    monkeypatch.setattr(app, "open_memory", open_memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        numbers = place(app, PLACES)
        screen = await mapped(app, pilot)
        canvas = screen.canvas
        assert "5 memories by meaning" in text(screen, "head")
        assert "fact 5" in text(screen, "legend")
        ink = "".join(lines(screen)).replace(" ", "")
        assert len(ink) == 4  # two of them lie at the same place
        await pilot.press("n")
        order = [here(screen), *await walk(pilot, screen, "nnnn")]
        assert sorted(order) == sorted(PLACES)
        assert await walk(pilot, screen, "N") == [order[-2]]
        while here(screen) not in ("The car tax", "The bank"):
            await walk(pilot, screen, "n")
        one = here(screen)
        assert "of 2 here" in text(screen, "here")
        (other,) = await walk(pilot, screen, ["space"])
        assert {one, other} == {"The car tax", "The bank"}
        for spot in canvas.spots:  # wherever one is, some arrow leads elsewhere
            reached: set[int] = set()
            for key in ("left", "up", "right", "down"):
                canvas.here = spot
                await pilot.press(key)
                reached.add(canvas.here.id)
            assert reached - {spot.id}
        await walk(pilot, screen, "n")
        await pilot.press("enter")
        assert wanted == [numbers[here(screen)]]
        await pilot.press("plus", "plus")
        assert canvas.view.zoom > 2 and canvas.here and canvas.view.cell(canvas.here) is not None
        await pilot.press("0")
        assert canvas.view.zoom == 1
        await wait_for(pilot, lambda: "never read" in text(screen, "here"), "more of it is told as the cursor rests")


async def test_what_a_query_finds_is_marked(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        place(app, PLACES)
        screen = await mapped(app, pilot)
        await pilot.press("slash", *"car")
        await wait_for(pilot, lambda: "2 marked" in text(screen, "head"), "tax and tyres are marked")
        screen.query_one(Query).value = "car kind:tune"
        await wait_for(pilot, lambda: "tune" in text(screen, "legend"), "what cannot be read is said")
        assert "2 marked" in text(screen, "head")  # the last good marks stay
        screen.query_one(Query).value = "car"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "fact 5" in text(screen, "legend"), "it can be read again")
        assert {*await walk(pilot, screen, "nnn")} == {"The car tax", "The car tyres"}
        await pilot.press("slash", "escape")
        await wait_for(pilot, lambda: "marked" not in text(screen, "head"), "nothing is marked any more")
        assert not screen.query_one(Query).has_class("-open") and app.screen is screen
        await pilot.press("escape")
        assert app.screen is app.work_screen


async def test_colours_by_reward_hostile_titles_and_any_size(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        cases = app.desk.assistant.cases
        task = cases.begin("[@click=app.quit]x[/] \x1b[31m\u202e" + "漢" * 100, "nano")
        cases.finish(task, "done", "")
        cases.verdict(task, 1.0)
        place(app, PLACES | {app.desk.assistant.memories.get(task).title: (1.0, 2.0)})
        screen = await mapped(app, pilot)
        await pilot.press("c")
        assert "went well 1" in text(screen, "legend") and "no reward 5" in text(screen, "legend")
        while not here(screen).startswith("[@click"):
            await walk(pilot, screen, "n")
        assert "\x1b" not in text(screen, "here") and "\u202e" not in text(screen, "here")
        for width, height in ((40, 10), (3, 3), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert all(len(line) == screen.canvas.size.width for line in lines(screen))
        assert here(screen).startswith("[@click")
        await pilot.click("Canvas", offset=(0, 0))
        await pilot.pause()
        assert screen.canvas.here is not None
