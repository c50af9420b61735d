"""Memories shaped by keys in the browser, one and several, taken back and done again. No model is needed."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static, TextArea

from memento_desktop.errors import MementoError
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens import memory_sheets
from memento_desktop.tui.screens.memory_sheets import ConsentSheet, EditSheet, PickSheet, RefusedSheet
from memento_desktop.tui.screens.sheets import LineSheet
from tests.tui.browsing import APRIL, HAZEL, MARA, RUTH, browsing


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
    monkeypatch.setattr(MementoApp, "suspend", nullcontext)
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
        assert b.kept(tmp_path) == ["kind: none of this"]
        editor("raise SystemExit(3)")
        await b.until(lambda: not b.screen.turn.locked(), "the second is done")
        await b.pilot.press("E")
        await b.until(lambda: b.told("code 3"), "it is told")
        assert len(b.kept(tmp_path)) == 1


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
        monkeypatch.setattr(b.app.screen, "_from", float("inf"))
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
        await b.until(lambda: b.told("cannot be merged"), "one alone")
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

        def reward() -> float | None:
            return b.assistant.cases.get(b.memory(APRIL).id).reward

        await b.at(APRIL)
        await b.pilot.press("g")
        await b.choose("good")
        await b.until(lambda: reward() == 1.0 and not b.screen.turn.locked(), "it was good")
        await b.pilot.press("g")
        await b.choose("correct")
        await b.sheet(LineSheet)
        await b.write("leave out rows marked void")
        await b.pilot.press("enter")
        await b.until(lambda: b.assistant.memories.count(kinds=("lesson",)) == 1, "a lesson is drawn")
        assert reward() == 0.0
        await b.pilot.press("u")
        await b.until(lambda: reward() == 1.0, "taken back")
