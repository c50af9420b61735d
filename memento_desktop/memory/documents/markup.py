"""What a converted document is made of: headings, paragraphs, lists, tables, each with the place it stands at. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Counted = Literal["line", "page", "slide", "row"]
Join = Literal["\n\n", "\n", " "]

_MARKDOWN = (".md", ".markdown", ".mdx")
_PROSE = (".txt", ".text", ".rst", "")
_CONVERTED = (".docx", ".epub", ".msg", ".ipynb")
_WEB = (".html", ".htm")

_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
_BOLD = re.compile(r"\*\*([^*\n]{2,80}?)\*\*")
_UNDERLINE = re.compile(r"[ ]{0,3}(={3,}|-{3,}|~{3,}|\^{3,})[ \t]*")
_RULE = re.compile(r"[ ]{0,3}([-*_=~])(?:[ \t]*\1){2,}[ \t]*")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+•·]|\d{1,3}[.)]|\[[ xX]\])[ \t]+\S")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?[ \t]+(?=[^\W\d_])(\S.*)")
_SLIDE = re.compile(r"<!-- Slide number: (\d+) -->")
_WITHIN = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[/#.?]|[\w./%-]*(?:\s|\)|#)|data:|javascript:)[^()]*(?:\([^()]*\)[^()]*)*\)?")
_SIZE_OF_HEADING = 80
_DEEPEST = 7


@dataclass(frozen=True)
class Shape:
    """How the text of one kind of file is to be read."""

    counted: Counted
    marked: bool
    """Whether `#` makes a heading."""
    guessed: bool = False
    """Whether a line in capitals, or one with a section's number, is one."""
    converted: bool = False
    """Whether its lines are not those of the file."""
    web: bool = False


def shape_of(name: str, text: str) -> Shape:
    """By a file's ending. Pages are counted only where form feeds in the text part them."""
    ending = Path(name).suffix.lower()
    if ending in _MARKDOWN:
        return Shape("line", marked=True)
    if ending in _PROSE:
        return Shape("line", marked=True, guessed=True)
    if ending == ".pdf":
        return Shape("page" if "\f" in text else "line", marked=False, guessed=True, converted=True)
    if ending == ".pptx":
        return Shape("slide", marked=True, converted=True)
    if ending in (".xlsx", ".xls", ".ods"):
        return Shape("row", marked=True, converted=True)
    return Shape("line", marked=ending in (*_CONVERTED, *_WEB), converted=ending in (*_CONVERTED, *_WEB), web=ending in _WEB)


@dataclass(frozen=True)
class Block:
    """A piece of a document. `places` are its lines, pages or slides; `join` parts it from the one before."""

    kind: Literal["heading", "text", "code", "row"]
    text: str
    places: tuple[int, ...]
    """One for each line of `text`."""
    level: int = 0
    join: Join = "\n\n"


def seen(text: str) -> str:
    """`text` as a reader sees it: without control, direction-changing and invisible characters; form feeds, which part pages, stay."""
    text = text.encode("utf-8", "replace").decode()
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n"))


def blocks(text: str, shape: Shape) -> list[Block]:
    """A document's pieces, in order."""
    found = list(_read(*_placed(text, shape), shape))
    return _with_guessed(found) if shape.guessed else found


def _placed(text: str, shape: Shape) -> tuple[list[str], list[int]]:
    """The lines of a text, and the line, page or slide that each stands on."""
    lines: list[str] = []
    places: list[int] = []
    page = 0 if text.lstrip(" \n").startswith("\f") else 1
    for number, raw in enumerate(text.split("\n"), 1):
        if shape.counted == "slide" and (slide := _SLIDE.fullmatch(raw.strip())):
            page, raw = int(slide[1]), ""
            lines.append("# ")  # a slide begins anew, whatever the one before was about
            places.append(page)
        for n, part in enumerate(raw.split("\f")):
            page += n > 0
            if n:
                lines.append("")  # a page ends a paragraph
                places.append(page)
            lines.append(_tidied(part, shape))
            places.append(number if shape.counted in ("line", "row") else page)
    return lines, places


def _tidied(line: str, shape: Shape) -> str:
    """A line without what only works inside its page: addresses that lead nowhere from here, boxes to tick."""
    if shape.converted and "](" in line:
        line = _WITHIN.sub(lambda match: match[1], line)
    return "" if shape.web and not any(c.isalnum() for c in line) and not is_row(line) else line.rstrip()


