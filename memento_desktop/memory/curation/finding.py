"""Finds what a text is about among many memories: the same topic through the text index, the same words through the search."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.clauses import Piece
from memento_desktop.memory.curation.comparing import MADE, same_topic
from memento_desktop.memory.curation.moments import iso, parsed
from memento_desktop.memory.curation.phrases import ME
from memento_desktop.memory.curation.statements import Statement, read, titled
from memento_desktop.memory.curation.suspecting import cued
from memento_desktop.memory.curation.templates import TRIGGERS
from memento_desktop.memory.curation.wording import SPELLING, singular, words
from memento_desktop.memory.embeddings import KINDS as CODES
from memento_desktop.memory.embeddings import Embeddings, nearest
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Kind, Memory, content_hash
from memento_desktop.memory.search import Search

KINDS: tuple[Kind, ...] = ("fact", "preference", "instruction", "correction")
"""What statements are kept as."""
MOST = 200
"""Memories of one topic that are looked at, the newest first."""
NEAREST = 8
"""Hits of a search that are compared word for word."""
ALIKE = 0.7
"""Cosine from which two texts are about the same: no two of different topics in the months of tests/month_made.py, usual wordings, reach it
with all-MiniLM-L6-v2; of those that say the same 99 % do."""
PLAIN = frozenset("name called is number".split())
"""Of these the ones that a plain "X is Y" tells as well: asked for only where the topic has nothing else to be found by."""


@dataclass(frozen=True)
class Known:
    """A memory and what it states about the topic that was asked for."""

    memory: Memory
    statement: Statement


class Finder:
    def __init__(self, bank: Bank, memories: Memories, search: Search) -> None:
        self.bank, self.memories, self.search = bank, memories, search

    def about(self, statement: Statement, unknown: frozenset[str] = frozenset()) -> list[Known]:
        """The memories in use that state something about the same, the newest first; also what held once."""
        found: dict[int, Known] = {}
        queries = [query for query in _queries(statement, unknown) if query]
        for memory in self._matching(queries):
            for old in read(memory.body, _said(memory)):
                if same_topic(statement, old, unknown):
                    found.setdefault(memory.id, Known(memory, old))
        return sorted(found.values(), key=lambda known: (known.memory.recorded_at, known.memory.id), reverse=True)

    def _matching(self, queries: Sequence[str]) -> list[Memory]:
        ids: dict[int, None] = {}
        for query in queries:
            rows = self.bank.rows(
                "SELECT f.rowid AS id FROM memory_text f CROSS JOIN memory m ON m.id = f.rowid WHERE memory_text MATCH ? AND m.profile = ? "
                "AND m.status = 'active' AND m.pool = '' AND m.kind IN (SELECT value FROM json_each(?)) ORDER BY f.rowid DESC LIMIT ?",
                query, self.bank.profile, json.dumps(KINDS), MOST,
            )  # fmt: skip
            ids |= dict.fromkeys(row["id"] for row in rows)
        return self.memories.of(list(ids))

    def like(self, text: str, but: int = 0) -> list[Memory]:
        """The memories in use that share most words with a text, the likest first."""
        hits = self.search.find(text, KINDS, NEAREST)
        return [memory for memory in self.memories.of([hit.memory_id for hit in hits]) if memory.id != but and not memory.pool]

    def near(self, text: str, statements: Sequence[Statement]) -> list[Memory]:
        """The memories that a text may repeat or contradict although no rule says so: those like it, those of a topic that it may be
        about, and what by the owner's decision took the place of one of the same topic."""
        found = {memory.id: memory for memory in self.like(text)}
        if not statements:
            for made in cued(text):
                found |= {known.memory.id: known.memory for known in self.about(_topic(made))[:NEAREST]}
        for one in statements:
            over = [known.memory.id for known in self.about(one) if known.memory.valid_to is not None]
            rows = self.bank.rows(
                "SELECT DISTINCT l.a FROM link l JOIN memory m ON m.id = l.a WHERE l.rel = 'supersedes' AND m.status = 'active' "
                "AND l.b IN (SELECT value FROM json_each(?))", json.dumps(over),
            )  # fmt: skip
            found |= {memory.id: memory for memory in self.memories.of([row["a"] for row in rows])}
        return list(found.values())

    def meant_alike(self, memory: Memory) -> list[Memory]:
        """The memories in use whose vectors are nearly that of this one, the nearest first; none while it waits for its own."""
        number = Embeddings(self.bank).current()
        if number is None:
            return []
        rows = self.bank.rows(
            f"SELECT v.vector FROM embedding e JOIN vector_{number} v ON v.rowid = e.id WHERE e.memory_id = ? AND e.embedder_id = ? "
            "ORDER BY e.id LIMIT 1", memory.id, number,
        )  # fmt: skip
        if not rows:
            return []
        near = nearest(self.bank, number, rows[0]["vector"], [CODES.index(kind) for kind in KINDS], self.bank.profile, NEAREST)
        found = self.memories.of([i for i, cosine in near.items() if cosine >= ALIKE and i != memory.id])
        return [other for other in found if other.status == "active" and not other.pool]

    def same_body(self, text: str, statements: Sequence[Statement]) -> list[Memory]:
        """Memories of this very text, of any status but superseded, the newest first; those of pools are others' and may go."""
        texts = {content_hash(title_of(title), text) for title in (text, titled(text, statements))}
        rows = self.bank.rows(
            "SELECT id FROM memory WHERE +profile = ? AND content_hash IN (SELECT value FROM json_each(?)) AND +status != 'superseded' "
            "AND +pool = '' AND +kind IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
            # by the hash: there are few; by the kind there are many
            self.bank.profile, json.dumps(sorted(texts)), json.dumps(KINDS),
        )  # fmt: skip
        return self.memories.of([row["id"] for row in rows])

    def unknown(self, statement: Statement) -> frozenset[str]:
        """The words of a topic that stand in no memory: perhaps mistyped."""
        asked = [word for word in statement.topic.split() if word not in MADE and word != ME]
        return frozenset(word for word in asked if not self._stands(word))

    def _stands(self, word: str) -> bool:
        quoted = " OR ".join(f'"{form}"' for form in _forms(word))
        return bool(self.bank.rows("SELECT 1 FROM memory_text WHERE memory_text MATCH ? LIMIT 1", quoted))


