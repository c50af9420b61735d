"""The scatter on the screen: draws spots in braille dots, keeps a cursor that is always on one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from memento_desktop.tui.widgets.scatter import Cell, Mark, Spot, Window, drawn, in_reading_order, nearest, together, towards

SHADES = (
    "case", "lesson", "fact", "preference", "instruction", "correction", "document", "feedback", "good", "between", "bad", "unknown",
)  # fmt: skip


class Canvas(Widget, can_focus=True):
    """Spots of the unit square. All moving of the cursor is here; what is under it is announced."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*(f"canvas--{shade}" for shade in SHADES), "canvas--match", "canvas--aside", "canvas--cursor"}
    DEFAULT_CSS = """
    Canvas { height: 1fr; width: 1fr; }
    Canvas > .canvas--case { color: $primary; }
    Canvas > .canvas--lesson { color: $success; }
    Canvas > .canvas--fact { color: $foreground; }
    Canvas > .canvas--preference { color: $secondary; }
    Canvas > .canvas--instruction { color: $warning; }
    Canvas > .canvas--correction { color: $error; }
    Canvas > .canvas--document { color: $foreground 50%; }
    Canvas > .canvas--feedback { color: $primary 60%; }
    Canvas > .canvas--good { color: $success; }
    Canvas > .canvas--between { color: $foreground; }
    Canvas > .canvas--bad { color: $error; }
    Canvas > .canvas--unknown { color: $foreground 40%; }
    Canvas > .canvas--match { color: $accent; text-style: bold; }
    Canvas > .canvas--aside { color: $foreground 30%; }
    Canvas > .canvas--cursor { text-style: bold reverse; color: $accent; }
    """

    class Moved(Message):
        """The cursor is on another spot, or sees it differently."""

    def __init__(self) -> None:
        super().__init__()
        self.spots: Sequence[Spot] = ()
        self.here: Spot | None = None
        """The spot under the cursor."""
        self.matches: frozenset[int] | None = None
        """What a query found; None: there is no query."""
        self.view = Window(1, 1)
        self.near: list[Spot] = []
        """All in the cursor's cell, the one under the cursor among them."""
        self._lines: dict[int, list[tuple[int, Mark]]] = {}

    def show(self, spots: Sequence[Spot]) -> None:
        """Other spots; the cursor stays on its own as far as it is still there."""
        self.spots = spots
        known = next((spot for spot in spots if self.here and spot.id == self.here.id), None)
        self.here = known or nearest(spots, self.view, self.view.height // 2, self.view.width // 2)
        self._draw()

    def mark(self, matches: Collection[int] | None) -> None:
        """Marks what a query found, and goes to the nearest of it."""
        self.matches = None if matches is None else frozenset(matches)
        found = [spot for spot in self.spots if self.matches and spot.id in self.matches]
        if found and self.here is not None and self.here not in found:
            line, column = self._cell_of(self.here)
            self.here = nearest(found, self.view, line, column)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self.view = Window(max(1, event.size.width), max(1, event.size.height)).around(self.view.x, self.view.y, self.view.zoom)
        self._draw()

    # moving

    def move(self, step: tuple[int, int]) -> None:
        if self.here is not None:
            self._go(towards(self.spots, self.view, self.here, step))

    def zoom(self, factor: float) -> None:
        """Nearer or farther, around the cursor."""
        zoom = self.view.zoom * factor
        self.view = self.view.around(self.here.x, self.here.y, zoom) if self.here else self.view.around(0.5, 0.5, zoom)
        self._draw()

    def whole(self) -> None:
        self.zoom(1 / self.view.zoom)

    def next_here(self) -> None:
        """The next of those in the cursor's cell."""
        if self.here is not None:
            at = self.near.index(self.here) if self.here in self.near else -1
            self._go(self.near[(at + 1) % len(self.near)] if self.near else None)

    def next_match(self, by: int) -> None:
        """The next match; without a query the next spot at all."""
        found = in_reading_order([spot for spot in self.spots if self.matches is None or spot.id in self.matches])
        if found:
            at = found.index(self.here) if self.here in found else -1 if by > 0 else 0
            self._go(found[(at + by) % len(found)])

    def _go(self, spot: Spot | None) -> None:
        if spot is None:
            return
        self.here = spot
        view = self.view.following(spot) if self.view.zoom > 1 else self.view
        if view != self.view:
            self.view = view
            self._draw()
        else:
            self._moved()

    def on_click(self, event: events.Click) -> None:
        self.focus()
        self._go(nearest(self.spots, self.view, event.y, event.x))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.zoom(1.5)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.zoom(1 / 1.5)

    # drawing

    def _cell_of(self, spot: Spot) -> Cell:
        across, down = self.view.dot(spot)
        return down // 4, across // 2

    def _draw(self) -> None:
        self._lines = {}
        for (line, column), mark in sorted(drawn(self.spots, self.view, self.matches or ()).items(), key=lambda one: one[0]):
            self._lines.setdefault(line, []).append((column, mark))
        self._moved()

    def _moved(self) -> None:
        self.near = together(self.spots, self.view, self.here) if self.here else []
        self.refresh()
        self.post_message(self.Moved())

    def _style_of(self, mark: Mark) -> str:
        if self.matches is None:
            return f"canvas--{mark.shade}"
        return "canvas--match" if mark.matches else "canvas--aside"

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        width = self.size.width
        cursor = self._cell_of(self.here) if self.here is not None else None
        segments: list[Segment] = []
        at = 0
        for column, mark in self._lines.get(y, ()):
            if column >= width:
                break
            segments.append(Segment(" " * (column - at), base))
            style = self.get_component_rich_style("canvas--cursor" if (y, column) == cursor else self._style_of(mark))
            segments.append(Segment(mark.glyph, style))
            at = column + 1
        segments.append(Segment(" " * (width - at), base))
        return Strip(segments, width)
