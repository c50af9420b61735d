"""One side of the talk with the model: an append-only history, replies held to a schema, stopped at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import Any, Literal, TypeVar

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter, without_oldest
from memento_desktop.agent.events import TextDelta
from memento_desktop.agent.ports import ChatModel, Completion, JsonSchema, Message

T = TypeVar("T")
Speaker = Literal["planner", "executor", "judge"]


class Stopped(Exception):
    """The owner cancelled the task."""


class OutOfTime(Exception):
    """The task's seconds are used up."""


class Unusable(Exception):
    """A reply that parses as nothing the loop can act on; its text says why."""


async def until(work: Awaitable[T], stop: asyncio.Event, seconds: float) -> T:
    """The result of `work`, given up as soon as `stop` is set or the time is over; `work` is then cancelled.

    Raises:
        Stopped, OutOfTime
    """
    task = asyncio.ensure_future(work)
    waiter = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, waiter}, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Stopped if stop.is_set() else OutOfTime
    finally:
        waiter.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Dialogue:
    """A role's history with the model. `ask` streams a reply; the parsed reply is in `reply` afterwards."""

    def __init__(self, role: Speaker, model: ChatModel, system: Message, meter: Meter, stop: asyncio.Event) -> None:
        self.role: Speaker = role
        self.model, self.meter, self.stop = model, meter, stop
        self.messages: list[Message] = [system]
        self.reply: dict[str, Any] = {}
        self.confidence = 0.0
        self.partial = ""
        """What was generated of a reply that did not come to its end."""

    def say(self, message: Message) -> None:
        self.messages.append(message)

    async def ask(self, schema: JsonSchema) -> AsyncIterator[TextDelta]:
        """One reply, appended to the history when it is usable.

        Raises:
            Unusable: the reply was cut or is not the JSON that was asked for; `say` the reason and ask again.
        """
        await self._make_room()
        stream = self.model.complete(self.messages, schema, self.meter.caps.max_tokens)
        done: Completion | None = None
        self.partial = ""
        try:
            while done is None:
                piece = await until(anext(stream), self.stop, self.meter.left)
                if isinstance(piece, str):
                    self.partial += piece
                    yield TextDelta(role=self.role, text=piece)
                else:
                    done = piece
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()
        self.meter.add(done)
        self.confidence = done.confidence
        self.messages.append(prompts.message("assistant", done.text))
        self.reply = self._parsed(done)
        self.partial = ""

    async def _make_room(self) -> None:
        """Drops the oldest turns when the history outgrows the context; the newest two always stay."""
        reserve = min(self.meter.caps.max_tokens, self.model.context // 4)
        keep = len(self.messages) - 1
        while keep > 2 and await until(self.model.count(self.messages), self.stop, self.meter.left) > self.model.context - reserve:
            keep -= 2
            self.messages = without_oldest(self.messages, keep)

    @staticmethod
    def _parsed(done: Completion) -> dict[str, Any]:
        if done.truncated:
            raise Unusable(f"it was cut after {done.completion_tokens} tokens")
        try:
            value = json.loads(done.text, strict=False)  # the grammar lets raw control characters into strings
        except ValueError as error:
            raise Unusable(f"it is not JSON ({error})") from error
        if not isinstance(value, dict):
            raise Unusable("it is not a JSON object")
        return value  # pyright: ignore[reportUnknownVariableType]
