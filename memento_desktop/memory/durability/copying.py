"""One bank file as a file: opened without changing it, examined and counted, copied page by page. `backup` keeps and restores with it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory.schema import MIGRATIONS

BUSY_MS = 2_000
SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""


class DamagedError(MementoError):
    """A file that should be a bank, and cannot be read as one."""


@dataclass(frozen=True)
class Contents:
    """What a bank holds, all profiles together."""

    memories: int
    """Of every kind but cases, in every state."""
    cases: int
    conversations: int
    changes: int
    version: str
    """Its newest migration."""


def examine(path: Path, thorough: bool = False) -> Contents:
    """Opens a copy without changing anything on disk, checks it and counts what it holds. `thorough` also compares indexes with tables.

    Raises:
        MementoError: it is not there, of another program, or from a newer version.
        DamagedError: it is empty or damaged.
    """
    try:
        if not path.is_file():
            raise MementoError(f"There is no file {path}.", "`memento backups` lists the copies that there are.")
        if path.stat().st_size == 0:
            raise DamagedError(f"{path} is empty.", "Choose another copy: `memento backups`.")
        with opened(path) as db:
            found = contents(db, path)
            check = "integrity_check" if thorough else "quick_check"
            said = [str(row[0]) for row in db.execute(f"PRAGMA {check}(1)")]
            if said != ["ok"]:
                raise DamagedError(f"{path} is damaged: {' '.join(said[0].split())}.", "Choose another copy: `memento backups`.")
            return found
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise DamagedError(f"{path} is not a memory bank, or it is damaged: {error}.", "Choose another copy: `memento backups`.") from error
    except (apsw.Error, OSError) as error:
        raise MementoError(f"{path} cannot be read: {error}.", "Copy it into a folder that you may write to, and try again.") from error


def contents(db: Any, path: Path) -> Contents:
    """What the bank behind a connection holds.

    Raises:
        MementoError: it is a database of another program, or from a newer version.
    """
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema")}
    if not {"migration", "memory", "session", "txn"} <= names:
        raise MementoError(f"{path} is a database of another program.", "Choose a copy of a memory bank: `memento backups`.")
    versions = [row[0] for row in db.execute("SELECT name FROM migration ORDER BY rowid")]
    if stranger := [name for name in versions if name not in [known for known, _ in MIGRATIONS]]:
        raise MementoError(f"{path} was written by a newer version of Memento ({stranger[-1]}).", "Update Memento; it was not touched.")
    # Counted in the table itself, not in a smaller index: a damaged page is met here already.
    cases, others = next(db.execute("SELECT coalesce(sum(kind = 'case'), 0), coalesce(sum(kind != 'case'), 0) FROM memory NOT INDEXED"))
    sessions, changes = (next(db.execute(f"SELECT count(*) FROM {table}"))[0] for table in ("session", "txn"))
    return Contents(others, cases, sessions, changes, versions[-1] if versions else "")


@contextmanager
def opened(path: Path, live: bool = False) -> Generator[Any]:
    """A connection that only reads. A file that lies still is opened as such: nothing is written beside it. `live`: others write to it."""
    flags = apsw.SQLITE_OPEN_READONLY
    if live or logged(path):
        db = apsw.Connection(str(path), flags=flags)
    else:
        posix = path.absolute().as_posix()
        uri = f"file://{'' if posix.startswith('/') else '/'}{quote(posix, safe='/:')}?mode=ro&immutable=1"
        db: Any = apsw.Connection(uri, flags=flags | apsw.SQLITE_OPEN_URI)
    try:
        db.set_busy_timeout(BUSY_MS)
        yield db
    finally:
        db.close()


def pages(source: Any, part: Path) -> None:
    """All pages of a database into a new file, on disk when this returns, as one file that needs none beside it. Checks nothing."""
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    copy: Any = apsw.Connection(str(part))
    try:
        list(copy.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"))  # half written it is thrown away anyhow
        with copy.backup("main", source, "main") as job:
            job.step(-1)
    finally:
        copy.close()
    settle(part)
    sync(part)


def settle(part: Path) -> None:
    """Makes a file one that needs no log beside it. A damaged one may keep that mark: it is kept as it is."""
    db: Any = apsw.Connection(str(part))
    try:
        list(db.execute("PRAGMA journal_mode=DELETE"))
    except (apsw.NotADBError, apsw.CorruptError):
        pass
    finally:
        db.close()


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on disk. Windows knows no such thing for folders."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def beside(path: Path, side: str) -> Path:
    """The file beside `path` that bears its name with `side` at the end."""
    return path.with_name(path.name + side)


def logged(path: Path, *sides: str) -> bool:
    """Whether a log with content stands beside a database."""
    return any(log.exists() and log.stat().st_size for log in (beside(path, side) for side in sides or ("-wal", "-journal")))


def remove(path: Path) -> Path:
    """Removes a file with what SQLite keeps beside it. Returns its path."""
    for side in ("", *SIDES):
        beside(path, side).unlink(missing_ok=True)
    return path
