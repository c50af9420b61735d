"""Everything that is known of one memory, in one call, and why a task read what it read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row, with_bools
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.memories import Memories, read_as
from memento_desktop.memory.records import Case, Kind, Memory, Source, Status, Transaction

CHOSEN: tuple[Kind, ...] = ("case", "lesson")
"""Kinds whose choice goes by what their readings were worth."""


@dataclass(frozen=True)
class Quote:
    """Where a memory came from, and the words that it rests on."""

    ref: str
    where: str
    """In a few words, for people."""
    quote: str
    said_at: str | None
    """When it was said, where it was said in a conversation."""
    session: int | None
    """That conversation."""
    locator: str
    sha256: str


@dataclass(frozen=True)
class Linked:
    """Another memory, and what it is to this one: taught, drawn from, became, superseded by, supersedes, merged into it,
    maybe the same as, stands against."""

    rel: str
    id: int
    kind: Kind
    title: str
    status: Status


@dataclass(frozen=True)
class Use:
    """One task for which a memory was looked at."""

    retrieval: int
    at: str
    task: str
    task_case: int | None
    policy: str
    terms: tuple[str, ...]
    rank_text: int | None
    rank_vector: int | None
    similarity: float | None
    score: float
    q: float | None
    propensity: float
    shown: bool
    reason: str
    """Why it was left out; empty when it was read."""
    followed: float | None
    reward: float | None
    reward_source: str
    verdict: str
    """helped, harmed, or nothing where it was not followed or nobody judged the task."""
    practised: bool


@dataclass(frozen=True)
class Detail:
    """One memory with everything around it."""

    memory: Memory
    case: Case | None
    sources: tuple[Quote, ...]
    links: tuple[Linked, ...]
    changes: tuple[Transaction, ...]
    """The newest first."""
    uses: tuple[Use, ...]
    """The newest first."""
    credit: tuple[tuple[str, float], ...]
    """(moment, helpfulness in (0, 1)) after each rewarded reading, the oldest first."""
    credited: bool
    """Whether it is chosen by its credit."""
    waits: bool
    """Whether it waits for the owner's decision."""


@dataclass(frozen=True)
class Looked:
    """A memory that was looked at for a task, and what was made of it."""

    memory_id: int
    kind: Kind | None
    title: str
    gone: bool
    """Whether it was removed for good since."""
    terms: tuple[str, ...]
    coverage: float
    rank_text: int | None
    rank_vector: int | None
    similarity: float | None
    score: float
    q: float | None
    propensity: float
    shown: bool
    reason: str
    followed: float | None
    read: int
    helped: int
    harmed: int
    where: str


@dataclass(frozen=True)
class Why:
    """What a task looked at in memory: what was read, and what was left out and why."""

    task_case: int
    at: str
    query: str
    policy: str
    note: str
    read: tuple[Looked, ...]
    left_out: tuple[Looked, ...]


