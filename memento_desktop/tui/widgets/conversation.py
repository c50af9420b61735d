"""The conversation: only the messages near the screen are mounted, and it follows its end only while the reader is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message as Posted
from textual.widget import Widget
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.view import TaskView, stopped

MOUNTED, STEP = 40, 15
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


class SafeMarkdown(Markdown):
    """Markdown of untrusted text: nothing in it can be opened by accident or run."""

    def __init__(self, text: str = "") -> None:
        super().__init__(clean(text), open_links=False)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        shell(self).copy_to_clipboard(event.href)
        self.notify(f"The address is copied, not opened: {clean(event.href)}", markup=False)


class MessageView(Vertical):
    """An entry on the screen."""

    DEFAULT_CSS = """
    MessageView { height: auto; padding: 0 1 0 0; margin: 0 0 1 0; border-left: outer transparent; }
    MessageView.-current { border-left: outer $primary; }
    MessageView .who { width: 9; padding: 0 0 0 1; color: $text-muted; }
    MessageView Horizontal { height: auto; }
    MessageView .said { width: 1fr; height: auto; }
    MessageView Markdown { width: 1fr; padding: 0; margin: 0; background: transparent; }
    MessageView Markdown > *:last-child { margin-bottom: 0; }
    MessageView .below { margin: 0 0 0 9; height: auto; color: $text-muted; }
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        entry.widget = self
        self._stream: MarkdownStream | None = None
        self._written = entry.text

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("you" if self.entry.role == "user" else "memento", classes="who", markup=False)
            if self.entry.role == "user":
                yield Static(Content(clean(self.entry.text)), classes="said")
            else:
                yield SafeMarkdown(self.entry.text)
        yield Static("", classes="below")

    def on_mount(self) -> None:
        self._say_below()

    def _say_below(self) -> None:
        said = below(self.entry)
        line = self.query_one(".below", Static)
        line.display = bool(said)
        line.update(said)

    def on_unmount(self) -> None:
        self.entry.widget = None

    async def refresh_entry(self) -> None:
        """Shows what the entry says now; what was only added to is only added to."""
        self._say_below()
        text = self.entry.text
        if self.entry.role == "user" or text == self._written:
            return
        body = self.query_one(SafeMarkdown)
        if text.startswith(self._written) and self.entry.view is not None and self.entry.view.running:
            if self._stream is None:
                self._stream = Markdown.get_stream(body)
            await self._stream.write(clean(text[len(self._written) :]))
        else:
            await self.end_stream()
            await body.update(clean(text))
        self._written = text

    async def end_stream(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()


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
        self._moving = False

    def compose(self) -> ComposeResult:
        if self._hello is not None:
            yield self._hello

    def on_mount(self) -> None:
        self.anchor()

    @property
    def at_end(self) -> bool:
        return self.last == len(self.entries) and self.scroll_offset.y >= self.max_scroll_y - 1

    async def show(self, entries: list[Entry]) -> None:
        """Another conversation, from its end."""
        await self.remove_children()
        self.entries, self.current = entries, None
        self.last = len(entries)
        self.first = max(0, self.last - MOUNTED)
        if entries:
            await self.mount_all([MessageView(entry) for entry in entries[self.first : self.last]])
        elif self._hello is not None:
            self._hello = type(self._hello)()
            await self.mount(self._hello)
        self.anchor()
        self.scroll_end(animate=False)

    async def add(self, entry: Entry) -> None:
        """One message more, at the end."""
        if self._hello is not None and self._hello.is_attached:
            await self._hello.remove()
        follow, whole = self.at_end or not self.entries, self.last == len(self.entries)
        self.entries.append(entry)
        if whole:
            self.last += 1  # first: else scrolling would find a message to mount
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
        if self._moving or old_value == new_value:
            return
        if new_value <= 2 and self.first > 0:
            self._earlier()
        elif new_value >= self.max_scroll_y - 2 and self.last < len(self.entries):
            self._later()

    @work(exclusive=True, group="window")
    async def _earlier(self) -> None:
        """Mounts earlier messages; what is read stays where it is."""
        self._moving = True
        try:
            top = self.entries[self.first].widget
            begin = max(0, self.first - STEP)
            new = [MessageView(entry) for entry in self.entries[begin : self.first]]
            await self.mount_all(new, before=0)
            self.first = begin
            if top is not None:
                self.call_after_refresh(self._stay, top)
            while self.last - self.first > MOUNTED + 2 * STEP:
                self.last -= 1
                if (widget := self.entries[self.last].widget) is not None:
                    await widget.remove()
        finally:
            self.call_after_refresh(self._settled)

    def _stay(self, top: Widget) -> None:
        self.scroll_to(y=top.virtual_region.y, animate=False, force=True)

    def _settled(self) -> None:
        self._moving = False

    @work(exclusive=True, group="window")
    async def _later(self) -> None:
        self._moving = True
        try:
            end = min(len(self.entries), self.last + STEP)
            await self.mount_all([MessageView(entry) for entry in self.entries[self.last : end]])
            self.last = end
            if self.last - self.first > MOUNTED + 2 * STEP:
                await self._drop_first(STEP)
        finally:
            self.call_after_refresh(self._settled)

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
        else:
            self.scroll_relative(y=-3, animate=False)

    def action_later(self) -> None:
        if self.current is not None and self.current + 1 < self.last:
            self._point(self.current + 1)
        else:
            self.scroll_relative(y=3, animate=False)

    async def action_first(self) -> None:
        if self.first > 0:
            await self.remove_children()
            self.first, self.last = 0, min(MOUNTED, len(self.entries))
            await self.mount_all([MessageView(entry) for entry in self.entries[: self.last]])
        self.scroll_home(animate=False)
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
