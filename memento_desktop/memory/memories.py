"""Memories of every kind: keep, list, edit, archive, trash, purge. Each call is one change that can be undone, but a purge."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import DEFAULT, Bank, Row, with_bools
from memento_desktop.memory.conversations.windows import forget_task
from memento_desktop.memory.records import Kind, Memory, Origin, Source, Status, content_hash, now

COLUMNS = (
    "id, profile, kind, title, body, status, pinned, always_on, origin, trust, user_edited, recorded_at, content_hash, valid_from, "
    "valid_to, superseded_by, pool"
)
TITLE = 120
MARK = 16
"""Digits of a keyed hash that tell texts of one bank apart."""
INSTRUCTIONS = 800
"""Characters that all standing instructions may have together: they are in every prompt, whole, so they must stay few."""
HEEDED = "(valid_from IS NULL OR valid_from <= ?) AND (valid_to IS NULL OR valid_to > ?)"
"""What is over, or has not begun, is no order. Takes the present moment twice."""


def as_memory(row: Row) -> Memory:
    return Memory(**with_bools(row, "pinned", "always_on", "user_edited"))


def read_as(bank: Bank, ids: Sequence[int]) -> list[int]:
    """These memories and the lessons that were merged into them: a merged lesson's readings count for the one that stands for it."""
    rows = bank.rows("SELECT id FROM memory WHERE superseded_by IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
    return [*ids, *(row["id"] for row in rows)]


def title_of(text: str) -> str:
    """The first line of a text, shortened."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE else line[: TITLE - 1] + "…"


def keyed(key: bytes, profile: str, text: str) -> str:
    """What a tombstone keeps of a text: enough to know it again in this profile, and nothing to read."""
    said = text if profile == DEFAULT else f"{profile}\0{text}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


class Memories:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def exists(self, memory_id: int) -> bool:
        return bool(self.bank.rows("SELECT 1 FROM memory WHERE id = ? AND profile = ?", memory_id, self.bank.profile))

    def of(self, ids: Sequence[int]) -> list[Memory]:
        """The memories with these numbers, in their order; one that is gone meanwhile is left out."""
        rows = self.bank.rows(
            f"SELECT {COLUMNS} FROM memory WHERE +profile = ? AND id IN (SELECT value FROM json_each(?))",  # by number, not by profile
            self.bank.profile, json.dumps(list(ids)),
        )  # fmt: skip
        known = {memory.id: memory for memory in self._with_usage(rows)}
        return [known[number] for number in ids if number in known]

    def get(self, memory_id: int) -> Memory:
        """
        Raises:
            MementoError: there is no memory with this number.
        """
        rows = self.bank.rows(f"SELECT {COLUMNS} FROM memory WHERE id = ? AND profile = ?", memory_id, self.bank.profile)
        if not rows:
            raise MementoError(f"There is no memory {memory_id}.", "`memento memory list` shows their numbers.")
        return self._with_usage(rows)[0]

    def list(self, kinds: Sequence[Kind] = (), statuses: Sequence[Status] = ("active",), limit: int = 50) -> list[Memory]:
        """The newest first."""
        rows = self.bank.rows(
            f"SELECT {COLUMNS} FROM memory WHERE profile = ? AND (? = '[]' OR kind IN (SELECT value FROM json_each(?))) "
            "AND status IN (SELECT value FROM json_each(?)) ORDER BY recorded_at DESC, id DESC LIMIT ?",
            self.bank.profile, json.dumps(list(kinds)), json.dumps(list(kinds)), json.dumps(list(statuses)), limit,
        )  # fmt: skip
        return self._with_usage(rows)

    def _with_usage(self, rows: Sequence[Row]) -> list[Memory]:
        """Memories with how often each was read for a task, and how often that task was worth it; see `read_as`.

        Who was shown and not followed neither helped nor harmed, and the model's own judgement says neither. Practice does not count.
        """
        known = {row["id"]: row for row in self.bank.rows(
            "SELECT memory_id AS id, sum(txn_id IS NULL) AS read, max(at) AS last_used, "
            "coalesce(sum(reward >= 0.5 AND coalesce(followed, 1) >= 0.5 AND source != 'self'), 0) AS helpful, "
            "coalesce(sum(reward < 0.5 AND coalesce(followed, 1) >= 0.5 AND source != 'self'), 0) AS harmful FROM outcome_of_reading "
            "WHERE read_id IN (SELECT value FROM json_each(?)) AND shown AND (txn_id IS NULL OR policy = 'owner') GROUP BY memory_id",
            json.dumps(read_as(self.bank, [row["id"] for row in rows])),
        )}  # fmt: skip
        return [as_memory({**row, **known.get(row["id"], {})}) for row in rows]

    def count(self, statuses: Sequence[Status] = ("active",), kinds: Sequence[Kind] = ()) -> int:
        sql = (
            "SELECT count(*) AS n FROM memory WHERE profile = ? AND status IN (SELECT value FROM json_each(?)) "
            "AND (? = '[]' OR kind IN (SELECT value FROM json_each(?)))"
        )
        return self.bank.one(sql, self.bank.profile, json.dumps(list(statuses)), json.dumps(list(kinds)), json.dumps(list(kinds)))["n"]

    def profiles(self) -> dict[str, int]:
        """The names of all profiles with how many memories each has in use: all that one may know of another."""
        rows = self.bank.rows("SELECT profile, sum(status = 'active') AS n FROM memory GROUP BY profile ORDER BY profile")
        return {row["profile"]: row["n"] for row in rows}

    def always_on(self) -> list[Memory]:
        """Pinned memories and the standing instructions that hold now: in every prompt, found or not."""
        rows = self.bank.rows(
            f"SELECT {COLUMNS} FROM memory WHERE profile = ? AND status = 'active' AND (always_on OR pinned) "
            f"AND kind != 'case' AND (kind != 'instruction' OR {HEEDED}) ORDER BY id",
            self.bank.profile, *[now()] * 2,
        )  # fmt: skip
        return self._with_usage(rows)

    def instruction_characters(self, but: int = 0) -> int:
        """How much of their budget the standing instructions take."""
        sql = (
            "SELECT coalesce(sum(length(body)), 0) AS n FROM memory WHERE profile = ? AND kind = 'instruction' AND status = 'active' "
            "AND id != ? AND (valid_to IS NULL OR valid_to > ?)"
        )
        return self.bank.one(sql, self.bank.profile, but, now())["n"]

    def room_for(self, instruction: str, instead_of: int = 0) -> None:
        """
        Raises:
            MementoError: the standing instructions have no room for one more.
        """
        used = self.instruction_characters(but=instead_of)
        if used + len(instruction) > INSTRUCTIONS:
            raise MementoError(
                f"The standing instructions are full: {used} of {INSTRUCTIONS} characters are taken, and this has {len(instruction)}.",
                "They are in every prompt. Shorten or delete one: `memento memory list --kind instruction`.",
            )

    def keep(self, text: str, kind: Kind = "fact", origin: Origin = "user", status: Status = "active", actor: str = "owner") -> Memory:
        """See `keep_new`."""
        return self.keep_new(text, kind, origin, status, actor)[0]

    def keep_new(
        self, text: str, kind: Kind = "fact", origin: Origin = "user", status: Status = "active", actor: str = "owner"
    ) -> tuple[Memory, bool]:
        """A memory and whether it is new: the same text of the same kind, already known, is returned as it is.

        Raises:
            MementoError: the text is empty, or it was purged and comes from someone else than the owner.
        """
        body = text.strip()
        if not body:
            raise MementoError("There is nothing to remember: the text is empty.")
        if origin != "user" and self.purged(body):
            raise MementoError("This was removed for good by the owner, and is not learnt again.")
        digest = content_hash(title_of(body), body)
        same = self.bank.rows(
            f"SELECT {COLUMNS} FROM memory WHERE content_hash = ? AND +profile = ? AND +kind = ? AND +status IN ('active', ?) "
            "AND pool = '' LIMIT 1",
            digest, self.bank.profile, kind, status,
        )  # fmt: skip
        if same:
            return self._with_usage(same)[0], False
        with self.bank.change(actor, f"remember: {title_of(body)}") as change:
            if kind == "instruction" and status == "active":
                self.room_for(body)
            memory_id = self.insert(kind, title_of(body), body, status, origin)
            change.created(memory_id)
        return self.get(memory_id), True

    def sources(self, memory_id: int) -> list[Source]:
        """Where a memory came from."""
        rows = self.bank.rows("SELECT ref, quote, sha256, locator FROM source WHERE memory_id = ? ORDER BY id", memory_id)
        return [Source(**row) for row in rows]

    def add_source(self, memory_id: int, source: Source) -> None:
        """For use inside a change that touched or created the memory; one that is known already is not added again."""
        if source not in self.sources(memory_id):
            self.bank.rows(
                "INSERT INTO source (memory_id, ref, quote, sha256, locator) VALUES (?,?,?,?,?)",
                memory_id, source.ref, source.quote, source.sha256, source.locator,
            )  # fmt: skip

    def insert(self, kind: Kind, title: str, body: str, status: Status, origin: Origin) -> int:
        """The bare row with its indexes, for use inside a change."""
        row = self.bank.one(
            "INSERT INTO memory (profile, kind, title, body, status, origin, always_on, recorded_at, content_hash) "
            "VALUES (?,?,?,?,?,?,?,?,?) RETURNING id",
            self.bank.profile, kind, title, body, status, origin, int(kind == "instruction"), now(), content_hash(title, body),
        )  # fmt: skip
        self.bank.index(row["id"])
        return row["id"]

    def edit(self, memory_id: int, body: str, actor: str = "owner") -> Memory:
        """The owner's new text. For a case it is the task itself that is reworded."""
        memory = self.get(memory_id)
        body = body.strip()
        if not body:
            raise MementoError(f"Memory {memory_id} was not changed: the new text is empty.", "Delete it if it should go.")
        if memory.pool:
            raise MementoError(f"Memory {memory_id} belongs to a shared pool and is read-only.", "Remember your own version of it.")
        title = memory.title if memory.kind == "document" else title_of(body)  # a passage keeps the path of its headings
        with self.bank.change(actor, f"edit: {title}") as change:
            self._not_running(memory)
            change.touch(memory_id)
            if memory.kind == "instruction" and memory.status == "active":
                self.room_for(body, instead_of=memory_id)
            if memory.kind == "case":
                self.bank.rows("UPDATE case_detail SET task = ? WHERE memory_id = ?", body, memory_id)
            self.bank.rows(
                "UPDATE memory SET title = ?, body = ?, content_hash = ?, user_edited = max(user_edited, ?) WHERE id = ?",
                title, body, content_hash(title, body), int(actor == "owner"), memory_id,
            )  # fmt: skip
            self.bank.index(memory_id)
        return self.get(memory_id)

    def set_status(self, memory_id: int, status: Status, label: str, actor: str = "owner") -> Memory:
        memory = self.get(memory_id)
        with self.bank.change(actor, f"{label}: {memory.title}") as change:
            self._not_running(memory)
            change.touch(memory_id)
            if memory.kind == "instruction" and status == "active":
                self.room_for(memory.body, instead_of=memory_id)
            self.bank.rows("UPDATE memory SET status = ? WHERE id = ?", status, memory_id)
            self.bank.index(memory_id)
        return self.get(memory_id)

    def trash(self, memory_id: int) -> Memory:
        return self.set_status(memory_id, "trashed", "delete")

    def restore(self, memory_id: int) -> Memory:
        return self.set_status(memory_id, "active", "restore")

    def _not_running(self, memory: Memory) -> None:
        if self.bank.rows("SELECT 1 FROM case_detail WHERE memory_id = ? AND outcome = 'running'", memory.id):
            raise MementoError(f"“{memory.title}” is a task that still runs.", "Stop it first, or wait for its end.")

    def purge(self, memory_id: int) -> None:
        """Removes a memory for good: text, vectors, its history, the log of its readings, what a task of it said. Also one that was
        undone. A keyed hash stays, so that it is not learnt again. Lessons that were drawn from it alone and not edited, and what was
        merged into it, say the same and go with it. Answers of other tasks that quoted it are those tasks' own.

        Raises:
            MementoError: there never was such a memory, its task still runs, or another program keeps old pages of the bank in use.
        """
        with self.bank.writing():
            for number in (*self.drawn_from(memory_id), memory_id):
                self._remove(number)
            self.bank.rows("DELETE FROM learned")  # what was fitted to it; fitted again to what is left
        if not self.bank.flush():
            raise MementoError(
                "It is removed, but another Memento keeps the old pages of the bank in use.", "Close it; the pages go with the next start."
            )

    def drawn_from(self, memory_id: int) -> list[int]:
        """What says the same as a memory: lessons that were drawn from it alone, and what was merged into it or into them."""
        found: list[int] = []
        lessons = (
            "SELECT a AS id FROM link JOIN memory m ON m.id = a WHERE rel = 'derived_from' AND b = ? AND m.kind = 'lesson' "
            "AND NOT m.user_edited "
            "AND NOT EXISTS (SELECT 1 FROM link other WHERE other.a = link.a AND other.rel = 'derived_from' AND other.b != link.b)"
        )
        for sql in (lessons, "SELECT id FROM memory WHERE superseded_by = ?"):
            for row in self.bank.rows(sql, memory_id):
                found += [number for number in (*self.drawn_from(row["id"]), row["id"]) if number not in found]
        return found

    def _remove(self, memory_id: int) -> None:
        """The rows of one memory that is purged."""
        for text in self._texts(memory_id):
            self.bury(text)
        files = self._files(memory_id)
        self.bank.put_back(memory_id, None)
        self.bank.rows("UPDATE txn SET label = 'purged' WHERE id IN (SELECT txn_id FROM revision WHERE memory_id = ?)", memory_id)
        self.bank.rows("DELETE FROM revision WHERE memory_id = ?", memory_id)
        self._forget_files(files)
        self._unlink_in_history(memory_id)
        self.bank.rows("DELETE FROM retrieval_hit WHERE memory_id = ?", memory_id)
        said = self.bank.rows("SELECT text FROM message WHERE case_id = ?", memory_id)
        forget_task(self.bank, memory_id, {title_of(row["text"]) for row in said})
        for table, column in (("retrieval", "task_case"), ("outside", "case_id")):
            self.bank.rows(f"DELETE FROM {table} WHERE {column} = ?", memory_id)

    def _files(self, memory_id: int) -> set[str]:
        """The files that a memory is or was a passage of, by its sources now and in its history."""
        states = self.bank.rows("SELECT before, after FROM revision WHERE memory_id = ?", memory_id)
        past = [source["ref"] for row in states for text in row.values() if text for source in json.loads(text)["source"]]
        return {source.ref for source in self.sources(memory_id)} | set(past)

    def _forget_files(self, paths: Iterable[str]) -> None:
        """A file of which nothing is left is not watched, and not named. What was undone is left: it may be done again."""
        for path in paths:
            self.bank.rows(
                "DELETE FROM document_file WHERE profile = ? AND path = ? AND NOT EXISTS (SELECT 1 FROM source WHERE ref = path) "
                "AND NOT EXISTS (SELECT 1 FROM revision WHERE instr(coalesce(before, '') || coalesce(after, ''), ?))",
                self.bank.profile, path, f'"ref": {json.dumps(path)}',
            )  # fmt: skip

    def _unlink_in_history(self, memory_id: int) -> None:
        """What others were keeps no link to a purged memory, as what they are does not: else their changes could not be undone."""
        sql = "SELECT * FROM revision WHERE instr(coalesce(before, '') || coalesce(after, ''), ?)"
        for row in self.bank.rows(sql, f'"b": {int(memory_id)}, "rel"'):
            states = [json.loads(row[side]) if row[side] else None for side in ("before", "after")]
            for state in filter(None, states):
                state["link"] = [link for link in state["link"] if link["b"] != memory_id]
            told = [json.dumps(state) if state else None for state in states]
            key = (row["txn_id"], row["memory_id"])
            self.bank.rows("UPDATE revision SET before = ?, after = ? WHERE txn_id = ? AND memory_id = ?", *told, *key)

    def _texts(self, memory_id: int) -> set[str]:
        """Title and body of a memory in all wordings that it ever had, also of one that was undone."""
        rows = self.bank.rows(f"SELECT {COLUMNS} FROM memory WHERE id = ? AND profile = ?", memory_id, self.bank.profile)
        states = self.bank.rows("SELECT before, after FROM revision WHERE memory_id = ?", memory_id)
        held = [json.loads(text)["memory"] for row in states for text in (row["before"], row["after"]) if text]
        if rows:
            self._not_running(as_memory(rows[0]))
        elif not any(state["profile"] == self.bank.profile for state in held):
            raise MementoError(f"There is no memory {memory_id}.", "`memento memory list` shows their numbers.")
        return {state[part] for state in (*rows, *held) for part in ("title", "body")}

    def bury(self, text: str) -> None:
        """Leaves the mark by which a text is known again and not learnt."""
        with self.bank.writing():
            self.bank.rows("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", self._keyed(text), now())

    def purged(self, text: str) -> bool:
        """Whether this very text was purged before."""
        return bool(self.bank.rows("SELECT 1 FROM tombstone WHERE keyed_hash = ?", self._keyed(text)))

    def marks(self, texts: Iterable[str]) -> dict[str, str]:
        """Text → the mark by which it is known again in this profile; there is nothing to read in it."""
        key = self._key()
        return {text: keyed(key, self.bank.profile, text)[:MARK] for text in texts}

    def purged_marks(self, marks: Iterable[str]) -> set[str]:
        """Those of these marks whose text was purged."""
        sql = "SELECT 1 FROM tombstone WHERE keyed_hash >= ? AND keyed_hash < ?"
        return {mark for mark in marks if self.bank.rows(sql, mark, f"{mark}g")}  # the digits are hexadecimal

    def _keyed(self, text: str) -> str:
        return keyed(self._key(), self.bank.profile, text)

    def _key(self) -> bytes:
        sql = "SELECT value FROM secret WHERE name = 'tombstone'"
        if not self.bank.rows(sql):
            with self.bank.writing():
                self.bank.rows("INSERT OR IGNORE INTO secret VALUES ('tombstone', ?)", secrets.token_hex(32))
        return bytes.fromhex(self.bank.one(sql)["value"])
