"""The conversation: only the messages near the screen are mounted, and it follows its end only while the reader is there."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message as Posted
from textual.widget import Widget
from textual.widgets import Static

from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.view import TaskView, stopped

_MARKED = re.compile(
    r"[*`~\[\]<>&#|\\]|(?<!\w)_|_(?!\w)|^\s*(?:[-+=>]|\d+[.)]\s)|\n\s*\n|^(?:    |\t)|https?://|www\.|  \n", re.MULTILINE
)  # fmt: skip
LONG, LONG_CHARACTERS = 60, 6000
"""Lines and characters of what the owner wrote that are shown; copying and exporting take all of it."""
MOUNTED, STEP = 30, 10
"""Messages that are mounted at most, and how many come and go at a time."""


@dataclass(eq=False)
class Entry:
    """One message: what the owner wrote, or what was answered, with its task while that is known."""

    role: Literal["user", "assistant"]
    text: str
    case_id: int = 0
    view: TaskView | None = None
    ended: str = ""
    """`stopped`, `interrupted`: how a reply ended that is not whole."""
    note: str = ""
    """What stands below it, dimmed."""
    widget: MessageView | None = field(default=None, repr=False)


class MessageView(Widget):
    """An entry on the screen: as few widgets as it needs, since many of them come and go at once."""

    DEFAULT_CSS = """
    MessageView { layout: grid; grid-size: 2; grid-columns: 9 1fr; grid-rows: auto; height: auto; margin: 0 0 1 0; padding: 0 1 0 0; }
    MessageView { border-left: outer transparent; }
    MessageView.-current { border-left: outer $primary; }
    MessageView .who { padding: 0 0 0 1; color: $text-muted; }
    MessageView .said { height: auto; }
    MessageView Markdown { padding: 0; margin: 0; background: transparent; height: auto; }
    MessageView .below { column-span: 2; margin: 0 0 0 9; height: auto; color: $text-muted; }
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        entry.widget = self

    def compose(self) -> ComposeResult:
        yield Static("you" if self.entry.role == "user" else "memento", classes="who", markup=False)
        yield self._made()
        if said := below(self.entry):
            yield Static(said, classes="below")

    def _made(self) -> Widget:
        if self.entry.role == "user":
            return Static(Content(clean(beginning(self.entry.text))), classes="said")
        if plain(self.entry.text):
            return Static(Content(clean(self.entry.text)), classes="said")
        from memento_desktop.tui.widgets.markdown import SafeMarkdown

        return SafeMarkdown(self.entry.text)

    def on_unmount(self) -> None:
        if self.entry.widget is self:
            self.entry.widget = None

    async def refresh_entry(self) -> None:
        """Shows what the entry says now; what was only added to is only added to."""
        said, line = below(self.entry), self.query(".below")
        if said and not line:
            await self.mount(Static(said, classes="below"))
        for widget in line.results(Static):
            widget.display = bool(said)
            widget.update(said)
        if self.entry.role == "user":
            return
        text, body = self.entry.text, self.parts[1]
        if isinstance(body, Static):
            if plain(text):
                body.update(Content(clean(text)))
                return
            await body.remove()
            await self.mount(self._made(), after=0)
            return
        from memento_desktop.tui.widgets.markdown import SafeMarkdown

        assert isinstance(body, SafeMarkdown)
        await body.say(text, more_comes=self.entry.view is not None and self.entry.view.running)

    @property
    def parts(self) -> list[Widget]:
        """Who said it, what was said, what stands below."""
        return list(self.children)

    async def end_stream(self) -> None:
        """Nothing more comes."""
        body = self.parts[1]
        if not isinstance(body, Static):
            await self.refresh_entry()
            from memento_desktop.tui.widgets.markdown import SafeMarkdown

            assert isinstance(body, SafeMarkdown)
            await body.end()


def plain(text: str) -> bool:
    """Whether a text is the same as Markdown and as it stands, so that a line of text can show it."""
    return not _MARKED.search(text)


