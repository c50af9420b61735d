"""Markdown notes with front matter, as basic-memory and Obsidian keep them.

An observation (`- [category] text`) or relation (`- verb [[Other note]]`) is a fact; the prose is kept in passages along the headings, a
short note whole as a fact. Tags, aliases and other simple fields of the front matter stand at the head of the first passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from memento_desktop.memory.exchange import front
from memento_desktop.memory.exchange.base import Bad, Draft, Log, moment, storable
from memento_desktop.memory.exchange.detection import MARKDOWN, Format
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.memories import title_of
from memento_desktop.memory.records import Kind

NOTE_LIMIT = 4_000_000
PASSAGE = 1200
"""Characters that a passage has at most, unless one paragraph has more."""
SHORT = 400
"""Characters up to which a note of one paragraph is a fact."""
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
FENCED = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
OBSERVATION = re.compile(r"^\s*[-*]\s+\[([^\[\]()]{2,60})\]\s+(\S.*)$")
RELATION = re.compile(r"^\s*[-*]\s+([^\[\]]{0,80}?)\s*\[\[([^\[\]]+)\]\]\s*(\([^()]*\))?\s*$")
LINK = re.compile(r"(!?)\[\[([^\[\]|]+)(?:\|([^\[\]]*))?\]\]")
CATEGORIES: dict[str, Kind] = {"preference": "preference", "preferences": "preference"}
DATES = ("created", "created_at", "date", "recorded_at", "modified", "updated", "updated_at")
NO_FACTS = {*DATES, "title", "type", "permalink", "tags", "tag", "aliases", "alias", "cssclass", "cssclasses", "publish", "schema"}


@dataclass
class _Section:
    """What stands below one heading."""

    headings: tuple[str, ...]
    line: int
    lines: list[str] = field(default_factory=list[str])


def read(parts: list[Part], log: Log) -> Iterator[Draft]:
    for part in parts:
        try:
            text = storable(part.text())
            if len(text) > NOTE_LIMIT:
                raise Bad(f"it has {len(text):,} characters; at most {NOTE_LIMIT:,} are taken")
            found = list(_note(text, part.name))
        except Bad as error:
            log.bad(part.name, str(error))
            continue
        if not found:
            log.leave_out("notes without text")
        yield from found


def _note(text: str, file: str) -> Iterator[Draft]:
    head, body = front.split(text.removeprefix("\ufeff"))
    fields = front.load(head) if head else {}
    line = text.count("\n", 0, len(text) - len(body)) + 1
    stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    name = fields.get("title") if isinstance(fields.get("title"), str) else stem
    name = title_of(cast("str", name)) or stem
    at = next((read for key in DATES if (read := moment(fields.get(key))) is not None), None)
    facts: list[Draft] = []
    sections = list(_sections(body.replace("\r\n", "\n"), line))
    for section in sections:
        facts += _taken(section, name, file, at)
    yield from _passages(sections, name, file, at, _properties(fields))
    yield from facts


def _sections(body: str, line: int) -> Iterator[_Section]:
    """The text along its headings; a `#` in a fenced block is none."""
    levels: list[tuple[int, str]] = []
    section = _Section((), line)
    fence = ""
    for n, text in enumerate(body.split("\n"), line):
        if found := FENCED.match(text):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        heading = None if fence else HEADING.match(text)
        if heading is None:
            section.lines.append(text)
            continue
        yield section
        levels = [*((level, title) for level, title in levels if level < len(heading[1])), (len(heading[1]), heading[2])]
        section = _Section(tuple(plain(title) for _, title in levels), n)
    yield section


def _taken(section: _Section, name: str, file: str, at: str | None) -> list[Draft]:
    """The observations and relations of a section, taken out of it."""
    found: list[Draft] = []
    rest: list[str] = []
    fenced = False
    for n, line in enumerate(section.lines, section.line + bool(section.headings)):
        fenced ^= bool(FENCED.match(line))
        place = f"line {n}"
        if not fenced and (said := OBSERVATION.match(line)) and said[1].strip().lower() not in ("x", "-", "/"):
            text = plain(said[2]).strip()
            body = text if name.casefold() in text.casefold() else f"{name}: {text}"
            kind = CATEGORIES.get(said[1].strip().lower(), "fact")
            found.append(Draft(kind, body, file, f"{place}, [{said[1].strip()}]", quote=line.strip(), at=at))
        elif not fenced and (said := RELATION.match(line)):
            verb = said[1].strip(" *_`:").replace("_", " ") or "relates to"
            context = f" {said[3]}" if said[3] else ""
            target = (LINK.sub(_shown, f"[[{said[2]}]]")).strip()
            found.append(Draft("fact", f"{name} {verb} {target}{context}", file, place, quote=line.strip(), at=at))
        else:
            rest.append(line)
    section.lines = rest
    return found


def _passages(sections: Sequence[_Section], name: str, file: str, at: str | None, properties: str) -> Iterator[Draft]:
    texts = [(section, plain("\n".join(section.lines)).strip()) for section in sections]
    filled = [(section, text) for section, text in texts if text]
    if not filled and properties:
        filled = [(sections[0], "")]
    if len(filled) == 1 and not properties and len(filled[0][1]) <= SHORT and "\n\n" not in filled[0][1]:
        section, text = filled[0]
        yield Draft("fact", text, file, f"line {section.line}", quote=text, at=at)
        return
    for n, (section, text) in enumerate(filled):
        title = " › ".join((name, *(h for h in section.headings if h and h != name)))
        whole = "\n\n".join(piece for piece in (properties if n == 0 else "", text) if piece)
        for body in _split(whole):
            yield Draft("document", body, file, f"line {section.line}", title=title, at=at)


def _split(text: str) -> Iterator[str]:
    """Paragraphs put together up to the length of a passage."""
    taken = ""
    for paragraph in re.split(r"\n{2,}", text):
        if taken and len(taken) + len(paragraph) > PASSAGE:
            yield taken
            taken = ""
        taken = f"{taken}\n\n{paragraph}" if taken else paragraph
    if taken.strip():
        yield taken


def plain(text: str) -> str:
    """`[[Target|shown]]` as a reader sees it: the shown text, or the target."""
    return LINK.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    embedded, target, shown = found.groups()
    if shown and not embedded:  # an embed's second part is its size
        return shown
    return target.replace("#^", "#").replace("#", " › ").strip().removeprefix("› ")


def _properties(fields: Mapping[str, Any]) -> str:
    """What the front matter says beside title and dates, as lines of text."""
    lines: list[str] = []
    for label, names in (("Tags", ("tags", "tag")), ("Also called", ("aliases", "alias"))):
        values = [value for name in names for value in _texts(fields.get(name))]
        lines += [f"{label}: {', '.join(dict.fromkeys(values))}"] if values else []
    for name, value in fields.items():
        if name not in NO_FACTS and (values := _texts(value, split=False)):
            lines.append(f"{name}: {', '.join(values)}")
    return "\n".join(lines)


def _texts(value: Any, split: bool = True) -> list[str]:
    """A field's values: a list, or a text with commas between."""
    if isinstance(value, list):
        return [text for item in cast("list[Any]", value) for text in _texts(item, split=False)]
    if value is None or isinstance(value, dict | bool) or not str(value).strip():
        return []
    text = plain(str(value)).strip()[:1000]
    return [piece.strip().lstrip("#") for piece in text.split(",") if piece.strip()] if split else [text]


def _fits(part: Part) -> bool:
    return MARKDOWN.fullmatch(part.base) is not None


FORMAT = Format("markdown", "Markdown notes", MARKDOWN, _fits, read)
