"""A table of any number of memories: only what is near the screen is loaded, one line of the screen is drawn at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memento_desktop.tui import commands
from memento_desktop.tui.widgets.memory_rows import Column, cells, fitted, fitting, heads

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.browser import Row

AROUND = 60
"""Rows that are loaded before and behind what is seen."""
MOST_HELD = 4000
"""Rows that are held; of more those far away are let go."""
MOVES = frozenset(("open", "mark", "mark_down", "mark_up", "all", "down", "up", "page_down", "page_up", "first", "last"))
"""The commands of the place `memories` that are the table's own."""


class MemoryTable(ScrollView, can_focus=True):
    """Rows by their places. Whoever shows it answers `Wanted` with `put`, and anything else that is asked of it with `show`."""

    ALLOW_SELECT = False
    BINDINGS = [command.binding for command in commands.of("memories") if command.does in MOVES]  # noqa: RUF012
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"memory-table--{part}" for part in ("head", "sorted", "row", "cursor", "blurred", "marked", "dim", "accent", "pin")
    }
    DEFAULT_CSS = """
    MemoryTable { height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; background: $background; }
    MemoryTable > .memory-table--head { color: $text-muted; background: $panel; }
    MemoryTable > .memory-table--sorted { color: $text-primary; background: $panel; text-style: bold; }
    MemoryTable > .memory-table--row { color: $foreground; }
    MemoryTable > .memory-table--cursor { color: $block-cursor-foreground; background: $primary; }
    MemoryTable > .memory-table--blurred { background: $surface-lighten-1; }
    MemoryTable > .memory-table--marked { background: $accent 15%; }
    MemoryTable > .memory-table--dim { color: $text-muted; }
    MemoryTable > .memory-table--accent { color: $text-accent; }
    MemoryTable > .memory-table--pin { color: $text-accent; }
    """

    class Wanted(Message):
        """Rows from `offset` on are about to be seen."""

        def __init__(self, offset: int, limit: int) -> None:
            super().__init__()
            self.offset, self.limit = offset, limit

    class Moved(Message):
        """The cursor stands on another memory, or on none."""

    class Opened(Message):
        """The memory under the cursor is to be opened."""

    class Marked(Message):
        """Other memories are marked; `all` asks for all that there are."""

        def __init__(self, all: bool = False) -> None:
            super().__init__()
            self.all = all

    class SortWanted(Message):
        """A head was clicked."""

        def __init__(self, sort: str) -> None:
            super().__init__()
            self.sort = sort

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """Longer lists change nothing around the table: the screen is not laid out anew."""

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self.total = 0
        self.rows: dict[int, Row] = {}
        self.cursor = 0
        self.marked: set[int] = set()
        self.sort, self.upwards = "recorded", False
        self.empty = empty
        """What stands there when there is nothing."""
        self._asked: tuple[int, int] | None = None
        self._told: Row | None = None

    # what is shown

    @property
    def current(self) -> Row | None:
        """The row under the cursor, once it is loaded."""
        return self.rows.get(self.cursor)

    @property
    def seen(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.size.height - 1)

    def show(self, total: int, rows: Mapping[int, Row], cursor: int, top: int | None = None) -> None:
        """Another list, or the same after a change. `top`: the first row to be seen; None leaves it, as far as the cursor is seen."""
        self.total, self.rows, self._asked = total, dict(rows), None
        self._measure()
        self.cursor = max(0, min(cursor, total - 1))
        if top is not None:
            self.scroll_to(y=top, animate=False, force=True)
        self._keep_seen()
        self.refresh()
        self._want()
        self._tell()

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, self.total + 1)
        self._scroll_update(self.virtual_size)

    def put(self, offset: int, rows: Sequence[Row]) -> None:
        """Rows that were wanted."""
        self._asked = None
        self.rows.update(enumerate(rows, offset))
        if len(self.rows) > MOST_HELD:
            middle = self.scroll_offset.y
            self.rows = {n: row for n, row in self.rows.items() if abs(n - middle) < MOST_HELD // 2}
        self.refresh()
        self._want()
        self._tell()

    def window(self) -> tuple[int, int]:
        """Where the rows near the screen begin, and how many they are."""
        first = max(0, self.scroll_offset.y - AROUND)
        return first, self.scroll_offset.y + self.seen + AROUND - first

    def prefetch(self) -> None:
        """What is a page away is loaded too, while nobody waits."""
        self._want(self.seen)

    def _want(self, around: int = 0) -> None:
        top = self.scroll_offset.y
        if all(n in self.rows for n in range(max(0, top - around), min(self.total, top + self.seen + around))):
            return
        window = self.window()
        if window != self._asked:
            self._asked = window
            self.post_message(self.Wanted(*window))

    def _tell(self) -> None:
        if self.current is not self._told:
            self._told = self.current
            self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._want()

    def on_resize(self) -> None:
        self._measure()
        self._keep_seen()
        self._want()

    # moving

    def move(self, to: int) -> None:
        """The cursor to a row."""
        to = max(0, min(to, self.total - 1))
        if to == self.cursor:
            return
        self._refresh_row(self.cursor)
        self.cursor = to
        self._refresh_row(to)
        self._keep_seen()
        self._tell()

    def _keep_seen(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + self.seen:
            self.scroll_to(y=self.cursor - self.seen + 1, animate=False, force=True)

    def _refresh_row(self, n: int) -> None:
        self.refresh(Region(0, n - self.scroll_offset.y + 1, self.size.width, 1))

    def action_down(self) -> None:
        self.move(self.cursor + 1)

    def action_up(self) -> None:
        self.move(self.cursor - 1)

    def action_page_down(self) -> None:
        self.move(self.cursor + self.seen - 1)

    def action_page_up(self) -> None:
        self.move(self.cursor - self.seen + 1)

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(self.total - 1)

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    # marking

    def mark(self, ids: Iterable[int], on: bool = True) -> None:
        """Marks memories by their numbers, or no more."""
        self.marked = self.marked | set(ids) if on else self.marked - set(ids)
        self.refresh()
        self.post_message(self.Marked())

    def _toggle(self) -> None:
        if (row := self.current) is not None:
            self.marked ^= {row.id}
            self._refresh_row(self.cursor)
            self.post_message(self.Marked())

    def action_mark(self) -> None:
        self._toggle()
        self.action_down()

    def _mark_and(self, step: int) -> None:
        """Marks where the cursor stands, and where it goes; back over what is marked takes the mark away, as people know it of lists."""
        here, there = self.current, self.rows.get(self.cursor + step)
        if here is not None and there is not None:
            back = here.id in self.marked and there.id in self.marked
            self.marked = self.marked - {here.id} if back else self.marked | {here.id, there.id}
        self.move(self.cursor + step)
        self.refresh()
        self.post_message(self.Marked())

    def action_mark_down(self) -> None:
        self._mark_and(1)

    def action_mark_up(self) -> None:
        self._mark_and(-1)

    def action_all(self) -> None:
        """All that there are; with some marked already, none."""
        if self.marked:
            self.mark(self.marked, on=False)
        else:
            self.post_message(self.Marked(all=True))

    # the mouse

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        if offset.y == 0:
            self._click_head(offset.x)
            return
        n = self.scroll_offset.y + offset.y - 1
        if n >= self.total:
            return
        self.move(n)
        if event.ctrl or offset.x < 2:
            self._toggle()
        elif event.chain == 2:
            self.action_open()

    def _click_head(self, x: int) -> None:
        for text, _, column in heads(self._columns(), self.sort, self.upwards):
            if x < len(text):
                if column.sort:
                    self.post_message(self.SortWanted(column.sort))
                return
            x -= len(text)

    # drawing

    def _columns(self) -> list[tuple[Column, int]]:
        return fitting(self.scrollable_content_region.width)

    def _style(self, *parts: str) -> Style:
        return self.get_component_rich_style(*(f"memory-table--{part}" for part in parts))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y == 0:
            pieces = heads(self._columns(), self.sort, self.upwards)
            return self._strip(
                [Segment(text, self._style("sorted" if on else "head")) for text, on, _ in pieces], width, self._style("head")
            )
        n = self.scroll_offset.y + y - 1
        if self.total == 0:
            return self._empty_line(y - 2, width)
        if n >= self.total:
            return Strip.blank(width, self.rich_style)
        row = self.rows.get(n)
        marked = row is not None and row.id in self.marked
        base = ["row", *(["marked"] if marked else [])]
        if n == self.cursor:
            base += ["cursor" if self.has_focus else "blurred"]
        if row is None:
            return self._strip([Segment("  …", self._style(*base, "dim"))], width, self._style(*base))
        strong = n == self.cursor and self.has_focus
        style = self._style(*base)
        tones = {
            tone: style if strong or not tone else style + Style(color=self._style(tone).color) for tone in ("", "dim", "accent", "pin")
        }
        segments = [Segment(text, tones[tone]) for text, tone in cells(row, self._columns(), marked)]
        return self._strip(segments, width, style)

    def _strip(self, segments: list[Segment], width: int, style: Style) -> Strip:
        return Strip(segments).adjust_cell_length(width, style)

    def _empty_line(self, n: int, width: int) -> Strip:
        lines = self.empty.splitlines()
        text = f"  {lines[n]}" if 0 <= n < len(lines) else ""
        return Strip([Segment(fitted(text, width), self._style("dim"))])
