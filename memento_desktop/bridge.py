"""The bank as the loop sees it: a reader of what memory gives to a task, and a writer of its case."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from memento_desktop.agent.ports import Note, PastCase, ReadMemory, Recalled, ToolSpec
from memento_desktop.config.settings import MemorySettings
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.documents.report import Place
from memento_desktop.memory.documents.told import told
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Read, Reading
from memento_desktop.memory.records import Case, Memory, now
from memento_desktop.memory.times import as_of, span

PASSAGE, SHORT_PASSAGE = 1200, 160
"""Characters of a document's passage in a prompt."""
Embed = Callable[[Sequence[str]], Awaitable[tuple[list[bytes], int | None, str]]]
"""Texts to vectors with the number of their embedder; without vectors, the reason why."""


def passage_of(small: bool) -> int:
    """Characters of a document's passage for a model that is small, or is not."""
    return SHORT_PASSAGE if small else PASSAGE


class MemoryReader:
    """Reads for a task; see `memory.reading`."""

    def __init__(
        self, reading: Reading, memories: Memories, documents: Documents, embed: Embed, settings: MemorySettings, random: Random | None,
        small: bool = False,
    ) -> None:  # fmt: skip
        """
        Args:
            small: whether the model reads few words of a document at a time.
        """
        self.reading, self.memories, self.documents = reading, memories, documents
        self.embed, self.settings, self.random = embed, settings, random
        self.passage = passage_of(small)

    async def read(self, task: str, case_id: int | None) -> Recalled:
        kind = kind_of_task(task)
        moment = datetime.now().astimezone()
        vectors, embedder, note = await self.embed([task] if kind == task else [task, kind])
        setting = self.settings
        read = await asyncio.to_thread(
            self.reading.read, task, case_id, vectors[0] if vectors else None, embedder, setting.vector_weight, setting.most_cases,
            setting.most_facts, note, self.random, vectors[-1] if vectors else None, as_of(task, moment), span(task, moment),
        )  # fmt: skip
        return await asyncio.to_thread(self._recalled, task, read, f"on text alone: {note}" if note else "")

    def _recalled(self, task: str, read: Read, note: str) -> Recalled:
        # A standing instruction that nobody vouched for is told like any fact: as data.
        facts = (*read.facts, *(m for m in read.instructions if not vouched_for(m)))
        told_facts = telling(self.documents, facts, task, self.passage)
        memories = {memory.id: memory for memory in self.memories.of([c.id for c in read.cases])}
        return Recalled(
            cases=tuple(past_case(c, memories[c.id]) for c in read.cases if c.id in memories),
            lessons=tuple(Note(m.body, vouched_for(m)) for m in read.lessons),
            facts=tuple(Note(fact, vouched_for(m)) for fact, m in zip(told_facts, facts, strict=True)),
            instructions=tuple(m.body for m in read.instructions if vouched_for(m)),
            looked_at=tuple(_looked_at(read)),
            note=note,
        )


def as_told(memory: Memory, place: Place | None, task: str, most: int) -> str:
    """A memory as a prompt tells it: a passage with its place, what holds no more with its end."""
    if memory.kind == "document":
        return told(place, memory.body, task, most)
    if memory.valid_to is None or memory.valid_to > now():
        return memory.body
    return f"Until {memory.valid_to[:10]}: {memory.body}"


def telling(documents: Documents, memories: Sequence[Memory], task: str, most: int) -> list[str]:
    """Memories as a prompt tells them, see `as_told`."""
    places = documents.places([m.id for m in memories if m.kind == "document"])
    return [as_told(m, places.get(m.id), task, most) for m in memories]


def recall(memories: Memories, cases: Cases, documents: Documents, ids: Sequence[int], task: str, most: int = PASSAGE) -> Recalled:
    """Exactly these memories, as `task` would be given them, beside those that are in every prompt.

    Args:
        most: characters of a document's passage.
    """
    always = memories.always_on()
    chosen = {m.id: m for m in (*memories.of(sorted(ids)), *always)}
    by_number = {case.id: case for case in cases.of(list(chosen))}
    notes = [
        m for m in chosen.values() if m.kind not in ("case", "lesson", "instruction") or (m.kind == "instruction" and not vouched_for(m))
    ]
    facts = telling(documents, notes, task, most)
    return Recalled(
        cases=tuple(past_case(by_number[i], m) for i, m in chosen.items() if i in by_number),
        lessons=tuple(Note(m.body, vouched_for(m)) for m in chosen.values() if m.kind == "lesson"),
        facts=tuple(Note(fact, vouched_for(m)) for fact, m in zip(facts, notes, strict=True)),
        instructions=tuple(m.body for m in always if m.kind == "instruction" and vouched_for(m)),
    )


