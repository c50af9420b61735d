"""A list of rows with columns: only what is on the screen is drawn, and what there is no room for folds away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memento_desktop.plain import clean

LONGEST = 500
"""Characters of a cell that are looked at."""
GAP = 2


@dataclass(frozen=True)
class Column:
    """`width` 0 takes what is left. `room`: shown where the list is at least so wide."""

    name: str
    width: int = 0
    right: bool = False
    room: int = 0
    title: str = ""


@dataclass(frozen=True)
class Row:
    """One row. `cells` by column; `below` is a second line; a heading cannot be marked."""

    key: str
    cells: Mapping[str, str] = field(default_factory=dict[str, str])
    below: str = ""
    tone: str = ""
    """"", muted, accent, error."""
    heading: bool = False

    @property
    def height(self) -> int:
        return 2 if self.below else 1


def one_line(text: str) -> str:
    """Untrusted text as one line."""
    return " ".join(clean(text[:LONGEST]).split())


def fitted(text: str, width: int, right: bool = False) -> str:
    """`text` in exactly `width` cells, with a mark where it was cut."""
    if cell_len(text) > width:
        return set_cell_size(text, max(0, width - 1)) + "…"[:width]
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


class Listing(ScrollView, can_focus=True):
    """Rows to walk through. The mark stays on its row when the rows are shown anew."""

    BINDINGS = [  # noqa: RUF012
        ("up,k", "up", ""), ("down,j", "down", ""), ("pageup", "page(-1)", ""), ("pagedown", "page(1)", ""),
        ("home", "edge(-1)", ""), ("end", "edge(1)", ""),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listing--head", "listing--marked", "listing--muted", "listing--accent", "listing--error", "listing--heading",
    }  # fmt: skip
    DEFAULT_CSS = """
    Listing { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0 1; }
    Listing .listing--head { color: $text-muted; }
    Listing .listing--marked { background: $panel; }
    Listing:focus .listing--marked { background: $primary 35%; }
    Listing .listing--muted { color: $text-muted; }
    Listing .listing--accent { color: $text-accent; }
    Listing .listing--error { color: $text-error; }
    Listing .listing--heading { color: $text-muted; text-style: bold; }
    """

    class Marked(Message):
        """Another row is marked; None: there is none."""

        def __init__(self, listing: Listing, row: Row | None) -> None:
            super().__init__()
            self.listing, self.row = listing, row

        @property
        def control(self) -> Listing:
            return self.listing

    class Chosen(Message):
        """A row was clicked that was marked already."""

        def __init__(self, listing: Listing, row: Row) -> None:
            super().__init__()
            self.listing, self.row = listing, row

        @property
        def control(self) -> Listing:
            return self.listing

    def __init__(self, columns: Sequence[Column], id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id)
        self.columns, self.empty = tuple(columns), empty
        self.rows: list[Row] = []
        self.at: int | None = None
        self._tops: list[int] = [0]

    @property
    def marked(self) -> Row | None:
        return self.rows[self.at] if self.at is not None else None

    @property
    def head(self) -> int:
        """Lines of the head."""
        return 1 if any(column.title for column in self.columns) else 0

    def show(self, rows: Sequence[Row], key: str | None = None) -> None:
        """Other rows. The mark stays where it was, or goes to `key`."""
        wanted = key or (self.marked.key if self.marked else "")
        before = self.at or 0
        self.rows = list(rows)
        self._tops = list(accumulate((row.height for row in self.rows), initial=0))
        self.virtual_size = Size(self.scrollable_content_region.width, self._tops[-1] + self.head)
        at = next((n for n, row in enumerate(self.rows) if row.key == wanted and not row.heading), None)
        self.at = at if at is not None else self._near(min(before, len(self.rows) - 1))
        self._see()
        self.refresh()
        self.post_message(self.Marked(self, self.marked))

    def change(self, row: Row) -> None:
        """One row anew, the others as they are."""
        for n, old in enumerate(self.rows):
            if old.key == row.key:
                if old.height != row.height:
                    self.show([*self.rows[:n], row, *self.rows[n + 1 :]])
                else:
                    self.rows[n] = row
                    self.refresh()

    def mark(self, key: str) -> bool:
        """Goes to a row. Returns whether there is such a one."""
        at = next((n for n, row in enumerate(self.rows) if row.key == key), None)
        if at is not None:
            self._go(at)
        return at is not None

    def _near(self, at: int, step: int = 1) -> int | None:
        """The next row that can be marked, from `at` on; in the other direction where there is none."""
        onwards, back = range(at, len(self.rows) if step > 0 else -1, step), range(at, -1 if step > 0 else len(self.rows), -step)
        return next((n for n in (*onwards, *back) if 0 <= n < len(self.rows) and not self.rows[n].heading), None)

    def _go(self, at: int | None) -> None:
        if at is None or at == self.at:
            return
        self.at = at
        self._see()
        self.refresh()
        self.post_message(self.Marked(self, self.marked))

    def _see(self) -> None:
        if self.at is not None and self.size.height > self.head:
            above = 1 if self.at > 0 and self.rows[self.at - 1].heading else 0
            region = Region(0, self.head + self._tops[self.at] - above, 1, self.rows[self.at].height + above)
            self.scroll_to_region(region, spacing=Spacing(self.head, 0, 0, 0), animate=False, force=True)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self._tops[-1] + self.head)
        self._see()
        self.refresh()

    # drawing

    def _shown(self, width: int) -> list[tuple[Column, int]]:
        """The columns that there is room for, with their widths."""
        kept = [column for column in self.columns if column.room <= width]
        left = width - sum(column.width for column in kept) - GAP * (len(kept) - 1)
        return [(column, column.width or max(1, left)) for column in kept]

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        plain = self.rich_style
        if y < self.head:
            text = (" " * GAP).join(fitted(column.title, room, column.right) for column, room in self._shown(width))
            return self._strip(text, width, plain + self._of("head"))
        line = y - self.head + round(self.scroll_offset.y)
        if not self.rows and line == 0:
            return self._strip(self.empty, width, plain + self._of("muted"))
        if line >= self._tops[-1]:
            return Strip.blank(width, plain)
        n = bisect_right(self._tops, line) - 1
        return self._line(n, line - self._tops[n], width, plain)

    def _line(self, n: int, nth: int, width: int, plain: Style) -> Strip:
        row = self.rows[n]
        if row.heading:
            return self._strip(one_line(next(iter(row.cells.values()), "")), width, plain + self._of("heading"))
        style = plain + self._of(row.tone) if row.tone else plain
        if n == self.at:
            style += Style(bgcolor=self._of("marked").bgcolor)
        if nth:
            return self._strip(f"  {one_line(row.below)}", width, style + Style(color=self._of("muted").color))
        parts = (fitted(one_line(row.cells.get(column.name, "")), room, column.right) for column, room in self._shown(width))
        return self._strip((" " * GAP).join(parts), width, style)

    def _of(self, name: str) -> Style:
        return self.get_visual_style(f"listing--{name}").rich_style

    def _strip(self, text: str, width: int, style: Style) -> Strip:
        return Strip([Segment(fitted(text, width), style)], width)

    # keys and mouse

    def action_up(self) -> None:
        if self.at is not None:
            self._go(self._near(self.at - 1, -1) if self.at else None)

    def action_down(self) -> None:
        if self.at is not None:
            self._go(self._near(min(self.at + 1, len(self.rows) - 1)))

    def action_page(self, direction: int) -> None:
        if self.at is not None:
            line = self._tops[self.at] + direction * max(1, self.size.height - self.head - 1)
            at = bisect_right(self._tops, max(0, min(line, self._tops[-1] - 1))) - 1
            self._go(self._near(at, direction))

    def action_edge(self, direction: int) -> None:
        if self.rows:
            self._go(self._near(0) if direction < 0 else self._near(len(self.rows) - 1, -1))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.head:
            return
        line = offset.y - self.head + round(self.scroll_offset.y)
        if not 0 <= line < self._tops[-1]:
            return
        at = bisect_right(self._tops, line) - 1
        if at == self.at:
            self.post_message(self.Chosen(self, self.rows[at]))
        elif not self.rows[at].heading:
            self._go(at)
