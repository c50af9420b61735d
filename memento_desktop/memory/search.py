"""Search by words and by meaning. Every hit says why it is one: matched words, rank by text, rank by vector, similarity.

The two rankings are fused by weighted z-scores over the candidates of both. On conversational memory that was measured better than
either ranking alone, and much better than reciprocal rank fusion with equal weights (tests/bench/bench_fusion.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import KINDS, cosine, nearest
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.records import Kind, now
from memento_desktop.memory.times import condition, without_time
from memento_desktop.memory.tokens import indexable, is_prefix, query_terms, shown, sought

CANDIDATES = 64
LESSONS = 4
"""Lessons that are looked at beside the best hits, where words alone must find them."""
RECENT = 16
"""Memories of the asked span that are looked at, the newest, whatever their words."""
TIMELY = 0.5
"""What a memory's score gains, in standard deviations, when it was recorded in the span that the query asks about. On real questions
(tests/bench/bench_fusion.py) the right one is then first in 83.9 % instead of 80.0 %; in 78.1 % where the owner is wrong about the time."""


@dataclass(frozen=True)
class Hit:
    """One memory that was found."""

    memory_id: int
    kind: Kind
    title: str
    score: float
    """Fused z-score: comparable within one search only."""
    coverage: float
    """Share of the query's words that the memory holds, weighted by how rare each is, in [0, 1]."""
    terms: tuple[str, ...]
    rank_text: int | None
    rank_vector: int | None
    similarity: float | None
    """Cosine of query and memory; None when it was searched on text alone."""
    nominated: bool = False
    """Whether it was not found by this query, but helped on a task like it."""
    valid_from: str | None = None
    valid_to: str | None = None
    """Since when it holds, and until when it held (ISO 8601 UTC); None: since ever, and still."""
    timely: bool = False
    """Whether it was recorded in the span that was asked about."""


COMMON = 0.05
"""A word that stands in more than this share of all memories is not searched for when rarer words are: it ranks nothing."""
COMMON_FROM = 500
READ_CHARACTERS = 4000
"""How much of a memory's text is looked at to say which words matched."""


@dataclass(frozen=True)
class _Term:
    """A word of a query: its stem, how many memories hold it, its weight by rarity."""

    stem: str
    count: int
    weight: float
    common: bool
    counts: bool = True
    """Whether a memory that lacks it covers less of the query. The date of a question about the past need not stand in what held then."""


def z_scores(values: Sequence[float]) -> list[float]:
    """Standard scores; zero for each when they are all alike."""
    count = max(1, len(values))
    mean = math.fsum(values) / count
    spread = math.sqrt(math.fsum([(v - mean) ** 2 for v in values]) / count)  # statistics.pstdev reckons in fractions: far slower
    return [(v - mean) / spread if spread > 1e-12 * max(1.0, abs(mean)) else 0.0 for v in values]


