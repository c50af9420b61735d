"""What a prompt is told of a passage: where it stands, and what of it is about the task. Pure functions."""

from __future__ import annotations

import re

from memento_desktop.memory.documents.report import Place
from memento_desktop.memory.search import query_terms

_PARTS = re.compile(r"\n+|(?<=[.!?…])\s+(?=[^\sa-zß-ÿ])|(?<=[。！？])")
_WORDS = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"^(?:[-*+•·]|#{1,6}|>)\s+")
ROOMY = 400
"""Characters of a passage in a prompt from which it is told whole where it fits; with fewer, only what is about the task."""
_ENOUGH = 0.6
"""Share of the best sentence's words from which another one is told too."""


def told(place: Place | None, body: str, task: str, most: int) -> str:
    """`policy.md, line 5: The hotel limit is 150 EUR a night.`

    Args:
        most: characters of the passage; a model with a small context is helped by few.
    """
    text = excerpt(body, task, most)
    return f"{place.said}: {text}" if place else text


def excerpt(body: str, task: str, most: int) -> str:
    """A passage on one line, where it fits and there is room (`ROOMY`). Else those of its sentences, rows and items that share most words
    with a task, in their order; its beginning where none does. A single sentence may be longer."""
    parts = [_SIGNS.sub("", part.strip()) for part in _PARTS.split(body) if part.strip()]
    whole = " ".join(parts)
    if len(whole) <= most and most >= ROOMY:
        return whole
    asked = {_stem(word) for word in query_terms(task)}
    shares = [len(asked & {_stem(word) for word in _WORDS.findall(part.lower())}) for part in parts]
    best = max(shares)
    chosen: list[int] = []
    size = 0
    for n in sorted(range(len(parts)), key=lambda n: (-shares[n], n)):
        if chosen and (size + len(parts[n]) > most or shares[n] < _ENOUGH * best):
            break
        chosen.append(n)
        size += len(parts[n]) + 1
    return " ".join(parts[n] for n in sorted(chosen))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
