"""mem0's JSON: what get_all returns, the plain list of older versions, pages of the hosted service, or one memory a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from memento_desktop.memory.exchange.base import Bad, Draft, Log, body_of, mapping, moment, text_of
from memento_desktop.memory.exchange.detection import ANY_JSON, Format
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.records import Kind

TEXTS = ("memory", "text", "data")
PREFERENCES = {"preference", "preferences", "user_preference", "user_preferences"}


def listed(value: Any) -> list[Any] | None:
    """The memories of a whole file, whatever they are wrapped in; None when it is no such file."""
    if isinstance(value, list):
        return cast("list[Any]", value)
    if isinstance(value, dict):
        record = cast("dict[str, Any]", value)
        for name in ("results", "memories"):
            inner = record.get(name)
            if isinstance(inner, list):
                return cast("list[Any]", inner)
            if isinstance(inner, dict):
                return listed(cast("dict[str, Any]", inner))
    return None


def read(parts: list[Part], log: Log) -> Iterator[Draft]:
    for part in parts:
        found = listed(part.whole)
        records = [(f"memory {n}", value) for n, value in enumerate(found, 1)] if found is not None else _by_line(part, log)
        for place, value in records:
            try:
                yield _memory(mapping(value), part.name, place)
            except Bad as error:
                log.bad(f"{part.name}, {place}", str(error))
        if found is not None and not isinstance(part.whole, list):
            yield from _relations(cast("dict[str, Any]", part.whole), part.name, log)


def _by_line(part: Part, log: Log) -> Iterator[tuple[str, Any]]:
    return ((f"line {n}", value) for n, value in part.lines(log))


def _memory(record: Mapping[str, Any], file: str, place: str) -> Draft:
    name = next((name for name in TEXTS if isinstance(record.get(name), str)), "memory")
    text = text_of(record, name)
    at = moment(record.get("created_at")) or moment(record.get("updated_at"))
    return Draft(kind_of(record), body_of(text, f"“{name}”"), file, place, quote=text.strip(), at=at)


def kind_of(record: Mapping[str, Any]) -> Kind:
    """A preference where a category says so, a fact otherwise."""
    metadata = record.get("metadata")
    held: list[Any] = [record.get("categories"), record.get("category")]
    if isinstance(metadata, dict):
        held += [cast("dict[str, Any]", metadata).get(name) for name in ("categories", "category")]
    names = {str(name).lower() for value in held for name in (cast("list[Any]", value) if isinstance(value, list) else [value])}
    return "preference" if names & PREFERENCES else "fact"


def _relations(value: Mapping[str, Any], file: str, log: Log) -> Iterator[Draft]:
    """The graph memory beside the texts: each edge is a sentence of three words."""
    relations = value.get("relations")
    for n, item in enumerate(cast("list[Any]", relations) if isinstance(relations, list) else [], 1):
        try:
            record = mapping(item)
            verb = text_of(record, "relationship" if "relationship" in record else "relation")
            target = text_of(record, "target" if "target" in record else "destination")
            text = " ".join(part.replace("_", " ").strip() for part in (text_of(record, "source"), verb, target))
            yield Draft("fact", body_of(text), file, f"relation {n}", quote=text)
        except Bad as error:
            log.bad(f"{file}, relation {n}", str(error))


def _is_memory(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    record = cast("dict[str, Any]", value)
    told = isinstance(record.get("memory"), str) or (isinstance(record.get("text"), str) and "id" in record and "user_id" in record)
    return told and "record" not in record


def _fits(part: Part) -> bool:
    found = listed(part.whole)
    if found is not None:
        empty = not found and not isinstance(part.whole, list) and "results" in part.whole
        return empty or any(map(_is_memory, found[:50]))
    return any(map(_is_memory, part.first_records))


FORMAT = Format("mem0", "memories of mem0", ANY_JSON, _fits, read)