def _read(lines: Sequence[str], places: Sequence[int], shape: Shape) -> Iterator[Block]:
    n = _front_matter(lines) if shape.marked else 0
    if n:
        yield Block("code", "\n".join(lines[:n]), tuple(places[:n]))
    while n < len(lines):
        line = lines[n]
        end = n + 1
        if not line.strip() or _RULE.fullmatch(line):
            pass
        elif shape.marked and (fence := _FENCE.match(line)):
            end = next((k + 1 for k in range(n + 1, len(lines)) if lines[k].strip().startswith(fence[1])), len(lines))
            yield Block("code", "\n".join(lines[n:end]), tuple(places[n:end]))
        elif shape.marked and (heading := _ATX.fullmatch(line)):
            yield Block("heading", heading[2], (places[n],), level=len(heading[1]))
        elif is_row(line):
            end = next((k for k in range(n + 1, len(lines)) if not is_row(lines[k])), len(lines))
            yield from _table([(lines[k], places[k] if shape.counted != "row" else k - n) for k in range(n, end)], shape)
        else:
            end = next((k for k in range(n + 1, len(lines)) if _ends(lines, k, shape)), len(lines))
            yield from _paragraph(lines[n:end], places[n:end], lines[end] if end < len(lines) else "", shape)
        n = end


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines a block between two `---` at the very start has."""
    if not lines or lines[0] != "---":
        return 0
    return next((n + 1 for n, line in enumerate(lines[1:60], 1) if line == "---"), 0)


def _ends(lines: Sequence[str], n: int, shape: Shape) -> bool:
    line = lines[n]
    if not line.strip() or is_row(line) or (_RULE.fullmatch(line) and len(line) > 2):
        return True
    return shape.marked and bool(_ATX.fullmatch(line) or _FENCE.match(line))


def _paragraph(lines: Sequence[str], places: Sequence[int], below: str, shape: Shape) -> Iterator[Block]:
    """A paragraph; a heading that is underlined or bold as a whole; or one block for each item of a list."""
    if len(lines) == 1 and len(lines[0]) <= _SIZE_OF_HEADING:
        line = lines[0].strip()
        if (under := _UNDERLINE.fullmatch(below)) and (shape.marked or shape.guessed) and not _ITEM.match(line):
            yield Block("heading", line, tuple(places), level=" =-~^".index(under[1][0]))
            return
        if shape.marked and (bold := _BOLD.fullmatch(line)) and not bold[1].rstrip().endswith((".", "!", "?", ",")):
            yield Block("heading", bold[1].strip().rstrip(":"), tuple(places), level=_DEEPEST)
            return
    starts = [0, *(n for n in range(1, len(lines)) if _ITEM.match(lines[n]))]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield Block("text", "\n".join(lines[start:end]), tuple(places[start:end]), join="\n" if start else "\n\n")


def _with_guessed(found: list[Block]) -> list[Block]:
    """Lines that stand alone and look like headings, made ones. A numbered line among others of its kind is an item of a list."""
    levels = [_guessed_level(block) for block in found]
    made: list[Block] = []
    for n, block in enumerate(found):
        level = levels[n]
        following = levels[n + 1] if n + 1 < len(found) else level
        item = n > 0 and levels[n - 1] == level and made[-1].kind == "text"
        if level and following != level and not item:
            block = Block("heading", block.text.strip(), block.places, level=level)
        made.append(block)
    return made


def _guessed_level(block: Block) -> int:
    text = block.text.strip()
    if (
        block.kind != "text"
        or block.join != "\n\n"
        or "\n" in text
        or len(text) > _SIZE_OF_HEADING
        or text.endswith((".", ",", ";", ":", "!", "?"))
    ):
        return 0
    if numbered := _NUMBERED.fullmatch(text):
        return 2 + numbered[1].count(".") if numbered[2][0].isupper() else 0
    letters = [c for c in text if c.isalpha()]
    return 1 if len(letters) >= 4 and text.isupper() and not any(c.isdigit() for c in text) else 0


# tables


def is_row(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) > 1 and stripped.startswith("|") and stripped.endswith("|")


def cells_of(line: str) -> list[str]:
    return [" ".join(cell.replace(r"\|", "|").split()) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def _table(rows: Sequence[tuple[str, int]], shape: Shape) -> Iterator[Block]:
    cells = [(cells_of(line), place) for line, place in rows]
    ruled = [n for n, (row, _) in enumerate(cells) if row and all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    header: list[str] = []
    if ruled and ruled[0] == 1:
        header = cells[0][0]
    kept = [(row, place) for n, (row, place) in enumerate(cells) if n not in ruled and not (n == 0 and names_columns(header))]
    if not kept and header:
        kept = cells[:1]
    for n, (row, place) in enumerate(kept):
        at = (place if place == 0 else place - sum(r < place for r in ruled)) + 1 if shape.counted == "row" else place
        if text := row_text(header if names_columns(header) else [], row):
            yield Block("row", text, (at,), join="\n" if n else "\n\n")


def names_columns(header: Sequence[str]) -> bool:
    """Whether the first row holds names: converters put a line under it even where it is a row like all others."""
    names = [name for name in header if filled(name)]
    return bool(names) and len(set(names)) == len(names) and not any(re.match(r"[\d€$£(+-]|.*:$", name) for name in names)


def filled(cell: str) -> bool:
    return cell not in ("", "NaN", "nan", "NaT", "None") and not cell.startswith("Unnamed: ")


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """A row as it can be read by itself: each cell with its column's name."""
    names = [*header, *[""] * len(row)]
    parts = [f"{name}: {cell}" if filled(name) else cell for name, cell in zip(names, row, strict=False) if filled(cell)]
    return "; ".join(parts) if header else " ".join(parts) if any(cell.endswith(":") for cell in row) else " | ".join(parts)
