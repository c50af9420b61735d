"""Conversations, verbatim: begun, spoken in, listed, renamed, put into the trash, removed for good. `said` searches them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row, with_bools
from memento_desktop.memory.conversations.windows import UNTITLED
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import now, printable
from memento_desktop.memory.tokens import indexable

Role = Literal["user", "assistant"]
SESSION = (
    "s.id, s.title, s.started_at, s.origin, s.ref, s.trashed, (SELECT count(*) FROM message m WHERE m.session_id = s.id) AS messages, "
    "coalesce((SELECT m.at FROM message m WHERE m.session_id = s.id ORDER BY m.n DESC LIMIT 1), s.started_at) AS last_at FROM session s"
)
MESSAGE = (
    "m.id, m.session_id, m.n, m.role, m.text, m.at, m.case_id, coalesce(d.outcome, '') AS outcome, coalesce(d.reason, '') AS reason "
    "FROM message m JOIN session s ON s.id = m.session_id "
    "LEFT JOIN memory c ON c.id = m.case_id AND c.profile = s.profile LEFT JOIN case_detail d ON d.memory_id = c.id"
)
IMPORTED = (
    "EXISTS (SELECT 1 FROM session_revision r WHERE r.session_id = s.id AND json_array_length(r.before, '$.message') "
    "IS NOT json_array_length(r.after, '$.message'))"
)
"""What an import brought is taken back whole: nothing is added to it."""
NEW = 0
"""In place of a conversation's number: one that begins now."""


@dataclass(frozen=True)
class Session:
    """One conversation. Moments are ISO 8601, UTC."""

    id: int
    title: str
    started_at: str
    origin: str
    """Where it was held: `memento`, or the program that it was imported from."""
    ref: str
    """Its name there, so that it is not imported twice; empty for our own."""
    trashed: bool
    messages: int
    last_at: str
    """When something was said in it last; when it began, if nothing was."""


@dataclass(frozen=True)
class Message:
    """What one side said. `n` counts from 1 within its conversation; `id` is unique in the bank, also after a deletion."""

    id: int
    session_id: int
    n: int
    role: Role
    text: str
    at: str
    case_id: int | None
    """The task that it asked for or answered."""
    outcome: str = ""
    """How that task went: running, done, failed, cancelled, interrupted; empty where there is none, or it was undone or purged."""
    reason: str = ""
    """Why it ended without an answer."""

    @property
    def state(self) -> str:
        """What its reader must know of that task: “interrupted: the program ended while the task ran”; empty where all is well."""
        if self.outcome in ("", "done"):
            return ""
        name = "stopped" if self.outcome == "cancelled" else self.outcome
        return f"{name}: {self.reason}" if self.reason and self.outcome != "cancelled" else name


def moment(at: str | None) -> str:
    """`at` as the bank writes moments (UTC, microseconds); now when None. One without a zone is taken as UTC.

    Raises:
        MementoError: it is not ISO 8601.
    """
    if at is None:
        return now()
    try:
        read = datetime.fromisoformat(at)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError) as error:
        raise MementoError(f"“{at}” is not a moment in time.", "Give it as ISO 8601, such as 2025-05-03T14:00:00Z.") from error


def mark_of(started_at: str) -> str:
    """By what a conversation that was removed for good is known again, in a copy of the bank."""
    return f"conversation of {started_at}"


