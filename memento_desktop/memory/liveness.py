"""Whether the process that runs a task still lives: it holds a lock on a file of its own, which the system lets go when it ends.

A process number would not do: numbers come again after a restart, and are alike in containers.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import IO

from memento_desktop.errors import MementoError


class Liveness:
    """One process's sign of life, and the others'."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds one small file per running process; those of dead ones are removed when they are found."""
        self.folder = folder
        self._held: IO[bytes] | None = None
        self._name = ""

    @property
    def name(self) -> str:
        """This process's sign; made when it is first asked for.

        Raises:
            MementoError: the folder cannot be written.
        """
        if self._held is None:
            name = f"{os.getpid()}-{secrets.token_hex(6)}.lock"
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                held = (self.folder / name).open("wb")
            except OSError as error:
                raise MementoError(f"{self.folder} cannot be written: {error.strerror}.", "Check the folder's permissions.") from error
            _lock(held)
            self._held, self._name = held, name
        return self._name

    def lives(self, name: str) -> bool:
        """Whether the process with this sign still runs."""
        if name == self._name and self._held is not None:
            return True
        path = self.folder / name
        if not name or not path.is_file():
            return False
        with path.open("r+b") as file:
            if not _lock(file):
                return True
        path.unlink(missing_ok=True)
        return False

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            (self.folder / self._name).unlink(missing_ok=True)
            self._held, self._name = None, ""


def _lock(file: IO[bytes]) -> bool:
    """Takes the whole file for this process, without waiting; whether it was free."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
