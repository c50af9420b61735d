"""The command palette: every command that works where it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from memento_desktop.tui import commands


class Everything(Provider):
    """The palette: every command that works here."""

    def _here(self) -> Iterable[tuple[commands.Command, Callable[[], Any]]]:
        for command in commands.COMMANDS:
            for node in (self.focused, self.screen, self.app):  # pyright: ignore[reportUnknownMemberType]
                if node is not None and command.id != "app.command-palette" and hasattr(node, f"action_{command.does}"):
                    yield command, getattr(node, f"action_{command.does}")
                    break

    async def discover(self) -> Hits:
        for command, run in self._here():
            yield DiscoveryHit(command.title.capitalize(), run, help=f"{command.help}  {commands.said_keys(command.keys)}".rstrip())

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command, run in self._here():
            score = max(matcher.match(command.title), matcher.match(command.help) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(command.title.capitalize()), run, help=command.help)
