"""The line to search with, above a list: the arrows go to the list, Esc empties it, and then goes back."""

from __future__ import annotations

from textual.widgets import Input

from memento_desktop.tui.shell import shell


class SearchLine(Input):
    """Typing searches at once: listen to `Input.Changed`."""

    BINDINGS = [("down,enter", "to_list", ""), ("escape", "empty", "")]  # noqa: RUF012
    DEFAULT_CSS = """
    SearchLine { border: none; height: 1; padding: 0 1; background: $surface; }
    SearchLine:focus { border: none; background: $panel; }
    """

    def __init__(self, placeholder: str, target: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, id="search")
        self._target = target
        """Selector of the list below."""

    def action_to_list(self) -> None:
        self.screen.query_one(self._target).focus()

    def action_empty(self) -> None:
        if self.value:
            self.value = ""
        else:
            shell(self).action_leave()
