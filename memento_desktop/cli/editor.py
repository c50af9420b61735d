"""Text edited in the owner's own editor."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from memento_desktop.config.editor import editor_command, editor_words
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError


@contextmanager
def edited(text: str, suffix: str = ".md") -> Generator[str]:
    """What the owner made of `text` in the editor of the settings, or in $VISUAL or $EDITOR; the file goes only when the body came to its
    end.

    Raises:
        MementoError: there is no editor, it failed, or the body did; what was written stays in the file that the hint names.
    """
    command = _command()
    handle, name = tempfile.mkstemp(prefix="memento-", suffix=suffix)
    os.close(handle)
    path = Path(name)
    path.write_text(text, "utf-8")
    try:
        _run(command, path)
        yield path.read_text("utf-8-sig", errors="replace")
    except MementoError as error:
        raise MementoError(error.message, f"{error.hint} What you wrote is in {path}.".strip()) from error
    path.unlink()


def _command() -> str:
    """The editor's command; settings that cannot be read name none: they are perhaps what is to be mended in it."""
    chosen = ""
    with contextlib.suppress(MementoError):
        chosen = Settings.load(Paths.of_this_user().settings).app.editor
    return editor_command(chosen)


def _run(command: str, path: Path) -> None:
    try:
        done = subprocess.run(editor_words(command, path), check=False)
    except OSError as error:
        raise MementoError(
            f"The editor “{command}” cannot be started: {error}.", "Set app.editor or EDITOR, or give the text on the command line."
        ) from error
    if done.returncode:
        raise MementoError(f"The editor “{command}” ended with code {done.returncode}.", "Nothing was changed.")
