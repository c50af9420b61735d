"""Whether the bank is sound: the file, what points to what, the indexes against what they stand for, and what would mend each.

What mends is making indexes and vectors anew, and closing what a dead program left open. It never deletes a text. `repair` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import apsw

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations import windows
from memento_desktop.memory.durability.copying import DamagedError
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.tokens import indexable

Fix = Callable[[], None]
Entry = tuple[str, ...]
COPY = "only a copy from before helps: `memento restore`"
LINES = 20
"""How many findings of SQLite's own check are looked at."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be."""

    what: str
    """In a person's words."""
    remedy: str
    """What a repair does about it, or what else helps."""
    fix: Fix | None = field(default=None, repr=False, compare=False)
    structural: bool = False
    """Whether the file itself is concerned: it is written anew from its tables."""
    minor: bool = False
    """Whether it is but a trace of what was removed, and nothing works less well for it."""

    @property
    def mendable(self) -> bool:
        return self.fix is not None or self.structural


class Check:
    """Looks at one bank, all its profiles together. Nothing that it tells quotes a memory: they may be another profile's."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.cases = Cases(bank, Memories(bank))

    def run(self) -> list[Problem]:
        """Every problem there is. Writes nothing; a part that cannot be read for damage is one of them."""
        found: list[Problem] = []
        for look in (
            self._file, self._references, self._vectors, self._text_index, self._window_index, self._successors, self._history,
            self._case_details, self._running, self._documents,
        ):  # fmt: skip
            try:
                found += look()
            except (DamagedError, apsw.Error) as error:
                said = error.__cause__ or error
                if not any(problem.structural for problem in found):
                    found.append(Problem(f"a part of the file is damaged: {said}", "writes the file anew from its tables", structural=True))
        return found

    # the file

    def _file(self) -> list[Problem]:
        rows = self.bank.rows(f"PRAGMA integrity_check({LINES})")
        said = [" ".join(str(row["integrity_check"]).split()) for row in rows if row["integrity_check"] != "ok"]
        broken = [line for line in said if "FTS5" not in line]  # the text indexes are looked at by themselves
        return [
            Problem(f"the file is damaged: {line}", "writes the file anew from its tables, if those can be read", structural=True)
            for line in broken
        ]

    def _references(self) -> list[Problem]:
        counts: dict[tuple[str, str], int] = {}
        for row in self.bank.rows("PRAGMA foreign_key_check"):
            counts[row["table"], row["parent"]] = counts.get((row["table"], row["parent"]), 0) + 1
        looked_at = {("memory", "memory"), ("embedding", "memory"), ("message_embedding", "message")}
        return [
            Problem(f"{count} rows of “{table}” belong to a row of “{parent}” that is gone", COPY)
            for (table, parent), count in counts.items() if (table, parent) not in looked_at
        ]  # fmt: skip

    # the text indexes

    def _text_index(self) -> list[Problem]:
        wanted: dict[int, Entry] = {}
        owners: dict[int, int] = {}
        for row in self.bank.rows("SELECT id, title, body FROM memory WHERE status = 'active'"):  # as `Bank.index` writes it
            body = indexable(row["body"]) if row["body"] != row["title"] else ""
            wanted[row["id"]] = (indexable(row["title"]), body)
            owners[row["id"]] = row["id"]
        return self._indexed("memory_text", "title, body", "memories", wanted, owners, self.bank.index)

    def _window_index(self) -> list[Problem]:
        sessions: dict[int, list[Row]] = {}
        said = "SELECT m.id, m.session_id, m.text, s.title FROM message m JOIN session s ON s.id = m.session_id"
        for row in self.bank.rows(f"{said} WHERE NOT s.trashed ORDER BY m.n"):
            sessions.setdefault(row["session_id"], []).append(row)
        wanted: dict[int, Entry] = {}
        owners: dict[int, int] = {}
        for session_id, rows in sessions.items():
            for row, window in zip(rows, windows.windows([row["text"] for row in rows], rows[0]["title"]), strict=True):
                wanted[row["id"]], owners[row["id"]] = window, session_id
        return self._indexed("message_text", "said, near, title", "conversations", wanted, owners, self.bank.index_session)

    def _indexed(
        self, table: str, columns: str, of: str, wanted: dict[int, Entry], owners: dict[int, int], index: Callable[[int], None]
    ) -> list[Problem]:
        """One text index: whole in itself, no entry that belongs to nobody, and each as it would be written now."""

        def anew(some: Sequence[int]) -> None:
            for owner in some:
                index(owner)

        def remake() -> None:
            self._remake(table)
            anew(sorted(set(owners.values())))

        try:
            with self.bank.writing():
                self.bank.rows(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 0)")
            held = {row["id"]: row for row in self.bank.rows(f"SELECT rowid AS id, {columns} FROM {table}")}
        except (DamagedError, apsw.Error):
            return [Problem(f"the text index of {of} is damaged: searches may miss some", "makes it anew from their texts", remake)]
        found: list[Problem] = []
        if lost := sorted(set(held) - set(wanted)):
            what = f"{len(lost)} entries of the text index of {of} belong to nothing that is in use"
            found.append(Problem(what, "removes them from the index", lambda: self._each(f"DELETE FROM {table} WHERE rowid = ?", lost)))
        names = columns.split(", ")
        stale = {owners[n] for n, entry in wanted.items() if n not in held or tuple(held[n][name] for name in names) != entry}
        if stale:
            what = f"{len(stale)} {of} are not found by their words as they read now"
            found.append(Problem(what, "indexes them anew", lambda: anew(sorted(stale))))
        return found

    # vectors

    def _vectors(self) -> list[Problem]:
        """For each embedder, the rows of its vector tables against the bookkeeping beside them, both ways."""
        found: list[Problem] = []
        for row in self.bank.rows("SELECT id FROM embedder ORDER BY id"):
            number = row["id"]
            noted = f"SELECT id AS n FROM embedding WHERE embedder_id = {number}"
            found += self._vector_table(f"vector_{number}", 1, noted, f"DELETE FROM embedding WHERE embedder_id = {number} AND id = ?")
            noted = f"SELECT message_id AS n FROM message_embedding WHERE embedder_id = {number}"
            gone = f"DELETE FROM message_embedding WHERE embedder_id = {number} AND message_id = ?"
            found += self._vector_table(f"window_{number}", windows.MOST, noted, gone)
        old = self._numbers(
            "SELECT DISTINCT e.memory_id AS n FROM embedding e LEFT JOIN memory m ON m.id = e.memory_id "
            "WHERE m.id IS NULL OR m.status != 'active' OR m.content_hash != e.content_hash"
        )
        if old:
            what = f"{len(old)} memories have vectors of a text that they do not hold any more"
            found.append(Problem(what, "drops those vectors; the present texts wait for the embedder", lambda: self._drop_old(old)))
        said = self._numbers(
            "SELECT DISTINCT e.message_id AS n FROM message_embedding e LEFT JOIN message m ON m.id = e.message_id "
            "LEFT JOIN session s ON s.id = m.session_id WHERE m.id IS NULL OR s.id IS NULL OR s.trashed"
        )
        if said:
            found.append(
                Problem(f"{len(said)} lines of no conversation have vectors", "drops them", lambda: windows.forget(self.bank, said))
            )
        return found

    def _vector_table(self, table: str, share: int, noted_sql: str, forget: str) -> list[Problem]:
        """`share`: how many row numbers of the table belong to one row of the bookkeeping."""
        noted = set(self._numbers(noted_sql))
        if not self.bank.rows("SELECT 1 FROM sqlite_schema WHERE name = ?", table):
            return self._no_vector_table(table, sorted(noted), forget)
        try:
            held = self._numbers(f"SELECT rowid AS n FROM {table}")
            broken = self._chunks_broken(table)
        except (DamagedError, apsw.Error):
            held, broken = [], True

        def anew() -> None:
            self._remake(table)
            self._each(forget, sorted(noted))

        if broken:
            return [Problem(f"the vector index {table} is damaged", "makes it anew; its texts wait for the embedder", anew)]
        owners = {n // share for n in held}
        found: list[Problem] = []
        if missing := sorted(noted - owners):
            what = f"{len(missing)} texts count as embedded and have no vector"
            found.append(Problem(what, "puts them into the embedder's queue", lambda: self._each(forget, missing)))
        if lost := [n for n in held if n // share not in noted]:
            what = f"{len(lost)} vectors belong to no text"
            found.append(Problem(what, "removes them", lambda: self._drop_vectors(table, lost)))
        return found

    def _no_vector_table(self, table: str, noted: Sequence[int], forget: str) -> list[Problem]:
        kind, _, number = table.partition("_")

        def anew() -> None:
            self._each(forget, noted)
            if kind == "vector":  # as `Embeddings` makes it; that of the windows is made when it is written
                dim = self.bank.one("SELECT dim FROM embedder WHERE id = ?", int(number))["dim"]
                self.bank.rows(f"CREATE VIRTUAL TABLE {table} USING vec0 (kind integer partition key, vector float[{dim}], profile text)")

        if kind == "window" and not noted:
            return []
        return [Problem(f"the vectors of {len(noted)} texts are gone", "puts those texts into the embedder's queue", anew)]

    def _chunks_broken(self, table: str) -> bool:
        """Whether sqlite-vec would not find the chunks of a table where it looks for them; not known for another layout than today's."""
        places = f"{table}_vector_chunks00"
        if not self.bank.rows("SELECT 1 FROM sqlite_schema WHERE name = ?", places):
            return False
        there = f"SELECT 1 FROM {places} v WHERE v._rowid_ = c.chunk_id AND v.rowid = v._rowid_"
        return bool(self.bank.rows(f"SELECT 1 FROM {table}_chunks c WHERE NOT EXISTS ({there}) LIMIT 1"))

    def _drop_old(self, memory_ids: Sequence[int]) -> None:
        """As `Bank.index` does, but without the text index, which may be damaged as well."""
        for memory_id in memory_ids:
            for row in self.bank.rows("SELECT id, embedder_id FROM embedding WHERE memory_id = ?", memory_id):
                self._drop_vectors(f"vector_{row['embedder_id']}", [row["id"]])
                self.bank.rows("DELETE FROM embedding WHERE id = ?", row["id"])

    def _drop_vectors(self, table: str, rowids: Sequence[int]) -> None:
        dim = self.bank.one("SELECT dim FROM embedder WHERE id = ?", int(table.rpartition("_")[2]))["dim"]
        for rowid in rowids:
            self.bank.rows(f"UPDATE {table} SET vector = ? WHERE rowid = ?", bytes(4 * dim), rowid)  # a deleted row may leave its bytes
            self.bank.rows(f"DELETE FROM {table} WHERE rowid = ?", rowid)

    # memories, their history, their cases

    def _successors(self) -> list[Problem]:
        lost = self._numbers("SELECT id AS n FROM memory WHERE superseded_by IS NOT NULL AND superseded_by NOT IN (SELECT id FROM memory)")
        after = {row["id"]: row["b"] for row in self.bank.rows("SELECT id, superseded_by AS b FROM memory WHERE superseded_by IS NOT NULL")}
        circles = [number for number in after if _leads_back(number, after)]
        found: list[Problem] = []
        for numbers, what in ((lost, "name a memory as their successor that is gone"), (circles, "are each other's successors")):
            if numbers:
                remedy = "takes the name of the successor from them; the texts stay as they are, and undo takes it back"
                found.append(Problem(f"{len(numbers)} memories {what}", remedy, lambda n=numbers: self._without_successor(n)))
        return found

    def _without_successor(self, memory_ids: Sequence[int]) -> None:
        with self.bank.change("assistant", "repair") as change:
            for memory_id in memory_ids:
                change.touch(memory_id)
                self.bank.rows("UPDATE memory SET superseded_by = NULL WHERE id = ?", memory_id)

    def _history(self) -> list[Problem]:
        found: list[Problem] = []
        for table, part in (("revision", "memory"), ("session_revision", "session")):
            changes: set[int] = set()
            for side in ("before", "after"):
                # json_valid comes first in a CASE of its own: SQLite may look at the parts of an AND in any order.
                sql = (
                    f"SELECT DISTINCT txn_id AS n FROM {table} WHERE {side} IS NOT NULL AND CASE WHEN json_valid({side}) "
                    f"THEN json_type({side}, '$.{part}') IS NOT 'object' ELSE 1 END"
                )
                changes |= set(self._numbers(sql))
            if changes:
                listed = ", ".join(map(str, sorted(changes)[:5]))
                found.append(Problem(f"{len(changes)} changes of the history cannot be read, and not be undone: {listed}", COPY))
        return found

    def _case_details(self) -> list[Problem]:
        bare = self._numbers("SELECT id AS n FROM memory WHERE kind = 'case' AND id NOT IN (SELECT memory_id FROM case_detail)")

        def complete() -> None:
            with self.bank.change("assistant", "repair") as change:
                for memory_id in bare:
                    change.touch(memory_id)
                    self.bank.rows(
                        "INSERT INTO case_detail (memory_id, task, outcome, reason) "
                        "SELECT id, body, 'interrupted', 'what was done is lost' FROM memory WHERE id = ?",
                        memory_id,
                    )

        what = f"of {len(bare)} tasks only the question is there, not what was done"
        return [Problem(what, "marks them as interrupted; undo takes it back", complete)] if bare else []

    def _running(self) -> list[Problem]:
        rows = self.bank.rows("SELECT memory_id AS n, runner FROM case_detail WHERE outcome = 'running'")
        dead = [row["n"] for row in rows if not self.cases.liveness.lives(row["runner"])]

        def end() -> None:
            for number in dead:
                self.cases.finish(number, "interrupted", "", "the program ended while the task ran")

        return (
            [Problem(f"{len(dead)} tasks count as running, and their program has ended", "marks them as interrupted", end)] if dead else []
        )

    def _documents(self) -> list[Problem]:
        """Files of which neither the bank nor its history holds anything: what was undone may be done again, and finds its file."""
        bare = self.bank.rows(
            "SELECT f.profile, f.path FROM document_file f WHERE NOT EXISTS (SELECT 1 FROM source s JOIN memory m ON m.id = s.memory_id "
            "WHERE s.ref = f.path AND m.profile = f.profile)"
        )
        known = self._refs_of_the_past() if bare else set[str]()
        left = [row for row in bare if row["path"] not in known]

        def forget() -> None:
            for row in left:
                self.bank.rows("DELETE FROM document_file WHERE profile = ? AND path = ?", row["profile"], row["path"])

        what = f"{len(left)} files count as read, and nothing of them is remembered"
        return [Problem(what, "forgets that they were read", forget, minor=True)] if left else []

    def _refs_of_the_past(self) -> set[str]:
        rows = self.bank.rows(
            "SELECT DISTINCT part.value ->> '$.ref' AS ref "
            "FROM (SELECT before AS state FROM revision UNION ALL SELECT after FROM revision) "
            "JOIN json_each(CASE WHEN json_valid(state) THEN state ELSE '{}' END, '$.source') part"
        )
        return {row["ref"] for row in rows}

    # by all of them

    def _numbers(self, sql: str) -> list[int]:
        return [row["n"] for row in self.bank.rows(sql)]

    def _each(self, sql: str, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.bank.rows(sql, number)

    def _remake(self, table: str) -> None:
        """An empty index in the place of a damaged one, of the same make."""
        made = self.bank.one("SELECT sql FROM sqlite_schema WHERE name = ?", table)["sql"]
        self.bank.rows(f"DROP TABLE {table}")
        self.bank.rows(made)
        if "fts5" in made:
            self.bank.rows(f"INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1)")


def _leads_back(start: int, after: dict[int, int]) -> bool:
    seen: set[int] = set()
    at: int | None = start
    while at is not None and at not in seen:
        seen.add(at)
        at = after.get(at)
    return at == start
