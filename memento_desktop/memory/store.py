"""The file of the bank: opened with its extension, its rows read, what can go wrong with it told in the owner's words.

The only file of the house that opens the bank; `durability` opens copies of it.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.copying import DamagedError

Row = dict[str, Any]
BUSY_MS = 10_000
DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"
QUICK = "PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY"


def _vector_extension() -> str:
    """Where sqlite-vec's library stands: importing the package would import NumPy, which takes longer than opening the bank."""
    spec = importlib.util.find_spec("sqlite_vec")
    if spec is None or spec.origin is None:
        raise MementoError("sqlite-vec is not installed.", "Install Memento again.")
    return str(Path(spec.origin).with_name("vec0"))


def _as_dict(cursor: apsw.Cursor, row: Any) -> Row:
    return dict(zip((column[0] for column in cursor.get_description()), row, strict=True))


class Store:
    """One open connection, and the lock that its users share."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            MementoError: not a bank, damaged, locked, or not writable; the file is left as it was.
        """
        self.path = path
        self.lock = threading.RLock()
        self.db: Any = self._connect()  # apsw's stubs leave the type of buffers open, which would make every row unknown

    def _connect(self) -> Any:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = not self.path.exists()
            self.copies.refuse_if_emptied()
            db: Any = apsw.Connection(str(self.path))
        except (apsw.Error, OSError) as error:
            raise MementoError(f"The memory bank {self.path} cannot be opened: {error}.", "Check that the folder is writable.") from error
        try:
            with self.telling():
                db.set_busy_timeout(BUSY_MS)
                names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema")}
                if names and "migration" not in names:
                    raise MementoError(f"{self.path} is a database of another program.", "Move it aside, or set MEMENTO_HOME.")
                if new:
                    self.path.chmod(0o600)
                db.enable_load_extension(True)
                db.load_extension(_vector_extension())
                db.enable_load_extension(False)
                for pragmas in (DURABLE, QUICK):
                    list(db.execute(pragmas))
        except BaseException:
            db.close()
            raise
        return db

    @property
    def copies(self) -> Backups:
        return Backups(self.path)

    @contextmanager
    def telling(self) -> Generator[None]:
        """What can go wrong with a file, in the owner's words."""
        try:
            yield
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise DamagedError(
                f"{self.path} is not a memory bank, or it is damaged: {error}.", f"Nothing was changed. {self.copies.advice()}"
            ) from error
        except (apsw.BusyError, apsw.LockedError) as error:
            raise MementoError("The memory bank is busy: another Memento is writing.", "Try again in a moment.") from error
        except (apsw.ReadOnlyError, apsw.PermissionsError, apsw.CantOpenError) as error:
            raise MementoError(f"The memory bank {self.path} cannot be written: {error}.", "Check the folder's permissions.") from error
        except apsw.FullError as error:
            raise MementoError("The disk is full: the last change was not kept.", "Free some space and do it again.") from error
        except apsw.IOError as error:
            raise MementoError(f"The disk failed under {self.path}: {error}.", "Check the disk; the last change was not kept.") from error

    @property
    def backups(self) -> Path:
        """Where copies of the bank are kept."""
        return self.path.parent / "backups"

    def flush(self) -> bool:
        """Moves what was written into the file itself and empties the log beside it; False when another process still reads it."""
        with self.lock, self.telling():
            return not self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]

    def close(self) -> None:
        with self.lock:
            self.db.close()

    def problems(self) -> list[str]:
        """What an integrity check finds; empty when all is well."""
        with self.lock, self.telling():
            found = [str(row[0]) for row in self.db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            found += [f"a row of {row[0]} points to nothing" for row in self.db.execute("PRAGMA foreign_key_check")]
        return found

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self.lock, self.telling():
            cursor = self.db.cursor()
            cursor.row_trace = _as_dict
            return cursor.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row:
        """The only row of a query that always has one."""
        return self.rows(sql, *values)[0]
