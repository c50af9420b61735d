"""What a task was worth before the owner says so: a check that code can make, else the model's judgement with its confidence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter
from memento_desktop.agent.dialogue import Dialogue, Unusable
from memento_desktop.agent.events import ReplyRejected, TextDelta
from memento_desktop.agent.ports import ChatModel, JsonSchema

VERDICT: JsonSchema = {
    "type": "object",
    "properties": {"solved": {"type": "boolean"}},
    "required": ["solved"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class StepOutcome:
    task: str
    result: str
    ok: bool


@dataclass(frozen=True)
class Reward:
    """A reward in [0, 1], who gave it, and why."""

    value: float
    source: Literal["check", "self"]
    reason: str


def check(steps: Sequence[StepOutcome], answered: bool) -> Reward | None:
    """What code alone can tell: no answer, or no step that worked. None when it can tell nothing."""
    if not answered:
        return Reward(0.0, "check", "the task ended without an answer")
    if steps and not any(step.ok for step in steps):
        return Reward(0.0, "check", f"no step worked: {steps[-1].result}")
    return None


class Judge:
    """Asks the model whether its own answer solves the task. After `ask`, `reward` holds the judgement, or None."""

    def __init__(self, model: ChatModel, task: str, steps: Sequence[StepOutcome], answer: str, meter: Meter, stop: asyncio.Event) -> None:
        head = prompts.judge_messages(task, [(step.task, step.result) for step in steps], answer)
        self.dialogue = Dialogue("judge", model, head, meter, stop)
        self.reward: Reward | None = None

    async def ask(self) -> AsyncGenerator[TextDelta | ReplyRejected]:
        """The reward is the probability that the model gives to "solved"."""
        try:
            async with aclosing(self.dialogue.ask(VERDICT)) as deltas:
                async for delta in deltas:
                    yield delta
        except Unusable as problem:
            yield ReplyRejected(role="judge", reason=str(problem))
            return
        solved, sure = bool(self.dialogue.reply.get("solved")), min(1.0, max(0.5, self.dialogue.confidence))
        reason = f"the model judged it {'solved' if solved else 'not solved'}, {sure:.0%} sure"
        self.reward = Reward(round(sure if solved else 1.0 - sure, 4), "self", reason)
