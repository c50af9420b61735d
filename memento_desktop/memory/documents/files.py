"""The files that documents come from: which ones a name means, and one read as it is at one moment."""

from __future__ import annotations

import asyncio
import errno
import glob
import hashlib
import os
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memento_desktop.errors import MementoError
from memento_desktop.memory.documents.chunking import Chunk, chunks
from memento_desktop.sandbox.convert import LIMITS, Limits, convert

MOST_FILES = 5000
"""Files that one call remembers at most: more are mostly a folder that was named by mistake."""

Converter = Callable[[Path, Limits], Awaitable[str]]


@dataclass(frozen=True)
class State:
    """How a file lies on the disk."""

    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Read:
    """A file as it was read."""

    path: str
    sha256: str
    state: State
    chunks: Sequence[Chunk]


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, and why."""

    path: str
    reason: str


@dataclass
class Found:
    """What a call means: its files, each once, and what was left out on the way."""

    files: dict[str, None] = field(default_factory=dict[str, None])
    skipped: list[Skipped] = field(default_factory=list[Skipped])


def absolute(name: str | Path) -> str:
    """A path as it is kept: absolute, `~` and `..` resolved, links as they are named."""
    return os.path.abspath(os.path.expanduser(str(name)))  # noqa: PTH100, PTH111  (Path's keeps `..`, and raises where there is no such user)


def collect(names: Sequence[str]) -> Found:
    """The files that these names mean: files, folders with all that is below them, patterns such as `notes/**/*.md`.

    Hidden files and what is no ordinary file are left out by name, links to folders are not followed; a hidden file that is named itself
    is read.

    Raises:
        MementoError: a name means nothing that is there, or all of them more than `MOST_FILES`.
    """
    found = Found()
    for name in names:
        path = absolute(name)
        if os.path.lexists(path):
            _collect_one(path, found)
            continue
        matches = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []  # noqa: PTH207  (Path's knows no `~/a/*`)
        if not matches:
            raise MementoError(f"There is no file {name}.", "Check the name; nothing was remembered.")
        for match in matches:
            if not (Path(match).is_dir() and "**" in name):  # the pattern names the files in it itself
                _collect_one(match, found)
    found.skipped = list(dict.fromkeys(found.skipped))
    if not found.files and not found.skipped:
        raise MementoError(f"There is no file in {names[0]}.", "Nothing was remembered.")
    return found


def _collect_one(path: str, found: Found) -> None:
    if Path(path).is_dir():
        for entry, reason in _below(path):
            _add(entry, reason, found)
    else:
        _add(path, _unfit(path), found)


def _add(path: str, reason: str, found: Found) -> None:
    if not _writable_name(path):
        found.skipped.append(Skipped(path.encode("utf-8", "replace").decode(), "its name is not proper text"))
    elif reason:
        found.skipped.append(Skipped(path, reason))
    else:
        found.files.setdefault(path)
    if len(found.files) > MOST_FILES:
        raise MementoError(f"These are more than {MOST_FILES:,} files.", "Name a smaller folder; nothing was remembered.")


def _below(folder: str) -> Iterator[tuple[str, str]]:
    """Everything in a folder, in order, with the reason why it is left out, if it is."""
    unreadable: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=unreadable.append):
        for name in sorted(folders):
            path = str(Path(root, name))
            if _hidden(name):
                yield path, "a hidden folder"
            elif Path(path).is_symlink():
                yield path, "a link to a folder"
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(files):
            path = str(Path(root, name))
            yield path, "hidden" if _hidden(name) else _unfit(path)
    for error in unreadable:
        yield str(error.filename), f"cannot be opened: {error.strerror}"


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in ("Thumbs.db", "desktop.ini", "__pycache__")


def _unfit(path: str) -> str:
    """Why a path is nothing to read; empty where it is an ordinary file."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    return "" if stat.S_ISREG(mode) else "not an ordinary file"


def _writable_name(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def state_of(path: str) -> State:
    """
    Raises:
        OSError: the file is not there, cannot be looked at, or is none: a pipe would block who opens it.
    """
    found = os.stat(path)  # noqa: PTH116  (one call a file, before each task)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file any more", path)
    return State(found.st_size, found.st_mtime_ns)


def digest_of(path: str) -> str:
    """
    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def read(path: str, converter: Converter = convert, limits: Limits = LIMITS) -> Read:
    """A file's passages, all of one state of it.

    Raises:
        MementoError: it cannot be read, or it was written to meanwhile. The message names the file.
    """
    name = Path(path).name
    try:
        before = await asyncio.to_thread(lambda: (state_of(path), digest_of(path) if state_of(path).size <= limits.bytes else ""))
        text = await converter(Path(path), limits)
        found = await asyncio.to_thread(chunks, text, name)
        after = await asyncio.to_thread(lambda: (state_of(path), digest_of(path)))
    except OSError as error:
        raise MementoError(f"{name} cannot be opened: {error.strerror}") from error
    if before != after:
        raise MementoError(f"{name} is being written to", "it is read when it has settled")
    if not found:
        raise MementoError(f"{name} holds no text")
    return Read(path, before[1], before[0], found)
