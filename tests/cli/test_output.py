"""What is printed: marks in narrow tables, and an output that takes nothing."""

from __future__ import annotations

import errno
import io
import sys

import pytest
from rich.console import Console

from memento_desktop.cli import console, doctor, main
from memento_desktop.cli.console import Marked, columns


class Full(io.StringIO):
    """A device without space; with `late`, one that says so only when the last words leave the buffer."""

    def __init__(self, late: bool, number: int = errno.ENOSPC) -> None:
        super().__init__()
        self.late, self.number = late, number

    def write(self, s: str) -> int:
        if not self.late:
            raise OSError(self.number, "No space left on device")
        return len(s)

    def flush(self) -> None:
        if self.late:
            raise OSError(self.number, "No space left on device")


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("word", ["--version", "--help"])
def test_a_full_output_is_an_error_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], late: bool, word: str
):
    full = Full(late)
    monkeypatch.setattr(sys, "argv", ["memento", word])
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 1
    assert "The output could not be written: No space left on device." in capsys.readouterr().err
    assert sys.stdout is full


def test_a_reader_that_went_away_is_no_error_to_tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["memento", "--version"])
    monkeypatch.setattr(sys, "stdout", Full(late=True, number=errno.EPIPE))
    with pytest.raises(SystemExit) as end:
        main.main()
    assert (end.value.code, capsys.readouterr().err) == (1, "")


def test_another_file_that_cannot_be_written_is_not_taken_for_the_output(monkeypatch: pytest.MonkeyPatch):
    def fail() -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(doctor, "run", fail)
    monkeypatch.setattr(sys, "argv", ["memento", "doctor"])
    with pytest.raises(OSError, match="No space left"):
        main.main()


def printed(cell: Marked, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A row of a table as a terminal of this width shows it."""
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(console, "out", screen)
    table = columns(("no", "what", "age"), "what", right=("no", "age"))
    table.add_row("1", cell, "12 min")
    screen.print(table)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()[1]


@pytest.mark.parametrize("width", [200, 80, 60, 40])
@pytest.mark.parametrize("mark", [" [proposed]", " [until 3 Sep 2026]"])
def test_a_mark_stays_where_its_title_is_cut(monkeypatch: pytest.MonkeyPatch, width: int, mark: str):
    row = printed(Marked("The hotel limit for trips to " + "far " * 40, mark), width, monkeypatch)
    assert mark in row
    assert row.startswith(" 1  The")
    assert len(row) <= width


def test_a_path_is_cut_from_its_beginning(monkeypatch: pytest.MonkeyPatch):
    row = printed(Marked("/home/somebody/with/many/folders/", "policy.md", from_left=True), 40, monkeypatch)
    assert row.startswith(" 1  …with/many/folders/policy.md ")
    assert "folders/policy.md" in printed(Marked("/home/folders/", "policy.md", from_left=True), 200, monkeypatch)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"default": 1}, "1 memory is"),
        ({"default": 3}, "3 memories are"),
        ({"default": 1, "work": 2}, "3 memories (2 of the profile “work”) are"),
    ],
)
def test_the_doctor_says_whose_memories_wait(counts: dict[str, int], said: str):
    assert doctor._waiting(counts, "default") == said  # pyright: ignore[reportPrivateUsage]
