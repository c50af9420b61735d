"""Numbers as they stand in the cells of tables: thousands separators, decimal commas, currencies, units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from memento_desktop.errors import MementoError

BLANK = frozenset(("", "-", "–", "—", "n/a", "na", "nan", "none", "null", "nil", "."))
"""What stands in a cell that has no value, in lower case."""

LONGEST = 100
"""Characters of a cell that may still be a number."""
_SPACE = " \u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"(?P<bracket>\()?"
    rf"(?P<before>(?:[A-Z]{{3}}|[Kk]r|R[sp]|Fr)\.?|(?:US|CA|AU|[CAR])[$]|[^\w\s.,+()−-]{{0,2}})[{_SPACE}]*"
    rf"(?P<sign>[+−-])?[{_SPACE}]*(?P<before2>[^\d\s.,+()\w−-]?)[{_SPACE}]*"
    rf"(?P<digits>[0-9]+(?:[.,'’{_SPACE}][0-9]+)*|[.,][0-9]+)(?P<open>[.,]?)(?P<exponent>[eE][+-]?[0-9]{{1,2}})?"
    rf"[{_SPACE}]*(?P<after>(?:[^\W\d_][^\d]{{0,19}}|[%‰°€$£¥]\w?)?)(?(bracket)\))"
)


@dataclass(frozen=True)
class Style:
    """How the numbers of a column are written."""

    decimal_comma: bool = False


@lru_cache(maxsize=50_000)
def _matched(cell: str) -> re.Match[str] | None:
    """Each cell is looked at for its style, its unit and its value."""
    return _NUMBER.fullmatch(cell.strip()) if len(cell) <= LONGEST else None


def is_blank(cell: str) -> bool:
    return cell.strip().lower() in BLANK


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with or without a currency or unit."""
    return _matched(cell) is not None


def is_bare_number(cell: str) -> bool:
    """Whether it is one without a letter: `Q1` and `12 km` are not."""
    return is_number(cell) and not any(character.isalpha() for character in cell)


def number(cell: str, style: Style) -> Fraction | None:
    """The exact value of a cell; None when it is no number in this style."""
    found = _matched(cell)
    if found is None:
        return None
    digits = re.sub(rf"['’{_SPACE}]", "", found["digits"])
    point, comma = (",", ".") if style.decimal_comma else (".", ",")
    whole, _, decimals = digits.partition(point)
    groups = whole.split(comma)
    if point in decimals or comma in decimals or (len(groups) > 1 and not _grouped(groups)):
        return None
    value = Fraction(f"{''.join(groups) or '0'}.{decimals or '0'}{found['exponent'] or ''}")
    return -value if found["bracket"] or found["sign"] in ("-", "−") else value


def _grouped(groups: Sequence[str]) -> bool:
    """Thousands, or the Indian lakhs: `1,234`, `12,34,567`."""
    return 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups[1:-1])


def column_style(cells: Iterable[str], others: Iterable[str], column: str, name: str) -> Style:
    """How a column writes its numbers, judged by its own cells and, where they leave it open, by the others of the table.

    `12,5` can only have a decimal comma and `12.5` a decimal point; `1,234` leaves it open, and reads as thousands unless
    something else decides. Raises MementoError when a column has both styles, or more than one currency or unit.
    """
    cells = list(cells)
    commas, points = _evidence(cells)
    if commas and points:
        raise MementoError(f"The column {column} of {name} has decimal commas and decimal points, such as {commas} and {points}")
    affixes = {affix for cell in cells if (affix := _affix(cell))}
    if len(affixes) > 1:
        raise MementoError(f"The column {column} of {name} mixes {', '.join(sorted(affixes)[:5])}", "they cannot be taken together")
    if not commas and not points:
        other_commas, other_points = _evidence(others)
        commas = other_commas if not other_points else ""
    return Style(decimal_comma=bool(commas))


def _evidence(cells: Iterable[str]) -> tuple[str, str]:
    """An example of a decimal comma and one of a decimal point, each empty when there is none."""
    comma = point = ""
    for cell in cells:
        found = _matched(cell)
        if found is None:
            continue
        digits = re.sub(rf"['’{_SPACE}]", "", found["digits"])
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        sign, other = digits[last], "." if digits[last] == "," else ","
        is_decimal = other in digits or (digits.count(sign) == 1 and (len(digits) - last != 4 or digits[:last] in ("", "0")))
        is_thousands = digits.count(sign) > 1
        if is_decimal or is_thousands:
            if (sign == ",") == is_decimal:
                comma = comma or cell.strip()
            else:
                point = point or cell.strip()
    return comma, point


def _affix(cell: str) -> str:
    """The currency or unit beside a number, folded."""
    found = _matched(cell)
    if found is None:
        return ""
    return f"{found['before']}{found['before2']} {found['after']}".replace(".", "").strip().casefold()
