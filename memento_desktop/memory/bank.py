"""The bank: opens the one SQLite file, keeps its schema, and makes every change a transaction that can be undone.

The only file of the house that opens the database. Each change runs inside `Bank.change`, which records every touched memory before
and after; `history` puts a state back from those records.
"""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory import records
from memento_desktop.memory.schema import MIGRATIONS
from memento_desktop.memory.windows import windows

Row = dict[str, Any]
BUSY_MS = 10_000
DEFAULT = "default"
"""The profile of an owner who never asked for another one."""
DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"
QUICK = "PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY"
PARTS = (("case_detail", "memory_id"), ("step", "case_id"), ("source", "memory_id"), ("link", "a"))


def _vector_extension() -> str:
    """Where sqlite-vec's library stands: importing the package would import NumPy, which takes longer than opening the bank."""
    spec = importlib.util.find_spec("sqlite_vec")
    if spec is None or spec.origin is None:
        raise MementoError("sqlite-vec is not installed.", "Install Memento again.")
    return str(Path(spec.origin).with_name("vec0"))


def with_bools(row: Row, *names: str) -> Row:
    """SQLite keeps truth as 0 and 1."""
    return row | {name: bool(row[name]) for name in names}


def _as_dict(cursor: apsw.Cursor, row: Any) -> Row:
    return dict(zip((column[0] for column in cursor.get_description()), row, strict=True))


class Change:
    """An open transaction: `touch` a memory before changing it."""

    def __init__(self, bank: Bank, txn: int) -> None:
        self.bank, self.id = bank, txn
        self.before: dict[int, Row | None] = {}
        self.sessions_before: dict[int, Row | None] = {}

    def touch(self, memory_id: int) -> None:
        """Notes the state of a memory as it is before this change; a new memory has none."""
        if memory_id not in self.before:
            self.before[memory_id] = self.bank.snapshot(memory_id)

    def created(self, memory_id: int) -> None:
        self.before.setdefault(memory_id, None)

    def touch_session(self, session_id: int) -> None:
        """The same for a whole conversation: an import, a new title, a deletion. What is said in it day by day is no history."""
        if session_id not in self.sessions_before:
            self.sessions_before[session_id] = self.bank.session_snapshot(session_id)

    def created_session(self, session_id: int) -> None:
        self.sessions_before.setdefault(session_id, None)


