"""A model that replies from a script, and neighbours that only record: the loop alone, without engine, bank or tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memento_desktop.agent.events import Event
from memento_desktop.agent.loop import Agent
from memento_desktop.agent.ports import JsonSchema, Message, Recalled, ToolSpec
from memento_desktop.tools import specs
from memento_desktop.tools.base import Result


@dataclass(frozen=True)
class Reply:
    """What `ChatModel.complete` ends with."""

    text: str
    prompt_tokens: int = 10
    cached_tokens: int = 0
    completion_tokens: int = 5
    seconds: float = 0.01
    confidence: float = 0.9
    truncated: bool = False


Step = Reply | dict[str, Any] | str | BaseException


@dataclass
class ScriptedModel:
    """Replies one after the other; a dict is sent as JSON, an exception is raised, "wait" hangs until it is cancelled."""

    script: list[Step]
    name: str = "scripted"
    context: int = 4096
    seen: list[list[Message]] = field(default_factory=list[list[Message]])
    schemas: list[JsonSchema] = field(default_factory=list[JsonSchema])
    closed: int = 0

    async def count(self, messages: Sequence[Message]) -> int:
        return sum(len(m["content"]) // 4 + 4 for m in messages)

    async def complete(self, messages: Sequence[Message], schema: JsonSchema, max_tokens: int) -> AsyncGenerator[str | Reply]:
        self.seen.append(list(messages))
        self.schemas.append(schema)
        step = self.script.pop(0)
        try:
            if isinstance(step, BaseException):
                yield '{"plan":[{"id":1'
                raise step
            if step == "wait":
                yield '{"answer":"half an \\"answer\\"'
                await asyncio.Event().wait()
            reply = step if isinstance(step, Reply) else Reply(step if isinstance(step, str) else json.dumps(step))
            for n in range(0, len(reply.text), 7):
                yield reply.text[n : n + 7]
            yield reply
        finally:
            self.closed += 1


@dataclass
class Recorder:
    """The bank's side: gives what it was told to give, and keeps what it is told."""

    recalled: Recalled = field(default_factory=Recalled)
    calls: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    async def read(self, task: str, case_id: int | None) -> Recalled:
        self.calls.append(("read", task))
        return self.recalled

    async def begin(self, task: str, model: str) -> int:
        self.calls.append(("begin", task, model))
        return 7

    async def planned(self, case_id: int, plan: Sequence[str]) -> None:
        self.calls.append(("planned", tuple(plan)))

    async def step(self, case_id: int, step: str, tool: str, args: Mapping[str, Any], result: str, ok: bool, ms: int) -> None:
        self.calls.append(("step", step, tool, dict(args), result, ok))

    async def finish(self, case_id: int, outcome: str, answer: str, reason: str, tokens: int, seconds: float, tainted: bool) -> None:
        self.calls.append(("finish", outcome, answer, reason, tainted))

    async def reward(self, case_id: int, reward: float, source: str) -> None:
        self.calls.append(("reward", reward, source))

    def last(self, kind: str) -> tuple[Any, ...]:
        return next(call for call in reversed(self.calls) if call[0] == kind)


@dataclass
class Tools:
    """Answers each call from a function."""

    answer: Callable[[str, Mapping[str, Any]], Result]
    offered: tuple[ToolSpec, ...] = specs.ALL
    called: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def specs(self) -> Sequence[ToolSpec]:
        return self.offered

    async def call(self, name: str, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        self.called.append((name, dict(args)))
        return self.answer(name, args)

    def preview(self, name: str, args: Mapping[str, Any]) -> str:
        return f"{name} {json.dumps(dict(args))}"


@dataclass
class Consent:
    allow: bool = True
    asked: list[str] = field(default_factory=list[str])

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        self.asked.append(preview)
        return self.allow


def agent(model: ScriptedModel, recorder: Recorder, tools: Tools | None = None, consent: Consent | None = None, **caps: Any) -> Agent:
    from memento_desktop.agent.budget import Caps

    return Agent(model, recorder, recorder, tools or Tools(lambda _n, _a: Result("397.8")), consent or Consent(), Caps(**caps))


async def events(run: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in run]
