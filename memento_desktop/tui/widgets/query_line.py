"""The search line over a list of memories: Tab completes fields and values, what is wrong is said under it, the count at its right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input, Static

from memento_desktop.memory.browsing.query import Filter, QueryError, complete, parse, word_at
from memento_desktop.plain import clean

PLACEHOLDER = "words, or kind:case reward<0.5 added:7d"


def common_start(words: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(words, default=""), max(words, default="")
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)


class QueryInput(Input):
    """The words. Tab completes; where there is nothing to complete, it goes on to the list."""

    DEFAULT_CSS = """
    QueryInput, QueryInput:focus { border: none; height: 1; padding: 0; width: 1fr; background: $panel; background-tint: $foreground 0%; }
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """Its text may be longer than it is wide: that is no reason to lay out the screen anew at each key."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, placeholder=PLACEHOLDER, select_on_focus=False, id="query")
        self.offers: list[str] = []
        """What the last Tab found, and which of it stands there now."""
        self.offered = -1
        self.leave: Callable[[], None] = lambda: None

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "tab" and self.value:
            event.stop()
            event.prevent_default()
            self.complete()
        elif event.key in ("tab", "down"):
            event.stop()
            event.prevent_default()
            self.leave()
        else:
            await super()._on_key(event)

    def complete(self) -> None:
        """Takes what is common to all that the word may become; pressed again, one after the other."""
        start, end = word_at(self.value, self.cursor_position)
        word = self.value[start:end]
        if len(self.offers) > 1 and (self.offered >= 0 or word == common_start(self.offers)):
            self.offered = (self.offered + 1) % len(self.offers)
            self._put(start, end, self.offers[self.offered])
            return
        self.offers, self.offered = complete(self.value, self.cursor_position), -1
        if not self.offers:
            self.leave()
            return
        common = self.offers[0] if len(self.offers) == 1 else common_start(self.offers)
        self._put(start, end, common if len(common) > len(word) else word)

    def _put(self, start: int, end: int, word: str) -> None:
        offers, offered = self.offers, self.offered
        done = len(offers) == 1 and not word.endswith((":", "<", ">", "="))
        self.value = f"{self.value[:start]}{word}{' ' if done and end == len(self.value) else ''}{self.value[end:]}"
        self.cursor_position = start + len(word) + done
        self.offers, self.offered = ([], -1) if len(offers) == 1 else (offers, offered)

    def typed(self) -> None:
        """Something else stands there than what Tab put there."""
        start, end = word_at(self.value, self.cursor_position)
        if self.offers and self.value[start:end] not in (*self.offers, common_start(self.offers)):
            self.offers, self.offered = [], -1


class QueryLine(Vertical):
    """The search line, its count, and a line for what is to be said about both."""

    DEFAULT_CSS = """
    QueryLine { height: 2; }
    QueryLine Horizontal { height: 1; background: $panel; padding: 0 1; }
    QueryLine .slash { width: 2; color: $text-primary; }
    QueryLine #count { width: 34; max-width: 45%; color: $text-muted; padding: 0 0 0 2; text-align: right; text-wrap: nowrap; }
    QueryLine #said { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Changed(Message):
        """Something else is looked for."""

        def __init__(self, filter: Filter) -> None:
            super().__init__()
            self.filter = filter

    class Leaving(Message):
        """On to the list."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.input = QueryInput(text)
        self.input.leave = self._leave
        self.error: QueryError | None = None
        self.said = ""
        """The text that the line under it is about."""
        self.note = Content("")
        """What stands under the line when there is nothing else to say."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("/", classes="slash")
            yield self.input
            yield Static("", id="count")
        yield Static("", id="said")

    def _leave(self) -> None:
        self.post_message(self.Leaving())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.input.typed()
        try:
            wanted = parse(event.value)
        except QueryError as error:
            self.error = error
        else:
            self.error = None
            self.post_message(self.Changed(wanted))
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave()

    def say_count(self, text: str) -> None:
        self.query_one("#count", Static).update(Content(text), layout=False)  # its width is fixed: nothing is laid out anew

    def draw(self) -> None:
        """What is wrong, else what the word may become, else the note."""
        self.said = self.input.value
        self.query_one("#said", Static).update(self._said(), layout=False)

    def _said(self) -> Content:
        offers = self.input.offers or (complete(self.input.value, self.input.cursor_position) if self.input.value else [])
        start, end = word_at(self.input.value, self.input.cursor_position)
        typing = bool(offers) and self.input.has_focus and start < end
        if self.error is not None and not (typing and start <= self.error.place < end):  # a word that is not finished is not wrong yet
            return Content.styled(clean(f"{self.error.message} {self.error.hint}".strip()), "$text-error")
        if typing:
            parts = [Content.styled(one, "$text-accent" if n == self.input.offered else "") for n, one in enumerate(offers[:30])]
            return Content.assemble(("Tab: ", "$foreground-muted"), Content("  ").join(parts))
        return self.note
