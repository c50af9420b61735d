"""The browser of memories, by keyboard: looking, sorting, marking, shaping, and back again. No model is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static, TextArea

from memento_desktop.assistant import Assistant
from memento_desktop.errors import MementoError
from memento_desktop.memory.records import Memory
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens import memory_sheets
from memento_desktop.tui.screens.memories import MemoriesScreen
from memento_desktop.tui.screens.memory import MemoryScreen
from memento_desktop.tui.screens.memory_sheets import ChoiceSheet, ConsentSheet, EditSheet, PickSheet, RefusedSheet
from memento_desktop.tui.screens.sheets import LineSheet
from tests.tui.conftest import wait_for

RUTH, MARA, HAZEL = "Ruth's locker code is 4471", "Mara lives in Bern", "I am allergic to hazelnuts. Peanuts are fine."
APRIL, MAY = "Total the km in trips_april.csv", "Total the km in trips_may.csv"
HOSTILE = (
    "[@click=app.quit]x[/]", "[bold", "\x1b[31mred\x1b]52;c;AAAA\x07", "\u202egnirts", "a" * 10_000, "\x00\x9b2J", "[[", "[/]",
    "日本語の長いタイトル" * 40, "zero\u200bwidth\u200bhere", "e\u0301\u0301\u0301", "$primary", "one\ntwo\tthree", "👩‍👩‍👧‍👦 family",
)  # fmt: skip


def fill(assistant: Assistant) -> None:
    """Three facts and two judged tasks, the newest last."""
    for text in (RUTH, MARA, HAZEL):
        assistant.memories.keep(text)
    for text, reward in ((APRIL, 0.0), (MAY, 1.0)):
        case = assistant.cases.begin(text, "nano")
        assistant.cases.planned(case, ["read the table", "add up km"])
        assistant.cases.finish(case, "done", "200 km")
        assistant.feedback(case, reward)


class Browsing:
    """The browser as its tests use it."""

    def __init__(self, app: MementoApp, pilot: Pilot[None], screen: MemoriesScreen) -> None:
        self.app, self.pilot, self.screen, self.table = app, pilot, screen, screen.table
        self.assistant = app.desk.assistant

    async def until(self, predicate: Callable[[], object], what: str) -> None:
        await wait_for(self.pilot, predicate, what)

    def titles(self) -> list[str]:
        return [self.table.rows[n].title for n in range(self.table.total) if n in self.table.rows]

    def memory(self, text: str) -> Memory:
        """The one whose title begins so, wherever it is."""
        statuses = ("active", "proposed", "archived", "superseded", "trashed")
        return next(one for one in self.assistant.memories.list(statuses=statuses) if one.title.startswith(text))

    async def at(self, text: str) -> None:
        """The cursor on a memory."""
        await self.until(lambda: any(title.startswith(text) for title in self.titles()), f"“{text}” is listed")
        self.table.move(next(n for n, title in enumerate(self.titles()) if title.startswith(text)))

    async def write(self, text: str) -> None:
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    async def search(self, text: str) -> None:
        """Types into the search line, which is empty."""
        await self.pilot.press("slash")
        await self.write(text)

    async def sheet(self, kind: type[Screen[object]], what: str = "") -> None:
        await self.until(lambda: isinstance(self.app.screen, kind), what or f"{kind.__name__} opens")

    async def choose(self, value: str) -> None:
        """Takes one of a ChoiceSheet's options."""
        await self.sheet(ChoiceSheet)
        options = self.app.screen.query_one(OptionList)
        await self.until(lambda: options.option_count and options.has_focus, "it can be chosen")
        options.highlighted = options.get_option_index(value)
        await self.pilot.press("enter")

    async def text(self, text: str) -> None:
        """Writes another text into an EditSheet, and saves it."""
        await self.sheet(EditSheet)
        self.app.screen.query_one(TextArea).text = text
        await self.pilot.press("ctrl+s")

    def said(self, selector: str) -> str:
        return str(self.screen.query_one(selector, Static).content)


