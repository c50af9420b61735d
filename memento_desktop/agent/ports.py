"""What the loop needs from the rest of the house, as small Protocols: a model, a reader and a writer of cases, tools, consent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict

Role = Literal["system", "user", "assistant"]
JsonSchema = Mapping[str, Any]


class Message(TypedDict):
    """One turn of a chat."""

    role: Role
    content: str


class ToolSpec(Protocol):
    """A tool as the model sees it."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str:
        """What it is for, one line: what the planner reads."""
        ...

    @property
    def usage(self) -> str:
        """How to call it, one line: what the executor reads beside the signature."""
        ...

    @property
    def parameters(self) -> Mapping[str, JsonSchema]:
        """Argument name to JSON schema, in the order that a reply must write them."""
        ...

    @property
    def required(self) -> Sequence[str]: ...
    @property
    def risk(self) -> str:
        """read, compute, network, write or external."""
        ...


class ToolResult(Protocol):
    """What a tool call brought."""

    @property
    def text(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def untrusted(self) -> bool:
        """Whether the text comes from somewhere that may try to fool the model: a document, the web."""
        ...


class Completion(Protocol):
    """A whole reply, with what it cost."""

    @property
    def text(self) -> str: ...
    @property
    def prompt_tokens(self) -> int: ...
    @property
    def cached_tokens(self) -> int:
        """How many of the prompt's tokens came from the KV cache."""
        ...

    @property
    def completion_tokens(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def confidence(self) -> float:
        """The probability of the whole reply under the model, in [0, 1]."""
        ...

    @property
    def truncated(self) -> bool:
        """Whether the token limit cut it."""
        ...


class ChatModel(Protocol):
    """A language model that answers in JSON of a given schema."""

    @property
    def name(self) -> str: ...

    @property
    def context(self) -> int:
        """Tokens that prompt and reply share."""
        ...

    async def count(self, messages: Sequence[Message]) -> int:
        """Tokens of the rendered prompt."""
        ...

    def complete(self, messages: Sequence[Message], schema: JsonSchema, max_tokens: int) -> AsyncGenerator[str | Completion]:
        """Streams pieces of text, then exactly one `Completion`. Closing the iterator cancels the generation."""
        ...


class Toolbox(Protocol):
    """The tools that are offered for one task, behind their permissions."""

    def specs(self) -> Sequence[ToolSpec]: ...

    async def call(self, name: str, args: Mapping[str, Any], cancelled: asyncio.Event) -> ToolResult:
        """Runs a tool. What goes wrong in it is a result with `ok` false, not an exception."""
        ...

    def preview(self, name: str, args: Mapping[str, Any]) -> str:
        """What exactly would happen, for the owner's consent."""
        ...


class Approver(Protocol):
    """Asks the owner before a tool call that needs consent."""

    async def approve(self, spec: ToolSpec, preview: str) -> bool: ...


@dataclass(frozen=True)
class ReadMemory:
    """One memory that was looked at for a task, and why it was read or left out."""

    id: int
    kind: str
    title: str
    shown: bool
    why: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Matched terms, ranks, similarity, propensity, the reason for leaving it out."""


@dataclass(frozen=True)
class PastCase:
    """A past task as the planner reads it: what was asked, the steps, whether it worked, what to do instead."""

    task: str
    plan: tuple[str, ...]
    worked: bool
    correction: str = ""
    """What the owner said was wrong; empty when nothing was said."""
    trusted: bool = True
    """False where nobody vouched for it: it may inform a plan, and gives no argument to a tool."""


@dataclass(frozen=True)
class Note:
    """A fact, a lesson or another sentence from memory."""

    text: str
    trusted: bool = True


@dataclass(frozen=True)
class Recalled:
    """All that memory gives to a task. Frozen for the task, so that its prompt prefix never changes."""

    cases: tuple[PastCase, ...] = ()
    lessons: tuple[Note, ...] = ()
    facts: tuple[Note, ...] = ()
    instructions: tuple[str, ...] = ()
    looked_at: tuple[ReadMemory, ...] = ()
    note: str = ""
    """What the owner should know about the reading, such as that it was on text alone."""


class CaseReader(Protocol):
    async def read(self, task: str, case_id: int | None) -> Recalled: ...


class CaseWriter(Protocol):
    """Keeps a task as a case, from its first moment on. Each call returns when the bank has it."""

    async def begin(self, task: str, model: str) -> int: ...

    async def planned(self, case_id: int, plan: Sequence[str]) -> None: ...

    async def step(self, case_id: int, step: str, tool: str, args: Mapping[str, Any], result: str, ok: bool, ms: int) -> None: ...

    async def finish(self, case_id: int, outcome: str, answer: str, reason: str, tokens: int, seconds: float, tainted: bool) -> None:
        """`outcome` is done, failed, cancelled or interrupted."""
        ...

    async def reward(self, case_id: int, reward: float, source: str) -> None:
        """`source` is check or self; the owner's own verdict comes through the assistant."""
        ...
