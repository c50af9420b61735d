"""The list of changes by keyboard: what each did, taken back alone or in order, and done again."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.history import MOST_CHANGED, HistoryScreen
from tests.tui.conftest import opened, wait_for
from tests.tui.quiet import quiet as quiet


async def looking(app: MementoApp, pilot: Pilot[None]) -> HistoryScreen:
    """The changes, with the marked one read."""
    await opened(app, pilot)
    await app.action_history()
    await wait_for(pilot, lambda: isinstance(app.screen, HistoryScreen) and app.screen.changes is not None, "the list is read")
    screen = app.screen
    assert isinstance(screen, HistoryScreen)
    if screen.changes:
        await read(pilot, screen)
    return screen


async def read(pilot: Pilot[None], screen: HistoryScreen) -> None:
    await wait_for(pilot, lambda: screen.diff and screen.marked and screen.diff.change == screen.marked, "the marked change is read")


def text(screen: HistoryScreen, name: str = "told") -> str:
    return str(screen.query_one(f"#{name}", Static).visual)


def rows(screen: HistoryScreen) -> list[str]:
    return [str(option.prompt) for option in screen.options.options]


async def test_a_change_is_shown_taken_back_and_done_again(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await looking(app, pilot)
        await wait_for(pilot, lambda: "Nothing has been changed yet" in text(screen), "an empty history says what would stand there")
        for key in ("x", "o", "j", "k"):
            await pilot.press(key)
        memories = app.desk.assistant.memories
        number = memories.keep("The door is green").id
        memories.edit(number, "The door is blue")
        await app.changed()
        await read(pilot, screen)
        assert [("edit" in row, "you" in row) for row in rows(screen)] == [(True, True), (False, True)]
        assert "text: The door is green  →  The door is blue" in text(screen)
        await pilot.press("u")
        await wait_for(pilot, lambda: "↶ edit" in rows(screen)[0], "it is taken back, and says so")
        assert memories.get(number).body == "The door is green"
        assert "Taken back: edit" in text(screen, "said")
        await pilot.press("U")
        await wait_for(pilot, lambda: "↶" not in rows(screen)[0], "and done again")
        assert memories.get(number).body == "The door is blue"


async def test_one_change_alone_and_what_stands_in_its_way(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        first = memories.keep("The door is green").id
        second = memories.keep("The gate is green").id
        memories.edit(second, "The gate is blue")
        screen = await looking(app, pilot)
        await pilot.press("j")
        await read(pilot, screen)
        await pilot.press("x")
        await wait_for(pilot, lambda: any("changed after it" in one.message for one in app._notifications), "the refusal is explained")
        assert memories.get(second).body == "The gate is blue"
        await pilot.press("j")
        await read(pilot, screen)
        await pilot.press("enter")
        await wait_for(pilot, lambda: not memories.exists(first), "an older one alone is taken back")
        await wait_for(pilot, lambda: "↶" in rows(screen)[2], "the list shows it")
        assert screen.marked and screen.marked.undone  # the cursor stayed
        await pilot.press("x")
        await wait_for(pilot, lambda: memories.exists(first), "the same key does it again")


async def test_changes_of_one_side_alone(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        memories.keep("Said by me")
        memories.keep("Drawn by it", origin="assistant", actor="assistant")
        memories.keep("Brought along", origin="import", actor="import")
        screen = await looking(app, pilot)
        seen: list[int] = []
        for _ in range(5):
            before = screen.whose
            await pilot.press("f")
            await wait_for(pilot, lambda before=before: screen.whose != before, "the next side")
            await wait_for(pilot, lambda: len(rows(screen)) == len(screen.changes or ()), "its list")
            await pilot.pause()
            seen.append(len(rows(screen)))
        assert seen == [1, 1, 1, 0, 3]


async def test_many_changes_come_page_by_page_and_a_large_one_is_told_in_part(app: MementoApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("memento_desktop.tui.screens.history.PAGE", 20)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        for n in range(45):
            memories.keep(f"Note {n}")
        with memories.bank.change("import", "import 60"):
            for n in range(MOST_CHANGED + 20):
                memories.keep(f"Imported {n}", actor="import")
        screen = await looking(app, pilot)
        assert (len(rows(screen)), "and more" in text(screen, "head")) == (20, True)
        await wait_for(pilot, lambda: "… and 20 more" in text(screen), "the large one is told in part")
        await pilot.press("end")
        await wait_for(pilot, lambda: len(rows(screen)) == 46, "the rest is read")
        assert screen.marked and screen.marked.label == "remember: Note 26"


async def test_hostile_text_and_any_size(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        memories.edit(memories.keep("[@click=app.quit]x[/] \x1b[31m \u202e" + "漢" * 200).id, "[bold]y[/]" + "z" * 9000)
        screen = await looking(app, pilot)
        await pilot.press("j")
        await read(pilot, screen)
        assert "[@click=app.quit]x[/]" in text(screen) and "\x1b" not in text(screen) and "\x1b" not in "".join(rows(screen))
        for width, height in ((40, 10), (120, 40), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        await pilot.press("k")
        await read(pilot, screen)
        assert "7,010 more characters" in text(screen)
