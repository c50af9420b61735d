"""The ways of remembering that are compared, and how one of them lives through a stream: an assistant, an owner who says what was wrong."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from memento_desktop.agent import events as ev
from memento_desktop.assistant import Assistant
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.evaluation.streams import Family, Former, Stream, Task, decimal, figure
from memento_desktop.inference.builtin import Model, built_in
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import find_embedder
from memento_desktop.inference.engine import Engine
from memento_desktop.tools import texts
from memento_desktop.tools.calculation.numbers import written

EMBEDDER_SECONDS = 60.0
AGAIN = " That was wrong, try again."
PRACTICE_SECONDS, PRACTICE_TRIALS = 300.0, 120
"""What practice may take between two rounds: the trials are to end it, so that a slower machine does not learn less."""


@dataclass(frozen=True)
class Arm:
    """One way to remember. An empty `reader` remembers nothing."""

    name: str
    reader: str = ""
    practises: bool = False
    retries: bool = False


ARMS = (
    Arm("no memory"), Arm("retry", retries=True), Arm("similarity", "similarity"), Arm("kernel", "kernel"), Arm("neural", "neural"),
    Arm("kernel + practice", "kernel", practises=True),
)  # fmt: skip


@dataclass(frozen=True)
class Models:
    """What all assistants share: one engine, one embedder. `unready` says why there is no embedder; empty when there is one."""

    model: Model
    path: Path | None
    engine: Engine
    embedder: Embedder
    unready: str


@asynccontextmanager
async def models(path: Path | None) -> AsyncGenerator[Models]:
    """Starts the model (the built-in one when `path` is None) and the embedder, waits for both, and ends them.

    Raises:
        MementoError: the model cannot be loaded.
    """
    chosen = _model(path)
    with tempfile.TemporaryDirectory(prefix="memento-eval-", ignore_cleanup_errors=True) as folder:
        cache, downloaded = Path(folder), Paths.of_this_user().embedder
        embedder = Embedder(lambda: find_embedder(None, cache, downloaded), log=cache / "embedder.log")
        engine = Engine(chosen.path, log=cache / "engine.log", context=chosen.context, name=chosen.name)
        try:
            embedder.start()
            await engine.start()
            ready = await embedder.ready(EMBEDDER_SECONDS)
            yield Models(chosen, path, engine, embedder, "" if ready else embedder.reason)
        finally:
            await asyncio.gather(embedder.close(), engine.close())


def _model(path: Path | None) -> Model:
    return built_in() if path is None else Model(path.expanduser(), path.stem)


@dataclass(frozen=True)
class Attempt:
    """What a task came to, as an owner sees it: the answer, the calls of `read_table`, what was read from memory, the cost."""

    case_id: int
    answer: str
    calls: tuple[Mapping[str, Any], ...]
    items: tuple[ev.MemoryItem, ...]
    tokens: int
    seconds: float


async def attempt(assistant: Assistant, text: str) -> Attempt:
    """Works one task off.

    Raises:
        MementoError: the engine or the bank broke, which says nothing about memory.
    """
    answer, failure, calls, items = "", "", list[Mapping[str, Any]](), tuple[ev.MemoryItem, ...]()
    end: ev.CaseWritten | None = None
    async with aclosing(assistant.ask(text)) as events:
        async for event in events:
            match event:
                case ev.Answer():
                    answer = event.text
                case ev.Failed():
                    failure = event.message
                case ev.MemoryUsed():
                    items = event.items
                case ev.ToolCalled() if event.tool == "read_table":
                    calls.append(event.args)
                case ev.CaseWritten():
                    end = event
                case _:
                    pass
    if end is None or end.outcome in ("interrupted", "cancelled"):
        raise MementoError(
            f"The evaluation broke off at “{text}”: {failure or 'the task did not end'}", "Look at the message, then run it again."
        )
    return Attempt(end.case_id, answer, tuple(calls), items, end.prompt_tokens + end.completion_tokens, end.seconds)


@dataclass
class Life:
    """An arm in a fresh home, on one stream. `play` yields a record a task."""

    arm: Arm
    stream: Stream
    seed: int
    misled: bool
    shared: Models
    folder: Path
    about: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    """Case or lesson → the number of its family, and whether it is of this stream ("own") or from before it ("former")."""

    def __post_init__(self) -> None:
        name = f"{self.arm.name} {'misleading' if self.misled else 'plain'} {self.seed}"
        self.files = self.folder / "files"
        self.owner, self.chance = Random(f"owner {self.seed}"), Random(f"reader {name}")

    async def play(self) -> AsyncGenerator[dict[str, Any]]:
        """The whole stream. The owner's wordings are drawn alike for every arm.

        Raises:
            MementoError: the engine, the embedder or the bank broke.
        """
        self.files.mkdir()
        for task in (task for tasks in self.stream.rounds for task in tasks):
            task.write(self.files)
        async with self._assistant() as assistant:
            if self.misled and self.arm.reader:
                for old in self.stream.former:
                    self.about |= dict.fromkeys(keep_former(assistant, old), (old.task.family.number, "former"))
                await assistant.index(wait=EMBEDDER_SECONDS, said=False)  # no task reads what was said
            for n, tasks in enumerate(self.stream.rounds):
                if self.arm.reader == "neural":
                    await assistant.learn(always=True)
                practised: dict[str, float | str] = {}
                if n and self.arm.practises:
                    found = await assistant.practise(seconds=PRACTICE_SECONDS, most=PRACTICE_TRIALS)
                    practised = {
                        "practice_seconds": round(found.seconds, 3),
                        "practice_trials": found.trials,
                        "practice_ended": found.ended,
                    }
                for task in tasks:
                    yield await self._task(assistant, task) | practised
                    practised = {}

    def _assistant(self) -> Assistant:
        """One without a judge, since the owner's verdict would replace its word, and that always waits for the query's vector."""
        memory = {"embedder_wait": 30.0} | ({"reader": self.arm.reader} if self.arm.reader else {})
        settings = Settings.model_validate({"memory": memory, "loop": {"judge": False}})
        return Assistant(
            settings, Paths.below(self.folder / "home"), folders=[self.files], model=self.shared.path, memory=bool(self.arm.reader),
            engine=self.shared.engine, embedder=self.shared.embedder, random=self.chance,
        )  # fmt: skip

    async def _task(self, assistant: Assistant, task: Task) -> dict[str, Any]:
        said = task.family.convention.said(self.owner)  # drawn whether it is needed or not
        tries = [await attempt(assistant, task.text)]
        if self.arm.retries and not task.solved(tries[0].answer):
            tries.append(await attempt(assistant, task.text + AGAIN))
        success = any(task.solved(one.answer) for one in tries)
        if self.arm.reader:
            case, lessons = await asyncio.to_thread(assistant.feedback, tries[0].case_id, float(success), "" if success else said)
            self.about |= dict.fromkeys((case.id, *(lesson.id for lesson in lessons)), (task.family.number, "own"))
            await assistant.index(wait=EMBEDDER_SECONDS, said=False)  # no task reads what was said
        return self._record(task, tries, success)

    def _record(self, task: Task, tries: Sequence[Attempt], success: bool) -> dict[str, Any]:
        calls = [call for one in tries for call in one.calls]
        shown = [item for item in tries[-1].items if item.shown]
        return {
            "arm": self.arm.name, "stream": "misleading" if self.misled else "plain", "seed": self.seed, "family": task.family.number,
            "operation": task.family.operation, "column": task.family.column, "convention": task.family.convention.arguments,
            "exposure": task.exposure, "task": task.text, "answer": [one.answer for one in tries], "right": decimal(task.right),
            "success": success, "wrong_case": any(misguided(task, call) for call in calls), "calls": calls,
            "read": [{"id": item.id, "kind": item.kind, "of": self._of(item.id, task.family)} for item in shown],
            "tokens": sum(one.tokens for one in tries), "seconds": round(sum(one.seconds for one in tries), 4),
        }  # fmt: skip

    def _of(self, memory_id: int, family: Family) -> str:
        number, when = self.about.get(memory_id, (family.number, "unknown"))
        return when if number == family.number else "another family"


def misguided(task: Task, call: Mapping[str, Any]) -> bool:
    """Whether a call followed another convention than its family's: rows were chosen, and not the right ones."""
    without, only = str(call.get("without") or ""), str(call.get("only") or "")
    return bool(without.strip() or only.strip()) and not task.follows(without, only)


