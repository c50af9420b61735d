"""A conversation to read: whole, with what can be copied from it. Nothing is added to it from here."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean, day
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.conversation import MOUNTED, Conversation, Entry, MessageView

if TYPE_CHECKING:
    from memento_desktop.memory.conversations.talks import Session

_CODE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)


class Read(Conversation):
    """A conversation that can be opened in its middle."""

    DEFAULT_CSS = "Read { height: 1fr; }"

    async def show_at(self, at: int) -> None:
        """Marks one message, with those around it."""
        if not self.first <= at < self.last:
            await self.remove_children()
            self.first = max(0, min(at - MOUNTED // 4, len(self.entries) - MOUNTED))
            self.last = min(len(self.entries), self.first + MOUNTED)
            await self.mount_all([MessageView(entry) for entry in self.entries[self.first : self.last]])
        self.call_after_refresh(self._point, at)


class ReadingScreen(Screen[None]):
    """One conversation. `at`: the message (from 1) to begin with; 0: the end."""

    DEFAULT_CSS = "ReadingScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, session: Session, at: int = 0) -> None:
        super().__init__()
        self.session, self._at = session, at

    def compose(self) -> ComposeResult:
        session = self.session
        held = "" if session.origin == "memento" else f" · from {session.origin}"
        about = f"  to read · {day(session.started_at)}{held}{' · in the trash' if session.trashed else ''} · Esc goes back"
        yield Static(Content.assemble((" ".join(clean(session.title).split()), "bold"), (clean(about), "$foreground-muted")), id="head")
        yield Read(Static(Content("Nothing was said in it."), classes="empty"))
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        talk = self.query_one(Read)
        desk = shell(self).desk
        try:
            messages = await desk.call((await desk.ready()).personal.conversations.messages, self.session.id)
        except MementoError as error:
            shell(self).say_error(error)
            return
        entries = [Entry(m.role, m.text, m.case_id or 0, ended=m.state) for m in messages]
        if entries:
            await talk.show(entries)
        talk.focus()
        if self._at and self._at <= len(entries):
            self.call_after_refresh(self._show, self._at - 1)

    async def _show(self, at: int) -> None:
        await self.query_one(Read).show_at(at)

    def on_conversation_writing(self) -> None:
        self.notify("This is open to read. Esc, then Enter goes on with a conversation of your own.")

    async def on_conversation_wanted(self, event: Conversation.Wanted) -> None:
        event.stop()
        match event.what:
            case "copy" | "copy-code":
                text = event.entry.text if event.what == "copy" else "\n".join(_CODE.findall(event.entry.text))
                text = self.get_selected_text() or text
                if text:
                    shell(self).copy_to_clipboard(text)
                self.notify(f"Copied: {len(text):,} characters." if text else "There is no code in it.")
            case "why" if event.entry.case_id:
                sheet: Any = importlib.import_module("memento_desktop.tui.screens.why").WhySheet
                await shell(self).push_screen(sheet(event.entry.case_id))
            case _:
                self.notify("This is open to read: go on with it first.", severity="warning")
