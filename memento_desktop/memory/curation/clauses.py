"""A text taken apart into sentences and clauses, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from memento_desktop.memory.curation.phrases import ATTRIBUTES
from memento_desktop.memory.curation.roundabout.told import resumes

SENTENCE = re.compile(r"[^.!?\n]*(?:(?:[.!?](?=[^\s\"'”’)\]]))[^.!?\n]*)*(?:[.!?]+[\"'”’)\]]*|\n|$)")
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|No|approx|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z])\.$"
)
WRAPPED = re.compile(r"(?![0-9]{1,2}[.)]\s)[a-z0-9]")
LINE = re.compile(r"[^\n]{30,}[^\s.!?:;]\n$")
"""A line that was wrapped rather than ended: the next goes on in lower case, and this one is long and has no stop."""
CLAUSE = re.compile(
    r"""\s*(?:[;]|,?\s+(?:and|but|so|plus)(?:\s+(?:also|now|then|that))?\s+|,\s+(?:now\s+)?|\s+[–—-]\s+)\s*
    (?=(?:i|we)(?:'|\s)|(?:my|our|call\s+me|never|always)\s)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Where a second clause begins that speaks of the owner again."""
ELLIPSIS = re.compile(
    r"(?:,\s+(?:and\s+)?|\s+and\s+)(?=(?:live|work|speak|drive|study|love|enjoy|hate|prefer|am)\s+(?!and\b)\S)"
    r"|,\s+(?:and\s+)?(?=(?:have|play)\s)", re.IGNORECASE,
)  # fmt: skip
"""Where a sentence that began with "I" goes on without saying it again."""

ABOUT = re.compile(
    r"(?:\w+,?\s+)?(?:when\s+it\s+comes\s+to|as\s+for|as\s+to|of\s+all|regarding|concerning|speaking\s+of|to\s+(?:open|unlock|get|reach|call))\s+"
    r"(?:(?!is\b|are\b)[\w'-]+\s*){1,5},\s+(?:i|we|my)\b[^,;]*$|for\s+(?:my|our)\s+(?:(?!is\b|are\b)[\w'-]+\s*){1,4},\s+"
    r"(?:i|we)\s+(?:(?:now|have)\s+)?(?:use|set|chose|picked|type|enter|go\s+to|see)\b[^,;]*$", re.IGNORECASE,
)  # fmt: skip
"""Says first what the rest is about."""
NAMED_LAST = re.compile(
    rf"(?:(?:my|our)\s+(?:[\w'-]+\s+){{0,3}}(?:{'|'.join(sorted(ATTRIBUTES))})|my\s+(?:new|favou?rite)\s+[\w'-]+)(?:\s+now)?", re.IGNORECASE
)
"""What the sentence was about, named at its end."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text."""

    text: str
    start: int
    end: int
    implied: str = ""
    """Its subject, where that stands in an earlier clause only."""


def _trimmed(text: str, start: int, end: int) -> Piece | None:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    body = part.strip()
    return Piece(body, start + left, start + left + len(body)) if body else None


def sentences(text: str) -> list[Piece]:
    """The sentences of a text. A line break ends one too, but where a long line was wrapped; a point in a number, a name or an
    abbreviation does not."""
    found: list[Piece] = []
    start = 0
    for match in SENTENCE.finditer(text):
        if match.end() == match.start() or ABBREVIATION.search(text[start : match.end()].rstrip()):
            continue
        if text[match.end() - 1] == "\n" and WRAPPED.match(text[match.end() :]) and LINE.search(text[start : match.end()]):
            continue
        if piece := _trimmed(text, start, match.end()):
            found.append(piece)
        start = match.end()
    if piece := _trimmed(text, start, len(text)):
        found.append(piece)
    return _joined(text, found)


def _joined(text: str, found: list[Piece]) -> list[Piece]:
    """Two sentences are one where the second says only what that is which the first speaks of: "I have a new code. It's 12."."""
    joined: list[Piece] = []
    for piece in found:
        if joined and len(piece.text) <= 60 and len(joined[-1].text) <= 80 and resumes(joined[-1].text, piece.text):
            piece = Piece(text[joined[-1].start : piece.end], joined.pop().start, piece.end)
        joined.append(piece)
    return joined


def clauses(sentence: Piece) -> list[Piece]:
    """A sentence where it says several things of its owner: "I live in Bern and my code is 12" is two clauses."""
    parts = [sentence] if _whole(sentence.text) else _split(sentence, CLAUSE)
    return [part for piece in parts for part in _elided(piece)]


def _whole(text: str) -> bool:
    """Whether a sentence is one clause although "my …" or "I …" follows a comma: "it's 12 now, my gate code", "as for tea, I like …"."""
    if ABOUT.match(text):
        return True
    *_, last = CLAUSE.split(text)
    return len(text) < 120 and bool(NAMED_LAST.fullmatch(last.rstrip(".! ")))


def _elided(piece: Piece) -> list[Piece]:
    if not re.match(r"(?:\w+,\s+)?i\b", piece.text, re.I):
        return [piece]
    first, *others = _split(piece, ELLIPSIS)
    if others and not re.search(r"\s\S+\s+\S", first.text):  # "I really love": no clause without the rest
        return [piece]
    return [first, *(replace(other, implied="I ") for other in others)]


def _split(piece: Piece, where: re.Pattern[str]) -> list[Piece]:
    found: list[Piece] = []
    start = 0
    for match in [*where.finditer(piece.text), None]:
        end = match.start() if match else len(piece.text)
        if part := _trimmed(piece.text, start, end):
            found.append(Piece(part.text, piece.start + part.start, piece.start + part.end))
        start = match.end() if match else end
    return found
