"""The composition root: builds one assistant from settings and paths. Command line, app and evaluation talk to it, and to nothing below.

It introduces the rooms to each other: the loop gets a reader and a writer made of the bank, the `recall` tool gets the search, the
engine becomes the loop's model. Memory works without a model; the engine starts with the first task, the embedder in the background.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from memento_desktop.agent.budget import Caps
from memento_desktop.agent.events import CaseWritten, Event, Noticed, OtherMemory, Proposed, Remembered
from memento_desktop.agent.extraction import extract
from memento_desktop.agent.loop import Agent
from memento_desktop.agent.ports import Approver, Recalled, ToolSpec
from memento_desktop.bridge import CaseWriter, MemoryReader, NoMemory, passage_of, recall, telling
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.indexing import Indexing
from memento_desktop.inference.builtin import Model
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_download import download_embedder
from memento_desktop.inference.engine import Engine
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.learning.standing import Learner, Standing
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.records import Case, Kind, Memory
from memento_desktop.memory.records import printable as printable
from memento_desktop.memory.search import Hit, Search
from memento_desktop.memory.times import as_of, span
from memento_desktop.personal import Personal, Turn
from memento_desktop.rerun import Practised, Practising, Replay, Run, recorded, rerun
from memento_desktop.running import Running
from memento_desktop.tools.calculate import Calculate
from memento_desktop.tools.documents import ReadDocument
from memento_desktop.tools.files import Folders, ListFiles
from memento_desktop.tools.memory import Recall, Remember
from memento_desktop.tools.tables import ReadTable
from memento_desktop.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from memento_desktop.memory.curation.curator import Kept
    from memento_desktop.memory.pools.pools import Pools

REMEMBER = re.compile(
    r"\s*(?:please\s+)?(?:(?:remember|note|keep in mind|don't forget)\s+that\b|(?:remember|note)\s*:)\s*(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
"""What the owner says to have something kept: by rule, at once, without a model."""
FROM_NOW_ON = re.compile(r"\s*(?:please\s+)?(?P<text>from now on\b.*\w.*)", re.IGNORECASE | re.DOTALL)
"""What the owner says to have something heeded in every task to come."""
log = logging.getLogger(__name__)


def capital(text: str) -> str:
    """A clause as a sentence of its own."""
    return text[0].upper() + text[1:]


def remembered(kept: Kept) -> Remembered:
    def others(memories: Sequence[Memory]) -> tuple[OtherMemory, ...]:
        return tuple(OtherMemory(memory_id=one.id, text=one.body, until=one.valid_to) for one in memories)

    memory = kept.memory
    return Remembered(
        memory_id=memory.id, text=memory.body, new=kept.new, kind=memory.kind, closed=others(kept.closed), rest=others(kept.rest),
        alike=others(kept.likely), waits=kept.new and memory.status == "proposed",
    )  # fmt: skip


class Refuse:
    """Consents to nothing: for runs that nobody watches."""

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        log.warning("refused without asking: %s", spec.name)
        log.debug("what was refused: %s", preview)
        return False


class Assistant:
    """One owner's assistant. `async with Assistant(...)` closes what it started."""

    def __init__(
        self, settings: Settings, paths: Paths, *, folders: Sequence[Path] = (), model: Path | None = None, memory: bool = True,
        approver: Approver | None = None, today: Callable[[], date] = date.today, engine: Engine | None = None,
        embedder: Embedder | None = None, random: Random | None = None,
    ) -> None:  # fmt: skip
        """
        Args:
            folders: what the file tools may read.
            model: a GGUF that overrides the settings.
            memory: False reads no memory and writes none.
            engine: one that others use as well, and that its owner closes; by default one of its own, of `model`.
            embedder: the same.
            random: where the little chance in reading comes from; None leaves nothing to chance.
        """
        paths.make()
        self._open = AsyncExitStack()
        self.settings, self.paths, self.today = settings, paths, today
        self.approver: Approver = approver or Refuse()
        self.use_memory = memory
        self.bank = Bank(paths.bank, settings.profile)
        self._open.callback(self.bank.close)
        self.memories = Memories(self.bank)
        self.cases = Cases(self.bank, self.memories)
        self._open.callback(self.cases.liveness.close)
        self.history = History(self.bank)
        self.searcher = Search(self.bank)
        self.reading = Reading(self.bank, self.memories, self.cases, self.searcher)
        self.log = self.reading.log
        self.learner = Learner(
            self.bank, self.log, settings.memory.reader, settings.memory.explore if random else 0.0, settings.memory.most_cases
        )
        self.reading.case_reader = self.learner.reader
        self.lessons = Lessons(self.bank, self.memories, self.cases, self.searcher)
        self.indexing = Indexing(self.bank, lambda: self.embedder, settings.memory.embedder_wait)
        self.embed, self.embeddings = self.indexing.embed, self.indexing.embeddings
        self.personal = Personal(self.bank, self.memories, self.searcher)
        self.reading.ranked = self._ranked
        self.folders = Folders(list(folders))
        self.running = Running(settings, paths, model or settings.model.path, engine, embedder)
        self._open.push_async_callback(self.running.close)
        self.random = random
        self.recovered = self.cases.recover()

    async def __aenter__(self) -> Assistant:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the children, then closes the bank, whatever goes wrong on the way."""
        await self._open.aclose()

    # models

    @property
    def model(self) -> Model:
        """The model that tasks run on: the one asked for, or the built-in one."""
        return self.running.model

    @property
    def engine(self) -> Engine:
        return self.running.engine

    @property
    def embedder(self) -> Embedder:
        """The embedder, started in the background at the first use."""
        return self.running.embedder

    @cached_property
    def pools(self) -> Pools:
        """The shared pools; imported by whoever has one."""
        from memento_desktop.memory.pools.pools import Pools

        return Pools(self.bank, self.memories, self.cases)

    def _ranked(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits, those of pools by how far their authors are trusted."""
        shared = self.bank.rows("SELECT 1 FROM memory WHERE pool != '' AND +profile = ? LIMIT 1", self.bank.profile)
        return self.pools.trusting.adjust(hits) if shared else list(hits)

    # tasks

    async def ask(self, task: str, stop: asyncio.Event | None = None, session: int | None = None) -> AsyncGenerator[Event]:
        """Works a task off; see `agent.events` for what is streamed. "Remember that …" is kept at once, without a model.

        Whoever stops listening closes the generator (`contextlib.aclosing`). Without memory (`use_memory`) nothing at all is kept of it.

        Args:
            session: the conversation that it is written into, see `Personal.write_down`.

        Raises:
            MementoError: nothing can be added to that conversation.
        """
        task = printable(task)
        if self.use_memory and session:
            await asyncio.to_thread(self.personal.conversations.resumable, session)
        if self.use_memory and not task.rstrip().endswith("?") and (said := REMEMBER.fullmatch(task) or FROM_NOW_ON.fullmatch(task)):
            kind: Kind = "instruction" if said.re is FROM_NOW_ON else "fact"
            yield await asyncio.to_thread(self._told, capital(said["text"]), task, kind, session)
            return
        if not self.use_memory:
            async with aclosing(self._agent(None).run(task, stop)) as events:
                async for event in events:
                    yield event
            return
        self.embedder.start()
        for text in await self.personal.refresh():
            yield Noticed(text=text)
        turn = self.personal.turn(session)
        try:
            async with aclosing(self._agent(turn).run(task, stop)) as events:
                async for event in events:
                    if isinstance(event, CaseWritten) and turn.message:
                        for found in await self._proposals(turn, task, stop):
                            yield found
                    try:
                        event = await asyncio.to_thread(turn.follow, event)
                    except MementoError as error:
                        yield Noticed(text=f"The conversation was not written down: {error.message}")
                    yield event
        finally:
            turn.end()  # whoever listened may have gone in the middle

    def _told(self, text: str, whole: str, kind: Kind, session: int | None) -> Remembered:
        number = self.personal.conversation(whole, session)
        return remembered(self.personal.remember(text, whole, kind, number)).model_copy(update={"session_id": number})

    async def _proposals(self, turn: Turn, task: str, stop: asyncio.Event | None) -> Sequence[Event]:
        """What the owner's words in this task say that may be worth keeping. The answer is out: this neither holds it up nor fails it."""
        how = self.settings.memory.propose
        if how == "off" or (stop and stop.is_set()):
            return []
        try:
            suggested = await extract(self.engine, task, stop or asyncio.Event()) if how == "model" and not self.model.built_in else []
            found = await asyncio.to_thread(turn.propose, [asdict(one) for one in suggested])
        except MementoError as error:
            return [Noticed(text=f"Nothing is proposed from what you said: {error.message}")]
        return [Proposed(memory_id=memory.id, kind=memory.kind, text=memory.body) for memory in found]

    def _agent(self, turn: Turn | None) -> Agent:
        """The loop with what it needs; `turn` is the conversation's, None where memory is off."""
        nothing = NoMemory()
        setting = self.settings.memory
        reader = (
            MemoryReader(self.reading, self.memories, self.personal.documents, self.embed, setting, self.random, self.model.built_in)
            if turn
            else nothing
        )
        writer = CaseWriter(self.cases, self.reading) if turn else nothing
        return Agent(self.engine, reader, writer, self.toolbox(turn), self.approver, self._caps(), self.today)

    def _caps(self) -> Caps:
        loop = self.settings.loop
        return Caps(loop.max_cycles, loop.max_steps, loop.max_tool_calls, loop.max_tokens, loop.max_seconds, loop.judge)

    def toolbox(self, turn: Turn | None = None) -> Toolbox:
        """The tools that are offered: those that the model was trained for when it names them, all otherwise."""

        async def search(query: str, limit: int) -> Sequence[str]:
            hits, _ = await self.search(query, limit, kinds=("fact", "preference", "correction", "lesson", "document", "case"))
            found = await asyncio.to_thread(self.memories.of, [hit.memory_id for hit in hits])
            return await asyncio.to_thread(telling, self.personal.documents, found, query, passage_of(self.model.built_in))

        async def keep(text: str) -> None:
            if turn is None:
                raise MementoError("Nothing is kept of a task that is done again.")
            await turn.keep(text)

        tools = [Calculate(self.today), ListFiles(self.folders), ReadDocument(self.folders), ReadTable(self.folders)]
        remembering = [Recall(search), Remember(keep)] if self.use_memory else []
        offered = self.model.tools
        return Toolbox([tool for tool in (*tools, *remembering) if offered is None or tool.spec.name in offered])

    def feedback(self, case_id: int | None, reward: float, correction: str = "") -> tuple[Case, list[Memory]]:
        """The owner's verdict on a case (the newest when None): it is re-rewarded, and with it the memories that were read for it.

        Returns the case and the lessons that it now teaches.
        """
        chosen = self.cases.last() if case_id is None else self.cases.get(case_id)
        if chosen.outcome == "running":
            raise MementoError(f"“{chosen.task}” is still running.", "Give your verdict when it has ended.")
        return self.lessons.verdict(chosen.id, reward, printable(correction).strip())

    async def replay(self, case_id: int, without: Sequence[int] = (), added: Sequence[int] = ()) -> Replay:
        """Does a past task again from its record, with other memories than it read then: what did they change?

        Without any change it is the recorded run that stands beside the new one: the model may be another by now.

        Raises:
            MementoError: there is no such case, it still runs, or a memory to leave out was not read for it.
        """
        case = await asyncio.to_thread(self.cases.get, case_id)
        if case.outcome == "running":
            raise MementoError(f"“{case.task}” is still running.", "Replay it when it has ended.")
        read = await asyncio.to_thread(self.reading.shown_for, case_id)
        if strangers := [number for number in without if number not in read]:
            raise MementoError(
                f"Memory {strangers[0]} was not read for case {case_id}.", f"Read were: {', '.join(map(str, read)) or 'none'}."
            )
        for number in added:
            await asyncio.to_thread(self.memories.get, number)
            if number == case_id or number in without:
                raise MementoError(f"Memory {number} cannot be read for this replay.", "Name one that is not the case itself nor left out.")
        kept = [number for number in read if await asyncio.to_thread(self.memories.exists, number)]
        changed = [number for number in dict.fromkeys((*kept, *added)) if number not in without]
        before = recorded(case)
        if changed != kept:
            before = await self._again(case, kept)
        gone = tuple(f"memory {number} was read then and is gone" for number in read if number not in kept)
        label = "replay" if changed == kept else f"replay with {_listed(changed)}"
        first = "then" if changed == kept else f"replay with what was read then: {_listed(kept)}"
        return Replay(case, first, before, f"{label} ({self.model.name})", await self._again(case, changed), gone)

    async def _again(self, case: Case, memories: Sequence[int]) -> Run:
        recalled = await asyncio.to_thread(self._recalled, memories, case.task)
        run = await rerun(self.engine, self.toolbox(), case, recalled, replace(self._caps(), judge=False))
        if run.outcome == "interrupted":
            raise MementoError(run.failure or "The replay broke off.", "The case is as it was.")
        return run

    def _recalled(self, memories: Sequence[int], task: str) -> Recalled:
        """Exactly these memories, as the task would be given them."""
        return recall(self.memories, self.cases, self.personal.documents, memories, task, passage_of(self.model.built_in))

    async def practise(
        self, seconds: float, most: int | None = None, stop: asyncio.Event | None = None,
        told: Callable[[int, str], None] = lambda n, text: None, when_idle: bool = False,
    ) -> Practised:  # fmt: skip
        """Does known tasks again with varied memories, so that what a memory is worth rests on comparisons. `stop` ends it at once."""
        practice = Practice(self.bank, self.cases, self.reading, self.log)
        caps = replace(self._caps(), judge=False)
        job = Practising(practice, self.engine, self.toolbox(), caps, self._recalled, told, stop or asyncio.Event())
        return await job.run(seconds, most, when_idle)

    async def learn(self, always: bool = False) -> Standing | None:
        """Trains and compares the readers where enough was read since the last time. Seconds at most, beside everything else."""
        return await asyncio.to_thread(self.learner.learn, always)

    # memory

    def remember(self, text: str, kind: Kind = "fact") -> Kept:
        """Keeps what the owner states: a fact, a preference, a standing instruction. What it makes outdated holds until now."""
        return self.personal.remember(printable(text), printable(text), kind)

    async def search(
        self, query: str, limit: int = 10, kinds: Sequence[Any] = (), at: str | None = None
    ) -> tuple[list[Hit], str]:  # fmt: skip
        """The best memories for a query, and the reason why it was searched on text alone, if it was.

        Args:
            at: the moment at which they must hold, see `Search.find`; None: what the query asks for, mostly now.
        """
        query, moment = printable(query), datetime.now().astimezone()
        vectors, number, reason = await self.embed([query])
        vector = vectors[0] if vectors else None
        weight = self.settings.memory.vector_weight
        asked = at or as_of(query, moment), span(query, moment)
        return await asyncio.to_thread(self.searcher.find, query, kinds, limit, vector, number, weight, *asked), reason

    def daily_copy(self) -> None:
        """Keeps a copy of the bank once a day; what goes wrong with it is logged, and `memento backups` shows that none was made."""
        try:
            self.personal.backups.daily()
        except MementoError as error:
            log.warning("today's copy of the bank was not made: %s", error)

    def download_embedder(self, progress: Callable[[int, int], None]) -> Path:
        """Fetches the sentence embedder from the Hugging Face hub: only ever called when the owner asked for it. Blocks.

        Raises:
            MementoError: offline, refused, or not the published weights; what has arrived is kept for the next try.
        """
        return download_embedder(self.paths.embedder, progress=progress)

    async def index(self, progress: Callable[[int, int], None] | None = None, wait: float = 0.0, said: bool = True) -> int:
        """Embeds what waits, what was `said` too, if the embedder is ready within `wait` seconds. Returns how much got its vectors."""
        done, retired = await self.indexing.index(progress, wait, said)
        if retired:  # what was learnt by the old vectors
            await self.learn(always=True)
        return done


def _listed(memories: Sequence[int]) -> str:
    return f"memory {', '.join(map(str, memories))}" if memories else "no memory"