def past_case(case: Case, memory: Memory) -> PastCase:
    return PastCase(case.task, case.plan, case.worked, case.correction, vouched_for(memory, case))


def vouched_for(memory: Memory, case: Case | None = None) -> bool:
    """Whether somebody answers for a memory, so that a tool may be called with its words.

    The owner does, who made or edited it, or called the task good; the assistant does for tasks without foreign text in them, and for what
    was learnt from tasks. A correction is the owner's, the foreign case that it stands on is not. That he accepted a foreign memory into
    the bank says that it may be read, no more.
    """
    if memory.origin == "user" or memory.user_edited:
        return True
    if case is not None:
        said = case.reward_source == "owner" and (case.worked or (bool(case.correction) and memory.origin == "assistant"))
        return said or (memory.origin == "assistant" and not case.tainted)
    return memory.kind == "lesson" and memory.origin == "assistant" and memory.trust >= 1.0


def _looked_at(read: Read) -> list[ReadMemory]:
    return [
        ReadMemory(
            c.hit.memory_id, c.hit.kind, c.hit.title, c.shown,
            {
                "terms": list(c.hit.terms), "coverage": round(c.hit.coverage, 3), "rank_text": c.hit.rank_text,
                "rank_vector": c.hit.rank_vector, "similarity": None if c.hit.similarity is None else round(c.hit.similarity, 3),
                "propensity": c.propensity, "left_out": c.reason, "q": None if c.q is None else round(c.q, 3), "reader": read.reader,
            },
        )
        for c in read.choices
    ]  # fmt: skip


class CaseWriter:
    """Writes a case as its task goes on; a commit takes a fraction of a millisecond, but a disk can be slow: off the event loop."""

    def __init__(self, cases: Cases, reading: Reading) -> None:
        self.cases, self.reading = cases, reading

    async def begin(self, task: str, model: str) -> int:
        return await asyncio.to_thread(self.cases.begin, task, model)

    async def planned(self, case_id: int, plan: Sequence[str]) -> None:
        await asyncio.to_thread(self.cases.planned, case_id, plan)

    async def step(self, case_id: int, step: str, tool: str, args: Mapping[str, Any], result: str, ok: bool, ms: int) -> None:
        await asyncio.to_thread(self.cases.step, case_id, step, tool, dict(args), result, ok, ms)

    async def finish(self, case_id: int, outcome: Any, answer: str, reason: str, tokens: int, seconds: float, tainted: bool) -> None:
        def end() -> None:
            with self.cases.bank.writing():
                self.cases.finish(case_id, outcome, answer, reason, tokens, seconds, tainted)
                self.reading.credit(case_id)

        await asyncio.to_thread(end)

    async def reward(self, case_id: int, reward: float, source: Any) -> None:
        await asyncio.to_thread(self.cases.reward, case_id, reward, source)


class NoMemory:
    """Gives a task what it is told to give, and keeps nothing of it."""

    def __init__(self, recalled: Recalled | None = None) -> None:
        self.recalled = recalled or Recalled(note="memory is off")

    async def read(self, task: str, case_id: int | None) -> Recalled:
        return self.recalled

    async def begin(self, task: str, model: str) -> int:
        return 0

    async def planned(self, case_id: int, plan: Sequence[str]) -> None: ...

    async def step(self, case_id: int, step: str, tool: str, args: Mapping[str, Any], result: str, ok: bool, ms: int) -> None: ...

    async def finish(self, case_id: int, outcome: str, answer: str, reason: str, tokens: int, seconds: float, tainted: bool) -> None: ...

    async def reward(self, case_id: int, reward: float, source: str) -> None: ...


class Consenting:
    """Consents to every call: for tools that only answer from a record."""

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        return True
