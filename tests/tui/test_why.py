"""Why a task read what it read, after real tasks on the built-in model; and what is mended from there."""

from __future__ import annotations

from textual.widgets import OptionList, Static

from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.memory import MemoryScreen
from memento_desktop.tui.screens.memory_sheets import ConsentSheet, EditSheet
from memento_desktop.tui.screens.why import NOTHING_KEPT, WhySheet
from tests.tui.conftest import opened, wait_for


def shown(sheet: WhySheet) -> str:
    """All that its list says."""
    options = sheet.query_one(OptionList)
    return "\n".join(str(options.get_option_at_index(n).prompt) for n in range(options.option_count))


async def test_why_after_a_real_task_and_what_is_mended_from_there(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assistant, screen = app.desk.assistant, app.work_screen
        past = assistant.cases.begin("Total the km in trips_april.csv", "nano")
        assistant.cases.planned(past, ["read trips_april.csv", "add up km"])
        assistant.cases.finish(past, "done", "200 km")
        assistant.feedback(past, 1.0)
        screen.prompt.write("Total the km in trips_may.csv")
        await pilot.press("enter")
        await wait_for(pilot, lambda: len(screen.talk.entries) == 2 and not screen.busy, "it is answered")
        await pilot.press("f5")
        await wait_for(pilot, lambda: isinstance(app.screen, WhySheet) and app.screen.why is not None, "it says why")
        sheet = app.screen
        assert isinstance(sheet, WhySheet)
        assert sheet.query_one(".box").styles.border_top[0] == "outer", "it is drawn as a sheet"
        assert sheet.why is not None
        assert [one.memory_id for one in sheet.why.read] == [past]
        for word in ("trips_april.csv", "km", "text rank 1", "helped"):
            assert word in shown(sheet)
        memory = lambda: assistant.memories.get(past)  # noqa: E731
        await pilot.press("n")
        await wait_for(pilot, lambda: memory().harmful == 1, "beside the point: it counts against it")
        await pilot.press("u")
        await wait_for(pilot, lambda: memory().harmful == 0 and not sheet.turn.locked(), "taken back")
        await pilot.press("e")
        await wait_for(pilot, lambda: isinstance(app.screen, EditSheet), "it can be edited")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is sheet and not sheet.turn.locked(), "and left as it is")
        await pilot.press("x")
        await wait_for(pilot, lambda: isinstance(app.screen, ConsentSheet), "a task that is wrong is put aside")
        await pilot.press("y")
        await wait_for(pilot, lambda: memory().status == "archived" and "archived" in shown(sheet), "it is said there")
        await pilot.press("u")
        await wait_for(pilot, lambda: memory().status == "active" and not sheet.turn.locked(), "taken back")
        await pilot.press("tab")
        await wait_for(pilot, lambda: sheet.left_out, "what was left out")
        await pilot.press("tab", "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen), "it opens whole")
        await pilot.press("w")
        await wait_for(pilot, lambda: isinstance(app.screen, WhySheet), "and why that one was done so")
        await wait_for(pilot, lambda: str(app.screen.query_one(".title", Static).content) == NOTHING_KEPT, "of which nothing is known")
        await pilot.press("escape", "escape", "escape")
        await wait_for(pilot, lambda: app.screen is screen, "back to the conversation")


async def test_why_with_hostile_texts_and_what_is_gone(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: app.desk.is_open, "the memory opens")
        assistant = app.desk.assistant
        texts = (
            "[@click=app.quit]total[/] km",
            "total km \x1b[31mred\x1b]52;c;AAAA\x07",
            "total km \u202egnirts",
            "total km " + "a" * 10_000,
        )
        ids = [assistant.memories.keep(text).id for text in texts]
        case = assistant.cases.begin("total km [/]", "nano")
        assistant.reading.read("total km [/]", case)
        assistant.cases.finish(case, "done", "1")
        assert assistant.reading.shown_for(case)
        assistant.history.undo(assistant.history.of(ids[1])[0].id)  # never said, and yet it was read
        sheet = WhySheet(case)
        app.push_screen(sheet)
        await wait_for(pilot, lambda: sheet.why is not None, "it says why")
        for size in ((40, 10), (20, 5), (80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            assert not {"\x1b", "\u202e"} & set(app.export_screenshot())
        await wait_for(pilot, lambda: len(sheet.shown) > 0, "something is listed")
        both = shown(sheet)
        await pilot.press("tab")
        both += shown(sheet)
        assert texts[0] in both
        assert "removed for good since" in both
        await pilot.press("tab", "home", "enter")
        told = app._notifications  # pyright: ignore[reportPrivateUsage]
        await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen) or len(told) > 0, "it opens, or is said to be gone")
        assert app.is_running
