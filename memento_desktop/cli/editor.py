"""Text edited in the owner's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from memento_desktop.errors import MementoError


def edited(text: str) -> str:
    """What the owner made of `text` in $VISUAL or $EDITOR; the text as it was when the file was left alone.

    Raises:
        MementoError: there is no editor, or it failed; nothing is lost, since nothing was changed.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.md"
        path.write_text(text, "utf-8")
        try:
            done = subprocess.run([*shlex.split(command, posix=os.name != "nt"), str(path)], check=False)
        except OSError as error:
            raise MementoError(
                f"The editor “{command}” cannot be started: {error}.", "Set EDITOR, or give the text on the command line."
            ) from error
        if done.returncode:
            raise MementoError(f"The editor “{command}” ended with code {done.returncode}.", "Nothing was changed.")
        return path.read_text("utf-8")
