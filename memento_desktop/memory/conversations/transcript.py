"""One conversation as a file for people (Markdown) or for other programs (JSON)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from memento_desktop.config.whole import write_whole
from memento_desktop.errors import MementoError
from memento_desktop.memory.conversations.talks import Conversations, Message, Session

Format = Literal["md", "json"]
SPEAKERS = {"user": "you", "assistant": "assistant"}


def transcript(session: Session, messages: Sequence[Message], format: Format = "md") -> str:
    """A conversation as text that ends with a line break. Moments are ISO 8601, UTC.

    Markdown: a heading, then each message under who said it and when. JSON: one object with the fields of the conversation and of its
    messages; a task that did not end well says so.
    """
    if format == "json":
        return json.dumps(_record(session, messages), ensure_ascii=False, indent=2) + "\n"
    parts = [f"# {session.title}\n"]
    for message in messages:
        state = f" ({message.state})" if message.state else ""
        parts.append(f"## {SPEAKERS[message.role]}, {message.at[:19]}Z{state}\n\n{message.text}\n")
    return "\n".join(parts)


def export(conversations: Conversations, session_id: int, to: Path, format: Format | None = None, force: bool = False) -> Path:
    """Writes a conversation to a file that its owner alone may read, whole or not at all. Returns where.

    Args:
        format: None: JSON for a name that ends in .json, Markdown for any other.
        force: write over a file that is there.

    Raises:
        MementoError: there is no such conversation, the file is there already, or it cannot be written.
    """
    to = to.expanduser().absolute()
    text = transcript(conversations.get(session_id), conversations.messages(session_id), format or format_of(to))
    if to.is_dir():
        raise MementoError(f"{to} is a folder.", "Name a file in it.")
    if to.exists() and not force:
        raise MementoError(f"{to} is there already.", "Name another file, or give --force to write over it.")
    if not to.parent.is_dir():
        raise MementoError(f"There is no folder {to.parent}.", "Make it, or name a file in another one.")
    write_whole(to, text, "Name another file.")
    return to


def format_of(to: Path) -> Format:
    return "json" if to.suffix.lower() == ".json" else "md"


def _record(session: Session, messages: Sequence[Message]) -> Mapping[str, object]:
    said = [
        {"role": one.role, "at": one.at, "text": one.text}
        | ({"case": one.case_id} if one.case_id is not None else {})
        | ({"outcome": one.outcome} if one.outcome else {})
        for one in messages
    ]
    about = {"record": "conversation", "number": session.id, "title": session.title, "started_at": session.started_at}
    return about | {"origin": session.origin, "messages": said}
