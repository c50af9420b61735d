"""The page of plots: what stands in it, on every size, and the memories that can be opened from it."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.plots import PlotsScreen
from tests.tui.conftest import opened, wait_for
from tests.tui.quiet import quiet as quiet

HOSTILE = "[@click=app.quit]x[/] \x1b[31m\u202e" + "漢" * 100


def text(screen: PlotsScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).visual)


async def plotted(app: MementoApp, pilot: Pilot[None]) -> PlotsScreen:
    await app.action_plots()
    await wait_for(pilot, lambda: isinstance(app.screen, PlotsScreen) and app.screen.figures is not None, "the figures are there")
    assert isinstance(app.screen, PlotsScreen)
    await pilot.pause()
    return app.screen


def worked(app: MementoApp, task: str, reward: float, read: int | None = None) -> int:
    """A task that was worked on, and what was read for it."""
    assistant = app.desk.assistant
    case = assistant.cases.begin(task, "nano")
    if read is not None:
        with assistant.bank.writing():
            row = assistant.bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at) VALUES (?, 'q', 'q', '2026-01-01') RETURNING id", case
            )
            assistant.bank.rows(
                "INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown, followed) VALUES (?,?,1,1,1,1)",
                row["id"],
                read,
            )
    assistant.cases.finish(case, "done", "")
    assistant.cases.verdict(case, reward)
    return case


async def test_an_empty_bank_says_what_to_do(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        screen = await plotted(app, pilot)
        assert "No task has been worked on yet" in text(screen, "empty") and not screen.query_one("#page").display
        await pilot.press("w", "enter", "o", "escape")
        assert app.screen is app.work_screen


async def test_the_figures_are_drawn_and_their_memories_opened(app: MementoApp, monkeypatch: pytest.MonkeyPatch):
    wanted: list[int] = []

    async def open_memory(number: int) -> None:
        wanted.append(number)

    monkeypatch.setattr(app, "open_memory", open_memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        first = worked(app, HOSTILE, 0.0)
        second = worked(app, "Total the km", 1.0)
        for n in range(3):
            worked(app, f"Task {n}", 1.0, read=second)
        worked(app, "Task 9", 0.0, read=first)
        screen = await plotted(app, pilot)
        assert "6 cases in 26 weeks" in text(screen, "head")
        assert "75% of 4 tasks went well" in text(screen, "success") and "50% of 2 tasks went well" in text(screen, "success")
        assert "█" in text(screen, "cases") and "case " in text(screen, "kinds")
        helpful, harmful = (str(screen.query_one(f"#{name}", OptionList).get_option_at_index(0).prompt) for name in ("helpful", "harmful"))
        assert "3 of 3" in helpful and "Total the km" in helpful
        assert "1 of 1" in harmful and "[@click=app.quit]x[/]" in harmful and "\x1b" not in harmful
        await pilot.press("w")
        await wait_for(pilot, lambda: "in 52 weeks" in text(screen, "head"), "a whole year")
        await pilot.press("enter")
        await wait_for(pilot, lambda: wanted == [second], "the most helpful one is opened")
        for width, height in ((40, 10), (120, 40), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            await pilot.pause()
            room = screen.query_one("#cases").region.width
            assert all(len(line.rstrip()) <= room for line in text(screen, "cases").splitlines())
