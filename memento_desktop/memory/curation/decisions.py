"""Decisions in the review, one after another: what each did, in a sentence, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from memento_desktop.errors import MementoError
from memento_desktop.memory.curation.curator import Kept
from memento_desktop.memory.curation.review import Item, Review
from memento_desktop.memory.history import History
from memento_desktop.memory.records import Memory

Key = tuple[str, int, int]
"""What tells one question from another: what it is about, the memory, the other one (0: none)."""


def key_of(item: Item) -> Key:
    return item.what, item.memory.id, item.other.id if item.other else 0


@dataclass(frozen=True)
class Batch:
    """What is shown at a time."""

    items: tuple[Item, ...]
    more: bool
    """Whether more waits behind these."""


@dataclass(frozen=True)
class _Made:
    """A decision, for the way back."""

    item: Item
    txn: int
    """The newest change that stood right after it."""
    changed: bool
    off: tuple[Key, ...] = ()
    """What it waved off, which is not part of the history."""


class Decisions:
    """One sitting: it remembers what was decided, so that waving off can be taken back as any change can."""

    def __init__(self, review: Review, history: History) -> None:
        self.review, self.history = review, history
        self.bank, self.memories, self.curator = review.bank, review.memories, review.curator
        self._made: list[_Made] = []

    def waiting(self, later: Collection[Key] = (), limit: int = 10) -> Batch:
        """What waits, those left for later at the end."""
        found = self.review.items(limit + len(later) + 1)
        now = [item for item in found if key_of(item) not in later]
        ordered = [*now, *(item for item in found if key_of(item) in later)]
        return Batch(tuple(ordered[:limit]), len(ordered) > limit)

    # decisions; each returns what it did

    def accept(self, item: Item) -> str:
        """What the item suggests."""
        return self._noted(item, lambda: _accepted(item, self.review.accept(item)))

    def edit(self, item: Item, text: str) -> str:
        """The owner's own wording of `item.memory`."""
        return self._noted(item, lambda: _accepted(replace(item, other=None), self.review.edit(item, text)))

    def reject(self, item: Item) -> str:
        """No: a proposal into the trash, everything else as it is and not asked again."""
        if item.what == "proposed":
            return self._noted(item, lambda: f"Thrown away, not proposed again: “{self.review.reject(item).title}”")
        self.review.reject(item)
        self._made.append(_Made(item, self._newest(), False, (key_of(item),)))
        return f"Left as {'they are' if item.other else 'it is'}, not asked again: “{item.memory.title}”"

    def stands(self, item: Item, number: int) -> str:
        """Of two memories the one that holds, or stays.

        Raises:
            MementoError: the item is not about this memory, or one of the two has changed meanwhile.
        """
        if item.other is None or number not in (item.memory.id, item.other.id):
            raise MementoError(f"This question is not about memory {number}.", "Choose one of its two memories.")
        if item.what == "proposed":
            return self.accept(item) if number == item.memory.id else self.reject(item)
        if item.what == "conflict" and number == item.memory.id:
            return self.accept(item)
        kept, gone = (item.memory, item.other) if number == item.memory.id else (item.other, item.memory)
        return self._noted(item, lambda: self._decide(item, kept, gone))

    def _decide(self, item: Item, kept: Memory, gone: Memory) -> str:
        self._unchanged(item)
        if item.what == "duplicate":
            with self.bank.change("owner", f"merge: {kept.title}"):
                return f"One now: “{self.curator.merge(kept.id, gone.id).title}”"
        with self.bank.change("owner", f"decide: {kept.title}"):
            self.curator.archive(gone.id)
        return f"“{kept.title}” holds; put aside: “{gone.title}”"

    def both(self, item: Item) -> str:
        """Of two memories both hold, and say different things: that is not asked again."""
        other = item.other
        if item.what != "proposed" or other is None:
            return self.reject(item)
        alone = replace(item, other=None)

        def kept() -> str:
            self._unchanged(item)
            with self.bank.change("owner", f"accept: {item.memory.title}") as change:
                self.curator.unlink(change, item.memory.id, other.id, "duplicates")
                return _accepted(alone, self.review.accept(alone))

        said = self._noted(item, kept)
        again = Item("duplicate", self.memories.get(item.memory.id), "", "", self.memories.get(other.id))
        self.review.reject(again)
        self._made[-1] = replace(self._made[-1], off=(key_of(again),))
        return f"{said}; both are kept"

    # back

    def undo(self) -> tuple[str, Key | None]:
        """Takes back the newest change, or the newest waving off where nothing was changed after it. Returns what was done, and the
        question that it was about, if it was one of this sitting.

        Raises:
            MementoError: there is nothing to take back, or a later change stands in the way.
        """
        newest = self._newest()
        while self._made and self._made[-1].changed and self._made[-1].txn > newest:  # taken back from elsewhere
            self._ask_again(self._made.pop())
        last = self._made[-1] if self._made and self._made[-1].txn >= newest else None
        if last is not None and not last.changed:
            self._ask_again(self._made.pop())
            return f"Asked again: “{last.item.memory.title}”", key_of(last.item)
        done = self.history.undo()
        if last is not None:
            self._ask_again(self._made.pop())
        return f"Taken back: {done.label}", key_of(last.item) if last else None

    def redo(self) -> str:
        """Does again what was taken back last."""
        return f"Done again: {self.history.redo().label}"

    def _ask_again(self, made: _Made) -> None:
        with self.bank.writing():
            for what, a, b in made.off:
                self.bank.rows(
                    "DELETE FROM dismissed WHERE profile = ? AND what = ? AND a = ? AND b = ?", self.bank.profile, what, a, b
                )  # fmt: skip

    def _noted(self, item: Item, decision: Callable[[], str]) -> str:
        before = self._newest()
        said = decision()
        after = self._newest()
        self._made.append(_Made(item, after, after != before))
        return said

    def _newest(self) -> int:
        """The newest change that stands."""
        sql = "SELECT coalesce(max(id), 0) AS id FROM txn WHERE undoes IS NULL AND undone_by IS NULL AND profile = ?"
        return self.bank.one(sql, self.bank.profile)["id"]

    def _unchanged(self, item: Item) -> None:
        for known in (item.memory, item.other):
            if known is None:
                continue
            there = self.memories.get(known.id)
            if (there.status, there.content_hash) != (known.status, known.content_hash):
                raise MementoError(f"“{known.title}” has changed since it was asked about.", "Look at it again.")


def _accepted(item: Item, kept: Kept) -> str:
    title = kept.memory.title
    ended = "; ended: " + ", ".join(f"“{one.title}”" for one in kept.closed) if kept.closed else ""
    still = "; still holds: " + ", ".join(f"“{one.title}”" for one in kept.rest) if kept.rest else ""
    match item.what:
        case "proposed":
            head = "Used from now on" if kept.new else "It was known already"
        case "conflict":
            head = "Holds" if item.other else "Changed"
        case "duplicate":
            head = "One now" if item.other else "Changed"
        case _:
            head = "Put aside" if kept.memory.status == "archived" else "Changed"
    return f"{head}: “{title}”{ended}{still}"
