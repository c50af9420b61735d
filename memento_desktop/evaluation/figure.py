"""The charts of a report as one SVG file: panels side by side, lines with a band for their interval, names at the line ends."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from memento_desktop.evaluation.report import Chart, Series

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#AA3377", "#56B4E9", "#E69F00", "#444444")
"""Blue, vermilion, green, purple, sky blue, orange, grey: told apart with the common colour-vision deficiencies too."""
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 2")
"""A second mark beside the colour, for a print in grey."""
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
PLOT_WIDTH, PLOT_HEIGHT = 270.0, 210.0
LEFT, TOP, BOTTOM, EDGE = 58.0, 64.0, 52.0, 16.0
LETTER = 6.4
"""Mean width of a letter at the size of labels, in pixels, on the wide side."""
LINE = 14.0
NAME = 24
ACROSS = 3
COUNTED = 12
"""Whole numbers along an axis that all get a mark: a first, second, third time."""
MOST_POINTS = 400
NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")


@dataclass(frozen=True)
class _Axis:
    """A range with its ticks, laid over the pixels from `start` to `end`."""

    ticks: Sequence[float]
    start: float
    end: float

    def at(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


@dataclass(frozen=True)
class _Points:
    """The finite points of a series, thinned to what a panel can show, with the ends of their intervals (None: not known)."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None
    high: Sequence[float] | None


