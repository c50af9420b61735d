"""All keys, slash commands and the query language on one page, searched as somebody types. Made of the registry."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.ink import ink
from memento_desktop.tui.widgets.search import SearchLine

ROOM = 70
"""Columns from which slash commands have a column of their own."""
LISTS: tuple[tuple[str, str, str], ...] = (
    ("↑ ↓ j k", "", "The row above, the row below."),
    ("PgUp PgDn", "", "A page up or down."),
    ("Home End", "", "The first row, the last row."),
    ("Tab", "", "From field to list, and on."),
    ("Esc", "", "Closes what is on top; in a field it empties that first."),
)  # fmt: skip
"""What every list understands: keys of the toolkit that are not given to others."""
Part = tuple[str, list[tuple[str, str, str]]]


class HelpScreen(Screen[None]):
    """One page to look things up."""

    BINDINGS = [  # noqa: RUF012
        ("pageup", "scroll(-1)", ""), ("pagedown", "scroll(1)", ""), ("slash", "search", "find"), ("f1", "app.leave", "back"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    HelpScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    HelpScreen #page { padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    HelpScreen #page Static { height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("Help", "bold"), "  type to search · Esc goes back · /settings gives other keys"), id="head")
        yield SearchLine("Find a key or a command", "#page")
        with VerticalScroll(id="page"):
            yield Static("", id="all")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(SearchLine).focus()

    def on_resize(self) -> None:
        self.on_input_changed()

    def on_input_changed(self) -> None:
        wanted = self.query_one(SearchLine).value.lower().split()
        found = list(matching(wanted, parts(shell(self).keys)))
        page = self._page(found) if found else Text("Nothing here is called so. ^P finds commands too.")
        self.query_one("#all", Static).update(page)
        self.query_one("#page").scroll_home(animate=False)

    def _page(self, found: Iterable[Part]) -> Group:
        """Headings and rows; the slash commands stand with the keys where there is little room."""
        wide, style = self.size.width >= ROOM, ink(self, "primary", bold=True)
        drawn: list[Text | Table] = []
        for title, rows in found:
            table = Table.grid(padding=(0, 2), expand=True)
            for width in (18, 12) if wide else (14,):
                table.add_column(width=width)
            table.add_column(ratio=1)
            for keys, slash, said in rows:
                key = Text(keys, style=style)
                table.add_row(*((key, Text(slash)) if wide else (Text.assemble(key, f" {slash}".rstrip()),)), Text(said))
            drawn += [Text(title, style="bold"), table, Text("")]
        return Group(*drawn)

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    def action_scroll(self, direction: int) -> None:
        page = self.query_one("#page")
        page.scroll_relative(y=direction * max(1, page.size.height - 2), animate=False)


def parts(keys: dict[str, str]) -> Iterable[Part]:
    """Headings with rows of keys, slash command and explanation; of the query language field, values and explanation."""
    yield from commands.table(keys)
    yield "In every list", list(LISTS)
    from memento_desktop.memory.browsing.query import FIELDS

    rows = [(f"{field.name}:", "", f"{field.help.rstrip('.')}.") for field in FIELDS]
    rows.insert(0, ('"exact words"', "", "Words in quotes stand together; the last word may be the beginning of one."))
    rows.insert(1, ("-", "", "In front of anything: not this."))
    yield "Searching memories: kind:case reward<0.5 added:7d words", rows


def matching(words: list[str], found: Iterable[Part]) -> Iterable[Part]:
    """The rows that hold all words, under their headings."""
    for title, rows in found:
        kept = [row for row in rows if all(word in f"{title.partition(':')[0]} {' '.join(row)}".lower() for word in words)]
        if kept:
            yield title, kept


SCREEN = HelpScreen