def holds(memory: Memory, moment: str) -> bool:
    """Whether a memory holds at a moment (ISO 8601 UTC)."""
    return (memory.valid_from is None or memory.valid_from <= moment) and (memory.valid_to is None or memory.valid_to > moment)


def _topic(made: str) -> Statement:
    """A statement of the owner's about a made attribute, to be looked for."""
    attribute = "name called" if made == "called" else made
    return Statement(Piece("", 0, 0), ME, attribute, " ".join(sorted({ME, *attribute.split()})), (), ())


def _said(memory: Memory) -> datetime:
    return parsed(memory.recorded_at)


def said_at(memory: Memory) -> str:
    """When a memory was said, in the form of the bank."""
    return iso(_said(memory))


def _forms(word: str) -> list[str]:
    """The ways to write a word that are compared as one."""
    forms = [word, *(other for other, one in SPELLING.items() if one == word)]
    return [re.sub(r'["\x00]', "", form) for form in forms if form]


def _any(words: Sequence[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _queries(statement: Statement, unknown: frozenset[str]) -> list[str]:
    """What the text index is asked for: every word of the topic, or for a made attribute one of its triggers; for lists also a value."""
    groups: list[str] = []
    asked = [word for word in statement.topic.split() if word != ME and word not in unknown]
    telling = [word for word in asked if word not in PLAIN]
    for word in telling:
        if word in ("prefers", "favourite"):
            groups.append(_any([*TRIGGERS["prefers"], "preference", "choice", "like", *_forms("favourite")]))
            continue
        forms = [*TRIGGERS[word], *_forms(word)] if word in TRIGGERS else [] if word in MADE else _forms(word)
        if forms:
            groups.append(_any(forms))
    if not telling and (forms := [form for word in asked for form in TRIGGERS.get(word, ())]):
        groups.append(_any(forms))
    if statement.many and statement.values:
        tokens = {singular(token) for value in statement.values for token in words(value)}
        if not tokens:
            return []
        if "rule" not in asked:
            groups.append(_any(sorted(tokens)))
        else:
            groups += [f'"{token}"' for token in sorted(tokens)]
    return [" AND ".join(groups)] if groups else []
