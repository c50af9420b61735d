"""Every change of the memory, the newest first, with what the marked one changed; each can be taken back and done again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import age, clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.differing import differing, marked, shortened

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.diff import Changed, Diff, FieldChange
    from memento_desktop.memory.history import History
    from memento_desktop.memory.records import Transaction

PAGE, DEEPEST = 200, 20_000
"""Changes read at a time, and how far back at most."""
WIDE = 100
SETTLED = 0.04
"""Seconds that the cursor rests on a change before it is read."""
MOST_CHANGED = 40
"""Memories of one change that are shown."""
LONG = 2000
"""Characters of a field's text."""
WHOSE = (("", "all"), ("owner", "you"), ("assistant", "assistant"), ("import", "imports"), ("pool", "pools"))
EMPTY = """Nothing has been changed yet.

Whatever is remembered, edited, merged, deleted, learnt or imported will stand here, with what it was before,
and can be taken back."""
MARKS = {"new": ("+", "$text-success"), "changed": ("~", "$text-primary"), "removed": ("−", "$text-error")}


def changes(history: History, actor: str, most: int) -> tuple[list[Transaction], bool]:
    """The newest changes of somebody (empty: of all), and whether there are more. In a thread."""
    limit = most + 1
    while True:
        found = history.list(limit)
        kept = [change for change in found if actor in ("", change.actor)]
        if len(kept) > most or len(found) < limit or limit >= DEEPEST:
            return kept[:most], len(kept) > most
        limit *= 5


def line_of(change: Transaction, width: int) -> Content:
    """One change in a line: when, who, what, how many. What was taken back is struck through and has a mark."""
    who = {"owner": "you"}.get(change.actor, change.actor)
    when = f"{age(change.at):>6}"
    many = f"{change.memories:>5}" if change.memories else " " * 5
    room = max(4, width - len(when) - len(many) - 14)
    what = Content(("↶ " if change.undone else "") + clean(" ".join(change.label.split()))).truncate(room, ellipsis=True, pad=True)
    style = "$foreground-disabled strike" if change.undone else ""
    return Content.assemble(
        (when, "$foreground-muted"), (f"  {clean(who):<9.9} ", "$foreground-muted"), what.stylize(style), (many, "$foreground-muted")
    )


def field_of(change: FieldChange) -> Content:
    """One field, before and after, with the words that changed."""
    before, after = shortened(change.before, LONG), shortened(change.after, LONG)
    name = f"  {clean(change.name)}"
    if not before or not after:
        text, style = (after, "$text-success") if after else (before, "$text-error strike")
        return Content.assemble((f"{name}: ", "$foreground-muted"), (clean(text), style))
    old, new = differing(before, after)
    short = max(len(before), len(after)) < 60 and "\n" not in before + after
    return Content.assemble(
        (f"{name}: ", "$foreground-muted"), "" if short else "\n    ", marked(old, "$text-error strike"),
        ("  →  " if short else "\n  → ", "$foreground-muted"), marked(new, "$text-success bold"),
    )  # fmt: skip


def one_of(changed: Changed) -> Content:
    """What happened to one memory or conversation."""
    mark, style = MARKS[changed.what]
    head = Content.assemble((f"{mark} ", style), (clean(changed.title), "bold"), (f"  {changed.kind}", "$foreground-muted"))
    return Content("\n").join([head, *(field_of(field) for field in changed.fields)])


def told(diff: Diff) -> Content:
    """The whole of a change."""
    change = diff.change
    at = datetime.fromisoformat(change.at).astimezone()
    who = {"owner": "you", "assistant": "the assistant", "import": "an import", "pool": "a pool"}.get(change.actor, change.actor)
    state = " · taken back" if change.undone else ""
    parts = [
        Content.assemble(
            (clean(change.label), "bold"),
            "\n",
            (f"{at.day} {at:%B %Y, %H:%M} · {clean(who)}{state} · change {change.id}", "$foreground-muted"),
        )
    ]
    everything = [*diff.memories, *diff.conversations]
    parts += [one_of(changed) for changed in everything[:MOST_CHANGED]]
    if len(everything) > MOST_CHANGED:
        parts.append(Content.styled(f"… and {len(everything) - MOST_CHANGED:,} more", "$foreground-muted"))
    if not everything:
        parts.append(
            Content.styled(
                "Nothing of what it changed is left: it was removed for good, or nothing but a log was written.", "$foreground-muted"
            )
        )
    return Content("\n\n").join(parts)


