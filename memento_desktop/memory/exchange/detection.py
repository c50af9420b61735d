"""Which format a file is in, known by its content; a format is a name, what it is called, how it is known and how it is read."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from memento_desktop.errors import MementoError
from memento_desktop.memory.exchange.base import Item, Log
from memento_desktop.memory.exchange.files import Opened, Part

ANY_JSON = re.compile(r".*\.jsonl?(\.gz)?", re.DOTALL)
MARKDOWN = re.compile(r".*\.(md|markdown)", re.DOTALL)
JSON_LINES = re.compile(r".*\.jsonl(\.gz)?", re.DOTALL)


@dataclass(frozen=True)
class Format:
    """A format that can be imported."""

    name: str
    title: str
    """What a person calls it."""
    picks: re.Pattern[str]
    """The files of a folder or an archive that belong to it, by their lower-case name."""
    fits: Callable[[Part], bool]
    """Whether such a file is in this format."""
    read: Callable[[list[Part], Log], Iterator[Item]]


MODULES = ("ours_markdown", "ours_jsonl", "chatgpt", "claude", "openmemory", "mem0", "mcp_memory", "reference", "notes")
"""In the order in which they are tried; `notes` takes any Markdown."""
NAMES = ("memento", "chatgpt", "claude", "openmemory", "mem0", "mcp", "reference", "markdown")


def formats() -> list[Format]:
    return [importlib.import_module(f"{__package__}.{name}").FORMAT for name in MODULES]


def found(opened: Opened, name: str, log: Log) -> tuple[Format, list[Part]]:
    """The format, and the parts in it.

    Args:
        name: the format, when the owner named it; empty: by the content.

    Raises:
        MementoError: no such format, or nothing here is in one that is known.
    """
    if name and name not in NAMES:
        raise MementoError(f"There is no format “{name}”.", f"Known: {', '.join(NAMES)}.")
    if not opened.parts:
        raise MementoError(f"There is nothing to import in {opened.path}: it is empty.")
    chosen = [f for f in formats() if not name or f.name == name]
    for format in chosen:
        parts = opened.parts if opened.single else [p for p in opened.parts if format.picks.fullmatch(p.base)]
        if parts and any(format.fits(part) for part in parts[:20]):
            return format, _used(opened, parts, log)
    if name:
        parts = opened.parts if opened.single else [p for p in opened.parts if chosen[-1].picks.fullmatch(p.base)]
        if parts:  # the owner knows better; what cannot be read is named record by record
            return chosen[-1], _used(opened, parts, log)
    raise MementoError(f"{opened.path} is in no format that is known{_reason(opened)}.", f"Known: {', '.join(NAMES)}; --format names one.")


def _used(opened: Opened, parts: list[Part], log: Log) -> list[Part]:
    log.leave_out("other files beside it", len(opened.parts) - len(parts))
    return parts


def _reason(opened: Opened) -> str:
    if opened.single and opened.parts[0].whole is None and not opened.parts[0].first_records:
        return f": {opened.parts[0].problem}"
    return ""
