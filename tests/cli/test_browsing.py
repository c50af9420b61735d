"""The browser on the command line: what is found, shaped, compared and drawn, as an owner reads it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memento_desktop.cli import browsing
from memento_desktop.cli.app import app
from memento_desktop.cli.figures import drawn
from memento_desktop.config.paths import Paths
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.map import Point
from memento_desktop.memory.memories import Memories
from tests.memory.browsing.conftest import reading, task


@pytest.fixture
def bank(paths: Paths) -> Iterator[Bank]:
    """The owner's own bank, with two facts, a case that read one of them, and a hostile text."""
    paths.make()
    opened = Bank(paths.bank)
    memories = Memories(opened)
    memories.keep("The bike lock opens with 4471")
    memories.keep("[bold]Ruth\x1b[31m lives in Porto")
    reading(opened, task(opened, memories, "What opens the lock?", 1.0), 1)
    yield opened
    opened.close()


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["memory", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_query_lists_what_it_finds(bank: Bank):
    assert "What opens the lock?" in said("list", "kind:case reward>0.5")
    assert "bike" not in said("list", "kind:case")
    assert "bike" in said("list", "bike", "lo")
    assert "bike" in said("list", "used:1")
    assert "Nothing of that sort" in said("list", "kind:lesson")
    assert "1 of 3" in said("list", "sort:title", "-n", "1")
    assert "bike" not in said("list", "--", "-bike")
    assert "bike" in said("list", "--kind", "fact", "lock")
    assert "\x1b" not in said("list") and "[bold]Ruth" in said("list", "Ruth")
    assert "used-last" in said("list", "--fields")
    with pytest.raises(MementoError, match="no field “kid”"):
        said("list", "kid:case")
    with pytest.raises(MementoError) as told:
        said("list", "-kind:lesson")
    assert "-- '-kind:case'" in told.value.hint


def test_many_at_once_and_back(bank: Bank):
    assert "2 memories put aside" in said("archive", "1", "2")
    assert "[archived]" in said("list", "status:archived")
    said("undo")
    assert "Nothing of that sort" in said("list", "status:archived")
    assert "2 memories deleted" in said("delete", "1", "2")
    assert "bike" not in said("list")
    assert "2 memories in use again" in said("restore", "1", "2")
    assert "nothing had to be changed" in said("unpin", "1")
    with pytest.raises(MementoError, match="no memory 99"):
        said("delete", "1", "99")
    assert "bike" in said("list")
    assert "2 memories removed for good" in said("delete", "1", "2", "--purge")
    assert "bike" not in said("list", "id:1,2")


def test_one_memory_whole(bank: Bank):
    shown = said("show", "1")
    for part in ("bike lock", "helped 1", "read for", "credit", "history"):
        assert part in shown
    assert "fact 1: The bike lock" in said("show", "3")
    said("split", "1", "There is a bike lock", "It opens with 4471")
    assert "now        fact 4: There is a bike lock" in said("show", "1")


def test_shaping(bank: Bank):
    assert "Held until 1 May 2026" in said("supersede", "1", "2", "--on", "2026-05-01")
    assert "worth 0.00" in said("relabel", "3", "--reward", "0")
    assert "failed" in said("relabel", "3", "--outcome", "failed")
    assert "Remembered: Trains" in said("new", "--kind", "preference", "Trains rather than planes")
    assert "Changed: The bike lock opens with 9" in said("edit", "1", "The bike lock opens with 9")
    with pytest.raises(MementoError, match="no outcome"):
        said("relabel", "3", "--outcome", "odd")
    with pytest.raises(MementoError, match="no terminal"):
        said("edit", "1")


def test_the_editor_gets_a_sheet_and_a_refused_one_is_kept(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(browsing, "interactive", lambda: True)
    script = tmp_path / "editor.py"
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" "{script}"')
    monkeypatch.delenv("VISUAL", raising=False)
    swap = "import pathlib, sys\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text('utf-8').replace({!r}, {!r}), 'utf-8')\n"
    script.write_text(swap.format("4471", "9912"))
    assert "opens with 9912" in said("edit", "1")
    script.write_text(swap.format("pinned: no", "pinned: 9913"))
    with pytest.raises(MementoError, match="yes or no") as told:
        said("edit", "1")
    assert "9913" in Path(told.value.hint.rsplit("What you wrote is in ", 1)[1].rstrip(".")).read_text("utf-8")
    script.write_text("")
    assert "nothing was changed" in said("edit", "1")
    assert "9912" in said("diff")


def test_a_change_is_shown_field_by_field(bank: Bank):
    with pytest.raises(MementoError, match="no change 99"):
        said("diff", "99")
    said("edit", "1", "The bike lock opens with 9")
    shown = said("diff")
    assert "- The bike lock opens with 4471" in shown
    assert "+ The bike lock opens with 9" in shown


def test_figures_and_map(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    shown = said("stats")
    assert "100% (1/1) of the others" in shown  # a fact alone is no experience
    assert "bike lock" in shown.split("helped most")[1]
    with pytest.raises(MementoError, match="no map"):
        said("map")
    monkeypatch.setenv("MEMENTO_PROFILE", "empty")
    assert "Nothing is remembered" in said("stats")


def test_a_scatter():
    spots = [Point(1, 0.0, 0.0, "case", None, ""), Point(2, 1.0, 1.0, "fact", None, ""), Point(3, 1.0, 1.0, "lesson", None, "")]
    assert drawn(spots, 4, 3) == ["   #", "", "c"]