@asynccontextmanager
async def browsing(app: MementoApp, size: tuple[int, int] = (80, 24), full: bool = True) -> AsyncGenerator[Browsing]:
    """The browser, open over a small bank."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(pilot, lambda: app.desk.is_open, "the memory opens")
        if full:
            fill(app.desk.assistant)
        await app.action_memories()
        assert isinstance(app.screen, MemoriesScreen)
        open_ = Browsing(app, pilot, app.screen)
        await open_.until(lambda: open_.screen.shown is not None and open_.table.total == (5 if full else 0), "the list is there")
        yield open_


async def test_it_searches_as_one_types_and_keeps_what_it_found_while_the_words_are_wrong(app: MementoApp):
    async with browsing(app) as b:
        assert b.titles() == [MAY, APRIL, HAZEL, MARA, RUTH]
        await b.search("kind:ca")
        await b.until(lambda: "Tab:" in b.said("#said") and "kind:case" in b.said("#said"), "it says what the word may become")
        await b.pilot.press("tab")
        assert b.screen.line.input.value == "kind:case "
        await b.until(lambda: b.titles() == [MAY, APRIL], "only tasks are listed")
        assert b.said("#count").startswith("2 of 5")
        await b.pilot.press("backspace")
        await b.write(",x")
        await b.until(lambda: "kind has no" in b.said("#said"), "what is wrong is said")
        assert b.titles() == [MAY, APRIL]
        assert b.said("#count").startswith("2 of 5")
        await b.pilot.press("backspace", "backspace")
        await b.write(" reward<1")
        await b.until(lambda: b.titles() == [APRIL], "and it goes on")
        await b.pilot.press("down")
        assert b.table.has_focus
        await b.screen.show_query("")
        await b.search("locker co")
        await b.until(lambda: b.titles() == [RUTH], "the beginning of a word finds it")
        await b.write("zzz")
        await b.until(lambda: b.table.total == 0, "nothing is found")
        assert "Fewer words find more" in b.app.export_screenshot().replace("&#160;", " ")


async def test_what_is_typed_can_be_read(app: MementoApp):
    """A focused line is drawn with its text, in the search as in every sheet: the toolkit's own border has no place in one line."""
    async with browsing(app) as b:
        await b.search("locker")
        line = b.screen.line.input
        assert "locker" in "".join(segment.text for segment in line.render_line(0))
        assert line.size.height == line.outer_size.height == 1
        await b.pilot.press("enter")
        await b.until(lambda: b.titles() == [RUTH], "it is found")
        await b.pilot.press("x")
        await b.sheet(LineSheet)
        entry = b.app.screen.query_one(Input)
        await b.until(lambda: entry.has_focus, "one can write")
        assert entry.size.height == entry.outer_size.height == 1


async def test_tab_takes_what_is_common_then_one_after_the_other(app: MementoApp):
    async with browsing(app) as b:
        await b.search("us")
        await b.pilot.press("tab")
        first = b.screen.line.input.value
        assert first.startswith("use")
        await b.pilot.press("tab")
        second = b.screen.line.input.value
        await b.pilot.press("tab")
        third = b.screen.line.input.value
        assert second != third
        assert all(one.startswith(first) for one in (second, third))


async def test_an_empty_bank_says_what_to_do(app: MementoApp):
    async with browsing(app, full=False) as b:
        assert "Press n to write something down" in b.app.export_screenshot().replace("&#160;", " ")
        for key in ("e", "p", "d", "D", "M", "g", "enter", "space", "y", "end", "pagedown", "asterisk"):
            await b.pilot.press(key)
        await b.until(lambda: not b.screen.turn.locked(), "all of it was refused")
        assert b.app.screen is b.screen
        assert b.assistant.memories.count() == 0


