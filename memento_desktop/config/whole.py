"""A file written whole or not at all: beside its place first, then put there in one step."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from memento_desktop.errors import MementoError


def write_whole(path: Path, text: str, hint: str = "Nothing was changed.") -> None:
    """Writes `text` as UTF-8, on disk when this returns. A new file is its owner's alone; one that is there keeps its permissions, and a
    link stays a link.

    Raises:
        MementoError: it cannot be written; what was there before is untouched.
    """
    part = ""
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(prefix=f".{target.name[:100]}-", dir=target.parent)  # made with mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        Path(part).replace(target)
    except (OSError, UnicodeEncodeError, RuntimeError) as error:  # RuntimeError: links in a circle
        if part:
            Path(part).unlink(missing_ok=True)
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise MementoError(f"{path} cannot be written: {reason}.", hint) from error
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Has the new name of a file on disk too, where folders can be synced."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some file systems refuse it; the file itself is on disk
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
