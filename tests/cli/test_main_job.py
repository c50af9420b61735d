"""The main job, end to end, on the built-in model: what the README promises, and what the owner sees when something breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.files_made import make_csv, make_docx, make_pdf, make_xlsx


def memento(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person would; fails with what it printed when the exit code is another."""
    done = subprocess.run(
        [sys.executable, "-m", "memento_desktop", *words], cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        stdin=subprocess.DEVNULL, encoding="utf-8", env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def events(*words: str, cwd: Path, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in memento("ask", "--json", *words, cwd=cwd, code=code).stdout.splitlines()]


def answer(found: list[dict[str, Any]]) -> str:
    return next(event["text"] for event in found if event["type"] == "answer")


def read_titles(found: list[dict[str, Any]]) -> list[str]:
    """What was read from memory before the plan."""
    return [item["title"] for event in found if event["type"] == "memory_used" for item in event["items"] if item["shown"]]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder as an owner has one."""
    folder = tmp_path / "desk"
    folder.mkdir()
    header = ["date", "km", "note"]
    make_csv(folder / "trips_april.csv", [header, ["1 Apr", "100", ""], ["2 Apr", "30", "void"], ["3 Apr", "40", ""]])
    make_csv(folder / "trips_may.csv", [header, ["1 May", "120", ""], ["2 May", "30", "void"], ["3 May", "50", ""]])
    make_csv(folder / "trips_june.csv", [header, ["1 Jun", "7", ""], ["2 Jun", "900", "void"], ["3 Jun", "8", ""]])
    make_xlsx(folder / "stock.xlsx", [["item", "price"], ["bolt", 3], ["nut", 5]])
    make_pdf(folder / "invoice.pdf", ["Invoice 4471", "Customer: Ruth Vale", "Total due: 1,240.00 EUR", "Due date: 3 May 2026"])
    make_docx(folder / "lease.docx", ["Lease of the flat", "The rent is 850 EUR.", "The notice period is 3 months."])
    return folder


def test_a_calculation_shows_its_plan_and_its_tool_call(desk: Path):
    done = memento("ask", "What is 17% of 2340?", cwd=desk)
    assert done.stdout.strip() == "397.8"
    assert "calculate 17% of 2340" in done.stderr
    assert 'calculate(expression="17% of 2340")' in done.stderr


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("Total the km in trips_april.csv", "170"),
        ("What is the total due in invoice.pdf?", "1,240.00 EUR"),
        ("What is the notice period in lease.docx?", "3 months"),
        ("What is the average price in stock.xlsx?", "is 4 "),
    ],
)
def test_a_question_on_a_file_is_answered_from_the_file(desk: Path, task: str, wanted: str):
    assert wanted in answer(events(task, cwd=desk))


LESSON = 'For tasks like "Total the km in …": totals here exclude rows marked void'


def test_a_correction_is_followed_by_the_next_similar_task_and_only_with_memory(desk: Path):
    first = events("Total the km in trips_april.csv", cwd=desk)
    assert "170" in answer(first)
    said = memento("feedback", "--correct", "totals here exclude rows marked void", cwd=desk)
    assert 'For tasks like "Total the km in …": totals here exclude rows marked void' in said.stderr

    for task, right in (("Total the km in trips_may.csv", "170"), ("Add up the km in trips_june.csv", "15")):
        second = events(task, cwd=desk)
        assert {LESSON, "Total the km in trips_april.csv"} & set(read_titles(second)), "the lesson, or where no word is shared the case"
        assert f"is {right} " in answer(second)
        assert "void left out" in answer(second)

    forgetful = events("--no-memory", "Total the km in trips_may.csv", cwd=desk)
    assert "is 200 " in answer(forgetful)
    assert forgetful[-1]["case_id"] == 0


def test_a_remembered_fact_answers_a_question(desk: Path):
    memento("remember", "Ruth's locker code is 4471.", cwd=desk)
    memento("ask", "Remember that the spare key is in the shed.", cwd=desk)
    assert memento("ask", "What is Ruth's locker code?", cwd=desk).stdout.strip() == "Ruth's locker code is 4471."
    assert "shed" in memento("ask", "Where is the spare key?", cwd=desk).stdout


def test_memory_is_listed_searched_shown_edited_deleted_and_undone(desk: Path):
    memento("remember", "Ruth's locker code is 4471.", cwd=desk)
    assert "Ruth's locker code" in memento("memory", "list", cwd=desk).stdout
    assert "4471" in memento("memory", "search", "locker", cwd=desk).stdout
    assert "fact, active" in memento("memory", "show", "1", cwd=desk).stdout
    memento("memory", "edit", "1", "Ruth's locker code is 9020.", cwd=desk)
    assert "9020" in memento("memory", "show", "1", cwd=desk).stdout
    memento("memory", "undo", cwd=desk)
    assert "4471" in memento("memory", "show", "1", cwd=desk).stdout
    memento("memory", "redo", cwd=desk)
    memento("memory", "delete", "1", cwd=desk)
    assert "Ruth" not in memento("memory", "list", cwd=desk).stdout
    memento("memory", "undo", cwd=desk)
    assert "9020" in memento("memory", "list", cwd=desk).stdout
    assert "edit: Ruth" in memento("memory", "history", cwd=desk).stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ask", "task", "--model", "nowhere.gguf"), 1, "nowhere.gguf"),
        (("feedback", "--good"), 1, "no case yet"),
        (("feedback", "--good", "--bad"), 2, "one of --good"),
        (("memory", "show", "99"), 1, "no memory 99"),
        (("memory", "undo"), 1, "nothing to undo"),
        (("memory", "list", "--kind", "dream"), 1, "dream"),
        (("remember", "  "), 1, "empty"),
        (("ask", "  "), 1, "empty"),
    ],
)
def test_bad_input_is_named_and_costs_nothing(desk: Path, words: tuple[str, ...], code: int, said: str):
    done = memento(*words, cwd=desk, code=code)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_damaged_settings_are_named_by_file_and_key(desk: Path, home: Path):
    config = home / "memento" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("[loop]\nmax_cycles = 'many'\n")
    done = memento("memory", "list", cwd=desk, code=1)
    assert "loop.max_cycles" in done.stderr
    assert "settings.toml" in done.stderr


def test_hostile_text_is_shown_as_text(desk: Path):
    memento("remember", "[red]x[/red] \x1b[31m \x9b \u202e [@click=app.quit]y[/]", cwd=desk)
    shown = memento("memory", "list", cwd=desk).stdout + memento("memory", "show", "1", cwd=desk).stdout
    assert "[red]x[/red]" in shown
    assert not set(shown) & {"\x1b", "\x9b", "\u202e"}


def test_doctor_finds_everything_well(desk: Path):
    done = memento("doctor", cwd=desk)
    for line in ("model", "embedder", "bank", "folders"):
        assert line in done.stdout
    assert "FIX" not in done.stdout


def test_what_a_lesson_changed_is_replayed_practised_and_shown(desk: Path):
    memento("ask", "Total the km in trips_april.csv", cwd=desk)
    memento("feedback", "--correct", "totals here exclude rows marked void", cwd=desk)
    second = events("Total the km in trips_may.csv", cwd=desk)
    memento("feedback", "--good", cwd=desk)
    case_id = str(second[-1]["case_id"])
    lesson = next(item["id"] for event in second if event["type"] == "memory_used" for item in event["items"] if item["kind"] == "lesson")

    same = memento("replay", case_id, cwd=desk)
    assert "no difference" in same.stderr
    without = memento("replay", case_id, "--without", str(lesson), cwd=desk)
    assert "they differ" in without.stderr
    assert "was not called then" in without.stderr
    assert without.stdout.count("exclude rows marked void") == 1
    assert "was not read for case" in memento("replay", case_id, "--without", "999", cwd=desk, code=1).stderr

    practised = memento("practice", "--minutes", "1", "--most", "1", cwd=desk).stdout
    assert "1 came to the right outcome" in practised or "battery" in practised
    learned = memento("memory", "learned", cwd=desk)
    assert "auto: similarity" in learned.stdout
    assert "lesson" in learned.stdout
    if "battery" not in practised:
        assert "practice: 1 trial" in memento("memory", "history", cwd=desk).stdout