async def test_sorting_by_key_and_by_a_click(app: MementoApp):
    async with browsing(app, size=(120, 40)) as b:
        await b.pilot.press("o")
        await b.choose("title")
        await b.until(lambda: b.titles() == sorted([MAY, APRIL, HAZEL, MARA, RUTH]), "sorted by title")
        await b.pilot.press("o")
        await b.choose("title")
        await b.until(lambda: b.titles() == sorted([MAY, APRIL, HAZEL, MARA, RUTH], reverse=True), "turned round")
        assert "turned round" in b.said("#said")
        head = "".join(segment.text for segment in b.table.render_line(0))
        await b.pilot.click(b.table, offset=(head.index("reward") + 2, 0))
        await b.until(lambda: b.titles()[:2] == [MAY, APRIL], "the best first")
        await b.search("sort:kind")
        await b.until(lambda: b.screen.shown is not None and b.screen.shown.sort == "kind", "what is typed counts from then on")


async def test_the_cursor_stays_on_its_memory_when_the_list_changes(app: MementoApp):
    async with browsing(app) as b:
        await b.at(MARA)
        for n in range(30):
            b.assistant.memories.keep(f"newer {n}")
        await b.app.changed()
        await b.until(lambda: b.table.total == 35, "the list has them")
        assert b.table.current is not None
        assert b.table.current.title == MARA
        assert b.table.cursor == 33
        top = b.table.scroll_offset.y
        assert top <= 33 < top + b.table.seen
        b.assistant.memories.trash(b.memory(MARA).id)
        await b.app.changed()
        await b.until(lambda: b.table.total == 34 and b.table.current is not None and b.table.current.title != MARA, "it is gone from it")
        assert b.table.cursor == 33


async def test_several_are_marked_and_shaped_at_once(app: MementoApp):
    async with browsing(app) as b:
        count = b.assistant.memories.count
        await b.pilot.press("home", "space", "shift+down")
        await b.until(lambda: len(b.table.marked) == 3 and "3 marked" in b.said("#said"), "three are marked")
        await b.pilot.press("shift+up")
        assert len(b.table.marked) == 2
        await b.pilot.press("a")
        await b.until(lambda: count(("archived",)) == 2 and not b.table.marked, "put aside, and the marks are gone")
        await b.pilot.press("u")
        await b.until(lambda: count() == 5, "all at once taken back")
        await b.pilot.press("U")
        await b.until(lambda: count() == 3, "and done again")
        await b.pilot.press("asterisk")
        await b.until(lambda: len(b.table.marked) == 5, "all are marked")
        await b.pilot.press("escape")
        await b.until(lambda: not b.table.marked, "none is")
        assert b.app.screen is b.screen
        await b.pilot.press("escape")
        await b.until(lambda: b.app.screen is b.app.work_screen, "and back")


async def test_pinned_put_aside_deleted_brought_back(app: MementoApp):
    async with browsing(app) as b:
        await b.at(MARA)
        for key, holds in (
            ("p", lambda: b.memory(MARA).pinned), ("p", lambda: not b.memory(MARA).pinned), ("A", lambda: b.memory(MARA).always_on),
            ("A", lambda: b.memory(MARA).kind == "fact"), ("a", lambda: b.memory(MARA).status == "archived"),
            ("R", lambda: b.memory(MARA).status == "active"), ("d", lambda: b.memory(MARA).status == "trashed"),
        ):  # fmt: skip
            await b.pilot.press(key)
            await b.until(lambda holds=holds: holds() and not b.screen.turn.locked(), f"after {key}")
        await b.until(lambda: b.table.total == 4, "it left the list")
        await b.search("status:trashed")
        await b.until(lambda: b.titles() == [MARA], "it is found in the trash")
        await b.pilot.press("enter", "R")
        await b.until(lambda: b.memory(MARA).status == "active", "it is back")