class Search:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        with bank.lock:  # another thread may be at work in the connection, which refuses two at once
            self._tokenizer = bank.db.fts5_tokenizer("porter", ["unicode61", "remove_diacritics", "2"])

    def find(
        self, query: str, kinds: Sequence[Kind] = (), limit: int = 10,
        vector: bytes | None = None, embedder: int | None = None, weight: float = 0.4,
        at: str | None = None, span: tuple[str, str] | None = None,
    ) -> list[Hit]:  # fmt: skip
        """The best memories for a query, the best first.

        Args:
            vector: the query's embedding (float32, unit length) by `embedder`; None searches on text alone.
            weight: share of the vector side in the fused score, in [0, 1].
            at: the moment at which they must hold (ISO 8601 UTC; None: now), `times.EVER` for all, or `times.OVER` for what held once
                and does no more. Cases and lessons are found at any moment.
            span: from and to (ISO 8601 UTC, the end not included); what was recorded in it is preferred.

        Raises:
            MementoError: `at` is no moment.
        """
        holding, counted = condition(at, now()), query
        if at is not None or span is not None:  # what says when is no word to look for
            counted, query = without_time(query), without_time(query, dates=False)
        with self.bank.lock:
            rarity = self._rarity(query_terms(query), query_terms(counted))
            by_text = self._by_text(self._telling(rarity), kinds, holding)
            lessons: dict[int, float] = {}
            if vector is None and len(kinds) > 1 and "lesson" in kinds:  # cases of the same files would crowd out what was learnt
                lessons = self._by_text(self._telling(self._rarity(query_terms(kind_of_task(query)))), ("lesson",), holding)
                by_text |= {i: by_text.get(i, score) for i, score in list(lessons.items())[:LESSONS]}
            by_vector = self._by_vector(vector, embedder, kinds, holding) if vector is not None and embedder is not None else {}
            recent = self._recorded(span, kinds, holding) if span else []
            ids = list(dict.fromkeys([*by_text, *by_vector, *recent]))
            if vector is not None and embedder is not None and ids:
                by_vector |= self._similarities(vector, embedder, [i for i in ids if i not in by_vector])
            fused = _fused(ids, by_text, by_vector, weight)
            timely = self._within(span, ids) if span else set[int]()
            fused = {i: score + TIMELY * (i in timely) for i, score in fused.items()}
            best = sorted(ids, key=lambda i: (-fused[i], i))[:limit]
            best += [i for i in list(lessons)[:LESSONS] if i not in best]
            return [replace(hit, timely=hit.memory_id in timely) for hit in self._hits(query, rarity, best, fused, by_text, by_vector)]

    def look(
        self, query: str, ids: Sequence[int], vector: bytes | None = None, embedder: int | None = None, at: str | None = None
    ) -> list[Hit]:  # fmt: skip
        """These memories, as far as they are in use and hold (`at`, see `find`), as hits for a query that did not find them by itself;
        their score is 0."""
        holds, values = condition(at, now())
        with self.bank.lock:
            sql = (
                "SELECT id FROM memory m WHERE id IN (SELECT value FROM json_each(?)) AND +status = 'active' AND +profile = ? "  # by number
                f"AND {holds} ORDER BY id"
            )
            used = [row["id"] for row in self.bank.rows(sql, json.dumps(list(ids)), self.bank.profile, *values)]
            by_vector = self._similarities(vector, embedder, used) if vector is not None and embedder is not None else {}
            return self._hits(query, self._rarity(query_terms(query)), used, dict.fromkeys(used, 0.0), {}, by_vector, nominated=True)

    def _hits(
        self, query: str, rarity: dict[str, _Term], ids: Sequence[int], scores: dict[int, float], by_text: dict[int, float],
        by_vector: dict[int, float], nominated: bool = False,
    ) -> list[Hit]:  # fmt: skip
        sql = "SELECT id, kind, title, body, valid_from, valid_to FROM memory WHERE id IN (SELECT value FROM json_each(?))"
        known = {row["id"]: row for row in self.bank.rows(sql, json.dumps(list(ids)))}
        general = set(query_terms(kind_of_task(query)))
        rarity_of_kind = {word: term for word, term in rarity.items() if word in general}
        text_rank = {i: n for n, i in enumerate(sorted(by_text, key=lambda i: -by_text[i]), 1)}
        vector_rank = {i: n for n, i in enumerate(sorted(by_vector, key=lambda i: -by_vector[i]), 1)}
        hits: list[Hit] = []
        for i in ids:
            if i not in known:  # another process removed it meanwhile
                continue
            row = known[i]
            # A lesson speaks of a kind of task: that it does not hold this one's names and figures is not held against it.
            wanted = (rarity_of_kind or rarity) if row["kind"] == "lesson" else rarity
            coverage, terms = self._coverage(wanted, f"{row['title']}\n{row['body'][:READ_CHARACTERS]}")
            hits.append(
                Hit(
                    memory_id=i, kind=row["kind"], title=row["title"], score=scores[i], coverage=coverage, terms=terms,
                    rank_text=text_rank.get(i), rank_vector=None if nominated else vector_rank.get(i), similarity=by_vector.get(i),
                    nominated=nominated, valid_from=row["valid_from"], valid_to=row["valid_to"],
                )
            )  # fmt: skip
        return hits

    def _by_text(self, terms: Sequence[str], kinds: Sequence[Kind], holding: tuple[str, Sequence[str]]) -> dict[int, float]:
        """Memory → relevance (BM25, higher is better), the best candidates only."""
        if not terms:
            return {}
        rows = self.bank.rows(
            "SELECT f.rowid AS id, -bm25(memory_text, 2.0, 1.0) AS score FROM memory_text f JOIN memory m ON m.id = f.rowid "
            f"WHERE memory_text MATCH ? AND m.profile = ? AND (? OR m.kind IN (SELECT value FROM json_each(?))) AND {holding[0]} "
            "ORDER BY score DESC LIMIT ?",
            " OR ".join(map(sought, terms)), self.bank.profile, int(not kinds), json.dumps(list(kinds)), *holding[1], CANDIDATES,
        )  # fmt: skip
        return {row["id"]: row["score"] for row in rows}

    def _by_vector(self, vector: bytes, embedder: int, kinds: Sequence[Kind], holding: tuple[str, Sequence[str]]) -> dict[int, float]:
        """Memory → cosine, the nearest of each kind only."""
        codes = [KINDS.index(kind) for kind in kinds or KINDS]
        return nearest(self.bank, embedder, vector, codes, self.bank.profile, CANDIDATES, holding)

    def _similarities(self, vector: bytes, embedder: int, ids: Sequence[int]) -> dict[int, float]:
        rows = self.bank.rows(
            f"SELECT e.memory_id AS id, min(vec_distance_l2(v.vector, ?)) AS distance FROM embedding e "
            f"JOIN vector_{embedder} v ON v.rowid = e.id WHERE e.embedder_id = ? "
            "AND e.memory_id IN (SELECT value FROM json_each(?)) GROUP BY e.memory_id",
            vector, embedder, json.dumps(list(ids)),
        )  # fmt: skip
        return {row["id"]: cosine(row["distance"]) for row in rows}

    def _recorded(self, span: tuple[str, str], kinds: Sequence[Kind], holding: tuple[str, Sequence[str]]) -> list[int]:
        """The memories recorded in a span, the newest of them."""
        rows = self.bank.rows(
            "SELECT m.id FROM memory m WHERE m.profile = ? AND m.recorded_at >= ? AND m.recorded_at < ? AND m.status = 'active' "
            f"AND (? OR m.kind IN (SELECT value FROM json_each(?))) AND {holding[0]} ORDER BY m.recorded_at DESC, m.id DESC LIMIT ?",
            self.bank.profile, *span, int(not kinds), json.dumps(list(kinds)), *holding[1], RECENT,
        )  # fmt: skip
        return [row["id"] for row in rows]

    def _within(self, span: tuple[str, str], ids: Sequence[int]) -> set[int]:
        sql = "SELECT id FROM memory WHERE id IN (SELECT value FROM json_each(?)) AND recorded_at >= ? AND recorded_at < ?"
        return {row["id"] for row in self.bank.rows(sql, json.dumps(list(ids)), *span)}

    def _stems(self, text: str) -> list[str]:
        """The words of a text as the text index stores them."""
        flags = apsw.FTS5_TOKENIZE_QUERY
        return list(self._tokenizer(indexable(text).encode(), flags, None, include_offsets=False, include_colocated=False))

    def _rarity(self, terms: Sequence[str], counted: Sequence[str] | None = None) -> dict[str, _Term]:
        """Each word with how many memories hold it and its weight: one plus the inverse document frequency of BM25.

        The one keeps a bank full of like tasks from calling their common words worthless. Only the words in `counted` count as covered.
        """
        total = self.bank.one("SELECT coalesce(max(id), 0) AS n FROM memory")["n"]
        found: dict[str, _Term] = {}
        for term in terms:
            stem = (self._stems(term) or [term])[0]
            count = self._held(stem)
            rarity = math.log1p((max(total, count) - count + 0.5) / (count + 0.5))
            counts = counted is None or term in counted
            found[term] = _Term(stem, count, 1.0 + rarity, count > max(COMMON_FROM, COMMON * total), counts)
        return found

    def _held(self, stem: str) -> int:
        """How many memories hold a word of the index; for a single character at most as many as its pairs have places."""
        if not is_prefix(stem):
            rows = self.bank.rows("SELECT doc FROM memory_terms WHERE term = ?", stem)
            return rows[0]["doc"] if rows else 0
        sql = "SELECT coalesce(sum(doc), 0) AS n FROM memory_terms WHERE term >= ? AND term < ?"
        return self.bank.one(sql, stem, stem + chr(0x10FFFF))["n"]

    @staticmethod
    def _telling(rarity: dict[str, _Term]) -> list[str]:
        """The words worth searching for: those that some memory holds, without the common ones; of common ones alone, the rarest two."""
        held = sorted((term.count, word) for word, term in rarity.items() if term.count)
        return [word for _, word in held if not rarity[word].common] or [word for _, word in held[:2]]

    def _coverage(self, rarity: dict[str, _Term], text: str) -> tuple[float, tuple[str, ...]]:
        """The weighted share of the query's words that a text holds, and which they are."""
        stems = set(self._stems(text))
        held = [word for word, term in rarity.items() if _holds(stems, term.stem)]
        whole = sum(term.weight for term in rarity.values() if term.counts) or 1.0
        return sum(rarity[word].weight for word in held if rarity[word].counts) / whole, shown(held)


def _holds(stems: set[str], stem: str) -> bool:
    return stem in stems or (is_prefix(stem) and any(one.startswith(stem) for one in stems))


def _fused(ids: Sequence[int], by_text: dict[int, float], by_vector: dict[int, float], weight: float) -> dict[int, float]:
    """Weighted z-scores of both rankings. A memory that waits for its vector is neither near nor far: it has the mean on that side."""
    text = dict(zip(ids, z_scores([by_text.get(i, 0.0) for i in ids]), strict=True))
    known = [i for i in ids if i in by_vector]
    meaning = dict(zip(known, z_scores([by_vector[i] for i in known]), strict=True))
    share = weight if by_vector else 0.0
    return {i: (1 - share) * text[i] + share * meaning.get(i, 0.0) for i in ids}