def beginning(text: str) -> str:
    """As much of a text as is shown, with how much more there is."""
    shown = "\n".join(text[:LONG_CHARACTERS].splitlines()[:LONG])
    return shown if len(shown) >= len(text.rstrip()) else f"{shown}\n… {len(text) - len(shown):,} more characters"


def below(entry: Entry) -> Content:
    """The dimmed line under a message: what was read, how it ended, what follows."""
    view = entry.view
    parts: list[str | Content] = []
    if view is not None:
        if view.failure:
            parts.append(Content.styled(clean(f"{view.failure} {view.hint}".strip()), "$text-error"))
        for memory_id, where in view.sources:
            parts.append(f"from {clean(where) or f'memory {memory_id}'}")
        parts += [f"note: {clean(text)}" for text in view.notes]
        parts += [Content.styled(clean(f"keep? {text}  (F9 review)"), "$text-accent") for _, text in view.proposals]
        if view.running:
            parts.append(Content.styled(f"{clean(view.phase)} … Esc stops", "$text-primary"))
        elif not view.remembered:
            ended = stopped(view)
            facts = [ended] if ended else []
            facts += [view.used, f"{view.seconds:.1f} s"]
            parts.append(Content.styled(" · ".join(facts), "$text-warning" if ended else ""))
        if view.verdict:
            parts.append(Content.styled(clean(view.verdict), "$text-success"))
    elif entry.ended:
        parts.append(Content.styled(entry.ended, "$text-warning"))
    if entry.note:
        parts.append(clean(entry.note))
    return Content("\n").join(Content(part) if isinstance(part, str) else part for part in parts)