async def test_edited_in_place_and_refused_texts_come_back(app: MementoApp):
    async with browsing(app) as b:
        await b.at(MARA)
        await b.pilot.press("e")
        await b.text("   ")
        await b.until(lambda: "empty" in str(b.app.screen.query_one("#refused", Static).content), "it says why not")
        await b.text("Mara lives in Zurich")
        await b.until(lambda: b.memory("Mara").body == "Mara lives in Zurich", "it is changed")
        await b.until(lambda: b.table.current is not None and b.table.current.title == "Mara lives in Zurich", "the cursor stays on it")
        await b.pilot.press("u")
        await b.until(lambda: b.memory("Mara").body == MARA, "taken back")
        await b.pilot.press("e")
        await b.sheet(EditSheet)
        await b.pilot.press("x", "escape")
        assert isinstance(b.app.screen, EditSheet), "one Esc does not throw away what was written"
        await b.pilot.press("escape")
        await b.until(lambda: b.app.screen is b.screen, "the second does")
        assert b.memory("Mara").body == MARA


async def test_edited_in_an_editor_and_nothing_that_was_written_is_lost(app: MementoApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    script = tmp_path / "editor.py"
    monkeypatch.setenv("VISUAL", f'"{Path(sys.executable).as_posix()}" "{script.as_posix()}"')
    monkeypatch.setattr(MementoApp, "suspend", lambda _: nullcontext())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    start = "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text('utf-8')\n"

    def editor(code: str) -> None:
        script.write_text(start + code, "utf-8")

    async with browsing(app) as b:
        await b.at(MARA)
        editor("path.write_text(text.replace('kind: fact', 'kind: nonsense').replace('Bern', 'Basel'), 'utf-8')")
        await b.pilot.press("E")
        await b.sheet(RefusedSheet)
        assert b.memory("Mara").body == MARA
        assert any("nonsense" in str(one.content) for one in b.app.screen.query(Static)), "the line is shown"
        editor("assert 'nonsense' in text\npath.write_text(text.replace('kind: nonsense', 'kind: preference'), 'utf-8')")
        await b.pilot.press("enter")
        await b.until(lambda: b.memory("Mara").body == "Mara lives in Basel", "what was written is taken, mended")
        assert b.memory("Mara").kind == "preference"
        editor("path.write_text('kind: none of this', 'utf-8')")
        await b.until(lambda: not b.screen.turn.locked(), "the first is done")
        await b.pilot.press("E")
        await b.sheet(RefusedSheet)
        await b.pilot.press("escape")
        await b.until(lambda: b.app.screen is b.screen, "given up")
        assert [one.read_text("utf-8") for one in tmp_path.glob("memento-*.md")] == ["kind: none of this"]
        editor("raise SystemExit(3)")
        await b.until(lambda: not b.screen.turn.locked(), "the second is done")
        await b.pilot.press("E")
        await b.until(lambda: any("code 3" in one.message for one in b.app._notifications), "it is told")  # pyright: ignore[reportPrivateUsage]
        assert len(list(tmp_path.glob("memento-*.md"))) == 1
        assert os.path.exists(script)


async def test_new_and_wrong(app: MementoApp):
    async with browsing(app) as b:
        await b.pilot.press("n")
        await b.choose("preference")
        await b.text("I like short answers")
        await b.until(lambda: b.titles()[:1] == ["I like short answers"], "it is listed")
        assert b.memory("I like").kind == "preference"
        await b.at(MARA)
        await b.pilot.press("x")
        await b.sheet(LineSheet)
        await b.write("never")
        await b.pilot.press("enter")
        await b.until(lambda: isinstance(b.app.screen, LineSheet) and b.app.screen.query_one(Input).value == "never", "it asks again")
        b.app.screen.query_one(Input).value = ""
        await b.pilot.press("enter")
        await b.until(lambda: b.memory("Mara").valid_to is not None, "it has ended")
        await b.at(APRIL)
        await b.until(lambda: not b.screen.turn.locked(), "that is done")
        await b.pilot.press("x")
        await b.sheet(ConsentSheet)
        await b.pilot.press("y")
        await b.until(lambda: b.memory(APRIL).status == "archived", "a task is put aside")


async def test_removing_for_good_asks_and_means_no(app: MementoApp, monkeypatch: pytest.MonkeyPatch):
    async with browsing(app) as b:
        await b.at(RUTH)
        await b.pilot.press("D")
        await b.sheet(ConsentSheet)
        assert any(RUTH in str(one.content) for one in b.app.screen.query(Static))
        b.app.screen._from = float("inf")  # type: ignore[attr-defined] # pyright: ignore
        await b.pilot.press("y")
        assert isinstance(b.app.screen, ConsentSheet), "a stray key is no consent"
        await b.pilot.press("enter")
        await b.until(lambda: b.app.screen is b.screen and not b.screen.turn.locked(), "Enter means no")
        assert b.memory(RUTH).status == "active"
        number = b.memory(RUTH).id
        monkeypatch.setattr(memory_sheets, "DEAF_SECONDS", 0.0)
        await b.pilot.press("D")
        await b.sheet(ConsentSheet)
        await b.pilot.press("y")
        await b.until(lambda: b.table.total == 4, "it is gone")
        with pytest.raises(MementoError):
            b.assistant.memories.get(number)


async def test_one_takes_the_place_of_another(app: MementoApp):
    async with browsing(app) as b:
        b.assistant.memories.keep("Mara lives in Basel")
        await b.app.changed()
        await b.at(MARA)
        await b.pilot.press("s")
        await b.sheet(PickSheet)
        await b.write("basel")
        options = b.app.screen.query_one(OptionList)
        await b.until(lambda: options.option_count == 1, "it is found")
        await b.pilot.press("enter")
        await b.until(lambda: b.memory(MARA).valid_to is not None, "the older one has ended")
        await b.pilot.press("u")
        await b.until(lambda: b.memory(MARA).valid_to is None and not b.screen.turn.locked(), "taken back")
        b.table.mark([b.memory(MARA).id, b.memory("Mara lives in Basel").id])
        await b.pilot.press("s")
        await b.sheet(ConsentSheet)
        await b.pilot.press("y")
        await b.until(lambda: b.memory(MARA).valid_to is not None, "of two the newer one holds")


async def test_split_and_merged(app: MementoApp):
    async with browsing(app) as b:
        await b.at(HAZEL)
        await b.pilot.press("S")
        await b.sheet(EditSheet)
        assert b.app.screen.query_one(TextArea).text == "I am allergic to hazelnuts.\n---\nPeanuts are fine."
        await b.text("I am allergic to hazelnuts.")
        await b.until(lambda: b.app.screen.query("#refused") and b.app.screen.query_one("#refused").display, "one part is no split")
        await b.text("I am allergic to hazelnuts.\n---\nPeanuts are fine.")
        await b.until(lambda: b.memory("Peanuts").status == "active", "two of one")
        await b.until(lambda: not b.screen.turn.locked() and "Peanuts are fine." in b.titles(), "both are listed")
        await b.at(RUTH)
        await b.pilot.press("M")
        await b.until(lambda: any("cannot be merged" in one.message for one in b.app._notifications), "one alone")  # pyright: ignore[reportPrivateUsage]
        b.assistant.memories.keep("The code of Ruth's locker is 4471")
        await b.app.changed()
        keep = b.memory(RUTH).id
        b.table.mark([keep, b.memory("The code").id])
        await b.pilot.press("M")
        await b.choose(str(keep))
        await b.sheet(ConsentSheet)
        await b.pilot.press("y")
        await b.until(lambda: b.memory("The code").status == "superseded", "one of two")
        assert b.memory(RUTH).status == "active"


async def test_a_task_is_judged_anew(app: MementoApp):
    async with browsing(app) as b:
        reward = lambda text: b.assistant.cases.get(b.memory(text).id).reward  # noqa: E731
        await b.at(APRIL)
        await b.pilot.press("g")
        await b.choose("good")
        await b.until(lambda: reward(APRIL) == 1.0 and not b.screen.turn.locked(), "it was good")
        await b.pilot.press("g")
        await b.choose("correct")
        await b.sheet(LineSheet)
        await b.write("leave out rows marked void")
        await b.pilot.press("enter")
        await b.until(lambda: b.assistant.memories.count(kinds=("lesson",)) == 1, "a lesson is drawn")
        assert reward(APRIL) == 0.0
        await b.pilot.press("u")
        await b.until(lambda: reward(APRIL) == 1.0, "taken back")


async def test_links_are_followed_and_back(app: MementoApp):
    async with browsing(app) as b:
        b.assistant.feedback(b.memory(APRIL).id, 0.0, "leave out rows marked void")
        await b.app.changed()
        await b.at(APRIL)
        await b.pilot.press("enter")
        await b.sheet(MemoryScreen)
        page = b.app.screen
        assert isinstance(page, MemoryScreen)
        await b.until(lambda: page.detail is not None and page.detail.links, "it is open")
        await b.pilot.press("tab", "down", "enter")
        await b.until(lambda: page.detail is not None and page.detail.memory.kind == "lesson", "to the lesson")
        await b.pilot.press("escape")
        await b.until(lambda: page.detail is not None and page.detail.memory.title == APRIL, "and back")
        await b.pilot.press("p")
        await b.until(lambda: any("cannot be pinned" in one.message for one in b.app._notifications), "refusals are told")  # pyright: ignore[reportPrivateUsage]
        await b.pilot.press("d")
        await b.until(lambda: b.memory(APRIL).status == "trashed", "shaped from here too")
        await b.pilot.press("u")
        await b.until(lambda: b.memory(APRIL).status == "active", "and back")
        await b.pilot.press("escape")
        await b.until(lambda: b.app.screen is b.screen, "to the list")


async def test_hostile_texts_are_texts(app: MementoApp):
    async with browsing(app, size=(120, 40), full=False) as b:
        for text in HOSTILE:
            b.assistant.memories.keep(text)
        whole = "\n".join(HOSTILE)
        case = b.assistant.cases.begin(whole, HOSTILE[0])
        b.assistant.cases.planned(case, HOSTILE)
        b.assistant.cases.step(case, whole, HOSTILE[0], dict.fromkeys(HOSTILE, whole), whole, True, 1)
        b.assistant.cases.finish(case, "done", whole)
        await b.app.changed()
        await b.until(lambda: b.table.total == len(HOSTILE) + 1, "they are listed")
        for size in ((120, 40), (80, 24), (40, 10), (20, 5)):
            await b.pilot.resize_terminal(*size)
            width = b.table.scrollable_content_region.width
            assert {b.table.render_line(y).cell_length for y in range(b.table.size.height)} == {width}
        await b.pilot.resize_terminal(80, 24)
        await b.pilot.press("home", "enter")
        await b.sheet(MemoryScreen)
        page = b.app.screen
        await b.until(lambda: page.detail is not None and page.query_one("#page").max_scroll_y > 0, "it opens")  # type: ignore[attr-defined] # pyright: ignore
        for _ in range(3):
            shown = b.app.export_screenshot()
            assert not {"\x1b", "\x9b", "\u202e", "\x00"} & set(shown)
            await b.pilot.press("pagedown")
        await b.pilot.press("escape")
        await b.search(HOSTILE[0])
        await b.until(lambda: b.table.total == 2, "it is found by itself")
        assert HOSTILE[0] in b.app.export_screenshot().replace("&#160;", " ")
        await b.pilot.click(b.table, offset=(20, 1))
        await b.pilot.click(b.screen.pane, offset=(3, 1))
        assert b.app.is_running


async def test_small_and_large_with_many_keys(app: MementoApp):
    async with browsing(app) as b:
        keys = ("j", "end", "home", "pagedown", "space", "shift+up", "slash", "a", "tab", "escape", "o", "escape", "enter", "tab", "escape")
        for size in ((40, 10), (20, 5), (80, 24)):
            await b.pilot.resize_terminal(*size)
            await b.pilot.press(*keys)
        assert b.app.is_running
        assert b.assistant.memories.count() == 5
