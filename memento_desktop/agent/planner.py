"""The planner: from a task and what memory gives to a plan, or to the answer; after results, to the answer or a new plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter, result_characters, shorten
from memento_desktop.agent.dialogue import Dialogue, Unusable
from memento_desktop.agent.events import Replied, TextDelta
from memento_desktop.agent.ports import ChatModel, JsonSchema, ToolSpec
from memento_desktop.agent.prompts import PlannerView


def schema(most_steps: int) -> JsonSchema:
    """What a planner may reply: `{"plan": [{"id", "task"}, …]}` or `{"answer"}`."""
    text = {"type": "string"}
    step = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "task": text},
        "required": ["id", "task"],
        "additionalProperties": False,
    }
    plan = {"type": "array", "items": step, "minItems": 1, "maxItems": most_steps}
    return {
        "anyOf": [
            {"type": "object", "properties": {"plan": plan}, "required": ["plan"], "additionalProperties": False},
            {"type": "object", "properties": {"answer": text}, "required": ["answer"], "additionalProperties": False},
        ]
    }


class Planner:
    """Keeps one dialogue for the whole task, so that its prompt prefix is read once."""

    def __init__(self, model: ChatModel, tools: Sequence[ToolSpec], view: PlannerView, meter: Meter, stop: asyncio.Event) -> None:
        self.dialogue = Dialogue("planner", model, [prompts.planner_system(tools), prompts.planner_task(view)], meter, stop)
        self.most_steps = meter.caps.max_steps
        self.schema = schema(self.most_steps)
        self.result_characters = result_characters(model)
        self.plan: tuple[str, ...] = ()
        self.answer = ""

    async def think(self) -> AsyncGenerator[TextDelta | Replied]:
        """One reply: `plan` or `answer` is set afterwards.

        Raises:
            Unusable: the reply has neither.
        """
        self.plan, self.answer = (), ""
        async with aclosing(self.dialogue.ask(self.schema)) as deltas:
            async for delta in deltas:
                yield delta
        reply = self.dialogue.reply
        if "answer" in reply:
            self.answer = _text(reply["answer"], "the answer")
        else:
            steps = _items(reply.get("plan"))
            if not steps:
                raise Unusable("it has neither a plan nor an answer")
            if len(steps) > self.most_steps:
                raise Unusable(f"the plan has {len(steps)} steps, and {self.most_steps} are the most")
            self.plan = tuple(_text(step.get("task"), "a step") for step in steps)

    def results(self, results: Sequence[tuple[str, str]]) -> None:
        """Tells what the steps brought."""
        share = max(120, self.result_characters // max(1, len(results)))
        self.dialogue.say(prompts.planner_results([(step, shorten(text, share)) for step, text in results]))

    def reject(self, reason: str) -> None:
        self.dialogue.say(prompts.unusable(reason))


def _items(value: Any) -> list[dict[str, Any]]:
    """The steps of a plan, as far as the reply has the shape of one."""
    if not isinstance(value, list):
        return []
    items: list[Any] = [*value]
    if not all(isinstance(item, dict) for item in items):
        raise Unusable("a step is not an object")
    return items


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unusable(f"{what} is empty")
    return value.strip()
