"""The help made of the registry, the README's table of keys, and the log as it grows."""

from __future__ import annotations

import pytest
from rich.console import Console
from textual.pilot import Pilot
from textual.widgets import RichLog, Static

from assets import keys_table
from memento_desktop.config.paths import Paths
from memento_desktop.memory.browsing.query import FIELDS
from memento_desktop.tui import commands
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.help import HelpScreen, matching, parts
from memento_desktop.tui.screens.logs import LogsScreen, level_of
from memento_desktop.tui.widgets.search import SearchLine
from tests.tui.conftest import wait_for

pytestmark = pytest.mark.usefixtures("no_embedder")


def page(app: MementoApp) -> str:
    console = Console(width=app.size.width - 2)
    with console.capture() as captured:
        console.print(app.screen.query_one("#all", Static).content)
    return captured.get()


def test_every_command_and_every_field_is_in_the_help() -> None:
    rows = [row for _, rows in parts({}) for row in rows]
    helps = " ".join(row[2] for row in rows)
    assert all(command.help in helps for command in commands.COMMANDS if command.keys or command.slash)
    assert {f"{field.name}:" for field in FIELDS} <= {row[0] for row in rows}


def test_keys_of_the_owners_own_are_shown() -> None:
    found = list(matching(["map", "meaning"], parts({"app.map": "ctrl+t"})))
    assert found[0][1][0][0] == "^T"


async def test_typing_searches_and_f1_goes_back(app: MementoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen), "help")
        assert "Everywhere" in page(app) and "reward:" in page(app)
        await pilot.press(*"trash")
        assert "Into the trash" in page(app) and "Everywhere" not in page(app)
        await pilot.resize_terminal(40, 10)
        await pilot.press("pagedown", "pagedown", "pageup")
        app.screen.query_one(SearchLine).value = "no such thing at all"
        await pilot.pause()
        assert "Nothing here" in page(app)
        await pilot.press("f1")
        await wait_for(pilot, lambda: app.screen is app.work_screen, "back")


def test_the_table_of_keys_in_the_readme_is_up_to_date() -> None:
    readme = keys_table.README.read_text("utf-8")
    assert keys_table.written(readme) == readme, "python -m assets.keys_table writes it anew"


def shown(app: MementoApp) -> list[str]:
    return [line.text.rstrip() for line in app.screen.query_one(RichLog).lines]


async def logs(app: MementoApp, pilot: Pilot[None]) -> LogsScreen:
    await app.action_logs()
    screen = app.screen
    assert isinstance(screen, LogsScreen)
    await wait_for(pilot, lambda: shown(app), "lines")
    return screen


LINES = """2026-05-03 10:00:00,000 7 INFO memento_desktop.a: usual [@click=app.quit]x[/] \x1b[31mred
2026-05-03 10:00:01,000 7 WARNING memento_desktop.a: odd
2026-05-03 10:00:02,000 7 ERROR memento_desktop.a: bad
    file.py:3 run
"""


@pytest.fixture
def log(paths: Paths) -> Paths:
    paths.make()
    (paths.logs / "memento.log").write_text(LINES, "utf-8")
    (paths.logs / "engine.log").write_text("llama: loaded\nllama: failed to allocate\n", "utf-8")
    return paths


async def test_lines_are_followed_filtered_and_copied(app: MementoApp, log: Paths) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await logs(app, pilot)
        await wait_for(pilot, lambda: len(shown(app)) >= 4, "all lines")
        assert "[@click=app.quit]x[/] �[31mred" in shown(app)[0]
        await pilot.press("v", "v")
        assert [line.split()[-1] for line in shown(app)] == ["bad", "run"]
        with (log.logs / "memento.log").open("a", encoding="utf-8") as file:
            file.write("2026-05-03 10:00:03,000 7 INFO memento_desktop.a: more\n2026-05-03 10:00:04,000 7 ERROR memento_desktop.a: worse\n")
        await wait_for(pilot, lambda: shown(app)[-1].endswith("worse"), "what came")
        assert len(shown(app)) == 3
        await pilot.press("y")
        assert app.clipboard.count("\n") == 2 and "worse" in app.clipboard
        await pilot.press("v", "l")
        await wait_for(pilot, lambda: "failed to allocate" in " ".join(shown(app)), "the other log")
        screen.query_one(SearchLine).value = "loaded"
        await pilot.pause()
        assert shown(app) == ["llama: loaded"]
        screen.query_one(SearchLine).value = "zzz"
        await pilot.pause()
        assert shown(app) == ["None of 2 lines is such a one."]
        await pilot.resize_terminal(40, 10)
        await pilot.press("f", "l")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert app.is_running and not screen.follow


@pytest.mark.parametrize(
    ("text", "before", "level"),
    [("2026-05-03 10:00:00,000 7 WARNING x: failed", 0, 1), ("2026-05-03 10:00:00,000 7 INFO x: error", 2, 0), ("    file.py:3", 2, 2),
     ("llama: failed", 0, 2), ("warning: slow", 0, 1), ("fine", 2, 0)],
)  # fmt: skip
def test_how_bad_a_line_is(text: str, before: int, level: int) -> None:
    assert level_of(text, before) == level
