"""Search over what was said: by words, by meaning, by when; single lines, or pooled to the conversation. Every hit says why it is one.

Both rankings are fused by weighted standard scores over the candidates of both, as those of memories are. The weights of the fields and
of the fusion are those that `memento eval recall` measures on the conversations of five people.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Role
from memento_desktop.memory.conversations.windows import MOST, partition
from memento_desktop.memory.embeddings import chunks, cosine, scan
from memento_desktop.memory.search import z_scores
from memento_desktop.memory.tokens import indexable, query_terms, shown, sought

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATES = 64
WEIGHT = 0.65
"""Share of meaning in the fused score. Left out one person at a time, the four others choose it too."""
FIELDS = (1.0, 0.2, 0.5)
"""What a word weighs in the line itself, in the lines around it, in the title of the conversation."""
BONUS = 1.0
"""Standard scores that a line gains when it was said in the time that was asked about: enough to lead among equals, no more."""
MOST_ROWS = 16_000
"""Windows that one search ranks by words, about: of the words of a query, the rarest are searched for until they stand in so many."""


@dataclass(frozen=True)
class Said:
    """One message that was found."""

    message_id: int
    session_id: int
    title: str
    """Of the conversation."""
    role: Role
    text: str
    at: str
    score: float
    """Fused standard score: comparable within one search only."""
    terms: tuple[str, ...]
    """Words of the query that the message holds."""
    around: tuple[str, ...]
    """Those that only the lines around it or the title hold."""
    rank_text: int | None
    rank_vector: int | None
    similarity: float | None
    """Cosine of the query and the nearest passage; None when it was searched on text alone, or is not embedded yet."""
    in_time: bool = False
    """Whether it was said in the time that was asked about."""


@dataclass(frozen=True)
class Episode:
    """One conversation that was found: its score is that of its best message."""

    session_id: int
    title: str
    score: float
    said: tuple[Said, ...]
    """The messages that were found in it, the best first."""


@dataclass
class _Found:
    """The candidates of one search."""

    text: dict[int, float] = field(default_factory=dict[int, float])
    meaning: dict[int, float] = field(default_factory=dict[int, float])
    similarity: dict[int, float] = field(default_factory=dict[int, float])
    in_time: set[int] = field(default_factory=set[int])


class SaidSearch:
    def __init__(self, bank: Bank, fields: tuple[float, float, float] = FIELDS) -> None:
        self.bank, self.fields = bank, fields
        with bank.lock:  # another thread may be at work in the connection, which refuses two at once
            self._tokenizer = bank.db.fts5_tokenizer("porter", ["unicode61", "remove_diacritics", "2"])

    def find(
        self, query: str, limit: int = 10, vector: bytes | None = None, embedder: int | None = None, weight: float = WEIGHT,
        span: tuple[str, str] | None = None, without: Sequence[int] = (), roles: Sequence[Role] = (),
    ) -> list[Said]:  # fmt: skip
        """The messages that fit best, the best first.

        Args:
            vector: the query's embedding (float32, unit length) by `embedder`; None searches on text alone.
            weight: share of meaning in the fused score, in [0, 1].
            span: from when until when (ISO 8601, UTC); what was said then is preferred, not alone found.
            without: conversations to leave out, such as the one that is going on.
            roles: whose words; empty for both.
        """
        with self.bank.lock:
            allowed = _Allowed(self.bank, without, roles)
            terms = query_terms(query)
            found = _Found(text=self._by_text(self._telling(terms), allowed))
            near = nearness(self.bank, vector, embedder) if vector is not None and embedder is not None else None
            if near is not None:
                found.meaning = allowed.first(near.best)
            if span is not None:
                found.in_time = self._in_time(span, allowed, [*found.text, *found.meaning])
            ids = list(dict.fromkeys([*found.text, *found.meaning, *sorted(found.in_time, reverse=True)]))
            found.similarity = near.of(ids) if near is not None else {}
            scores = _fused(ids, found, weight if near is not None else 0.0)
            return self._hits(sorted(ids, key=lambda i: (-scores[i], -i))[:limit], scores, found, terms)

    def episodes(self, query: str, limit: int = 10, each: int = 3, **how: Any) -> list[Episode]:
        """The conversations that fit best, each with the `each` best of its messages; `how` as in `find`."""
        by_session: dict[int, list[Said]] = {}
        for hit in self.find(query, 2 * CANDIDATES, **how):
            by_session.setdefault(hit.session_id, []).append(hit)
        best = list(by_session.values())[:limit]  # the first of each stands where its best message does
        return [Episode(hits[0].session_id, hits[0].title, hits[0].score, tuple(hits[:each])) for hits in best]

    def _by_text(self, terms: Sequence[str], allowed: _Allowed) -> dict[int, float]:
        """Message → relevance (BM25, higher is better), the best candidates only."""
        if not terms:
            return {}
        sql = (
            f"SELECT rowid AS id, -bm25(message_text, {', '.join(map(str, self.fields))}) AS score FROM message_text "
            "WHERE message_text MATCH ? ORDER BY score DESC LIMIT ?"
        )
        wanted = " OR ".join(map(sought, terms))
        return allowed.first(lambda count: {row["id"]: row["score"] for row in self.bank.rows(sql, wanted, count)})

    def _in_time(self, span: tuple[str, str], allowed: _Allowed, ids: Sequence[int]) -> set[int]:
        """Which of these were said then, and the newest others that were."""
        sql = f"SELECT m.id FROM message m {allowed.join} WHERE {allowed.condition} AND m.at >= ? AND m.at < ?"
        held = self.bank.rows(f"{sql} AND m.id IN (SELECT value FROM json_each(?))", *allowed.values, *span, json.dumps(list(ids)))
        newest = self.bank.rows(f"{sql} ORDER BY m.at DESC, m.id DESC LIMIT ?", *allowed.values, *span, CANDIDATES)
        return {row["id"] for row in (*held, *newest)}

    def _stems(self, text: str) -> list[str]:
        return list(self._tokenizer(text.encode(), apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False, include_colocated=False))

    def _telling(self, terms: Sequence[str]) -> list[str]:
        """The words worth searching for, the rarest first: a common word of a long query in a large bank costs much and ranks little."""
        counts: dict[str, int] = {}
        for term in terms:
            if sought(term).endswith("*"):  # one character of a script without spaces: its pairs stand in no one row of the vocabulary
                counts[term] = 0
            elif rows := self.bank.rows("SELECT doc FROM message_terms WHERE term = ?", (self._stems(term) or [term])[0]):
                counts[term] = rows[0]["doc"]
        chosen: list[str] = []
        left = MOST_ROWS
        for term in sorted(counts, key=lambda term: counts[term]):
            if chosen and counts[term] > left:
                break
            chosen.append(term)
            left -= counts[term]
        return chosen

    def _hits(self, ids: Sequence[int], scores: dict[int, float], found: _Found, terms: Sequence[str]) -> list[Said]:
        sql = (
            "SELECT m.id, m.session_id, s.title, m.role, m.text, m.at, f.near, f.title AS titled FROM message m "
            "JOIN session s ON s.id = m.session_id JOIN message_text f ON f.rowid = m.id "
            "WHERE s.profile = ? AND m.id IN (SELECT value FROM json_each(?))"
        )
        known = {row["id"]: row for row in self.bank.rows(sql, self.bank.profile, json.dumps(list(ids)))}
        # Among equals the newest is first, as it is among the hits: what stands further up has never a later rank for it.
        text_rank = {i: n for n, i in enumerate(sorted(found.text, key=lambda i: (-found.text[i], -i)), 1)}
        vector_rank = {i: n for n, i in enumerate(sorted(found.meaning, key=lambda i: (-found.meaning[i], -i)), 1)}
        stems = {term: (self._stems(term) or [term])[0] for term in terms}
        hits: list[Said] = []
        for i in ids:
            if i not in known:  # another process removed it meanwhile
                continue
            row = known[i]
            held, beside = set(self._stems(indexable(row["text"]))), set(self._stems(f"{row['near']}\n{row['titled']}"))
            in_line = [term for term in terms if stems[term] in held]
            around = [term for term in terms if stems[term] in beside and stems[term] not in held]
            hits.append(
                Said(
                    message_id=i, session_id=row["session_id"], title=row["title"], role=row["role"], text=row["text"], at=row["at"],
                    score=scores[i], terms=shown(in_line), around=shown(around), rank_text=text_rank.get(i),
                    rank_vector=vector_rank.get(i), similarity=found.similarity.get(i), in_time=i in found.in_time,
                )
            )  # fmt: skip
        return hits


class _Allowed:
    """Which messages a search may find: of this profile, not in the trash, by these speakers, outside these conversations."""

    join = "JOIN session s ON s.id = m.session_id"

    def __init__(self, bank: Bank, without: Sequence[int], roles: Sequence[Role]) -> None:
        self.bank = bank
        self.condition = (
            "s.profile = ? AND NOT s.trashed AND s.id NOT IN (SELECT value FROM json_each(?)) "
            "AND (? OR m.role IN (SELECT value FROM json_each(?)))"
        )
        self.values = (bank.profile, json.dumps(list(without)), int(not roles), json.dumps(list(roles)))

    def first(self, ranked: Callable[[int], dict[int, float]]) -> dict[int, float]:
        """The candidates among the best of a ranking, which gives so many as it is asked for: more while others stand in front.

        To ask about the few afterwards is much quicker than to look up each row that holds a word.
        """
        looked = 2 * CANDIDATES
        while True:
            best = ranked(looked)
            may = self._of(best)
            found = {i: value for i, value in best.items() if i in may}
            if len(found) >= CANDIDATES or len(best) < looked:
                return dict(list(found.items())[:CANDIDATES])
            looked *= 4

    def _of(self, ids: Iterable[int]) -> set[int]:
        sql = f"SELECT m.id FROM json_each(?) one CROSS JOIN message m ON m.id = one.value {self.join} WHERE {self.condition}"
        return {row["id"] for row in self.bank.rows(sql, json.dumps(list(ids)), *self.values)}


SMALL = 2
"""Chunks of the vector index (1,024 passages each) for which NumPy is not imported where it is not yet."""
LISTED = 4096
"""The most rows that sqlite-vec gives."""


class Nearness(Protocol):
    """How near each message's nearest passage is to a query."""

    def best(self, count: int) -> dict[int, float]:
        """Message → cosine, the nearest first: `count` of them, or all."""
        ...

    def of(self, ids: Sequence[int]) -> dict[int, float]:
        """Message → cosine, of those that have vectors."""
        ...


