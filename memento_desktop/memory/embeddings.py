"""Vectors of memories: which embedders there are, what waits to be embedded, and the sqlite-vec index of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.wording import indexed_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Found = tuple[NDArray[np.int64], NDArray[np.float32]]

KINDS = ("case", "lesson", "fact", "preference", "instruction", "correction", "document", "feedback")
"""Their order is the code that the vector index stores."""
LARGE = 2
"""Chunks of the vector index (1,024 vectors each) from which NumPy scans them faster than sqlite-vec."""
WORTH_IMPORTING = 64
"""Chunks from which it does so even where NumPy is not imported yet, which costs as much as about three scans of so many by sqlite-vec."""
LAYOUT = {"chunk_id", "size", "validity", "rowids", "partition00"}
"""The columns of sqlite-vec's table of chunks that the scan relies on."""


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
            "SELECT id, content_hash, kind, body FROM memory WHERE status = 'active' AND NOT EXISTS "
            "(SELECT 1 FROM embedding e WHERE e.memory_id = memory.id AND e.embedder_id = ? AND e.content_hash = memory.content_hash) "
            "ORDER BY id LIMIT ?",
            embedder, limit,
        )  # fmt: skip
        return [Waiting(row["id"], row["content_hash"], indexed_text(row["kind"], row["body"])) for row in rows]

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


def nearest(bank: Bank, embedder: int, vector: bytes, codes: Sequence[int], profile: str, most: int) -> dict[int, float]:
    """Memory → cosine, the `most` nearest of each kind (`codes` into KINDS), nearest first; exact, over all vectors of the embedder.

    A large index is not scanned by sqlite-vec, whose wheels compute one number at a time, but chunk by chunk with NumPy, from the very
    bytes that sqlite-vec stores: there is no copy that could lag behind an undo or another process. `vector` is float32 of unit length.
    """
    with bank.lock:
        if _chunks(bank, embedder, codes) < (LARGE if "numpy" in sys.modules else WORTH_IMPORTING):
            return _by_index(bank, embedder, vector, codes, profile, most)
        found: dict[int, float] = {}
        for rows, cosines in _scan(bank, embedder, vector, codes):
            found |= _of_profile(bank, rows, cosines, profile, most)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _chunks(bank: Bank, embedder: int, codes: Sequence[int]) -> int:
    """How many chunks of the index hold these kinds; none when the installed sqlite-vec keeps them in a way that is not known here."""
    columns = {row["name"] for row in bank.rows("SELECT name FROM pragma_table_info(?)", f"vector_{embedder}_chunks")}
    if not columns >= LAYOUT:
        return 0
    return bank.one(f"SELECT count(*) AS n FROM vector_{embedder}_chunks WHERE partition00 IN ({_listed(codes)})")["n"]


def _listed(codes: Sequence[int]) -> str:
    return ", ".join(str(int(code)) for code in codes)


def _by_index(bank: Bank, embedder: int, vector: bytes, codes: Sequence[int], profile: str, most: int) -> dict[int, float]:
    rows = bank.rows(
        f"SELECT e.memory_id AS id, v.distance AS distance FROM (SELECT rowid, distance FROM vector_{embedder} "
        f"WHERE vector MATCH ? AND k = ? AND profile = ? AND kind IN ({_listed(codes)})) v JOIN embedding e ON e.id = v.rowid "
        "ORDER BY v.distance",
        vector, most, profile,
    )  # fmt: skip
    found: dict[int, float] = {}
    for row in rows:
        found.setdefault(row["id"], cosine(row["distance"]))
    return found


def cosine(distance: float) -> float:
    """Of two unit vectors, from their Euclidean distance."""
    return 1.0 - distance * distance / 2.0


def _scan(bank: Bank, embedder: int, vector: bytes, codes: Sequence[int]) -> list[Found]:
    """For each kind the rows of the index and their cosines, in no order.

    One chunk at a time goes through a buffer small enough for the processor's cache: that is as quick as all vectors in memory.
    """
    import numpy as np

    query = np.frombuffer(vector, dtype=np.float32)
    parts: dict[int, list[Found]] = {}
    buffer, blob = bytearray(), None
    try:
        # Read to its end, the statement keeps one state of the bank before the eyes of the blob too.
        for code, size, validity, rowids, place in bank.db.execute(
            f"SELECT c.partition00, c.size, c.validity, c.rowids, v._rowid_ FROM vector_{embedder}_chunks c "
            f"JOIN vector_{embedder}_vector_chunks00 v ON v.rowid = c.chunk_id WHERE c.partition00 IN ({_listed(codes)})"
        ):
            if blob is None:
                blob: Any = bank.db.blob_open("main", f"vector_{embedder}_vector_chunks00", "vectors", place, False)
            else:
                blob.reopen(place)
            if len(buffer) != size * query.nbytes:
                buffer = bytearray(size * query.nbytes)
            blob.read_into(buffer)
            cosines = np.frombuffer(buffer, dtype=np.float32).reshape(size, -1) @ query
            held = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[:size].astype(bool)
            parts.setdefault(code, []).append((np.frombuffer(rowids, dtype=np.int64)[held], cosines[held]))
    finally:
        if blob is not None:
            blob.close()
    return [(np.concatenate([ids for ids, _ in part]), np.concatenate([near for _, near in part])) for part in parts.values()]


def _of_profile(bank: Bank, rows: NDArray[np.int64], cosines: NDArray[np.float32], profile: str, most: int) -> dict[int, float]:
    """The `most` nearest of these rows that belong to a profile: memory → cosine. More are looked at while others' stand in front."""
    import numpy as np

    cosines = np.where(np.isnan(cosines), -np.inf, cosines)
    looked = most
    while True:
        looked = min(looked, len(rows))
        best = np.argpartition(-cosines, looked - 1)[:looked] if looked else np.arange(0)
        best = best[np.argsort(-cosines[best], kind="stable")]
        owners = bank.rows(
            "SELECT e.id, e.memory_id FROM json_each(?) one CROSS JOIN embedding e ON e.id = one.value "  # from the few to the many
            "CROSS JOIN memory m ON m.id = e.memory_id WHERE m.profile = ?",
            json.dumps(rows[best].tolist()), profile,
        )  # fmt: skip
        if len(owners) >= most or looked == len(rows):
            break
        looked *= 4
    memory = {row["id"]: row["memory_id"] for row in owners}
    found: dict[int, float] = {}
    for row, near in zip(rows[best].tolist(), cosines[best].tolist(), strict=True):
        if row in memory and len(found) < most:
            found.setdefault(memory[row], near)
    return found
