"""A map of the bank: memories by what they mean, as points of a plane. Needs vectors, which the embedder makes; no model, no network.

The plane is that of the two directions in which the vectors differ most (principal components, by the singular values of their covariance).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 3
"""Memories that make a plane."""
STRIDE = 2654435761
"""Knuth's multiplicative hash: which memories are in a sample depends on their numbers alone, and on nothing that they say."""


@dataclass(frozen=True)
class Point:
    """One memory; x to the right and y up, both in [0, 1]. `reward` is of cases."""

    id: int
    x: float
    y: float
    kind: Kind
    reward: float | None
    title: str


@dataclass(frozen=True)
class Projection:
    """A picture of the bank."""

    points: tuple[Point, ...]
    total: int
    """Memories that have a vector; with fewer points it is a sample."""
    waiting: int
    """Memories in use without a vector yet."""
    explained: tuple[float, float]
    """Share of all variance along x and along y."""


class Map:
    """Keeps the picture until other things are embedded."""

    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories
        self.embeddings = Embeddings(bank)
        self._kept: dict[tuple[str, tuple[str, ...], int], tuple[list[int], NDArray[np.float64], tuple[float, float]]] = {}

    def points(self, kinds: Sequence[Kind] = (), most: int = 5000) -> Projection:
        """
        Args:
            kinds: which memories; all when empty.
            most: with more of them, a sample of so many is shown, always the same one.

        Raises:
            MementoError: too few memories are embedded.
        """
        with self.bank.lock:
            embedder = self.embeddings.current()
            chosen, digest = self._embedded(embedder, kinds)
            waiting = self._waiting(embedder, kinds)
            if embedder is None or len(chosen) < LEAST:
                many = f"{len(chosen)} memories are embedded" if chosen else "no memory is embedded yet"
                raise MementoError(f"There is no map: {many}.", "`memento memory index` embeds what waits; a map needs three memories.")
            key = (digest, tuple(kinds), most)
            if key not in self._kept:
                sample = sorted(sorted(chosen, key=lambda number: (number * STRIDE) % 2**32)[:most])
                self._kept = {key: (sample, *_plane(self._vectors(embedder, sample)))}
            ids, plane, explained = self._kept[key]
            known = self._named(ids)
        spots = zip(ids, plane.tolist(), strict=True)
        points = tuple(Point(number, x, y, *known[number]) for number, (x, y) in spots if number in known)
        return Projection(points, len(chosen), waiting, explained)

    def _embedded(self, embedder: int | None, kinds: Sequence[Kind]) -> tuple[list[int], str]:
        """The memories in use that have vectors, and a digest of what was embedded of them."""
        rows = self.bank.db.execute(
            "SELECT e.memory_id, e.id, substr(e.content_hash, 1, 16) FROM embedding e JOIN memory m ON m.id = e.memory_id "
            "WHERE e.embedder_id IS ? AND +m.profile = ? AND +m.status = 'active' "
            "AND (? = '[]' OR m.kind IN (SELECT value FROM json_each(?))) ORDER BY e.memory_id, e.chunk",
            (embedder, self.bank.profile, json.dumps(list(kinds)), json.dumps(list(kinds))),
        ).fetchall()  # fmt: skip
        digest = hashlib.sha256(f"{embedder}".encode())
        digest.update(repr(rows).encode())
        return list(dict.fromkeys(row[0] for row in rows)), digest.hexdigest()

    def _waiting(self, embedder: int | None, kinds: Sequence[Kind]) -> int:
        return self.bank.one(
            "SELECT count(*) AS n FROM memory m WHERE profile = ? AND status = 'active' AND (? = '[]' OR kind IN "
            "(SELECT value FROM json_each(?))) AND NOT EXISTS (SELECT 1 FROM embedding e WHERE e.memory_id = m.id AND e.embedder_id IS ?)",
            self.bank.profile, json.dumps(list(kinds)), json.dumps(list(kinds)), embedder,
        )["n"]  # fmt: skip

    def _vectors(self, embedder: int, ids: Sequence[int]) -> NDArray[np.float64]:
        """(n, d): of each memory the mean of its passages' vectors."""
        import numpy as np

        rows = self.bank.db.execute(
            f"SELECT e.memory_id, v.vector FROM embedding e JOIN vector_{int(embedder)} v ON v.rowid = e.id "
            "WHERE e.embedder_id = ? AND e.memory_id IN (SELECT value FROM json_each(?))",
            (embedder, json.dumps(list(ids))),
        ).fetchall()
        own = np.searchsorted(np.array(ids), np.array([row[0] for row in rows]))
        vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(rows), -1).astype(np.float64)
        total = np.zeros((len(ids), vectors.shape[1]))
        np.add.at(total, own, vectors)
        return total / np.bincount(own, minlength=len(ids))[:, None]

    def _named(self, ids: Sequence[int]) -> dict[int, tuple[Kind, float | None, str]]:
        rows = self.bank.rows(
            "SELECT m.id, m.kind, d.reward, m.title FROM memory m LEFT JOIN case_detail d ON d.memory_id = m.id "
            "WHERE m.id IN (SELECT value FROM json_each(?)) AND +m.profile = ?",
            json.dumps(list(ids)), self.bank.profile,
        )  # fmt: skip
        return {row["id"]: (row["kind"], row["reward"], row["title"]) for row in rows}


def _plane(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """(n, 2) in [0, 1], and the share of the variance along each.

    A direction and its opposite are equally good; the one is taken in which the vector's largest component is positive, so that the
    picture is not turned over from one run to the next.
    """
    import numpy as np

    centred = vectors - vectors.mean(axis=0)
    directions, values, _ = np.linalg.svd(centred.T @ centred / len(vectors))  # symmetric: (d, d) instead of (n, d)
    axes = directions[:, :2]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros((len(axes), 1))])
    flat = centred @ axes
    low, spread = flat.min(axis=0), flat.max(axis=0) - flat.min(axis=0)
    whole = float(values.sum()) or 1.0
    share = [*(float(value) / whole for value in values[:2]), 0.0]
    return np.where(spread > 1e-12, (flat - low) / np.where(spread > 1e-12, spread, 1.0), 0.5), (share[0], share[1])
