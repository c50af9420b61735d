"""The reference pool's evaluation says what its labels can tell, on pools made for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.evaluation.reference import load, run
from memento_desktop.evaluation.report import Report

Row = dict[str, object]


def row(query: str, case: str, solved: bool, own: str = "positive") -> Row:
    return {"query": query, "case": case, "case_label": own, "plan": "", "truth_label": solved}


@pytest.fixture
def pool(tmp_path: Path) -> Callable[[list[Row]], Path]:
    def write(rows: list[Row]) -> Path:
        (tmp_path / "memento").mkdir()
        (tmp_path / "memento" / "training_data.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
        return tmp_path

    return write


def like_the_reference() -> list[Row]:
    """Eight cases a query, all with the query's outcome, which nothing about the query or its cases tells."""
    r = Random(1)
    rows: list[Row] = []
    for n in range(120):
        query, solved = f"query w{r.randrange(40)} number {n}", r.random() < 0.4
        rows += [row(query, f"case {c}", solved, "positive" if c % 2 else "negative") for c in r.sample(range(60), 8)]
    return rows


def figures(report: Report, table: int, predictor: str) -> list[float]:
    """Accuracy and AUC of a predictor."""
    cells = next(cells for cells in report.tables[table].rows if cells[0] == predictor)
    return [float(cell.split()[0]) for cell in cells[1:]]


def test_copied_labels_rank_nothing_and_the_default_split_rewards_a_lookup_table(pool: Callable[[list[Row]], Path]):
    report = run(pool(like_the_reference()), seeds=2)
    assert [bar.ok for bar in report.bars] == [True, True, True]
    assert report.bars[0].value == report.bars[1].value == 0
    assert figures(report, 1, "lookup table of queries") == [1.0, 1.0]
    assert figures(report, 2, "lookup table of queries") == figures(report, 2, "always the base rate")
    assert figures(report, 2, "lookup table of queries")[1] == 0.5
    assert 0.35 < figures(report, 2, "mean outcome of the case")[1] < 0.65
    assert len(report.records) == 120


def test_mixed_labels_are_counted_and_fail_the_bar(pool: Callable[[list[Row]], Path]):
    rows = like_the_reference()
    rows[0]["truth_label"] = not rows[0]["truth_label"]
    report = run(pool(rows), seeds=1)
    assert report.bars[0].value == 1
    assert report.bars[1].value == 7  # one row against the seven others of its query
    assert not report.bars[0].ok
    assert not report.bars[1].ok


def test_what_can_be_learnt_across_queries_is_found(pool: Callable[[list[Row]], Path]):
    rows = [row(f"{'easy' if n % 3 else 'hard'} query {n}", f"case {n % 3}", bool(n % 3)) for n in range(90) for _ in range(2)]
    report = run(pool(rows), seeds=1)
    assert figures(report, 2, "naive Bayes on words")[1] > 0.95
    assert figures(report, 2, "mean outcome of the case") == [1.0, 1.0]


@pytest.mark.parametrize("text", ["", "no json\n", "[]\n", '{"query": "q"}\n', json.dumps(row("q", "c", True)) + "\n"])
def test_a_pool_that_is_none_is_named(tmp_path: Path, text: str):
    (tmp_path / "memento").mkdir()
    (tmp_path / "memento" / "training_data.jsonl").write_text(text)
    with pytest.raises(MementoError, match=r"training_data\.jsonl"):
        load(tmp_path)


def test_a_missing_pool_says_where_to_point(tmp_path: Path):
    with pytest.raises(MementoError) as error:
        run(tmp_path)
    assert "--data" in error.value.hint
