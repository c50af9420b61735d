"""The MCP memory server's knowledge graph: JSON lines of entities with observations, and of relations; or its read_graph as one JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from memento_desktop.memory.exchange.base import Bad, Draft, Log, body_of, mapping, sequence, storable, text_of
from memento_desktop.memory.exchange.detection import ANY_JSON, Format
from memento_desktop.memory.exchange.files import Part


def read(parts: list[Part], log: Log) -> Iterator[Draft]:
    for part in parts:
        for place, record in _records(part, log):
            try:
                yield from _facts(mapping(record), part.name, place, log)
            except Bad as error:
                log.bad(f"{part.name}, {place}", str(error))


def _records(part: Part, log: Log) -> Iterator[tuple[str, Any]]:
    value = part.whole
    if isinstance(value, dict) and ("entities" in value or "relations" in value):
        graph = cast("dict[str, Any]", value)
        for field, kind in (("entities", "entity"), ("relations", "relation")):
            listed = graph.get(field)
            for n, record in enumerate(cast("list[Any]", listed) if isinstance(listed, list) else [], 1):
                yield f"{kind} {n}", {"type": kind, **record} if isinstance(record, dict) else record
        return
    for n, record in part.lines(log):
        yield f"line {n}", record


def _facts(record: Mapping[str, Any], file: str, place: str, log: Log) -> Iterator[Draft]:
    if record.get("type") == "relation":
        words = [_words(text_of(record, name)) for name in ("from", "relationType", "to")]
        yield Draft("fact", body_of(" ".join(words)), file, place)
        return
    if record.get("type") != "entity":
        raise Bad("it is neither an entity nor a relation")
    name, kind = _words(text_of(record, "name")), _words(text_of(record, "entityType", ""))
    observations = sequence(record.get("observations"), "observations")
    if not observations:
        log.leave_out("entities of which nothing is known")
    for observation in observations:
        if not isinstance(observation, str) or not observation.strip():
            log.bad(f"{file}, {place}", "an observation is no text, or empty")
            continue
        said = storable(observation).strip()
        # An observation often leaves out whom it is about.
        text = said if name.casefold() in said.casefold() else f"{name}: {said}"
        yield Draft("fact", body_of(text), file, f"{place}, {name}" + (f" ({kind})" if kind else ""), quote=said)


def _words(name: str) -> str:
    """`works_at` and `John_Smith` as a person writes them."""
    return " ".join(name.replace("_", " ").split())


def _is_record(record: dict[str, Any]) -> bool:
    return (record.get("type") == "entity" and "name" in record) or (record.get("type") == "relation" and "relationType" in record)


def _fits(part: Part) -> bool:
    value = part.whole
    if isinstance(value, dict) and isinstance(cast("dict[str, Any]", value).get("entities"), list):
        return True
    return not isinstance(value, list) and any(map(_is_record, part.first_records))


FORMAT = Format("mcp", "the MCP memory server's graph", ANY_JSON, _fits, read)
