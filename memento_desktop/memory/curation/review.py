"""The review: what waits for its owner's decision, each with its reason, what would happen, and the words that it rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Change
from memento_desktop.memory.curation.comparing import same_text
from memento_desktop.memory.curation.contradictions import Effects, effects
from memento_desktop.memory.curation.curator import Curator, Kept
from memento_desktop.memory.curation.finding import KINDS, holds
from memento_desktop.memory.curation.moments import dates, iso, parsed
from memento_desktop.memory.curation.statements import read
from memento_desktop.memory.curation.suspecting import meant_alike
from memento_desktop.memory.curation.wording import words
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Kind, Memory, Source, now

What = Literal["proposed", "conflict", "duplicate", "stale", "unhelpful"]
STALE_MONTHS = 6
"""So long over, and so long not read: then it may go."""
READ_IN_VAIN = 5
"""So many readings for tasks that somebody judged, without helping once."""
COMPARED = 20
"""Of the newest memories those that are looked at for likely duplicates that nobody noticed when they came."""
LOOKED_AT = 400
"""Memories that are looked at for dates that are past."""
LASTING = re.compile(r"\b(?:birthday|born|since|anniversary|married|graduated|founded|every|each|yearly|annual)", re.IGNORECASE)
"""What holds although its date is past."""
AS_THEY_ARE: tuple[Kind, ...] = ("document", "lesson", "feedback", "case")
"""What waits too, from imports, tasks with foreign text and files whose old text was edited: taken or refused as it is."""


@dataclass(frozen=True)
class Item:
    """One decision. `memory.id` is its number; with `other` it is about both."""

    what: What
    memory: Memory
    reason: str
    effect: str
    """What accepting does."""
    other: Memory | None = None
    quote: str = ""
    """The words that it rests on."""
    ref: str = ""
    """Where they stand."""


class Review:
    def __init__(self, bank: Bank, memories: Memories, curator: Curator) -> None:
        self.bank, self.memories, self.curator = bank, memories, curator

    def items(self, limit: int = 10, at: str | None = None) -> list[Item]:
        """What waits: conflicts, proposals, likely duplicates, what is stale, what never helped. At most `limit`.

        Args:
            at: this moment (ISO 8601; None: now).
        """
        moment = iso(parsed(at))
        found = chain(
            self._conflicts(moment), self._proposed(moment), self._linked(), self._unnoticed(moment), self._stale(moment), self._vain(),
            self._others(),
        )  # fmt: skip
        return list(islice(self._open(found), limit))

    def count(self) -> int:
        """How many proposals wait: the one number that costs nothing."""
        return self.memories.count(("proposed",), (*KINDS, *AS_THEY_ARE))

    def item(self, number: int) -> Item:
        """The decision about a memory.

        Raises:
            MementoError: nothing about it waits.
        """
        memory = self.memories.get(number)
        if memory.status == "proposed" and memory.kind in KINDS:
            return self._as_proposed(memory, now())
        if memory.status == "proposed" and memory.kind in AS_THEY_ARE:
            return self._as_it_is(memory)
        found = next((item for item in self.items(10_000) if item.memory.id == number), None)
        if found is None:
            raise MementoError(f"Nothing about memory {number} waits for you.", "`memento memory review` lists what does.")
        return found

    # decisions

    def accept(self, item: Item) -> Kept:
        """Does what the item says, as one undoable change by the owner. What stands against an accepted proposal ends with it."""
        number = self._still(item).id
        with self.bank.change("owner", f"{_VERBS[item.what]}: {item.memory.title}") as change:
            if item.what == "proposed" and item.memory.kind in AS_THEY_ARE:
                return self._take(change, number)
            if item.what == "proposed":
                if item.other is not None:  # the new spelling is the right one
                    self.bank.rows("UPDATE memory SET status = 'active' WHERE id = ?", self._touched(change.touch, number))
                    self.bank.index(number)
                    self.curator.merge(number, item.other.id)
                    return Kept(self.memories.get(number), True, tuple(self.memories.of([item.other.id])))
                return self.curator.accept(change, number)
            if item.what == "conflict" and item.other is not None:
                closed = self.curator.supersede(item.other.id, number, item.memory.valid_from or item.memory.recorded_at)
                return Kept(self.memories.get(number), False, (closed,))
            if item.what == "duplicate" and item.other is not None:
                kept, gone = _kept_of(item.memory, item.other)
                return Kept(self.curator.merge(kept.id, gone.id), False)
            return Kept(self.curator.archive(number), False)

    def _take(self, change: Change, number: int) -> Kept:
        """Puts to use what waited; a file's new text takes the place of the edited one."""
        kept = self.memories.set_status(number, "active", "accept")
        replaced = self._edited_text(kept)
        for other in replaced:
            change.touch(other.id)
            self.bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ?, valid_to = ? WHERE id = ?", number, now(), other.id)
            self.bank.index(other.id)
        return Kept(kept, True, tuple(self.memories.of([other.id for other in replaced])))

    def _edited_text(self, memory: Memory) -> list[Memory]:
        """The passages in use whose new text a proposed passage is."""
        rows = self.bank.rows("SELECT b FROM link WHERE a = ? AND rel = 'supersedes'", memory.id) if memory.kind == "document" else []
        return [other for other in self.memories.of([row["b"] for row in rows]) if other.status == "active"]

    def edit(self, item: Item, text: str) -> Kept:
        """The owner's own wording instead; a proposal is accepted with it."""
        number = self._still(item).id
        with self.bank.change("owner", f"edit: {item.memory.title}") as change:
            memory = self.memories.edit(number, text)
            if item.what == "proposed" and memory.kind in AS_THEY_ARE:
                return self._take(change, number)
            if item.what == "proposed":
                if item.other is not None:
                    self.curator.unlink(change, number, item.other.id, "duplicates")
                return self.curator.accept(change, number)
        return Kept(memory, False)

    def reject(self, item: Item) -> Memory:
        """Says no: a proposal goes to the trash and is not made again; what was suggested of kept memories is not suggested again."""
        memory = self._still(item)
        if item.what == "proposed":
            return self.memories.set_status(memory.id, "trashed", "reject")
        with self.bank.writing():
            self.bank.rows(
                "INSERT OR IGNORE INTO dismissed (profile, what, a, b, at) VALUES (?,?,?,?,?)",
                self.bank.profile, item.what, memory.id, item.other.id if item.other else 0, now(),
            )  # fmt: skip
        return memory

    def again(self) -> int:
        """Forgets what was waved off, so that it is suggested again. Returns how many."""
        with self.bank.writing():
            return len(self.bank.rows("DELETE FROM dismissed WHERE profile = ? RETURNING a", self.bank.profile))

    @staticmethod
    def _touched(touch: Callable[[int], None], number: int) -> int:
        touch(number)
        return number

    def _still(self, item: Item) -> Memory:
        for known in (item.other, item.memory):
            there = self.memories.get(known.id) if known else None
            if known and there and (there.status, there.content_hash) != (known.status, known.content_hash):
                raise MementoError(f"Memory {known.id} has changed since the review was made.", "Look at `memento memory review` again.")
        return self.memories.get(item.memory.id)

    # what waits

    def _open(self, found: Iterator[Item]) -> Iterator[Item]:
        """Without what was waved off, and each pair once."""
        rows = self.bank.rows("SELECT what, a, b FROM dismissed WHERE profile = ?", self.bank.profile)
        off = {(row["what"], row["a"], row["b"]) for row in rows}
        seen: set[tuple[int, int]] = set()
        for item in found:
            a, b = item.memory.id, item.other.id if item.other else 0
            pair = (min(a, b), max(a, b))
            if (item.what, a, b) in off or (item.what, b, a) in off or pair in seen:
                continue
            seen.add(pair)
            yield item

    def _pairs(self, rel: str) -> Iterator[tuple[Memory, Memory]]:
        rows = self.bank.rows(
            "SELECT l.a, l.b FROM link l JOIN memory m ON m.id = l.a JOIN memory o ON o.id = l.b WHERE l.rel = ? AND m.profile = ? "
            "AND o.profile = m.profile AND m.status = 'active' AND o.status = 'active' ORDER BY l.a DESC, l.b",
            rel, self.bank.profile,
        )  # fmt: skip
        for row in rows:
            pair = self.memories.of([row["a"], row["b"]])
            if len(pair) == 2:
                yield pair[0], pair[1]

    def _conflicts(self, moment: str) -> Iterator[Item]:
        for new, old in self._pairs("contradicts"):
            if holds(new, moment) and holds(old, moment):
                yield self._conflict(new, old)

    def _proposed(self, moment: str) -> Iterator[Item]:
        for memory in self.memories.list(KINDS, ("proposed",), 1000):
            yield self._as_proposed(memory, moment)

    def _others(self) -> Iterator[Item]:
        for memory in self.memories.list(AS_THEY_ARE, ("proposed",), 10_000):
            yield self._as_it_is(memory)

    def _as_it_is(self, memory: Memory) -> Item:
        """`other` is for what differs by a slip: what a passage takes the place of stands in the effect alone."""
        effect = "it is read from then on" + "".join(f"; {one.id}, which you edited, ends" for one in self._edited_text(memory))
        return self._item("proposed", memory, self._why(memory), effect)

    def _as_proposed(self, memory: Memory, moment: str) -> Item:
        rows = self.bank.rows("SELECT b FROM link WHERE a = ? AND rel = 'duplicates'", memory.id)
        twins = [other for other in self.memories.of([row["b"] for row in rows]) if other.status == "active"]
        if twins:
            reason = f"differs from {twins[0].id} only by what may be a slip: “{twins[0].title}”"
            return self._item("proposed", memory, reason, f"this spelling takes the place of {twins[0].id}", twins[0])
        statements = read(memory.body, parsed(memory.recorded_at))
        found = effects(self.curator.finder, statements, moment, memory.id, iso(parsed(memory.recorded_at))) if statements else Effects()
        return self._item("proposed", memory, self._why(memory), self._outcome(memory, found, len(statements)))

    @staticmethod
    def _outcome(memory: Memory, found: Effects, said: int) -> str:
        if said and len(found.repeats) == said:
            return f"nothing new: {found.repeats[0].id} says it already; its source is added"
        ends = [step.known.memory for step in found.steps if step.step in ("close", "replace")]
        use = "is in every prompt from then on" if memory.kind == "instruction" else "is used from then on"
        return use + "".join(f"; {one.id} “{one.title}” ends" for one in ends)

    def _linked(self) -> Iterator[Item]:
        for new, old in self._pairs("duplicates"):
            yield self._duplicate(new, old)

    def _duplicate(self, a: Memory, b: Memory) -> Item:
        kept, gone = _kept_of(a, b)
        newer, older = (a, b) if a.id > b.id else (b, a)
        return self._item(
            "duplicate", newer, f"may say the same as {older.id}: “{older.title}”", f"{kept.id} stays, with the sources of {gone.id}", older
        )

    def _unnoticed(self, moment: str) -> Iterator[Item]:
        """Likely duplicates among the newest memories, found now: by their words, and by meaning where they have vectors."""
        for memory in self.memories.list(KINDS, ("active",), COMPARED):
            if memory.pool or not holds(memory, moment):
                continue
            for other in self.curator.finder.like(memory.body, memory.id):
                linked = self.bank.rows("SELECT 1 FROM link WHERE a IN (?, ?) AND b IN (?, ?)", memory.id, other.id, memory.id, other.id)
                if other.id < memory.id and not linked and holds(other, moment) and same_text(memory.body, other.body):
                    yield self._duplicate(memory, other)
            yield from self._alike(memory, moment)

    def _alike(self, memory: Memory, moment: str) -> Iterator[Item]:
        """What means nearly the same as a memory although no rule says so, or holds instead."""
        for other in self.curator.finder.meant_alike(memory):
            if other.id > memory.id or not holds(other, moment):
                continue
            if self.bank.rows("SELECT 1 FROM link WHERE (a = ? AND b = ?) OR (a = ? AND b = ?)", memory.id, other.id, other.id, memory.id):
                continue
            read_ones = (read(one.body, parsed(one.recorded_at)) for one in (memory, other))
            how = meant_alike(memory.body, next(read_ones), other.body, next(read_ones))
            if how == "duplicates":
                yield self._duplicate(memory, other)
            elif how:
                yield self._conflict(memory, other)

    def _conflict(self, new: Memory, old: Memory) -> Item:
        reason = f"stands against {old.id}, which you edited by hand" if old.user_edited else f"may have taken the place of {old.id}"
        return self._item("conflict", new, f"{reason}: “{old.title}”", f"{old.id} ends; it is still told of the time before", old)

    def _stale(self, moment: str) -> Iterator[Item]:
        cutoff = (datetime.fromisoformat(moment) - timedelta(days=30 * STALE_MONTHS)).astimezone(UTC)
        line = iso(cutoff)
        base = "SELECT id FROM memory WHERE profile = ? AND status = 'active' AND pool = '' AND NOT pinned AND NOT always_on AND kind IN "
        kinds = "(SELECT value FROM json_each(?)) AND recorded_at < ? AND "
        rows = self.bank.rows(base + kinds + "valid_to < ? ORDER BY valid_to LIMIT 100", self.bank.profile, json.dumps(KINDS), line, line)
        for memory in self.memories.of([row["id"] for row in rows]):
            if (memory.last_used or "") < line:
                yield self._item("stale", memory, f"held until {(memory.valid_to or '')[:10]}; not read since", _ARCHIVED)
        dated = "valid_to IS NULL AND (body GLOB '*19[0-9][0-9]*' OR body GLOB '*20[0-9][0-9]*') ORDER BY recorded_at LIMIT ?"
        rows = self.bank.rows(base + kinds + dated, self.bank.profile, json.dumps(KINDS), line, LOOKED_AT)
        for memory in self.memories.of([row["id"] for row in rows]):
            if (memory.last_used or "") >= line or LASTING.search(memory.body):
                continue
            spans = dates(memory.body, parsed(memory.recorded_at))
            if spans and all(span.end < cutoff for span in spans) and any(iso(span.end) > memory.recorded_at for span in spans):
                yield self._item("stale", memory, f"speaks of {max(span.end for span in spans):%Y-%m-%d}, which is past", _ARCHIVED)

    def _vain(self) -> Iterator[Item]:
        rows = self.bank.rows(
            "SELECT o.memory_id AS id, count(*) AS n FROM outcome_of_reading o JOIN memory m ON m.id = o.memory_id WHERE m.profile = ? "
            "AND m.status = 'active' AND NOT m.pinned AND NOT m.always_on AND m.pool = '' AND m.kind IN (SELECT value FROM json_each(?)) "
            "AND o.shown AND o.txn_id IS NULL AND o.reward IS NOT NULL AND o.source != 'self' GROUP BY o.memory_id "
            "HAVING n >= ? AND sum(o.reward >= 0.5 AND coalesce(o.followed, 1) >= 0.5) = 0 ORDER BY n DESC LIMIT 50",
            self.bank.profile, json.dumps(KINDS), READ_IN_VAIN,
        )  # fmt: skip
        for row in rows:
            for memory in self.memories.of([row["id"]]):
                yield self._item("unhelpful", memory, f"read {row['n']} times for tasks that you judged, helped 0 times", _ARCHIVED)

    def _why(self, memory: Memory) -> str:
        """Where a proposal came from, by what its first source is."""
        ref = next((source.ref for source in self.memories.sources(memory.id)), "")
        if memory.kind == "document" and self.bank.rows("SELECT 1 FROM link WHERE a = ? AND rel = 'supersedes'", memory.id):
            return "the file says so now"
        if memory.origin == "import":
            return f"it was imported from {ref}" if ref and not ref.startswith("message:") else "it was imported"
        if memory.kind in AS_THEY_ARE:
            return "text that nobody vouched for went into it" if memory.kind == "case" else ""
        talk = self.bank.rows(
            "SELECT s.title, s.origin FROM message m JOIN session s ON s.id = m.session_id WHERE m.id = ? AND s.profile = ?",
            ref.removeprefix("message:"), self.bank.profile,
        )  # fmt: skip
        if talk and talk[0]["origin"] != "memento":
            program = "" if talk[0]["origin"] == "import" else f" from {talk[0]['origin']}"
            return f"it stands in your words in the conversation “{talk[0]['title']}”, which was imported{program}"
        by = {"user": "you said it", "assistant": "a model drew it from what you said"}
        return by.get(memory.origin, f"it came from {memory.origin}")

    def _item(self, what: What, memory: Memory, reason: str, effect: str, other: Memory | None = None) -> Item:
        source = next(iter(self.memories.sources(memory.id)), Source(""))
        return Item(what, memory, reason, effect, other, source.quote, source.ref)


_ARCHIVED = "it is put aside: not searched any more, not even for the past; it can be restored"
_VERBS = {"proposed": "accept", "conflict": "decide", "duplicate": "merge", "stale": "archive", "unhelpful": "archive"}


def _kept_of(a: Memory, b: Memory) -> tuple[Memory, Memory]:
    """Of two that say the same the one that stays: in use, edited, pinned, understood by rule, longer, older."""

    def worth(memory: Memory) -> tuple[bool, bool, bool, bool, int, int]:
        understood = bool(read(memory.body, parsed(memory.recorded_at)))
        return memory.status == "active", memory.user_edited, memory.pinned, understood, len(words(memory.body)), -memory.id

    return (a, b) if worth(a) >= worth(b) else (b, a)
