"""What exports of chat programs have in common: a list of conversations in a JSON file, and the last touches on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from memento_desktop.memory.exchange.base import TEXT_LIMIT, Bad, Log, Said, Talk
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.memories import title_of
from memento_desktop.memory.records import now

MORE = "the machine's own notes, code and thoughts"


def conversations(part: Part, log: Log) -> Iterator[tuple[int, Any]]:
    """The conversations of a file, numbered from 1: a list, one alone, or a list under “conversations”."""
    value = part.whole
    if isinstance(value, dict):
        value = cast("dict[str, Any]", value).get("conversations", [value])
    if not isinstance(value, list):
        log.bad(part.name, part.problem or "it holds no list of conversations")
        return
    yield from enumerate(cast("list[Any]", value), 1)


def finished(
    title: str, started: str | None, said: Sequence[Said], file: str, place: str, origin: str, ref: str, log: Log
) -> Talk | None:  # fmt: skip
    """A conversation with its moments filled in where the export has none; None when nothing was said in it.

    Raises:
        Bad: a message is too long.
    """
    if not said:
        log.leave_out("conversations without a word")
        return None
    if longest := next((s for s in said if len(s.text) > TEXT_LIMIT), None):
        raise Bad(f"a message has {len(longest.text):,} characters; at most {TEXT_LIMIT:,} are taken")
    started = started or next((s.at for s in said if s.at), "") or now()
    filled: list[Said] = []
    at = started
    for message in said:
        at = message.at or at
        filled.append(replace(message, at=at))
    return Talk(title or title_of(filled[0].text), started, tuple(filled), file, place, origin, f"{origin}:{ref}" if ref else "")
