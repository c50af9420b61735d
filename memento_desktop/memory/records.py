"""What stands in the bank, as plain records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["case", "lesson", "fact", "preference", "instruction", "correction", "document", "feedback"]
Status = Literal["proposed", "active", "archived", "superseded", "trashed"]
Origin = Literal["user", "assistant", "tool", "web", "import"]
Outcome = Literal["running", "done", "failed", "cancelled", "interrupted"]
RewardSource = Literal["", "owner", "check", "self"]
"""Who said what a task was worth. Readings of practice are rewarded too, by comparison with the known outcome."""


def now() -> str:
    """This moment in UTC, ISO 8601 to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def printable(text: str) -> str:
    """`text` without lone surrogates, which a terminal can send and no file can hold."""
    return text.encode("utf-8", "replace").decode()


def content_hash(title: str, body: str) -> str:
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()


@dataclass(frozen=True)
class Memory:
    """Anything remembered."""

    id: int
    profile: str
    kind: Kind
    title: str
    body: str
    status: Status
    pinned: bool
    always_on: bool
    origin: Origin
    trust: float
    user_edited: bool
    recorded_at: str
    content_hash: str
    valid_from: str | None = None
    """Since when it holds (ISO 8601; None: since ever)."""
    valid_to: str | None = None
    """Until when it held; None: it still does."""
    superseded_by: int | None = None
    pool: str = ""
    """The shared pool that it came from; empty for the owner's own."""
    read: int = 0
    helpful: int = 0
    harmful: int = 0
    last_used: str | None = None


@dataclass(frozen=True)
class Step:
    """One tool call of a case, or a step that ended without one (`tool` empty). `ms` is milliseconds."""

    n: int
    task: str
    tool: str
    args: str
    result: str
    ok: bool
    ms: int


@dataclass(frozen=True)
class Case:
    """A task with what was planned and done, how it ended, and what that was worth in [0, 1] (None: not known)."""

    id: int
    task: str
    plan: tuple[str, ...]
    outcome: Outcome
    answer: str
    reward: float | None
    reward_source: RewardSource
    correction: str
    judged: float | None
    """What the model itself thought of its answer, kept beside the owner's verdict so that its judgement can be calibrated."""
    reason: str
    model: str
    tokens: int
    seconds: float
    tainted: bool
    recorded_at: str
    status: Status
    steps: tuple[Step, ...] = field(default=())

    @property
    def worked(self) -> bool:
        """Whether the planner reads it as an example or as a warning: a task without a reward counts as it ended."""
        return self.reward >= 0.5 if self.reward is not None else self.outcome == "done"


@dataclass(frozen=True)
class Source:
    """Where a memory came from."""

    ref: str
    """A file's path, `message:N`, an address, or the file that was imported."""
    quote: str = ""
    """The very words it rests on."""
    sha256: str = ""
    """Of the file as it was read."""
    locator: str = ""
    """The place in it: `page 3`, `lines 10–24`, `sheet Trips`."""


@dataclass(frozen=True)
class Transaction:
    """One change of the bank, as the owner sees it."""

    id: int
    at: str
    actor: str
    label: str
    undone: bool
    memories: int
