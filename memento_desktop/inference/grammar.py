"""Guards around JSON schemas and the grammars made of them: an unusable grammar is a crash in C++, so it is refused here.

The converter itself belongs to llama_cpp and is called in the worker; nothing here imports it.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from memento_desktop.errors import MementoError

MAX_REPEAT = 300
"""Largest minLength, maxLength, minItems, maxItems or {n} in a pattern. The converter nests one bracket per repetition."""
MAX_GRAMMAR = 128 * 1024
MAX_NESTING = 400
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")
_QUANTIFIER = re.compile(r"\{(\d*),?(\d*)\}")
_HINT = "This is a fault in the schema of a tool or of the app, not in the model."
# The converter lets raw control characters into strings, which strict JSON forbids.
_LOOSE_CHAR = r'[^"\\] | "\\"'
_STRICT_CHAR = r'[^"\\\x00-\x1F] | "\\"'


class SchemaError(MementoError):
    """A JSON schema from which no safe grammar can be made."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The reply's schema cannot be turned into a grammar: {reason}", _HINT)


def _parts(node: object, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    stack: list[tuple[str, object]] = [(path, node)]
    while stack:
        where, item = stack.pop()
        if isinstance(item, Mapping):
            mapping = cast("Mapping[str, Any]", item)
            yield where, mapping
            stack += [(f"{where}/{key}", value) for key, value in mapping.items()]
        elif isinstance(item, Sequence) and not isinstance(item, str | bytes):
            stack += [(f"{where}/{n}", value) for n, value in enumerate(cast("Sequence[object]", item))]


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises `SchemaError` for what the converter turns into a grammar that cannot be loaded, or fetches from elsewhere."""
    for where, part in _parts(schema, "#"):
        for key in _COUNTS:
            count = part.get(key)
            if isinstance(count, int) and count > MAX_REPEAT:
                raise SchemaError(f"{key} is {count} at {where} (at most {MAX_REPEAT})")
        pattern = part.get("pattern")
        if isinstance(pattern, str):
            for found in _QUANTIFIER.finditer(pattern):
                if any(int(number) > MAX_REPEAT for number in found.groups() if number):
                    raise SchemaError(f"the pattern at {where} repeats more than {MAX_REPEAT} times")
        ref = part.get("$ref")
        if isinstance(ref, str) and not ref.startswith("#/"):
            raise SchemaError(f"the reference {ref!r} at {where} is not inside the schema")


def literal(text: str) -> str:
    """A piece of JSON as a terminal of the grammar, in the form that the loop writes JSON: compact, characters as they are.

    The converter's own version leaves backslashes as they are, so that a value with a quote or a backslash came out wrong.
    """
    # What is not JSON by itself (a single character of a pattern), or holds a lone surrogate, stays as the converter wrote it.
    with contextlib.suppress(ValueError):
        readable = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        readable.encode()
        text = readable
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def tightened(gbnf: str) -> str:
    """The grammar with control characters taken out of strings. Raises `SchemaError` when it is too large or too deep to load."""
    if len(gbnf) > MAX_GRAMMAR:
        raise SchemaError(f"its grammar has {len(gbnf):,} characters (at most {MAX_GRAMMAR:,})")
    depth = deepest = 0
    for char in gbnf:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise SchemaError(f"its grammar nests {deepest} levels (at most {MAX_NESTING})")
    return gbnf.replace(_LOOSE_CHAR, _STRICT_CHAR)