class Details:
    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories
        self.history, self.log = History(bank), Log(bank)

    def of(self, memory_id: int, uses: int = 50) -> Detail:
        """
        Args:
            uses: how many readings are told at most.

        Raises:
            MementoError: there is no such memory.
        """
        from memento_desktop.memory.cases import Cases

        with self.bank.lock:
            memory = self.memories.get(memory_id)
            return Detail(
                memory=memory,
                case=Cases(self.bank, self.memories).get(memory_id) if memory.kind == "case" else None,
                sources=tuple(self.quote(source) for source in self.memories.sources(memory_id)),
                links=self._links(memory),
                changes=tuple(self.history.of(memory_id)),
                uses=self._uses(memory_id, uses),
                credit=self._credit(memory_id),
                credited=memory.kind in CHOSEN,
                waits=memory.status == "proposed",
            )

    def quote(self, source: Source) -> Quote:
        """A source with what is known of when it was said."""
        kind, _, number = source.ref.partition(":")
        where, said_at, session = ", ".join(part for part in (source.ref, source.locator) if part), None, None
        if kind == "message" and number.isdigit():
            rows = self.bank.rows(
                "SELECT m.at, m.session_id FROM message m JOIN session s ON s.id = m.session_id WHERE m.id = ? AND s.profile = ?",
                int(number), self.bank.profile,
            )  # fmt: skip
            where = "a conversation that is gone"
            for row in rows:
                said_at, session = row["at"], row["session_id"]
                local = datetime.fromisoformat(row["at"]).astimezone()
                where = f"what you said on {local.day} {local:%B %Y}"
        return Quote(source.ref, where, source.quote, said_at, session, source.locator, source.sha256)

    # what is around it

    def _links(self, memory: Memory) -> tuple[Linked, ...]:
        found = dict.fromkeys(self._related(memory))
        replaced = {number for rel, number in found if rel == "superseded by"}
        found = [one for one in found if one[0] != "became" or one[1] not in replaced]  # the first part of a split is both
        known = {one.id: one for one in self.memories.of([number for _, number in found])}
        return tuple(
            Linked(rel, number, known[number].kind, known[number].title, known[number].status) for rel, number in found if number in known
        )

    def _related(self, memory: Memory) -> Iterator[tuple[str, int]]:
        """(relation, other memory), in the order in which people ask for them."""
        if memory.superseded_by:
            yield "superseded by", memory.superseded_by
        rows = self.bank.rows("SELECT l.a, l.b, l.rel, m.kind FROM link l JOIN memory m ON m.id = l.a WHERE l.a = ? OR l.b = ? "
                              "ORDER BY l.rel DESC, l.a, l.b", memory.id, memory.id)  # fmt: skip
        superseded = {row["b"] for row in rows if row["rel"] == "derived_from"}  # a part of it
        for row in rows:
            own = row["a"] == memory.id
            if row["rel"] == "supersedes":
                superseded.add(row["b"])
                yield ("supersedes", row["b"]) if own else ("superseded by", row["a"])
            elif row["rel"] == "derived_from":
                yield ("drawn from", row["b"]) if own else ("taught" if row["kind"] == "lesson" else "became", row["a"])
            else:
                yield "maybe the same as" if row["rel"] == "duplicates" else "stands against", row["b"] if own else row["a"]
        for row in self.bank.rows("SELECT id FROM memory WHERE superseded_by = ? ORDER BY id", memory.id):
            if row["id"] not in superseded:
                yield "merged into it", row["id"]

    def _uses(self, memory_id: int, most: int) -> tuple[Use, ...]:
        rows = self.bank.rows(
            "SELECT o.retrieval_id AS retrieval, o.at, o.query AS task, o.task_case, r.policy, o.why, h.rank_text, h.rank_vector, "
            "o.similarity, o.score, h.q, o.propensity, o.shown, o.followed, o.reward, coalesce(o.source, '') AS reward_source, "
            "o.txn_id IS NOT NULL AS practised FROM outcome_of_reading o JOIN retrieval r ON r.id = o.retrieval_id JOIN retrieval_hit h "
            "ON h.retrieval_id = o.retrieval_id AND h.memory_id = o.read_id WHERE o.read_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY o.retrieval_id DESC LIMIT ?",
            json.dumps(read_as(self.bank, [memory_id])), most,
        )  # fmt: skip
        return tuple(_as_use(row) for row in rows)

    def _credit(self, memory_id: int) -> tuple[tuple[str, float], ...]:
        """`works` of the episodic reader (`learning.kernel.utilities`) after each reading: what the readers of cases go by, where
        nothing is known of like tasks."""
        evidence = self.log.of([memory_id], all_kinds=True)
        if not evidence:
            return ()
        import numpy as np

        from memento_desktop.memory.learning.kernel import Past, utilities
        from memento_desktop.memory.learning.readers import alike, settings_of

        settings = settings_of(0.0)
        rows = self.bank.rows(
            "SELECT id, at FROM retrieval WHERE id IN (SELECT value FROM json_each(?))", json.dumps([one.retrieval for one in evidence])
        )
        at = {row["id"]: row["at"] for row in rows}
        own = np.zeros(len(evidence), dtype=np.int64)
        near = np.ones(len(evidence))
        likeness = np.array([alike(one) for one in evidence])
        reward, weight = np.array([one.reward for one in evidence]), np.array([one.weight for one in evidence])
        found: list[tuple[str, float]] = []
        for n, one in enumerate(evidence, 1):
            past = Past(own[:n], near[:n], likeness[:n], reward[:n], weight[:n])
            found.append((at[one.retrieval], float(utilities(own[:1], past, settings).works[0])))
        return tuple(found)

    # why

    def why(self, case_id: int) -> Why | None:
        """What a task looked at in memory; None when it looked at nothing.

        Raises:
            MementoError: there is no such case.
        """
        with self.bank.lock:
            if self.memories.get(case_id).kind != "case":
                raise MementoError(f"Memory {case_id} is no task: it read nothing.", "`memento memory list kind:case` shows the tasks.")
            sql = "SELECT id, at, query, policy, note FROM retrieval WHERE task_case = ? AND txn_id IS NULL ORDER BY id DESC LIMIT 1"
            rows = self.bank.rows(sql, case_id)
            if not rows:
                return None
            reading = rows[0]
            hits = self.bank.rows(
                "SELECT * FROM retrieval_hit WHERE retrieval_id = ? ORDER BY shown DESC, score DESC, memory_id", reading["id"]
            )
            looked = self._looked(hits)
        read = tuple(one for one in looked if one.shown)
        left_out = tuple(one for one in looked if not one.shown)
        return Why(case_id, reading["at"], reading["query"], reading["policy"], reading["note"], read, left_out)

    def _looked(self, hits: Sequence[Row]) -> list[Looked]:
        known = {memory.id: memory for memory in self.memories.of([hit["memory_id"] for hit in hits])}
        found: list[Looked] = []
        for hit in hits:
            memory, why = known.get(hit["memory_id"]), json.loads(hit["why"])
            source = next((self.quote(one).where for one in self.memories.sources(hit["memory_id"])), "")
            found.append(
                Looked(
                    memory_id=hit["memory_id"], kind=memory.kind if memory else None, title=memory.title if memory else "",
                    gone=memory is None, terms=tuple(why.get("terms", ())), coverage=why.get("coverage", 0.0), rank_text=hit["rank_text"],
                    rank_vector=hit["rank_vector"], similarity=hit["similarity"], score=hit["score"], q=hit["q"],
                    propensity=hit["propensity"], shown=bool(hit["shown"]), reason=why.get("reason", ""), followed=hit["followed"],
                    read=memory.read if memory else 0, helped=memory.helpful if memory else 0, harmed=memory.harmful if memory else 0,
                    where=source,
                )
            )  # fmt: skip
        return found


def _as_use(row: Row) -> Use:
    why = json.loads(row.pop("why"))
    judged = row["reward"] is not None and row["reward_source"] != "self" and not row["practised"]
    counts = row["shown"] and judged and (row["followed"] is None or row["followed"] >= 0.5)
    verdict = ("helped" if (row["reward"] or 0.0) >= 0.5 else "harmed") if counts else ""
    return Use(**with_bools(row, "shown", "practised"), terms=tuple(why.get("terms", ())), reason=why.get("reason", ""), verdict=verdict)
