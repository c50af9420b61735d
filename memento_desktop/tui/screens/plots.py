"""Figures of the bank as plots: cases over time, success with and without memory, what helped most, what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.plots import bar, columns, months, width_of_each

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.statistics import Figures, Statistics, Success, Worth

WEEKS = (26, 52, 13)
MOST = 10
WIDE = 110
MARGIN = 6
"""Cells for the scale at the left of a plot."""
EMPTY = """No task has been worked on yet.

Each task becomes a case. Here you will see how many there were each week, how they went with memory and without it,
and which memories helped most. Ask something first: Esc leads back."""


def scaled(lines: list[str], top: str, bottom: str, style: str) -> Content:
    """A plot with its scale."""
    labels = [top, *[""] * (len(lines) - 2), bottom] if len(lines) > 1 else [top]
    rows = [
        Content.assemble((f"{label:>{MARGIN - 1}} ", "$foreground-muted"), (line, style)) for label, line in zip(labels, lines, strict=True)
    ]
    return Content("\n").join(rows)


def cases_plot(figures: Figures, width: int, height: int) -> Content:
    """Cases per week, as many of the last weeks as there is room for."""
    weeks = figures.weeks[-max(1, width - MARGIN) :]
    each = width_of_each(len(weeks), width - MARGIN)
    most = max((week.cases for week in weeks), default=0)
    plot = scaled(columns([week.cases or None for week in weeks], height, each), str(most), "0", "$text-primary")
    return Content.assemble(plot, "\n", (" " * MARGIN + months([week.start for week in weeks], each), "$foreground-muted"))


def success_plot(figures: Figures, width: int, height: int) -> Content:
    """Share of the tasks that went well, week by week, for those that read a case or a lesson and those that read none."""
    weeks = figures.weeks[-max(1, width - MARGIN) :]
    each = width_of_each(len(weeks), width - MARGIN)
    parts: list[Content] = []
    for name, style, rates, whole in (
        ("with memory", "$text-success", [week.with_memory.rate for week in weeks], figures.tasks_with),
        ("without", "$text-secondary", [week.without_memory.rate for week in weeks], figures.tasks_without),
    ):
        parts.append(Content.assemble(" " * MARGIN, (name, f"{style} bold"), (f"  {said(whole)}", "$foreground-muted")))
        parts.append(scaled(columns(rates, height, each, most=1.0), "100%", "0%", style))
    parts.append(Content.styled(" " * MARGIN + months([week.start for week in weeks], each), "$foreground-muted"))
    return Content("\n").join(parts)


def said(success: Success) -> str:
    """A rate with what it rests on."""
    return "no task with a reward" if success.rate is None else f"{success.rate:.0%} of {success.tasks:,} tasks went well"


def kinds_plot(figures: Figures, width: int) -> Content:
    """Memories in use by kind, and what is not in use."""
    order = sorted(figures.kinds.items(), key=lambda one: -one[1])
    most = order[0][1] if order else 0
    room = max(4, width - 20)
    rows = [
        Content.assemble(f"{kind:<12}", (f"{count:>7,} ", "$foreground-muted"), (bar(count, most, room), "$text-primary"))
        for kind, count in order
    ]
    names = {"proposed": "waiting for you", "archived": "put aside", "superseded": "replaced", "trashed": "in the trash"}
    rest = [f"{figures.statuses[status]:,} {name}" for status, name in names.items() if figures.statuses.get(status)]
    if rest:
        rows.append(Content.styled("besides: " + ", ".join(rest), "$foreground-muted"))
    return Content("\n").join(rows)


def worth_line(one: Worth, most: int, width: int, harmed: bool = False) -> Content:
    """A memory with how often it helped, or harmed, as a bar."""
    count, style = (one.harmed, "$text-error") if harmed else (one.helped, "$text-success")
    room = 10
    numbers = f"{count:>4} of {one.read:<4} "
    title = Content(clean(" ".join(one.memory.title.split()))).truncate(max(8, width - room - len(numbers) - 2), ellipsis=True, pad=True)
    return Content.assemble((bar(count, most, room), style), (f" {numbers}", "$foreground-muted"), title)


class PlotsScreen(Screen[None]):
    """The page of plots."""

    BINDINGS = [*commands.bindings("plots")]  # noqa: RUF012
    DEFAULT_CSS = """
    PlotsScreen OptionList > .option-list--option-highlighted { background: $primary 15%; color: $foreground; text-style: none; }
    PlotsScreen OptionList:focus > .option-list--option-highlighted { background: $primary 35%; color: $foreground; text-style: none; }
    PlotsScreen #head { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    PlotsScreen #all { height: 1fr; scrollbar-size-vertical: 1; }
    PlotsScreen #page { height: auto; layout: vertical; padding: 0 1; }
    PlotsScreen.-wide #page { layout: grid; grid-size: 2; grid-rows: auto; grid-columns: 1fr 1fr; grid-gutter: 0 3; }
    PlotsScreen .part { height: auto; }
    PlotsScreen .title { height: 1; margin: 1 0 0 0; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    PlotsScreen Static { height: auto; }
    PlotsScreen OptionList { height: auto; max-height: 100%; border: none; padding: 0; background: $background; }
    PlotsScreen OptionList:focus { border: none; }
    PlotsScreen #empty { padding: 1 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.figures: Figures | None = None
        self.weeks = WEEKS[0]
        self._statistics: Statistics | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        with VerticalScroll(id="all"):
            yield Static("Counting … Esc leaves", id="empty", markup=False)
            with Container(id="page"):
                for name, title in (("cases", "Cases a week"), ("success", "How tasks went"), ("kinds", "What is remembered")):
                    with Vertical(classes="part", id=f"part-{name}"):
                        yield Static(title, classes="title", markup=False)
                        yield Static("", id=name)
                for name, title in (("helpful", "What helped most: tasks that went well with it"), ("harmful", "What harmed most")):
                    with Vertical(classes="part", id=f"part-{name}"):
                        yield Static(title, classes="title", markup=False)
                        yield OptionList(id=name)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one("#page").display = False
        self._begin()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._draw)

    # reading

    @work(group="begin", exclusive=True)
    async def _begin(self) -> None:
        try:
            assistant = await shell(self).desk.ready()
        except MementoError as error:
            shell(self).say_error(error)
            return
        from memento_desktop.memory.browsing.statistics import Statistics

        self._statistics = Statistics(assistant.bank, assistant.memories)
        await self.look_again()

    async def look_again(self) -> None:
        """All figures anew."""
        if self._statistics is None:
            return
        try:
            self.figures = await shell(self).desk.call(self._statistics.figures, self.weeks, MOST)
        except MementoError as error:
            shell(self).say_error(error)
            return
        self._draw()

    # drawing

    def _draw(self) -> None:
        figures = self.figures
        if figures is None:
            return
        nothing = not figures.kinds and not figures.statuses
        self.query_one("#empty").display = nothing
        self.query_one("#empty", Static).update(Content(EMPTY))
        self.query_one("#page").display = not nothing
        total, cases = sum(figures.kinds.values()), sum(week.cases for week in figures.weeks)
        self.query_one("#head", Static).update(
            Content.assemble(("Plots", "bold"), f" · {total:,} memories in use · {cases:,} cases in {self.weeks} weeks")
        )
        width = max(20, (self.size.width - 4) // 2 - 2 if self.has_class("-wide") else self.size.width - 4)
        tall = 6 if self.size.height >= 30 else 4
        self.query_one("#cases", Static).update(cases_plot(figures, width, tall))
        self.query_one("#success", Static).update(success_plot(figures, width, tall // 2 + 1))
        self.query_one("#kinds", Static).update(kinds_plot(figures, width))
        self._draw_worth("helpful", figures.helpful, width)
        self._draw_worth("harmful", figures.harmful, width)

    def _draw_worth(self, name: str, found: tuple[Worth, ...], width: int) -> None:
        most = max((one.harmed if name == "harmful" else one.helped for one in found), default=0)
        options = self.query_one(f"#{name}", OptionList)
        at = options.highlighted
        options.set_options([Option(worth_line(one, most, width, name == "harmful"), id=str(one.memory.id)) for one in found])
        options.highlighted = min(at or 0, len(found) - 1) if found else None
        self.query_one(f"#part-{name}").display = bool(found)

    # keys

    async def action_weeks(self) -> None:
        self.weeks = WEEKS[(WEEKS.index(self.weeks) + 1) % len(WEEKS)]
        await self.look_again()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await shell(self).open_memory(int(event.option_id or 0))

    async def action_open(self) -> None:
        """With the focus elsewhere: the most helpful one, or what is marked there."""
        options = self.focused if isinstance(self.focused, OptionList) else self.query_one("#helpful", OptionList)
        chosen = options.highlighted_option
        if chosen is not None:
            await shell(self).open_memory(int(chosen.id or 0))


SCREEN = PlotsScreen
