"""A file written whole or not at all: beside its place first, then put there in one step; and changed by one program at a time."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
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


@contextlib.contextmanager
def alone(path: Path) -> Generator[None]:
    """Keeps other programs that ask the same from changing `path` meanwhile: waits for them, holding a lock on a hidden file beside it.

    Raises:
        MementoError: the folder cannot be written.
    """
    folder = path.resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / f".{path.resolve().name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise MementoError(f"{path} cannot be written: {error.strerror or error}.", "Nothing was changed.") from error
    try:
        with contextlib.suppress(OSError):  # some file systems have no locks: then two changes in one moment are not kept apart
            _lock(handle)
        yield
    finally:
        os.close(handle)  # which ends the lock


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)


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