class HistoryScreen(Screen[None]):
    """The list of changes, and the marked one."""

    BINDINGS = [*commands.bindings("history")]  # noqa: RUF012
    DEFAULT_CSS = """
    HistoryScreen #list > .option-list--option-highlighted { background: $primary 15%; color: $foreground; text-style: none; }
    HistoryScreen #list:focus > .option-list--option-highlighted { background: $primary 35%; color: $foreground; text-style: none; }
    HistoryScreen #head { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    HistoryScreen #body { height: 1fr; layout: vertical; }
    HistoryScreen.-wide #body { layout: horizontal; }
    HistoryScreen #list { height: 2fr; width: 1fr; border: none; padding: 0; background: $background; }
    HistoryScreen #list { scrollbar-size-vertical: 1; overflow-y: scroll; }
    HistoryScreen #diff { height: 3fr; width: 1fr; padding: 0 1; border-top: hkey $surface-lighten-2; scrollbar-size-vertical: 1; }
    HistoryScreen.-wide #list, HistoryScreen.-wide #diff { height: 1fr; }
    HistoryScreen.-wide #diff { border-top: none; border-left: vkey $surface-lighten-2; }
    HistoryScreen #diff:focus { border-top: hkey $primary; }
    HistoryScreen.-wide #diff:focus { border-top: none; border-left: vkey $primary; }
    HistoryScreen #diff Static { height: auto; }
    HistoryScreen #said { height: auto; max-height: 2; padding: 0 1; color: $text-success; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Transaction] | None = None
        """None: still read."""
        self.diff: Diff | None = None
        self.whose = 0
        self._more = False
        self._most = PAGE
        self._busy = False

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        with Container(id="body"):
            yield OptionList(id="list")
            with VerticalScroll(id="diff"):
                yield Static("Reading the changes … Esc leaves", id="told", markup=False)
        yield Static("", id="said")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._begin()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")
        if self.changes:
            self.call_after_refresh(self._draw_list)

    @property
    def options(self) -> OptionList:
        return self.query_one("#list", OptionList)

    @property
    def marked(self) -> Transaction | None:
        """The change under the cursor."""
        at = self.options.highlighted
        return self.changes[at] if self.changes and at is not None and at < len(self.changes) else None

    # reading

    @work(group="begin", exclusive=True)
    async def _begin(self) -> None:
        try:
            await shell(self).desk.ready()
        except MementoError as error:
            shell(self).say_error(error)
            return
        await self.look_again()

    async def look_again(self) -> None:
        """The list anew; the cursor stays on its change."""
        desk, marked = shell(self).desk, self.marked
        if not desk.is_open:
            return
        try:
            self.changes, self._more = await desk.call(changes, desk.assistant.history, WHOSE[self.whose][0], self._most)
        except MementoError as error:
            shell(self).say_error(error)
            return
        numbers = [change.id for change in self.changes]
        self._draw_list(numbers.index(marked.id) if marked and marked.id in numbers else 0)
        self._show()

    @work(group="diff", exclusive=True)
    async def _show(self) -> None:
        """What the marked change did, as soon as the cursor rests."""
        change = self.marked
        if change is None:
            self.diff = None
            nothing = EMPTY if not self.whose else "Nothing of the kind. f shows the others."
            self.query_one("#told", Static).update(Content(nothing))
            return
        await asyncio.sleep(SETTLED)
        desk = shell(self).desk
        waiting = self.set_timer(0.3, lambda: self.query_one("#told", Static).update(f"Reading {change.memories:,} memories …"))
        try:
            from memento_desktop.memory.browsing.diff import Diffs

            diffs = Diffs(desk.assistant.bank)

            def looked() -> tuple[Diff, Content]:
                diff = diffs.of(change.id)
                return diff, told(diff)

            self.diff, content = await desk.call(looked)
        except MementoError as error:
            self.query_one("#told", Static).update(Content(clean(f"{error.message} {error.hint}")))
            return
        finally:
            waiting.stop()
        self.query_one("#told", Static).update(content)
        self.query_one("#diff", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    # drawing

    def _draw_list(self, at: int | None = None) -> None:
        found = self.changes or []
        options = self.options
        place = options.highlighted if at is None else at
        width = max(20, options.scrollable_content_region.width or self.size.width)
        options.set_options([Option(line_of(change, width)) for change in found])
        options.highlighted = min(place or 0, len(found) - 1) if found else None
        self._draw_head()

    def _draw_head(self) -> None:
        names = Content(" · ").join(
            Content.styled(name, "$text-accent bold" if n == self.whose else "$foreground-muted") for n, (_, name) in enumerate(WHOSE)
        )
        found = self.changes or []
        count = f"   {len(found):,}{' and more' if self._more else ''}"
        self.query_one("#head", Static).update(Content.assemble(("Changes", "bold"), "   ", names, (count, "$foreground-muted")))

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(Content(clean(text)))

    # moving

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.diff is None or self.marked is None or self.diff.change.id != self.marked.id:
            self._show()
        if self._more and event.option_index >= len(self.changes or ()) - 3:
            self._most *= 4
            await self.look_again()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_undo_one()

    def action_up(self) -> None:
        self.options.action_cursor_up()

    def action_down(self) -> None:
        self.options.action_cursor_down()

    async def action_whose(self) -> None:
        self.whose, self._most = (self.whose + 1) % len(WHOSE), PAGE
        await self.look_again()

    async def action_open(self) -> None:
        diff = self.diff
        there = next((one for one in diff.memories if one.what != "removed"), None) if diff else None
        if there is None:
            self._say("There is no memory of this change to open.")
            return
        await shell(self).open_memory(there.id)

    # back and forth

    def action_undo_one(self) -> None:
        change = self.marked
        if change is not None:
            self._do("redo" if change.undone else "undo", change.id, change.memories)

    def action_undo(self) -> None:
        self._do("undo", None, 0)

    def action_redo(self) -> None:
        self._do("redo", None, 0)

    @work(group="change")
    async def _do(self, verb: str, number: int | None, many: int) -> None:
        if self._busy:
            return
        self._busy = True
        desk = shell(self).desk
        if many > 100:
            self._say(f"{many:,} memories are put back; this goes on to its end …")
        try:
            history = (await desk.ready()).history
            done = await desk.call(history.undo if verb == "undo" else history.redo, number)
        except MementoError as error:
            self._say("")
            shell(self).say_error(error)
            return
        finally:
            self._busy = False
        self._say(f"{'Taken back' if verb == 'undo' else 'Done again'}: {done.label}")
        await shell(self).changed()


SCREEN = HistoryScreen
