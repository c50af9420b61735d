"""ChatGPT's data export: conversations.json, each conversation a tree of which one branch is the one that its owner last saw."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from memento_desktop.memory.exchange.base import Bad, Log, Said, Talk, mapping, moment, sequence, storable, text_of
from memento_desktop.memory.exchange.conversation import MORE, conversations, finished
from memento_desktop.memory.exchange.detection import Format
from memento_desktop.memory.exchange.files import Part

SPOKEN = ("text", "multimodal_text")
"""Contents that a person typed or read; the others are a tool's, or the machine's own notes."""
MARKS = {"image_asset_pointer": "[image]", "audio_asset_pointer": "", "real_time_user_audio_video_asset_pointer": ""}
Tree = Mapping[str, Any]


def _is_conversation(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)  # pyright: ignore[reportUnknownMemberType]


def read(parts: list[Part], log: Log) -> Iterator[Talk]:
    for part in parts:
        for n, value in conversations(part, log):
            place = f"{part.name}, conversation {n}"
            try:
                if (talk := _talk(mapping(value, "the conversation"), part.name, n, log)) is not None:
                    yield talk
            except Bad as error:
                log.bad(place, str(error))


def _talk(record: Mapping[str, Any], file: str, n: int, log: Log) -> Talk | None:
    tree = mapping(record.get("mapping"), "“mapping”")
    title = text_of(record, "title", "").strip()
    place = f"conversation {n}" + (f", “{title[:80]}”" if title else "")
    seen = _branch(tree, _leaf(record, tree), f"{file}, {place}", log)
    started = moment(record.get("create_time"))
    left: Counter[str] = Counter()
    said: list[Said] = []
    at = started
    for node in seen:
        message = mapping(tree[node]).get("message")
        at = moment(mapping(message, "a message").get("create_time")) or at if message is not None else at
        if message is not None and (spoken := _spoken(mapping(message), left)) is not None:
            said.append(Said(spoken[0], spoken[1], at or ""))
    elsewhere = [node for node in tree if node not in set(seen)]
    others = sum(_is_spoken(tree[node]) for node in elsewhere)
    log.leave_out("messages on other branches", others)
    for what, count in left.items():
        log.leave_out(what, count)
    ref = next((str(record[name]) for name in ("conversation_id", "id") if isinstance(record.get(name), str)), "")
    return finished(title, started, said, file, place, "chatgpt", ref, log)


def _leaf(record: Mapping[str, Any], tree: Tree) -> str:
    """The last message of the branch that was on the screen; where the export does not say it, the message written last."""
    current = record.get("current_node")
    if isinstance(current, str) and current in tree:
        return current
    leaves = [name for name, node in tree.items() if isinstance(node, dict) and not node.get("children")]  # pyright: ignore[reportUnknownMemberType]
    if not leaves:
        raise Bad("“current_node” is missing, and its tree has no end")

    def written(name: str) -> str:
        message = mapping(tree[name]).get("message")
        return moment(mapping(message).get("create_time")) or "" if message is not None else ""

    return max(leaves, key=written)


def _branch(tree: Tree, leaf: str, place: str, log: Log) -> list[str]:
    """From the first message to `leaf`, along the parents."""
    branch: list[str] = []
    seen: set[str] = set()
    node: Any = leaf
    while isinstance(node, str):
        if node in seen:
            raise Bad("its messages form a ring")
        if node not in tree:
            log.bad(place, f"the message before “{branch[-1][:40]}” is missing: what came earlier is not imported")
            break
        branch.append(node)
        seen.add(node)
        node = mapping(tree[node], "a node").get("parent")
    return branch[::-1]


def _spoken(message: Mapping[str, Any], left: Counter[str]) -> tuple[str, str] | None:
    """(role, text) of a message that a person typed or read; None for others, which are counted."""
    role = mapping(message.get("author"), "“author”").get("role")
    content = message.get("content")
    if content is None:
        return None
    content = mapping(content, "“content”")
    metadata = message.get("metadata")
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation") is True  # pyright: ignore[reportUnknownMemberType]
    if role not in ("user", "assistant") or hidden or message.get("recipient") not in (None, "all"):
        if hidden or role not in ("user", "assistant", "system") or _parts(content):
            left["messages of tools and of the system"] += 1
        return None
    if content.get("content_type", "text") not in SPOKEN:
        left["custom instructions" if content.get("content_type") == "user_editable_context" else MORE] += 1
        return None
    text = _parts(content)
    return (role, text) if text.strip() else None


def _is_spoken(node: Any) -> bool:
    try:
        message = mapping(node).get("message")
        return message is not None and _spoken(mapping(message), Counter()) is not None
    except Bad:
        return False


def _parts(content: Mapping[str, Any]) -> str:
    found: list[str] = []
    for part in sequence(content.get("parts"), "parts"):
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            told = part.get("text")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            kind = str(part.get("content_type"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            found.append(told if isinstance(told, str) else MARKS.get(kind, "[attachment]"))
    return storable("\n".join(text for text in found if text))


def _fits(part: Part) -> bool:
    value = part.whole
    listed = value.get("conversations", [value]) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return isinstance(listed, list) and any(map(_is_conversation, listed[:50]))  # pyright: ignore[reportUnknownArgumentType]


FORMAT = Format("chatgpt", "a ChatGPT export", re.compile(r"conversations.*\.json"), _fits, read)
