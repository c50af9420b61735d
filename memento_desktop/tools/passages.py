"""Finds the few lines of a converted document that tell of something: plain word matching, no model. Pure functions."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_STOP_WORDS = (
    "a an and any are as at be been but by can do does did for from had has have how i if in into is it its me my no not of on or our "
    "please s so such tell that the their them then there these they this those to was we were what when where which who whom whose "
    "why will with would you your"
)
STOP = frozenset(_STOP_WORDS.split())
SENTENCE_FROM = 160
"""Characters from which a paragraph is cut into its sentences."""
LONGEST = 300
"""Characters of one passage that are shown."""
WRAPPED_FROM = 45
"""Characters from which a line may be a piece of a paragraph that was broken to fit a page."""

_EMPTY = ("", "NaN")
"""Cells without a value, as the converters write them."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[\"“‘(]?[A-Z0-9À-Þ])")
_LABELLED = re.compile(r"[^\W\d][\w .,'()/-]{0,40}[:=]\s*\S")


@dataclass(frozen=True)
class Passage:
    """A piece of a document that can be shown by itself, with the line where it begins, counted from 1."""

    line: int
    text: str


def without_unseen(text: str) -> str:
    """`text` without control, direction-changing and invisible characters; form feeds become line ends."""
    return _UNSEEN.sub("", text.replace("\f", "\n"))


def passages(text: str) -> list[Passage]:
    """What `find` chooses from: rows of tables, short lines as they are, longer paragraphs by sentence."""
    found: list[Passage] = []
    paragraph: list[tuple[int, str]] = []
    columns: list[str] = []
    lines = text.split("\n")
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith("|") and line.endswith("|") and len(line) > 1:
            found += _sentences(paragraph)
            paragraph = []
            cells = _cells(line)
            if _is_rule(cells):
                continue
            if number < len(lines) and _is_rule(_cells(lines[number].strip())):
                columns = cells
                if _names_columns(cells) and lines[number + 1 : number + 2] and lines[number + 1].lstrip().startswith("|"):
                    continue  # its names stand in each row below
            found += [Passage(number, row) for row in _row(cells, columns)]
            continue
        columns = []
        plain = _plain(line)
        if paragraph and not (plain and _continues(paragraph[-1][1], plain, line)):
            found += _sentences(paragraph)
            paragraph = []
        if plain:
            paragraph.append((number, plain))
    return found + list(_sentences(paragraph))


def _plain(line: str) -> str:
    """A line without Markdown's signs: headings, bullets, quotes, bold, links, comments."""
    line = re.sub(r"<!--.*?-->", "", line)
    line = re.sub(r"^(?:[#>]+\s+|[-*+•·]\s+)+", "", line)
    line = re.sub(r"\[\[[^\[\]]{1,6}\]\]\(#[^()\s]*\)", "", line)  # a footnote's number
    line = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)", r"\1", line)
    line = re.sub(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)", "", line)
    line = re.sub(r"\\([\\`*_{}\[\]()#+.!|-])", r"\1", line)
    return " ".join(line.split())


