"""Windows over a conversation: each message with its neighbours, since a line alone seldom says what it is about; and their vectors.

Words are looked for in the line itself, in the lines around it and in the title, each with a weight of its own: with one weight for all,
neighbours are found as often as the line that is meant (`memento eval recall`). Meaning is looked for in passages of a sentence or two,
a short line together with the sentence that it answers; a message is as near as its nearest passage. The vectors of each embedder stand in
a table of their own, `window_<embedder>`, whose row numbers are message × 16 + passage.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memento_desktop.memory.tokens import indexable

if TYPE_CHECKING:
    from memento_desktop.memory.bank import Bank

UNTITLED = "Untitled"
MOST = 16
"""Passages of one message; those of a longer one are longer."""
LEAST = 60
"""Characters from which a passage is long enough to mean something."""
SHORT = 80
"""Characters up to which a message is read together with the sentence before it."""
CONTEXT = 200
"""Characters of that sentence, its end."""
SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])|\n+")


def windows(texts: Sequence[str], title: str) -> list[tuple[str, str, str]]:
    """For each message of a conversation, in their order: itself, the one before with the one after, the title; as the index has them."""
    lines, title = [indexable(text) for text in texts], indexable(title)
    return [(line, "\n".join((*lines[max(0, n - 1) : n], *lines[n + 1 : n + 2])), title) for n, line in enumerate(lines)]


def passages(text: str, before: str = "") -> tuple[str, ...]:
    """What of a message is embedded: sentences, short ones together, 16 passages at most. `before` is the message before it."""
    text = text.strip()
    if not text:
        return ()
    if len(text) <= SHORT and (asked := _sentences(before)):
        return (f"{asked[-1][-CONTEXT:]} {' '.join(text.split())}",)
    least = max(LEAST, -(-len(text) // MOST))
    found: list[str] = []
    open_ = ""
    for sentence in _sentences(text):
        open_ = f"{open_} {sentence}" if open_ else sentence
        if len(open_) >= least:
            found.append(open_)
            open_ = ""
    if open_ and found and len(open_) < least // 2:
        found[-1] += f" {open_}"
    elif open_:
        found.append(open_)
    return tuple(found[: MOST - 1]) + ((" ".join(found[MOST - 1 :]),) if len(found) >= MOST else ())


def _sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in SENTENCE.split(text) if part.strip()]


@dataclass(frozen=True)
class WaitingMessage:
    """A message without vectors of an embedder, and the passages to embed for it."""

    message_id: int
    content_hash: str
    passages: tuple[str, ...]


def partition(profile: str) -> int:
    """The number under which the vectors of a profile stand apart from others'."""
    return int.from_bytes(hashlib.sha256(profile.encode()).digest()[:8], "big") >> 1


def forget(bank: Bank, message_ids: Sequence[int]) -> None:
    """Drops the vectors of these messages, in a transaction; they are overwritten first, since a deleted row may leave its bytes."""
    sql = (
        "SELECT e.message_id, e.embedder_id, d.dim FROM message_embedding e JOIN embedder d ON d.id = e.embedder_id "
        "WHERE e.message_id IN (SELECT value FROM json_each(?))"
    )
    for row in bank.rows(sql, json.dumps(list(message_ids))):
        table, first = f"window_{row['embedder_id']}", row["message_id"] * MOST
        for held in bank.rows(f"SELECT rowid FROM {table}_rowids WHERE rowid BETWEEN ? AND ?", first, first + MOST - 1):
            bank.rows(f"UPDATE {table} SET vector = ? WHERE rowid = ?", bytes(4 * row["dim"]), held["rowid"])
            bank.rows(f"DELETE FROM {table} WHERE rowid = ?", held["rowid"])
        bank.rows("DELETE FROM message_embedding WHERE message_id = ? AND embedder_id = ?", row["message_id"], row["embedder_id"])


def forget_task(bank: Bank, case_id: int, titles: Collection[str] = ()) -> None:
    """Removes for good what was said for a task that is purged: from its conversations, their indexes and their history.

    Args:
        titles: what a conversation is called that began with it. One in which nothing else was said goes as a whole.
    """
    sql = "SELECT DISTINCT session_id AS id FROM message WHERE case_id = ?"
    for session in bank.rows(sql, case_id):
        bank.forget_windows(session["id"])
        bank.rows("DELETE FROM message WHERE session_id = ? AND case_id = ?", session["id"], case_id)
        if bank.rows("SELECT 1 FROM message WHERE session_id = ?", session["id"]):
            _retitle(bank, session["id"], titles)
            bank.index_session(session["id"])
            continue
        bank.put_back_session(session["id"], None)
        bank.rows("UPDATE txn SET label = 'purged' WHERE id IN (SELECT txn_id FROM session_revision WHERE session_id = ?)", session["id"])
        bank.rows("DELETE FROM session_revision WHERE session_id = ?", session["id"])
    sql = "SELECT * FROM session_revision WHERE instr(coalesce(before, '') || coalesce(after, ''), ?)"
    for row in bank.rows(sql, f'"case_id": {int(case_id)}'):
        states = [_without_task(row[side], case_id) for side in ("before", "after")]
        key = (row["txn_id"], row["session_id"])
        bank.rows("UPDATE session_revision SET before = ?, after = ? WHERE txn_id = ? AND session_id = ?", *states, *key)


