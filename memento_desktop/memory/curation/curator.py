"""The curator: keeps what its owner says in order. What is said again is not kept twice, what is outdated holds no more, all undoable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Change
from memento_desktop.memory.curation.comparing import same_text
from memento_desktop.memory.curation.contradictions import Effect, Effects, effects, remainder
from memento_desktop.memory.curation.finding import KINDS, Finder, holds, said_at
from memento_desktop.memory.curation.fingerprints import Tombstones
from memento_desktop.memory.curation.moments import iso, parsed
from memento_desktop.memory.curation.statements import Statement, read, titled
from memento_desktop.memory.curation.suspecting import suspected
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Kind, Memory, Source, now
from memento_desktop.memory.search import Search

QUESTIONS = 2
"""Most that is asked about one new memory."""
Relation = Literal["duplicates", "contradicts", "supersedes", "derived_from"]


@dataclass(frozen=True)
class Kept:
    """What became of something that was said."""

    memory: Memory
    new: bool
    """Whether it was not known; else `memory` is the one that says it already."""
    closed: tuple[Memory, ...] = ()
    """What holds no more because of it, with the end in `valid_to`."""
    likely: tuple[Memory, ...] = ()
    """What may be the same, or stands against it: the owner decides in the review."""
    rest: tuple[Memory, ...] = ()
    """What was kept of the closed ones, where only a part of them is over."""


class Curator:
    def __init__(self, bank: Bank, memories: Memories, search: Search) -> None:
        self.bank, self.memories = bank, memories
        self.finder = Finder(bank, memories, search)
        self.tombstones = Tombstones(bank, memories)

    # what the owner says

    def remember(self, text: str, *, kind: Kind = "fact", source: Source | None = None, at: str | None = None) -> Kept:
        """Keeps the owner's own statement, active at once, as one undoable change.

        Args:
            at: when it was said (ISO 8601; None: now). What "since May" means is reckoned from it, in its time zone.

        Raises:
            MementoError: the text is empty, `at` is no moment, or nothing of this kind is kept as a statement.
        """
        body = text.strip()
        if not body:
            raise MementoError("There is nothing to remember: the text is empty.")
        if kind not in KINDS:
            raise MementoError(f"A {kind} is not kept by being said.", f"Known: {', '.join(KINDS)}.")
        said = _moment(at)
        moment, statements = iso(said), read(body, said)
        with self.bank.change("owner", f"remember: {title_of(body)}") as change:
            if (again := self._again(body, statements, kind, moment)) is not None:
                return self._said_again(change, again, source, kind, body)
            found = effects(self.finder, statements, moment)
            if statements and len(found.repeats) == len(statements):
                return self._said_again(change, found.repeats[0], source, kind, body)
            near = [memory for memory in self.finder.near(body, statements) if holds(memory, moment)]
            how = {memory.id: same_text(body, memory.body) for memory in near}
            same = None if statements else next((memory for memory in near if how[memory.id] == "same"), None)
            if same is not None:
                return self._said_again(change, same, source, kind, body)
            unsure = any(step.step == "doubt" for step in found.steps)
            status = "proposed" if unsure else "active"
            memory_id = self.insert(change, body, kind, "user", status, moment, source, titled(body, statements))
            asked = self._ask(
                change, memory_id, body, statements, [m for m in near if m.id not in {s.known.memory.id for s in found.steps}]
            )
            if unsure:  # which of two names is meant? Until that is said, nothing ends by it
                found.steps = [step for step in found.steps if step.step == "doubt"]
            closed, rest = self.apply(change, memory_id, statements, found, moment)
        likely = [*asked, *(step.known.memory for step in found.steps if step.step in ("conflict", "duplicate", "doubt"))]
        return Kept(self.memories.get(memory_id), True, closed, tuple({m.id: m for m in likely}.values()), rest)

    def _again(self, body: str, statements: Sequence[Statement], kind: Kind, moment: str) -> Memory | None:
        """The memory of this very text, where it still holds; a proposal of it is taken for what it is now: the owner's word."""
        for memory in self.finder.same_body(body, statements):
            if memory.status == "active" and holds(memory, moment) and not any(one.past or one.since for one in statements):
                return memory
            if memory.status == "active" and memory.kind == kind and not statements and holds(memory, moment):
                return memory
        return None

    def _said_again(self, change: Change, memory: Memory, source: Source | None, kind: Kind, body: str) -> Kept:
        """Notes that something known was said once more: as an order it is one now; of others, the owner's word in these words."""
        change.touch(memory.id)
        if source is not None:
            self.memories.add_source(memory.id, source)
        if memory.body == body and memory.origin != "user":
            self.bank.rows("UPDATE memory SET origin = 'user' WHERE id = ?", memory.id)
        ordered = kind == "instruction" and memory.kind != kind and memory.body == body
        if ordered:
            self.set_kind(memory.id, kind)
        return Kept(self.memories.get(memory.id), ordered)

    def _ask(
        self, change: Change, memory_id: int, body: str, statements: Sequence[Statement], near: Sequence[Memory]
    ) -> list[Memory]:  # fmt: skip
        """Links a new memory to those that may say the same or the contrary, as far as no rule can tell: the review asks."""
        asked: list[tuple[Relation, Memory]] = []
        for memory in near:
            olds = read(memory.body, parsed(memory.recorded_at))
            rel = "duplicates" if not statements and same_text(body, memory.body) else suspected(body, statements, memory.body, olds)
            if rel:
                asked.append((rel, memory))
        asked = sorted(asked, key=lambda one: one[0] != "duplicates")[:QUESTIONS]
        for rel, memory in asked:
            self.link(change, memory_id, memory.id, rel)
        return [memory for _, memory in asked]

    # what keeping it means for others

    def insert(
        self, change: Change, body: str, kind: Kind, origin: Literal["user", "assistant"], status: Literal["active", "proposed"],
        moment: str, source: Source | None, title: str = "",
    ) -> int:  # fmt: skip
        """A new memory with its source, said at `moment`; for use inside a change. A title other than the text makes it found by both."""
        if kind == "instruction" and status == "active":
            self.memories.room_for(body)
        memory_id = self.memories.insert(kind, title_of(title or body), body, status, origin)
        change.created(memory_id)
        self.bank.rows("UPDATE memory SET recorded_at = ? WHERE id = ?", moment, memory_id)
        if source is not None:
            self.memories.add_source(memory_id, source)
        return memory_id

    def link(self, change: Change, a: int, b: int, rel: Relation) -> None:
        change.touch(a)
        self.bank.rows("INSERT OR IGNORE INTO link (a, b, rel) VALUES (?,?,?)", a, b, rel)

    def unlink(self, change: Change, a: int, b: int, *rels: Relation) -> None:
        for one, two in ((a, b), (b, a)):
            change.touch(one)
            for rel in rels:
                self.bank.rows("DELETE FROM link WHERE a = ? AND b = ? AND rel = ?", one, two, rel)

    def apply(
        self, change: Change, memory_id: int, statements: Sequence[Statement], found: Effects, moment: str
    ) -> tuple[tuple[Memory, ...], tuple[Memory, ...]]:
        """Does to others what keeping a memory means, and gives it its own beginning and end. Returns what was closed, and what is left
        of it as memories of their own."""
        change.touch(memory_id)
        self._time(memory_id, statements, found, moment)
        closed: list[int] = []
        rest: list[int] = []
        for number in dict.fromkeys(step.known.memory.id for step in found.steps):
            steps = [step for step in found.steps if step.known.memory.id == number]
            if any(step.step == "conflict" for step in steps):
                self.link(change, memory_id, number, "contradicts")
            elif ending := [step for step in steps if step.step in ("close", "replace")]:
                rest += self._end(change, memory_id, ending)
                closed.append(number)
            else:
                self._other_step(change, memory_id, steps[0])
        return tuple(self.memories.of(closed)), tuple(self.memories.of(rest))

    def _other_step(self, change: Change, memory_id: int, step: Effect) -> None:
        old = step.known.memory
        if step.step == "begin":
            change.touch(old.id)
            self.bank.rows("UPDATE memory SET valid_from = ? WHERE id = ?", step.at, old.id)
        elif step.step in ("duplicate", "doubt"):
            self.link(change, memory_id, old.id, "duplicates")
        elif step.step == "late":
            change.touch(old.id)
            self.bank.rows("UPDATE memory SET valid_from = coalesce(valid_from, ?) WHERE id = ?", step.at, old.id)
            self.link(change, old.id, memory_id, "supersedes")

    def _end(self, change: Change, memory_id: int, steps: Sequence[Effect]) -> list[int]:
        """Ends a memory, or the part of it that is over; the rest becomes a memory of its own, with the same sources."""
        old = steps[0].known.memory
        said = read(old.body, parsed(old.recorded_at))
        gone = [one for one in said if any(one == step.known.statement for step in steps)]
        text = remainder(old, said, gone, steps[0].new)
        change.touch(old.id)
        self.link(change, memory_id, old.id, "supersedes")
        if steps[0].step == "replace" and text is None:
            end = steps[0].at or None
            self.bank.rows(
                "UPDATE memory SET status = 'superseded', superseded_by = ?, valid_to = coalesce(?, valid_to) WHERE id = ?",
                memory_id, end if steps[0].new.past or steps[0].new.until else None, old.id,
            )  # fmt: skip
            self.bank.rows(
                "UPDATE memory SET valid_from = coalesce(valid_from, (SELECT valid_from FROM memory WHERE id = ?)) WHERE id = ?",
                old.id, memory_id,
            )  # fmt: skip
            for source in self.memories.sources(old.id):
                self.memories.add_source(memory_id, source)
            self.bank.index(old.id)
            return []
        self.bank.rows("UPDATE memory SET valid_to = ? WHERE id = ?", max(step.at for step in steps) or now(), old.id)
        return [] if text is None else [self._left(change, old, text)]

    def _left(self, change: Change, old: Memory, text: str) -> int:
        number = self.memories.insert(old.kind, title_of(text), text, "active", old.origin)
        change.created(number)
        self.bank.rows(
            "UPDATE memory SET recorded_at = ?, valid_from = ?, pinned = ?, trust = ? WHERE id = ?",
            old.recorded_at, old.valid_from, int(old.pinned), old.trust, number,
        )  # fmt: skip
        for source in self.memories.sources(old.id):
            self.memories.add_source(number, source)
        self.link(change, number, old.id, "derived_from")
        return number

    def _time(self, memory_id: int, statements: Sequence[Statement], found: Effects, moment: str) -> None:
        """Since when and until when a memory holds: as it says; where it takes the place of another, since then."""
        if not statements:
            return
        since = max((one.since for one in statements if one.since), default=None) if all(one.since for one in statements) else None
        until = max((one.until for one in statements if one.until), default=None) if all(one.until for one in statements) else None
        taken = [step.at for step in found.steps if step.step == "close"]
        if since is None and taken:
            since = max(taken)
        elif since is None and not all(one.past for one in statements) and (found.succeeds or all(one.changed for one in statements)):
            since = moment
        if until is None and all(one.past for one in statements):
            until = since if since and since > moment else moment
        late = [step.at for step in found.steps if step.step == "late"]
        if late and len(statements) == 1:
            until = min(late) if until is None else min(*late, until)
        if since and until and until < since:
            since = None
        self.bank.rows("UPDATE memory SET valid_from = ?, valid_to = ? WHERE id = ?", since, until, memory_id)

    # order by hand

    def merge(self, keep: int, other: int, label: str = "merge") -> Memory:
        """Makes two memories one: `keep` gets the sources and links of `other`, which is superseded by it.

        Raises:
            MementoError: they are one already, of different sorts, or of a shared pool.
        """
        kept, gone = self._own(keep), self._own(other)
        if keep == other:
            raise MementoError(f"Memory {keep} cannot be merged with itself.", "Name two memories.")
        if (kept.kind in KINDS) != (gone.kind in KINDS) or "case" in (kept.kind, gone.kind):
            raise MementoError(f"A {kept.kind} and a {gone.kind} are not merged.", "Delete the one that should go.")
        if kept.status not in ("active", "archived", "proposed") or gone.status in ("superseded", "trashed"):
            raise MementoError(f"Memory {keep if kept.status in ('superseded', 'trashed') else other} is not in use.", "Restore it first.")
        with self.bank.change("owner", f"{label}: {kept.title}") as change:
            change.touch(keep)
            change.touch(other)
            for source in self.memories.sources(other):
                self.memories.add_source(keep, source)
            self.unlink(change, keep, other, "duplicates", "contradicts")
            for row in self.bank.rows("SELECT a, b, rel FROM link WHERE (a = ? OR b = ?) AND rel != 'duplicates'", other, other):
                a, b = (keep if number == other else number for number in (row["a"], row["b"]))
                if a != b:
                    self.link(change, a, b, row["rel"])
            pinned, always = max(kept.pinned, gone.pinned), max(kept.always_on, gone.always_on and kept.kind == "instruction")
            self.bank.rows("UPDATE memory SET pinned = ?, always_on = ? WHERE id = ?", int(pinned), int(always), keep)
            if (end := self._before(kept, gone)) is not None:
                begun = said_at(gone) if self._succeeds(kept, gone) else None
                self.bank.rows("UPDATE memory SET valid_to = ?, valid_from = coalesce(valid_from, ?) WHERE id = ?", end, begun, other)
            else:
                self.bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ? WHERE id = ?", keep, other)
            self.bank.index(other)
        return self.memories.get(keep)

    def _before(self, kept: Memory, gone: Memory) -> str | None:
        """When one of two that say the same was over, where the other holds again only since later: then it is told of the time before.
        That is when what held in between began, as far as that is known."""
        since = kept.valid_from
        if gone.status != "active" or not since or said_at(gone) >= since or (gone.valid_to or "9") < since:
            return None
        rows = self.bank.rows(
            "SELECT min(m.valid_from) AS at FROM link l JOIN memory m ON m.id = l.b WHERE l.a = ? AND l.rel = 'supersedes' AND m.id != ? "
            "AND m.valid_from > ?", kept.id, gone.id, said_at(gone),
        )  # fmt: skip
        return rows[0]["at"] or kept.valid_from

    def _succeeds(self, kept: Memory, gone: Memory) -> bool:
        """Whether something else held of what both say when the one that goes was said: then it has not held since ever."""
        known = (one for statement in read(kept.body, parsed(kept.recorded_at)) for one in self.finder.about(statement))
        return any(one.memory.id not in (kept.id, gone.id) and said_at(one.memory) < said_at(gone) for one in known)

    def supersede(self, old: int, new: int, at: str | None = None) -> Memory:
        """Ends `old` because `new` holds instead; returns the old one with its end."""
        self._own(new)
        known = self._own(old)
        moment = iso(_moment(at))
        end = max(self.memories.get(new).valid_from or moment, known.valid_from or "")
        with self.bank.change("owner", f"outdated: {known.title}") as change:
            change.touch(old)
            self.unlink(change, new, old, "contradicts", "duplicates")
            self.link(change, new, old, "supersedes")
            self.bank.rows("UPDATE memory SET valid_to = ? WHERE id = ?", end, old)
            self.bank.rows("UPDATE memory SET valid_from = coalesce(valid_from, ?) WHERE id = ?", end, new)
        return self.memories.get(old)

    def close(self, memory_id: int, at: str | None = None) -> Memory:
        """Ends a memory's validity at a moment (None: now): it is not told as current any more, but of the time before."""
        memory = self._own(memory_id)
        moment = iso(_moment(at))
        if memory.kind in ("case", "lesson"):
            raise MementoError(f"Memory {memory_id} is a {memory.kind}: it does not hold for a time.", "Archive it instead.")
        if memory.valid_from is not None and moment < memory.valid_from:
            raise MementoError(f"Memory {memory_id} holds since {memory.valid_from[:10]}: it cannot end before.", "Give a later date.")
        with self.bank.change("owner", f"ended: {memory.title}") as change:
            change.touch(memory_id)
            self.bank.rows("UPDATE memory SET valid_to = ? WHERE id = ?", moment, memory_id)
        return self.memories.get(memory_id)

    def pin(self, memory_id: int, pinned: bool = True) -> Memory:
        """Puts a memory into every prompt, or no longer.

        Raises:
            MementoError: it is a case, which is found by its task and not pinned, or not in use.
        """
        memory = self._own(memory_id)
        if pinned and (memory.kind == "case" or memory.status != "active"):
            reason = "is a case: cases are found by their task" if memory.kind == "case" else f"is {memory.status}"
            raise MementoError(f"Memory {memory_id} {reason}; it cannot be pinned.", f"`memento memory show {memory_id}` shows it.")
        with self.bank.change("owner", f"{'pin' if pinned else 'unpin'}: {memory.title}") as change:
            change.touch(memory_id)
            self.bank.rows("UPDATE memory SET pinned = ? WHERE id = ?", int(pinned), memory_id)
        return self.memories.get(memory_id)

    def archive(self, memory_id: int) -> Memory:
        self._own(memory_id)
        return self.memories.set_status(memory_id, "archived", "archive")

    def set_kind(self, memory_id: int, kind: Kind) -> Memory:
        """Says what sort of thing a memory is; an instruction is in every prompt."""
        memory = self._own(memory_id)
        if kind not in KINDS or memory.kind not in KINDS:
            wrong = kind if kind not in KINDS else memory.kind
            raise MementoError(
                f"Memory {memory_id} cannot be turned from {memory.kind} into {kind}.", f"{wrong} is none of {', '.join(KINDS)}."
            )
        with self.bank.change("owner", f"{kind}: {memory.title}") as change:
            change.touch(memory_id)
            if kind == "instruction" and memory.status == "active":
                self.memories.room_for(memory.body, instead_of=memory_id)
            self.bank.rows("UPDATE memory SET kind = ?, always_on = ? WHERE id = ?", kind, int(kind == "instruction"), memory_id)
            self.bank.forget_index(memory_id)  # the vectors are kept by kind
            self.bank.index(memory_id)
        return self.memories.get(memory_id)

    def purge(self, memory_id: int) -> None:
        """Removes a memory for good; see `Memories.purge`. What says the same in other words is not learnt again either."""
        prints = self.tombstones.prints(memory_id)
        self.memories.purge(memory_id)
        self.tombstones.add(prints)

    def accept(self, change: Change, memory_id: int, said: str | None = None) -> Kept:
        """Takes a proposal for true: it becomes active, and what stands against it ends. For use inside a change."""
        memory = self._own(memory_id)
        statements = read(memory.body, parsed(memory.recorded_at))
        moment = now()
        found = effects(self.finder, statements, moment, memory_id, said or iso(parsed(memory.recorded_at)))
        change.touch(memory_id)
        if memory.kind == "instruction":
            self.memories.room_for(memory.body, instead_of=memory_id)
        known = found.repeats[0] if statements and len(found.repeats) == len(statements) else None
        if known is None and not statements:
            near = (other for other in self.finder.like(memory.body, memory_id) if holds(other, moment))
            known = next((other for other in near if same_text(memory.body, other.body) == "same"), None)
        self.bank.rows("UPDATE memory SET status = 'active' WHERE id = ?", memory_id)
        if known is not None:
            self.merge(known.id, memory_id, "known already")
            return Kept(self.memories.get(known.id), False)
        self.bank.index(memory_id)
        closed, rest = self.apply(change, memory_id, statements, found, iso(parsed(memory.recorded_at)))
        likely = [step.known.memory for step in found.steps if step.step in ("conflict", "duplicate")]
        return Kept(self.memories.get(memory_id), True, closed, tuple(likely), rest)

    def _own(self, memory_id: int) -> Memory:
        """
        Raises:
            MementoError: there is no such memory, or it belongs to a shared pool.
        """
        memory = self.memories.get(memory_id)
        if memory.pool:
            raise MementoError(f"Memory {memory_id} belongs to a shared pool and is read-only.", "Remember your own version of it.")
        return memory


def _moment(at: str | None) -> datetime:
    try:
        return parsed(at)
    except ValueError as error:
        raise MementoError(f"“{at}” is not a moment.", "Give a date like 2026-05-03.") from error
