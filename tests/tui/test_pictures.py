"""Every screen as it was last looked at, on a made-up owner's bank."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from assets.demo import TODAY, fill
from memento_desktop import plain
from memento_desktop.agent import events as ev
from memento_desktop.config.paths import Paths
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.screens.sheets import ApprovalSheet, PlanSheet
from memento_desktop.tui.view import TaskView
from memento_desktop.tui.widgets.conversation import Entry
from tests.tui.conftest import opened, wait_for
from tests.tui.pictures import check

LESSON = 'For tasks like "Total the km in …": leave out rows marked void'
ANSWER = "The total of km in trips_may.csv is 170 (2 rows, 1 with void left out)."
WIDE, NARROW = (120, 40), (80, 24)


@pytest.fixture
def demo(paths: Paths, monkeypatch: pytest.MonkeyPatch, folder: Path, no_embedder: None) -> Iterator[MementoApp]:
    """The app on the made-up bank, on the day it was made for, in UTC and in colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    if hasattr(time, "tzset"):
        time.tzset()
    monkeypatch.setattr(plain, "present", lambda: TODAY)
    fill(paths)
    yield MementoApp(Start((folder,), deterministic=True))
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()


def done(running: bool = False) -> TaskView:
    """A task as it looks while it runs, or when it has ended."""
    view = TaskView("Total the km in trips_may.csv", phase="starting")
    why = {"terms": ["total", "km"], "rank_text": 1, "rank_vector": 1, "similarity": 0.91}
    step = "total the km in trips_may.csv; leave out rows marked void"
    told: list[ev.Event] = [
        ev.TaskStarted(case_id=24, task=view.task, model="nano (built-in)"),
        ev.MemoryUsed(
            items=(
                ev.MemoryItem(id=20, kind="lesson", title=LESSON, shown=True, why=why),
                ev.MemoryItem(id=5, kind="fact", title="Ruth likes green tea", shown=False, why=why | {"left_out": "not similar enough"}),
            ),
            instructions=1, note="",
        ),
        ev.PlanReady(cycle=1, steps=(step,)), ev.StepStarted(n=1, task=step),
        ev.ToolCalled(n=1, tool="read_table", args={"path": "trips_may.csv", "operation": "total", "column": "km", "without": "void"}),
    ]  # fmt: skip
    if not running:
        told += [
            ev.ToolFinished(n=1, tool="read_table", ok=True, text=ANSWER, ms=3),
            ev.StepFinished(n=1, task=step, result="170", ok=True, ms=400),
            ev.Answer(text=ANSWER),
            ev.CaseWritten(case_id=24, outcome="done", prompt_tokens=1509, cached_tokens=1166, completion_tokens=145, seconds=0.5),
        ]  # fmt: skip
    for event in told:
        view.apply(event)
    return view


async def worked(app: MementoApp, pilot: Pilot[None], view: TaskView) -> None:
    """A conversation with one task in it."""
    await opened(app, pilot)
    screen = app.work_screen
    entries = [Entry("user", "Total the km in trips_april.csv"), Entry("assistant", "The total of km in trips_april.csv is 200 (3 rows).")]
    entries[1].note = f"corrected: Next time: {LESSON}"
    screen.view = view
    screen.entry = Entry("assistant", view.text, case_id=24, view=view)
    await screen.talk.show([*entries, Entry("user", view.task), screen.entry])
    screen._draw()  # pyright: ignore[reportPrivateUsage]
    await pilot.pause()


@pytest.mark.parametrize(("name", "size"), [("work-wide", WIDE), ("work-narrow", NARROW)])
async def test_a_task_that_is_done(demo: MementoApp, name: str, size: tuple[int, int]):
    async with demo.run_test(size=size) as pilot:
        await worked(demo, pilot, done())
        check(demo, name)


async def test_a_task_that_runs(demo: MementoApp):
    async with demo.run_test(size=NARROW) as pilot:
        await worked(demo, pilot, done(running=True))
        check(demo, "running")


async def test_sheets_over_it(demo: MementoApp):
    async with demo.run_test(size=NARROW) as pilot:
        await worked(demo, pilot, done())
        await demo.push_screen(PlanSheet(done()))
        await pilot.pause()
        check(demo, "plan")
        await demo.pop_screen()
        await demo.push_screen(
            ApprovalSheet("write_file", "write", "Write 3 lines to out/report.md:\n\n+ Trips in May\n+ 170 km\n- 200 km")
        )
        await pilot.pause()
        check(demo, "approval")


async def test_suggestions(demo: MementoApp):
    async with demo.run_test(size=NARROW) as pilot:
        await worked(demo, pilot, done())
        demo.work_screen.prompt.write("Total the km in @trips")
        await wait_for(pilot, lambda: demo.work_screen.suggestions.display, "files are suggested")
        check(demo, "suggestions")


SCREENS = {
    "memories": (WIDE, NARROW), "review": (WIDE, NARROW), "history": (NARROW,), "map": (WIDE,), "plots": (WIDE, NARROW),
    "sessions": (WIDE,), "help": (NARROW,),
}  # fmt: skip
"""Screens that show nothing of the machine they run on."""


@pytest.mark.parametrize(("screen", "size"), [(name, size) for name, sizes in SCREENS.items() for size in sizes])
async def test_a_screen(demo: MementoApp, screen: str, size: tuple[int, int]):
    async with demo.run_test(size=size) as pilot:
        await opened(demo, pilot)
        demo.notify = lambda *_, **__: None  # type: ignore[method-assign,assignment]
        await demo.run_action(screen)
        await settled(demo, pilot)
        check(demo, f"{screen}-{'wide' if size == WIDE else 'narrow'}")


async def test_why_and_one_memory(demo: MementoApp):
    async with demo.run_test(size=WIDE) as pilot:
        await opened(demo, pilot)
        from memento_desktop.tui.screens.memory import MemoryScreen
        from memento_desktop.tui.screens.why import WhySheet

        await demo.push_screen(WhySheet(29))
        await settled(demo, pilot)
        check(demo, "why")
        await demo.pop_screen()
        await demo.push_screen(MemoryScreen(20))
        await settled(demo, pilot)
        check(demo, "memory")


async def settled(app: MementoApp, pilot: Pilot[None]) -> None:
    """Nothing is worked on any more and the picture stays the same."""
    seen = ""
    for _ in range(200):
        await app.workers.wait_for_complete([worker for worker in app.workers if worker.group not in ("index", "task")])
        await pilot.pause(0.05)
        now = app.export_screenshot(simplify=True)
        if now == seen:
            return
        seen = now
    raise AssertionError("the screen never comes to rest")


def test_the_day_is_the_one_the_bank_was_made_for():
    assert datetime(2026, 11, 20, 15, tzinfo=UTC) == TODAY
