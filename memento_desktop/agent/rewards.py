"""What a task was worth before the owner says so: a check that code can make, else the model's judgement with its confidence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter
from memento_desktop.agent.dialogue import Dialogue, Unusable
from memento_desktop.agent.events import Replied, ReplyRejected, TextDelta
from memento_desktop.agent.ports import ChatModel, JsonSchema

VERDICT: JsonSchema = {
    "type": "object",
    "properties": {"solved": {"type": "boolean"}},
    "required": ["solved"],
    "additionalProperties": False,
}


FIGURE = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?!\w)")
LONGEST = 30
"""Digits of a figure that is looked at."""
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
    held = {figure for text in (*known, *(text for step in steps for text in (step.task, step.result))) for figure in chain(*figures(text))}
    said = [readings for readings in figures(answer) if not any(map(_may_be_counted, readings))]
    if steps and said and not any(_from(figure, held) for figure in chain(*said)):
        return Reward(UNFOUNDED, "check", f"{said[0][0]} stands in the answer and in no result")
    return None


def figures(text: str) -> list[tuple[str, ...]]:
    """The numbers of a text, each in the ways it can be read, with a point before the decimals: "1,170" is 1170 or, elsewhere, 1.170."""
    return [tuple(dict.fromkeys((_read(one, ","), _read(one, ".")))) for one in FIGURE.findall(text)]


def _read(figure: str, thousands: str) -> str:
    """A number as it reads where this mark stands between thousands."""
    plain = re.sub(rf"[\s'\u00a0\u202f]|{re.escape(thousands)}(?=\d{{3}}(?!\d))", "", figure)
    head, mark, tail = plain.replace(",", ".").rpartition(".")
    return f"{head.replace('.', '')}.{tail}" if mark else plain


def _may_be_counted(figure: str) -> bool:
    """Whether a number may be a count or a day, or has more digits than any result."""
    return len(figure) > LONGEST or ("." not in figure and int(figure) <= COUNTED)


def _from(figure: str, held: Collection[str]) -> bool:
    """Whether a figure is one of those, or one of them rounded, or a share of one as percent."""
    places, wanted = len(figure.partition(".")[2]), float(figure)
    return any(round(float(one) * factor, places) == wanted for one in held if len(one) <= LONGEST for factor in (1, 100, 0.01))


class Judge:
    """Asks the model whether its own answer solves the task. After `ask`, `reward` holds the judgement, or None."""

    def __init__(self, model: ChatModel, task: str, steps: Sequence[StepOutcome], answer: str, meter: Meter, stop: asyncio.Event) -> None:
        head = prompts.judge_messages(task, [(step.task, step.result) for step in steps], answer)
        self.dialogue = Dialogue("judge", model, head, meter, stop)
        self.reward: Reward | None = None

    async def ask(self) -> AsyncGenerator[TextDelta | Replied | ReplyRejected]:
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
