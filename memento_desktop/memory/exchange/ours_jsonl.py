"""Our own JSON lines: a header with version and counts, then one memory or conversation a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memento_desktop.memory.exchange.base import Bad, Draft, Item, Log, Talk, mapping, whole_of
from memento_desktop.memory.exchange.detection import ANY_JSON, Format
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.exchange.record import SCHEMA, memory_fields, memory_of, message_fields, talk_fields, talk_of

HEADER = "memento_export"


def lines(header: Mapping[str, Any], items: Sequence[Item]) -> Iterator[str]:
    """The export, line by line: header, memories, conversations. Line separators that editors know are escaped."""
    yield _line({HEADER: SCHEMA, **header})
    for item in items:
        if isinstance(item, Draft):
            yield _line(memory_fields(item))
        else:
            yield _line({**talk_fields(item), "messages": [message_fields(said) for said in item.messages]})


def _line(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, ensure_ascii=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085") + "\n"


def read(parts: list[Part], log: Log) -> Iterator[Item]:
    for part in parts:
        told, count = None, 0
        for n, value in part.lines(log):
            place = f"line {n}"
            try:
                if isinstance(value, dict) and HEADER in value:
                    told = _told(mapping(value))
                    continue
                yield _item(value, part.name, place)
                count += 1
            except Bad as error:
                log.bad(f"{part.name}, {place}", str(error))
        if told is not None and count + log.bad_count < told:
            log.bad(part.name, f"it holds {count:,} records, and its first line says {told:,}: it was cut short")


def _told(header: Mapping[str, Any]) -> int | None:
    """How many records the header promises."""
    newest(header)
    counts = header.get("counts")
    return whole_of(mapping(counts), "records") if isinstance(counts, dict) else None


def newest(header: Mapping[str, Any]) -> None:
    """
    Raises:
        Bad: it was written by a newer version.
    """
    version = whole_of(header, HEADER)
    if version > SCHEMA:
        raise Bad(f"it was written by a newer version of Memento (export version {version}, this one reads {SCHEMA}); update Memento")


def _item(value: Any, file: str, place: str) -> Draft | Talk:
    kind = mapping(value).get("record")
    if kind == "memory":
        return memory_of(value, file, place)
    if kind == "conversation":
        return talk_of(value, file, place)
    raise Bad("it is neither a memory nor a conversation")


def _fits(part: Part) -> bool:
    return any(HEADER in record or record.get("record") in ("memory", "conversation") for record in part.first_records)


FORMAT = Format("memento", "an export of Memento", ANY_JSON, _fits, read)