def _retitle(bank: Bank, session_id: int, titles: Collection[str]) -> None:
    """Takes a title that is purged from a conversation that stays, and from its history."""
    for title in titles:
        bank.rows("UPDATE session SET title = ? WHERE id = ? AND title = ?", UNTITLED, session_id, title)
        for row in bank.rows("SELECT * FROM session_revision WHERE session_id = ?", session_id):
            states = [json.loads(row[side]) if row[side] else None for side in ("before", "after")]
            if not any(state and state["session"]["title"] == title for state in states):
                continue
            for state in states:
                if state and state["session"]["title"] == title:
                    state["session"]["title"] = UNTITLED
            told = [json.dumps(state) if state else None for state in states]
            key = (row["txn_id"], session_id)
            bank.rows("UPDATE session_revision SET before = ?, after = ? WHERE txn_id = ? AND session_id = ?", *told, *key)
            bank.rows("UPDATE txn SET label = 'purged' WHERE id = ?", row["txn_id"])


def _without_task(state: str | None, case_id: int) -> str | None:
    if state is None:
        return None
    kept = json.loads(state)
    kept["message"] = [row for row in kept["message"] if row["case_id"] != case_id]
    return json.dumps(kept)


class Windows:
    """The queue of messages that wait for an embedder, oldest first: derived, so that a kill at any point loses nothing."""

    WAITING = (
        "FROM message m JOIN session s ON s.id = m.session_id WHERE NOT s.trashed AND NOT EXISTS "
        "(SELECT 1 FROM message_embedding e WHERE e.message_id = m.id AND e.embedder_id = ?)"
    )
    BEFORE = "(SELECT b.text FROM message b WHERE b.session_id = m.session_id AND b.n < m.n ORDER BY b.n DESC LIMIT 1) AS before"

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def waiting(self, embedder: int, limit: int = 64) -> list[WaitingMessage]:
        """Messages of all profiles that this embedder has not seen, the oldest first."""
        return [
            _waiting(row["id"], row["text"], row["before"])
            for row in self.bank.rows(f"SELECT m.id, m.text, {self.BEFORE} {self.WAITING} ORDER BY m.id LIMIT ?", embedder, limit)
        ]

    def progress(self, embedder: int | None) -> tuple[int, int]:
        """How many messages have their vectors, of how many."""
        left = self.bank.one(f"SELECT count(*) AS n {self.WAITING.replace('= ?)', 'IS ?)')}", embedder)["n"]
        total = self.bank.one("SELECT count(*) AS n FROM message m JOIN session s ON s.id = m.session_id WHERE NOT s.trashed")["n"]
        return total - left, total

    def store(self, embedder: int, batch: Sequence[tuple[WaitingMessage, Sequence[bytes]]]) -> int:
        """Writes vectors, one a passage (little-endian float32, unit length). Returns how many messages got theirs.

        One that changed meanwhile, or whose vectors another process wrote, is left as it is.
        """
        stored = 0
        with self.bank.writing():
            self._prepare(embedder)
            for item, vectors in batch:
                sql = f"SELECT m.id, m.text, s.profile, {self.BEFORE} {self.WAITING} AND m.id = ?"
                now = self.bank.rows(sql, embedder, item.message_id)
                if not now or _waiting(item.message_id, now[0]["text"], now[0]["before"]) != item:
                    continue
                self.bank.rows("SAVEPOINT one")  # a failed insert into vec0 leaves a ghost row unless it is rolled back
                try:
                    sql = f"INSERT INTO window_{embedder} (rowid, profile, vector) VALUES (?,?,?)"
                    for n, (_, vector) in enumerate(zip(item.passages, vectors, strict=True)):
                        self.bank.rows(sql, item.message_id * MOST + n, partition(now[0]["profile"]), vector)
                    self.bank.rows("INSERT INTO message_embedding VALUES (?,?,?)", item.message_id, embedder, item.content_hash)
                except BaseException:
                    self.bank.rows("ROLLBACK TO one")
                    raise
                self.bank.rows("RELEASE one")
                stored += 1
        return stored

    def _prepare(self, embedder: int) -> None:
        dim = self.bank.one("SELECT dim FROM embedder WHERE id = ?", embedder)["dim"]
        self.bank.rows(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS window_{embedder} USING vec0 (profile integer partition key, vector float[{int(dim)}])"
        )

    def drop(self, embedder: int) -> None:
        """Forgets all vectors of an embedder that is not used any more."""
        with self.bank.writing():
            self.bank.rows("DELETE FROM message_embedding WHERE embedder_id = ?", embedder)
            self.bank.rows(f"DROP TABLE IF EXISTS window_{embedder}")


def _waiting(message_id: int, text: str, before: str | None) -> WaitingMessage:
    parts = passages(text, before or "")
    return WaitingMessage(message_id, hashlib.sha256("\0".join(parts).encode()).hexdigest(), parts)
