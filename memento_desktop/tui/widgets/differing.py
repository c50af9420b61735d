"""Two texts and the words that differ between them. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from textual.content import Content

from memento_desktop.plain import clean

MOST_WORDS = 800
"""Of each text between what both begin and end with; beyond that the whole middle counts as other."""
LONGEST = 6000
"""Characters of a text that are shown; an answer of hours would fill the screen with nothing."""
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Piece = tuple[str, bool]
"""A stretch of text, and whether the other text has something else there."""


def differing(a: str, b: str) -> tuple[list[Piece], list[Piece]]:
    """The stretches of both texts, in order: put together they are the texts again."""
    one, two = _WORD.findall(a), _WORD.findall(b)
    head = _common(one, two)
    tail = _common(one[head:][::-1], two[head:][::-1])
    mid_one, mid_two = one[head : len(one) - tail], two[head : len(two) - tail]
    pieces = ([("".join(one[:head]), False)], [("".join(two[:head]), False)])
    if max(len(mid_one), len(mid_two)) > MOST_WORDS:
        steps = [("replace", 0, len(mid_one), 0, len(mid_two))]
    else:
        steps = SequenceMatcher(None, mid_one, mid_two, autojunk=False).get_opcodes()
    for step, i, j, k, m in steps:
        pieces[0].append(("".join(mid_one[i:j]), step != "equal"))
        pieces[1].append(("".join(mid_two[k:m]), step != "equal"))
    for side, text in zip(pieces, (one, two), strict=True):
        side.append(("".join(text[len(text) - tail :]), False))
    return _joined(pieces[0]), _joined(pieces[1])


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """How many words both begin with."""
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Without empty stretches; a space alone between two others is one with them, so that the marks do not flicker."""
    found: list[Piece] = []
    for n, (text, other) in enumerate(pieces):
        if not text:
            continue
        near = [p for p in (found[-1] if found else None, next((p for p in pieces[n + 1 :] if p[0]), None)) if p]
        other = other or (text == " " and len(near) == 2 and all(p[1] for p in near))
        if found and found[-1][1] == other:
            found[-1] = (found[-1][0] + text, other)
        else:
            found.append((text, other))
    return found


def marked(pieces: Sequence[Piece], style: str) -> Content:
    """The text with what differs in `style`."""
    return Content.assemble(*((clean(text), style) if other else clean(text) for text, other in pieces))


def shortened(text: str, most: int = LONGEST) -> str:
    """At most so many characters, and how many there are more."""
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most:,} more characters"
