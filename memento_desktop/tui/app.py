"""The app: starts with a frame, opens the assistant behind it, and knows the way to every screen."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.desk import Choice, Desk, Start
from memento_desktop.tui.screens.sheets import ApprovalSheet, ErrorSheet
from memento_desktop.tui.screens.work import WorkScreen
from memento_desktop.tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from memento_desktop.agent.ports import ToolSpec


def _palette() -> type[Provider]:
    from memento_desktop.tui.palette import Everything

    return Everything


class MementoApp(App[None]):
    """`memento` without a command."""

    TITLE = "Memento"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[Any]] = {_palette}
    BINDINGS: ClassVar[list[Any]] = [
        *(b for b in commands.bindings("app") if b.id != "app.command-palette"),
        Binding("ctrl+p", "command_palette", "commands", id="app.command-palette", priority=True),
    ]
    CSS = """
    Screen { background: $background; }
    Footer { background: $panel; }
    """

    def __init__(self, start: Start) -> None:
        super().__init__()
        self.desk = Desk(start, self.ask_owner)
        self.focused_terminal = True
        self.keys: dict[str, str] = {}
        """The owner's own keys by command."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK

    def get_default_screen(self) -> Screen[Any]:
        return WorkScreen()

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    @work
    async def _open(self) -> None:
        """Everything that the first frame does not need."""
        try:
            await self.desk.open()
        except MementoError as error:
            await self.push_screen(ErrorSheet(error))
            return
        self._apply_settings()
        if isinstance(self.screen_stack[0], WorkScreen):
            await self.screen_stack[0].opened()

    def _apply_settings(self) -> None:
        chosen = self.desk.settings.app
        try:
            self.keys = commands.keymap(chosen.keys)
            self.set_keymap(self.keys)
        except MementoError as error:
            self.say_error(error)
        if chosen.theme in self.available_themes:
            self.theme = chosen.theme
        elif chosen.theme:
            self.say_error(MementoError(f"There is no theme “{chosen.theme}”.", f"Known: {', '.join(sorted(self.available_themes))}."))
        if chosen.temporary:
            self.desk.temporary = True

    async def action_quit(self) -> None:
        """Leaves; a running task is stopped first and kept as stopped."""
        if self.desk.cancel():
            await self.work_screen.settled()
        self.exit()

    async def on_unmount(self) -> None:
        await self.desk.close()

    # the owner's consent

    async def ask_owner(self, spec: ToolSpec, preview: str) -> Choice:
        return await self.push_screen_wait(ApprovalSheet(spec.name, spec.risk, preview)) or "no"

    # ways

    @property
    def work_screen(self) -> WorkScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, WorkScreen)
        return screen

    def say_error(self, error: MementoError) -> None:
        """An error in a corner; a long one in a box of its own."""
        text = f"{error.message}\n{error.hint}".strip()
        if len(text) > 240:
            self.push_screen(ErrorSheet(error))
        else:
            self.notify(text, severity="error", timeout=8, markup=False)

    def action_leave(self) -> None:
        """Closes the topmost screen; on the lowest it is the screen's own business."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.work_screen.action_leave()

    async def _go(self, name: str) -> Screen[Any]:
        """Opens a screen, which is imported now; one of its kind that is open already is closed down to. Returns it."""
        kind = importlib.import_module(f"memento_desktop.tui.screens.{name}").SCREEN
        while len(self.screen_stack) > 1 and any(isinstance(one, kind) for one in self.screen_stack[:-1]):
            await self.pop_screen()
        if not isinstance(self.screen, kind):
            await self.push_screen(kind())
        return self.screen

    async def open_memory(self, memory_id: int) -> None:
        """One memory in the browser."""
        screen: Any = await self._go("memories")
        await screen.look_for(f"id:{memory_id}")

    async def action_help(self) -> None:
        await self._go("help")

    async def action_memories(self) -> None:
        await self._go("memories")

    async def action_review(self) -> None:
        await self._go("review")

    async def action_sessions(self) -> None:
        await self._go("sessions")

    async def action_history(self) -> None:
        await self._go("history")

    async def action_map(self) -> None:
        await self._go("map")

    async def action_plots(self) -> None:
        await self._go("plots")

    async def action_models(self) -> None:
        await self._go("models")

    async def action_settings(self) -> None:
        await self._go("settings")

    async def action_logs(self) -> None:
        await self._go("logs")

    def action_theme(self) -> None:
        self.search_themes()

    async def action_undo(self) -> None:
        await self._change("undo")

    async def action_redo(self) -> None:
        await self._change("redo")

    async def _change(self, verb: str) -> None:
        try:
            assistant = await self.desk.ready()
            done = await self.desk.call(getattr(assistant.history, verb))
        except MementoError as error:
            self.say_error(error)
            return
        self.notify(f"{'Taken back' if verb == 'undo' else 'Done again'}: {done.label}", markup=False)
        await self.changed()

    async def changed(self) -> None:
        """Memory changed: every open screen that shows it looks again."""
        for screen in self.screen_stack:
            look = getattr(screen, "look_again", None)
            if look is not None:
                await look()

    def action_new_session(self) -> None:
        self.work_screen.action_new_session()

    def action_temporary(self) -> None:
        self.work_screen.action_temporary()

    def tell_outside(self, text: str) -> None:
        """The terminal's own notification (OSC 9) and its bell; terminals without the one ignore it."""
        if self._driver is not None:
            self._driver.write(f"\x1b]9;{clean(text)}\a\a")

    def on_app_focus(self) -> None:
        self.focused_terminal = True

    def on_app_blur(self) -> None:
        self.focused_terminal = False


def run(folders: list[Path], model: Path | None, temporary: bool = False, deterministic: bool = False) -> None:
    """Opens the app and returns when it is closed."""
    if os.environ.get("TERM") == "dumb":
        raise MementoError("This terminal cannot show the app.", 'Use `memento ask "…"` and the other commands instead.')
    MementoApp(Start(tuple(folders), model, temporary, deterministic)).run()
