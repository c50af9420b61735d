"""The memories as a map: what is near means about the same. A cursor goes from one to the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from memento_desktop.errors import MementoError
from memento_desktop.plain import age, clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.canvas import Canvas
from memento_desktop.tui.widgets.scatter import Spot, counted

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.browser import Browser
    from memento_desktop.memory.browsing.map import Map, Point, Projection

SETTLED = 0.04
"""Seconds that the cursor rests on a memory before more is read of it."""
GOOD, BAD = 0.66, 0.34
"""Rewards from which and below which a case is called good or bad."""
CLOSER = 1.5
NOTHING = """

Memories have a place here once they are embedded. The app does that by itself beside its work, as soon as there is an embedder
and something to remember; it goes on while you look at something else."""
REWARDS = {"good": "went well", "between": "so so", "bad": "went badly", "unknown": "no reward"}


def shade_of(point: Point, by_reward: bool) -> str:
    """How a memory is coloured."""
    if not by_reward:
        return point.kind
    if point.reward is None:
        return "unknown"
    return "good" if point.reward >= GOOD else "bad" if point.reward < BAD else "between"


class Query(Input):
    """What is to be marked; Esc clears and leaves it."""

    BINDINGS = [("escape", "leave_query", "close")]  # noqa: RUF012
    DEFAULT_CSS = "Query { display: none; border: none; height: 1; padding: 0 1; background: $surface; } Query.-open { display: block; }"

    def action_leave_query(self) -> None:
        self.value = ""
        self.remove_class("-open")
        self.screen.query_one(Canvas).focus()


class MapScreen(Screen[None]):
    """The map with its legend, and the memory under the cursor."""

    BINDINGS = [*commands.bindings("map")]  # noqa: RUF012
    DEFAULT_CSS = """
    MapScreen #head { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    MapScreen Canvas { margin: 0 1; }
    MapScreen #empty { height: 1fr; padding: 1 2; display: none; }
    MapScreen.-empty Canvas { display: none; }
    MapScreen.-empty #empty { display: block; }
    MapScreen #legend { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    MapScreen #here { height: 2; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.picture: Projection | None = None
        self.by_reward = False
        self._map: Map | None = None
        self._browser: Browser | None = None
        self._points: dict[int, Point] = {}
        self._wrong = ""
        """What cannot be read in the query."""

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield Static("Placing the memories by their meaning … Esc leaves", id="empty", markup=False)
        yield Canvas()
        yield Static("", id="legend")
        yield Static("", id="here")
        yield Query(placeholder="mark what a query finds: words, kind:case reward<0.5, added:7d …")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.add_class("-empty")
        self.canvas.focus()
        shell(self).theme_changed_signal.subscribe(self, lambda _: self.call_after_refresh(self._draw_legend))
        self._begin()

    @property
    def canvas(self) -> Canvas:
        return self.query_one(Canvas)

    # reading

    @work(group="begin", exclusive=True)
    async def _begin(self) -> None:
        try:
            assistant = await shell(self).desk.ready()
        except MementoError as error:
            shell(self).say_error(error)
            return
        from memento_desktop.memory.browsing.browser import Browser
        from memento_desktop.memory.browsing.map import Map

        self._map = Map(assistant.bank, assistant.memories)
        self._browser = Browser(assistant.bank, assistant.memories)
        await self.look_again()

    async def look_again(self) -> None:
        """The picture anew; the cursor stays on its memory."""
        if self._map is None:
            return
        try:
            self.picture = await shell(self).desk.call(self._map.points)
        except MementoError as error:
            self.picture = None
            self.add_class("-empty")
            self.query_one("#empty", Static).update(Content(clean(f"{error.message}\n{error.hint}{NOTHING}")))
            self._draw()
            return
        self.remove_class("-empty")
        if self.focused is None:
            self.canvas.focus()
        self._points = {point.id: point for point in self.picture.points}
        self._colour()
        self._find(self.query_one(Query).value)

    def _colour(self) -> None:
        points = self.picture.points if self.picture else ()
        self.canvas.show([Spot(point.id, point.x, point.y, shade_of(point, self.by_reward)) for point in points])
        self._draw()

    @work(group="find", exclusive=True)
    async def _find(self, text: str) -> None:
        """Marks what the query finds; of a query that cannot be read the marks stay as they were."""
        if self._browser is None or not text.strip():
            self._wrong = ""
            self._draw_legend()
            self.canvas.mark(None)
            return
        from memento_desktop.memory.browsing.query import parse

        try:
            found = await shell(self).desk.call(self._browser.ids, parse(text))
        except MementoError as error:
            self._wrong = f"{error.message} {error.hint}".strip()
            self._draw_legend()
            return
        self._wrong = ""
        self._draw_legend()
        self.canvas.mark(self._points.keys() & set(found))

    @work(group="here", exclusive=True)
    async def _tell(self, memory_id: int) -> None:
        """More of the memory under the cursor, as soon as the cursor rests."""
        await asyncio.sleep(SETTLED)
        if self._browser is None:
            return
        try:
            row = await shell(self).desk.call(self._browser.row, memory_id)
        except MementoError:  # it went meanwhile: the picture is drawn anew by whoever removed it
            return
        if self.canvas.here is None or self.canvas.here.id != memory_id:
            return
        parts = [f"{age(row.recorded_at)} old", f"read {row.read} times, helped {row.helped}" if row.read else "never read"]
        parts += [name for name, holds in (("pinned", row.pinned), ("ended", row.valid_to is not None)) if holds]
        parts += [f"from {row.pool or {'user': 'you'}.get(row.origin, row.origin)}"]
        self._draw_here(" · ".join(parts))

    # drawing

    def on_canvas_moved(self, event: Canvas.Moved) -> None:
        event.stop()
        self._draw_head()
        self._draw_here("")
        if self.canvas.here is not None:
            self._tell(self.canvas.here.id)

    def _draw(self) -> None:
        self._draw_head()
        self._draw_legend()
        self._draw_here("")

    def _draw_head(self) -> None:
        picture, canvas = self.picture, self.canvas
        parts = [Content.styled("Map", "bold")]
        if picture is not None:
            sample = f" of {picture.total:,}" if picture.total > len(picture.points) else ""
            parts.append(Content(f"{len(picture.points):,}{sample} memories by meaning"))
            if picture.waiting:
                parts.append(Content.styled(f"{picture.waiting:,} wait to be embedded", "$text-accent"))
            if canvas.matches is not None:
                parts.append(Content.styled(f"{len(canvas.matches):,} marked", "$text-accent"))
            if canvas.view.zoom > 1:
                parts.append(Content(f"{canvas.view.zoom:.1f}×"))
            parts.append(Content.styled(f"shows {sum(picture.explained):.0%} of what tells them apart", "$foreground-muted"))
        self.query_one("#head", Static).update(Content(" · ").join(parts))

    def _draw_legend(self) -> None:
        if self._wrong:
            self.query_one("#legend", Static).update(Content.styled(clean(self._wrong), "$text-error"))
            return
        canvas = self.canvas
        count = counted(canvas.spots)
        order = list(REWARDS) if self.by_reward else sorted(count, key=lambda shade: -count[shade])
        parts: list[Content] = []
        for shade in order:
            if count.get(shade):
                ink = canvas.get_component_rich_style(f"canvas--{shade}").color
                colour = ink.get_truecolor().hex if ink is not None else ""
                parts.append(Content.assemble(("● ", colour), f"{REWARDS.get(shade, shade)} ", (f"{count[shade]:,}", "$foreground-muted")))
        self.query_one("#legend", Static).update(Content("  ").join(parts))

    def _draw_here(self, more: str) -> None:
        spot = self.canvas.here
        point = self._points.get(spot.id) if spot and self.picture else None
        if spot is None or point is None:
            self.query_one("#here", Static).update("")
            return
        near = self.canvas.near
        parts = [str(point.kind)]
        parts += [f"reward {point.reward:.2f}"] if point.reward is not None else []
        parts += [f"{near.index(spot) + 1 if spot in near else 1} of {len(near)} here"] if len(near) > 1 else []
        parts += [more] if more else []
        title = Content.styled(clean(" ".join(point.title.split())), "bold")
        self.query_one("#here", Static).update(Content.assemble(title, "\n", (clean(" · ".join(parts)), "$foreground-muted")))

    # keys

    def action_left(self) -> None:
        self.canvas.move((-1, 0))

    def action_right(self) -> None:
        self.canvas.move((1, 0))

    def action_up(self) -> None:
        self.canvas.move((0, -1))

    def action_down(self) -> None:
        self.canvas.move((0, 1))

    def action_here(self) -> None:
        self.canvas.next_here()

    def action_next(self) -> None:
        self.canvas.next_match(1)

    def action_previous(self) -> None:
        self.canvas.next_match(-1)

    def action_closer(self) -> None:
        self.canvas.zoom(CLOSER)

    def action_farther(self) -> None:
        self.canvas.zoom(1 / CLOSER)

    def action_whole(self) -> None:
        self.canvas.whole()

    def action_colour(self) -> None:
        self.by_reward = not self.by_reward
        self._colour()

    def action_find(self) -> None:
        query = self.query_one(Query)
        query.add_class("-open")
        query.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.canvas.focus()

    async def action_open(self) -> None:
        if self.canvas.here is not None and self.picture is not None:
            await shell(self).open_memory(self.canvas.here.id)


SCREEN = MapScreen
