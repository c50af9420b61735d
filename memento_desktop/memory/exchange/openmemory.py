"""OpenMemory's export: a zip with memories.json and memories.jsonl.gz, either of them alone, or a page of its list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from memento_desktop.memory.exchange.base import Bad, Draft, Log, body_of, mapping, moment, text_of
from memento_desktop.memory.exchange.detection import Format
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.exchange.mem0 import kind_of


def _listed(value: Any) -> list[Any] | None:
    if not isinstance(value, dict):
        return None
    record = cast("dict[str, Any]", value)
    inner = record.get("memories", record.get("items"))
    return cast("list[Any]", inner) if isinstance(inner, list) else None


def read(parts: list[Part], log: Log) -> Iterator[Draft]:
    whole = [part for part in parts if _listed(part.whole) is not None]
    for part in whole or parts:  # the lines beside the whole say the same again
        categories = _categories(part.whole)
        found = _listed(part.whole)
        records = (
            ((f"memory {n}", v) for n, v in enumerate(found, 1))
            if found is not None
            else ((f"line {n}", v) for n, v in part.lines(log))
        )  # fmt: skip
        for place, value in records:
            try:
                record = mapping(value)
                if record.get("state") == "deleted":
                    log.leave_out("memories that were deleted there")
                else:
                    yield _memory(record, categories, part.name, place)
            except Bad as error:
                log.bad(f"{part.name}, {place}", str(error))


def _categories(value: Any) -> dict[str, str]:
    """The names of the categories by their numbers, where the export keeps them apart."""
    listed = cast("dict[str, Any]", value).get("categories") if isinstance(value, dict) else None
    known = [cast("dict[str, Any]", c) for c in cast("list[Any]", listed) if isinstance(c, dict)] if isinstance(listed, list) else []
    return {str(category.get("id")): str(category.get("name")) for category in known}


def _memory(record: Mapping[str, Any], categories: Mapping[str, str], file: str, place: str) -> Draft:
    text = text_of(record, "content")
    numbers = record.get("category_ids")
    named = [categories.get(str(n), "") for n in cast("list[Any]", numbers)] if isinstance(numbers, list) else record.get("categories")
    kind = kind_of({**record, "categories": named})
    return Draft(kind, body_of(text, "“content”"), file, place, quote=text.strip(), at=moment(record.get("created_at")))


def _is_memory(value: Any) -> bool:
    return (
        isinstance(value, dict) and isinstance(cast("dict[str, Any]", value).get("content"), str) and ("state" in value or "app" in value)
    )


def _fits(part: Part) -> bool:
    found = _listed(part.whole)
    if found is not None:
        exported = "export_meta" in part.whole or "memory_categories" in part.whole
        return any(map(_is_memory, found[:50])) or (exported and not found)
    return part.whole is None and any(map(_is_memory, part.first_records))


FORMAT = Format("openmemory", "an OpenMemory export", re.compile(r"memories\.(json|jsonl|jsonl\.gz)"), _fits, read)
