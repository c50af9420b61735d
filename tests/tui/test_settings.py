"""The settings in the app: drawn from the schema, changed in place, refused with words, saved with the comments kept; keys given anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import SuspendNotSupported
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static, TextArea

from memento_desktop.config.editing import described
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.tui import commands
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.keys import KeySheet, KeysScreen, clashes, refused
from memento_desktop.tui.screens.settings import Choices, SettingsScreen, Value
from memento_desktop.tui.screens.sheets import AskSheet, TextSheet
from memento_desktop.tui.themes import DARK
from memento_desktop.tui.widgets.listing import Listing
from memento_desktop.tui.widgets.search import SearchLine
from tests.tui.conftest import opened, wait_for

pytestmark = pytest.mark.usefixtures("no_embedder")
TEXT = """# mine
[memory]
most_cases = 2  # enough
"""


def text_of(file: Path) -> str:
    return file.read_text("utf-8")


@pytest.fixture
def file(paths: Paths) -> Path:
    paths.make()
    paths.settings.write_text(TEXT, "utf-8")
    return paths.settings


async def shown(app: MementoApp, pilot: Pilot[None]) -> SettingsScreen:
    await opened(app, pilot)
    await app.action_settings()
    await pilot.pause()
    assert isinstance(app.screen, SettingsScreen)
    return app.screen


def said(screen: Screen[Any], part: str = "#about") -> str:
    return str(screen.query_one(part, Static).content)


async def go(screen: SettingsScreen, pilot: Pilot[None], key: str) -> None:
    assert screen.query_one(Listing).mark(key)
    await pilot.pause()


async def test_every_setting_is_there_explained_and_found_by_typing(app: MementoApp, file: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        keys = [row.key for row in screen.query_one(Listing).rows if not row.heading]
        assert keys == [one.key for one in described(Settings.load(file), file)]
        await go(screen, pilot, "memory.most_cases")
        assert "Cases and lessons read" in said(screen) and "set in the file" in said(screen) and "from 0 to 4" in said(screen)
        screen.query_one(SearchLine).value = "most facts"
        await pilot.pause()
        assert [row.key for row in screen.query_one(Listing).rows if not row.heading] == ["memory.most_facts"]
        await pilot.resize_terminal(40, 10)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert app.is_running


async def test_a_number_is_changed_in_place_a_refused_one_is_explained_and_comments_stay(app: MementoApp, file: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, "memory.most_cases")
        await pilot.press("enter", "4", "escape")
        assert app.screen is screen and isinstance(screen.focused, Listing) and text_of(file) == TEXT
        await pilot.press("enter")
        assert screen.query_one(Value).value == "2"
        await pilot.press("9", "enter")
        assert "from 0 to 4" in said(screen, "#refused") and isinstance(screen.focused, Value)
        assert text_of(file) == TEXT
        await pilot.press("backspace", "backspace", "3", "enter")
        assert text_of(file) == TEXT.replace("= 2", "= 3")
        assert app.desk.settings.memory.most_cases == 3  # at once
        await pilot.press("r")
        assert "most_cases" not in text_of(file) and text_of(file).startswith("# mine")


async def test_yes_and_no_turn_at_once_a_choice_is_taken_from_a_list_and_what_counts_later_says_so(app: MementoApp, file: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, "loop.judge")
        await pilot.press("enter")
        assert not Settings.load(file).loop.judge and not app.desk.settings.loop.judge
        await go(screen, pilot, "app.plan_panel")
        await pilot.press("enter", "down", "enter")
        assert Settings.load(file).app.plan_panel == "always"
        assert app.work_screen.has_class("-wide")
        await go(screen, pilot, "memory.reader")
        await pilot.press("enter", "end", "enter")
        assert Settings.load(file).memory.reader == "neural" and app.desk.settings.memory.reader == "auto"
        assert "from the next start on. Until then: auto" in said(screen)


async def test_a_theme_is_seen_before_it_is_taken(app: MementoApp, file: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, "app.theme")
        await pilot.press("enter")
        assert isinstance(screen.focused, Choices)
        await pilot.press("down")
        await wait_for(pilot, lambda: app.theme != DARK, "another theme is shown")
        await pilot.press("escape")
        assert app.theme == DARK and Settings.load(file).app.theme == ""
        await pilot.press("enter", "down", "enter")
        await wait_for(pilot, lambda: Settings.load(file).app.theme, "taken")
        assert app.theme == Settings.load(file).app.theme != DARK


@pytest.fixture
def broken(file: Path) -> Path:
    file.write_text("[memory\nmost_cases = 1\n", "utf-8")
    return file


async def test_a_broken_file_is_named_and_can_be_mended_here(app: MementoApp, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> str:
        raise SuspendNotSupported

    monkeypatch.setattr("memento_desktop.tui.external.in_editor", nowhere)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: len(app.screen_stack) > 1, "the error is shown")
        await pilot.press("escape")
        await app.action_settings()
        screen = app.screen
        await wait_for(pilot, lambda: "not TOML" in said(screen), "the error stands there")
        for text, works in (("[memory]\nmost_cases = 99\n", False), ("[memory]\nmost_cases = 1\n", True)):
            if works:
                await pilot.press("y")
            else:
                await pilot.press("e")
            await wait_for(pilot, lambda: isinstance(app.screen, TextSheet), "the text is open")
            app.screen.query_one(TextArea).text = text
            await pilot.press("ctrl+s")
            await wait_for(pilot, lambda: isinstance(app.screen, AskSheet) or app.screen is screen, "looked at")
            assert (app.screen is screen) == works
        await wait_for(pilot, lambda: Settings.load(broken).memory.most_cases == 1, "written")


async def press_until(pilot: Pilot[None], app: MementoApp, kind: type[Screen[Any]], *keys: str) -> None:
    await pilot.press(*keys)
    await wait_for(pilot, lambda: isinstance(app.screen, kind), kind.__name__)


async def test_a_key_is_given_by_pressing_it_reset_and_swapped_after_asking(app: MementoApp, file: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, "app.keys")
        await press_until(pilot, app, KeysScreen, "enter")
        keys = app.screen
        keys.query_one(Listing).mark("app.map")
        await press_until(pilot, app, KeySheet, "enter")
        await pilot.press("ctrl+t")
        await wait_for(pilot, lambda: Settings.load(file).app.keys == {"app.map": "ctrl+t"}, "saved")
        went: list[str] = []
        setattr(app, "action_map", lambda: went.append("map"))  # noqa: B010
        await pilot.press("ctrl+t")
        await wait_for(pilot, lambda: went, "the new key works at once")
        await press_until(pilot, app, KeySheet, "enter")
        await pilot.press("ctrl+q")  # it would end the app
        await wait_for(pilot, lambda: isinstance(app.screen, AskSheet) or app.screen is keys, "answered")
        assert app.is_running
        await pilot.press("escape", "r")
        await wait_for(pilot, lambda: Settings.load(file).app.keys == {}, "reset")
        keys.query_one(Listing).mark("app.memories")
        await press_until(pilot, app, KeySheet, "enter")
        await press_until(pilot, app, AskSheet, "f9")
        await pilot.press("y")
        wanted = {"app.memories": "f9", "app.review": "f8"}
        await wait_for(pilot, lambda: Settings.load(file).app.keys == wanted, "swapped")


@pytest.mark.parametrize(
    ("name", "key", "may"),
    [("app.map", "m", False), ("prompt.submit", "x", False), ("app.help", "enter", False), ("talk.good", "x", True),
     ("app.map", "f7", True), ("sessions.rename", "ctrl+n", True), ("prompt.newline", "shift+enter", True), ("app.map", "slash", False)],
)  # fmt: skip
def test_keys_that_write_are_not_given_where_one_writes(name: str, key: str, may: bool) -> None:
    command = next(one for one in commands.COMMANDS if one.id == name)
    assert (refused(command, key) == "") == may


def test_the_registry_gives_no_key_twice_where_both_would_work() -> None:
    """But Esc, which goes back in every place."""
    twice = {
        (one.id, other.id, key)
        for one in commands.COMMANDS
        for key in one.keys.split(",")
        for other in clashes(one, key.strip(), {})
        if key not in ("", "escape")
    }
    assert not twice


async def test_the_editor_opens_a_copy_and_what_cannot_be_used_is_not_written(
    app: MementoApp, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def edit(_: object, text: str, *__: object) -> str:
        seen.append(text)
        return "[memory]\nmost_cases = 9\n" if len(seen) == 1 else text

    monkeypatch.setattr("memento_desktop.tui.external.in_editor", edit)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot)
        await press_until(pilot, app, AskSheet, "e")
        assert text_of(file) == TEXT
        await pilot.press("y")
        await wait_for(pilot, lambda: len(seen) == 2, "opened again with what was written")
        assert seen[1] == "[memory]\nmost_cases = 9\n"


def test_an_editor_that_fails_keeps_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from memento_desktop.tui.external import in_editor

    class Still:
        suspend: Callable[[], object] = staticmethod(nullcontext)

    with pytest.raises(MementoError, match="cannot be started"):
        in_editor(Still(), "text", ".toml", "no-such-editor-anywhere")  # pyright: ignore[reportArgumentType]
    assert in_editor(Still(), "text", ".toml", "true") == "text"  # pyright: ignore[reportArgumentType]
    with pytest.raises(MementoError, match="ended with code 1") as raised:
        in_editor(Still(), "text", ".toml", "false")  # pyright: ignore[reportArgumentType]
    kept = Path(raised.value.hint.rpartition(" is in ")[2].rstrip("."))
    assert kept.read_text("utf-8") == "text"
    kept.unlink()
