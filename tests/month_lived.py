"""Lives a made-up month through curation, as the owner does: says, chats, reviews, edits, deletes; then counts what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.curation.curator import Curator, Kept
from memento_desktop.memory.curation.finding import KINDS, holds
from memento_desktop.memory.curation.moments import iso
from memento_desktop.memory.curation.proposing import Proposer
from memento_desktop.memory.curation.review import Item, Review
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Memory, Source
from memento_desktop.memory.search import Search
from tests.month_made import ATTRIBUTES, DAYS, START, Event, Month

PATIENCE = 10
"""Questions that the owner answers a day."""
Label = tuple[str, str, bool]
"""An attribute's name, its value, and whether that is said to hold."""


@dataclass
class Counts:
    """What was found at the end of a month. Lists name the cases, so that a failure can be read."""

    memories: int = 0
    current: int = 0
    duplicates: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    asked: int = 0
    wrong_now: list[str] = field(default_factory=list[str])
    asked_past: int = 0
    wrong_past: list[str] = field(default_factory=list[str])
    untraced: list[str] = field(default_factory=list[str])
    junk: list[str] = field(default_factory=list[str])
    missed: list[str] = field(default_factory=list[str])
    vain: list[str] = field(default_factory=list[str])
    """Questions in the review that its owner could only say no to."""
    questions: list[int] = field(default_factory=list[int])
    """How many questions were put to the owner, day by day."""
    back: list[str] = field(default_factory=list[str])


