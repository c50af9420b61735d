"""The prompt: several lines, history, completion of files and commands, large pastes folded to a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell

FOLD_LINES, FOLD_CHARACTERS = 12, 1500
"""From so much on a paste stands in the prompt as a mark; the whole text is sent."""
MOST_SUGGESTIONS = 8
_WORD = re.compile(r"(?:^|(?<=\s))([@/][^\s]*)$")


class Suggestions(OptionList, can_focus=False):
    """What the word under the cursor may become."""

    DEFAULT_CSS = """
    Suggestions { height: auto; max-height: 8; border: none; padding: 0 1; background: $surface; display: none; }
    """


class Prompt(TextArea):
    """Where tasks are written."""

    BINDINGS = [*commands.bindings("prompt")]  # noqa: RUF012
    DEFAULT_CSS = """
    Prompt { height: auto; min-height: 1; max-height: 10; border: none; padding: 0 1; background: $surface; }
    Prompt:focus { border: none; }
    """

    class Submitted(Message):
        """A task was given: `text` with all that was folded."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Leaving(Message):
        """The owner goes from the prompt to the conversation."""

    class QueuedWanted(Message):
        """The newest queued task is wanted back."""

    def __init__(self, suggestions: Suggestions) -> None:
        super().__init__(
            soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="focus", id="prompt",
            placeholder="Ask, or / for commands, @ for files",
        )  # fmt: skip
        self.suggestions = suggestions
        self.files: Callable[[], Sequence[str]] = lambda: ()
        """Names for `@`."""
        self.past: list[str] = []
        self._at: int | None = None
        """Where in the history; None: in what is being written."""
        self._draft = ""
        self._folded: dict[str, str] = {}

    async def _on_key(self, event: events.Key) -> None:
        """Its own keys before the text area's, and in their turn: a binding with priority would overtake what was typed before it."""
        action = commands.actions("prompt", shell(self).keys).get(event.key)
        if action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(action)

    # sending

    @property
    def whole(self) -> str:
        """The text with its folded pastes."""
        text = self.text
        for mark, pasted in self._folded.items():
            text = text.replace(mark, pasted)
        return text

    def write(self, text: str) -> None:
        """Puts a text into the prompt, the cursor at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def action_submit(self) -> None:
        if self.suggestions.display and self._is_slash():
            self._take()
        text = self.whole.strip()
        if text.endswith("\\") and self.cursor_location == self.document.end:  # for terminals without any other way
            self._replace_via_keyboard("\n", (self.cursor_location[0], self.cursor_location[1] - 1), self.cursor_location)
            return
        if not text:
            return
        if not self.past or self.past[-1] != text:
            self.past.append(text)
        self.post_message(self.Submitted(text))
        self._folded.clear()
        self._at, self._draft = None, ""
        self.load_text("")

    def action_newline(self) -> None:
        self.insert("\n")

    def action_edit_queued(self) -> None:
        self.post_message(self.QueuedWanted())

    # history

    def action_older(self) -> None:
        if self.suggestions.display:
            self.suggestions.action_cursor_up()
        elif self.cursor_location[0] > 0 or not self.past or self._at == 0:
            self.action_cursor_up()
        else:
            if self._at is None:
                self._draft = self.text
            self._at = len(self.past) - 1 if self._at is None else self._at - 1
            self.write(self.past[self._at])

    def action_newer(self) -> None:
        if self.suggestions.display:
            self.suggestions.action_cursor_down()
        elif self.cursor_location[0] < self.document.line_count - 1 or self._at is None:
            self.action_cursor_down()
        else:
            self._at = self._at + 1 if self._at + 1 < len(self.past) else None
            self.write(self._draft if self._at is None else self.past[self._at])

    # pasting

    async def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        event.prevent_default()
        event.stop()
        if len(text) < FOLD_CHARACTERS and text.count("\n") < FOLD_LINES:
            self.insert(text)
            return
        lines = text.count("\n") + 1
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        mark = f"[pasted text {len(self._folded) + 1}: {size}]"
        self._folded[mark] = text
        self.insert(mark)

    # completion

    def _word(self) -> str:
        row, column = self.cursor_location
        found = _WORD.search(self.document.get_line(row)[:column])
        return found[1] if found else ""

    def _is_slash(self) -> bool:
        word = self._word()
        return word.startswith("/") and self.text.strip() == word

    def on_text_area_changed(self) -> None:
        self.suggest()

    def suggest(self) -> None:
        """Shows what the word under the cursor may become."""
        word = self._word()
        options: list[Option] = []
        if self._is_slash():
            options = [
                Option(Text.assemble((f"/{name:<12}", "bold"), clean(command.help)), id=f"/{name}")
                for name, command in sorted(commands.slashes().items())
                if name.startswith(word[1:])
            ]
        elif word.startswith("@"):
            options = [Option(Text(clean(name)), id=name) for name in matching(word[1:], self.files())]
        self.suggestions.clear_options()
        self.suggestions.add_options(options[: MOST_SUGGESTIONS if word.startswith("@") else None])
        self.suggestions.display = bool(options)
        if options:
            self.suggestions.highlighted = 0

    def hide(self) -> bool:
        """Closes the suggestions. Returns whether there were any."""
        shown = self.suggestions.display
        self.suggestions.display = False
        return shown

    def action_complete(self) -> None:
        if self.suggestions.display:
            self._take()
        else:
            self.post_message(self.Leaving())

    def _take(self) -> None:
        chosen = self.suggestions.highlighted_option
        word, (row, column) = self._word(), self.cursor_location
        if chosen is not None and chosen.id and word:
            self._replace_via_keyboard(f"{chosen.id} ", (row, column - len(word)), (row, column))
        self.hide()


def matching(typed: str, names: Sequence[str]) -> list[str]:
    """Names that hold what was typed, those first whose file begins with it, then the short ones."""
    wanted = typed.lower()
    found = [name for name in names if wanted in name.lower()]
    return sorted(found, key=lambda name: (not name.lower().rsplit("/", 1)[-1].startswith(wanted), len(name), name))[:MOST_SUGGESTIONS]
