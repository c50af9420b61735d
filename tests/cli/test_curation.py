"""`memento memory review` and its neighbours, as a person types them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from memento_desktop.assistant import remembered as told
from memento_desktop.cli.app import memory
from memento_desktop.cli.console import remembered
from memento_desktop.config.paths import Paths
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search


@pytest.fixture
def number(paths: Paths) -> int:
    """A proposal in the bank of this home."""
    paths.make()
    bank = Bank(paths.bank)
    memories = Memories(bank)
    Curator(bank, memories, Search(bank)).remember("My gate code is 12", at="2026-05-01T00:00:00+00:00")
    waiting = memories.keep("My gate code is \x1b[31m99[bold]", origin="assistant", status="proposed").id
    bank.close()
    return waiting


def run(*words: str) -> Result:
    return CliRunner().invoke(memory, list(words))


def test_the_list_says_what_waits_and_what_would_happen(number: int):
    shown = run("review")
    assert shown.exit_code == 0
    assert f"{number}  proposal" in shown.output
    assert "“My gate code is 12” ends" in shown.output
    assert "\x1b" not in shown.output and "[bold]" in shown.output


def test_a_decision_is_made_by_number(number: int):
    done = run("review", "--accept", str(number))
    assert done.exit_code == 0
    assert "held until" in done.output
    assert "Nothing waits" in run("review").output


def test_reject_edit_close_pin_merge_and_archive(number: int):
    assert "not proposed again" in run("review", "--reject", str(number)).output
    assert "In every prompt" in run("pin", "1").output
    assert "Only where it is found" in run("unpin", "1").output
    assert "Held until 3 June 2026" in run("close", "1", "--on", "2026-06-03T12:00").output
    assert "Put aside" in run("archive", "1").output
    assert isinstance(run("merge", "1", "1").exception, MementoError)


@pytest.mark.parametrize("words", [("--accept", "1", "--reject", "1"), ("--edit", "1"), ("stray text",), ("--accept", "77")])
def test_what_is_not_clear_is_refused(number: int, words: tuple[str, ...]):
    assert isinstance(run("review", *words).exception, MementoError)


def test_what_is_said_after_remember(paths: Paths, capsys: pytest.CaptureFixture[str]):
    paths.make()
    bank = Bank(paths.bank)
    curator = Curator(bank, Memories(bank), Search(bank))
    for text in ("I live in Bern", "i live in bern.", "I moved to Basel", "My boss is Maria", "My boss is Marie"):
        remembered(told(curator.remember(text)))
    bank.close()
    shown = capsys.readouterr()
    assert [line for line in shown.out.splitlines() if line] == [
        "Remembered: I live in Bern", "I knew that: I live in Bern", "Remembered: I moved to Basel", "Remembered: My boss is Maria",
        "Waits for you: My boss is Marie",
    ]  # fmt: skip
    assert "closed  I live in Bern" in shown.err and "held until" in shown.err