class _Listed:
    """A small index, searched by sqlite-vec, without NumPy: all of it. Of a large one whose layout is not known here, the nearest part."""

    def __init__(self, bank: Bank, vector: bytes, embedder: int) -> None:
        sql = (
            f"SELECT rowid / {MOST} AS id, min(distance) AS distance FROM "
            f"(SELECT rowid, distance FROM window_{embedder} WHERE vector MATCH ? AND k = ? AND profile = ?) GROUP BY 1"
        )
        rows = bank.rows(sql, vector, LISTED, partition(bank.profile))
        self.cosines = {row["id"]: cosine(row["distance"]) for row in rows}

    def best(self, count: int) -> dict[int, float]:
        return dict(sorted(self.cosines.items(), key=lambda item: -item[1])[:count])

    def of(self, ids: Sequence[int]) -> dict[int, float]:
        return {i: self.cosines[i] for i in ids if i in self.cosines}


class _Scanned:
    """A large index: all chunks by NumPy, straight from what sqlite-vec stores."""

    def __init__(self, bank: Bank, vector: bytes, embedder: int) -> None:
        import numpy as np

        parts = scan(bank, f"window_{embedder}", vector, [partition(bank.profile)])
        rows, cosines = parts[0] if parts else (np.zeros(0, np.int64), np.zeros(0, np.float32))
        self.messages: NDArray[np.int64] = rows // MOST
        self.cosines: NDArray[np.float32] = np.where(np.isnan(cosines), -np.inf, cosines).astype(np.float32)

    def best(self, count: int) -> dict[int, float]:
        import numpy as np

        looked = count
        while True:
            looked = min(looked, len(self.cosines))
            top = np.argpartition(-self.cosines, looked - 1)[:looked] if looked else np.arange(0)
            ordered = top[np.argsort(-self.cosines[top], kind="stable")]
            found: dict[int, float] = {}
            for message, near in zip(self.messages[ordered].tolist(), self.cosines[ordered].tolist(), strict=True):
                found.setdefault(message, near)
            if len(found) >= count or looked == len(self.cosines):
                return dict(list(found.items())[:count])
            looked *= 4

    def of(self, ids: Sequence[int]) -> dict[int, float]:
        import numpy as np

        where = np.flatnonzero(np.isin(self.messages, np.array(ids, np.int64)))
        found: dict[int, float] = {}
        for message, near in zip(self.messages[where].tolist(), self.cosines[where].tolist(), strict=True):
            found[message] = max(near, found.get(message, near))
        return found


def nearness(bank: Bank, vector: bytes, embedder: int) -> Nearness | None:
    """How near the messages of this profile are to a query; None when nothing was embedded yet."""
    if not bank.rows("SELECT 1 FROM sqlite_schema WHERE name = ?", f"window_{embedder}"):
        return None
    large = chunks(bank, f"window_{embedder}", [partition(bank.profile)]) > (0 if "numpy" in sys.modules else SMALL)
    return _Scanned(bank, vector, embedder) if large else _Listed(bank, vector, embedder)


def _fused(ids: Sequence[int], found: _Found, share: float) -> dict[int, float]:
    """Weighted standard scores of both rankings, with the bonus for the time asked about. A message that is not embedded yet is
    neither near nor far."""
    text = z_scores([found.text.get(i, 0.0) for i in ids])
    embedded = [i for i in ids if i in found.similarity]
    meaning = dict(zip(embedded, z_scores([found.similarity[i] for i in embedded]), strict=True))
    return {
        i: (1 - share) * t + share * meaning.get(i, 0.0) + (BONUS if i in found.in_time else 0.0) for i, t in zip(ids, text, strict=True)
    }
