"""Everything that is remembered: searched as you type, sorted, marked, shaped; works with no model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.widgets import Footer

from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.query import Filter, parse
from memento_desktop.tui import commands
from memento_desktop.tui.curating import Curating
from memento_desktop.tui.screens.memory_sheets import ChoiceSheet
from memento_desktop.tui.shelf import shelf
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.detail import DetailPane
from memento_desktop.tui.widgets.memory_table import MOVES, MemoryTable
from memento_desktop.tui.widgets.query_line import QueryLine

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.browser import Row
    from memento_desktop.tui.shelf import Shelf

WIDE = 120
"""Columns from which the detail stands beside the list."""
REST, TYPED = 0.05, 0.25
"""Seconds that the cursor rests before the detail of a memory is fetched; `TYPED`: while somebody types, who is to wait for nothing."""
ORDERS = {
    "recorded": ("age", "the newest first"), "title": ("title", "from A"), "kind": ("kind", ""), "reward": ("reward", "the best first"),
    "read": ("read", "the most read first"), "helped": ("helped", "those that helped most first"),
    "used": ("used last", "those read last first"), "relevance": ("relevance", "to the words that you look for"),
}  # fmt: skip
_SORT = re.compile(r"(?:^|(?<=\s))sort:\S*\s?", re.IGNORECASE)
NOTHING = """Nothing is remembered yet.
What you ask becomes a case; “Remember that …” keeps a fact.
Press n to write something down, or import from another assistant: memento import."""
NOT_FOUND = """Nothing like that is remembered.
Fewer words find more; what is in the trash is found with status:trashed.
/ goes back to the search."""


class MemoriesScreen(Curating):
    """The browser. `query` is what stands in the search line at first."""

    BINDINGS = [  # noqa: RUF012
        *(command.binding for command in commands.of("memories") if command.keys and command.does not in MOVES),
        Binding("escape", "back", "back", show=False),
    ]
    DEFAULT_CSS = """
    MemoriesScreen #body { height: 1fr; layout: vertical; }
    MemoriesScreen DetailPane { height: 40%; min-height: 4; }
    MemoriesScreen.-wide #body { layout: horizontal; }
    MemoriesScreen.-wide MemoryTable { width: 5fr; height: 1fr; }
    MemoriesScreen.-wide DetailPane { width: 3fr; height: 1fr; border-top: none; border-left: vkey $surface-lighten-2; }
    MemoriesScreen.-wide DetailPane:focus { border-left: vkey $primary; }
    MemoriesScreen.-low DetailPane { display: none; }
    """

    def __init__(self, query: str = "") -> None:
        super().__init__()
        self.line = QueryLine(query)
        self.table = MemoryTable()
        self.pane = DetailPane()
        self.wanted = Filter()
        """What is looked for; `shown` is what the list shows of it."""
        self.shown: Filter | None = None
        self.order: tuple[str, bool | None] | None = None
        """The order that was chosen by a click or `o`; None: that of the search line."""
        self._all = 0
        self._waiting = 0

    def compose(self) -> ComposeResult:
        yield self.line
        with Container(id="body"):
            yield self.table
            yield self.pane
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        self.table.focus()
        self.line.say_count("opening the memory …")
        self.on_resize()
        if self.line.input.value:
            try:
                self.wanted = parse(self.line.input.value)
            except MementoError as error:
                shell(self).say_error(error)
        self._look()
        self._count_all()
        self._warm()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")
        self.set_class(self.size.height < 16, "-low")

    async def look_for(self, text: str) -> None:
        """Looks for something else, from outside."""
        self.order = None
        self.line.input.value = text
        self.table.focus()

    # looking

    def on_query_line_changed(self, event: QueryLine.Changed) -> None:
        if _SORT.search(self.line.input.value):
            self.order = None
        self.wanted = event.filter.sorted_by(*self.order) if self.order else event.filter
        if self.wanted != self.shown:
            self._look()

    @work(exclusive=True, group="look")
    async def _look(self, stay: bool = False) -> None:
        """The list anew; `stay` keeps the cursor on its memory. What is asked later drops this."""
        wanted, window = self.wanted, self.table.window()
        current = self.table.current.id if stay and self.table.current else None
        try:
            kept = await shelf(shell(self).desk)
            total, rows, cursor = await shell(self).desk.call(_found, kept, wanted, window if stay else (0, self.table.seen), current)
        except MementoError as error:
            shell(self).say_error(error)
            return
        if wanted != self.wanted:
            return
        new = self.shown != wanted and not stay
        self.shown = wanted
        self.table.sort, self.table.upwards = wanted.sort, wanted.upwards
        self.table.empty = NOT_FOUND if wanted.words or wanted.terms else NOTHING
        self.table.show(total, rows, 0 if new else self.table.cursor if cursor is None else cursor, 0 if new else None)
        self._draw()

    async def look_again(self) -> None:
        """Memory changed: the same list, the cursor on the same memory."""
        self._look(stay=True)
        self._count_all()
        self._fetch()

    @work(exclusive=True, group="count")
    async def _count_all(self) -> None:
        try:
            kept = await shelf(shell(self).desk)
            self._all = await shell(self).desk.call(kept.browser.count, Filter())
            self._waiting = await shell(self).desk.call(kept.assistant.personal.review.count)
        except MementoError as error:
            shell(self).say_error(error)
            return
        self._draw()

    @work(exclusive=True, group="warm")
    async def _warm(self) -> None:
        """What searching needs is read before the first word is typed."""
        try:
            browser = (await shelf(shell(self).desk)).browser
            await shell(self).desk.call(browser.warm)
            await shell(self).desk.call(browser.count, parse("used:0"))  # how often each was read: counted anew after each task
        except MementoError as error:
            shell(self).say_error(error)

    @work(exclusive=True, group="page")
    async def _page(self, offset: int, limit: int) -> None:
        wanted = self.shown
        if wanted is None:
            return
        try:
            rows = await shell(self).desk.call((await shelf(shell(self).desk)).browser.page, wanted, offset, limit)
        except MementoError as error:
            shell(self).say_error(error)
            return
        if wanted == self.shown:
            self.table.put(offset, rows)

    def on_memory_table_wanted(self, event: MemoryTable.Wanted) -> None:
        self._page(event.offset, event.limit)

    def _draw(self) -> None:
        """The count at the right, and the line under the search."""
        if self.shown is None:
            return
        found = f"{self.table.total:,} of {self._all:,}" if self.shown.words or self.shown.terms else f"{self.table.total:,}"
        waiting = f" · review {self._waiting}" if self._waiting else ""
        self.line.say_count(f"{found}{waiting}")
        marked = len(self.table.marked)
        name, how = ORDERS[self.shown.sort]
        turned = (
            " turned round" if self.shown.ascending is not None and self.shown.ascending != parse(f"sort:{self.shown.sort}").upwards else ""
        )
        parts = [Content.styled(f"{marked:,} marked: what you do is done to them; Esc unmarks", "$text-accent")] if marked else []
        parts += [Content(f"by {name}{turned or (f', {how}' if how else '')}")]
        self.line.note = Content(" · ").join(parts)
        self.line.draw()

    # the detail

    def on_memory_table_moved(self) -> None:
        self._fetch(TYPED if self.line.input.has_focus else REST)

    @work(exclusive=True, group="detail")
    async def _fetch(self, rest: float = 0.0) -> None:
        await asyncio.sleep(rest)
        row = self.table.current
        if row is None or not self.pane.display:
            if self.table.total == 0:
                self.pane.show(None)
            return
        try:
            detail = await shell(self).desk.call((await shelf(shell(self).desk)).details.of, row.id, 12)
        except MementoError:  # it went meanwhile: the list is about to say so
            detail = None
        self.pane.show(detail)
        self.table.prefetch()

    def on_memory_table_opened(self) -> None:
        self.open_current()

    def open_current(self) -> None:
        from memento_desktop.tui.screens.memory import MemoryScreen

        if self.table.current is not None:
            shell(self).push_screen(MemoryScreen(self.table.current.id))

    # keys

    def on_query_line_leaving(self) -> None:
        self.table.focus()

    def action_search(self) -> None:
        self.line.input.focus()
        self.line.draw()

    def on_descendant_blur(self) -> None:
        self.line.draw()

    async def targets(self) -> Sequence[int]:
        """What is marked, else what is under the cursor."""
        if self.table.marked:
            return sorted(self.table.marked)
        return [self.table.current.id] if self.table.current else []

    def done(self, ids: Sequence[int]) -> None:
        if self.table.marked & set(ids):  # a change may name fewer than were meant: what was done is done
            self.table.marked = set()

    async def on_memory_table_marked(self, event: MemoryTable.Marked) -> None:
        if event.all:
            self._mark_all()
        else:
            self._draw()

    @work(exclusive=True, group="mark")
    async def _mark_all(self) -> None:
        wanted = self.shown
        if wanted is None:
            return
        try:
            ids = await shell(self).desk.call((await shelf(shell(self).desk)).browser.ids, wanted)
        except MementoError as error:
            shell(self).say_error(error)
            return
        if wanted == self.shown:
            self.table.mark(ids)

    def action_back(self) -> None:
        """From the search to the list, then the marks go, then the screen."""
        if self.line.input.has_focus:
            self.table.focus()
        elif self.table.marked:
            self.table.mark(self.table.marked, on=False)
        else:
            shell(self).action_leave()

    def on_memory_table_sort_wanted(self, event: MemoryTable.SortWanted) -> None:
        self._sort(event.sort)

    def _sort(self, sort: str) -> None:
        """Sorts by something; by the same again it is turned round."""
        again = self.shown is not None and self.shown.sort == sort
        self.order = (sort, not self.wanted.upwards if again else None)
        text = _SORT.sub("", self.line.input.value)
        self.wanted = self.wanted.sorted_by(*self.order)
        if text != self.line.input.value:
            self.line.input.value = text
        self._look(stay=True)

    @work
    async def action_sort(self) -> None:
        options = [(sort, name, how) for sort, (name, how) in ORDERS.items() if sort != "relevance" or self.wanted.words]
        chosen = await shell(self).push_screen_wait(ChoiceSheet("Sort by", options, "The same again turns it round.", self.wanted.sort))
        if chosen:
            self._sort(chosen)


def _found(
    kept: Shelf, wanted: Filter, window: tuple[int, int], current: int | None
) -> tuple[int, Mapping[int, Row], int | None]:  # fmt: skip
    """How many there are, the rows of a window, and where a memory stands now (with the rows around it). For a thread."""
    browser = kept.browser
    total = browser.count(wanted)
    offset, limit = window
    cursor = browser.position(wanted, current) if current is not None else None
    if cursor is not None and not offset <= cursor < offset + limit:
        offset = max(0, cursor - limit // 2)
    elif offset >= total:
        offset = max(0, total - limit)
    return total, dict(enumerate(browser.page(wanted, offset, limit), offset)), cursor


SCREEN = MemoriesScreen