def _cells(line: str) -> list[str]:
    if not line.startswith("|"):
        return []
    return [_plain(cell.replace(r"\|", "|").strip()) for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def _is_rule(cells: Sequence[str]) -> bool:
    return bool(cells) and all(re.fullmatch(r":?-+:?", cell) for cell in cells)


def _row(cells: list[str], columns: list[str]) -> list[str]:
    """A row as a person would read it out: `key: value` for a key and a value, else each cell with its column's name."""
    filled = [(name, cell) for name, cell in zip(columns or cells, cells, strict=False) if cell not in _EMPTY]
    values = [cell for _, cell in filled if not cell.startswith("Unnamed:")]
    if any(cell.endswith(":") for cell in values):
        return _labelled(values)
    if len(values) == 2 and (len(cells) == 2 or columns is cells or not columns):
        return [": ".join(values)]
    if columns is not cells and len(columns) == len(cells) and _names_columns(columns) and filled:
        return [", ".join(cell if name in _EMPTY or name.startswith("Unnamed:") else f"{name}: {cell}" for name, cell in filled)]
    return [" | ".join(values)] if values else []


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether the first row of a table holds names: converters put a line under it even where it is a row like all others."""
    names = [name for name in cells if name not in _EMPTY]
    return len(names) > 2 and len(set(names)) == len(names) and not any(re.match(r"[\d€$£-]|.*:$", name) for name in names)


def _labelled(values: Sequence[str]) -> list[str]:
    """A form laid out as a table: each label with what follows it."""
    found: list[str] = []
    for value in values:
        if found and found[-1].endswith(":") and not value.endswith(":"):
            found[-1] = f"{found[-1]} {value}"
        else:
            found.append(value)
    return found


def _continues(before: str, plain: str, line: str) -> bool:
    """Whether a line goes on with the paragraph: the one before was broken to fit a page, and this is no heading or bullet."""
    if len(before) < WRAPPED_FROM or before.endswith((".", "!", "?", ":", ";")) or line != plain:
        return False
    return plain[0].islower() or before.lower().endswith((" of", " the", " is", " to", " for", " by", " and", " with", " on", ","))


def _sentences(paragraph: Sequence[tuple[int, str]]) -> Iterator[Passage]:
    """One passage for a short paragraph, else one a sentence, each with the line where it begins."""
    if not paragraph:
        return
    text = " ".join(piece for _, piece in paragraph)
    if len(text) <= SENTENCE_FROM:
        yield Passage(paragraph[0][0], text)
        return
    starts: list[int] = []
    at = 0
    for _, piece in paragraph:
        starts.append(at)
        at += len(piece) + 1
    begin = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        if sentence := text[begin:end].strip():
            line = max(n for n, start in enumerate(starts) if start <= begin)
            yield Passage(paragraph[line][0], sentence)
        begin = end


def words(text: str) -> list[str]:
    """The words that carry meaning, folded and without a plural s. The parts of `check-in` all count."""
    folded = _folded(text)
    found: list[str] = []
    for match in re.finditer(r"\w+(?:-\w+)*", folded):
        parts = match.group().split("-")
        found += [_stem(part) for part in parts if len(parts) > 1 or part not in STOP]
    return found


def _folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _stem(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "ches", "shes", "sses")) else word[:-1]


def best(all_passages: Sequence[Passage], find: str, count: int, characters: int) -> list[Passage]:
    """At most `count` passages, `characters` in all, that tell of `find`, best first. Empty when none has half of its words."""
    asked = words(find) or [_stem(word) for word in re.findall(r"\w+", _folded(find))]
    if not asked:
        return []
    candidates = _candidates(all_passages, set(asked))
    rarity = {word: math.log(1 + len(all_passages) / (1 + sum(word in has for _, has in candidates))) for word in set(asked)}
    scored: list[tuple[float, int]] = []
    for at, has in candidates:
        if 2 * len(rarity.keys() & set(has)) >= len(rarity):
            scored.append((_score(all_passages[at], has, asked, rarity), at))
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return _chosen(all_passages, scored, asked, count, characters)


def _candidates(all_passages: Sequence[Passage], asked: set[str]) -> list[tuple[int, list[str]]]:
    """Passages with any of the words, and their words. Only those are taken apart: a long document has many others."""
    roots = [word[:-1] if word.endswith("y") and len(word) > 3 else word for word in asked]
    found: list[tuple[int, list[str]]] = []
    for at, passage in enumerate(all_passages):
        folded = _folded(passage.text)
        if any(root in folded for root in roots):
            has = words(passage.text)
            if asked & set(has):
                found.append((at, has))
    return found


def _score(passage: Passage, has: list[str], asked: list[str], rarity: dict[str, float]) -> float:
    """Share of the asked words by rarity; more for the whole phrase, for a label at the start, for a value behind it."""
    present = set(has)
    score = sum(weight for word, weight in rarity.items() if word in present) / sum(rarity.values())
    length = len(asked)
    at = next((n for n in range(len(has) - length + 1) if has[n : n + length] == asked), -1)
    if at >= 0:
        score += 0.5
    if at == 0:
        label = re.match(r"[^:=|]*?\s*[:=|]|.*?\s[-–—]\s", passage.text)
        score += 0.5 if label and words(label.group()) == asked else 0.25
    if has == asked:
        score -= 0.2  # a label without a value
    return score - min(len(has), 100) / 1000


def _chosen(
    all_passages: Sequence[Passage], scored: Sequence[tuple[float, int]], asked: list[str], count: int, characters: int
) -> list[Passage]:
    chosen: list[Passage] = []
    left = characters
    for score, at in scored:
        if len(chosen) == count or left < 20 or (chosen and score < scored[0][0] * 0.5):
            break
        passage = all_passages[at]
        text = _around(_with_value(all_passages, at, asked), asked, min(LONGEST, left))
        if text not in [other.text for other in chosen]:
            chosen.append(Passage(passage.line, text))
            left -= len(text)
    return chosen


def _with_value(all_passages: Sequence[Passage], at: int, asked: list[str]) -> str:
    """A label that stands alone, with the line below it: many layouts put the value there."""
    text = all_passages[at].text
    if not set(words(text)) <= set(asked) or not text:
        return text
    joined = text
    for passage in all_passages[at + 1 : at + 3]:
        if _LABELLED.match(passage.text) or passage.line > all_passages[at].line + 4:
            break
        joined = f"{joined} {passage.text}"
        if len(passage.text) > 2:  # a currency sign on a line of its own is not the value yet
            break
    return joined


def _around(text: str, asked: Iterable[str], longest: int) -> str:
    """`text`, cut to the surroundings of the first asked word when it is too long."""
    if len(text) <= longest:
        return text
    folded = text.lower()
    first = min((at for word in asked if (at := folded.find(word)) >= 0), default=0)
    begin = max(0, min(first - longest // 4, len(text) - longest + 2))
    begin = text.find(" ", begin) + 1 if begin and text.find(" ", begin) in range(begin, first + 1) else begin
    piece = text[begin : begin + longest - 2]
    return ("…" if begin else "") + piece.strip() + ("…" if begin + longest - 2 < len(text) else "")