class Conversations:
    """All conversations of the bank's profile; those of other profiles are not there."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    # speaking

    def begin(self, title: str, started_at: str | None = None, origin: str = "memento", ref: str = "") -> int:
        """A new conversation. Returns its number. Inside `Bank.change` it is part of that change; alone it is one of its own."""
        title, started = title_of(printable(title)) or UNTITLED, moment(started_at)
        with self.bank.writing():
            number = self.bank.one(
                "INSERT INTO session (profile, title, started_at, origin, ref) VALUES (?,?,?,?,?) RETURNING id",
                self.bank.profile, title, started, origin, printable(ref),
            )["id"]  # fmt: skip
            if (change := self.bank.open_change) is not None:
                change.created_session(number)
        return number

    def add(self, session_id: int, role: str, text: str, at: str | None = None, case_id: int | None = None) -> int:
        """Writes down what was said, at once on disk. Returns the message's number.

        Raises:
            MementoError: there is no such conversation, it is in the trash, or the role is neither `user` nor `assistant`.
        """
        return self._write(session_id, [(role, text, at)], case_id)[0]

    def fill(self, session_id: int, messages: Sequence[tuple[str, str, str | None]]) -> list[int]:
        """Writes down many messages (role, text, at), in their order. Returns their numbers. Raises as `add`; then none is kept."""
        return self._write(session_id, messages, None)

    def _write(self, session_id: int, messages: Sequence[tuple[str, str, str | None]], case_id: int | None) -> list[int]:
        rows = [(role, printable(text), moment(at)) for role, text, at in messages]
        if strangers := [role for role, _, _ in rows if role not in get_args(Role)]:
            raise MementoError(f"Nobody called “{strangers[0]}” speaks in a conversation.", f"Known: {', '.join(get_args(Role))}.")
        with self.bank.writing():
            if self.get(session_id).trashed:
                raise MementoError(f"Conversation {session_id} is in the trash.", f"`memento conversations restore {session_id}` first.")
            if (change := self.bank.open_change) is not None:
                change.touch_session(session_id)
            last = self.bank.one("SELECT coalesce(max(n), 0) AS n FROM message WHERE session_id = ?", session_id)["n"]
            sql = "INSERT INTO message (session_id, n, role, text, at, case_id) VALUES (?,?,?,?,?,?) RETURNING id"
            numbers = [
                self.bank.one(sql, session_id, n, role, text, at, case_id)["id"] for n, (role, text, at) in enumerate(rows, last + 1)
            ]
            self.bank.index_session(session_id, since=last)  # the window of the message before grows too
        return numbers

    def current(self, gap_minutes: float = 60.0) -> int | None:
        """The conversation that was spoken in last, if that was within the gap; None: begin a new one."""
        since = (datetime.now(UTC) - timedelta(minutes=gap_minutes)).isoformat(timespec="microseconds")
        rows = self.bank.rows(
            f"SELECT {SESSION} WHERE s.profile = ? AND s.origin = 'memento' AND NOT s.trashed AND last_at >= ? AND NOT {IMPORTED} "
            "ORDER BY last_at DESC, s.id DESC LIMIT 1",
            self.bank.profile, since,
        )  # fmt: skip
        return rows[0]["id"] if rows else None

    def resumable(self, session_id: int) -> Session:
        """A conversation that tasks can be written into.

        Raises:
            MementoError: there is no such conversation, it is in the trash, or it was imported.
        """
        session = self.get(session_id)
        if session.trashed:
            raise MementoError(f"Conversation {session_id} is in the trash.", f"`memento conversations restore {session_id}` first.")
        imported = self.bank.rows(f"SELECT 1 FROM session s WHERE s.id = ? AND {IMPORTED}", session_id)
        if session.origin != "memento" or imported:
            raise MementoError(
                f"Conversation {session_id} was imported: nothing is added to it, so that its import can be taken back.", "Begin a new one."
            )
        return session

    # looking

    def get(self, session_id: int) -> Session:
        """
        Raises:
            MementoError: there is no conversation with this number.
        """
        rows = self.bank.rows(f"SELECT {SESSION} WHERE s.id = ? AND s.profile = ?", session_id, self.bank.profile)
        if not rows:
            raise MementoError(f"There is no conversation {session_id}.", "`memento conversations list` shows their numbers.")
        return _session(rows[0])

    def list(self, limit: int = 50, query: str = "", trashed: bool = False) -> list[Session]:
        """The ones spoken in last first; with `query` those whose title or messages hold it, as it stands, in any case."""
        pattern = f"%{query.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        rows = self.bank.rows(
            f"SELECT {SESSION} WHERE s.profile = ? AND s.trashed = ? AND (? = '' OR s.title LIKE ? ESCAPE '!' OR EXISTS "
            "(SELECT 1 FROM message said WHERE said.session_id = s.id AND said.text LIKE ? ESCAPE '!')) "
            "ORDER BY last_at DESC, s.id DESC LIMIT ?",
            self.bank.profile, int(trashed), query, pattern, pattern, limit,
        )  # fmt: skip
        return [_session(row) for row in rows]

    def count(self, trashed: bool = False) -> int:
        sql = "SELECT count(*) AS n FROM session WHERE profile = ? AND trashed = ?"
        return self.bank.one(sql, self.bank.profile, int(trashed))["n"]

    def known(self, ref: str) -> int | None:
        """The conversation that was imported under this name, if one was and is not removed for good."""
        rows = self.bank.rows("SELECT id FROM session WHERE profile = ? AND ref = ? AND ref != '' LIMIT 1", self.bank.profile, ref)
        return rows[0]["id"] if rows else None

    def messages(self, session_id: int) -> list[Message]:
        """What was said, in order. Raises as `get`."""
        self.get(session_id)
        return [Message(**row) for row in self.bank.rows(f"SELECT {MESSAGE} WHERE m.session_id = ? ORDER BY m.n", session_id)]

    def page(self, session_id: int, before: int | None = None, limit: int = 100) -> list[Message]:
        """The last `limit` messages of those numbered below `before` in the conversation (None: of all), in order. Raises as `get`."""
        self.get(session_id)
        rows = self.bank.rows(
            f"SELECT {MESSAGE} WHERE m.session_id = ? AND m.n < ? ORDER BY m.n DESC LIMIT ?", session_id, before or 2**62, limit
        )
        return [Message(**row) for row in reversed(rows)]

    def message(self, message_id: int) -> Message:
        """
        Raises:
            MementoError: there is no message with this number.
        """
        rows = self.bank.rows(f"SELECT {MESSAGE} WHERE m.id = ? AND s.profile = ?", message_id, self.bank.profile)
        if not rows:
            raise MementoError(f"There is no message {message_id}.", "`memento conversations search` shows their numbers.")
        return Message(**rows[0])

    def written(self, limit: int = 200) -> list[str]:
        """What the owner wrote last, in all conversations, in order, each text once: for the history of a prompt."""
        rows = self.bank.rows(
            "SELECT m.text FROM message m JOIN session s ON s.id = m.session_id WHERE s.profile = ? AND s.origin = 'memento' "
            "AND NOT s.trashed AND m.role = 'user' ORDER BY m.id DESC LIMIT ?",
            self.bank.profile, limit,
        )  # fmt: skip
        return list(dict.fromkeys(row["text"] for row in rows))[::-1]

    def drawn(self, session_id: int) -> list[int]:
        """The memories that name a message of this conversation as their source."""
        rows = self.bank.rows(
            "SELECT DISTINCT memory_id AS id FROM source JOIN memory m ON m.id = memory_id AND m.profile = ? "
            "WHERE source.ref IN (SELECT 'message:' || id FROM message WHERE session_id = ?) ORDER BY 1",
            self.bank.profile, session_id,
        )  # fmt: skip
        return [row["id"] for row in rows]

    # changing

    def rename(self, session_id: int, title: str) -> Session:
        wanted = title_of(printable(title))
        if not wanted:
            raise MementoError(f"Conversation {session_id} was not renamed: the new title is empty.")
        return self._set(session_id, f"rename: {wanted}", "title", wanted)

    def trash(self, session_id: int) -> Session:
        """Takes it out of search and lists; its messages stay until it is purged."""
        return self._set(session_id, f"delete: {self.get(session_id).title}", "trashed", 1)

    def restore(self, session_id: int) -> Session:
        return self._set(session_id, f"restore: {self.get(session_id).title}", "trashed", 0)

    def _set(self, session_id: int, label: str, column: Literal["title", "trashed"], value: str | int) -> Session:
        self.get(session_id)
        with self.bank.change("owner", label) as change:
            change.touch_session(session_id)
            self.bank.rows(f"UPDATE session SET {column} = ? WHERE id = ?", value, session_id)
            if column == "title":  # the vectors do not know of it
                ids = "SELECT id FROM message WHERE session_id = ?"
                self.bank.rows(f"UPDATE message_text SET title = ? WHERE rowid IN ({ids})", indexable(str(value)), session_id)
            else:
                self.bank.index_session(session_id)
        return self.get(session_id)

    def purge(self, session_id: int) -> None:
        """Removes a conversation for good, also one whose import was undone: text, vectors, its part of the history.

        Memories drawn from it are memories of their own, with their quotes; see `drawn`.

        Raises:
            MementoError: there never was such a conversation, or another program keeps old pages of the bank in use.
        """
        with self.bank.writing():
            begun = self.bank.rows("SELECT started_at FROM session WHERE id = ? AND profile = ?", session_id, self.bank.profile)
            if not begun:
                self._undone(session_id)
            for row in begun:
                Memories(self.bank).bury(mark_of(row["started_at"]))
            self.bank.put_back_session(session_id, None)
            self.bank.rows(
                "UPDATE txn SET label = 'purged' WHERE id IN (SELECT txn_id FROM session_revision WHERE session_id = ?)", session_id
            )
            self.bank.rows("DELETE FROM session_revision WHERE session_id = ?", session_id)
        if not self.bank.flush():
            raise MementoError(
                "It is removed, but another Memento keeps the old pages of the bank in use.", "Close it; the pages go with the next start."
            )

    def _undone(self, session_id: int) -> None:
        """Raises unless the history of this profile still holds the conversation."""
        for row in self.bank.rows("SELECT before, after FROM session_revision WHERE session_id = ?", session_id):
            held = [json.loads(state)["session"]["profile"] for state in (row["before"], row["after"]) if state]
            if self.bank.profile in held:
                return
        self.get(session_id)


def _session(row: Row) -> Session:
    return Session(**with_bools(row, "trashed"))
