"""Printing: untrusted text never as markup and never with control characters; colours only where a terminal shows them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from memento_desktop.errors import MementoError
from memento_desktop.plain import age as age
from memento_desktop.plain import called as called
from memento_desktop.plain import clean, day
from memento_desktop.plain import reasons as reasons

if TYPE_CHECKING:
    from memento_desktop.agent.events import Remembered

out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def styled(text: str, style: str = "") -> Text:
    return Text(clean(text), style=style)


def say(text: str, style: str = "") -> None:
    """What was asked for, on standard output: wrapped between words on a terminal, left as it is in a pipe."""
    out.print(styled(text, style), soft_wrap=not out.is_terminal)


def hinted(text: str) -> str:
    """A hint whose commands work on the profile that is in use."""
    profile = os.environ.get("MEMENTO_PROFILE", "")
    return text.replace("`memento ", f"`memento -p {profile} ") if profile else text


def note(label: str, text: str, style: str = "") -> None:
    """What is going on, beside the answer: on the error stream."""
    _labelled(err, label, 8, hinted(text), style)


def line(label: str, text: str) -> None:
    """One thing about a memory, on standard output."""
    _labelled(out, label, 11, text, "")


def _labelled(console: Console, label: str, indent: int, text: str, style: str) -> None:
    """A label and a text beside it, wrapped between words on a terminal, left as it is in a pipe."""
    body = Text(clean(text), style=style)
    parts = body.wrap(console, max(20, console.width - indent)) if console.is_terminal else body.split("\n")
    for n, part in enumerate(parts):
        part.rstrip()
        console.print(Text(f"{label if n == 0 else '':<{indent}}", style="dim") + part)


def remembered(event: Remembered) -> None:
    """What a person hears after "remember …": what is known now, what holds no more, what may want a look."""
    number = event.memory_id
    say(f"{'Waits for you' if event.waits else 'Remembered' if event.new else 'I knew that'}: {event.text}")
    for old in event.closed:
        until = f"held until {day(old.until)}" if old.until else "is replaced"
        note("closed", f"{old.text}  ({old.memory_id}, {until}; undo takes it back)", "yellow")
    for left in event.rest:
        note("still", f"{left.text}  ({left.memory_id})", "dim")
    for other in event.alike:
        note("like" if event.waits else "compare", f"{other.text}  ({other.memory_id})", "yellow")
    if event.waits:
        note("", f"is this spelling right? `memento memory review --accept {number}`, or --reject {number}", "dim")
        return
    if event.alike:
        note("", "`memento memory review` asks what to do", "dim")
    always = ", heeded in every task" if event.kind == "instruction" else ""
    note("", f"memory {number}{always}" + (" · `memento memory undo` takes it back" if event.new else ""), "dim")


def complain(error: MementoError) -> None:
    err.print(styled(error.message, "bold red"))
    if error.hint:
        err.print(styled(hinted(error.hint), "dim"))


class Marked:
    """A cell of a table: a text with a mark at its end, such as “[proposed]”. Where it is narrow the text is cut, the mark is not."""

    LEAST = 8
    """Characters of the text that a column has room for, where anything gives way."""

    def __init__(self, text: str, mark: str, from_left: bool = False) -> None:
        """
        Args:
            from_left: of a text that is too long the end is kept, as for a path.
        """
        self.text, self.mark, self.from_left = Text(clean(text)), Text(clean(mark)), from_left

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        room = max(0, options.max_width - self.mark.cell_len)
        text = self.text.copy()
        if self.from_left and text.cell_len > room > 0:
            text = Text("…") + text[-(room - 1) :] if room > 1 else Text("…")
        text.truncate(room, overflow="ellipsis")
        whole = text + self.mark
        whole.truncate(options.max_width, overflow="ellipsis")
        yield whole

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        whole = self.text.cell_len + self.mark.cell_len
        least = min(whole, self.LEAST + self.mark.cell_len)
        return Measurement(least, whole).with_maximum(options.max_width)


def columns(names: Sequence[str], wide: str, right: Sequence[str]) -> Table:
    """An empty table without lines; the `wide` column takes what the others leave, and is the one that is cut."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=out.is_terminal)
    for name in names:
        table.add_column(
            name, justify="right" if name in right else "left", overflow="ellipsis", no_wrap=True, ratio=1 if name == wide else None
        )
    return table


def show(table: Table) -> None:
    """A table as wide as the terminal, or as wide as it needs when piped."""
    if not out.is_terminal:
        out.width = 200
    out.print(table, soft_wrap=False)


def interactive() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def agreed(question: str, yes: bool) -> bool:
    """Whether somebody at a terminal says yes, or said so beforehand. A script that calls a command has said what it wants."""
    if yes or not interactive():
        return True
    import typer

    return typer.confirm(clean(question))
