"""Sheets over a screen: a question, a line of text, consent, the plan. Esc closes each, and changes nothing."""

from __future__ import annotations

import time
from typing import TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static, TextArea, Tree

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.desk import Choice
from memento_desktop.tui.shell import shell
from memento_desktop.tui.view import TaskView
from memento_desktop.tui.widgets.panels import MARKS

T = TypeVar("T")
DEAF_SECONDS = 0.5
"""How long a question takes no key: whoever was typing did not mean it."""


class Sheet(ModalScreen[T]):
    """A box over the screen."""

    BINDINGS = [("escape", "close", "close")]  # noqa: RUF012
    DEFAULT_CSS = """
    Sheet { align: center middle; background: $background 60%; }
    Sheet .box { width: 90%; max-width: 100; height: auto; max-height: 90%; }
    Sheet .box { background: $surface; padding: 1 2; border-top: outer $primary; }
    Sheet .title { text-style: bold; margin: 0 0 1 0; height: auto; }
    Sheet .hint { color: $text-muted; height: auto; }
    Sheet Static { height: auto; }
    Sheet Input, Sheet Input:focus { border: none; background: $panel; padding: 0 1; height: 1; }
    """

    def action_close(self) -> None:
        self.dismiss(None)


class LineSheet(Sheet[str]):
    """Asks for one line of text; None when it was closed."""

    def __init__(self, title: str, hint: str = "", text: str = "", placeholder: str = "") -> None:
        super().__init__()
        self._title, self._hint, self._text, self._placeholder = title, hint, text, placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield Input(clean(self._text), placeholder=self._placeholder)
            yield Static(Content(clean(f"{self._hint}\nEnter takes it, Esc leaves everything as it is.".strip())), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())


class TextSheet(Sheet[str]):
    """Asks for a longer text; None when it was closed."""

    BINDINGS = [("ctrl+s", "save", "save"), ("escape", "close", "close")]  # noqa: RUF012
    DEFAULT_CSS = "TextSheet TextArea { height: 14; border: none; background: $panel; }"

    def __init__(self, title: str, text: str, hint: str = "") -> None:
        super().__init__()
        self._title, self._text, self._hint = title, text, hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield TextArea(clean(self._text), soft_wrap=True, compact=True, highlight_cursor_line=False)
            yield Static(Content(clean(f"{self._hint}\n^S saves, Esc leaves everything as it is.".strip())), classes="hint")

    def action_save(self) -> None:
        self.dismiss(self.query_one(TextArea).text)


class AskSheet(Sheet[bool]):
    """Yes or no; no is what Enter and Esc mean."""

    BINDINGS = [("y", "yes", "yes"), ("n,enter,escape", "close", "no")]  # noqa: RUF012

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self._title)), classes="title")
            yield Static(Content(clean(self._text)))
            yield Static("y yes · n no", classes="hint", markup=False)

    def action_yes(self) -> None:
        self.dismiss(True)


class ErrorSheet(Sheet[None]):
    """What went wrong, where, and what to do; can be copied."""

    BINDINGS = [("escape,enter", "close", "close"), ("y", "copy", "copy")]  # noqa: RUF012

    def __init__(self, error: MementoError) -> None:
        super().__init__()
        self.error = error

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content.styled(clean(self.error.message), "$text-error"), classes="title")
            with VerticalScroll():
                yield Static(Content(clean(self.error.hint)))
            yield Static("Esc closes · y copies this text", classes="hint", markup=False)

    def action_copy(self) -> None:
        shell(self).copy_to_clipboard(f"{self.error.message}\n{self.error.hint}".strip())
        self.notify("Copied.")


class ApprovalSheet(Sheet[Choice]):
    """Shows exactly what would happen and asks. It takes no key in the first half second; the default is no."""

    BINDINGS = [*commands.bindings("approval"), ("escape", "no", "no")]  # noqa: RUF012
    DEFAULT_CSS = """
    ApprovalSheet .box { border-top: outer $warning; }
    ApprovalSheet VerticalScroll { height: auto; max-height: 20; background: $panel; padding: 0 1; margin: 0 0 1 0; }
    """

    def __init__(self, tool: str, risk: str, preview: str) -> None:
        super().__init__()
        self._tool, self._risk, self._preview = tool, risk, preview
        self._since = 0.0

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(f"May the assistant use {clean(self._tool)}? ({clean(self._risk)})"), classes="title")
            with VerticalScroll():
                yield Static(Content(clean(self._preview)))
            yield Static("1 once · 2 for this task · 3 exactly this, until I quit · 4 no (Enter, Esc)", classes="hint", markup=False)

    def on_mount(self) -> None:
        self._since = time.monotonic()

    def _answer(self, choice: Choice) -> None:
        if time.monotonic() - self._since >= DEAF_SECONDS:
            self.dismiss(choice)

    def action_once(self) -> None:
        self._answer("once")

    def action_task(self) -> None:
        self._answer("task")

    def action_always(self) -> None:
        self._answer("always")

    def action_no(self) -> None:
        self._answer("no")


class PlanTree(Tree[None]):
    """Steps, their calls, the lines of what came back."""


class PlanSheet(Sheet[None]):
    """The plan of a task with everything that the tools were asked and said."""

    BINDINGS = [("escape,ctrl+o", "close", "close")]  # noqa: RUF012
    DEFAULT_CSS = """
    PlanSheet .box { height: 90%; }
    PlanSheet Tree { background: $surface; height: 1fr; }
    """

    def __init__(self, view: TaskView) -> None:
        super().__init__()
        self.view = view
        self._seen: object = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(clean(self.view.task)), classes="title")
            tree = PlanTree("plan")
            tree.show_root = False
            yield tree
            yield Static("", classes="hint", id="cost")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.draw()
        self.set_interval(0.25, self.draw)

    def draw(self) -> None:
        """The tree anew, if something happened since."""
        view = self.view
        state = [(s.state, len(s.calls), sum(c.ok is not None for c in s.calls)) for s in view.steps], view.outcome
        if state == self._seen:
            return
        self._seen = state
        tree = self.query_one(PlanTree)
        tree.clear()
        for n, step in enumerate(view.steps, 1):
            took = f"  {step.ms / 1000:.1f} s" if step.ms else ""
            node = tree.root.add(Text(f"{MARKS[step.state]} {n}  {clean(step.text)}{took}"), expand=True)
            for call in step.calls:
                inner = node.add(Text(clean(call.said)), expand=call.ok is False)
                for line in call.text.splitlines():
                    inner.add_leaf(Text(clean(line)))
        cost = (
            f"{view.prompt_tokens} tokens read, {view.cached_tokens} of them from the cache · {view.tokens} written · {view.seconds:.1f} s"
        )
        self.query_one("#cost", Static).update(Content(cost if view.outcome else f"{clean(view.phase)} …"))
