"""One side of the talk with the model: an append-only history, replies held to a schema, stopped at any moment."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from typing import Any, Literal, TypeVar

from memento_desktop.agent import prompts
from memento_desktop.agent.budget import Meter, shorten
from memento_desktop.agent.events import Replied, TextDelta
from memento_desktop.agent.ports import ChatModel, Completion, JsonSchema, Message

T = TypeVar("T")
log = logging.getLogger(__name__)
BEGINNING = 160
"""Characters that stay of a reply which was cut at the token limit."""
Speaker = Literal["planner", "executor", "judge", "extractor"]


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
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()) is not None:
                log.info("given up work ended with: %s", error)


def _printable(value: Any) -> Any:
    """Without lone surrogates, which JSON can spell and no file can hold."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


class Dialogue:
    """A role's history with the model. `ask` streams a reply; the parsed reply is in `reply` afterwards.

    The first `pinned` messages and the newest one that was `pin`ned always stay; when the history outgrows the context, the oldest of
    the others go.
    """

    def __init__(self, role: Speaker, model: ChatModel, head: Sequence[Message], meter: Meter, stop: asyncio.Event) -> None:
        self.role: Speaker = role
        self.model, self.meter, self.stop = model, meter, stop
        self.messages: list[Message] = list(head)
        self.pinned = len(self.messages)
        self.current = self.pinned - 1
        self.reply: dict[str, Any] = {}
        self.confidence = 0.0
        self.partial = ""
        """What was generated of a reply that did not come to its end."""

    def say(self, message: Message, pin: bool = False) -> None:
        """Appends a message; with `pin` it stays as long as no other is pinned: what the coming replies are about."""
        self.messages.append(message)
        if pin:
            self.current = len(self.messages) - 1

    async def ask(self, schema: JsonSchema) -> AsyncGenerator[TextDelta | Replied]:
        """One reply, appended to the history whether it is usable or not; of one that was cut the beginning, since it can fill the context.

        Raises:
            Unusable: the reply was cut or is not the JSON that was asked for; `say` the reason and ask again.
            Stopped, OutOfTime: on the way; `partial` holds what there was.
        """
        await self._make_room()
        done: Completion | None = None
        self.partial = ""
        async with aclosing(self.model.complete(self.messages, schema, self.meter.caps.max_tokens)) as stream:
            while done is None:
                piece = await until(anext(stream), self.stop, self.meter.left)
                if isinstance(piece, str):
                    self.partial += piece
                    yield TextDelta(role=self.role, text=piece)
                else:
                    done = piece
        self.partial = ""
        self.meter.add(done)
        self.confidence = done.confidence
        self.messages.append(prompts.message("assistant", shorten(done.text, BEGINNING) if done.truncated else done.text))
        yield Replied(
            role=self.role, prompt_tokens=done.prompt_tokens, cached_tokens=done.cached_tokens, completion_tokens=done.completion_tokens,
            seconds=done.seconds,
        )  # fmt: skip
        self.reply = self._parsed(done)

    async def _make_room(self) -> None:
        room = self.model.context - min(self.meter.caps.max_tokens, self.model.context // 4)
        while await until(self.model.count(self.messages), self.stop, self.meter.left) > room:
            if self.current >= self.pinned + 1:  # turns before what the coming reply is about
                del self.messages[self.pinned : self.pinned + 2]
                self.current -= 2
            elif len(self.messages) - self.current > 3:  # its own oldest turns, all but the last two
                del self.messages[self.current + 1 : self.current + 3]
            else:
                return

    @staticmethod
    def _parsed(done: Completion) -> dict[str, Any]:
        if done.truncated:
            raise Unusable(f"it was cut after {done.completion_tokens} tokens")
        try:
            value = _printable(json.loads(done.text, strict=False))
        except ValueError as error:
            raise Unusable(f"it is not JSON ({error})") from error
        if not isinstance(value, dict):
            raise Unusable("it is not a JSON object")
        return value  # pyright: ignore[reportUnknownVariableType]  # a JSON object has string keys
