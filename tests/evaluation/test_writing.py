"""A run is kept whole or not at all, never over an earlier one, and what stands in it is only text."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from memento_desktop.errors import MementoError
from memento_desktop.evaluation.report import Bar, Chart, Report, Series, Table
from memento_desktop.evaluation.writing import markdown, show, write

REPORT = Report(
    "toy",
    [Table("Success", ("reader", "first", "last"), [("similarity", "0.85", "0.86"), ("kernel", "0.85", "0.90 (0.88 to 0.92)")])],
    [Bar("gain", 0.0412, "≥ 0.01", True), Bar("delay", 7.25, "≤ 5 ms", False)],
    [{"task": 1, "ok": True, "q": np.float64(0.5)}, {"task": np.int64(2), "ok": np.bool_(False), "q": math.nan, "seen": np.arange(2)}],
    [Chart("success", "readings", "share", [Series("kernel", [0, 1], [0.5, 0.6])])],
    ["One seed."],
)


def printed(report: Report, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)
    show(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_run_is_written_with_all_its_files(tmp_path: Path):
    files = write(REPORT, tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in files] == [
        "toy/tasks.jsonl", "toy/report.md", "toy/report.json", "toy/figure.svg",
    ]  # fmt: skip
    records = [json.loads(line) for line in files[0].read_text("utf-8").splitlines()]
    assert records == [{"task": 1, "ok": True, "q": 0.5}, {"task": 2, "ok": False, "q": None, "seen": [0, 1]}]
    kept = json.loads(files[2].read_text("utf-8"))
    assert [bar["ok"] for bar in kept["bars"]] == [True, False]
    assert {"memento", "python", "platform"} <= set(kept["versions"])
    assert "**missed**" in files[1].read_text("utf-8")


def test_an_earlier_run_is_left_as_it_was(tmp_path: Path):
    out = tmp_path / "out"
    first = write(REPORT, out)[1]
    before = first.read_bytes()
    with pytest.raises(MementoError, match="earlier run"):
        write(replace(REPORT, notes=["another"]), out)
    assert first.read_bytes() == before
    assert [path.name for path in out.iterdir()] == ["toy"]


def test_a_run_that_cannot_be_kept_leaves_nothing(tmp_path: Path):
    with pytest.raises(TypeError, match="object"):
        write(replace(REPORT, records=[{"x": object()}]), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(MementoError, match="cannot be written"):
        write(REPORT, blocked)


def test_without_charts_there_is_no_figure(tmp_path: Path):
    files = write(replace(REPORT, charts=[]), tmp_path)
    assert [path.name for path in files] == ["tasks.jsonl", "report.md", "report.json"]
    assert "figure.svg" not in files[1].read_text("utf-8")


@given(st.lists(st.tuples(st.text(max_size=120), st.text(max_size=60), st.text(max_size=60)), min_size=1, max_size=4))
def test_tables_fit_eighty_columns_and_print_no_control_character(rows: list[tuple[str, str, str]]):
    lines = printed(replace(REPORT, tables=[Table("Any " * 40, ("reader", "first", "last"), rows)], bars=[], notes=[]), 80)
    assert all(cell_len(line) <= 80 for line in lines)
    assert not set("".join(lines)) & {chr(n) for n in (*range(0, 9), 0x1B, 0x7F, 0x9B, 0x202E)}


@given(st.text(max_size=80))
def test_a_cell_stays_one_cell_of_its_markdown_table(cell: str):
    text = markdown(replace(REPORT, tables=[Table("t", ("a", "b"), [(cell, "end")])], bars=[], charts=[], notes=[]))
    rows = [line for line in text.split("\n") if line.endswith("| end |")]
    assert len(rows) == 1
    assert rows[0].replace("\\\\", "").replace("\\|", "").count("|") == 3
    assert "<" not in rows[0].replace("\\<", "")


def test_a_missed_bar_is_named_with_its_figure():
    lines = printed(REPORT, 80)
    assert "SHORT delay: 7.25, needed ≤ 5 ms" in lines
    assert "met   gain: 0.0412, needed ≥ 0.01" in lines
    assert "One seed." in lines
