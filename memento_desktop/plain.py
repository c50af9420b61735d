"""How things are said to a person, on any screen: text without control characters, ages, days, reasons. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """`text` without control characters and direction overrides; line breaks and tabs stay."""
    return CONTROL.sub("�", text)


def called(tool: str, args: Mapping[str, Any]) -> str:
    """A tool call as a person reads it."""
    return f"{tool}({', '.join(f'{name}={json.dumps(value, ensure_ascii=False)}' for name, value in args.items())})"


def present() -> datetime:
    """This moment, for all that is said of how long ago something was."""
    return datetime.now(UTC)


def age(moment: str) -> str:
    """How long ago, short: 5 s, 12 min, 3 h, 2 d."""
    seconds = max(0.0, (present() - datetime.fromisoformat(moment)).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def day(moment: str, short: bool = False) -> str:
    """A moment as its owner writes a day: 3 September 2026; where room is scarce 3 Sep 2026."""
    local = datetime.fromisoformat(moment).astimezone()
    return f"{local.day} {local:%b %Y}" if short else f"{local.day} {local:%B %Y}"


def reasons(terms: Sequence[str], rank_text: int | None, rank_vector: int | None, similarity: float | None) -> str:
    """Why a memory was found, in one line."""
    parts = [f"words {', '.join(terms)}" if terms else "no word in common"]
    parts += [f"text rank {rank_text}"] if rank_text else []
    parts += [f"meaning rank {rank_vector}"] if rank_vector else []
    parts += [f"similarity {similarity:.2f}"] if similarity is not None else []
    return " · ".join(parts)
