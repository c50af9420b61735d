"""Vectors of memories: which embedders there are, what waits to be embedded, and the sqlite-vec index of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank

KINDS = ("case", "lesson", "fact", "preference", "instruction", "correction", "document", "feedback")
"""Their order is the code that the vector index stores."""


@dataclass(frozen=True)
class Waiting:
    """A memory without a vector of this embedder."""

    memory_id: int
    content_hash: str
    text: str


class Embeddings:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def register(self, model: str, sha256: str, dim: int) -> int:
        """The number of an embedder, known by the hash of its weights; a new one gets an index of its own."""
        if (known := self._known(model, sha256, dim)) is not None:
            return known
        with self.bank.writing():
            if (known := self._known(model, sha256, dim)) is not None:  # another process may have been quicker
                return known
            number = self.bank.one("INSERT INTO embedder (model, sha256, dim) VALUES (?,?,?) RETURNING id", model, sha256, dim)["id"]
            self.bank.rows(
                f"CREATE VIRTUAL TABLE vector_{number} USING vec0 (kind integer partition key, vector float[{int(dim)}], profile text)"
            )
        return number

    def _known(self, model: str, sha256: str, dim: int) -> int | None:
        found = self.bank.rows("SELECT id, dim FROM embedder WHERE sha256 = ?", sha256)
        if found and found[0]["dim"] != dim:
            raise MementoError(f"The embedder {model} gives {dim} numbers a text, its index holds {found[0]['dim']}.")
        return found[0]["id"] if found else None

    def known(self) -> int | None:
        """The embedder used last, if any ever was."""
        rows = self.bank.rows("SELECT max(id) AS id FROM embedder")
        return rows[0]["id"]

    def waiting(self, embedder: int, limit: int = 256) -> list[Waiting]:
        """Active memories that this embedder has not seen in their present text, the oldest first."""
        rows = self.bank.rows(
            "SELECT id AS memory_id, content_hash, body AS text FROM memory WHERE status = 'active' AND NOT EXISTS "
            "(SELECT 1 FROM embedding e WHERE e.memory_id = memory.id AND e.embedder_id = ? AND e.content_hash = memory.content_hash) "
            "ORDER BY id LIMIT ?",
            embedder, limit,
        )  # fmt: skip
        return [Waiting(**row) for row in rows]

    def waiting_count(self, embedder: int | None) -> int:
        return self.bank.one(
            "SELECT count(*) AS n FROM memory WHERE status = 'active' AND NOT EXISTS (SELECT 1 FROM embedding e "
            "WHERE e.memory_id = memory.id AND e.embedder_id IS ? AND e.content_hash = memory.content_hash)",
            embedder,
        )["n"]

    def store(self, embedder: int, batch: Sequence[tuple[Waiting, bytes]]) -> int:
        """Writes vectors (little-endian float32, unit length); a memory that changed meanwhile is left in the queue. Returns how many."""
        stored = 0
        with self.bank.writing():
            for item, vector in batch:
                now = self.bank.rows(
                    "SELECT profile, kind FROM memory WHERE id = ? AND content_hash = ? AND status = 'active'",
                    item.memory_id,
                    item.content_hash,
                )
                if not now:
                    continue
                self.bank.rows("SAVEPOINT one")  # a failed insert into vec0 leaves a ghost row unless it is rolled back
                try:
                    row = self.bank.rows(
                        "INSERT INTO embedding (memory_id, chunk, embedder_id, content_hash) VALUES (?,0,?,?) "
                        "ON CONFLICT DO NOTHING RETURNING id",
                        item.memory_id, embedder, item.content_hash,
                    )  # fmt: skip
                    if row:  # else another process was quicker
                        self.bank.rows(
                            f"INSERT INTO vector_{embedder} (rowid, vector, profile, kind) VALUES (?,?,?,?)",
                            row[0]["id"], vector, now[0]["profile"], KINDS.index(now[0]["kind"]),
                        )  # fmt: skip
                        stored += 1
                except BaseException:
                    self.bank.rows("ROLLBACK TO one")
                    raise
                self.bank.rows("RELEASE one")
        return stored
