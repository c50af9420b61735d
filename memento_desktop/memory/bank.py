"""The bank: keeps the schema of the one SQLite file, and makes every change a transaction that can be undone.

Each change runs inside `Bank.change`, which records every touched memory before
and after; `history` puts a state back from those records.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory import records
from memento_desktop.memory.conversations.windows import forget, windows
from memento_desktop.memory.durability.copying import DamagedError
from memento_desktop.memory.schema import MIGRATIONS
from memento_desktop.memory.store import Row as Row
from memento_desktop.memory.store import Store
from memento_desktop.memory.tokens import indexable

DEFAULT = "default"
"""The profile of an owner who never asked for another one."""
PARTS = (("case_detail", "memory_id"), ("step", "case_id"), ("source", "memory_id"), ("link", "a"))


def with_bools(row: Row, *names: str) -> Row:
    """SQLite keeps truth as 0 and 1."""
    return row | {name: bool(row[name]) for name in names}


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


class Bank(Store):
    """All memories of one owner. Safe to use from several threads; one writer at a time, also across processes."""

    def __init__(self, path: Path, profile: str = DEFAULT) -> None:
        """Opens or creates the bank at `path`, migrating it after a backup when it is older than this app.

        Args:
            profile: whose memories are seen and written through this connection; those of other profiles are not there for it.

        Raises:
            MementoError: not a bank, damaged, from a newer version, locked, or not writable; the file is left as it was.
        """
        super().__init__(path)
        self._open_change: Change | None = None
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

    def _migrate(self) -> None:
        names = [name for name, _ in MIGRATIONS]
        with self.lock:
            with self.telling():
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
        try:
            self.copies.keep("before-migration", version)
        except DamagedError:
            raise
        except MementoError as error:
            raise MementoError(error.message, f"The bank was not brought up to date, and not touched. {error.hint}") from error

    # transactions

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with self.telling():
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

    # states of one memory

    def snapshot(self, memory_id: int) -> Row | None:
        """A memory with all that belongs to it, or None when there is none."""
        found = self.rows("SELECT * FROM memory WHERE id = ?", memory_id)
        if not found:
            return None
        state: Row = {"memory": found[0]}
        for table, key in PARTS:
            rows = self.rows(f"SELECT * FROM {table} WHERE {key} = ? ORDER BY 1, 2", memory_id)
            # The number of a row alone, that of a source, means nothing: another one may have it when the state is put back.
            state[table] = [{name: value for name, value in row.items() if name != "id"} for row in rows]
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

    @property
    def open_change(self) -> Change | None:
        """The change that is being made just now, for what belongs to it only then."""
        return self._open_change

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

    def index_session(self, session_id: int, since: int = 0) -> None:
        """Brings the indexes of a conversation's windows in line with what is said in it. With `since`, only what was said after message
        `since` is new. What is new has no vectors: it is in the queue."""
        self.forget_windows(session_id, since)
        rows = self.rows(
            "SELECT m.id, m.n, m.text, s.title FROM message m JOIN session s ON s.id = m.session_id WHERE s.id = ? AND NOT s.trashed "
            "AND m.n >= (SELECT coalesce(max(n), 0) FROM message WHERE session_id = s.id AND n < ?) ORDER BY m.n",
            session_id, since,
        )  # fmt: skip
        for row, window in zip(rows, windows([row["text"] for row in rows], rows[0]["title"] if rows else ""), strict=True):
            if row["n"] >= since:
                self.db.execute("INSERT INTO message_text (rowid, said, near, title) VALUES (?,?,?,?)", (row["id"], *window))

    def forget_windows(self, session_id: int, since: int = 0) -> None:
        ids = [row["id"] for row in self.rows("SELECT id FROM message WHERE session_id = ? AND n >= ? ORDER BY n", session_id, since)]
        forget(self, ids[1:] if since else ids)  # the vectors of a message do not depend on what follows it
        self.db.executemany("DELETE FROM message_text WHERE rowid = ?", [(message_id,) for message_id in ids])

    @contextmanager
    def sweeping(self, many: bool = True) -> Generator[None]:
        """For taking many texts out of the text indexes at once, inside a transaction: they are marked, then merged away, which leaves
        as little of them. One by one, each removal rewrites what it shares with all others: minutes for a large import."""
        for table in ("memory_text", "message_text") if many else ():
            self.db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 0)")
        yield
        for table in ("memory_text", "message_text") if many else ():
            self.db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1)")
            self.db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")

    # the indexes follow the memory

    def index(self, memory_id: int) -> None:
        """Brings the text index and the vector index in line with a memory's text, kind and status."""
        row = self.one("SELECT title, body, kind, status, content_hash FROM memory WHERE id = ?", memory_id)
        self.db.execute("DELETE FROM memory_text WHERE rowid = ?", (memory_id,))
        if row["status"] == "active":
            body = indexable(row["body"]) if row["body"] != row["title"] else ""
            self.db.execute("INSERT INTO memory_text (rowid, title, body) VALUES (?,?,?)", (memory_id, indexable(row["title"]), body))
        code = get_args(records.Kind).index(row["kind"])
        for old in self.rows("SELECT id, embedder_id, content_hash FROM embedding WHERE memory_id = ?", memory_id):
            kept = row["status"] == "active" and old["content_hash"] == row["content_hash"]
            if not kept or self.one(f"SELECT kind FROM vector_{old['embedder_id']} WHERE rowid = ?", old["id"])["kind"] != code:
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
