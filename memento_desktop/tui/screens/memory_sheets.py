"""What is asked when memory is shaped: a text, one of several, another memory, consent to a removal. Esc changes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.query import QueryError, parse
from memento_desktop.plain import clean
from memento_desktop.tui.screens.sheets import DEAF_SECONDS, Sheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.memory_rows import ORIGINS, one_line, since

FOUND = 12


def editable(text: str) -> str:
    """A text as a person edits it: with plain line ends, control characters shown as such."""
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


class EditSheet(Sheet[str]):
    """A text to be changed. What was refused comes back with the reason; a changed text is not thrown away by one Esc."""

    BINDINGS = [("ctrl+s", "save", "save"), ("escape", "close", "close")]  # noqa: RUF012
    DEFAULT_CSS = """
    EditSheet TextArea { height: auto; min-height: 6; max-height: 18; border: none; background: $panel; }
    EditSheet #refused { color: $text-error; margin: 1 0 0 0; }
    """

    def __init__(self, title: str, text: str, hint: str = "", refused: MementoError | None = None) -> None:
        super().__init__()
        self._title, self._text, self._hint, self._refused = title, editable(text), hint, refused
        self._warned = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield TextArea(self._text, soft_wrap=True, compact=True, highlight_cursor_line=False)
            refused = Static("", id="refused")
            refused.display = self._refused is not None
            if self._refused is not None:
                refused.update(Content(clean(f"{self._refused.message} {self._refused.hint}".strip())))
            yield refused
            yield Static(Content(clean(f"{self._hint}\n^S saves · Esc leaves everything as it is".strip())), classes="hint")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def action_save(self) -> None:
        self.dismiss(self.query_one(TextArea).text)

    def action_close(self) -> None:
        if self.query_one(TextArea).text != self._text and not self._warned:
            self._warned = True
            self.notify("Esc once more throws away what you wrote; ^S saves it.", severity="warning")
            return
        self.dismiss(None)


class ChoiceSheet(Sheet[str]):
    """One of several, as pairs of what it is called and what it means."""

    DEFAULT_CSS = "ChoiceSheet OptionList { border: none; height: auto; max-height: 16; background: $surface; padding: 0; }"

    def __init__(self, title: str, options: Sequence[tuple[str, str, str]], hint: str = "", marked: str = "") -> None:
        """`options`: value, name, what it means."""
        super().__init__()
        self._title, self._options, self._hint, self._marked = title, list(options), hint, marked

    def compose(self) -> ComposeResult:
        wide = min(24, max((len(name) for _, name, _ in self._options), default=0))
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield OptionList(
                *(
                    Option(Text.assemble(f"{one_line(name):<{wide}}  ", (one_line(help), "dim")), id=value)
                    for value, name, help in self._options
                )
            )
            yield Static(Content(clean(f"{self._hint}\nEnter chooses · Esc leaves everything as it is".strip())), classes="hint")

    def on_mount(self) -> None:
        values = [value for value, _, _ in self._options]
        self.query_one(OptionList).highlighted = values.index(self._marked) if self._marked in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)


class PickSheet(Sheet[int]):
    """Another memory, found by its words."""

    DEFAULT_CSS = "PickSheet OptionList { border: none; height: 12; background: $surface; padding: 0; margin: 1 0 0 0; }"

    def __init__(self, title: str, but: int, text: str = "") -> None:
        super().__init__()
        self._title, self._but, self._text = title, but, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield Input(self._text, placeholder="some words of it")
            yield OptionList()
            yield Static("↓ Enter chooses · Esc leaves everything as it is", classes="hint", markup=False)

    def on_mount(self) -> None:
        self._find(self._text)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @work(exclusive=True, group="pick")
    async def _find(self, text: str) -> None:
        from memento_desktop.tui.shelf import shelf

        options = self.query_one(OptionList)
        try:
            looked = parse(text)
            desk = shell(self).desk
            rows = await desk.call((await shelf(desk)).browser.page, looked, 0, FOUND + 1)
        except QueryError:
            return  # it is being typed; what was found last stays
        except MementoError as error:
            shell(self).say_error(error)
            return
        options.clear_options()
        options.add_options(
            Option(
                Text.assemble(one_line(row.title), (f"  {row.kind} · {ORIGINS[row.origin]} · {since(row.recorded_at)}", "dim")),
                id=str(row.id),
            )
            for row in [row for row in rows if row.id != self._but][:FOUND]
        )
        options.highlighted = 0 if options.option_count else None

    def on_key(self, event: events.Key) -> None:
        key = event.key
        if key in ("down", "up") and isinstance(self.focused, Input):
            options = self.query_one(OptionList)
            options.action_cursor_down() if key == "down" else options.action_cursor_up()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self.query_one(OptionList).highlighted_option
        if chosen is not None and chosen.id:
            self.dismiss(int(chosen.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(int(event.option.id or 0) or None)


class ConsentSheet(Sheet[bool]):
    """Shows all that something would do, which may be long, and asks. The default is no."""

    BINDINGS = [("y", "yes", "yes"), ("n,enter,escape", "close", "no")]  # noqa: RUF012
    DEFAULT_CSS = """
    ConsentSheet .box { border-top: outer $warning; }
    ConsentSheet VerticalScroll { height: auto; max-height: 14; background: $panel; padding: 0 1; margin: 0 0 1 0; }
    """

    def __init__(self, title: str, text: Content, yes: str, deaf: bool = False) -> None:
        """`deaf`: it takes no yes in the first half second, as what cannot be undone should not be meant by a stray key."""
        super().__init__()
        self._title, self._text, self._yes = title, text, yes
        self._from = time.monotonic() + (DEAF_SECONDS if deaf else 0.0)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            with VerticalScroll():
                yield Static(self._text)
            yield Static(Content(f"y {self._yes} · n, Enter or Esc: no"), classes="hint")

    def action_yes(self) -> None:
        if time.monotonic() >= self._from:
            self.dismiss(True)


class RefusedSheet(Sheet[bool]):
    """An edited file that cannot be taken: where and why. It can be opened again as it was written."""

    BINDINGS = [("enter,e", "again", "open again"), ("escape", "close", "close"), ("y", "copy", "copy")]  # noqa: RUF012
    DEFAULT_CSS = "RefusedSheet VerticalScroll { height: auto; max-height: 10; background: $panel; padding: 0 1; margin: 1 0; }"

    def __init__(self, error: MementoError, line: int | None, text: str, file: str) -> None:
        super().__init__()
        self._error, self._line, self._written, self._file = error, line, text, file

    def compose(self) -> ComposeResult:
        line = self._line
        near = self._written.splitlines()
        shown = [f"{n + 1:>4}  {near[n][:400]}" for n in range(max(0, line - 2), min(len(near), line + 1))] if line else near[:6]
        with Vertical(classes="box"):
            yield Static(Content.styled(clean(self._error.message), "$text-error"), classes="title")
            yield Static(Content(clean(self._error.hint)))
            with VerticalScroll(can_focus=False):
                yield Static(Content(clean("\n".join(shown))))
            hint = f"Enter opens what you wrote again · y copies it · Esc leaves the memory as it was; your text stays in {self._file}"
            yield Static(Content(clean(hint)), classes="hint")

    def action_again(self) -> None:
        self.dismiss(True)

    def action_copy(self) -> None:
        shell(self).copy_to_clipboard(self._written)
        self.notify("Copied.")
