"""A past task done again with its recorded tool results: for replay, which shows what a memory changed, and for practice.

Nothing outside is touched. A call that was made then gives what it gave then; pure computation is done afresh; any other call is told that
its result is not on record.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from memento_desktop.agent import events as ev
from memento_desktop.agent.budget import Caps
from memento_desktop.agent.loop import Agent
from memento_desktop.agent.ports import ChatModel, Recalled, ToolSpec
from memento_desktop.bridge import Consenting, NoMemory
from memento_desktop.idle import BUSY, Others, on_battery
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.records import Case, Step
from memento_desktop.tools.base import Result
from memento_desktop.tools.toolbox import Toolbox

ON_BATTERY = "the machine runs on its battery"
UNKNOWN = "this system does not say whether it runs on its battery"
LOOK = 2.0
"""Seconds between two looks at what else the machine does."""


@dataclass(frozen=True)
class Call:
    """A tool call and what it brought."""

    tool: str
    args: str
    """JSON with sorted keys."""
    result: str
    ok: bool
    recorded: bool = True
    """False when the recorded task made no such call."""


@dataclass(frozen=True)
class Run:
    """How a task went once."""

    plan: tuple[str, ...]
    calls: tuple[Call, ...]
    answer: str
    outcome: str
    tokens: int
    seconds: float
    failure: str = ""
    """Why it did not come to an answer."""


def recorded(case: Case) -> Run:
    """The run that a case keeps."""
    calls = tuple(Call(step.tool, _sorted(json.loads(step.args)), step.result, step.ok) for step in case.steps if step.tool)
    return Run(case.plan, calls, case.answer, case.outcome, case.tokens, case.seconds)


def same_outcome(known: Run, other: Run) -> bool:
    """Whether a run came to the outcome that is known to be right: the same answer, or the same calls with nothing missing.

    Two good answers of a larger model differ in their wording; what they rest on does not.
    """
    if other.outcome != "done":
        return False
    if " ".join(known.answer.split()).casefold() == " ".join(other.answer.split()).casefold():
        return True
    needed = {(call.tool, call.args) for call in known.calls if call.ok}
    made = {(call.tool, call.args) for call in other.calls if call.ok}
    return bool(needed) and needed == made and all(call.recorded for call in other.calls)


def _sorted(args: Mapping[str, Any]) -> str:
    return json.dumps(args, sort_keys=True, ensure_ascii=False)


@dataclass
class RecordedTools:
    """The tools of a past task, as `agent.ports.Toolbox`: they answer from its record."""

    live: Toolbox
    steps: Sequence[Step]
    calls: list[Call] = field(default_factory=list[Call])

    def specs(self) -> Sequence[ToolSpec]:
        return self.live.specs()

    def preview(self, name: str, args: Mapping[str, Any]) -> str:
        return f"{name} {_sorted(args)} (from the record)"

    async def call(self, name: str, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        wanted = _sorted(args)
        for step in self.steps:
            if step.tool == name and _sorted(json.loads(step.args)) == wanted:
                return self._noted(name, wanted, Result(step.result, step.ok))
        if any(spec.name == name and spec.risk == "compute" for spec in self.live.specs()):
            return self._noted(name, wanted, await self.live.call(name, args, cancelled))
        return self._noted(name, wanted, Result("That call was not made in the recorded task: its result is not known.", ok=False), False)

    def _noted(self, name: str, args: str, result: Result, known: bool = True) -> Result:
        self.calls.append(Call(name, args, result.text, result.ok, known))
        return result


async def rerun(model: ChatModel, live: Toolbox, case: Case, recalled: Recalled, caps: Caps, stop: asyncio.Event | None = None) -> Run:
    """Does the task of `case` again, on its day, reading exactly `recalled`."""
    tools, aside = RecordedTools(live, case.steps), NoMemory(recalled)
    day = datetime.fromisoformat(case.recorded_at).astimezone().date()
    agent = Agent(model, aside, aside, tools, Consenting(), caps, lambda: day)
    plan: list[str] = []
    answer, outcome, failure, tokens, seconds = "", "failed", "", 0, 0.0
    async with aclosing(agent.run(case.task, stop)) as events:
        async for event in events:
            if isinstance(event, ev.PlanReady):
                plan += event.steps
            elif isinstance(event, ev.Answer):
                answer = event.text
            elif isinstance(event, ev.Failed):
                failure = event.message
            elif isinstance(event, ev.CaseWritten):
                outcome, tokens, seconds = event.outcome, event.prompt_tokens + event.completion_tokens, event.seconds
    return Run(tuple(plan), tuple(tools.calls), answer, outcome, tokens, seconds, failure)


@dataclass(frozen=True)
class Replay:
    """Two runs of one task."""

    case: Case
    before_label: str
    before: Run
    after_label: str
    after: Run
    missing: tuple[str, ...]
    """What could not be as it was, in words."""


@dataclass(frozen=True)
class Practised:
    """What a practice came to."""

    trials: int
    right: int
    seconds: float
    ended: str
    """Why it ended, in words."""

    @property
    def summary(self) -> str:
        if not self.trials:
            return f"Nothing was practised: {self.ended}."
        trials = "1 trial" if self.trials == 1 else f"{self.trials} trials"
        return f"{trials} in {self.seconds:.0f} s, {self.right} came to the right outcome; {self.ended}."


@dataclass
class Practising:
    """One practice under way."""

    practice: Practice
    model: ChatModel
    live: Toolbox
    caps: Caps
    recall: Callable[[Sequence[int], str], Recalled]
    told: Callable[[int, str], None]
    stop: asyncio.Event

    async def run(self, seconds: float, most: int | None, when_idle: bool) -> Practised:
        """Tries what is worth trying, one memory on one known task at a time, until something ends it."""
        began, trials, right, ended = time.monotonic(), 0, 0, "nothing is left to try"
        if (battery := await asyncio.to_thread(on_battery)) is not False:
            return Practised(0, 0, 0.0, ON_BATTERY if battery else UNKNOWN)
        others = Others() if when_idle else None
        number = await asyncio.to_thread(self.practice.begin)
        try:
            for trial in await asyncio.to_thread(lambda: list(islice(self.practice.trials(), most))):
                if others is not None:
                    await self._idle(others, began + seconds)
                ended = self._over(began + seconds)
                if ended:
                    break
                self.told(trials, trial.case.task)
                recalled = await asyncio.to_thread(self.recall, [trial.hit.memory_id], trial.case.task)
                run = await rerun(self.model, self.live, trial.case, recalled, self.caps, self.stop)
                if run.outcome in ("cancelled", "interrupted"):
                    ended = "it was stopped" if self.stop.is_set() else "the model failed"
                    break
                good = same_outcome(recorded(trial.case), run)
                await asyncio.to_thread(self.practice.record, number, trial, float(good), run.plan or (run.answer,))
                trials, right, ended = trials + 1, right + good, "nothing is left to try"
            else:
                ended = f"{most} trials were asked for" if most is not None and trials == most else ended
        finally:
            await asyncio.shield(asyncio.to_thread(self.practice.end, number))
        return Practised(trials, right, time.monotonic() - began, ended)

    def _over(self, until: float) -> str:
        if self.stop.is_set():
            return "it was stopped"
        if time.monotonic() >= until:
            return "the time is over"
        return "" if on_battery() is False else ON_BATTERY

    async def _idle(self, others: Others, until: float) -> None:
        """Waits while somebody else needs the machine."""
        while time.monotonic() < until and not self.stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), LOOK)
            if others.load() < BUSY:
                return
            self.told(0, "waiting until the machine is idle")