class Conversation(VerticalScroll, can_focus=True):
    """All that was said. `entries` is the whole; a window of it is mounted."""

    BINDINGS = [*commands.bindings("talk")]  # noqa: RUF012
    DEFAULT_CSS = """
    Conversation { height: 1fr; padding: 1 0 0 0; scrollbar-size-vertical: 1; }
    Conversation .empty { color: $text-muted; padding: 1 2; height: auto; }
    """

    class Wanted(Posted):
        """The owner wants something done with an entry; `what` is the command's name."""

        def __init__(self, what: str, entry: Entry) -> None:
            super().__init__()
            self.what, self.entry = what, entry

    class Writing(Posted):
        """Back to the prompt."""

    def __init__(self, hello: Widget | None = None) -> None:
        super().__init__(id="conversation")
        self.entries: list[Entry] = []
        self.first = 0
        """The first entry that is mounted; `last` is the one after the last."""
        self.last = 0
        self.current: int | None = None
        self._hello = hello
        self._changing = asyncio.Lock()
        """Held while messages come and go."""

    def compose(self) -> ComposeResult:
        if self._hello is not None:
            yield self._hello

    def on_mount(self) -> None:
        self.anchor()

    @property
    def at_end(self) -> bool:
        return self.last == len(self.entries) and self.scroll_offset.y >= self.max_scroll_y - 1

    async def show(self, entries: list[Entry], at_end: bool = True) -> None:
        """Another conversation, from its end or its beginning."""
        async with self._changing:
            await self.remove_children()
            self.entries, self.current = entries, None
            self.last = len(entries) if at_end else min(MOUNTED, len(entries))
            self.first = max(0, self.last - MOUNTED)
            if entries:
                await self.mount_all([MessageView(entry) for entry in entries[self.first : self.last]])
            elif self._hello is not None:
                self._hello = type(self._hello)()
                await self.mount(self._hello)
        if at_end:
            self.anchor()
            self.scroll_end(animate=False)
        else:
            self.release_anchor()
            self.scroll_home(animate=False)

    async def add(self, entry: Entry) -> None:
        """One message more, at the end."""
        async with self._changing:
            if self._hello is not None and self._hello.is_attached:
                await self._hello.remove()
            follow, whole = self.at_end or not self.entries, self.last == len(self.entries)
            self.entries.append(entry)
            if whole:
                self.last += 1
                await self.mount(MessageView(entry))
                if follow and self.last - self.first > MOUNTED + STEP:
                    await self._drop_first(self.last - self.first - MOUNTED)
        if follow:
            self.anchor()

    async def changed(self, entry: Entry) -> None:
        if entry.widget is not None and entry.widget.is_mounted:
            await entry.widget.refresh_entry()

    async def jump_to_end(self) -> None:
        """Where it follows what comes."""
        if self.last != len(self.entries):
            await self.show(self.entries)
        self.anchor()
        self.scroll_end(animate=False)

    # the window

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if old_value == new_value:
            return
        if new_value <= 2 and self.first > 0:
            self._earlier()
        elif new_value >= self.max_scroll_y - 2 and self.last < len(self.entries):
            self._later()

    @work(group="window")
    async def _earlier(self) -> None:
        """Mounts earlier messages; what is read stays where it is."""
        async with self._changing:
            if self.first == 0 or self.scroll_offset.y > 2:
                return
            top = self.entries[self.first].widget
            begin = max(0, self.first - STEP)
            await self.mount_all([MessageView(entry) for entry in self.entries[begin : self.first]], before=0)
            self.first = begin
            while self.last - self.first > MOUNTED + 2 * STEP:
                self.last -= 1
                if (widget := self.entries[self.last].widget) is not None:
                    await widget.remove()
            if top is not None:
                self.call_after_refresh(self._stay, top)

    def _stay(self, top: Widget) -> None:
        self.scroll_to_widget(top, animate=False, top=True, force=True)

    @work(group="window")
    async def _later(self) -> None:
        async with self._changing:
            if self.last == len(self.entries) or self.scroll_offset.y < self.max_scroll_y - 2:
                return
            end = min(len(self.entries), self.last + STEP)
            await self.mount_all([MessageView(entry) for entry in self.entries[self.last : end]])
            self.last = end
            if self.last - self.first > MOUNTED + 2 * STEP:
                await self._drop_first(STEP)

    async def _drop_first(self, count: int) -> None:
        for entry in self.entries[self.first : self.first + count]:
            if entry.widget is not None:
                await entry.widget.remove()
        self.first += count

    # reading by keys

    def on_focus(self) -> None:
        if self.entries and self.current is None:
            self._point(len(self.entries) - 1)

    def on_blur(self) -> None:
        self._point(None)

    def _point(self, index: int | None) -> None:
        for n in (self.current, index):
            if n is not None and n < len(self.entries) and (widget := self.entries[n].widget) is not None:
                widget.set_class(n == index, "-current")
        self.current = index
        if index is not None and (widget := self.entries[index].widget) is not None:
            self.scroll_to_widget(widget, animate=False)

    def action_earlier(self) -> None:
        if self.current is not None and self.current > self.first:
            self._point(self.current - 1)
        elif self.first > 0:
            self._earlier()
        else:
            self.scroll_relative(y=-3, animate=False)

    def action_later(self) -> None:
        if self.current is not None and self.current + 1 < self.last:
            self._point(self.current + 1)
        else:
            self.scroll_relative(y=3, animate=False)

    async def action_first(self) -> None:
        await self.show(self.entries, at_end=False)
        self._point(0 if self.entries else None)

    async def action_last(self) -> None:
        await self.jump_to_end()
        self._point(len(self.entries) - 1 if self.entries else None)

    def action_write(self) -> None:
        self.post_message(self.Writing())

    def _want(self, what: str) -> None:
        if self.current is not None:
            self.post_message(self.Wanted(what, self.entries[self.current]))

    def action_good(self) -> None:
        self._want("good")

    def action_bad(self) -> None:
        self._want("bad")

    def action_correct(self) -> None:
        self._want("correct")

    def action_remember(self) -> None:
        self._want("remember")

    def action_why(self) -> None:
        self._want("why")

    def action_copy(self) -> None:
        self._want("copy")

    def action_copy_code(self) -> None:
        self._want("copy-code")
