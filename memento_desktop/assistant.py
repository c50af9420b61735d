"""The composition root: builds one assistant from settings and paths. Command line, app and evaluation talk to it, and to nothing below.

It introduces the rooms to each other: the loop gets a reader and a writer made of the bank, the `recall` tool gets the search, the
engine becomes the loop's model. Memory works without a model; the engine starts with the first task, the embedder in the background.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from memento_desktop.agent.budget import Caps
from memento_desktop.agent.events import Event, Remembered
from memento_desktop.agent.loop import Agent
from memento_desktop.agent.ports import Approver, ToolSpec
from memento_desktop.bridge import CaseWriter, MemoryReader, NoMemory, recall
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.inference.builtin import Model, built_in
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_download import download_embedder
from memento_desktop.inference.embedder_source import find_embedder
from memento_desktop.inference.engine import Engine
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.learning.standing import Learner, Standing
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.records import Case, Memory
from memento_desktop.memory.search import Hit, Search
from memento_desktop.rerun import Practised, Practising, Replay, Run, recorded, rerun
from memento_desktop.tools.calculate import Calculate
from memento_desktop.tools.documents import ReadDocument
from memento_desktop.tools.files import Folders, ListFiles
from memento_desktop.tools.memory import Recall, Remember
from memento_desktop.tools.tables import ReadTable
from memento_desktop.tools.toolbox import Toolbox

REMEMBER = re.compile(
    r"\s*(?:please\s+)?(?:(?:remember|note|keep in mind|don't forget)\s+that\b|(?:remember|note)\s*:)\s*(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
"""What the owner says to have something kept: by rule, at once, without a model."""
BATCH = 64
LEAST_WAIT = 0.2
"""Seconds that a ready embedder has for one query: it takes about a tenth of that."""
log = logging.getLogger(__name__)


def printable(text: str) -> str:
    """`text` without lone surrogates, which a terminal can send and no file can hold."""
    return text.encode("utf-8", "replace").decode()


class Refuse:
    """Consents to nothing: for runs that nobody watches."""

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        log.warning("refused without asking: %s: %s", spec.name, preview)
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
        self.embeddings = Embeddings(self.bank)
        self.folders = Folders(list(folders))
        self._model_path = model or settings.model.path
        self._model: Model | None = None
        self._engine, self._embedder, self.random = engine, embedder, random
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
        if self._model is None:
            path = self._model_path
            self._model = built_in() if path is None else Model(path.expanduser(), path.stem, self.settings.model.context)
        return self._model

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            setting = self.settings.model
            self._engine = Engine(
                self.model.path, log=self.paths.logs / "engine.log", context=setting.context or self.model.context,
                threads=setting.threads, gpu_layers=setting.gpu_layers, name=self.model.name,
            )  # fmt: skip
            self._open.push_async_callback(self._engine.close)
        return self._engine

    @property
    def embedder(self) -> Embedder:
        """The embedder, started in the background at the first use."""
        if self._embedder is None:
            setting, paths = self.settings.memory.embedder, self.paths
            self._embedder = Embedder(lambda: find_embedder(setting, paths.cache, paths.embedder), log=self.paths.logs / "embedder.log")
            self._embedder.start()
            self._open.push_async_callback(self._embedder.close)
        return self._embedder

    # tasks

    async def ask(self, task: str, stop: asyncio.Event | None = None) -> AsyncGenerator[Event]:
        """Works a task off; see `agent.events` for what is streamed. "Remember that …" is kept at once, without a model.

        Whoever stops listening closes the generator (`contextlib.aclosing`).
        """
        task = printable(task)
        if self.use_memory and (said := REMEMBER.fullmatch(task)) and not task.rstrip().endswith("?"):
            text = said["text"]
            kept, new = await asyncio.to_thread(self.remember, text[0].upper() + text[1:])  # a sentence of its own now
            yield Remembered(memory_id=kept.id, text=kept.body, new=new)
            return
        if self.use_memory:
            self.embedder.start()
        async with aclosing(self._agent().run(task, stop)) as events:
            async for event in events:
                yield event

    def _agent(self) -> Agent:
        nothing = NoMemory()
        setting = self.settings.memory
        reader = MemoryReader(self.reading, self.memories, self.embed, setting, self.random) if self.use_memory else nothing
        writer = CaseWriter(self.cases, self.reading) if self.use_memory else nothing
        return Agent(self.engine, reader, writer, self.toolbox(), self.approver, self._caps(), self.today)

    def _caps(self) -> Caps:
        loop = self.settings.loop
        return Caps(loop.max_cycles, loop.max_steps, loop.max_tool_calls, loop.max_tokens, loop.max_seconds, loop.judge)

    def toolbox(self) -> Toolbox:
        """The tools that are offered: those that the model was trained for when it names them, all otherwise."""

        async def search(query: str, limit: int) -> Sequence[str]:
            hits, _ = await self.search(query, limit, kinds=("fact", "preference", "correction", "lesson", "document", "case"))
            return await asyncio.to_thread(lambda: [self.memories.get(hit.memory_id).body for hit in hits])

        async def keep(text: str) -> None:
            # What a model wants to keep is a proposal: only the owner's own words are believed at once.
            await asyncio.to_thread(self.memories.keep, text, "fact", "assistant", "proposed", "assistant")

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
        recalled = await asyncio.to_thread(recall, self.memories, self.cases, memories)
        run = await rerun(self.engine, self.toolbox(), case, recalled, replace(self._caps(), judge=False))
        if run.outcome == "interrupted":
            raise MementoError(run.failure or "The replay broke off.", "The case is as it was.")
        return run

    async def practise(
        self, seconds: float, most: int | None = None, stop: asyncio.Event | None = None,
        told: Callable[[int, str], None] = lambda n, text: None, when_idle: bool = False,
    ) -> Practised:  # fmt: skip
        """Does known tasks again with varied memories, so that what a memory is worth rests on comparisons. `stop` ends it at once."""
        practice = Practice(self.bank, self.cases, self.reading, self.log)
        caps = replace(self._caps(), judge=False)
        given = partial(recall, self.memories, self.cases)
        job = Practising(practice, self.engine, self.toolbox(), caps, given, told, stop or asyncio.Event())
        return await job.run(seconds, most, when_idle)

    async def learn(self, always: bool = False) -> Standing | None:
        """Trains and compares the readers where enough was read since the last time. Seconds at most, beside everything else."""
        return await asyncio.to_thread(self.learner.learn, always)

    # memory

    def remember(self, text: str) -> tuple[Memory, bool]:
        """Keeps a fact. Returns it, and whether it is new."""
        return self.memories.keep_new(printable(text))

    async def search(self, query: str, limit: int = 10, kinds: Sequence[Any] = ()) -> tuple[list[Hit], str]:
        """The best memories for a query, and the reason why it was searched on text alone, if it was."""
        query = printable(query)
        vectors, number, reason = await self.embed([query])
        vector = vectors[0] if vectors else None
        weight = self.settings.memory.vector_weight
        return await asyncio.to_thread(self.searcher.find, query, kinds, limit, vector, number, weight), reason

    async def embed(self, queries: Sequence[str]) -> tuple[list[bytes], int | None, str]:
        """The queries' vectors and their embedder's number, waiting no longer than the setting; without them, the reason why."""
        embedder, wait = self.embedder, self.settings.memory.embedder_wait
        if await asyncio.to_thread(self.embeddings.known) is None:  # without a stored vector, the query's is compared with nothing
            return [], None, embedder.reason if embedder.state in ("off", "failed") else ""
        until = time.monotonic() + wait
        try:
            if not await embedder.ready(wait):
                return [], None, embedder.reason
            vectors = await embedder.embed(list(queries), wait=max(LEAST_WAIT, until - time.monotonic()))
            if not vectors:
                return [], None, embedder.reason or f"the embedder did not answer within {wait:g} s"
            number = await asyncio.to_thread(self.embeddings.register, embedder.model, embedder.sha256, embedder.dim)
        except MementoError as error:
            return [], None, error.message
        return list(vectors), number, ""

    def download_embedder(self, progress: Callable[[int, int], None]) -> Path:
        """Fetches the sentence embedder from the Hugging Face hub: only ever called when the owner asked for it. Blocks.

        Raises:
            MementoError: offline, refused, or not the published weights; what has arrived is kept for the next try.
        """
        return download_embedder(self.paths.embedder, progress=progress)

    async def index(self, progress: Callable[[int, int], None] | None = None, wait: float = 0.0) -> int:
        """Embeds what waits for it, if the embedder is ready within `wait` seconds. Returns how many memories got their vector."""
        embedder = self.embedder
        if not await embedder.ready(wait):
            return 0
        number = await asyncio.to_thread(self.embeddings.register, embedder.model, embedder.sha256, embedder.dim)
        total, done = await asyncio.to_thread(self.embeddings.waiting_count, number), 0
        while batch := await asyncio.to_thread(self.embeddings.waiting, number, BATCH):
            vectors = await embedder.embed([item.text for item in batch], wait=60.0)
            if vectors is None:
                raise MementoError(f"The embedder stopped: {embedder.reason}.", "The rest stays in the queue; try again.")
            stored = await asyncio.to_thread(self.embeddings.store, number, list(zip(batch, vectors, strict=True)))
            done += stored
            if progress:
                progress(done, total)
            if not stored:
                break
        return done


def _listed(memories: Sequence[int]) -> str:
    return f"memory {', '.join(map(str, memories))}" if memories else "no memory"
