"""Plots of block characters: columns, bars, an axis of months. Pure functions, one string a line, one character a cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

UPWARDS = " ▁▂▃▄▅▆▇█"
ONWARDS = " ▏▎▍▌▋▊▉█"


def columns(values: Sequence[float | None], height: int, each: int = 1, most: float | None = None) -> list[str]:
    """Columns on one floor, the top line first; each is `each` cells wide, from two on with a gap of one.

    Args:
        values: None: nothing is known, and nothing is drawn; what is known to be 0 has a thin foot.
        height: lines.
        most: what fills the whole height; None: the largest value.
    """
    top = most if most is not None else max((value for value in values if value is not None), default=0.0)
    eighths = [0 if value is None else _eighths(value, top, height) for value in values]
    wide = each - 1 if each > 1 else 1
    gap = " " * (each - wide)
    lines: list[str] = []
    for row in range(height - 1, -1, -1):
        lines.append("".join(UPWARDS[min(8, max(0, eighth - 8 * row))] * wide + gap for eighth in eighths))
    return lines


def _eighths(value: float, top: float, height: int) -> int:
    if top <= 0 or value <= 0:
        return 1
    return max(1, round(8 * height * min(1.0, value / top)))


def bar(value: float, most: float, width: int) -> str:
    """A bar that lies, of exactly `width` cells; what is not nothing is at least a sliver."""
    if most <= 0 or value <= 0 or width <= 0:
        return " " * max(0, width)
    eighths = max(1, round(8 * width * min(1.0, value / most)))
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (ONWARDS[rest] if rest else "")).ljust(width)


def months(starts: Sequence[str], each: int) -> str:
    """Names of months below weekly columns, as many as there is room for. `starts`: the days that the weeks begin on, ISO 8601."""
    line = [" "] * (len(starts) * each)
    last, free = "", 0
    for n, start in enumerate(starts):
        day = date.fromisoformat(start)
        name = f"{day:%b}" if day.month > 1 or day.year == date.fromisoformat(starts[0]).year else f"{day.year}"
        at = n * each
        if name == last or at < free or at + len(name) > len(line):
            continue
        if n == 0 and day.day > 21:  # the next one would have no room
            continue
        line[at : at + len(name)] = name
        last, free = name, at + len(name) + 1
    return "".join(line)


def width_of_each(count: int, room: int, most: int = 4) -> int:
    """How many cells a column may take so that `count` of them fit."""
    return max(1, min(most, room // count)) if count else 1
