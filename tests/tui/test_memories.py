"""The browser of memories, by keyboard, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static, TextArea

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories
from memento_desktop.tui import editing
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.memories import MemoriesScreen
from memento_desktop.tui.screens.memory import MemoryScreen, Ways
from memento_desktop.tui.screens.memory_sheets import ChoiceSheet, ConsentSheet, EditSheet, PickSheet, RefusedSheet
from memento_desktop.tui.screens.sheets import LineSheet, Sheet
from tests.tui.conftest import opened, wait_for

T = TypeVar("T", bound=Sheet)  # type: ignore[type-arg]
HOSTILE = (
    "[@click=app.quit]x[/]", "\x1b[31mred\x1b]0;t\x07", "\u202eevil\u2066", "Z" * 10_000, "zero\u200bwidth", "日本語の長いタイトル" * 20,
    "a" + "\u0301" * 500, "[bold]not bold[/bold] [/]", "one\ttwo\r\nthree",
)  # fmt: skip
KEYS = {" ": "space", ":": "colon", "<": "less_than_sign", ".": "full_stop", "-": "minus", "'": "apostrophe"}


@pytest.fixture(autouse=True)
def bank_of_the_app(paths: Paths) -> dict[str, int]:
    """Twelve facts, three cases, one proposal; the names are the ids."""
    paths.make()
    bank = Bank(paths.bank)
    memories = Memories(bank)
    ids = {f"fact{n}": memories.keep(f"Shelf {n} holds jar {n * 7}").id for n in range(12)}
    ids["locker"] = memories.keep("Ruth's locker code is 4471").id
    ids["newer"] = memories.keep("Ruth's locker code is 5500").id
    cases = Cases(bank, memories)
    for month in ("april", "may", "june"):
        ids[month] = cases.begin(f"Total the km in trips_{month}.csv", "nano")
        cases.planned(ids[month], ["read the table", "add up km"])
        cases.finish(ids[month], "done", "170 km")
    ids["proposal"] = memories.keep("Mara may live in Bern", "fact", "assistant", "proposed", "assistant").id
    bank.close()
    return ids


async def browser(app: MementoApp, pilot: Pilot[None]) -> MemoriesScreen:
    await opened(app, pilot)
    await pilot.press("f8")
    await wait_for(pilot, lambda: isinstance(app.screen, MemoriesScreen) and app.screen.shown is not None, "the browser opens")
    assert isinstance(app.screen, MemoriesScreen)
    return app.screen


async def write(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*(KEYS.get(letter, letter) for letter in text))


async def search(pilot: Pilot[None], screen: MemoriesScreen, text: str, found: int) -> None:
    """What is looked for is found; the cursor stands in the list then."""
    await pilot.press("slash")
    screen.line.input.value = text
    await wait_for(pilot, lambda: screen.wanted == screen.shown and screen.table.total == found, f"{found} found for {text}")
    await pilot.press("enter")


async def sheet(app: MementoApp, pilot: Pilot[None], kind: type[T]) -> T:
    await wait_for(pilot, lambda: isinstance(app.screen, kind) and app.screen.is_mounted, f"{kind.__name__} opens")
    assert isinstance(app.screen, kind)
    return app.screen


def titles(screen: MemoriesScreen) -> list[str]:
    return [screen.table.rows[n].title for n in range(screen.table.total)]


def said(screen: MemoriesScreen) -> str:
    return str(screen.query_one("#said", Static).render())


async def test_search_as_you_type_completion_errors_and_the_count(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        assert screen.table.has_focus and screen.table.total == 18
        await wait_for(pilot, lambda: "18 · review 1" in str(screen.query_one("#count", Static).render()), "the count")
        await pilot.press("slash")
        await write(pilot, "lock")
        await wait_for(pilot, lambda: screen.wanted == screen.shown and screen.table.total == 2, "found as it is typed")
        assert "2 of 18 · review 1" in str(screen.query_one("#count", Static).render())
        await pilot.press("slash")
        screen.line.input.value = ""
        await write(pilot, "ki")
        await pilot.press("tab")
        assert screen.line.input.value == "kind:"
        await wait_for(pilot, lambda: "kind:lesson" in said(screen), "the values are offered")
        await write(pilot, "c")
        await pilot.press("tab")
        assert screen.line.input.value == "kind:c"  # case or correction: what they have in common stands there already
        await pilot.press("tab")
        assert screen.line.input.value == "kind:case"
        await wait_for(pilot, lambda: screen.table.total == 3, "cases")
        screen.line.input.value += " rewrd<0.5"
        await wait_for(pilot, lambda: "no field “rewrd”" in said(screen), "what is wrong is said")
        assert screen.table.total == 3, "the last good list stays"
        await pilot.press("escape")
        assert screen.table.has_focus and app.screen is screen
        await pilot.press("escape")
        assert app.screen is not screen


async def test_the_cursor_stays_on_its_memory_and_undo_takes_back(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await browser(app, pilot)
        await search(pilot, screen, "shelf", 12)
        await pilot.press("down", "down", "down")
        here = screen.table.current
        assert here is not None and screen.table.cursor == 3
        await pilot.press("o")
        choice = await sheet(app, pilot, ChoiceSheet)
        choice.query_one(OptionList).highlighted = 1  # by title
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.shown is not None and screen.shown.sort == "title", "sorted by title")
        assert titles(screen) == sorted(titles(screen)) and screen.table.current is not None and screen.table.current.id == here.id
        await pilot.press("up", "d")
        await wait_for(pilot, lambda: screen.table.total == 11, "one is in the trash")
        assert screen.table.current is not None
        await pilot.press("u")
        await wait_for(pilot, lambda: screen.table.total == 12, "it is back")
        await pilot.press("U")
        await wait_for(pilot, lambda: screen.table.total == 11, "and gone again")
        await search(pilot, screen, "status:trashed", 1)
        await pilot.press("R")
        await wait_for(pilot, lambda: screen.table.total == 0, "restored")
        assert "Nothing like that" in screen.table.empty


async def test_several_are_marked_and_shaped_as_one_change(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await search(pilot, screen, "shelf", 12)
        await pilot.press("space", "shift+down", "shift+down")
        assert len(screen.table.marked) == 4
        await pilot.press("shift+up", "shift+up")
        assert len(screen.table.marked) == 2
        await wait_for(pilot, lambda: "2 marked" in said(screen), "it says how many are marked")
        await pilot.press("p")
        await wait_for(pilot, lambda: sum(row.pinned for row in screen.table.rows.values()) == 2, "both are pinned")
        assert screen.table.marked == set()
        await pilot.press("u")
        await wait_for(pilot, lambda: not any(row.pinned for row in screen.table.rows.values()), "and both are not, by one undo")
        await pilot.press("asterisk")
        await wait_for(pilot, lambda: len(screen.table.marked) == 12, "all are marked")
        await pilot.press("escape")
        assert screen.table.marked == set() and app.screen is screen
        await pilot.press("asterisk")
        await wait_for(pilot, lambda: len(screen.table.marked) == 12, "all are marked")
        await pilot.press("a")
        await wait_for(pilot, lambda: {row.status for row in screen.table.rows.values()} == {"archived"}, "all are put aside")


async def test_edit_in_place_new_and_what_is_refused_comes_back(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await search(pilot, screen, "4471", 1)
        await pilot.press("e")
        editor = await sheet(app, pilot, EditSheet)
        editor.query_one(TextArea).text = "  "
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: isinstance(app.screen, EditSheet) and app.screen is not editor, "the text comes back")
        again = await sheet(app, pilot, EditSheet)
        assert "empty" in str(again.query_one("#refused", Static).render())
        again.query_one(TextArea).text = "Ruth's locker code is 4471, on floor 2"
        await pilot.press("escape")
        assert app.screen is again, "one Esc does not throw away what was written"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: titles(screen) == ["Ruth's locker code is 4471, on floor 2"], "the new text")
        await pilot.press("n")
        await sheet(app, pilot, ChoiceSheet)
        await pilot.press("enter")
        new = await sheet(app, pilot, EditSheet)
        new.query_one(TextArea).text = "The bin 4471 is blue"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: screen.table.total == 2, "a new memory")


async def test_the_own_editor_and_its_refusal(app: MementoApp, monkeypatch: pytest.MonkeyPatch, bank_of_the_app: dict[str, int]):
    written: list[str] = []
    files: list[Path] = []

    def owner(_: MementoApp, path: Path) -> None:
        files.append(path)
        written.append(path.read_text("utf-8"))
        old, new = ("pinned: no", "pinned: perhaps") if len(written) == 1 else ("pinned: perhaps", "pinned: yes")
        path.write_text(written[-1].replace(old, new), "utf-8")

    monkeypatch.setattr(editing, "open_editor", owner)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await search(pilot, screen, "4471", 1)
        await pilot.press("E")
        refused = await sheet(app, pilot, RefusedSheet)
        shown = " ".join(str(one.render()) for one in refused.query(Static))
        assert "perhaps" in shown and "yes or no" in shown
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.table.current is not None and screen.table.current.pinned, "the mended sheet is taken")
        assert "perhaps" in written[1] and not files[0].exists()
        await pilot.press("E")
        await wait_for(pilot, lambda: len(written) == 3, "the editor is open a third time")
        await wait_for(pilot, lambda: not files[-1].exists(), "nothing was changed, and nothing is left behind")


async def test_split_merge_supersede(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await browser(app, pilot)
        memories = app.desk.assistant.memories
        await search(pilot, screen, "4471", 1)
        await pilot.press("s")
        pick = await sheet(app, pilot, PickSheet)
        await write(pilot, "5500")
        await wait_for(pilot, lambda: pick.query_one(OptionList).option_count == 1, "the newer one is found")
        await pilot.press("enter")
        await wait_for(pilot, lambda: memories.get(bank_of_the_app["locker"]).valid_to is not None, "it holds no more")
        await search(pilot, screen, "35", 1)
        await pilot.press("S")
        split = await sheet(app, pilot, EditSheet)
        split.query_one(TextArea).text = "Jar 35 is red\n---\nShelf 5 holds jar 35"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: screen.table.total == 3, "two of one, which is superseded")
        await search(pilot, screen, "49", 1)
        await pilot.press("M")
        await pilot.pause()
        await wait_for(pilot, lambda: any("cannot be merged" in note.message for note in app._notifications), "one alone is refused")
        await search(pilot, screen, "id:{},{}".format(bank_of_the_app["fact1"], bank_of_the_app["fact2"]), 2)
        await pilot.press("asterisk")
        await wait_for(pilot, lambda: len(screen.table.marked) == 2, "both are marked")
        await pilot.press("M")
        await sheet(app, pilot, ChoiceSheet)
        await pilot.press("enter")
        consent = await sheet(app, pilot, ConsentSheet)
        assert "stands:" in " ".join(str(one.render()) for one in consent.query(Static))
        await pilot.press("y")
        await wait_for(pilot, lambda: sorted(row.status for row in screen.table.rows.values()) == ["active", "superseded"], "one of two")


async def test_purging_shows_what_goes_and_asks(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await search(pilot, screen, "4471", 1)
        await pilot.press("D")
        consent = await sheet(app, pilot, ConsentSheet)
        assert "4471" in " ".join(str(one.render()) for one in consent.query(Static))
        await pilot.press("enter")
        assert app.screen is screen and screen.table.total == 1, "the default is no"
        await pilot.press("D")
        consent = await sheet(app, pilot, ConsentSheet)
        consent._from = float("inf")
        await pilot.press("y")
        assert app.screen is consent, "a stray key right after it does not purge"
        consent._from = 0.0
        await pilot.press("y")
        await wait_for(pilot, lambda: screen.table.total == 0, "it is gone for good")


async def test_relabel_wrong_and_always(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        assistant = app.desk.assistant
        await search(pilot, screen, "april", 1)
        await pilot.press("g")
        choice = await sheet(app, pilot, ChoiceSheet)
        choice.query_one(OptionList).highlighted = 2
        await pilot.press("enter")
        line = await sheet(app, pilot, LineSheet)
        line.query_one(Input).value = "leave out rows marked void"
        await pilot.press("enter")
        case = bank_of_the_app["april"]
        await wait_for(pilot, lambda: assistant.cases.get(case).correction == "leave out rows marked void", "it is corrected")
        await search(pilot, screen, "4471", 1)
        await pilot.press("x")
        line = await sheet(app, pilot, LineSheet)
        line.query_one(Input).value = "never heard of"
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, LineSheet) and app.screen is not line, "that is no day: it asks again")
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        await wait_for(pilot, lambda: assistant.memories.get(bank_of_the_app["locker"]).valid_to is not None, "it holds no more")
        await pilot.press("u")
        await wait_for(pilot, lambda: assistant.memories.get(bank_of_the_app["locker"]).valid_to is None, "and holds again")
        await pilot.press("A")
        await wait_for(pilot, lambda: assistant.memories.get(bank_of_the_app["locker"]).always_on, "an instruction")


async def test_one_memory_whole_its_links_and_the_way_back(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await app.desk.call(app.desk.assistant.feedback, bank_of_the_app["april"], 0.0, "leave out rows marked void")
        await search(pilot, screen, "april kind:case", 1)
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.detail is not None, "the memory opens")
        page = app.screen
        assert isinstance(page, MemoryScreen)
        assert "leave out rows marked void" in str(page.query_one("#text", Static).render())
        await pilot.press("tab")
        assert isinstance(page.focused, Ways)
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: page.detail is not None and page.detail.memory.kind == "lesson", "the lesson that it taught")
        await pilot.press("escape")
        await wait_for(pilot, lambda: page.detail is not None and page.detail.memory.kind == "case", "and back")
        await pilot.press("d")
        await wait_for(pilot, lambda: page.detail is not None and page.detail.memory.status == "trashed", "it is in the trash")
        await pilot.press("u")
        await wait_for(pilot, lambda: page.detail is not None and page.detail.memory.status == "active", "and back from there")
        await pilot.press("escape")
        assert app.screen is screen


async def test_hostile_text_is_text_and_breaks_nothing(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        for text in HOSTILE:
            app.desk.assistant.memories.keep(f"qq {text}")
        screen = await browser(app, pilot)
        await search(pilot, screen, "qq", len(HOSTILE))
        for n in range(len(HOSTILE)):
            row = screen.table.current
            assert row is not None
            await wait_for(
                pilot, lambda row=row: screen.pane.detail is not None and screen.pane.detail.memory.id == row.id, f"the detail of {n}"
            )
            lines = [screen.table.render_line(y) for y in range(screen.table.size.height)]
            assert {line.cell_length for line in lines} == {screen.table.scrollable_content_region.width}
            assert not any(ord(letter) < 32 or letter in "\u202e\u2066" for line in lines for letter in line.text)
            if n % 3 == 0:
                await pilot.press("enter")
                await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.detail is not None, "it opens whole")
                await pilot.press("escape")
            await pilot.press("down")
        assert "[bold]not bold[/bold]" in "".join(titles(screen))


async def test_small_and_large_again(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await browser(app, pilot)
        await wait_for(pilot, lambda: screen.pane.detail is not None, "the detail")
        assert screen.pane.region.x > 0, "beside the list"
        for size in ((40, 10), (80, 24), (30, 5), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "end", "home")
            await pilot.pause()
            assert screen.table.current is not None
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen.pane.region.y > screen.table.region.y, "below the list"


async def test_an_empty_memory_says_what_to_do(app: MementoApp, paths: Paths):
    bank = Bank(paths.bank)
    with bank.writing():
        bank.rows("UPDATE memory SET status = 'trashed'")
    bank.close()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        assert screen.table.total == 0 and "Press n" in screen.table.empty
        await pilot.press("d", "e", "space", "enter", "down", "end", "asterisk", "M", "y")
        await pilot.pause()
        assert isinstance(app.screen, MemoriesScreen)


async def test_only_what_is_near_the_screen_is_loaded(app: MementoApp, paths: Paths):
    bank = Bank(paths.bank)
    memories = Memories(bank)
    with bank.writing():
        for n in range(3000):
            memories.insert("fact", f"Number {n}", f"Number {n}", "active", "user")
    bank.close()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        table = screen.table
        assert table.total > 3000 and len(table.rows) < 200
        await pilot.press("end")
        await wait_for(pilot, lambda: table.current is not None, "the last row is loaded")
        assert table.cursor == table.total - 1 and len(table.rows) < 400
        await pilot.click(table, offset=(40, 0))
        await pilot.press("home")
        await wait_for(pilot, lambda: table.current is not None, "the first row is there")


async def test_the_mouse_marks_moves_sorts_and_opens(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await pilot.click(screen.table, offset=(20, 4))
        assert screen.table.cursor == 3
        await pilot.click(screen.table, offset=(0, 2))
        assert len(screen.table.marked) == 1
        await pilot.click(screen.table, offset=(17, 0))
        await wait_for(pilot, lambda: screen.shown is not None and screen.shown.sort == "title", "sorted by title")
        await pilot.click(screen.table, offset=(17, 0))
        await wait_for(pilot, lambda: titles(screen) == sorted(titles(screen), reverse=True), "and turned round")
        await pilot.click(screen.table, offset=(20, 4), times=2)
        await wait_for(pilot, lambda: isinstance(app.screen, MemoryScreen), "two clicks open")
        assert app.screen.query_one("#page", VerticalScroll).has_focus


async def test_opened_from_elsewhere_it_looks_for_one(app: MementoApp, bank_of_the_app: dict[str, int]):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await app.open_memory(bank_of_the_app["may"])
        await wait_for(pilot, lambda: isinstance(app.screen, MemoriesScreen) and app.screen.table.total == 1, "the one")
        assert titles(app.screen) == ["Total the km in trips_may.csv"]  # type: ignore[arg-type]


async def test_many_quick_keys_do_no_harm(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await browser(app, pilot)
        await pilot.press(*(["down", "p", "space", "up", "shift+down", "a", "u"] * 4))
        await wait_for(pilot, lambda: not screen.turn.locked(), "all of it is done")
        await pilot.press("escape", "slash", *"kind", "colon", *"case", "escape", "escape")
        await pilot.pause()
        assert app.is_running