def keep_former(assistant: Assistant, old: Former) -> list[int]:
    """Writes a look-alike as a task that was done and judged by the owner: by what he wanted then, which nothing in it contradicts.

    Returns the number of the case and those of the lessons that the verdict taught.
    """
    task, family = old.task, old.task.family
    reading = family.former if old.worked else None
    step = f"{task.step}; {old.said}" if old.worked else task.step
    without, only = family.former.arguments if old.worked else ("", "")
    value = figure(family.operation, task.rows, reading)
    kept = sum(reading is None or reading.counts(row.status) for row in task.rows)
    answer = texts.table_answer(
        family.operation, family.column, task.file, written(value, 6), kept, len(task.rows) - kept, without, only
    )  # fmt: skip
    args = {"path": task.file, "operation": family.operation, "column": family.column}
    args |= {name: word for name, word in (("without", without), ("only", only)) if word}
    cases = assistant.cases
    case_id = cases.begin(task.text, assistant.model.name)
    cases.planned(case_id, [step])
    cases.step(case_id, step, "read_table", args, answer, True, 1)
    cases.finish(case_id, "done", answer)
    _, lessons = assistant.feedback(case_id, float(old.worked), "" if old.worked else old.said)
    return [case_id, *(lesson.id for lesson in lessons)]


async def run_arm(arm: Arm, stream: Stream, seed: int, misled: bool, shared: Models, tick: Callable[[int], None]) -> list[dict[str, Any]]:
    """One arm through one stream in a temporary folder: its records. `tick` hears how many tasks are done."""
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="memento-eval-", ignore_cleanup_errors=True) as folder:
        async with aclosing(Life(arm, stream, seed, misled, shared, Path(folder)).play()) as played:
            async for record in played:
                records.append(record)
                tick(len(records))
    return records
