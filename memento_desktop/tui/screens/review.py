"""What waits for the owner's decision: one question at a time as a card, at most ten in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean, day
from memento_desktop.tui import commands
from memento_desktop.tui.screens.sheets import TextSheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.differing import marked
from memento_desktop.tui.widgets.question import EMPTY, NAMES, Card, card_of, choices, question, without_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from memento_desktop.memory.curation.decisions import Batch, Decisions, Key
    from memento_desktop.memory.curation.review import Item
    from memento_desktop.memory.records import Memory

AT_A_TIME = 10
BESIDE, ROOM = 112, 72
"""Columns from which the two texts of a pair stand side by side, and below which the list makes room for the card."""
LOW = 16
"""Lines below which the choices stand in one line."""


class ReviewScreen(Screen[None]):
    """The review queue."""

    BINDINGS = [*commands.bindings("review")]  # noqa: RUF012
    DEFAULT_CSS = """
    ReviewScreen #list > .option-list--option-highlighted { background: $primary 15%; color: $foreground; text-style: none; }
    ReviewScreen #list:focus > .option-list--option-highlighted { background: $primary 35%; color: $foreground; text-style: none; }
    ReviewScreen #head { dock: top; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    ReviewScreen #body { height: 1fr; }
    ReviewScreen #list { width: 30; height: 1fr; border: none; padding: 0; background: $background; border-right: vkey $surface-lighten-2; }
    ReviewScreen #list:focus { border: none; border-right: vkey $primary; }
    ReviewScreen.-narrow #list { display: none; }
    ReviewScreen #card { padding: 1 2 0 2; height: 1fr; scrollbar-size-vertical: 1; }
    ReviewScreen #card Static { height: auto; }
    ReviewScreen #question { text-style: bold; margin: 0 0 1 0; }
    ReviewScreen #pair { height: auto; layout: vertical; }
    ReviewScreen.-beside #pair { layout: horizontal; }
    ReviewScreen .text { background: $surface; padding: 0 1; margin: 0 0 1 0; width: 1fr; }
    ReviewScreen.-beside .text { margin: 0 1 1 0; }
    ReviewScreen #from { color: $foreground-muted; }
    ReviewScreen #choices { padding: 1 2 0 2; height: auto; }
    ReviewScreen.-low #choices { padding: 0 1; }
    ReviewScreen.-low #card { padding: 0 1; }
    ReviewScreen.-low #question, ReviewScreen.-low .text { margin: 0; }
    ReviewScreen #said { height: auto; max-height: 2; padding: 0 2; color: $text-success; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.queue: Batch | None = None
        """None: still looked for."""
        self.at = 0
        self.card: Card | None = None
        self._later: list[Key] = []
        self._decisions: Decisions | None = None
        self._deciding = False

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        with Horizontal(id="body"):
            yield OptionList(id="list")
            with Vertical():
                with VerticalScroll(id="card"):
                    yield Static("Looking for what waits for you … Esc leaves", id="question", markup=False)
                    with Container(id="pair"):
                        yield Static("", id="first", classes="text")
                        yield Static("", id="second", classes="text")
                    yield Static("", id="from")
                yield Static("", id="choices")
                yield Static("", id="said")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        for name in ("first", "second"):
            self.query_one(f"#{name}").display = False
        self._begin()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= BESIDE, "-beside")
        self.set_class(self.size.width < ROOM, "-narrow")
        self.set_class(self.size.height < LOW, "-low")
        if self.card is not None:
            self._draw_list()
            self.query_one("#choices", Static).update(self._choices(self.card.item))

    @property
    def item(self) -> Item | None:
        items = self.queue.items if self.queue else ()
        return items[self.at] if self.at < len(items) else None

    # reading

    @work(group="begin", exclusive=True)
    async def _begin(self) -> None:
        try:
            assistant = await shell(self).desk.ready()
        except MementoError as error:
            shell(self).say_error(error)
            return
        from memento_desktop.memory.curation.decisions import Decisions

        self._decisions = Decisions(assistant.personal.review, assistant.history)
        await self.look_again()

    async def look_again(self) -> None:
        """The queue anew; the cursor stays on its question."""
        await self._read(self._key(self.item))

    async def _read(self, wanted: Key | None) -> None:
        if self._decisions is None:
            return
        desk = shell(self).desk
        try:
            self.queue = await desk.call(self._decisions.waiting, tuple(self._later), AT_A_TIME)
        except MementoError as error:
            shell(self).say_error(error)
            return
        items = self.queue.items
        keys = [self._key(item) for item in items]
        self.at = keys.index(wanted) if wanted in keys else min(self.at, max(0, len(items) - 1))
        self._draw_list()
        await self._show()

    @staticmethod
    def _key(item: Item | None) -> Key | None:
        return (item.what, item.memory.id, item.other.id if item.other else 0) if item else None

    async def _show(self) -> None:
        """The card of the question under the cursor."""
        item = self.item
        try:
            self.card = await shell(self).desk.call(card_of, shell(self).desk.assistant, item) if item else None
        except MementoError as error:
            shell(self).say_error(error)
            self.card = None
        if self._key(item) == self._key(self.item):  # the cursor may have gone on meanwhile
            self._draw_card()

    # drawing

    def _draw_list(self) -> None:
        batch = self.queue
        count = len(batch.items) if batch else 0
        later = sum(self._key(item) in self._later for item in batch.items) if batch else 0
        said = "nothing waits" if not count else f"{self.at + 1} of {count}{', and more behind them' if batch and batch.more else ''}"
        self.query_one("#head", Static).update(Content.assemble(("Review", "bold"), " · ", said, f" · {later} for later" if later else ""))
        options = self.query_one("#list", OptionList)
        options.set_options([Option(self._row(item)) for item in (batch.items if batch else ())])
        options.highlighted = self.at if count else None
        options.styles.display = "block" if count and not self.has_class("-narrow") else "none"

    def _row(self, item: Item) -> Content:
        style = "$foreground-muted" if self._key(item) in self._later else "$text-accent"
        title = clean(" ".join(item.memory.title.split()))[:60]
        return Content.assemble((f"{NAMES[item.what]:<10}", style), title).truncate(28, ellipsis=True, pad=True)

    def _draw_card(self) -> None:
        card, second = self.card, self.query_one("#second", Static)
        first, said = self.query_one("#first", Static), self.query_one("#question", Static)
        first.display, second.display = card is not None, bool(card and card.second)
        self.refresh_bindings()
        if card is None:
            said.update(Content(EMPTY) if self.queue is not None and not self.queue.items else "")
            said.styles.text_style = "none"
            self.query_one("#from", Static).update("")
            self.query_one("#choices", Static).update("")
            return
        said.styles.text_style = "bold"
        said.update(Content(question(card.item)))
        one, two = (marked(pieces, "bold underline") for pieces in card.texts)
        first.update(self._side("1", one, card.first) if card.second else one)
        if card.second is not None:
            second.update(self._side("2", two, card.second))
        self.query_one("#from", Static).update(self._from(card))
        self.query_one("#choices", Static).update(self._choices(card.item))
        self.query_one("#card", VerticalScroll).scroll_home(animate=False)

    @staticmethod
    def _side(key: str, text: Content, memory: Memory) -> Content:
        """One of a pair."""
        used = f" · read {memory.read} times, helped {memory.helpful}" if memory.read else ""
        noted = f"\n   noted {day(memory.recorded_at)}{', edited by you' if memory.user_edited else ''}{used}"
        return Content.assemble((f"{key}  ", "$text-primary bold"), text, (noted, "$foreground-muted"))

    def _from(self, card: Card) -> Content:
        item = card.item
        lines = [
            Content(clean(where)) if not quote else Content(clean(f"“{quote}”  {where}")) for quote, where in card.quotes if quote or where
        ]
        if item.other is None or item.what == "proposed":
            reason = clean(without_numbers(item.reason))
            lines.insert(0, Content(reason[:1].upper() + reason[1:]))
        numbers = " and ".join(str(memory.id) for memory in (card.first, card.second) if memory)
        kinds = " and ".join(dict.fromkeys(str(memory.kind) for memory in (card.first, card.second) if memory))
        lines.append(Content.styled(f"{kinds} · for the command line: number {numbers}", "$foreground-disabled"))
        return Content("\n").join(lines)

    def _choices(self, item: Item) -> Content:
        keys = shell(self).keys
        known = {command.id: command for command in commands.of("review")}
        low = self.has_class("-low")
        lines: list[Content] = []
        for name, does in choices(item):
            command = known[f"review.{name}"]
            key = commands.said_key(keys.get(command.id, command.keys).split(",")[0].strip())
            lines.append(
                Content.assemble((key if low else f"{key:>2}", "$text-primary bold"), f" {command.title}" if low else f"  {clean(does)}")
            )
        return Content("  " if low else "\n").join(lines)

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(Content(clean(text)))

    # moving

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the question allows stands in the line of keys."""
        item = self.item
        one, two = item is not None and item.other is None, item is not None and item.other is not None
        needs = {
            "accept": one, "reject": one, "older": two, "newer": two, "both": two, "same": bool(item and item.what == "duplicate"),
            "edit": one or two, "skip": one or two, "open": one or two,
        }  # fmt: skip
        return needs.get(action, True)

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index != self.at and event.option_list.option_count == len(self.queue.items if self.queue else ()):
            self._to(event.option_index)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index == self.at:
            await self.action_open()

    def _to(self, place: int) -> None:
        items = self.queue.items if self.queue else ()
        if items and not self._deciding:
            self.at = max(0, min(len(items) - 1, place))
            self.query_one("#list", OptionList).highlighted = self.at
            self._show_soon()

    @work(group="card", exclusive=True)
    async def _show_soon(self) -> None:
        await self._show()

    def action_up(self) -> None:
        self._to(self.at - 1)

    def action_down(self) -> None:
        self._to(self.at + 1)

    async def action_open(self) -> None:
        if self.item is not None:
            await shell(self).open_memory(self.item.memory.id)

    # deciding

    def _decide(self, decision: Callable[[Decisions, Item], str]) -> None:
        """Keys that come before the next question stands there are not meant for it."""
        if not self._deciding and self.item is not None and self._decisions is not None and self._key(self.item) == self._shown():
            self._deciding = True
            self._do(decision, self._decisions, self.item)

    def _shown(self) -> Key | None:
        return self._key(self.card.item) if self.card else None

    @work(group="decide")
    async def _do(self, decision: Callable[[Decisions, Item], str], decisions: Decisions, item: Item) -> None:
        items = self.queue.items if self.queue else ()
        after = next((self._key(one) for one in (*items[self.at + 1 :], *items[: self.at][::-1])), None)
        try:
            said = await shell(self).desk.call(decision, decisions, item)
            await self._done(said, after)
        except MementoError as error:
            shell(self).say_error(error)
            await self.look_again()
        finally:
            self._deciding = False

    async def _done(self, said: str, wanted: Key | None) -> None:
        self._say(said)
        await self._read(wanted)
        await shell(self).changed()

    def action_accept(self) -> None:
        self._decide(lambda decisions, item: decisions.accept(item))

    def action_same(self) -> None:
        self._decide(lambda decisions, item: decisions.accept(item))

    def action_reject(self) -> None:
        self._decide(lambda decisions, item: decisions.reject(item))

    def action_both(self) -> None:
        self._decide(lambda decisions, item: decisions.both(item))

    def action_older(self) -> None:
        self._decide(lambda decisions, item: decisions.stands(item, item.other.id if item.other else 0))

    def action_newer(self) -> None:
        self._decide(lambda decisions, item: decisions.stands(item, item.memory.id))

    @work(group="edit", exclusive=True)
    async def action_edit(self) -> None:
        """What was typed is not lost when it is refused: the sheet opens again with it."""
        item, decisions = self.item, self._decisions
        if item is None or decisions is None or self._deciding:
            return
        text, hint = item.memory.body, "It is accepted with these words." if item.what == "proposed" else ""
        while True:
            edited = cast("str | None", await shell(self).push_screen_wait(TextSheet("In your own words", text, hint)))
            if edited is None:
                return
            text = edited
            try:
                said = await shell(self).desk.call(decisions.edit, item, text)
            except MementoError as error:
                hint = f"{error.message} {error.hint}".strip()
                continue
            await self._done(said, None)
            return

    async def action_skip(self) -> None:
        key = self._key(self.item)
        if key is None or self._deciding:
            return
        self._later = [*(one for one in self._later if one != key), key]
        items = self.queue.items if self.queue else ()
        after = next((self._key(one) for one in (*items[self.at + 1 :], *items)), None)
        self._say("Left for later; nothing was changed." if len(items) > 1 else "This is the only one.")
        await self._read(after)

    @work(group="decide")
    async def action_undo(self) -> None:
        await self._back(lambda decisions: decisions.undo())

    @work(group="decide")
    async def action_redo(self) -> None:
        await self._back(lambda decisions: (decisions.redo(), None))

    async def _back(self, step: Callable[[Decisions], tuple[str, Key | None]]) -> None:
        if self._decisions is None or self._deciding:
            return
        self._deciding = True
        try:
            said, key = await shell(self).desk.call(step, self._decisions)
            await self._done(said, key)
        except MementoError as error:
            shell(self).say_error(error)
        finally:
            self._deciding = False

    @work(group="decide")
    async def action_again(self) -> None:
        if self._decisions is not None:
            count = await shell(self).desk.call(self._decisions.review.again)
            self._later.clear()
            await self._done(f"{count} question{'s are' if count != 1 else ' is'} asked again.", self._key(self.item))


SCREEN = ReviewScreen