class Life:
    def __init__(self, bank: Bank, month: Month, index: Callable[[], None] | None = None) -> None:
        """
        Args:
            index: embeds what waits, each night.
        """
        self.bank, self.month, self.index = bank, month, index
        self.memories, self.search = Memories(bank), Search(bank)
        self.curator = Curator(bank, self.memories, self.search)
        self.proposer = Proposer(bank, self.memories, self.curator)
        self.review = Review(bank, self.memories, self.curator)
        self.conversations = Conversations(bank)
        self.labels: dict[int, Label] = {}
        self.counts = Counts()
        self.said: dict[int, Event] = {}

    def live(self) -> Counts:
        session, day = 0, -1
        for event in self.month.events:
            if (event.at - START).days != day:
                day = (event.at - START).days
                self.decide(event.at)
                session = self.conversations.begin(f"day {day}", iso(event.at))
            self.happen(event, session)
        self.decide(self.month.events[-1].at)
        self.check()
        return self.counts

    def happen(self, event: Event, session: int) -> None:
        if event.deed in ("say", "chat"):
            number = self.conversations.add(session, "user", event.text, iso(event.at))
            self.said[number] = event
            if event.deed == "say":
                self.keep(event, self.curator.remember(event.text, source=Source(f"message:{number}", event.text), at=iso(event.at)))
            else:
                self.chat(event, number, session)
            return
        held = [memory for memory in self.holding(event.at) if self.labels.get(memory.id, ("",))[0] == event.attribute.name]  # pyright: ignore[reportOptionalMemberAccess]
        if event.deed == "edit":
            for memory in held[:1]:
                self.memories.edit(memory.id, event.text)
                with self.bank.writing():  # the history's clock is the real one
                    self.bank.rows("UPDATE txn SET at = ? WHERE id = (SELECT max(id) FROM txn)", iso(event.at))
                self.keep(event, Kept(memory, True))
        for memory in held if event.deed in ("delete", "purge") else ():
            if self.labels[memory.id][1] == event.value:
                self.memories.trash(memory.id) if event.deed == "delete" else self.curator.purge(memory.id)

    def keep(self, event: Event, kept: Kept) -> None:
        if event.attribute is not None:
            self.labels[kept.memory.id] = (event.attribute.name, event.value, event.holds)

    def chat(self, event: Event, number: int, session: int) -> None:
        known = bool(event.attribute) and any(
            self.labels.get(memory.id) == (event.attribute.name, event.value, True) for memory in self.holding(event.at)
        )
        found = self.proposer.run(session, since=number - 1)
        if event.attribute is None:
            self.counts.junk += [f"{event.text!r} → {memory.body!r}" for memory in found]
        elif not found and not known:
            self.counts.missed.append(f"{event.at:%d %H:%M} {event.text}")
            if event.accepted:  # what was not noticed the owner says himself
                self.keep(event, self.curator.remember(event.text, source=Source(f"message:{number}", event.text), at=iso(event.at)))
        for memory in found:
            item = self.review.item(memory.id)
            if event.attribute is not None and event.accepted:
                self.keep(event, self.review.accept(item))
            else:
                self.review.reject(item)

    def decide(self, at: datetime) -> None:
        """The owner works off what waits, as one does who knows what he meant."""
        if self.index is not None:
            self.index()
        self.counts.questions.append(0)
        for item in self.review.items(PATIENCE, iso(at)):
            self.counts.questions[-1] += 1
            if any(self.memories.get(one.id).status != one.status for one in (item.memory, item.other) if one):
                continue  # decided with another
            mine, theirs = self.labels.get(item.memory.id), self.labels.get(item.other.id) if item.other else None
            if item.what == "proposed":
                self.review.reject(item) if mine == theirs else self.review.accept(item)
            elif item.what in ("conflict", "duplicate") and item.other is not None:
                self._pair(item, item.other, mine, theirs)

    def _pair(self, item: Item, other: Memory, mine: Label | None, theirs: Label | None) -> None:
        if mine == theirs:
            kept = self.review.accept(item).memory if item.what == "duplicate" else self.curator.merge(item.memory.id, other.id)
            self.labels.setdefault(kept.id, mine or ("", "", True))
        elif mine and theirs and mine[0] == theirs[0] and not next(a for a in ATTRIBUTES if a.name == mine[0]).many:
            new, old = (item.memory, other) if item.memory.recorded_at >= other.recorded_at else (other, item.memory)
            self.curator.supersede(old.id, new.id, new.recorded_at)
        else:
            self.counts.vain.append(f"{item.what}: {item.memory.body!r} / {other.body!r}")
            self.review.reject(item)

    def holding(self, at: datetime) -> list[Memory]:
        sql = "SELECT id FROM memory WHERE status = 'active' AND coalesce(valid_from, '') <= ? AND coalesce(valid_to, '9') > ?"
        return self.memories.of([row["id"] for row in self.bank.rows(sql, iso(at), iso(at)) if row["id"] in self.labels])

    # what is wrong at the end

    def check(self) -> None:
        end = self.month.events[-1].at + timedelta(hours=1)
        counts = self.counts
        active = self.memories.list(KINDS, ("active",), 5000)
        counts.memories, counts.current = len(active), len(self.holding(end))
        self._duplicates(active)
        for attribute in ATTRIBUTES:
            self._now(attribute.name, attribute.ask, attribute.many, end)
            if not attribute.many:
                self._past(attribute.name, attribute.ask)
        for memory in active:
            if not any(self._traced(source) for source in self.memories.sources(memory.id)):
                counts.untraced.append(memory.body)
        self._again()

    def _duplicates(self, active: list[Memory]) -> None:
        for n, memory in enumerate(active):
            for other in active[:n]:
                label = self.labels.get(memory.id)
                overlap = (memory.valid_from or "") < (other.valid_to or "9") and (other.valid_from or "") < (memory.valid_to or "9")
                if label is not None and label == self.labels.get(other.id) and overlap:
                    self.counts.duplicates.append(f"{memory.id} {memory.body!r} = {other.id} {other.body!r}")
                    break

    def _now(self, name: str, ask: str, many: bool, end: datetime) -> None:
        counts, truth = self.counts, self.month.at(name, end) or frozenset()
        current = {self.labels[m.id] for m in self.holding(end) if self.labels.get(m.id, ("",))[0] == name}
        values = {value for _, value, positive in current if positive}
        counts.stale += [f"{name} = {value}, true: {sorted(truth)}" for value in values - truth]
        counts.missing += [f"{name} = {value}" for value in truth - values]
        hits = self.search.find(ask, KINDS, 10)
        counts.wrong_now += [
            f"{name}: a closed one is found: {hit.title}" for hit in hits if not holds(self.memories.get(hit.memory_id), iso(end))
        ]
        if truth:
            counts.asked += 1
            top = self.labels.get(hits[0].memory_id) if hits else None
            if top is None or top[0] != name or not (top[1] in truth or not top[2]):
                counts.wrong_now.append(f"{name}: {ask} → {hits[0].title if hits else None!r}, true: {sorted(truth)}")

    def _past(self, name: str, ask: str) -> None:
        edited = [event.at for event in self.month.events if event.deed == "edit" and event.attribute and event.attribute.name == name]
        for day in range(1, DAYS, 3):
            moment = START + timedelta(days=day, hours=5)
            truth = self.month.at(name, moment)
            lost = any(
                e.deed in ("delete", "purge") and e.attribute and e.attribute.name == name and e.at > moment for e in self.month.events
            )
            if not truth or lost or any(at > moment for at in edited):
                continue  # nothing was known, or what was is no more in the bank
            self.counts.asked_past += 1
            hits = self.search.find(ask, KINDS, 3, at=iso(moment))
            top = self.labels.get(hits[0].memory_id) if hits else None
            if top is None or top[:2] not in {(name, value) for value in truth}:
                self.counts.wrong_past.append(f"{moment:%d}: {ask} → {hits[0].title if hits else None!r}, true: {sorted(truth)}")

    def _traced(self, source: Source) -> bool:
        kind, _, number = source.ref.partition(":")
        return kind == "message" and bool(source.quote) and source.quote in self.conversations.message(int(number)).text

    def _again(self) -> None:
        """The extraction run once more over everything that was ever said."""
        before = {memory.id for memory in self.memories.list(KINDS, ("proposed", "active"), 5000)}
        self.counts.back += [memory.body for memory in self.proposer.run()]
        after = {memory.id for memory in self.memories.list(KINDS, ("proposed", "active"), 5000)}
        self.counts.back += [
            self.memories.get(number).body for number in after - before if self.memories.get(number).body not in self.counts.back
        ]
