"""What a task was worth before the owner says so: a check that code can make, else the model's judgement with its confidence."""

from __future__ import annotations

import asyncio
import re
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


FIGURE = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
COUNTED = 31
"""Whole numbers up to this may be counts or days, which no result needs to spell out."""
LOOSE_END = 0.25
"""Reward of an answer that was given although the last step had failed."""
UNFOUNDED = 0.1
"""Reward of an answer with a figure that nothing holds."""


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


def check(steps: Sequence[StepOutcome], answer: str, known: Sequence[str] = ()) -> Reward | None:
    """What code alone can tell: no answer, a step that failed, a figure out of nowhere. None when it can tell nothing.

    Args:
        answer: empty when the task ended without one.
        known: what else the answer may draw on: the task, what memory gave.
    """
    if not answer:
        return Reward(0.0, "check", "the task ended without an answer")
    if steps and not any(step.ok for step in steps):
        return Reward(0.0, "check", f"no step worked: {steps[-1].result}")
    if steps and not steps[-1].ok:
        return Reward(LOOSE_END, "check", f"the last step failed: {steps[-1].result}")
    held = [figure for text in (*known, *(step.task + " " + step.result for step in steps)) for figure in figures(text)]
    if steps and (unheld := [text for text in figures(answer) if not _from(text, held)]):
        return Reward(UNFOUNDED, "check", f"{unheld[0]} stands in the answer and in no result")
    return None


def figures(text: str) -> list[str]:
    """The numbers of a text, as they are written but for the commas between thousands."""
    return [found.replace(",", "") for found in FIGURE.findall(text)]


def _from(figure: str, held: Sequence[str]) -> bool:
    """Whether a figure is one of those, or one of them rounded; a small whole number may also be a count, and is let pass."""
    places = len(figure.partition(".")[2])
    if not places and int(figure) <= COUNTED:
        return True
    return any(round(float(one), places) == float(figure) for one in held)


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
