"""Cuts a converted document into passages: along headings, then paragraphs, tables by rows, never inside a word. Pure functions.

Borders are found by content: among the places where a passage of good size could end, that one wins which the text behind it hashes to
the least. So an insertion moves the borders near it, and the passages further on stay what they were: they keep their memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memento_desktop.errors import MementoError
from memento_desktop.memory.documents.markup import Block, Join, Shape, blocks, names_columns, row_text, seen, shape_of
from memento_desktop.sandbox import textfile
from memento_desktop.sandbox.convert import LIMITS

LEAST, MOST = 500, 1000
"""Characters of a passage, where its section has as many: the usual embedders read some 256 tokens. An unbroken word may be longer."""
UNIT = 300
"""Characters from which a paragraph may be parted between its sentences."""
LONGEST_WORD = 1000
"""Characters from which what has no space in it is no word, and is cut anywhere."""

_DELIMITED = Shape("row", marked=False)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+(?=[^\sa-zß-ÿ])|(?<=[。！？])")
_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"\n")


@dataclass(frozen=True)
class Chunk:
    """A passage of a document."""

    headings: tuple[str, ...]
    text: str
    place: str
    """Where it stands: `page 3`, `lines 10–24`, `sheet Trips, rows 2–40`, `slide 4`."""


@dataclass(frozen=True)
class _Unit:
    """What is never parted. `first` and `last` are its lines, rows, pages or slides."""

    text: str
    first: int
    last: int
    join: Join


def chunks(text: str, name: str) -> list[Chunk]:
    """The passages of a document, in order.

    Args:
        text: as `sandbox.convert` gives it.
        name: of the file; its ending says what a place in it is called.
    """
    text = seen(text)
    shape = shape_of(name, text)
    if name.lower().endswith(textfile.TABLES) and (rows := _rows(text, name)):
        return [Chunk((), body, place) for body, place in _packed(rows, _DELIMITED, ())]
    found: list[Chunk] = []
    for headings, section in _sections(blocks(text, shape), shape):
        found += [Chunk(headings, body, place) for body, place in _packed(section, shape, headings)]
    return found


def _rows(text: str, name: str) -> list[_Unit]:
    """The rows of a delimited file; none where it is not a proper table and has to be read as text."""
    try:
        table = textfile.delimited(text, name, LIMITS.rows)
    except MementoError:  # ragged, or without rows: nothing is lost, its lines are read instead
        return []
    header = [" ".join(cell.split()) for cell in table.header]
    rows = list(enumerate(([" ".join(cell.split()) for cell in row] for row in table.rows), 2))
    if not rows or not names_columns(header):
        rows, header = [(1, header), *rows], []
    return [part for n, row in rows for part in _row_units(Block("row", row_text(header, row), (n,), join="\n"))]


def _sections(found: Sequence[Block], shape: Shape) -> Iterator[tuple[tuple[str, ...], list[_Unit]]]:
    """What stands between two headings, with the headings above it. A heading with nothing below it is a text of its own."""
    path: list[tuple[int, str]] = []
    units: list[_Unit] = []
    for n, block in enumerate(found):
        if block.kind != "heading":
            units += _row_units(block) if block.kind == "row" else _units(block, shape)
            continue
        if units:
            yield tuple(text for _, text in path if text), units
            units = []
        path = [(level, text) for level, text in path if level < block.level]
        path.append((block.level, _plain(block.text)))
        below = found[n + 1] if n + 1 < len(found) else None
        if block.text and (below is None or (below.kind == "heading" and below.level <= block.level)):
            units = _units(block, shape)
    if units:
        yield tuple(text for _, text in path if text), units


def _plain(heading: str) -> str:
    """A heading without Markdown's signs."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", heading)
    text = re.sub(r"\[\]\([^()]*\)|[*`]|(?<!\w)_|_(?!\w)", "", text)
    return " ".join(text.split()).strip("¶ ")


