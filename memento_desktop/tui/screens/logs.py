"""What the app and its helpers wrote down about themselves: the last lines, followed as they come."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, RichLog, Static

from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.ink import ink
from memento_desktop.tui.widgets.search import SearchLine

if TYPE_CHECKING:
    from memento_desktop.config.logs import Follower

KEPT, LONGEST = 2000, 2000
"""Lines that are kept, and characters of each that are shown."""
LOOK_SECONDS = 0.5
NAMES = {"memento.log": "the app", "engine.log": "the model", "embedder.log": "the embedder", "bench.log": "measuring"}
LEVELS = ("all lines", "warnings and errors", "errors")
_LEVEL = re.compile(r"^\S+ \S+ \d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")
_BAD = re.compile(r"\b(error|fail(ed|ure)?|abort(ed)?|traceback|exception)\b", re.IGNORECASE)
_ODD = re.compile(r"\bwarn(ing)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line; `level` 0 is usual, 1 a warning, 2 an error."""

    text: str
    level: int


def level_of(text: str, before: int) -> int:
    """How bad a line is: as it says itself, as the line it goes on from, or by its words in a log without levels."""
    if (found := _LEVEL.match(text)) is not None:
        return {"WARNING": 1, "ERROR": 2, "CRITICAL": 2}.get(found[1], 0)
    if text.startswith((" ", "\t")):
        return before
    return 2 if _BAD.search(text) else 1 if _ODD.search(text) else 0


class LogsScreen(Screen[None]):
    """One log at a time."""

    BINDINGS = [*commands.bindings("logs")]  # noqa: RUF012
    DEFAULT_CSS = """
    LogsScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    LogsScreen RichLog { height: 1fr; padding: 0 1; background: $background; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.at, self.level, self.follow = 0, 0, True
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self._follower: Follower | None = None
        self._width = 0

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield SearchLine("Only lines that hold these words", "#lines")
        yield RichLog(id="lines", max_lines=KEPT, wrap=True, markup=False, highlight=False, auto_scroll=False, min_width=20)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(RichLog).focus()
        self._open()
        self.set_interval(LOOK_SECONDS, self._read)

    def on_resize(self) -> None:
        if self._width and self._width != self.size.width:
            self._draw()
        self._width = self.size.width

    @property
    def files(self) -> list[Path]:
        """The app's own log first, and those of its helpers that there are."""
        from memento_desktop.config.logs import log_file
        from memento_desktop.config.paths import Paths

        own = log_file(Paths.of_this_user())
        return [own, *(own.with_name(name) for name in list(NAMES)[1:] if own.with_name(name).exists())]

    def _open(self) -> None:
        from memento_desktop.config.logs import Follower

        files = self.files
        self.at %= len(files)
        self.lines.clear()
        self._follower = Follower(files[self.at], KEPT)
        self._draw()
        self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        """What came since the last time, read in a thread."""
        follower = self._follower
        if follower is None:
            return
        new = await shell(self).desk.call(follower.read)
        if follower is not self._follower:
            return
        fresh: list[Line] = []
        for text in new:
            before = fresh[-1].level if fresh else self.lines[-1].level if self.lines else 0
            fresh.append(Line(clean(text[:LONGEST]).replace("\t", "    "), level_of(text, before)))
        if fresh:
            unseen = not any(self._shown(line) for line in self.lines)
            self.lines.extend(fresh)
            if unseen:  # what stands there says that there is nothing
                self._draw()
            else:
                self._write(fresh)

    def on_input_changed(self) -> None:
        self._draw()

    def _shown(self, line: Line) -> bool:
        words = self.query_one(SearchLine).value.lower().split()
        return line.level >= self.level and all(word in line.text.lower() for word in words)

    def _draw(self) -> None:
        """All that is kept, anew."""
        widget = self.query_one(RichLog)
        widget.clear()
        if not any(self._shown(line) for line in self.lines):
            empty = f"None of {len(self.lines):,} lines is such a one." if self.lines else "Nothing was written down here yet."
            widget.write(Text(empty), scroll_end=False)
        self._write(list(self.lines))
        if self.follow:
            widget.scroll_end(animate=False)
        self._say()

    def _write(self, lines: list[Line]) -> None:
        widget = self.query_one(RichLog)
        at_end = widget.is_vertical_scroll_end
        styles = ("", ink(self, "warning"), ink(self, "error"))
        for line in filter(self._shown, lines):
            widget.write(Text(line.text, style=styles[line.level]), expand=True, scroll_end=False)
        if self.follow and at_end:  # not under the eyes of somebody who reads further up
            widget.scroll_end(animate=False)

    def _say(self) -> None:
        file = self.files[self.at]
        follow = "following" if self.follow else "not following"
        text = f"  {NAMES.get(file.name, file.name)} · {LEVELS[self.level]} · {follow} · "
        self.query_one("#head", Static).update(Content.assemble(("Log", "bold"), text, (clean(str(file)), "$foreground-muted")))

    # what can be done

    def action_next(self) -> None:
        self.at += 1
        self._open()

    def action_level(self) -> None:
        self.level = (self.level + 1) % len(LEVELS)
        self._draw()

    def action_follow(self) -> None:
        self.follow = not self.follow
        if self.follow:
            self.query_one(RichLog).scroll_end(animate=False)
        self._say()

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    def action_copy(self) -> None:
        text = self.get_selected_text() or "\n".join(line.text for line in self.lines if self._shown(line))
        shell(self).copy_to_clipboard(text)
        self.notify(f"Copied: {text.count(chr(10)) + 1 if text else 0} lines.")


SCREEN = LogsScreen
