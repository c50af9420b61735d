"""Our own folder of Markdown files: one a memory, one a conversation, fields in the front matter, the text below it.

A conversation is a transcript. Each message has a heading `## You · moment`; a line of a message that looks like one gets a backslash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from memento_desktop.memory.exchange import front
from memento_desktop.memory.exchange.base import Bad, Draft, Item, Log, Said, Talk, storable
from memento_desktop.memory.exchange.detection import MARKDOWN, Format
from memento_desktop.memory.exchange.files import Part
from memento_desktop.memory.exchange.ours_jsonl import HEADER, newest
from memento_desktop.memory.exchange.record import memory_fields, memory_of, talk_fields, talk_of
from memento_desktop.memory.memories import title_of

INDEX = "memento-export.md"
FOLDERS = {"preference": "preferences", "correction": "corrections", "document": "documents", "feedback": "feedback"}
SPEAKERS = {"user": "You", "assistant": "Assistant"}
HEADING = re.compile(r"^## (You|Assistant) · (\S+)(?: · case (\S+))?$")
QUOTED = re.compile(r"^\\+## (You|Assistant) · ")
ALIKE = re.compile(r"^(\\*## (?:You|Assistant) · )", re.MULTILINE)
SLUG = 60


def folder_of(item: Item) -> str:
    if isinstance(item, Talk):
        return "conversations"
    return FOLDERS.get(item.kind, f"{item.kind}s")


def name_of(item: Item) -> str:
    """A readable file name that is allowed everywhere, and no other record's."""
    title = item.title or title_of(item.body) if isinstance(item, Draft) else item.title
    plain = unicodedata.normalize("NFC", title).lower()
    slug = re.sub(r"[\W_]+", "-", plain).strip("-")[:SLUG].strip("-") or "untitled"
    day = f"{item.started_at[:10]}-" if isinstance(item, Talk) else ""
    return f"{folder_of(item)}/{day}{slug}-{item.key.removeprefix('m-').removeprefix('c-')}.md"


def written(item: Item) -> str:
    """One file of the folder."""
    if isinstance(item, Draft):
        fields = memory_fields(item)
        body = fields.pop("body")
        if fields["title"] == title_of(body):  # then an edit of the text names it anew
            del fields["title"]
        return f"{front.dump(fields)}\n{body}\n"
    messages = "".join(f"{_heading(said)}\n\n{ALIKE.sub(_backslash, said.text)}\n\n" for said in item.messages)
    return f"{front.dump(talk_fields(item))}\n{messages}"


def _heading(said: Said) -> str:
    return f"## {SPEAKERS[said.role]} · {said.at}" + (f" · case {said.case}" if said.case else "")


def _backslash(found: re.Match[str]) -> str:
    return "\\" + found[1]


def read(parts: list[Part], log: Log) -> Iterator[Item]:
    """In the order of the bank that they were exported from."""
    items: list[Item] = []
    for part in parts:
        try:
            if (item := _item(part)) is not None:
                items.append(item)
        except Bad as error:
            log.bad(part.name, str(error))
    yield from sorted(items, key=lambda item: item.number)


def _item(part: Part) -> Item | None:
    head, body = front.split(storable(part.text()))
    fields = front.load(head)
    if HEADER in fields:
        newest(fields)
        return None
    if fields.get("record") == "memory":
        text = body.removeprefix("\n")
        text = text.removesuffix("\n")
        return memory_of({"title": title_of(text), **_moments(fields), "body": text}, part.name, "")
    if fields.get("record") == "conversation":
        return talk_of({**_moments(fields), "messages": list(_messages(body))}, part.name, "")
    raise Bad("its front matter names no record of Memento")


def _moments(fields: dict[str, Any]) -> dict[str, Any]:
    """YAML makes dates of what an editor has taken the quotes from."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in fields.items()}


def _messages(body: str) -> Iterator[dict[str, Any]]:
    """
    Raises:
        Bad: there is text before the first heading.
    """
    found: dict[str, Any] | None = None
    said: list[str] = []
    for line in body.removesuffix("\n").split("\n"):  # each message ends with one empty line now, the last one too
        if heading := HEADING.match(line):
            if found is not None:
                yield {**found, "text": _text(said)}
            roles = {name: role for role, name in SPEAKERS.items()}
            found = {"role": roles[heading[1]], "at": heading[2], "case": heading[3]}
            said = []
        elif found is not None:
            said.append(line[1:] if QUOTED.match(line) else line)
        elif line.strip():
            raise Bad("there is text before the first message")
    if found is not None:
        yield {**found, "text": _text(said)}


def _text(lines: list[str]) -> str:
    """What stands between two headings, without the empty line above and below."""
    return "\n".join(lines).removeprefix("\n").removesuffix("\n")


def _fits(part: Part) -> bool:
    if not MARKDOWN.fullmatch(part.base):
        return False
    try:
        fields = front.load(front.split(part.text())[0])
    except Bad:
        return False
    return HEADER in fields or fields.get("record") in ("memory", "conversation")


FORMAT = Format("memento", "an export of Memento", MARKDOWN, _fits, read)
