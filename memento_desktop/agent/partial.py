"""The readable part of a reply in the making. Apart from the rest of the loop, since a screen needs it before anything else."""

from __future__ import annotations

import json
import re

_BEGUN = re.compile(r'\s*\{\s*"answer"\s*:\s*"((?:[^"\\]|\\.)*)', re.DOTALL)
_HALF = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")


def begun(reply: str) -> str:
    """As much of an answer as there is; nothing of a plan."""
    found = _BEGUN.match(reply)
    if not found:
        return ""
    text = _HALF.sub("", found[1])
    try:
        return str(json.loads(f'"{text}"', strict=False)).encode("utf-8", "replace").decode()
    except ValueError:  # it ends in the middle of an escape
        return text
