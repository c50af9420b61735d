"""One memory, whole: what it says, where it came from, what it is linked with, when it was read and what came of it, how it changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.curating import Curating
from memento_desktop.tui.shelf import shelf
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.detail import credit_of, history_of, link_line, sources_of, standing, text_of, use_line
from memento_desktop.tui.widgets.memory_rows import one_line

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.detail import Detail


class Ways(OptionList):
    """Lines that lead to other memories."""

    DEFAULT_CSS = """
    Ways { border: none; background: transparent; padding: 0; height: auto; max-height: 16; scrollbar-size-vertical: 1; }
    Ways:focus { border: none; background-tint: $foreground 0%; }
    Ways > .option-list--option-highlighted { background: transparent; color: $foreground; text-style: none; }
    Ways:focus > .option-list--option-highlighted { background: $primary 30%; color: $foreground; text-style: none; }
    """


class MemoryScreen(Curating):
    """The page of one memory. Links are followed with Enter; Esc goes the way back, and at its end to the list."""

    BINDINGS = [*commands.bindings("detail")]  # noqa: RUF012
    DEFAULT_CSS = """
    MemoryScreen #head { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    MemoryScreen #page { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    MemoryScreen #page Static { height: auto; }
    MemoryScreen .title { color: $text-muted; text-style: bold; margin: 1 0 0 0; }
    MemoryScreen #credit { margin: 1 0 0 0; }
    MemoryScreen .none { display: none; }
    """

    def __init__(self, memory_id: int) -> None:
        super().__init__()
        self.way = [memory_id]
        """The memories that led here; the last one is shown."""
        self.detail: Detail | None = None

    @property
    def memory_id(self) -> int:
        return self.way[-1]

    def compose(self) -> ComposeResult:
        yield Static("opening …", id="head", markup=False)
        with VerticalScroll(id="page"):
            yield Static("", id="text")
            yield Static("", id="credit")
            for part in ("links", "from", "changes", "readings"):
                yield Static(part, id=f"{part}-title", classes="title")
                yield Ways(id=part) if part in ("links", "readings") else Static("", id=part)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one("#page").focus()
        self._load()

    async def look_again(self) -> None:
        self._load()

    async def targets(self) -> Sequence[int]:
        return [self.memory_id]

    @work(exclusive=True, group="detail")
    async def _load(self, top: bool = False) -> None:
        """`top`: another memory than before, read from its beginning."""
        memory_id = self.memory_id
        try:
            detail = await shell(self).desk.call((await shelf(shell(self).desk)).details.of, memory_id)
        except MementoError as error:
            if self.detail is None or self.detail.memory.id != memory_id:
                shell(self).say_error(error)
            else:
                self.notify("It is gone.")
            self._gone(memory_id)
            return
        self.detail = detail
        self._draw(detail)
        if top:
            page = self.query_one("#page", VerticalScroll)
            page.scroll_home(animate=False)
            page.focus()

    def _gone(self, memory_id: int) -> None:
        """A memory that is there no more: back to where one came from."""
        self.way = [one for one in self.way if one != memory_id]
        if self.way:
            self._load(top=True)
        elif self.is_current:
            shell(self).action_leave()
        else:
            self.way = [memory_id]

    def _draw(self, detail: Detail) -> None:
        back = Content.styled(f"  ← {len(self.way) - 1}", "$foreground-muted") if len(self.way) > 1 else Content("")
        head = Content.assemble((one_line(detail.memory.title), "bold"), back, "\n", standing(detail.memory))
        self.query_one("#head", Static).update(head)
        self.query_one("#text", Static).update(text_of(detail))
        self.query_one("#credit", Static).update(credit_of(detail, 40))
        self._lines("links", [(link_line(link), str(link.id)) for link in detail.links])
        self._part("from", sources_of(detail))
        self._lines("readings", [(use_line(use), str(use.task_case or "")) for use in detail.uses])
        self._part("changes", history_of(detail))

    def _part(self, name: str, text: Content) -> None:
        self.query_one(f"#{name}", Static).update(text)
        for part in (name, f"{name}-title"):
            self.query_one(f"#{part}").set_class(not text.plain, "none")

    def _lines(self, name: str, lines: Sequence[tuple[Content, str]]) -> None:
        ways = self.query_one(f"#{name}", Ways)
        at = ways.highlighted
        ways.clear_options()
        ways.add_options([Option(text, id=f"{n}:{to}") for n, (text, to) in enumerate(lines)])
        ways.highlighted = min(at, len(lines) - 1) if at is not None and lines else None
        for part in (name, f"{name}-title"):
            self.query_one(f"#{part}").set_class(not lines, "none")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        to = (event.option.id or "").partition(":")[2]
        if not to:
            self.notify("That task is not kept.")
        elif int(to) != self.memory_id:
            self.way.append(int(to))
            self._load(top=True)

    def action_back(self) -> None:
        if len(self.way) > 1:
            self.way.pop()
            self._load(top=True)
        else:
            shell(self).action_leave()

    def action_why(self) -> None:
        from memento_desktop.tui.screens.why import WhySheet

        if self.detail is None or self.detail.case is None:
            self.notify(clean("Only a case has read other memories."), severity="warning")
            return
        shell(self).push_screen(WhySheet(self.memory_id))