def _row_units(block: Block) -> list[_Unit]:
    """A row of a table; a very long one in parts that each begin with its first cell, which mostly says whose row it is."""
    at = block.places[0]
    if len(block.text) <= MOST:
        return [_Unit(block.text, at, at, block.join)]
    first, *cells = block.text.split("; ")
    lines, key = [first], first if len(first) <= UNIT else ""
    for piece in (part for cell in cells for part in _pieces(cell, MOST - UNIT - 2, MOST - UNIT - 2)):
        if len(lines[-1]) + 2 + len(piece) <= MOST:
            lines[-1] += f"; {piece}"
        else:
            lines.append(f"{key}; {piece}" if key else piece)
    lines = [piece for line in lines for piece in _pieces(line, MOST)]
    return [_Unit(line, at, at, block.join if n == 0 else "\n") for n, line in enumerate(lines)]


def _units(block: Block, shape: Shape) -> list[_Unit]:
    """A paragraph as a whole, or by its sentences where it is long; what is not prose by its lines."""
    raw = block.kind == "code" or not (shape.marked or shape.guessed)
    text = block.text
    found: list[_Unit] = []
    at = 0
    for piece in _pieces(text, UNIT, by_line=raw):
        start = text.index(piece, at)
        between = text[at:start]
        join: Join = block.join if not found else "\n" if "\n" in between else " "
        first = text.count("\n", 0, start)
        at = start + len(piece)
        found.append(_Unit(piece, block.places[first], block.places[first + piece.count("\n")], join))
    return found


def _pieces(text: str, most: int, hardest: int = MOST, by_line: bool = False) -> list[str]:
    """`text` in pieces of at most `most` characters where its sentences allow it, of `hardest` where only its lines or words do."""
    breaks = (_LINE, _SPACE) if by_line else (_SENTENCE, _LINE, _SPACE)
    pieces = [text.strip("\n ") if not by_line else text.strip("\n")]
    for step, pattern in enumerate(breaks):
        limit = most if step == 0 else hardest
        pieces = [part for piece in pieces for part in ([piece] if len(piece) <= limit else _cut(piece, pattern, limit))]
    return [part for piece in pieces for part in _hard(piece) if part.strip()]


def _cut(text: str, pattern: re.Pattern[str], most: int) -> list[str]:
    """`text` cut at some of the places that `pattern` finds: pieces as long as they may be, a longer one where nothing can be cut."""
    found: list[str] = []
    start = end = reached = 0
    for here, behind in [*((match.start(), match.end()) for match in pattern.finditer(text)), (len(text), len(text))]:
        if here - start > most and end > start:
            found.append(text[start:end])
            start = reached
        end, reached = here, behind
    return [*found, text[start:]]


def _hard(text: str) -> list[str]:
    """What has no place to be cut at, cut anywhere when it is too long to be a word."""
    if len(text) <= max(MOST, LONGEST_WORD):
        return [text]
    return [text[n : n + LONGEST_WORD] for n in range(0, len(text), LONGEST_WORD)]


def _packed(units: Sequence[_Unit], shape: Shape, headings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Passages of a section's units, each with its place."""
    start = 0
    while start < len(units):
        end = _end(units, start, shape)
        chosen = units[start:end]
        body = chosen[0].text + "".join(unit.join + unit.text for unit in chosen[1:])
        yield body, _place(chosen[0].first, chosen[-1].last, shape, headings)
        start = end


def _end(units: Sequence[_Unit], start: int, shape: Shape) -> int:
    """Where the passage ends that begins at `start`: with a page or a paragraph if it can, and where the hash of what follows is least."""
    size, possible = 0, list[int]()
    for n in range(start, len(units)):
        longer = size + len(units[n].text) + (len(units[n].join) if n > start else 0)
        if longer > MOST and n > start:
            break
        size = longer
        if size >= LEAST:
            possible.append(n + 1)
    else:
        return len(units)
    if not possible:
        return n

    def worth(end: int) -> tuple[bool, int, bytes]:
        within = shape.counted != "page" or units[end].first == units[end - 1].last
        return within, ("\n\n", "\n", " ").index(units[end].join), hashlib.blake2b(units[end].text.encode(), digest_size=8).digest()

    return min(possible, key=worth)


def _place(first: int, last: int, shape: Shape, headings: tuple[str, ...]) -> str:
    word = shape.counted
    said = f"{word} {first}" if first == last else f"{word}s {first}–{last}"
    if word == "row":
        return f"sheet {headings[0]}, {said}" if headings else said
    return f"{said} of its text" if word == "line" and shape.converted else said
