"""Past conversations in the app: found, gone on with, read, renamed, deleted, exported, whatever their text holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.reading import ReadingScreen
from memento_desktop.tui.screens.sessions import SessionsScreen
from memento_desktop.tui.screens.sheets import LineSheet
from memento_desktop.tui.widgets.search import SearchLine
from tests.tui.conftest import opened, wait_for

pytestmark = pytest.mark.usefixtures("no_embedder")
HOSTILE = ["[@click=app.quit]x[/]", "\x1b[31mred\x1b[0m", "\u202eevil", "x" * 10_000, "z\u200b\u200bw", "漢字" * 60, "[/] [bold]"]


@pytest.fixture
def talks(paths: Paths) -> dict[str, int]:
    """Three conversations of long ago, one of them imported, and their numbers."""
    paths.make()
    bank = Bank(paths.bank)
    held = Conversations(bank)
    old = "2025-01-0{}T10:00:00Z"
    numbers: dict[str, int] = {}
    for n, (title, origin) in enumerate((("Trips in April", "memento"), ("The garden", "memento"), ("From elsewhere", "chatgpt")), 1):
        numbers[title] = held.begin(title, started_at=old.format(n), origin=origin, ref=title if origin != "memento" else "")
        held.fill(
            numbers[title],
            [("user", f"About {title}: the purple wheelbarrow {n}", old.format(n)), ("assistant", "It is **here**.", old.format(n))],
        )
    bank.close()
    return numbers


async def shown(app: MementoApp, pilot: Pilot[None], count: int) -> SessionsScreen:
    await opened(app, pilot)
    await pilot.press("ctrl+r")
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen) and len(app.screen.listing.rows) == count, "the list")
    assert isinstance(app.screen, SessionsScreen)
    return app.screen


def titles(screen: SessionsScreen) -> list[str]:
    return [row.cells["title"] for row in screen.listing.rows]


async def test_the_newest_stand_first_and_typing_finds_by_title_and_by_what_was_said(app: MementoApp, talks: dict[str, int]) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, pilot, 3)
        assert titles(screen) == ["From elsewhere", "The garden", "Trips in April"]
        await pilot.press("slash", *"garde")
        await wait_for(pilot, lambda: titles(screen) == ["The garden"], "found by its title")
        screen.query_one(SearchLine).value = "wheelbarrow 1"
        await wait_for(pilot, lambda: screen.answered and screen.answered[0] == "wheelbarrow 1", "found by a line")
        assert titles(screen)[0] == "Trips in April"
        assert "you: About Trips in April: the purple wheelbarrow 1" in screen.listing.rows[0].below
        screen.query_one(SearchLine).value = "nothing of the kind qqq"
        await wait_for(pilot, lambda: not screen.listing.rows, "nothing found")
        assert screen.listing.empty == "No conversation holds that."


async def test_enter_goes_on_with_one_and_the_next_task_is_written_into_it(app: MementoApp, talks: dict[str, int]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot, 3)
        screen.listing.mark(str(talks["The garden"]))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is app.work_screen, "back in the conversation")
        assert app.desk.session == talks["The garden"]
        assert app.work_screen.talk.entries[0].text.startswith("About The garden")


async def test_an_imported_one_is_opened_to_read_and_a_temporary_session_adds_to_none(app: MementoApp, talks: dict[str, int]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot, 3)
        screen.listing.mark(str(talks["From elsewhere"]))
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, ReadingScreen), "open to read")
        assert app.desk.session != talks["From elsewhere"]
        assert any("imported" in note.message for note in app._notifications)  # pyright: ignore[reportPrivateUsage]
        await pilot.press("escape")
        assert app.screen is screen
        app.desk.temporary = True
        screen.listing.mark(str(talks["The garden"]))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is screen and app.desk.session != talks["The garden"]


async def test_renamed_deleted_taken_back_restored_and_removed_after_asking(app: MementoApp, talks: dict[str, int]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot, 3)
        screen.listing.mark(str(talks["The garden"]))
        await pilot.press("r")
        await wait_for(pilot, lambda: isinstance(app.screen, LineSheet), "asks for the title")
        app.screen.query_one(Input).value = "Roses"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Roses" in titles(screen), "renamed")
        await pilot.press("d")
        await wait_for(pilot, lambda: len(screen.listing.rows) == 2, "deleted")
        await pilot.press("u")
        await wait_for(pilot, lambda: len(screen.listing.rows) == 3, "taken back")
        await pilot.press("U")
        await wait_for(pilot, lambda: len(screen.listing.rows) == 2, "done again")
        await pilot.press("t")
        await wait_for(pilot, lambda: titles(screen) == ["Roses"], "in the trash")
        assert screen.check_action("resume", ()) is False
        await pilot.press("D")
        await wait_for(pilot, lambda: app.screen is not screen, "asks")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen, "no")
        assert titles(screen) == ["Roses"]
        await pilot.press("R")
        await wait_for(pilot, lambda: not screen.listing.rows, "restored")
        await pilot.press("t")
        await wait_for(pilot, lambda: len(screen.listing.rows) == 3, "back among the others")
        await pilot.press("d", "t")
        await wait_for(pilot, lambda: screen.trash and len(screen.listing.rows) == 1, "in the trash once more")
        await pilot.press("D")
        await wait_for(pilot, lambda: app.screen is not screen, "asks again")
        await pilot.press("y")
        await wait_for(pilot, lambda: not screen.listing.rows, "gone for good")


async def test_export_proposes_a_name_and_never_writes_over_a_file_unasked(
    app: MementoApp, talks: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    to = tmp_path / "out.json"
    to.write_text("mine")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot, 3)
        for answer in ("escape", "y"):
            await pilot.press("x")
            await wait_for(pilot, lambda: isinstance(app.screen, LineSheet), "asks for the path")
            assert app.screen.query_one(Input).value.endswith("from-elsewhere-3.md")
            app.screen.query_one(Input).value = str(to)
            await pilot.press("enter")
            await wait_for(pilot, lambda: not isinstance(app.screen, LineSheet) and app.screen is not screen, "asks about the file there")
            await pilot.press(answer)
            await wait_for(pilot, lambda: app.screen is screen, "answered")
            if answer == "escape":
                assert to.read_text() == "mine"
        await wait_for(pilot, lambda: to.read_text() != "mine", "written")
    assert json.loads(to.read_text("utf-8"))["messages"]


async def test_hostile_text_is_text_and_any_size_will_do(app: MementoApp, paths: Paths) -> None:
    paths.make()
    bank = Bank(paths.bank)
    held = Conversations(bank)
    for n, text in enumerate(HOSTILE, 1):
        held.fill(held.begin(text, started_at=f"2025-01-0{n}T10:00:00Z"), [("user", text, f"2025-01-0{n}T10:00:00Z")])
    bank.close()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, pilot, len(HOSTILE))
        for _ in HOSTILE:
            await pilot.press("down")
            drawn = [screen.listing.render_line(y) for y in range(screen.listing.size.height)]
            assert not any("\x1b" in line.text or "\u202e" in line.text for line in drawn)
            assert {line.cell_length for line in drawn} == {screen.listing.scrollable_content_region.width}
        await pilot.press("space")
        await wait_for(pilot, lambda: isinstance(app.screen, ReadingScreen), "read")
        await pilot.resize_terminal(40, 10)
        await pilot.press("escape", "end")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.screen is screen and app.is_running


async def test_empty_it_says_what_to_do_next(app: MementoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot, 0)
        await wait_for(pilot, lambda: screen.answered is not None, "looked")
        assert "what you ask there begins one" in screen.listing.empty
        await pilot.press("enter", "d", "r", "x", "D", "R")
        assert app.screen is screen
