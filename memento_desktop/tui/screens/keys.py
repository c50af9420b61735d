"""The keys of all commands: another one is given by pressing it; whose key it was is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.commands import Command
from memento_desktop.tui.screens.settings import take_effect
from memento_desktop.tui.screens.sheets import AskSheet, Sheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.listing import Column, Listing, Row
from memento_desktop.tui.widgets.search import SearchLine

if TYPE_CHECKING:
    from textual.binding import BindingsMap
    from textual.dom import DOMNode

    from memento_desktop.config.settings import Settings

COLUMNS = (Column("mark", 1), Column("keys", 22), Column("title", 14, room=50), Column("help"))
MOVING = frozenset(("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "tab", "shift+tab", "backspace", "delete"))
"""Keys that write or move wherever one is."""
TYPED = frozenset(("app", "work", "prompt"))
"""Places where letters are written."""


class KeySheet(Sheet[str]):
    """Waits for a key. Esc leaves everything as it is, and so cannot be given to anything."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self._command = command

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        """Nothing of the app's: a key that it obeys everywhere arrives here as well."""
        return [(self, self._bindings.copy())]

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(Content(f"Press the key for “{self._command.title}”"), classes="title")
            yield Static(Content(self._command.help))
            yield Static(f"Esc leaves it as it is. In the settings file it is called {self._command.id}.", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss(None if event.key == "escape" else event.key)


class KeysScreen(Screen[None]):
    """Every command by its place, with its keys."""

    BINDINGS = [*commands.bindings("settings")]  # noqa: RUF012
    DEFAULT_CSS = "KeysScreen #head { height: 1; padding: 0 1; background: $panel; }"

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("Keys", "bold"), "  Enter gives the marked command another key"), id="head")
        yield SearchLine("Find a command", "#list")
        yield Listing(COLUMNS, id="list", empty="No command is called so.")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._list()
        self.query_one(Listing).focus()

    @property
    def path(self) -> Path:
        from memento_desktop.config.paths import Paths

        return Paths.of_this_user().settings

    @property
    def command(self) -> Command | None:
        row = self.query_one(Listing).marked
        return next((one for one in commands.COMMANDS if row is not None and one.id == row.key), None)

    def _keys(self, command: Command) -> str:
        return shell(self).keys.get(command.id) or command.keys

    @on(Input.Changed)
    def _list(self) -> None:
        words = self.query_one(SearchLine).value.lower().split()
        chosen = shell(self).keys
        rows: list[Row] = []
        for place, title in commands.PLACES.items():
            found = [one for one in commands.of(place) if all(w in f"{one.title} {one.help} {title}".lower() for w in words)]
            rows += [Row(f"place {place}", {"mark": title}, heading=True)] if found else []
            for one in found:
                keys = commands.said_keys(self._keys(one)) or "–"
                rows.append(Row(one.id, {"mark": "●" if one.id in chosen else "", "keys": keys, "title": one.title, "help": one.help}))
        self.query_one(Listing).show(rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return action != "edit"

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    @on(Listing.Chosen)
    def _clicked(self) -> None:
        self.action_change()

    @work
    async def action_change(self) -> None:
        command, app = self.command, shell(self)
        if command is None:
            return
        key = await app.push_screen_wait(KeySheet(command))
        if not key or key == self._keys(command):
            return
        if reason := refused(command, key):
            self.notify(reason, severity="warning", markup=False)
            return
        wanted = {command.id: key}
        for other in clashes(command, key, app.keys):
            rest = [one for one in self._keys(other).split(",") if one.strip() != key]
            left = ",".join(rest) or next(iter(self._keys(command).split(",")), "")
            if not left:
                self.notify(f"{commands.said_key(key)} is the key of “{other.title}”: give that another one first.", severity="warning")
                return
            text = f"“{other.title}” ({commands.PLACES[other.place]}) would have {commands.said_keys(left)} instead."
            if not await app.push_screen_wait(AskSheet(f"{commands.said_key(key)} has a use already. Take it?", text)):
                return
            wanted[other.id] = left
        self._write(wanted)

    def action_reset(self) -> None:
        command = self.command
        if command is None or command.id not in shell(self).keys:
            self.notify("It has its own key.")
            return
        others = [one for key in command.keys.split(",") if key for one in clashes(command, key.strip(), shell(self).keys)]
        if others:
            self.notify(f"Its key is that of “{others[0].title}” by now: reset that first.", severity="warning")
            return
        self._write({command.id: None})

    def _write(self, wanted: Mapping[str, str | None]) -> None:
        from memento_desktop.config.editing import set_value

        settings: Settings | Any = None
        try:
            for name, keys in wanted.items():
                default = next(one.keys for one in commands.COMMANDS if one.id == name)
                settings = set_value(self.path, f"app.keys.{name}", None if keys == default else keys)
        except MementoError as error:
            shell(self).say_error(error)
        if settings is not None:
            take_effect(self, settings)
            self._list()
            self.refresh_bindings()
            self.notify("Saved.")


def together(one: str, other: str) -> bool:
    """Whether the commands of two places work at the same time."""
    return one == other or "app" in (one, other) or {one, other} in ({"work", "prompt"}, {"work", "talk"})


def clashes(command: Command, key: str, chosen: Mapping[str, str]) -> list[Command]:
    """Other commands that have this key where `command` works."""
    return [
        one
        for one in commands.COMMANDS
        if one.id != command.id
        and together(one.place, command.place)
        and key in [had.strip() for had in (chosen.get(one.id) or one.keys).split(",")]
    ]


def refused(command: Command, key: str) -> str:
    """Why a command cannot have a key; empty when it can."""
    said = clean(commands.said_key(key))
    if "," in key:
        return f"{said} cannot be written down as a key."
    typed = types(key)
    if command.place in TYPED and typed:
        return f"{said} would be written, not obeyed: take one with Ctrl, or F1 to F12."
    if command.place in TYPED and command.place != "prompt" and key in MOVING:
        return f"{said} writes or moves everywhere: take another one."
    if command.keys and not any(types(one.strip()) for one in command.keys.split(",")) and typed:
        return f"{said} would be taken out of what is written in a field here: take one with Ctrl, or F1 to F12."
    return ""


def types(key: str) -> bool:
    """Whether it writes a character."""
    from textual.keys import KEY_NAME_REPLACEMENTS, key_to_character

    names = {short: name for name, short in KEY_NAME_REPLACEMENTS.items()}
    return (key_to_character(names.get(key, key)) or "\0").isprintable()
