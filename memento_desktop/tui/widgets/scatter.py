"""A scatter in braille dots: a window onto the unit square, what lies in each cell, the way from one spot to the next. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character by row and column; a cell has four rows of two dots."""
BRAILLE = 0x2800
CLOSEST = 64.0

Cell = tuple[int, int]
"""Line and column."""


@dataclass(frozen=True)
class Spot:
    """A point in the unit square, y upwards. `shade` says how it is coloured."""

    id: int
    x: float
    y: float
    shade: str


@dataclass(frozen=True)
class Window:
    """What part of the unit square is seen, in how many cells."""

    width: int
    height: int
    zoom: float = 1.0
    x: float = 0.5
    """The middle."""
    y: float = 0.5

    def cell(self, spot: Spot) -> Cell | None:
        """Where a spot is seen; None: outside."""
        dot = self.dot(spot)
        row, column = dot[1] // 4, dot[0] // 2
        return (row, column) if 0 <= row < self.height and 0 <= column < self.width else None

    def dot(self, spot: Spot) -> tuple[int, int]:
        """Its dot, counted from the upper left; also of one that lies outside."""
        left, low = self.x - 0.5 / self.zoom, self.y - 0.5 / self.zoom
        wide, high = 2 * self.width, 4 * self.height
        across = int((spot.x - left) * self.zoom * (wide - 1) + 0.5)
        up = int((spot.y - low) * self.zoom * (high - 1) + 0.5)
        return across, high - 1 - up

    def around(self, x: float, y: float, zoom: float) -> Window:
        """The window of this zoom whose middle is there, as far as the square reaches."""
        zoom = max(1.0, min(CLOSEST, zoom))
        half = 0.5 / zoom
        return replace(self, zoom=zoom, x=min(1 - half, max(half, x)), y=min(1 - half, max(half, y)))

    def following(self, spot: Spot) -> Window:
        """The window moved no farther than it takes to see a spot, with a margin."""
        inner = 0.4 / self.zoom
        x = min(max(self.x, spot.x - inner), spot.x + inner)
        y = min(max(self.y, spot.y - inner), spot.y + inner)
        return self.around(x, y, self.zoom)


@dataclass
class Mark:
    """What is drawn in one cell: its dots, and how many spots of each shade."""

    bits: int
    shades: dict[str, int]
    matches: int = 0

    @property
    def glyph(self) -> str:
        return chr(BRAILLE + self.bits)

    @property
    def shade(self) -> str:
        """The shade of most of its spots."""
        return max(self.shades, key=lambda shade: (self.shades[shade], shade))


def drawn(spots: Sequence[Spot], window: Window, matches: Collection[int] = ()) -> dict[Cell, Mark]:
    """The cells in which something lies."""
    found: dict[Cell, Mark] = {}
    for spot in spots:
        across, down = window.dot(spot)
        cell = (down // 4, across // 2)
        if not (0 <= cell[0] < window.height and 0 <= cell[1] < window.width):
            continue
        mark = found.setdefault(cell, Mark(0, {}))
        mark.bits |= DOTS[down % 4][across % 2]
        mark.shades[spot.shade] = mark.shades.get(spot.shade, 0) + 1
        mark.matches += spot.id in matches
    return found


def nearest(spots: Sequence[Spot], window: Window, line: int, column: int) -> Spot | None:
    """The spot that lies nearest to a cell: one in it, if there is one."""
    x, y = 2 * column + 0.5, 4 * line + 1.5

    def distance(spot: Spot) -> tuple[bool, float, int]:
        dot = window.dot(spot)
        return (dot[1] // 4, dot[0] // 2) != (line, column), (dot[0] - x) ** 2 + (dot[1] - y) ** 2, spot.id

    return min(spots, key=distance, default=None)


def towards(spots: Sequence[Spot], window: Window, here: Spot, step: tuple[int, int]) -> Spot | None:
    """The nearest spot in a direction, (1, 0) is right and (0, 1) down: straight on rather than aside. One that lies in the same cell is
    no step. None: there is none."""
    at, home = window.dot(here), (window.dot(here)[1] // 4, window.dot(here)[0] // 2)
    best: tuple[tuple[bool, float, int], Spot] | None = None
    for spot in spots:
        dot = window.dot(spot)
        if (dot[1] // 4, dot[0] // 2) == home:
            continue
        dx, dy = dot[0] - at[0], dot[1] - at[1]
        along = dx * step[0] + dy * step[1]
        aside = abs(dx * step[1]) + abs(dy * step[0])
        if along <= 0:
            continue
        rank = (aside > 2 * along, along + 2.0 * aside, spot.id)
        if best is None or rank < best[0]:
            best = (rank, spot)
    return best[1] if best else None


def in_reading_order(spots: Sequence[Spot]) -> list[Spot]:
    """All spots, from the upper left to the lower right in lines of a fiftieth: always the same order, whatever part is seen."""
    return sorted(spots, key=lambda spot: (-round(spot.y * 50), spot.x, spot.id))


def together(spots: Sequence[Spot], window: Window, here: Spot) -> list[Spot]:
    """The spots in the cell of one, that one among them, by number."""

    def place(spot: Spot) -> Cell:
        dot = window.dot(spot)
        return dot[1] // 4, dot[0] // 2

    home = place(here)
    return sorted((spot for spot in spots if place(spot) == home), key=lambda spot: spot.id)


def counted(spots: Sequence[Spot]) -> Mapping[str, int]:
    """How many there are of each shade."""
    found: dict[str, int] = {}
    for spot in spots:
        found[spot.shade] = found.get(spot.shade, 0) + 1
    return found
