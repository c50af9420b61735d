"""A memory in the owner's own editor, and back. A refused text is never lost: it is offered again, and stays in its file."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from memento_desktop.config.editor import editor_command, editor_words
from memento_desktop.errors import MementoError
from memento_desktop.tui.screens.memory_sheets import RefusedSheet

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.shaping import Shaped
    from memento_desktop.memory.browsing.sheet import Sheet, Sheets
    from memento_desktop.tui.app import MementoApp


async def in_editor(app: MementoApp, sheets: Sheets, sheet: Sheet) -> Shaped | None:
    """Opens the sheet until it is taken or given up; None where nothing was written.

    Raises:
        MementoError: the editor cannot be used; the hint names the file with what was written, where something was.
    """
    from memento_desktop.memory.browsing.sheet import SheetError

    path = _written(sheet.text)
    while True:
        text = _edited(app, path, sheet.text)
        if text == sheet.text:
            path.unlink()
            app.notify("Nothing was changed.")
            return None
        try:
            shaped = await app.desk.call(sheets.apply, sheet, text)
        except SheetError as error:
            if not await app.push_screen_wait(RefusedSheet(error, error.line, text, str(path))):
                app.notify(f"The memory is as it was. What you wrote is in {path}", timeout=10, markup=False)
                return None
        except MementoError as error:
            raise MementoError(error.message, f"{error.hint} What you wrote is in {path}.".strip()) from error
        else:
            path.unlink()
            return shaped


def _written(text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="memento-", suffix=".md")
    os.close(handle)
    path = Path(name)
    path.write_text(text, "utf-8")
    return path


def _edited(app: MementoApp, path: Path, before: str) -> str:
    """What stands in the file after the editor was closed. The app has no terminal meanwhile: nothing else is drawn or waits."""
    try:
        open_editor(app, path)
        return path.read_text("utf-8-sig", errors="replace")
    except (MementoError, OSError) as error:
        raise _kept(error, path, before) from error


def open_editor(app: MementoApp, path: Path) -> None:
    """The editor has the terminal until it ends.

    Raises:
        MementoError: it cannot be started here, or failed.
    """
    command = editor_command(app.desk.settings.app.editor)
    words = editor_words(command, path)
    failed: Exception | None = None
    code = 0
    try:
        with app.suspend():
            try:
                code = subprocess.run(words, check=False).returncode
            except OSError as error:  # the terminal is the app's again only after the end of this block
                failed = error
    except SuspendNotSupported:
        raise MementoError("The editor cannot have this terminal.", "Press e to edit here, or `memento memory edit` in a shell.") from None
    if failed is not None:
        raise MementoError(f"The editor “{command}” cannot be started: {failed}.", "Set app.editor in the settings, or EDITOR.")
    if code:
        raise MementoError(f"The editor “{command}” ended with code {code}.", "Nothing was changed.")


def _kept(error: MementoError | OSError, path: Path, before: str) -> MementoError:
    """The error, with where the text is, if anything was written."""
    message, hint = (error.message, error.hint) if isinstance(error, MementoError) else (f"{path} cannot be read: {error}.", "")
    try:
        if path.read_text("utf-8", errors="replace") == before:
            path.unlink()
            return MementoError(message, hint)
    except OSError:
        return MementoError(message, hint)
    return MementoError(message, f"{hint} What you wrote is in {path}.".strip())
