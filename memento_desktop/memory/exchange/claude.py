"""Claude's data export: conversations.json, each with its chat_messages; where they name their parents, the newest branch is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memento_desktop.memory.exchange.base import Bad, Log, Said, Talk, mapping, moment, sequence, storable, text_of
from memento_desktop.memory.exchange.conversation import MORE, conversations, finished
from memento_desktop.memory.exchange.detection import Format
from memento_desktop.memory.exchange.files import Part

ROLES = {"human": "user", "user": "user", "assistant": "assistant"}
Messages = Sequence[Mapping[str, Any]]


def read(parts: list[Part], log: Log) -> Iterator[Talk]:
    for part in parts:
        for n, value in conversations(part, log):
            try:
                if (talk := _talk(mapping(value, "the conversation"), part.name, n, log)) is not None:
                    yield talk
            except Bad as error:
                log.bad(f"{part.name}, conversation {n}", str(error))


def _talk(record: Mapping[str, Any], file: str, n: int, log: Log) -> Talk | None:
    messages = [mapping(m, "a message") for m in sequence(record.get("chat_messages"), "chat_messages")]
    title = text_of(record, "name", "").strip()
    place = f"conversation {n}" + (f", “{title[:80]}”" if title else "")
    branch = _branch(record, messages)
    log.leave_out("messages on other branches", len(messages) - len(branch))
    said: list[Said] = []
    for message in branch:
        role = ROLES.get(text_of(message, "sender", ""))
        if role is None:
            log.leave_out("messages of tools and of the system")
            continue
        text = _text(message, log)
        if text.strip():
            said.append(Said(role, text, moment(message.get("created_at")) or ""))
    return finished(title, moment(record.get("created_at")), said, file, place, "claude", text_of(record, "uuid", ""), log)


def _branch(record: Mapping[str, Any], messages: Messages) -> Messages:
    """The messages up to the one that the export calls current, or the newest; all in their order where none names a parent.

    Raises:
        Bad: the parents form a ring.
    """
    by_name = {m["uuid"]: m for m in messages if isinstance(m.get("uuid"), str)}
    parents = [m.get("parent_message_uuid") for m in messages]
    if not by_name or len(by_name) < len(messages) or not any(isinstance(p, str) and p in by_name for p in parents):
        return messages
    leaf = record.get("current_leaf_message_uuid")
    if not isinstance(leaf, str) or leaf not in by_name:
        order = {m["uuid"]: n for n, m in enumerate(messages)}
        leaf = max(by_name, key=lambda name: (moment(by_name[name].get("created_at")) or "", order[name]))
    branch: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while isinstance(leaf, str) and leaf in by_name:  # the first message names a parent that is none
        if leaf in seen:
            raise Bad("its messages form a ring")
        seen.add(leaf)
        branch.append(by_name[leaf])
        leaf = by_name[leaf].get("parent_message_uuid")
    return branch[::-1]


def _text(message: Mapping[str, Any], log: Log) -> str:
    """What was said, from the blocks of text, or from the plain text of older exports; files are named, their content is not speech."""
    blocks = [mapping(block, "a block of a message") for block in sequence(message.get("content"), "content")]
    spoken = [text_of(block, "text", "") for block in blocks if block.get("type") == "text"]
    log.leave_out(MORE, sum(block.get("type") != "text" for block in blocks))
    text = "\n\n".join(part for part in spoken if part) or ("" if blocks else text_of(message, "text", ""))
    names = [
        str(mapping(file, "a file").get("file_name") or "file")
        for field in ("attachments", "files")
        for file in sequence(message.get(field), field)
    ]
    marks = "\n".join(f"[file: {storable(name)[:200]}]" for name in dict.fromkeys(names))
    return "\n\n".join(part for part in (text, marks) if part)


def _is_conversation(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("chat_messages"), list)  # pyright: ignore[reportUnknownMemberType]


def _fits(part: Part) -> bool:
    value = part.whole
    listed = value.get("conversations", [value]) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return isinstance(listed, list) and any(map(_is_conversation, listed[:50]))  # pyright: ignore[reportUnknownArgumentType]


FORMAT = Format("claude", "a Claude export", re.compile(r"conversations.*\.json"), _fits, read)
