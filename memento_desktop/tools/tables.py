"""The `read_table` tool: one exact figure from a column of a csv or xlsx file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.sandbox import convert
from memento_desktop.sandbox.convert import Rows
from memento_desktop.tools import specs, texts
from memento_desktop.tools.base import Result, Spec
from memento_desktop.tools.calculation.numbers import rounded, written
from memento_desktop.tools.cells import Style, column_style, is_bare_number, is_blank, is_number, number
from memento_desktop.tools.files import Folders, shown

NAMED = 40
"""Columns that an error names at most."""


class ReadTable:
    """Totals, averages, counts and extremes of a column, exact, over all rows or those that hold (or lack) a word."""

    def __init__(self, folders: Folders, limits: convert.Limits = convert.LIMITS) -> None:
        self._folders = folders
        self._limits = limits

    @property
    def spec(self) -> Spec:
        return specs.READ_TABLE

    def preview(self, args: Mapping[str, Any]) -> str:
        what = f"{args['operation']} of {args.get('column') or 'rows'} in {args['path']}"
        kept = f", only rows with {args['only']}" if args.get("only") else ""
        return what[0].upper() + what[1:] + kept + (f", without rows with {args['without']}" if args.get("without") else "")

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        path = await asyncio.to_thread(self._folders.resolve, str(args["path"]))
        name = shown(self._folders.display(path))
        asked = {key: _line(args.get(key)) for key in ("operation", "column", "without", "only")}
        try:
            table = await convert.read_rows(path, limits=self._limits, cancelled=cancelled)
            return Result(await asyncio.to_thread(answer, table, name, **asked))
        except MementoError as error:  # it may quote the file
            return Result(str(error), ok=False, untrusted=True)


def _line(value: object) -> str:
    return " ".join(str(value or "").split()).strip("\"'`“”")


def answer(table: Rows, name: str, operation: str, column: str, without: str, only: str) -> str:
    """The sentence that answers. Raises MementoError for a missing column or header, and for cells that are no numbers."""
    header, rows = _below_title(table)
    _check_header(header, name)
    at = find_column(header, column, name) if column else -1
    if at < 0 and operation != "count":
        raise MementoError(f"{operation} needs a column. Columns of {name}: {_some(header)}")
    fitting = [row for row in rows if _holds(row, _whole_word(only), at)] if only else rows
    kept = [row for row in fitting if not _holds(row, _whole_word(without), at)] if without else fitting
    left_out = len(fitting) - len(kept) if without else len(rows) - len(kept)
    if operation == "count":
        count = sum(1 for row in kept if at < 0 or not is_blank(row[at]))
        return texts.table_answer(operation, column, name, str(count), count, left_out, without, only)
    values = _values(kept, at, column, name, column_style([row[at] for row in rows], _others(rows, at), column, name))
    if not values and operation != "total":
        raise MementoError(f"There is no number in the column {column} of {name} to take the {operation} of: {left_out} rows left out")
    figure = FIGURES[operation](values)
    return texts.table_answer(operation, column, name, figure, len(values), left_out, without, only)


def _exact(value: Fraction) -> str:
    """All digits of a decimal number, none more."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return _digits(value, places)


def _digits(value: Fraction, places: int) -> str:
    whole = str(abs((value * 10**places).numerator)).rjust(places + 1, "0")
    text = f"{whole[:-places]}.{whole[-places:]}".rstrip("0").rstrip(".") if places else whole
    return f"-{text}" if value < 0 else text


def _average(values: Sequence[Fraction]) -> str:
    return written(rounded(sum(values, Fraction(0)) / len(values), 6), 6)


FIGURES: Mapping[str, Callable[[Sequence[Fraction]], str]] = {
    "total": lambda values: _exact(sum(values, Fraction(0))),
    "average": _average,
    "highest": lambda values: _exact(max(values)),
    "lowest": lambda values: _exact(min(values)),
}


def _values(rows: Sequence[Sequence[str]], at: int, column: str, name: str, style: Style) -> list[Fraction]:
    values: list[Fraction] = []
    for row in rows:
        if is_blank(row[at]):
            continue
        value = number(row[at], style)
        if value is None:
            raise MementoError(
                f"The column {column} of {name} holds {_quoted(row[at])}, which is not a number", "leave such rows out by a word in them"
            )
        values.append(value)
    return values


def _others(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    return [cell for row in rows[:1000] for n, cell in enumerate(row) if n != at]


def _holds(row: Sequence[str], word: re.Pattern[str], summed: int) -> bool:
    """Whether a cell is the word, or has it as a whole word. The numbers of the summed column are no marks."""
    return any(word.search(cell) and (n != summed or not is_number(cell)) for n, cell in enumerate(row))


@lru_cache(maxsize=8)
def _whole_word(word: str) -> re.Pattern[str]:
    parts = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(rf"(?<!\w){parts}(?!\w)", re.IGNORECASE)


def _below_title(table: Rows) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows; a title alone in the first row of a workbook is passed over."""
    header, rows = table.header, table.rows
    while len(header) > 1 and sum(map(bool, header)) == 1 and rows and sum(map(bool, rows[0])) > 1:
        header, rows = tuple(rows[0]), rows[1:]
    return header, rows


def _check_header(header: Sequence[str], name: str) -> None:
    for cell in header:
        if is_bare_number(cell) and not re.fullmatch(r"(?:19|20)[0-9]{2}", cell):
            first = ", ".join(_quoted(one) for one in header[:8])
            raise MementoError(f"{name} has no header: its first row is {first}", "put the names of the columns in a first row")


def find_column(header: Sequence[str], asked: str, name: str) -> int:
    """The index of the column that `asked` means: its name as it is, then without unit and punctuation, then part of it.

    Raises MementoError, naming the columns, when none fits or several do.
    """
    for fits in (_same, _same_words, _same_without_unit, _part_of, _more_than):
        fitting = [n for n, cell in enumerate(header) if cell and fits(asked, cell)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise MementoError(f"More than one column of {name} could be meant by {asked}: {_some([header[n] for n in fitting])}")
    raise MementoError(texts.no_column(name, asked, _some_names(header)))


def _same(asked: str, cell: str) -> bool:
    return asked.casefold() == " ".join(cell.split()).casefold()


def _same_words(asked: str, cell: str) -> bool:
    return bool(_words(asked)) and _words(asked) == _words(cell)


def _same_without_unit(asked: str, cell: str) -> bool:
    bracket = re.search(r"[(\[]([^()\[\]]*)[)\]]", cell)
    if not bracket or not _words(asked):
        return False
    return _words(asked) in (_words(cell.replace(bracket.group(), " ")), _words(bracket.group(1)))


def _part_of(asked: str, cell: str) -> bool:
    return bool(_words(asked)) and set(_words(asked)) <= set(_words(cell))


def _more_than(asked: str, cell: str) -> bool:
    return bool(_words(cell)) and set(_words(cell)) <= set(_words(asked))


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in re.findall(r"\w+|[%€$£]", apart.casefold())]


def _some_names(header: Sequence[str]) -> list[str]:
    names = [_quoted(cell) for cell in header if cell]
    return names if len(names) <= NAMED else [*names[:NAMED], f"and {len(names) - NAMED} more"]


def _some(header: Sequence[str]) -> str:
    return ", ".join(_some_names(header))


def _quoted(cell: str) -> str:
    text = shown(" ".join(cell.split()))
    return text if len(text) <= 60 else text[:59] + "…"
