"""Caps of a task, and what fits into the model's context: shares for cases, facts and results, the rest cut at the tail with a mark."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from memento_desktop.agent import prompts
from memento_desktop.agent.ports import ChatModel, Completion, PastCase, ToolSpec
from memento_desktop.agent.prompts import PlannerView
from memento_desktop.errors import MementoError

MARK = " … [shortened]"
CASES, LESSONS, FACTS = 0.4, 0.1, 0.2
"""Shares of the context that what is read from memory may take. Standing instructions are few by rule, and stay whole."""
RESULT = 0.15
"""Share of the context that one tool output or one step's result may take."""


@dataclass(frozen=True)
class Caps:
    """How far a task may go; `max_seconds` is wall time."""

    max_cycles: int = 3
    max_steps: int = 8
    max_tool_calls: int = 5
    max_tokens: int = 1024
    max_seconds: float = 900.0
    judge: bool = True


class Meter:
    """What a task has cost so far."""

    def __init__(self, caps: Caps) -> None:
        self.caps, self.started = caps, time.monotonic()
        self.prompt_tokens = self.cached_tokens = self.completion_tokens = 0

    def add(self, reply: Completion) -> None:
        self.prompt_tokens += reply.prompt_tokens
        self.cached_tokens += reply.cached_tokens
        self.completion_tokens += reply.completion_tokens

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds left of the task's time."""
        return self.caps.max_seconds - self.seconds


def shorten(text: str, characters: int) -> str:
    """`text` cut at the tail, with a mark, to at most so many characters."""
    return text if len(text) <= characters else text[: max(0, characters - len(MARK))].rstrip() + MARK


def result_characters(model: ChatModel) -> int:
    """How long one tool output may be, in characters: at three characters a token, cautious for most tokenizers."""
    return max(400, int(model.context * RESULT * 3))


async def fit_view(model: ChatModel, tools: Sequence[ToolSpec], view: PlannerView, reply_tokens: int) -> tuple[PlannerView, list[str]]:
    """The view in the model's context with room for a reply and a result, and a line for each thing that was cut.

    Raises:
        MementoError: the task alone does not fit.
    """
    system = prompts.planner_system(tools)

    async def tokens(v: PlannerView) -> int:
        return await model.count([system, prompts.planner_task(v)])

    bare = replace(view, cases=(), facts=(), instructions=(), lessons=())
    needed = await tokens(bare)  # this starts the model where it is not running yet: its context is known from here on
    room = model.context - min(reply_tokens, model.context // 4) - int(model.context * RESULT)
    if needed > room:
        raise MementoError(
            f"The task is too long: {needed} tokens with the tools, and {model.name} has room for {room}.",
            "Shorten it, put the text into a file, or choose a model with a longer context.",
        )
    if await tokens(view) <= room:
        return view, []
    return await _cut(view, tokens, room, needed)


async def _cut(view: PlannerView, tokens: Callable[[PlannerView], Awaitable[int]], room: int, needed: int) -> tuple[PlannerView, list[str]]:
    factor = 1.0
    while factor > 0.05:
        budget = int((room - needed) * 3 * factor)
        cut = replace(
            view,
            cases=_cut_cases(view.cases, int(budget * CASES)),
            lessons=_cut_lines(view.lessons, int(budget * LESSONS)),
            facts=_cut_lines(view.facts, int(budget * FACTS)),
        )
        if await tokens(cut) <= room:
            return cut, _difference(view, cut)
        factor *= 0.7
    cut = replace(view, cases=(), facts=(), lessons=())
    if await tokens(cut) > room:
        cut = replace(cut, instructions=())
    return cut, _difference(view, cut)


def _cut_lines(lines: tuple[str, ...], characters: int) -> tuple[str, ...]:
    kept: list[str] = []
    for line in lines:
        left = characters - sum(map(len, kept))
        if left < 40:
            break
        kept.append(shorten(line, left))
    return tuple(kept)


def _cut_cases(cases: tuple[PastCase, ...], characters: int) -> tuple[PastCase, ...]:
    share = characters // max(1, len(cases))
    if share < 80:
        return _cut_cases(cases[1:], characters) if cases and characters >= 80 else ()
    return tuple(
        replace(
            case, task=shorten(case.task, share // 3), correction=shorten(case.correction, share // 3),
            plan=tuple(shorten(step, max(40, share // 3 // max(1, len(case.plan)))) for step in case.plan),
        )
        for case in cases
    )  # fmt: skip


def _difference(whole: PlannerView, cut: PlannerView) -> list[str]:
    lines: list[str] = []
    for name in ("cases", "lessons", "facts", "instructions"):
        before, after = getattr(whole, name), getattr(cut, name)
        if len(after) < len(before):
            lines.append(f"{len(before) - len(after)} of {len(before)} {name} left out")
        elif before != after:
            lines.append(f"{name} shortened")
    return lines
