"""The `recall` and `remember` tools. The assistant hands them the bank as two functions; they know nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.tools import specs, texts
from memento_desktop.tools.base import Result, Spec

RECALLED = 6
"""How many memories one recall shows at most."""


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


class Recall:
    """Searches memory. `search` takes a query and a count, and gives sentences, best first."""

    def __init__(self, search: Callable[[str, int], Awaitable[Sequence[str]]]) -> None:
        self._search = search

    @property
    def spec(self) -> Spec:
        return specs.RECALL

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"Search memory for {_one_line(args['query'])}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        query = _one_line(args["query"])
        if not query:
            raise MementoError("recall needs something to search for: the query is empty")
        found = [line for sentence in await self._search(query, RECALLED) if (line := _one_line(sentence))]
        if not found:
            return Result(f"Nothing in memory tells of {query}.")
        return Result("\n".join(f"- {line}" for line in found[:RECALLED]))


class Remember:
    """Keeps one sentence. `keep` writes it to the bank; what it raises, the call raises."""

    def __init__(self, keep: Callable[[str], Awaitable[None]]) -> None:
        self._keep = keep

    @property
    def spec(self) -> Spec:
        return specs.REMEMBER

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"Remember: {_one_line(args['text'])}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        text = _one_line(args["text"])
        if not any(character.isalnum() for character in text):
            raise MementoError("There is nothing to remember: the text is empty")
        await self._keep(text)
        return Result(texts.remembered(text))
