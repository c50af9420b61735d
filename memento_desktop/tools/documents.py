"""The `read_document` tool: the beginning of a document, or the few lines of it that tell of something."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.sandbox import convert
from memento_desktop.tools import specs, texts
from memento_desktop.tools.base import Result, Spec
from memento_desktop.tools.files import Folders, shown
from memento_desktop.tools.passages import Passage, best, passages, without_unseen

KEPT = 10_000_000
"""Characters of converted text that are kept, all documents together, so that a second question is answered at once."""


@dataclass(frozen=True)
class _Document:
    text: str
    passages: list[Passage]


class ReadDocument:
    """Reads documents of the open folders. Whatever it says may try to fool the model: its results are untrusted."""

    def __init__(
        self,
        folders: Folders,
        beginning: int = 3000,
        lines: int = 4,
        characters: int = 600,
        limits: convert.Limits = convert.LIMITS,
        converter: Callable[[Path, convert.Limits, asyncio.Event | None], Awaitable[str]] = convert.convert,
    ) -> None:
        self._folders = folders
        self._beginning = beginning
        self._lines = lines
        self._characters = characters
        self._limits = limits
        self._convert = converter
        self._known: dict[tuple[Path, int, int], _Document] = {}

    @property
    def spec(self) -> Spec:
        return specs.READ_DOCUMENT

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"Find {args['find']} in {args['path']}" if args.get("find") else f"Read {args['path']}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        path = await asyncio.to_thread(self._folders.resolve, str(args["path"]))
        name = shown(self._folders.display(path))
        find = " ".join(str(args.get("find") or "").split())
        try:
            document = await self._document(path, cancelled)
        except MementoError as error:
            return Result(str(error), ok=False, untrusted=True)
        if not find:
            return Result(self._start_of(document.text), untrusted=True)
        found = await asyncio.to_thread(best, document.passages, find, self._lines, self._characters)
        if not found:
            return Result(texts.nothing_found(name, find), untrusted=True)
        return Result(texts.found_lines(name, [(passage.line, passage.text) for passage in found]), untrusted=True)

    async def _document(self, path: Path, cancelled: asyncio.Event) -> _Document:
        found = await asyncio.to_thread(path.stat)
        key = (path, found.st_mtime_ns, found.st_size)
        if key in self._known:
            self._known[key] = self._known.pop(key)  # the last one used is the last one dropped
            return self._known[key]
        text = without_unseen(await self._convert(path, self._limits, cancelled))
        document = _Document(text, await asyncio.to_thread(passages, text))
        for other in [other for other in self._known if other[0] == path]:
            del self._known[other]
        self._known[key] = document
        while len(self._known) > 1 and sum(len(one.text) for one in self._known.values()) > KEPT:
            del self._known[next(iter(self._known))]
        return document

    def _start_of(self, text: str) -> str:
        text = re.sub(r"[ \t]+\n", "\n", text).strip()
        text = re.sub(r"\n{3,}", "\n\n", text)
        if len(text) <= self._beginning:
            return text
        cut = text.rfind("\n", self._beginning // 2, self._beginning)
        cut = cut if cut > 0 else text.rfind(" ", self._beginning // 2, self._beginning)
        cut = cut if cut > 0 else self._beginning
        return f"{text[:cut].rstrip()}\n… {len(text) - cut:,} more characters; say what to find in them."
