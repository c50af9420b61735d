"""The owner's own editor, in place of the app for as long as it is open."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from memento_desktop.errors import MementoError

if TYPE_CHECKING:
    from textual.app import App


def in_editor(app: App[None], text: str, suffix: str, editor: str = "") -> str:
    """What the owner made of `text`. `editor` is the command; empty for that of the environment.

    Raises:
        MementoError: it cannot be started or failed; what was written stays in the file that the hint names.
        SuspendNotSupported: nothing else can be shown in this terminal.
    """
    from memento_desktop.config.editor import editor_command, editor_words

    command = editor_command(editor)
    handle, name = tempfile.mkstemp(prefix="memento-", suffix=suffix)
    os.close(handle)
    path = Path(name)
    path.write_text(text, "utf-8", newline="")
    try:
        words = editor_words(command, path)
        with app.suspend():
            code = subprocess.run(words, check=False).returncode
        changed = path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise MementoError(
            f"The editor “{command}” cannot be started: {error}.", "Set app.editor, or EDITOR in the environment."
        ) from error
    except Exception:
        path.unlink(missing_ok=True)
        raise
    if code:
        raise MementoError(f"The editor “{command}” ended with code {code}.", f"Nothing was changed. What you wrote is in {path}.")
    path.unlink()
    return changed
