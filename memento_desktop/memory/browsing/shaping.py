"""Memory shaped by its owner's hand: each call is one change that can be undone, however many memories it is about.

A refusal names the memory and why, and leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Change
from memento_desktop.memory.cases import Cases, verdict_label
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.finding import KINDS
from memento_desktop.memory.curation.review import AS_THEY_ARE, Review
from memento_desktop.memory.history import MANY
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Case, Kind, Memory, Outcome, printable
from memento_desktop.memory.search import Search

PARTS = 50
"""Parts of one memory at most: more is a document."""


@dataclass(frozen=True)
class Shaped:
    """What a change did."""

    memories: tuple[Memory, ...]
    """Those that were asked for, or made, as they are now."""
    also: tuple[Memory, ...]
    """What changed with them: ended, superseded, taught."""
    txn: int | None
    """The change, for undo; None where there was nothing to change."""
    label: str
    """As the history calls it."""


class Shaping:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases | None = None) -> None:
        self.bank, self.memories = bank, memories
        self.cases = cases or Cases(bank, memories)
        search = Search(bank)
        self.curator = Curator(bank, memories, search)
        self.review = Review(bank, memories, self.curator)
        self.lessons = Lessons(bank, memories, self.cases, search)

    # one thing done to many

    def pin(self, ids: Sequence[int], pinned: bool = True) -> Shaped:
        """Puts memories into every prompt, or no longer. Cases are found by their task and are not pinned."""
        return self._each("pin" if pinned else "unpin", ids, lambda _, number: self.curator.pin(number, pinned))

    def always(self, ids: Sequence[int], on: bool = True) -> Shaped:
        """Makes of facts standing instructions, which are in every prompt, and back."""
        return self.set_kind(ids, "instruction" if on else "fact")

    def set_kind(self, ids: Sequence[int], kind: Kind) -> Shaped:
        """Says what sort of thing memories are."""
        return self._each(kind, ids, lambda _, number: self.curator.set_kind(number, kind))

    def archive(self, ids: Sequence[int]) -> Shaped:
        """Puts memories aside: kept, not searched."""
        return self._each("archive", ids, lambda _, number: self.curator.archive(number))

    def activate(self, ids: Sequence[int]) -> Shaped:
        """Puts memories to use, wherever they are; accepting a proposal ends what stands against it, as the review does."""
        return self._each("activate", ids, self._activate)

    def restore(self, ids: Sequence[int]) -> Shaped:
        """Brings back what is not in use. Refuses what is."""

        def back(change: Change, number: int) -> None:
            if self.memories.get(number).status == "active":
                raise MementoError("It is in use: there is nothing to restore.", "`memento memory history` shows what changed.")
            self._activate(change, number)

        return self._each("restore", ids, back)

    def trash(self, ids: Sequence[int]) -> Shaped:
        """Moves memories to the trash: not read, kept until they are purged."""
        return self._each("delete", ids, lambda _, number: self.memories.trash(number))

    def relabel(
        self, ids: Sequence[int], reward: float | None = None, outcome: Outcome | None = None, correction: str = ""
    ) -> Shaped:  # fmt: skip
        """The owner's word on tasks: what they were worth in [0, 1], how they ended, what to do next time.

        Raises:
            MementoError: one is no case, still runs, or came from a shared pool; or nothing is said of it.
        """
        said = printable(correction).strip()
        if reward is None and outcome is None and not said:
            raise MementoError("Nothing is said of the task.", "Say what it was worth, how it ended, or what was wrong.")
        if reward is not None and not 0.0 <= reward <= 1.0:
            raise MementoError(f"{reward:g} is no reward.", "A task is worth something from 0 (wrong) to 1 (right).")
        if outcome is not None and (outcome == "running" or outcome not in get_args(Outcome)):
            raise MementoError(f"A task cannot have ended as “{outcome}”.", "Known: done, failed, cancelled, interrupted.")
        taught: list[int] = []
        label = "relabel"
        if outcome is None and len(set(ids)) == 1:
            label = verdict_label(self._case(ids[0]), 0.0 if reward is None else reward, said).partition(":")[0]

        def judge(change: Change, number: int) -> None:
            case = self._case(number)
            if outcome is not None and outcome != case.outcome:
                change.touch(number)
                self.bank.rows("UPDATE case_detail SET outcome = ? WHERE memory_id = ?", outcome, number)
            if reward is not None or said:
                _, lessons = self.lessons.verdict(number, 0.0 if reward is None else reward, said)
                taught.extend(lesson.id for lesson in lessons)

        return self._each(label, ids, judge, lambda: taught)

    # one memory

    def create(self, kind: Kind, text: str) -> Shaped:
        """A new memory, as the owner's own statement: what it says the contrary of ends, what is known already is not kept twice."""
        with self._changing(f"remember: {title_of(text) or kind}", ()) as shaped:
            kept = self.curator.remember(printable(text), kind=kind)
            shaped.ids, shaped.also = [kept.memory.id], [one.id for one in (*kept.closed, *kept.rest)]
        return shaped.done(self.memories)

    def edit(self, memory_id: int, text: str) -> Shaped:
        """Changes what a memory says; a task's words, where it is a case."""
        return self._each("edit", [memory_id], lambda _, number: self.memories.edit(number, printable(text)))

    def supersede(self, old: int, by: int, at: str | None = None) -> Shaped:
        """Says that `by` holds instead of `old`, which ends (ISO 8601; None: now) and is told of the past only."""
        if old == by:
            raise MementoError(f"Memory {old} cannot take its own place.", "Name two memories.")
        with self._changing("outdated: {}", (old, by)) as shaped:
            for number in (old, by):
                if (memory := self.memories.get(number)).status != "active" or memory.kind in ("case", "lesson"):
                    why = f"is a {memory.kind}: it does not hold for a time" if memory.status == "active" else f"is {memory.status}"
                    raise MementoError(f"Memory {number} {why}.", "Archive what is not wanted, or restore what is.")
            self.curator.supersede(old, by, at)
            if at is not None:  # a day that the owner names goes before one that the texts tell
                self.curator.close(old, at)
            shaped.ids, shaped.also = [old], [by]
        return shaped.done(self.memories)

    def merge(self, keep: int, others: Sequence[int]) -> Shaped:
        """Makes several memories one: `keep` gets the sources and links of the others."""
        if not others:
            raise MementoError("Only one memory is named.", "Name those that are to become one.")
        with self._changing("merge: {}", (keep, *others)) as shaped:
            for other in dict.fromkeys(others):
                with _naming(self.memories.get(other)):
                    self.curator.merge(keep, other)
            shaped.ids, shaped.also = [keep], list(dict.fromkeys(others))
        return shaped.done(self.memories)

    def split(self, memory_id: int, texts: Sequence[str]) -> Shaped:
        """Makes several memories of one. Each part keeps its sort, its sources, its time and its links, and one to the whole, which is
        superseded by the first of them.

        Raises:
            MementoError: fewer than two parts, one of them empty or twice, or the memory is a case, a document's passage or a pool's.
        """
        parts = [printable(text).strip() for text in texts]
        if len(parts) < 2 or len(parts) > PARTS:
            raise MementoError(f"{len(parts)} parts are no split.", f"Give the texts of two parts or more, at most {PARTS}.")
        if not all(parts) or len(set(parts)) < len(parts):
            raise MementoError("A part is empty, or there twice.", "Each part needs a text of its own.")
        with self._changing("split: {}", (memory_id,)) as shaped:
            whole = self._whole(memory_id)
            shaped.change.touch(memory_id)
            self.bank.rows("UPDATE memory SET status = 'superseded', pinned = 0 WHERE id = ?", memory_id)
            made = [self._part(shaped.change, whole, text) for text in parts]
            self.bank.rows("UPDATE memory SET superseded_by = ? WHERE id = ?", made[0], memory_id)
            self.bank.index(memory_id)
            shaped.ids, shaped.also = made, [memory_id]
        return shaped.done(self.memories)

    def _whole(self, memory_id: int) -> Memory:
        memory = self.memories.get(memory_id)
        if memory.pool or memory.kind in ("case", "document"):
            what = "belongs to a shared pool" if memory.pool else f"is a {memory.kind}"
            raise MementoError(f"Memory {memory_id} {what}: it is not split.", "Remember what you want of it in your own words.")
        if memory.status not in ("active", "archived", "proposed"):
            raise MementoError(f"Memory {memory_id} is {memory.status}.", f"`memento memory restore {memory_id}` brings it back.")
        return memory

    def _part(self, change: Change, whole: Memory, text: str) -> int:
        if whole.kind == "instruction" and whole.status == "active":
            self.memories.room_for(text)
        number = self.memories.insert(whole.kind, title_of(text), text, whole.status, whole.origin)
        change.created(number)
        self.bank.rows(
            "UPDATE memory SET recorded_at = ?, valid_from = ?, valid_to = ?, pinned = ?, trust = ?, user_edited = 1 WHERE id = ?",
            whole.recorded_at, whole.valid_from, whole.valid_to, int(whole.pinned), whole.trust, number,
        )  # fmt: skip
        for source in self.memories.sources(whole.id):
            self.memories.add_source(number, source)
        self.bank.rows(
            "INSERT INTO link (a, b, rel) SELECT ?, b, rel FROM link WHERE a = ? AND rel = 'derived_from' "
            "UNION SELECT ?, ?, 'derived_from'",
            number, whole.id, number, whole.id,
        )  # fmt: skip
        return number

    # for good

    def purging(self, ids: Sequence[int]) -> tuple[Memory, ...]:
        """What `purge` would remove: these, what says the same, and what they were split from, which says it too."""
        wanted: dict[int, None] = {}
        for number in ids:
            self.memories.get(number)
            for one in (number, *self._split_from(number)):
                wanted |= dict.fromkeys((*self.memories.drawn_from(one), one))
        return tuple(self.memories.of(list(wanted)))

    def purge(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Removes memories for good, see `Curator.purge`: text, vectors, history. There is no undo. Returns the numbers that went."""
        found = self.purging(ids)
        for memory in found:  # a task that runs is refused before anything goes
            if memory.kind == "case":
                self._case(memory.id, "removed")
        kept_open: MementoError | None = None
        for memory in found:
            try:
                if self.memories.exists(memory.id):
                    self.curator.purge(memory.id)
            except MementoError as error:
                if self.memories.exists(memory.id):
                    raise
                kept_open = error  # it is removed, and old pages are in use: said when all are
        if kept_open is not None:
            raise kept_open
        return tuple(memory.id for memory in found)

    def _split_from(self, number: int) -> list[int]:
        rows = self.bank.rows(
            "SELECT b FROM link JOIN memory m ON m.id = b WHERE a = ? AND rel = 'derived_from' AND m.kind != 'case' "
            "AND m.status = 'superseded'",
            number,
        )
        return [row["b"] for row in rows]

    # what all have in common

    def _case(self, number: int, verb: str = "relabelled") -> Case:
        case = self.cases.get(number)
        if case.outcome == "running":
            raise MementoError(f"Case {number}, “{title_of(case.task)}”, still runs: it cannot be {verb}.", "Stop it first.")
        return case

    def _activate(self, change: Change, number: int) -> list[int]:
        memory = self.memories.get(number)
        if memory.status == "proposed" and memory.kind in (*KINDS, *AS_THEY_ARE):
            kept = self.review.accept(self.review.item(number))
            return [one.id for one in (*kept.closed, *kept.rest)]
        if memory.status == "superseded" and memory.superseded_by is not None:
            change.touch(number)
            self.curator.unlink(change, memory.superseded_by, number, "supersedes")
            self.bank.rows("UPDATE memory SET superseded_by = NULL WHERE id = ?", number)
        if memory.status != "active":
            self.memories.set_status(number, "active", "restore")
        return []

    def _each(
        self, verb: str, ids: Sequence[int], act: Callable[[Change, int], object], also: Callable[[], Sequence[int]] = tuple
    ) -> Shaped:  # fmt: skip
        """Does one thing to each of several memories, as one change; `act` may return the numbers of what changed with it."""
        numbers = list(dict.fromkeys(ids))
        if not numbers:
            raise MementoError("No memory is named.", "`memento memory list` shows their numbers.")
        label = f"{verb}: {{}}" if len(numbers) == 1 else f"{verb}: {len(numbers)} memories"
        changed: list[int] = []
        with self._changing(label, numbers) as shaped, self.bank.sweeping(len(numbers) > MANY):
            for number in numbers:
                with _naming(self.memories.get(number)):
                    more = act(shaped.change, number)
                changed += more if isinstance(more, list) else []
            shaped.ids, shaped.also = numbers, [*changed, *also()]
        return shaped.done(self.memories)

    @contextmanager
    def _changing(self, label: str, ids: Sequence[int]) -> Generator[_Open]:
        """One change by the owner. `{}` in the label is the title of the first memory."""
        titles = [self.memories.get(number).title for number in ids]
        label = label.replace("{}", titles[0]) if titles else label
        with self.bank.change("owner", label) as change:
            opened = _Open(change, label)
            yield opened
        opened.stands = bool(self.bank.rows("SELECT 1 FROM txn WHERE id = ?", change.id))


class _Open:
    """A change that is being made, and what it is about."""

    def __init__(self, change: Change, label: str) -> None:
        self.change, self.label = change, label
        self.ids: Sequence[int] = ()
        self.also: Sequence[int] = ()
        self.stands = False

    def done(self, memories: Memories) -> Shaped:
        more = [number for number in dict.fromkeys(self.also) if number not in self.ids]
        txn = self.change.id if self.stands else None
        return Shaped(tuple(memories.of(self.ids)), tuple(memories.of(more)), txn, self.label)


@contextmanager
def _naming(memory: Memory) -> Generator[None]:
    """Gives a refusal the number of the memory that it is about, where it does not say so itself."""
    try:
        yield
    except MementoError as error:
        if str(memory.id) in error.message.replace("“", " ").split() or f"{memory.id}:" in error.message:
            raise
        raise MementoError(f"Memory {memory.id}, “{memory.title}”: {error.message}", error.hint) from error
