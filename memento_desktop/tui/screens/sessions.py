"""Past conversations: found by title, words and meaning, gone on with, renamed, put into the trash, written to a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from memento_desktop.errors import MementoError
from memento_desktop.plain import age, clean, day
from memento_desktop.tui import commands
from memento_desktop.tui.screens.sheets import AskSheet, LineSheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.listing import Column, Listing, Row, one_line
from memento_desktop.tui.widgets.search import SearchLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memento_desktop.memory.conversations.finding import Finder, Found
    from memento_desktop.memory.conversations.talks import Conversations, Message, Session
    from memento_desktop.tui.desk import Desk

PAGE = 200
"""Conversations that are listed at first, and more each time that the last one is reached."""
WIDE = 100
"""Columns from which the marked one is shown beside the list."""
SHOWN, LONGEST = 6, 700
"""Messages of the preview, and characters of each."""
WHO = {"user": "you", "assistant": "memento"}
COLUMNS = (
    Column("title", title="conversation"), Column("origin", 10, room=50, title="from"),
    Column("count", 8, right=True, room=60, title="messages"), Column("age", 7, right=True, title="age"),
)  # fmt: skip
NONE_YET = "No conversation was held yet. Esc goes back: what you ask there begins one."


class SessionsScreen(Screen[None]):
    """All conversations, or the trash of them."""

    BINDINGS = [*commands.bindings("sessions")]  # noqa: RUF012
    DEFAULT_CSS = """
    SessionsScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    SessionsScreen #preview { width: 45%; padding: 0 2; border-left: vkey $surface-lighten-2; display: none; }
    SessionsScreen.-wide #preview { display: block; }
    SessionsScreen #preview Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.trash = False
        self.found: dict[str, Found] = {}
        self.answered: tuple[str, bool, int] | None = None
        """The query, place and limit that the list shows."""
        self._limit = PAGE
        self._total, self._trashed = 0, 0
        self._stale = self._looking = False

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield SearchLine("Find by title, or by what was said", "#list")
        with Horizontal():
            yield Listing(COLUMNS, id="list", empty="Opening the memory …")
            with VerticalScroll(id="preview", can_focus=False):
                yield Static("", id="shown")
        yield Footer(show_command_palette=False, compact=True)

    @property
    def desk(self) -> Desk:
        return shell(self).desk

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    @property
    def query_text(self) -> str:
        return self.query_one(SearchLine).value.strip()

    def on_mount(self) -> None:
        self.on_resize()
        self.listing.focus()
        self._look()

    def on_resize(self) -> None:
        wide = self.size.width >= WIDE
        if wide != self.has_class("-wide"):
            self.set_class(wide, "-wide")
            self._preview()

    async def look_again(self) -> None:
        """The memory changed."""
        self._stale = True
        self._look()

    async def _talks(self) -> Conversations:
        return (await self.desk.ready()).personal.conversations

    # the list

    def on_input_changed(self) -> None:
        self._limit = PAGE
        self._look()

    def _look(self) -> None:
        """Searches for what is asked now; while a search runs, the next one waits for its end and takes the newest words."""
        if not self._looking:
            self._search()

    @work(group="search")
    async def _search(self) -> None:
        from memento_desktop.memory.conversations.finding import Finder

        self._looking = True
        try:
            assistant = await self.desk.ready()
            finder = Finder(assistant.personal.conversations, assistant.personal.said)
            while self._stale or self.answered != (self.query_text, self.trash, self._limit):
                self._stale, asked = False, (self.query_text, self.trash, self._limit)
                self._draw(asked, await self.desk.call(finder.find, asked[0], asked[2], asked[1]))
                await self._count()
                await self._by_meaning(finder, asked)
        except MementoError as error:
            self.listing.empty = one_line(error.message)
            self.listing.show([])
            shell(self).say_error(error)
        finally:
            self._looking = False

    async def _by_meaning(self, finder: Finder, asked: tuple[str, bool, int]) -> None:
        """The same search with the query's vector, if the embedder has it soon and nothing else was typed meanwhile."""
        query, trash, limit = asked
        if not query or trash:
            return
        vectors, number, _ = await self.desk.assistant.embed([query])
        if vectors and (self.query_text, self.trash, self._limit) == asked:
            self._draw(asked, await self.desk.call(finder.find, query, limit, vector=vectors[0], embedder=number))

    async def _count(self) -> None:
        talks = await self._talks()
        self._total, self._trashed = await self.desk.call(talks.count), await self.desk.call(talks.count, True)
        self._say()

    def _draw(self, asked: tuple[str, bool, int], found: Sequence[Found]) -> None:
        self.found = {str(one.session.id): one for one in found}
        self.listing.empty = "No conversation holds that." if asked[0] else "The trash is empty." if asked[1] else NONE_YET
        searched = asked[0] != (self.answered or ("",))[0]
        self.answered = asked
        self.listing.show([self._row(one) for one in found], str(found[0].session.id) if found and searched else None)

    def _row(self, found: Found) -> Row:
        session = found.session
        below = f"{WHO[found.role]}: {_around(found.text, self.query_text)}" if found.message_id is not None else ""
        cells = {
            "title": session.title, "origin": "" if session.origin == "memento" else session.origin,
            "count": f"{session.messages:,}", "age": age(session.last_at),
        }  # fmt: skip
        return Row(str(session.id), cells, below, "accent" if session.id == self.desk.session else "")

    def _say(self) -> None:
        where = "Trash of conversations" if self.trash else "Conversations"
        count = self._trashed if self.trash else self._total
        said = f"{len(self.found):,} of {count:,}" if self.query_text or len(self.found) < count else f"{count:,}"
        trashed = f" · {self._trashed:,} in the trash" if self._trashed and not self.trash else ""
        self.query_one("#head", Static).update(Content.assemble((where, "bold"), f"  {said}{trashed}"))

    # the marked one

    @property
    def session(self) -> Session | None:
        row = self.listing.marked
        return self.found[row.key].session if row is not None and row.key in self.found else None

    def on_listing_marked(self, event: Listing.Marked) -> None:
        self.refresh_bindings()
        self._preview()
        if event.row is not None and self.listing.at == len(self.found) - 1 == self._limit - 1:
            self._limit += PAGE
            self._look()

    @work(exclusive=True, group="preview")
    async def _preview(self) -> None:
        shown, session = self.query_one("#shown", Static), self.session
        if not self.has_class("-wide"):
            return
        if session is None:
            shown.update("")
            return
        found = self.found[str(session.id)]
        try:
            talks = await self._talks()
            messages = await self.desk.call(talks.page, session.id, found.n + 3 if found.n else None, SHOWN)
        except MementoError as error:  # another program removed it meanwhile
            shown.update(Content(clean(error.message)))
            return
        shown.update(preview(session, messages, self.query_text, found.n))
        self.query_one("#preview").scroll_home(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        if action in ("restore", "purge"):
            return self.trash
        return not (self.trash and action in ("delete", "resume", "rename"))

    # what can be done

    @on(Listing.Chosen)
    async def _clicked(self) -> None:
        await (self.action_read() if self.trash else self.action_resume())

    async def action_resume(self) -> None:
        session, work = self.session, shell(self).work_screen
        if session is None:
            return
        try:
            talks = await self._talks()
            await self.desk.call(talks.resumable, session.id)
        except MementoError as error:
            self.notify(f"{error.message} It is open to read.", markup=False)
            await self.action_read()
            return
        if work.busy:
            self.notify("A task is running. Esc in the conversation stops it.", severity="warning")
        elif self.desk.temporary:
            self.notify("This session is temporary: nothing would be kept. T ends that.", severity="warning")
        else:
            await work.resume(session.id)
            self._back()

    def _back(self) -> None:
        """To the conversation, whatever is open."""
        app = shell(self)
        for _ in range(len(app.screen_stack) - 1):
            app.pop_screen()

    async def action_read(self) -> None:
        from memento_desktop.tui.screens.reading import ReadingScreen

        if (session := self.session) is not None:
            await shell(self).push_screen(ReadingScreen(session, self.found[str(session.id)].n))

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    def action_trash(self) -> None:
        self.trash = not self.trash
        self.listing.focus()
        self.refresh_bindings()
        self._look()

    @work
    async def action_rename(self) -> None:
        if (session := self.session) is None:
            return
        title = await shell(self).push_screen_wait(LineSheet("Rename this conversation", "", session.title))
        if title and title != session.title:
            await self._change("rename", session.id, title, said="Renamed")

    async def action_delete(self) -> None:
        if (session := self.session) is None:
            return
        app = shell(self)
        going_on = self.desk.session == session.id
        if going_on and app.work_screen.busy:
            self.notify("A task is running in it. Esc in the conversation stops it.", severity="warning")
            return
        if await self._change("trash", session.id, said="In the trash") and going_on:
            app.action_new_session()

    async def action_restore(self) -> None:
        if (session := self.session) is not None:
            await self._change("restore", session.id, said="Back again")

    async def _change(self, verb: str, *args: Any, said: str) -> bool:
        try:
            talks = await self._talks()
            session = await self.desk.call(getattr(talks, verb), *args)
        except MementoError as error:
            shell(self).say_error(error)
            return False
        self.notify(f"{said}: {one_line(session.title)}\nu takes it back", markup=False)
        await shell(self).changed()
        return True

    @work
    async def action_purge(self) -> None:
        if (session := self.session) is None:
            return
        try:
            talks = await self._talks()
            drawn = await self.desk.call(talks.drawn, session.id)
            lines = [session.title, f"{session.messages:,} messages. This cannot be undone."]
            lines += [f"{len(drawn)} memories were drawn from it: they stay, with the words they rest on."] if drawn else []
            text = "\n".join([*lines, "Older copies of the memory may still hold it."])
            if await shell(self).push_screen_wait(AskSheet("Remove this conversation for good?", text)):
                await self.desk.call(talks.purge, session.id)
                self.notify("Removed for good.")
        except MementoError as error:
            shell(self).say_error(error)
        await shell(self).changed()

    @work
    async def action_export(self) -> None:
        if (session := self.session) is None:
            return
        hint = "A name that ends in .json gives JSON, any other Markdown."
        name = await shell(self).push_screen_wait(LineSheet("Write this conversation to", hint, str(proposed(session))))
        if not name:
            return
        from memento_desktop.memory.conversations.transcript import export

        to, talks = _absolute(name), await self._talks()
        there = await self.desk.call(to.is_file)
        if there and not await shell(self).push_screen_wait(AskSheet("It is there already. Write over it?", str(to))):
            return
        try:
            written = await self.desk.call(export, talks, session.id, to, force=there)
        except MementoError as error:
            shell(self).say_error(error)
            return
        self.notify(f"Written: {written}", markup=False)

    def action_new(self) -> None:
        shell(self).action_new_session()
        self._back()

    def action_temporary(self) -> None:
        shell(self).action_temporary()
        self._back()

    async def action_undo(self) -> None:
        await shell(self).action_undo()

    async def action_redo(self) -> None:
        await shell(self).action_redo()


def _around(text: str, query: str, width: int = 160) -> str:
    """As much of a message as fits a line, with what was asked for in it."""
    line = " ".join(text.split())
    places = [line.lower().find(word) for word in (query.lower(), *query.lower().split())]
    at = next((place for place in places if place >= 0), 0)
    start = max(0, at - width // 4)
    return f"{'… ' if start else ''}{line[start : start + width]}"


def preview(session: Session, messages: Sequence[Message], query: str, found: int) -> Content:
    """What was said last, or around what was found."""
    held = "" if session.origin == "memento" else f" · from {session.origin}, to read only"
    about = f"{session.messages:,} messages · begun {day(session.started_at)} · number {session.id}{held}"
    parts = [Content.styled(one_line(session.title), "bold"), Content.styled(clean(about), "$foreground-muted"), Content("")]
    if messages and messages[0].n > 1:
        parts.append(Content.styled(f"… {messages[0].n - 1:,} earlier", "$foreground-muted"))
    for message in messages:
        state = f" · {message.state}" if message.state else ""
        parts.append(Content.styled(clean(f"{WHO[message.role]}{state}"), "$text-accent" if message.n == found else "$foreground-muted"))
        text = clean(message.text.strip())
        said = Content(text if len(text) <= LONGEST else f"{text[:LONGEST]} …")
        if words := [re.escape(word) for word in query.split() if len(word) > 1]:
            said = said.highlight_regex(re.compile("|".join(words), re.IGNORECASE), style="$text-accent bold")
        parts += [said, Content("")]
    return Content("\n").join(parts)


def _absolute(name: str) -> Path:
    return Path(name).expanduser().absolute()


def proposed(session: Session) -> Path:
    """A file's name for a conversation, in the folder that the app was started in."""
    words = re.sub(r"[^\w-]+", "-", one_line(session.title).lower(), flags=re.UNICODE).strip("-")
    return Path.cwd() / f"{words[:50].strip('-') or 'conversation'}-{session.id}.md"


SCREEN = SessionsScreen
