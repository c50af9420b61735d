"""The browser of memories, by keyboard: looking, sorting, following links, and back again. No model is needed."""

from __future__ import annotations

from textual.widgets import Input

from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.memory import MemoryScreen
from memento_desktop.tui.screens.sheets import LineSheet
from tests.tui.browsing import APRIL, HAZEL, MARA, MAY, RUTH, browsing

HOSTILE = (
    "[@click=app.quit]x[/]", "[bold", "\x1b[31mred\x1b]52;c;AAAA\x07", "\u202egnirts", "a" * 10_000, "\x00\x9b2J", "[[", "[/]",
    "日本語の長いタイトル" * 40, "zero\u200bwidth\u200bhere", "e\u0301\u0301\u0301", "$primary", "one\ntwo\tthree", "👩‍👩‍👧‍👦 family",
)  # fmt: skip


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
        await b.screen.look_for("")
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
        await b.until(lambda: b.told("cannot be pinned"), "refusals are told")
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
        for size in ((120, 40), (40, 10), (20, 5)):
            await b.pilot.resize_terminal(*size)
            width = b.table.scrollable_content_region.width
            assert {b.table.render_line(y).cell_length for y in range(b.table.size.height)} == {width}
        await b.pilot.resize_terminal(80, 24)
        await b.pilot.press("home", "enter")
        await b.sheet(MemoryScreen)
        page = b.app.screen
        await b.until(lambda: page.query_one("#page").max_scroll_y > 0, "it opens")
        for _ in range(2):
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
        for size in ((40, 10), (80, 24)):
            await b.pilot.resize_terminal(*size)
            await b.pilot.press(*keys)
        assert b.app.is_running
        assert b.assistant.memories.count() == 5
