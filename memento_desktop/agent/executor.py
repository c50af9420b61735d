"""The executor: works one step off with tools, and says what it brought.

Every call passes the guard, which asks whose words it is made of, and then the owner's consent where it needs one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter, result_characters, shorten
from memento_desktop.agent.dialogue import Dialogue, Unusable, until
from memento_desktop.agent.events import ApprovalAsked, Replied, ReplyRejected, TextDelta, ToolCalled, ToolFinished
from memento_desktop.agent.ports import Approver, CaseWriter, ChatModel, JsonSchema, Toolbox, ToolSpec
from memento_desktop.agent.provenance import Guard
from memento_desktop.errors import MementoError

ASKS_FIRST = frozenset({"network", "external"})
REJECTIONS = 2
"""Unusable replies in a row that end a step."""


def schema(tools: Sequence[ToolSpec]) -> JsonSchema:
    """What an executor may reply: `{"tool", "args"}` for one of the tools, or `{"result"}`."""
    calls: list[JsonSchema] = []
    for tool in sorted(tools, key=lambda t: t.name):
        args = {
            "type": "object", "properties": dict(tool.parameters), "required": list(tool.required), "additionalProperties": False,
        }  # fmt: skip
        calls.append(
            {
                "type": "object", "properties": {"tool": {"const": tool.name}, "args": args}, "required": ["tool", "args"],
                "additionalProperties": False,
            }
        )  # fmt: skip
    result = {"type": "object", "properties": {"result": {"type": "string"}}, "required": ["result"], "additionalProperties": False}
    return {"anyOf": [*calls, result]}


@dataclass
class Deps:
    """Whom the executor works with, for one task."""

    model: ChatModel
    toolbox: Toolbox
    approver: Approver
    writer: CaseWriter
    case_id: int


class Executor:
    """Keeps one dialogue for the whole task. After `work`, `result`, `ok`, `tainted` and `refused` say how the step ended."""

    def __init__(self, deps: Deps, task: str, guard: Guard, meter: Meter, stop: asyncio.Event) -> None:
        self.deps, self.task, self.guard, self.meter, self.stop = deps, task, guard, meter, stop
        self.tools = {tool.name: tool for tool in deps.toolbox.specs()}
        self.dialogue = Dialogue("executor", deps.model, [prompts.executor_system(self.tools.values())], meter, stop)
        self.schema = schema(list(self.tools.values()))
        self.result, self.ok, self.tainted = "", False, False
        self.refused = False
        """Whether the guard refused a call of this step."""
        self.steps = 0

    async def work(self, step: str) -> AsyncGenerator[TextDelta | Replied | ReplyRejected | ToolCalled | ApprovalAsked | ToolFinished]:
        """Works one step off, up to the cap of tool calls; the same call twice is a loop and ends it."""
        self.steps += 1
        self.dialogue.say(prompts.executor_step(self.task, self.steps, step), pin=True)
        seen: set[str] = set()
        self.ok, self.refused, rejected, last = True, False, 0, ""
        while True:
            try:
                async with aclosing(self.dialogue.ask(self.schema)) as deltas:
                    async for delta in deltas:
                        yield delta
                name, args = self._understood()
            except Unusable as problem:
                rejected += 1
                yield ReplyRejected(role="executor", reason=str(problem))
                if rejected >= REJECTIONS:
                    self._end(f"The step did not come to a result: {problem}.", ok=False)
                    return
                self.dialogue.say(prompts.unusable(str(problem)))
                continue
            rejected = 0
            if not name:
                self._end(str(self.dialogue.reply.get("result", "")).strip() or last, ok=self.ok)
                return
            call = json.dumps([name, args], sort_keys=True)
            if call in seen or len(seen) >= self.meter.caps.max_tool_calls:
                why = "the same call was made twice" if call in seen else f"{len(seen)} tool calls were made"
                self._end(f"The step was ended: {why}. Last result: {last}", ok=False)
                return
            seen.add(call)
            async with aclosing(self._call(step, name, args)) as events:
                async for event in events:
                    if isinstance(event, ToolFinished):
                        last = event.text
                    yield event

    def _understood(self) -> tuple[str, dict[str, Any]]:
        """The call that the reply asks for; an empty name when it gives the step's result."""
        reply = self.dialogue.reply
        if "tool" not in reply:
            return "", {}
        args: Any = reply.get("args") or {}
        if not isinstance(args, dict):
            raise Unusable("args is not an object")
        return str(reply["tool"]), dict(args)  # pyright: ignore[reportUnknownArgumentType]  # JSON has string keys

    async def _call(self, step: str, name: str, args: dict[str, Any]) -> AsyncGenerator[ToolCalled | ApprovalAsked | ToolFinished]:
        yield ToolCalled(n=self.steps, tool=name, args=args)
        began = time.monotonic()
        spec = self.tools.get(name)
        refused = self.guard.refusal(spec, args) if spec is not None else ""
        self.refused = self.refused or bool(refused)
        if not refused and spec is not None and spec.risk in ASKS_FIRST:
            try:
                preview = self.deps.toolbox.preview(name, args)
            except MementoError as error:  # arguments that cannot be: the model's mistake, told like any other
                refused = str(error)
            else:
                yield ApprovalAsked(n=self.steps, tool=name, preview=preview)
                if not await until(self.deps.approver.approve(spec, preview), self.stop, self.meter.left):
                    refused = "The owner did not allow this call."
        if refused:
            self.ok = False
            await self._record(step, name, args, refused, began)
            yield self._finished(name, refused, began)
            return
        outcome = await until(self.deps.toolbox.call(name, args, self.stop), self.stop, self.meter.left)
        self.ok, self.tainted = outcome.ok, self.tainted or outcome.untrusted
        text = shorten(outcome.text, result_characters(self.deps.model))
        self.guard.hear(name, text)
        await self._record(step, name, args, outcome.text, began)
        yield self._finished(name, text, began)

    def _finished(self, name: str, text: str, began: float) -> ToolFinished:
        self.dialogue.say(prompts.tool_output(name, text))
        return ToolFinished(n=self.steps, tool=name, ok=self.ok, text=text, ms=_ms(began))

    async def _record(self, step: str, name: str, args: dict[str, Any], text: str, began: float) -> None:
        await self.deps.writer.step(self.deps.case_id, step, name, args, text, self.ok, _ms(began))

    def _end(self, result: str, ok: bool) -> None:
        self.result, self.ok = result, ok


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
