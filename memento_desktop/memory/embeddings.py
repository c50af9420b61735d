"""Vectors of memories: which embedders there are, what waits to be embedded, and the sqlite-vec index of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.wording import indexed_text, kind_of_task
from memento_desktop.memory.tokens import passages

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


WAITS = (
    "m.status = 'active' AND NOT EXISTS (SELECT 1 FROM embedding e WHERE e.memory_id = m.id AND e.embedder_id IS ? "
    "AND e.content_hash = m.content_hash)"
)
CURRENT = "embedder"
"""Under this name the bank keeps the number of the embedder that is used now."""
ONE_VECTOR = ("case", "lesson")
"""Kinds that are embedded as one text however long: they are compared by kind of task, and learned readers know one vector of each."""


@dataclass(frozen=True)
class Waiting:
    """A memory without vectors of this embedder, or one passage of it where it is long."""

    memory_id: int
    content_hash: str
    text: str
    chunk: int = 0
    chunks: int = 1
    """How many passages the memory has. All of them are stored together, or none."""


@dataclass(frozen=True)
class PastQuery:
    """What past readings searched for, as far as their vectors are of another embedder."""

    retrievals: tuple[int, ...]
    text: str


class Embeddings:
    """Vectors are derived, and so is the queue of what waits for one: work that is broken off goes on where it stopped.

    All profiles are embedded together; each vector knows its profile, and nobody but a search of that profile sees it.
    """

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def register(self, model: str, sha256: str, dim: int) -> int:
        """The number of an embedder, known by the hash of its weights; a new one gets an index of its own. From now on it is the one in
        use: what another one embedded stays until everything is embedded anew, see `retire_others`."""
        known = self._known(model, sha256, dim)
        if known is not None and known == self.current():
            return known
        with self.bank.writing():
            known = self._known(model, sha256, dim)  # another process may have been quicker
            number = self._added(model, sha256, dim) if known is None else known
            self.bank.rows("INSERT INTO secret VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", CURRENT, str(number))
        return number

    def _added(self, model: str, sha256: str, dim: int) -> int:
        number = self.bank.one("INSERT INTO embedder (model, sha256, dim) VALUES (?,?,?) RETURNING id", model, sha256, dim)["id"]
        self._make_index(number, dim)
        return number

    def _make_index(self, number: int, dim: int) -> None:
        self.bank.rows(
            f"CREATE VIRTUAL TABLE vector_{number} USING vec0 (kind integer partition key, vector float[{int(dim)}], profile text)"
        )

    def _known(self, model: str, sha256: str, dim: int) -> int | None:
        found = self.bank.rows("SELECT id, dim FROM embedder WHERE sha256 = ?", sha256)
        if found and found[0]["dim"] != dim:
            raise MementoError(f"The embedder {model} gives {dim} numbers a text, its index holds {found[0]['dim']}.")
        return found[0]["id"] if found else None

    def current(self) -> int | None:
        """The embedder in use, the one registered last; None before the first."""
        said = self.bank.rows("SELECT e.id FROM secret JOIN embedder e ON e.id = CAST(value AS INTEGER) WHERE name = ?", CURRENT)
        return said[0]["id"] if said else self.bank.one("SELECT max(id) AS id FROM embedder")["id"]

    def others(self, embedder: int) -> list[int]:
        """All embedders but this one."""
        return [row["id"] for row in self.bank.rows("SELECT id FROM embedder WHERE id != ? ORDER BY id", embedder)]

    # the queue of memories

    def waiting(self, embedder: int, limit: int = 256) -> list[Waiting]:
        """What this embedder has not seen of the active memories in their present text: what was read for a task last comes first, then
        the newest. About `limit` texts; the passages of one memory come together."""
        rows = self.bank.rows(
            "SELECT m.id, m.content_hash, m.kind, m.title, m.body FROM memory m LEFT JOIN "
            "(SELECT memory_id, max(retrieval_id) AS last FROM retrieval_hit WHERE shown GROUP BY memory_id) used ON used.memory_id = m.id "
            f"WHERE {WAITS} ORDER BY used.last DESC NULLS LAST, m.id DESC LIMIT ?",
            embedder, limit,
        )  # fmt: skip
        found: list[Waiting] = []
        for row in rows:
            if len(found) >= limit:
                break
            text = indexed_text(row["kind"], row["body"], row["title"])
            pieces = [text] if row["kind"] in ONE_VECTOR else passages(text)
            found += [Waiting(row["id"], row["content_hash"], piece, n, len(pieces)) for n, piece in enumerate(pieces)]
        return found

    def waiting_count(self, embedder: int | None) -> int:
        """How many memories wait."""
        return sum(self.waiting_by_profile(embedder).values())

    def waiting_by_profile(self, embedder: int | None) -> dict[str, int]:
        """Profile → how many of its memories wait."""
        rows = self.bank.rows(
            f"SELECT m.profile, count(*) AS n FROM memory m WHERE {WAITS} GROUP BY m.profile ORDER BY m.profile", embedder
        )
        return {row["profile"]: row["n"] for row in rows}

    def progress(self, embedder: int | None) -> tuple[int, int]:
        """How many active memories have their vectors of this embedder, and how many there are."""
        total = self.bank.one("SELECT count(*) AS n FROM memory WHERE status = 'active'")["n"]
        return total - self.waiting_count(embedder), total

    def store(self, embedder: int, batch: Sequence[tuple[Waiting, bytes]]) -> int:
        """Writes vectors (little-endian float32, unit length). Returns how many memories have theirs now.

        A memory that changed meanwhile, or of which a passage is missing in the batch, is left in the queue.
        """
        pieces: dict[int, list[tuple[Waiting, bytes]]] = {}
        for item, vector in batch:
            pieces.setdefault(item.memory_id, []).append((item, vector))
        with self.bank.writing():
            return sum(self._store_one(embedder, found) for found in pieces.values())

    def _store_one(self, embedder: int, pieces: Sequence[tuple[Waiting, bytes]]) -> bool:
        first = pieces[0][0]
        now = self.bank.rows(
            f"SELECT m.profile, m.kind FROM memory m WHERE {WAITS} AND m.id = ? AND m.content_hash = ?",
            embedder, first.memory_id, first.content_hash,
        )  # fmt: skip
        if not now or {item.chunk for item, _ in pieces} != set(range(first.chunks)):
            return False
        self.bank.rows("SAVEPOINT one")  # a failed insert into vec0 leaves a ghost row unless it is rolled back
        try:
            for item, vector in pieces:
                row = self.bank.one(
                    "INSERT INTO embedding (memory_id, chunk, embedder_id, content_hash) VALUES (?,?,?,?) RETURNING id",
                    item.memory_id, item.chunk, embedder, item.content_hash,
                )  # fmt: skip
                self.bank.rows(
                    f"INSERT INTO vector_{embedder} (rowid, vector, profile, kind) VALUES (?,?,?,?)",
                    row["id"], vector, now[0]["profile"], KINDS.index(now[0]["kind"]),
                )  # fmt: skip
        except BaseException:
            self.bank.rows("ROLLBACK TO one")
            self.bank.rows("RELEASE one")
            raise
        self.bank.rows("RELEASE one")
        return True

    # a change of the embedder

    def waiting_queries(self, embedder: int, limit: int = 256) -> list[PastQuery]:
        """Tasks of past readings whose vectors another embedder made, the newest first: learned readers compare tasks with them."""
        rows = self.bank.rows(
            "SELECT query, json_group_array(id) AS ids FROM retrieval WHERE embedder_id IS NOT NULL AND embedder_id != ? "
            "GROUP BY query ORDER BY max(id) DESC LIMIT ?",
            embedder, limit,
        )  # fmt: skip
        return [PastQuery(tuple(json.loads(row["ids"])), kind_of_task(row["query"])) for row in rows]

    def store_queries(self, embedder: int, batch: Sequence[tuple[PastQuery, bytes]]) -> int:
        """Writes the vectors of past queries. Returns how many readings have theirs now."""
        with self.bank.writing():
            return sum(
                len(self.bank.rows(
                    "UPDATE retrieval SET vector = ?, embedder_id = ? WHERE id IN (SELECT value FROM json_each(?)) "
                    "AND embedder_id IS NOT NULL RETURNING id",
                    vector, embedder, json.dumps(query.retrievals),
                ))
                for query, vector in batch
            )  # fmt: skip

    def retire_others(self, embedder: int) -> int:
        """Drops the vectors of every other embedder, once nothing waits for this one and it is the one in use: until then the owner can
        switch back at no cost. Returns how many embedders lost theirs.

        The trained head goes with the vectors that it was trained on. It is trained anew from the log.
        """
        with self.bank.writing():
            if self.current() != embedder or self.waiting_queries(embedder, 1) or self.waiting_count(embedder):
                return 0
            others = self.bank.rows(
                "SELECT id, dim FROM embedder e WHERE id != ? AND (EXISTS (SELECT 1 FROM embedding WHERE embedder_id = e.id) "
                "OR EXISTS (SELECT 1 FROM message_embedding WHERE embedder_id = e.id))",
                embedder,
            )
            for other in others:
                self._drop(other["id"], other["dim"])
        return len(others)

    def _drop(self, embedder: int, dim: int) -> None:
        """Empties the indexes of an embedder. It keeps its number and an empty index: another process may still be using them."""
        self.bank.rows("DELETE FROM embedding WHERE embedder_id = ?", embedder)
        self.bank.rows(f"DROP TABLE vector_{embedder}")  # freed pages are overwritten, see PRAGMA secure_delete
        self._make_index(embedder, dim)
        self.bank.rows(f"DROP TABLE IF EXISTS window_{embedder}")  # made again when it is needed
        self.bank.rows("DELETE FROM message_embedding WHERE embedder_id = ?", embedder)
        self.bank.rows(
            "DELETE FROM learned WHERE what = 'neural' AND substr(state, 1, ?) = ?", len(f"{embedder}") + 1, f"{embedder}\n".encode()
        )


ALL = ("1", ())
"""The condition that every memory fulfils."""
MOST = 4096
"""The most neighbours that sqlite-vec gives."""


def nearest(
    bank: Bank, embedder: int, vector: bytes, codes: Sequence[int], profile: str, most: int, holding: tuple[str, Sequence[str]] = ALL,
) -> dict[int, float]:  # fmt: skip
    """Memory → cosine, the `most` nearest of each kind (`codes` into KINDS), nearest first; exact, over all vectors of the embedder.

    A large index is not scanned by sqlite-vec, whose wheels compute one number at a time, but chunk by chunk with NumPy, from the very
    bytes that sqlite-vec stores: there is no copy that could lag behind an undo or another process. `vector` is float32 of unit length.
    A memory of several passages is as near as the nearest of them. `holding` is a condition on `memory m` in SQL with its values.
    """
    with bank.lock:
        if _chunks(bank, embedder, codes) < (LARGE if "numpy" in sys.modules else WORTH_IMPORTING):
            return _by_index(bank, embedder, vector, codes, profile, most, holding)
        found: dict[int, float] = {}
        for rows, cosines in _scan(bank, embedder, vector, codes):
            found |= _of_profile(bank, rows, cosines, profile, most, holding)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _chunks(bank: Bank, embedder: int, codes: Sequence[int]) -> int:
    return chunks(bank, f"vector_{embedder}", codes)


def chunks(bank: Bank, table: str, codes: Sequence[int]) -> int:
    """How many chunks of a vec0 table hold these partitions; none when the installed sqlite-vec keeps them in a way that is not known
    here."""
    columns = {row["name"] for row in bank.rows("SELECT name FROM pragma_table_info(?)", f"{table}_chunks")}
    if not columns >= LAYOUT:
        return 0
    return bank.one(f"SELECT count(*) AS n FROM {table}_chunks WHERE partition00 IN ({_listed(codes)})")["n"]


def _listed(codes: Sequence[int]) -> str:
    return ", ".join(str(int(code)) for code in codes)


def _by_index(
    bank: Bank, embedder: int, vector: bytes, codes: Sequence[int], profile: str, most: int, holding: tuple[str, Sequence[str]]
) -> dict[int, float]:  # fmt: skip
    """By sqlite-vec, kind by kind. More are looked at while what does not hold, or other passages, stand in front."""
    found: dict[int, float] = {}
    for code in codes:
        looked = min(most, MOST)
        while True:
            rows = bank.rows(
                "SELECT v.id, v.distance, m.id IS NOT NULL AS holds FROM (SELECT e.memory_id AS id, x.distance AS distance FROM "
                f"(SELECT rowid, distance FROM vector_{embedder} WHERE vector MATCH ? AND k = ? AND profile = ? AND kind = ?) x "
                f"JOIN embedding e ON e.id = x.rowid) v LEFT JOIN memory m ON m.id = v.id AND {holding[0]} ORDER BY v.distance",
                vector, looked, profile, code, *holding[1],
            )  # fmt: skip
            of_kind: dict[int, float] = {}
            for row in rows:
                if row["holds"] and len(of_kind) < most:
                    of_kind.setdefault(row["id"], cosine(row["distance"]))
            if len(of_kind) >= most or len(rows) < looked or looked == MOST:
                break
            looked = min(4 * looked, MOST)
        found |= of_kind
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def cosine(distance: float) -> float:
    """Of two unit vectors, from their Euclidean distance."""
    return 1.0 - distance * distance / 2.0


def _scan(bank: Bank, embedder: int, vector: bytes, codes: Sequence[int]) -> list[Found]:
    return scan(bank, f"vector_{embedder}", vector, codes)


def scan(bank: Bank, table: str, vector: bytes, codes: Sequence[int]) -> list[Found]:
    """For each of these partitions of a vec0 table (integer key, one column `vector`) its rows and their cosines, in no order.

    One chunk at a time goes through a buffer small enough for the processor's cache: that is as quick as all vectors in memory.
    """
    import numpy as np

    query = np.frombuffer(vector, dtype=np.float32)
    parts: dict[int, list[Found]] = {}
    buffer, blob = bytearray(), None
    try:
        # Read to its end, the statement keeps one state of the bank before the eyes of the blob too.
        for code, size, validity, rowids, place in bank.db.execute(
            f"SELECT c.partition00, c.size, c.validity, c.rowids, v._rowid_ FROM {table}_chunks c "
            f"JOIN {table}_vector_chunks00 v ON v.rowid = c.chunk_id WHERE c.partition00 IN ({_listed(codes)})"
        ):
            if blob is None:
                blob: Any = bank.db.blob_open("main", f"{table}_vector_chunks00", "vectors", place, False)
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


def _of_profile(
    bank: Bank, rows: NDArray[np.int64], cosines: NDArray[np.float32], profile: str, most: int, holding: tuple[str, Sequence[str]]
) -> dict[int, float]:  # fmt: skip
    """The `most` nearest of these rows that belong to a profile and hold: memory → cosine. More are looked at while others stand in
    front, or other passages of the same memories."""
    import numpy as np

    cosines = np.where(np.isnan(cosines), -np.inf, cosines)
    looked = most
    while True:
        looked = min(looked, len(rows))
        best = np.argpartition(-cosines, looked - 1)[:looked] if looked else np.arange(0)
        best = best[np.argsort(-cosines[best], kind="stable")]
        owners = bank.rows(
            "SELECT e.id, e.memory_id FROM json_each(?) one CROSS JOIN embedding e ON e.id = one.value "  # from the few to the many
            f"CROSS JOIN memory m ON m.id = e.memory_id WHERE m.profile = ? AND {holding[0]}",
            json.dumps(rows[best].tolist()), profile, *holding[1],
        )  # fmt: skip
        memory = {row["id"]: row["memory_id"] for row in owners}
        if len(set(memory.values())) >= most or looked == len(rows):
            break
        looked *= 4
    found: dict[int, float] = {}
    for row, near in zip(rows[best].tolist(), cosines[best].tolist(), strict=True):
        if row in memory and (len(found) < most):
            found.setdefault(memory[row], near)
    return found