class Bank:
    """All memories of one owner. Safe to use from several threads; one writer at a time, also across processes."""

    def __init__(self, path: Path, profile: str = DEFAULT) -> None:
        """Opens or creates the bank at `path`, migrating it after a backup when it is older than this app.

        Args:
            profile: whose memories are seen and written through this connection; those of other profiles are not there for it.

        Raises:
            MementoError: not a bank, damaged, from a newer version, locked, or not writable; the file is left as it was.
        """
        self.path = path
        self.lock = threading.RLock()
        self._open_change: Change | None = None
        self.db: Any = self._connect()  # apsw's stubs leave the type of buffers open, which would make every row unknown
        try:
            self._migrate()
            self.db.execute("CREATE TEMP TABLE this (profile TEXT NOT NULL)")
            self.use(profile)
        except BaseException:
            self.db.close()
            raise

    def use(self, profile: str) -> None:
        """Turns to the memories of another profile."""
        with self.lock:
            self.profile = profile
            self.db.execute("DELETE FROM temp.this")
            self.db.execute("INSERT INTO temp.this VALUES (?)", (profile,))

    def _connect(self) -> Any:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = not self.path.exists()
            db: Any = apsw.Connection(str(self.path))
        except (apsw.Error, OSError) as error:
            raise MementoError(f"The memory bank {self.path} cannot be opened: {error}.", "Check that the folder is writable.") from error
        try:
            with self._telling():
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

    @contextmanager
    def _telling(self) -> Generator[None]:
        """What can go wrong with a file, in the owner's words."""
        try:
            yield
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise MementoError(
                f"{self.path} is not a memory bank, or it is damaged: {error}.",
                f"Nothing was changed. Move it aside, or put back a copy from {self.backups} if there is one.",
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

    def _migrate(self) -> None:
        names = [name for name, _ in MIGRATIONS]
        with self.lock:
            with self._telling():
                known = list(self.db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migration'"))
                seen = [row[0] for row in self.db.execute("SELECT name FROM migration ORDER BY rowid")] if known else []
            if stranger := [name for name in seen if name not in names]:
                raise MementoError(
                    f"{self.path} was written by a newer version of Memento ({stranger[-1]}).", "Update Memento; the bank was not touched."
                )
            missing = [migration for migration in MIGRATIONS if migration[0] not in seen]
            if missing and seen:
                self._keep_copy(seen[-1])
            if missing:
                self._apply(missing)

    def _apply(self, missing: list[tuple[str, Any]]) -> None:
        try:
            with self._transaction():
                self.db.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT")
                seen = {row[0] for row in self.db.execute("SELECT name FROM migration")}
                for name, step in missing:
                    if name not in seen:  # another process may have been quicker
                        step(self.db)
                        self.db.execute("INSERT INTO migration VALUES (?, ?)", (name, records.now()))
        except apsw.Error as error:
            raise MementoError(f"{self.path} could not be brought up to date: {error}.", "Nothing was changed.") from error

    def _keep_copy(self, version: str) -> None:
        target = self.backups / f"before-migration-{version}-{records.now()[:19].replace(':', '')}.sqlite"
        try:
            self.backups.mkdir(exist_ok=True, mode=0o700)
            self.backup(target)
        except (OSError, apsw.Error) as error:
            raise MementoError(f"No backup could be written to {target}: {error}.", "Free some space; the bank was not touched.") from error

    def backup(self, target: Path) -> None:
        """A consistent copy of the whole bank, taken while it is in use."""
        part = target.with_suffix(".part")
        copy = apsw.Connection(str(part))
        try:
            with self.lock, copy.backup("main", self.db, "main") as job:
                job.step(-1)
        finally:
            copy.close()
        part.replace(target)

    def flush(self) -> bool:
        """Moves what was written into the file itself and empties the log beside it; False when another process still reads it."""
        with self.lock, self._telling():
            return not self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]

    def close(self) -> None:
        with self.lock:
            self.db.close()

    def problems(self) -> list[str]:
        """What an integrity check finds; empty when all is well."""
        with self.lock:
            found = [str(row[0]) for row in self.db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            found += [f"a row of {row[0]} points to nothing" for row in self.db.execute("PRAGMA foreign_key_check")]
        return found

    # transactions

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with self._telling():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:  # SQLite may have rolled back by itself
                    self.db.execute("ROLLBACK")
                raise

    @contextmanager
    def change(self, actor: str, label: str, undoes: int | None = None) -> Generator[Change]:
        """One undoable change: all of it is written, or none. A change inside a change is part of it; one that changes nothing
        leaves no trace."""
        with self.lock:
            if self._open_change is not None:
                yield self._open_change
                return
            try:
                with self._transaction():
                    sql = "INSERT INTO txn (at, actor, label, undoes, profile) VALUES (?,?,?,?,?) RETURNING id"
                    change = self._open_change = Change(self, self.one(sql, records.now(), actor, label, undoes, self.profile)["id"])
                    yield change
                    if not self._write_revisions(change) and undoes is None:
                        self.db.execute("DELETE FROM txn WHERE id = ?", (change.id,))
            finally:
                self._open_change = None

    @contextmanager
    def writing(self) -> Generator[None]:
        """A transaction that is not part of the history: logs, queues, progress of a running case."""
        with self.lock:
            if self.db.in_transaction:
                yield
                return
            with self._transaction():
                yield

    def _write_revisions(self, change: Change) -> int:
        """Notes what the change did to each memory and conversation that it touched. Returns how many it did anything to."""
        written = 0
        for memory_id, before in change.before.items():
            after = self.snapshot(memory_id)
            if before != after:
                self.db.execute(
                    "INSERT INTO revision VALUES (?,?,?,?)",
                    (change.id, memory_id, json.dumps(before) if before else None, json.dumps(after) if after else None),
                )
                written += 1
        for session_id, before in change.sessions_before.items():
            after = self.session_snapshot(session_id)
            if before != after:
                self.db.execute(
                    "INSERT INTO session_revision VALUES (?,?,?,?)",
                    (change.id, session_id, json.dumps(before) if before else None, json.dumps(after) if after else None),
                )
                written += 1
        return written

    # rows

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self.lock, self._telling():
            cursor = self.db.cursor()
            cursor.row_trace = _as_dict
            return cursor.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row:
        """The only row of a query that always has one."""
        return self.rows(sql, *values)[0]

    # states of one memory

    def snapshot(self, memory_id: int) -> Row | None:
        """A memory with all that belongs to it, or None when there is none."""
        found = self.rows("SELECT * FROM memory WHERE id = ?", memory_id)
        if not found:
            return None
        state: Row = {"memory": found[0]}
        for table, key in PARTS:
            state[table] = self.rows(f"SELECT * FROM {table} WHERE {key} = ? ORDER BY 1, 2", memory_id)
        return state

    def put_back(self, memory_id: int, state: Row | None) -> None:
        """Makes a memory what it was in `state`; None removes it. Links from other memories to it are theirs, and stay."""
        for table, key in reversed(PARTS):
            self.db.execute(f"DELETE FROM {table} WHERE {key} = ?", (memory_id,))
        if state is None:
            self.forget_index(memory_id)
            self.db.execute("DELETE FROM link WHERE b = ?", (memory_id,))
            self.db.execute("DELETE FROM memory WHERE id = ?", (memory_id,))
            return
        self._insert("memory", self._still_there(state["memory"], "superseded_by"), replace=True)
        for table, _ in PARTS:
            for row in state[table]:
                if table != "link" or self.rows("SELECT 1 FROM memory WHERE id = ?", row["b"]):  # what was purged is linked to no more
                    self._insert(table, row)
        self.index(memory_id)

    def _still_there(self, row: Row, column: str) -> Row:
        """`row` without its reference to a memory that was purged meanwhile."""
        gone = row[column] is not None and not self.rows("SELECT 1 FROM memory WHERE id = ?", row[column])
        return row | {column: None} if gone else row

    def _insert(self, table: str, row: Row, replace: bool = False) -> None:
        columns = list(row)
        update = ", ".join(f"{c} = excluded.{c}" for c in columns if c != "id")
        tail = f" ON CONFLICT (id) DO UPDATE SET {update}" if replace else ""
        marks = ", ".join("?" for _ in columns)
        self.db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}){tail}", tuple(row.values()))

    # states of one conversation

    def session_snapshot(self, session_id: int) -> Row | None:
        """A conversation with its messages, or None when there is none."""
        found = self.rows("SELECT * FROM session WHERE id = ?", session_id)
        if not found:
            return None
        return {"session": found[0], "message": self.rows("SELECT * FROM message WHERE session_id = ? ORDER BY n", session_id)}

    def put_back_session(self, session_id: int, state: Row | None) -> None:
        """Makes a conversation what it was in `state`; None removes it."""
        self.forget_windows(session_id)
        self.db.execute("DELETE FROM message WHERE session_id = ?", (session_id,))
        self.db.execute("DELETE FROM session WHERE id = ?", (session_id,))
        if state is not None:
            self._insert("session", state["session"])
            for row in state["message"]:
                self._insert("message", row)
            self.index_session(session_id)

    def index_session(self, session_id: int) -> None:
        """Brings the text index of a conversation's windows in line with what is said in it; see `memory.windows`."""
        self.forget_windows(session_id)
        rows = self.rows(
            "SELECT id, text FROM message WHERE session_id = ? AND session_id IN (SELECT id FROM session WHERE NOT trashed) ORDER BY n",
            session_id,
        )
        for message_id, window in windows([(row["id"], row["text"]) for row in rows]):
            self.db.execute("INSERT INTO message_text (rowid, text) VALUES (?,?)", (message_id, window))

    def forget_windows(self, session_id: int) -> None:
        self.db.execute("DELETE FROM message_text WHERE rowid IN (SELECT id FROM message WHERE session_id = ?)", (session_id,))

    # the indexes follow the memory

    def index(self, memory_id: int) -> None:
        """Brings the text index and the vector index in line with a memory's text and status."""
        row = self.one("SELECT title, body, status, content_hash FROM memory WHERE id = ?", memory_id)
        self.db.execute("DELETE FROM memory_text WHERE rowid = ?", (memory_id,))
        if row["status"] == "active":
            body = row["body"] if row["body"] != row["title"] else ""
            self.db.execute("INSERT INTO memory_text (rowid, title, body) VALUES (?,?,?)", (memory_id, row["title"], body))
        for old in self.rows(
            "SELECT id, embedder_id FROM embedding WHERE memory_id = ? AND (content_hash != ? OR ? != 'active')",
            memory_id, row["content_hash"], row["status"],
        ):  # fmt: skip
            self._drop_vector(old["id"], old["embedder_id"])

    def forget_index(self, memory_id: int) -> None:
        self.db.execute("DELETE FROM memory_text WHERE rowid = ?", (memory_id,))
        for old in self.rows("SELECT id, embedder_id FROM embedding WHERE memory_id = ?", memory_id):
            self._drop_vector(old["id"], old["embedder_id"])

    def _drop_vector(self, embedding_id: int, embedder_id: int) -> None:
        dim = self.one("SELECT dim FROM embedder WHERE id = ?", embedder_id)["dim"]
        # The row is overwritten before it goes: a deleted vec0 row may leave its bytes in the chunk.
        self.db.execute(f"UPDATE vector_{embedder_id} SET vector = ? WHERE rowid = ?", (bytes(4 * dim), embedding_id))
        self.db.execute(f"DELETE FROM vector_{embedder_id} WHERE rowid = ?", (embedding_id,))
        self.db.execute("DELETE FROM embedding WHERE id = ?", (embedding_id,))
