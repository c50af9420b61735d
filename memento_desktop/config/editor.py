"""Which editor opens the owner's texts, and how it is started."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from memento_desktop.errors import MementoError


def editor_command(editor: str = "") -> str:
    """The command: what the settings name, else that of $VISUAL or $EDITOR, else one that the system has."""
    return editor.strip() or os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")


def editor_words(command: str, path: Path) -> list[str] | str:
    """What `subprocess.run` takes to open `path`. Windows paths hold backslashes, which shell rules would eat: there it is one line.

    Raises:
        MementoError: the command's quotes do not close.
    """
    if os.name == "nt":
        return f'{command} "{path}"'
    try:
        return [*shlex.split(command), str(path)]
    except ValueError as error:
        raise MementoError(
            f"The editor “{command}” cannot be started: {error}.", "Set app.editor or EDITOR, or give the text on the command line."
        ) from error
