"""YAML front matter: written so that every text comes back as it was, read with caps so that no file can harm.

Written values are plain names, JSON strings (which are YAML) or literal blocks. PyYAML's own writer loses some line breaks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from memento_desktop.memory.exchange.base import Bad

DEPTH = 20
"""Levels of nesting. libyaml composes by recursion in C: a deeper text could end the process."""
FENCE = "---"
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-/][A-Za-z0-9_]+)*")
NO_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
"""Plain words that YAML reads as something else."""


def dump(fields: Mapping[str, Any]) -> str:
    """Front matter with its fences. Values are texts, numbers, truth values, None, and lists and mappings of them; keys plain names."""
    return f"{FENCE}\n{''.join(_lines(fields, 0))}{FENCE}\n"


def _lines(value: Mapping[str, Any] | Sequence[Any], indent: int) -> list[str]:
    pad = "  " * indent
    entries = value.items() if isinstance(value, Mapping) else (("-", item) for item in value)
    found: list[str] = []
    for name, item in entries:
        head = f"{pad}-" if name == "-" else f"{pad}{name}:"
        if isinstance(item, Mapping | list | tuple) and item:
            inner = _lines(cast("Any", item), indent + 1)
            if name == "-":  # the first field stands behind the dash
                found += [f"{head} {inner[0].lstrip()}", *inner[1:]]
            else:
                found += [f"{head}\n", *inner]
        else:
            found.append(f"{head} {_scalar(item, indent + 1)}\n")
    return found


def _scalar(value: Any, indent: int) -> str:
    if isinstance(value, float):
        plain = repr(value)
        return plain if "." in plain else plain.replace("e", ".0e")  # YAML wants the point
    if not isinstance(value, str):
        return json.dumps(
            {} if isinstance(value, Mapping) else [] if isinstance(value, list | tuple) else value
        )  # only empty ones come here
    if PLAIN.fullmatch(value) and value.lower() not in NO_WORDS:
        return value
    lines = value.split("\n")
    readable = all((line.isprintable() or not line) and not line.startswith(" ") for line in lines)
    if len(lines) > 1 and readable and lines[0] and lines[-1]:
        pad = "\n" + "  " * indent
        return "|-" + "".join(f"{pad}{line}" if line else "\n" for line in lines)
    return json_text(value)


def json_text(value: str) -> str:
    """A JSON string with everything escaped that is not printable: YAML refuses some characters, editors change others."""
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}" for c in quoted)


def split(text: str) -> tuple[str, str]:
    """(front matter without its fences, body) of a Markdown text; no front matter is an empty one. CRLF files are read as LF files."""
    first = text[: text.find("\n") + 1]
    if first.endswith("\r\n"):
        text = text.replace("\r\n", "\n")
    if not text.startswith(f"{FENCE}\n"):
        return "", text
    end = text.find(f"\n{FENCE}\n", len(FENCE))
    if end < 0 and text.endswith(f"\n{FENCE}"):
        return text[len(FENCE) + 1 : -len(FENCE)], ""
    if end < 0:
        return "", text
    return text[len(FENCE) + 1 : end + 1], text[end + len(FENCE) + 2 :]


def load(text: str) -> dict[str, Any]:
    """The fields of a front matter.

    Raises:
        Bad: it is no YAML mapping of plain fields: broken, nested too deeply, with aliases, or with a field twice.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _checked(yaml.parse(text, Loader=loader))  # pyright: ignore[reportUnknownMemberType]  # PyYAML has no types
        value = yaml.load(text, Loader=loader)  # a safe loader either way
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, AttributeError, TypeError) as error:
        where = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or error).splitlines() or ["broken"]
        raise Bad(f"its front matter is not YAML: {said[0][:120]}" + (f" at line {where.line + 2}" if where else "")) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Bad("its front matter is no list of fields")
    return {str(name): item for name, item in cast("dict[Any, Any]", value).items()}


def _checked(events: Any) -> None:
    """Refuses what could exhaust the reader (depth, aliases) and what would be lost silently (a field twice)."""
    import yaml

    keys: list[set[str] | None] = []
    awaits: list[bool] = []  # per mapping: whether a key comes next
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise Bad("its front matter uses YAML aliases, which are not read")
        starts = isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent)
        if (starts or isinstance(event, yaml.ScalarEvent)) and keys and keys[-1] is not None:
            if awaits[-1] and isinstance(event, yaml.ScalarEvent):
                if event.value in keys[-1]:
                    raise Bad(f"its front matter has “{event.value[:40]}” twice")
                keys[-1].add(event.value)
            awaits[-1] = not awaits[-1]
        if starts:
            keys.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
            awaits.append(True)
            if len(keys) > DEPTH:
                raise Bad("its front matter is nested too deeply")
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            keys.pop()
            awaits.pop()
