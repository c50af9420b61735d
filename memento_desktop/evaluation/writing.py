"""Writes a report to disk, all of it or nothing and never over an earlier one, and shows it on a terminal."""

from __future__ import annotations

import json
import math
import platform
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memento_desktop import __version__
from memento_desktop.errors import MementoError
from memento_desktop.evaluation.figure import svg
from memento_desktop.evaluation.report import Bar, Report, Table

if TYPE_CHECKING:
    from rich.console import Console

MARKDOWN = re.compile(r"[\\`*\[\]<>|]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NUMBER = re.compile(r"[-+−]?[\d.,]+ ?(?:%|ms|s)?(?:\s.*)?|[—–-]?")


def vacant(report_name: str, folder: Path) -> Path:
    """Where a report of this name goes in `folder`. Ask before an evaluation runs for half an hour.

    Raises:
        MementoError: there is something already.
    """
    target = folder / report_name
    if target.exists():
        raise MementoError(f"{target} holds an earlier run.", "Name another folder with --out, or move that one aside.")
    return target


def write(report: Report, folder: Path) -> list[Path]:
    """Writes `<folder>/<name>/` with tasks.jsonl, report.md, report.json and, where there are charts, figure.svg.

    The files are made in a folder beside it that is renamed at the end, so that a run is there whole or not at all. Figures that
    are not finite become null: JSON has no other word for them.

    Raises:
        MementoError: a run of this name is there already, or the folder cannot be written.
    """
    target = vacant(report.name, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{report.name}-", dir=folder))
        try:
            for name, text in _files(report).items():
                (part / name).write_text(text, "utf-8", newline="\n")
            part.chmod(0o755)
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise MementoError(f"The report cannot be written to {target}: {error}.", "Name another folder with --out.") from error
    return [target / name for name in _files(report)]


def _files(report: Report) -> dict[str, str]:
    return {
        "tasks.jsonl": "".join(_json(record, None) + "\n" for record in report.records),
        "report.md": markdown(report),
        "report.json": _json(summary(report), 1) + "\n",
    } | ({"figure.svg": svg(report.charts, report.name)} if report.charts else {})


def summary(report: Report) -> dict[str, Any]:
    """All of a report but its records, with when and on what it was made."""
    return {
        "name": report.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"memento": __version__, "python": platform.python_version(), "platform": platform.platform()},
        "bars": [{"name": b.name, "value": b.value, "needed": b.needed, "ok": b.ok} for b in report.bars],
        "tables": [{"title": t.title, "headings": list(t.headings), "rows": [list(row) for row in t.rows]} for t in report.tables],
        "notes": list(report.notes),
        "records": len(report.records),
    }


def _json(value: Any, indent: int | None) -> str:
    """In ASCII, so that nothing in it can move a terminal's cursor."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    """`value` as JSON can hold it: no NaN and no infinity, NumPy's figures as Python's."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, Sequence | set | frozenset):
        return [_finite(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # an array or a scalar of NumPy, which is not imported for this
        return _finite(value.tolist())
    raise TypeError(f"a report cannot keep a {type(value).__name__}")


def figure_of(bar: Bar) -> str:
    """The figure of a bar, short."""
    return f"{bar.value:,.4g}" if abs(bar.value) < 1e4 else f"{bar.value:,.0f}"


def markdown(report: Report) -> str:
    """The report for reading: bars, tables, figure, notes."""
    lines = [f"# {_escaped(report.name)}", ""]
    if report.bars:
        rows = [(bar.name, figure_of(bar), bar.needed, "met" if bar.ok else "**missed**") for bar in report.bars]
        lines += _table(("bar", "figure", "needed", ""), [(*map(_escaped, row[:3]), row[3]) for row in rows])
    for table in report.tables:
        lines += [f"## {_escaped(table.title)}", ""]
        lines += _table([_escaped(h) for h in table.headings], [[_escaped(cell) for cell in row] for row in table.rows])
    if report.charts:
        lines += [f"![{_escaped(', '.join(chart.title for chart in report.charts))}](figure.svg)", ""]
    lines += [f"- {_escaped(text)}" for text in report.notes]
    versions = summary(report)["versions"]
    lines += ["" if report.notes else None, ", ".join(f"{name} {version}" for name, version in versions.items())]
    return "\n".join(line for line in lines if line is not None) + "\n"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    right = _right_columns(headings, rows)
    rule = ["---:" if n in right else "---" for n in range(len(headings))]
    return [*("| " + " | ".join(row) + " |" for row in (headings, rule, *rows)), ""]


def _right_columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> set[int]:
    """The columns that hold figures."""
    return {n for n in range(1, len(headings)) if rows and all(NUMBER.fullmatch(row[n]) for row in rows)}


def _escaped(text: str) -> str:
    return MARKDOWN.sub(lambda mark: "&lt;" if mark[0] == "<" else f"\\{mark[0]}", CONTROL.sub("�", " ".join(text.split())))


def show(report: Report, console: Console) -> None:
    """Tables, bars and notes, as wide as the console: what is too long for a column goes on in its next line."""
    from rich.table import Table as Grid
    from rich.text import Text

    def text(value: str, style: str = "") -> Text:
        return Text(CONTROL.sub("�", value), style=style)

    def grid(table: Table) -> Grid:
        drawn = Grid(title=text(table.title, "bold"), title_justify="left", box=None, pad_edge=False, header_style="dim")
        right = _right_columns(table.headings, table.rows)
        for n, heading in enumerate(table.headings):
            drawn.add_column(text(heading), justify="right" if n in right else "left", overflow="fold")
        for row in table.rows:
            drawn.add_row(*(text(cell) for cell in row))
        return drawn

    for table in report.tables:
        console.print(grid(table), soft_wrap=False)
        console.print()
    for bar in report.bars:
        console.print(text("met   " if bar.ok else "SHORT ", "green" if bar.ok else "red"), end="")
        console.print(text(f"{bar.name}: {figure_of(bar)}, needed {bar.needed}"), soft_wrap=True)
    for note in report.notes:
        console.print(text(note, "dim"), soft_wrap=False)
