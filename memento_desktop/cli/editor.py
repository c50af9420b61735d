"""Text edited in the owner's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from memento_desktop.errors import MementoError


@contextmanager
def edited(text: str) -> Generator[str]:
    """What the owner made of `text` in $VISUAL or $EDITOR; the file goes only when the body came to its end.

    Raises:
        MementoError: there is no editor, it failed, or the body did; what was written stays in the file that the hint names.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    handle, name = tempfile.mkstemp(prefix="memento-", suffix=".md")
    os.close(handle)
    path = Path(name)
    path.write_text(text, "utf-8")
    try:
        _run(command, path)
        yield path.read_text("utf-8-sig", errors="replace")
    except MementoError as error:
        raise MementoError(error.message, f"{error.hint} What you wrote is in {path}.".strip()) from error
    path.unlink()


def _run(command: str, path: Path) -> None:
    try:
        # Windows paths hold backslashes, which shell rules would eat: there the line goes to the system as it is.
        words = f'{command} "{path}"' if os.name == "nt" else [*shlex.split(command), str(path)]
        done = subprocess.run(words, check=False)
    except (OSError, ValueError) as error:
        raise MementoError(
            f"The editor “{command}” cannot be started: {error}.", "Set EDITOR, or give the text on the command line."
        ) from error
    if done.returncode:
        raise MementoError(f"The editor “{command}” ended with code {done.returncode}.", "Nothing was changed.")
