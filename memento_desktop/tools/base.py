"""What every tool is made of: a specification for the model, a call, a result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Risk = Literal["read", "compute", "network", "write", "external"]


@dataclass(frozen=True)
class Spec:
    """A tool as the model sees it."""

    name: str
    summary: str
    """What it is for, one line: what the planner reads."""
    usage: str
    """How to call it, one line: what the executor reads beside the signature."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """Argument name to JSON schema, in the order that a reply must write them."""
    required: tuple[str, ...] = ()
    risk: Risk = "read"


@dataclass(frozen=True)
class Result:
    """What a call brought. An error is a result with `ok` false and a text that the model can act on."""

    text: str
    ok: bool = True
    untrusted: bool = False
    """Whether the text comes from somewhere that may try to fool the model: a document, the web."""


class Tool(Protocol):
    @property
    def spec(self) -> Spec: ...

    def preview(self, args: Mapping[str, Any]) -> str:
        """What exactly would happen, in the owner's words."""
        ...

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result: ...


def text_parameter(description: str = "") -> Mapping[str, Any]:
    return {"type": "string", "description": description} if description else {"type": "string"}
