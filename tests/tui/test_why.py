"""Why memories were read for a task, and what can be done about it there."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import Search
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.memory import MemoryScreen
from memento_desktop.tui.screens.memory_sheets import ConsentSheet
from memento_desktop.tui.screens.sheets import LineSheet
from memento_desktop.tui.screens.why import NOTHING_KEPT, WhySheet
from tests.tui.conftest import opened, wait_for


@pytest.fixture
def ids(paths: Paths) -> dict[str, int]:
    """Three tasks of one kind, of which the last one read the others, their lesson and a fact."""
    paths.make()
    bank = Bank(paths.bank)
    memories, search = Memories(bank), Search(bank)
    cases = Cases(bank, memories)
    reading, lessons = Reading(bank, memories, cases, search), Lessons(bank, memories, cases, search)
    found = {"fact": memories.keep("Total km of trips are paid by Halden [@click=app.quit]x[/]").id}
    memories.keep("The piano hides the router of km")
    for n, month in enumerate(("april", "may", "june")):
        found[month] = case = cases.begin(f"Total the km in trips_{month}.csv", "nano")
        reading.read(f"Total the km in trips_{month}.csv", case)
        cases.planned(case, ["read the table", "leave out rows marked void", "add up"])
        cases.finish(case, "done", f"{n}70 km")
        reading.credit(case)
        lessons.verdict(case, float(n > 0), "leave out rows marked void" if n == 0 else "")
    found["lesson"] = memories.list(("lesson",))[0].id
    found["alone"] = cases.begin("Nothing like it", "nano")
    cases.finish(found["alone"], "done", "x")
    bank.close()
    return found


async def why(app: MementoApp, pilot: Pilot[None], case: int) -> WhySheet:
    await opened(app, pilot)
    sheet = WhySheet(case)
    await app.push_screen(sheet)
    await wait_for(pilot, lambda: str(sheet.query_one(".title", Static).render()) != "Looking why …", "the sheet knows why")
    return sheet


def shown(sheet: WhySheet) -> str:
    options = sheet.query_one(OptionList)
    return "\n".join(str(options.get_option_at_index(n).prompt) for n in range(options.option_count))


async def go_to(sheet: WhySheet, pilot: Pilot[None], memory_id: int) -> None:
    sheet.query_one(OptionList).highlighted = [one.memory_id for one in sheet.shown].index(memory_id)
    await pilot.pause()


async def test_what_was_read_and_what_was_left_out(app: MementoApp, ids: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        sheet = await why(app, pilot, ids["june"])
        text = shown(sheet)
        for part in ("For tasks like", "matched    total · km", "text rank 1", "credit ", "helped 2 of 2", "[@click=app."):
            assert part in text
        await pilot.press("tab")
        assert sheet.left_out and "left out" in shown(sheet)
        await pilot.press("tab")
        assert not sheet.left_out and "For tasks like" in shown(sheet)
        for size in ((40, 10), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen), "it opens whole")
        await pilot.press("escape")
        await pilot.press("escape")
        assert app.screen is app.work_screen


async def test_what_is_wrong_is_mended_there_and_taken_back(app: MementoApp, ids: dict[str, int]):
    async with app.run_test(size=(120, 40)) as pilot:
        sheet = await why(app, pilot, ids["june"])
        memories = app.desk.assistant.memories
        await go_to(sheet, pilot, ids["fact"])
        await pilot.press("p")
        await wait_for(pilot, lambda: memories.get(ids["fact"]).pinned, "it is pinned")
        await pilot.press("u")
        await wait_for(pilot, lambda: not memories.get(ids["fact"]).pinned, "and not")
        await pilot.press("x")
        await wait_for(pilot, lambda: isinstance(app.screen, LineSheet), "it asks since when")
        app.screen.query_one(Input).value = "yesterday"
        await pilot.press("enter")
        await wait_for(pilot, lambda: memories.get(ids["fact"]).valid_to is not None, "it holds no more")
        await pilot.press("d")
        await wait_for(pilot, lambda: memories.get(ids["fact"]).status == "trashed", "it is in the trash")
        await wait_for(pilot, lambda: sheet.current is not None and sheet.current.memory_id == ids["fact"], "the cursor stays on it")
        await go_to(sheet, pilot, ids["lesson"])
        await pilot.press("x")
        await wait_for(pilot, lambda: isinstance(app.screen, ConsentSheet), "a lesson is put aside: it asks")
        await pilot.press("y")
        await wait_for(pilot, lambda: memories.get(ids["lesson"]).status == "archived", "it is put aside")


async def test_beside_the_point_counts_against_it(app: MementoApp, ids: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        sheet = await why(app, pilot, ids["june"])
        memories = app.desk.assistant.memories
        await go_to(sheet, pilot, ids["lesson"])
        before = memories.get(ids["lesson"]).harmful
        await pilot.press("n")
        await wait_for(pilot, lambda: memories.get(ids["lesson"]).harmful == before + 1, "it counts against it")
        await pilot.press("u")
        await wait_for(pilot, lambda: memories.get(ids["lesson"]).harmful == before, "and no more")


async def test_a_task_that_read_nothing_and_what_is_gone(app: MementoApp, ids: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        sheet = await why(app, pilot, ids["alone"])
        assert NOTHING_KEPT in str(sheet.query_one(".title", Static).render())
        await pilot.press("tab", "e", "p", "enter", "n", "x", "escape")
        await wait_for(pilot, lambda: app.screen is app.work_screen, "it closes")
        memories = app.desk.assistant.memories
        memories.purge(ids["fact"])
        again = await why(app, pilot, ids["june"])
        assert ids["fact"] not in [one.memory_id for one in again.shown], "what was removed for good is named nowhere"
