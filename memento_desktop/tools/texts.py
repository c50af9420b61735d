"""The sentences that tools answer with, apart from the tools, so that what a model reads of them can be rendered without them."""

from __future__ import annotations

from collections.abc import Sequence


def found_lines(path: str, lines: Sequence[tuple[int, str]]) -> str:
    """Lines of a document, each with the place it stands at."""
    return "\n".join(f"{text} [{path}, line {number}]" for number, text in lines)


def nothing_found(path: str, find: str) -> str:
    return f"Nothing in {path} tells of {find}."


def no_file(path: str, others: Sequence[str]) -> str:
    return f"There is no file {path} here." + (f" Files: {', '.join(others)}." if others else "")


def no_column(path: str, column: str, columns: Sequence[str]) -> str:
    return f"There is no column {column} in {path}. Columns: {', '.join(columns)}."


def table_answer(operation: str, column: str, path: str, value: str, rows: int, left_out: int, without: str = "", only: str = "") -> str:
    """One sentence: the figure, how many rows it rests on, how many were left out and why."""
    what = f"The {operation} of {column} in {path} is {value}" if column else f"The {operation} of rows in {path} is {value}"
    kept = f"{rows} {'row' if rows == 1 else 'rows'}" + (f" with {only}" if only else "")
    if without:
        return f"{what} ({kept}, {left_out} with {without} left out)."
    return f"{what} ({kept}, {left_out} others left out)." if only else f"{what} ({kept})."


def remembered(text: str) -> str:
    return f"Remembered: {text}"
