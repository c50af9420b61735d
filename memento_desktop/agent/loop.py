"""The loop of a task: read memory, plan, act, replan on the results, answer, reward; the case is written from the first moment.

An async generator of typed events is its only output. A step that failed because memory had put words into a tool call has the task planned
anew, without the memories that nobody vouched for. The planner-executor split and the case memory are those of Memento
(arXiv 2508.16153, §4); the caps, the cancelling and the crash-safe writing are ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date

from memento_desktop.agent import events as ev
from memento_desktop.agent.budget import Caps, Meter, fit_view
from memento_desktop.agent.dialogue import OutOfTime, Stopped, Unusable, until
from memento_desktop.agent.executor import Deps, Executor
from memento_desktop.agent.partial import begun
from memento_desktop.agent.planner import Planner
from memento_desktop.agent.ports import Approver, CaseReader, CaseWriter, ChatModel, Recalled, Toolbox
from memento_desktop.agent.prompts import PlannerView, compact, message
from memento_desktop.agent.provenance import Guard
from memento_desktop.agent.rewards import Judge, StepOutcome, check
from memento_desktop.errors import MementoError


@dataclass
class Agent:
    """Everything that a task needs. One task at a time."""

    model: ChatModel
    reader: CaseReader
    writer: CaseWriter
    toolbox: Toolbox
    approver: Approver
    caps: Caps = field(default_factory=Caps)
    today: Callable[[], date] = date.today

    def run(self, task: str, stop: asyncio.Event | None = None) -> AsyncGenerator[ev.Event]:
        """Works a task off. Setting `stop` cancels it at any moment; the last event is `CaseWritten`, however it ended.

        Whoever stops listening closes the generator (`contextlib.aclosing`): the case is then kept as cancelled.
        """
        return _Run(self, task.strip(), stop or asyncio.Event()).events()


class _Run:
    """One task under way."""

    def __init__(self, agent: Agent, task: str, stop: asyncio.Event) -> None:
        self.agent, self.task, self.stop = agent, task, stop
        self.meter = Meter(agent.caps)
        self.case_id = 0
        self.plan: list[str] = []
        self.steps: list[StepOutcome] = []
        self.answer = ""
        self.outcome: ev.Outcome = "failed"
        self.reason = ""
        self.tainted = False
        self.known: list[str] = [task]
        """What an answer may draw on beside the results: the task, what memory gave."""
        self.planner: Planner | None = None
        self.guard: Guard | None = None
        self.log = logging.getLogger(__name__)

    async def events(self) -> AsyncGenerator[ev.Event]:
        if not self.task:
            raise MementoError("There is no task: the text is empty.")
        self.case_id = await self.agent.writer.begin(self.task, self.agent.model.name)
        try:
            yield ev.TaskStarted(case_id=self.case_id, task=self.task, model=self.agent.model.name)
            async with aclosing(self._guarded()) as inner:
                async for event in inner:
                    yield event
        except (GeneratorExit, asyncio.CancelledError):  # the consumer went away, or cancelled this very coroutine
            self.outcome, self.reason = "cancelled", "stopped by the owner"
            await asyncio.shield(self._write())
            raise
        except BaseException:  # a fault of ours: it is raised, and the case tells of it
            await self._write()
            raise
        for event in await self._kept():
            yield event
        async with aclosing(self._rewarded()) as inner:
            async for event in inner:
                yield event
        yield ev.CaseWritten(
            case_id=self.case_id, outcome=self.outcome, prompt_tokens=self.meter.prompt_tokens, cached_tokens=self.meter.cached_tokens,
            completion_tokens=self.meter.completion_tokens, seconds=self.meter.seconds,
        )  # fmt: skip

    async def _kept(self) -> list[ev.Event]:
        """Writes the end of the case; what the bank has against it is told, and takes nothing from the answer."""
        try:
            await self._write()
        except MementoError as error:
            self.outcome = "interrupted"
            return [ev.Failed(message=f"The task is not kept: {error.message}", hint=error.hint)]
        return []

    async def _guarded(self) -> AsyncGenerator[ev.Event]:
        """The work, with every way it can end turned into an outcome."""
        try:
            async with aclosing(self._work()) as inner:
                async for event in inner:
                    yield event
        except Stopped:
            self.outcome, self.reason = "cancelled", "stopped by the owner"
            yield ev.Failed(message="Stopped.", hint="What was done so far is kept.")
        except OutOfTime:
            self.reason = f"the time of {self.agent.caps.max_seconds:g} seconds was used up"
            yield ev.Failed(message=f"The task was ended: {self.reason}.", hint="Raise loop.max_seconds in the settings.")
        except MementoError as error:  # the engine or the bank broke: no fault of the plan, so no case to learn from
            self.outcome, self.reason = "interrupted", error.message
            yield ev.Failed(message=error.message, hint=error.hint)
        except Exception as error:
            self.outcome, self.reason = "interrupted", f"{type(error).__name__}: {error}"
            raise

    async def _work(self) -> AsyncGenerator[ev.Event]:
        recalled = await until(self.agent.reader.read(self.task, self.case_id), self.stop, self.meter.left)
        yield _memory_used(recalled)
        planner, executor, cut = await self._prepared(recalled)
        if cut:
            yield cut
        for cycle in range(1, self.agent.caps.max_cycles + 2):  # the last turn may only answer
            try:
                async with aclosing(planner.think()) as deltas:
                    async for delta in deltas:
                        yield delta
            except Unusable as problem:
                yield ev.ReplyRejected(role="planner", reason=str(problem))
                planner.reject(str(problem))
                continue
            if planner.answer:
                self.answer, self.outcome = planner.answer, "done"
                yield ev.Answer(text=self.answer)
                return
            if cycle > self.agent.caps.max_cycles:
                break
            self.plan += planner.plan
            await self.agent.writer.planned(self.case_id, self.plan)
            yield ev.PlanReady(cycle=cycle, steps=planner.plan)
            async with aclosing(self._act(planner, executor)) as inner:
                async for event in inner:
                    yield event
            if executor.refused and not executor.ok:
                planner, executor = await self._anew(recalled, executor)
        self.reason = f"no answer after {self.agent.caps.max_cycles} plans"
        last = f" The last result was: {self.steps[-1].result}" if self.steps else ""
        yield ev.Failed(
            message=f"The task ended without an answer: {self.reason}.{last}", hint="Say it in other words, or try a larger model."
        )

    async def _prepared(self, recalled: Recalled) -> tuple[Planner, Executor, ev.Shortened | None]:
        """Planner and executor that know what memory gives, the guard between them, and what did not fit."""
        agent, today = self.agent, self.agent.today()
        tools = list(agent.toolbox.specs())
        facts, lessons = tuple(n.text for n in recalled.facts), tuple(n.text for n in recalled.lessons)
        self.known = [self.task, *facts, *lessons, *recalled.instructions]
        whole = PlannerView(self.task, today, recalled.cases, facts, recalled.instructions, lessons)
        view, left_out = await until(fit_view(agent.model, tools, whole, agent.caps.max_tokens), self.stop, self.meter.left)
        self.guard = Guard(self.task, recalled, today, tools)
        self.planner = Planner(agent.model, tools, view, self.meter, self.stop)
        deps = Deps(agent.model, agent.toolbox, agent.approver, agent.writer, self.case_id)
        executor = Executor(deps, self.task, self.guard, self.meter, self.stop)
        return self.planner, executor, ev.Shortened(what=tuple(left_out)) if left_out else None

    async def _anew(self, recalled: Recalled, before: Executor) -> tuple[Planner, Executor]:
        """After a refused call: the memories that nobody vouched for leave the view, and with them all that they shaped.

        Steps that worked and hold nothing of them stay, so that no tool need do the same thing twice.
        """
        clean = replace(
            recalled, cases=tuple(c for c in recalled.cases if c.trusted), facts=tuple(n for n in recalled.facts if n.trusted),
            lessons=tuple(n for n in recalled.lessons if n.trusted),
        )  # fmt: skip
        self.steps = [s for s in self.steps if s.ok and not before.guard.borrowed(f"{s.task}\n{s.result}")]
        self.plan = [s.task for s in self.steps]
        await self.agent.writer.planned(self.case_id, self.plan)
        planner, executor, _ = await self._prepared(clean)
        executor.steps = before.steps
        if self.steps:
            done = [{"id": n, "task": s.task} for n, s in enumerate(self.steps, 1)]
            planner.dialogue.say(message("assistant", compact({"plan": done})))
            planner.results([(s.task, s.result) for s in self.steps])
        return planner, executor

    async def _act(self, planner: Planner, executor: Executor) -> AsyncGenerator[ev.Event]:
        results: list[tuple[str, str]] = []
        for step in planner.plan:
            began = self.meter.seconds
            yield ev.StepStarted(n=executor.steps + 1, task=step)
            try:
                async with aclosing(executor.work(step)) as inner:
                    async for event in inner:
                        yield event
            finally:
                self.tainted = self.tainted or executor.tainted
            self.steps.append(StepOutcome(step, executor.result, executor.ok))
            results.append((step, executor.result))
            ms = round((self.meter.seconds - began) * 1000)
            yield ev.StepFinished(n=executor.steps, task=step, result=executor.result, ok=executor.ok, ms=ms)
            if executor.refused and not executor.ok:
                return  # the rest of the plan is not to be trusted either
        planner.results(results)

    async def _write(self) -> None:
        if not self.answer and self.planner is not None:
            self.answer = begun(self.planner.dialogue.partial)
        spent = self.meter.prompt_tokens + self.meter.completion_tokens
        # A plan that took words from a memory which nobody vouched for would vouch for them as a case.
        tainted = self.tainted or (self.guard is not None and any(map(self.guard.borrowed, self.plan)))
        await self.agent.writer.finish(self.case_id, self.outcome, self.answer, self.reason, spent, self.meter.seconds, tainted)

    async def _rewarded(self) -> AsyncGenerator[ev.Event]:
        """The owner has the answer already; what it was worth is asked only now."""
        if self.outcome in ("cancelled", "interrupted"):
            return
        reward = check(self.steps, self.answer if self.outcome == "done" else "", self.known)
        if reward is None and self.agent.caps.judge:
            judge = Judge(self.agent.model, self.task, self.steps, self.answer, self.meter, self.stop)
            try:
                async with aclosing(judge.ask()) as inner:
                    async for event in inner:
                        yield event
            except (Stopped, OutOfTime, MementoError) as problem:
                self.log.info("case %s stands without a reward: %s", self.case_id, problem)
                return
            reward = judge.reward
        if reward is not None:
            try:
                await self.agent.writer.reward(self.case_id, reward.value, reward.source)
            except MementoError as problem:
                self.log.info("the reward of case %s is not kept: %s", self.case_id, problem)
                return
            yield ev.Rewarded(reward=reward.value, source=reward.source, reason=reward.reason)


def _memory_used(recalled: Recalled) -> ev.MemoryUsed:
    items = tuple(ev.MemoryItem(id=m.id, kind=m.kind, title=m.title, shown=m.shown, why=dict(m.why)) for m in recalled.looked_at)
    return ev.MemoryUsed(items=items, instructions=len(recalled.instructions), note=recalled.note)
