"""`memento import` and `memento export` as a person uses them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from memento_desktop.cli import exchange_app
from memento_desktop.config.paths import Paths
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.exchange.made import chatgpt, lines, reference


def memento(*words: str) -> Result:
    app = typer.Typer()
    exchange_app.register(app)
    return CliRunner().invoke(app, list(words))


def test_import_says_what_came_and_how_to_take_it_back(tmp_path: Path, paths: Paths):
    path = lines(tmp_path / "memory.jsonl", reference("Who?", "find"), "{", reference("Who?", "find"))
    dry = memento("import", str(path), "--dry-run")
    assert "Would import from memory.jsonl (the reference project's case pool): 1 case." in dry.output
    assert "nothing was written" in dry.output
    done = memento("import", str(path))
    assert done.exit_code == 0
    assert "Imported from memory.jsonl (the reference project's case pool): 1 case." in done.output
    assert "skipped twice in the file: 1" in done.output
    assert "memory.jsonl, line 2: it is not JSON" in done.output
    assert "1 wait for you" in done.output
    bank = Bank(paths.bank)
    assert Memories(bank).get(1).status == "proposed"
    bank.close()


def test_an_archive_of_conversations(tmp_path: Path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "conversations.json", json.dumps([chatgpt("\x1b[31mT", ("a", None, "user", "x"), ("b", None, "user", "y"), current="a")])
        )
    done = memento("import", str(path))
    assert "1 conversation (1 message)" in done.output
    assert "without messages on other branches: 1" in done.output


def test_what_was_said_there_is_proposed_and_undone_with_it(tmp_path: Path, paths: Paths):
    said = chatgpt("Chat", ("a", None, "user", "My locker code is 4471."), ("b", "a", "assistant", "Your cat is called Tom."))
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([said]), encoding="utf-8")
    assert "1 statement of yours" in memento("import", str(path)).output
    bank = Bank(paths.bank)
    (kept,) = Memories(bank).list(statuses=("proposed",))
    assert "4471" in kept.body
    assert Memories(bank).sources(kept.id)[0].quote == "My locker code is 4471."
    History(bank).undo()
    assert bank.one("SELECT (SELECT count(*) FROM memory) + (SELECT count(*) FROM session) AS n")["n"] == 0
    bank.close()


def test_export_and_back(tmp_path: Path, paths: Paths):
    bank = Bank(paths.bank)
    Memories(bank).keep("The gate code is 12.")
    Memories(bank).keep("Answer briefly.", kind="instruction")
    bank.close()
    for name in ("all.jsonl", "all"):
        done = memento("export", str(tmp_path / name))
        assert done.exit_code == 0
        assert "1 fact, 1 instruction" in done.output
        back = memento("import", "--as-it-was", str(tmp_path / name))
        assert "nothing new" in back.output
        assert "known already: 2" in back.output
    assert isinstance(memento("export", str(tmp_path / "all")).exception, MementoError)


@pytest.mark.parametrize("words", [["--format", "nope"], ["--as", "archived"], ["--as", "active", "--as-it-was"]])
def test_a_wrong_option_is_a_usage_error(tmp_path: Path, words: list[str]):
    assert memento("import", str(tmp_path), *words).exit_code == 2
    assert memento("export", str(tmp_path / "x"), "--format", "nope").exit_code == 2


def test_the_words_of_the_command_are_those_of_the_room():
    from memento_desktop.memory.exchange.detection import NAMES

    assert exchange_app.FORMATS == NAMES