def svg(charts: Sequence[Chart], title: str = "") -> str:
    """The figure as the text of an SVG file, on a white ground of its own, at most three panels in a row.

    A name has the same colour and dash in every panel. Points that are not finite are left out; of a line with more than 400
    points every n-th is drawn, and the last. Raises ValueError for a series whose coordinates differ in number.
    """
    drawn = [[(s, _points(s)) for s in chart.series] for chart in charts]
    names = list(dict.fromkeys(s.name for chart in charts for s in chart.series))
    right = 22 + LETTER * min(NAME, max((len(name) for name in names), default=0))
    panel_width, panel_height = LEFT + PLOT_WIDTH + right, TOP + PLOT_HEIGHT + BOTTOM
    width = 2 * EDGE + panel_width * max(1, min(ACROSS, len(charts)))
    head = 34.0 if title else EDGE
    height = head + panel_height * math.ceil(len(charts) / ACROSS) + (EDGE if charts else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="{FONT}" font-size="11" fill="#222222" role="img">',
        f"<title>{_text(title or 'figure')}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    if title:
        parts.append(_label(EDGE, 24, _cut(title, int((width - 2 * EDGE) / 9)), size=15, weight="600"))
    for n, (chart, series) in enumerate(zip(charts, drawn, strict=True)):
        x, y = EDGE + panel_width * (n % ACROSS), head + panel_height * (n // ACROSS)
        parts += [f'<g transform="translate({x:.1f} {y:.1f})">', *_panel(chart, series, names, panel_width), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round figures that enclose a range, two to `most` + 1 of them, ascending. A range of nothing is widened around its figure."""
    far = max(abs(low), abs(high))
    if high - low < max(1e-9 * far, 1e-100):
        pad = 0.1 * far if far > 1e-99 else 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / (most - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next((m * size for m in (1, 2, 2.5, 5) if m * size >= rough * (1 - 1e-9)), 10 * size)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, last + 1)]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the `wanted` ones, in their order, at least `gap` apart and between `low` and `high` while they fit there."""
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    placed = list(wanted)
    floor = low
    for n in order:  # down the page: no closer than the gap to the one above
        placed[n] = floor = max(wanted[n], floor)
        floor += gap
    ceiling = high
    for n in reversed(order):  # and back up: what ran over the end moves in, and moves its neighbours
        placed[n] = ceiling = min(placed[n], ceiling)
        ceiling -= gap
    return placed


def _points(series: Series) -> _Points:
    banded = bool(series.low and series.high)
    columns = [series.x, series.y, *([series.low, series.high] if banded else [])]
    whole = [row for row in zip(*columns, strict=True) if all(math.isfinite(v) for v in row)]
    every = math.ceil(len(whole) / MOST_POINTS) or 1
    kept = whole[::every] + (whole[-1:] if whole and (len(whole) - 1) % every else [])
    x, y, low, high = ([row[n] for row in kept] if n < len(columns) else None for n in range(4))
    return _Points(x or [], y or [], low, high)


def _range(values: Iterable[float]) -> tuple[float, float]:
    held = list(values)
    return (min(held), max(held)) if held else (0.0, 1.0)


def _panel(chart: Chart, series: Sequence[tuple[Series, _Points]], names: Sequence[str], width: float) -> list[str]:
    points = [p for _, p in series]
    bottom = TOP + PLOT_HEIGHT
    low, high = _range(v for p in points for v in p.x)
    counted = all(float(v).is_integer() for p in points for v in p.x) and 0 < high - low <= COUNTED
    marks = [low + n for n in range(int(high - low) + 1)] if counted else ticks(low, high, most=5)
    across = _Axis(marks, LEFT, LEFT + PLOT_WIDTH)
    up = _Axis(ticks(*_range(v for p in points for part in (p.y, p.low or [], p.high or []) for v in part)), bottom, TOP)
    parts = [_label(LEFT, TOP - 30, _cut(chart.title, int((width - LEFT) / (1.15 * LETTER))), size=12.5, weight="600")]
    parts.append(_label(LEFT, TOP - 12, _cut(chart.y_label, int((width - LEFT) / LETTER)), colour="#555555"))
    for value, text in zip(up.ticks, _figures(up.ticks), strict=True):
        y = up.at(value)
        parts.append(f'<line x1="{LEFT:.1f}" y1="{y:.1f}" x2="{LEFT + PLOT_WIDTH:.1f}" y2="{y:.1f}" stroke="#e4e4e4"/>')
        parts.append(_label(LEFT - 7, y + 4, text, anchor="end"))
    for value, text in zip(across.ticks, _figures(across.ticks), strict=True):
        x = across.at(value)
        parts.append(f'<line x1="{x:.1f}" y1="{bottom:.1f}" x2="{x:.1f}" y2="{bottom + 4:.1f}" stroke="#777777"/>')
        parts.append(_label(x, bottom + 17, text, anchor="middle"))
    parts.append(f'<path d="M{LEFT:.1f} {TOP:.1f}V{bottom:.1f}H{LEFT + PLOT_WIDTH:.1f}" fill="none" stroke="#777777"/>')
    parts.append(
        _label(LEFT + PLOT_WIDTH / 2, bottom + 36, _cut(chart.x_label, int(PLOT_WIDTH / LETTER)), anchor="middle", colour="#555555")
    )
    shown = [(s.name, p) for s, p in series if p.x]
    for name, p in shown:  # all bands lie below all lines
        parts += _band(p, across, up, COLOURS[names.index(name) % len(COLOURS)])
    for name, p in shown:
        parts.append(_line(p, across, up, names.index(name)))
    return parts + _names(shown, across, up, names)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _band(p: _Points, across: _Axis, up: _Axis, colour: str) -> list[str]:
    if p.low is None or p.high is None:
        return []
    if len(p.x) == 1:
        x = across.at(p.x[0])
        ends = f'y1="{up.at(p.low[0]):.1f}" y2="{up.at(p.high[0]):.1f}"'
        return [f'<line x1="{x:.1f}" x2="{x:.1f}" {ends} stroke="{colour}" stroke-width="5" stroke-opacity="0.3"/>']
    there = [(across.at(x), up.at(y)) for x, y in zip(p.x, p.high, strict=True)]
    back = [(across.at(x), up.at(y)) for x, y in zip(p.x, p.low, strict=True)]
    return [f'<path d="{_path([*there, *reversed(back)])}Z" fill="{colour}" fill-opacity="0.16"/>']


def _line(p: _Points, across: _Axis, up: _Axis, number: int) -> str:
    colour = COLOURS[number % len(COLOURS)]
    dash = DASHES[(number + number // len(COLOURS)) % len(DASHES)]  # shifted each round, so that no pair comes twice among 49
    if len(p.x) == 1:
        return f'<circle cx="{across.at(p.x[0]):.1f}" cy="{up.at(p.y[0]):.1f}" r="3.5" fill="{colour}"/>'
    path = _path((across.at(x), up.at(y)) for x, y in zip(p.x, p.y, strict=True))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"{dashed}/>'


def _names(shown: Sequence[tuple[str, _Points]], across: _Axis, up: _Axis, names: Sequence[str]) -> list[str]:
    """Every name right of the plot, as near to its line's end as the others allow, and a thread from one to the other."""
    parts: list[str] = []
    heights = spread([up.at(p.y[-1]) for _, p in shown], LINE, TOP, TOP + PLOT_HEIGHT)
    for (name, p), height in zip(shown, heights, strict=True):
        colour = COLOURS[names.index(name) % len(COLOURS)]
        x, y, edge = across.at(p.x[-1]), up.at(p.y[-1]), LEFT + PLOT_WIDTH
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}L{max(x, edge):.1f} {y:.1f}L{edge + 11:.1f} {height:.1f}" fill="none" stroke="{colour}" '
            f'stroke-dasharray="1 2"/><circle cx="{edge + 11:.1f}" cy="{height:.1f}" r="3" fill="{colour}"/>'
        )
        parts.append(_label(edge + 17, height + 4, _cut(name, NAME)))
    return parts


def _figures(values: Sequence[float]) -> list[str]:
    """Ticks as text, all with the decimals that their step needs."""
    step = values[1] - values[0]
    if max(abs(values[0]), abs(values[-1])) >= 1e7 or step < 1e-6:
        return [f"{v:.3g}" for v in values]
    decimals = next((n for n in range(8) if abs(round(step, n) - step) < 1e-6 * step), 8)
    return [f"{v + 0.0:,.{decimals}f}" for v in values]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(1, most - 1)] + "…"


def _text(text: str) -> str:
    return escape(NOT_XML.sub("�", text))


def _label(x: float, y: float, text: str, anchor: str = "start", size: float = 11, weight: str = "400", colour: str = "#222222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" font-weight="{weight}" fill="{colour}">'
        f"{_text(text)}</text>"
    )
