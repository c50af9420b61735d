"""What the owner's own words say about the owner's world, as a model reads it: proposals, each with the words that it rests on.

Only ever shown a message that the owner wrote: no memories, no tool output, no answer of a model. Whoever calls this checks that each
quote stands in that message, and keeps what is left as proposals.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from memento_desktop.agent.budget import Caps, Meter
from memento_desktop.agent.dialogue import Dialogue, OutOfTime, Stopped, Unusable
from memento_desktop.agent.ports import ChatModel, JsonSchema
from memento_desktop.agent.prompts import message, quoted
from memento_desktop.errors import MementoError

KINDS = ("fact", "preference", "instruction", "correction")
MOST = 5
"""Proposals from one message."""
EXTRACTOR = (
    "You find what is worth remembering in one message of the owner of this computer. Keep only what the message itself says to be so, "
    "about the owner, people, places, things or how the owner wants things done, and what will still matter next month. A question, a "
    "task, a guess or somebody else's words are nothing to remember. Each item has a kind, a full sentence that can be understood alone, "
    "and the exact words of the message that it rests on. Most messages have nothing.\n"
    'Reply as JSON: {"items":[{"kind":"fact","text":"...","quote":"..."}]} or {"items":[]}'
)
SCHEMA: JsonSchema = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "maxItems": MOST,
            "items": {
                "type": "object",
                "properties": {"kind": {"enum": list(KINDS)}, "text": {"type": "string"}, "quote": {"type": "string"}},
                "required": ["kind", "text", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposal:
    """What a model would have remembered."""

    kind: str
    text: str
    quote: str


async def extract(model: ChatModel, said: str, stop: asyncio.Event, seconds: float = 60.0) -> list[Proposal]:
    """What the model finds in one message of the owner's; nothing where it is stopped, out of time, or replies with rubbish."""
    meter = Meter(Caps(max_tokens=512, max_seconds=seconds))
    head = [message("system", EXTRACTOR), message("user", f"Message: {quoted(said)}")]
    dialogue = Dialogue("extractor", model, head, meter, stop)
    try:
        async with aclosing(dialogue.ask(SCHEMA)) as deltas:
            async for _ in deltas:
                pass
    except (Stopped, OutOfTime, Unusable, MementoError) as problem:
        log.info("nothing is proposed from this message: %s", problem)
        return []
    items: list[Any] = list(dialogue.reply.get("items") or [])
    return [found for item in items if (found := _proposal(item)) is not None][:MOST]


def _proposal(item: Any) -> Proposal | None:
    if not isinstance(item, dict):
        return None
    fields: dict[str, Any] = {**item}
    kind, text, quote = (str(fields.get(name) or "").strip() for name in ("kind", "text", "quote"))
    return Proposal(kind, text, quote) if kind in KINDS and text and quote else None
