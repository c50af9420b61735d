"""The folder of a pool on disk: `pool.json`, and below `authors/` one folder an author, with one file a month.

Nobody writes a file of somebody else, and a file only grows at its end. So whatever carries the folder from machine to machine never has
two versions of one file to choose from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.pools.identity import fingerprint, tidy_name
from memento_desktop.memory.pools.record import LONGEST, dumped

VERSION = 1
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\.jsonl")
LARGEST = 64 * 1024 * 1024
"""Bytes of one file of an author."""
MOST_AUTHORS = 1000
ABOUT = """# {name}: a shared pool of Memento

Each person's memories stand in a file of their own below `authors`, one a line, and are only ever added to. Every line is signed and names
the line before it: edited by hand, a file is refused by all readers. To take something back, use `memento pool withdraw`.

Read it with `memento pool join`. Whoever can read this folder can read what is in it, what was withdrawn too.
"""


@dataclass(frozen=True)
class Pool:
    """A pool's folder, its identifier and its name."""

    path: Path
    id: str
    name: str


def _identifier(name: str, made: str, salt: str) -> str:
    """The pool's identifier follows from what `pool.json` says, so that the file cannot be changed and stay the same pool's."""
    return hashlib.sha256(dumped([VERSION, name, made, salt])).hexdigest()[:32]


def create(path: Path, name: str, made: str) -> Pool:
    """A new pool in a folder that is new, or empty.

    Raises:
        MementoError: there is something in it, or it cannot be written.
    """
    name = tidy_name(name, "a pool's name")
    salt = secrets.token_hex(16)
    pool = Pool(path.absolute(), _identifier(name, made, salt), name)
    try:
        if path.is_dir() and any(not entry.name.startswith(".") for entry in path.iterdir()):
            raise MementoError(f"{path} is not empty.", "Take a new folder; `memento pool join` reads a pool that is there.")
        (path / "authors").mkdir(parents=True, exist_ok=True)
        (path / ".gitattributes").write_bytes(b"*.jsonl -text\n")  # a changed line end is a changed line
        (path / "README.md").write_bytes(ABOUT.format(name=name).encode())
        part = path / ".pool.json.part"
        part.write_bytes(dumped({"memento-pool": VERSION, "id": pool.id, "name": name, "made": made, "salt": salt}) + b"\n")
        part.replace(path / "pool.json")
    except OSError as error:
        raise MementoError(f"The folder {path} cannot be written: {error.strerror or error}.", "Check its permissions.") from error
    return pool


def opened(path: Path) -> Pool:
    """The pool in a folder.

    Raises:
        MementoError: there is none, it was changed, or it was made by a newer version.
    """
    file = path / "pool.json"
    try:
        found: Any = json.loads(_regular(file, 64 * 1024).decode())
    except FileNotFoundError as error:
        hint = "Is it connected and synced? What was read before stays as it is."
        raise MementoError(f"There is no pool in {path}.", hint) from error
    except (OSError, ValueError, RecursionError) as error:
        raise MementoError(f"{file} cannot be read: {error}.", "Let the folder finish syncing, or put the file back.") from error
    try:
        if found["memento-pool"] != VERSION:
            raise MementoError(f"The pool in {path} was made by a newer version of Memento.", "Update Memento.")
        pool = Pool(path.absolute(), found["id"], found["name"])
        if pool.id != _identifier(found["name"], found["made"], found["salt"]) or tidy_name(pool.name, "a pool's name") != pool.name:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise MementoError(f"{file} was changed: it does not fit the pool's identifier.", "Put the file back as it was made.") from error
    return pool


def folder_of(key: str, name: str) -> str:
    """The name of an author's folder: readable, and bound to the key."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
    return f"{slug}-{fingerprint(key)[:16]}" if slug else fingerprint(key)[:16]


def belongs(folder: Path, key: str) -> bool:
    """Whether this folder is that of the author with this key."""
    return folder.name.rpartition("-")[2] == fingerprint(key)[:16]


def authors(pool: Pool) -> list[Path]:
    """The authors' folders, by name.

    Raises:
        MementoError: the folder cannot be read, or there are too many.
    """
    top = pool.path / "authors"
    try:
        found = sorted(
            entry for entry in top.iterdir() if not entry.name.startswith(".") and entry.is_dir() and not entry.is_symlink()
        )  # fmt: skip
    except FileNotFoundError:
        return []
    except OSError as error:
        raise MementoError(f"{top} cannot be read: {error.strerror or error}.", "Check the folder.") from error
    if len(found) > MOST_AUTHORS:
        raise MementoError(f"{top} holds {len(found)} authors; more than {MOST_AUTHORS} are not read.")
    return found


def months(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of an author in order, and what else lies there: copies that a sync tool made of a conflict, for one.

    Raises:
        MementoError: the folder cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise MementoError(f"{folder} cannot be read: {error.strerror or error}.", "Check the folder.") from error
    entries = [entry for entry in found if not entry.name.startswith((".", "~")) and entry.suffix not in (".tmp", ".part")]
    own = [entry for entry in entries if MONTH.fullmatch(entry.name)]
    return own, [entry for entry in entries if entry not in own]


def content(file: Path) -> bytes:
    """The bytes of an author's file. What a sync tool only reserved at its end (zeroes) is not there yet.

    Raises:
        MementoError: it cannot be read, it is too large, or no plain file.
    """
    try:
        return _regular(file, LARGEST).rstrip(b"\0")
    except OSError as error:
        raise MementoError(f"{file} cannot be read: {error.strerror or error}.", "Let the folder finish syncing.") from error


def beginning(file: Path) -> bytes:
    """No more than its first record needs.

    Raises:
        MementoError: as for `content`.
    """
    try:
        return _regular(file, LARGEST, LONGEST + 1)
    except OSError as error:
        raise MementoError(f"{file} cannot be read: {error.strerror or error}.", "Let the folder finish syncing.") from error


def _regular(file: Path, largest: int, most: int = -1) -> bytes:
    """The bytes of a plain file: a link or a device that somebody put into the folder is not followed."""
    status = file.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError("it is not a plain file")
    if status.st_size > largest:
        raise OSError(f"it is larger than {largest:,} bytes")
    with file.open("rb") as opened_file:
        return opened_file.read(largest if most < 0 else most)


def append(pool: Pool, folder: str, month: str, keep: int, lines: Sequence[bytes]) -> None:
    """Writes lines at the end of one's own file, after its first `keep` bytes: what is behind them is a line that was never finished.

    The lines are on the disk when this returns.

    Raises:
        MementoError: it cannot be written, or somebody put a link there.
    """
    own = pool.path / "authors" / folder
    file = own / month
    try:
        own.mkdir(parents=True, exist_ok=True)
        for part in (own.parent, own):
            if part.is_symlink() or not part.is_dir():
                raise MementoError(f"{part} is a link, and is not written through.", "Remove it.")
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise MementoError(f"{file} is not a plain file, and is not written to.", "Remove it.")
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(file, flags, 0o666), "wb") as opened_file:
            if opened_file.seek(0, os.SEEK_END) > keep:
                opened_file.truncate(keep)
            opened_file.seek(keep)
            opened_file.write(b"".join(line + b"\n" for line in lines))
            opened_file.flush()
            os.fsync(opened_file.fileno())
    except OSError as error:
        raise MementoError(
            f"{file} cannot be written: {error.strerror or error}.", "It waits and is written at the next `memento pool sync`."
        ) from error
    with contextlib.suppress(OSError):  # Windows has no folders to sync
        handle = os.open(own, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
