"""What happens in a task, as typed events: all that an interface, a test or an evaluation sees of the loop."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Outcome = Literal["done", "failed", "cancelled", "interrupted"]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class TaskStarted(_Event):
    type: Literal["task_started"] = "task_started"
    case_id: int
    task: str
    model: str
    session_id: int = 0
    """The conversation that it is written into; 0 where nothing is kept."""


class MemoryItem(_Event):
    """A memory that was looked at; `why` holds matched terms, ranks, similarity, propensity, the reason for leaving it out."""

    id: int
    kind: str
    title: str
    shown: bool
    why: dict[str, Any]


class MemoryUsed(_Event):
    """What was read before the plan, and what was found but left out."""

    type: Literal["memory_used"] = "memory_used"
    items: tuple[MemoryItem, ...]
    instructions: int
    note: str


class Shortened(_Event):
    """What did not fit into the model's context and was cut."""

    type: Literal["shortened"] = "shortened"
    what: tuple[str, ...]


class TextDelta(_Event):
    """A piece of a reply in the making."""

    type: Literal["text_delta"] = "text_delta"
    role: Literal["planner", "executor", "judge", "extractor"]
    text: str


class Replied(_Event):
    """A reply came to its end: what of the context it took, and how fast it was."""

    type: Literal["replied"] = "replied"
    role: Literal["planner", "executor", "judge", "extractor"]
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float


class ReplyRejected(_Event):
    """A reply that could not be used; its reason was fed back."""

    type: Literal["reply_rejected"] = "reply_rejected"
    role: Literal["planner", "executor", "judge"]
    reason: str


class PlanReady(_Event):
    type: Literal["plan_ready"] = "plan_ready"
    cycle: int
    steps: tuple[str, ...]


class StepStarted(_Event):
    type: Literal["step_started"] = "step_started"
    n: int
    task: str


class ToolCalled(_Event):
    type: Literal["tool_called"] = "tool_called"
    n: int
    tool: str
    args: dict[str, Any]


class ApprovalAsked(_Event):
    """The owner is asked now; `preview` is exactly what would happen."""

    type: Literal["approval_asked"] = "approval_asked"
    n: int
    tool: str
    preview: str


class ToolFinished(_Event):
    type: Literal["tool_finished"] = "tool_finished"
    n: int
    tool: str
    ok: bool
    text: str
    ms: int


class StepFinished(_Event):
    type: Literal["step_finished"] = "step_finished"
    n: int
    task: str
    result: str
    ok: bool
    ms: int


class AnswerSource(_Event):
    """A memory that the answer can be seen to rest on, and where that came from: a file and the place in it, what was said when."""

    memory_id: int
    title: str
    where: str = ""
    """`policy.md, line 5`, or when it was said."""


class Answer(_Event):
    type: Literal["answer"] = "answer"
    text: str
    sources: tuple[AnswerSource, ...] = ()


class Failed(_Event):
    """The task ended without an answer."""

    type: Literal["failed"] = "failed"
    message: str
    hint: str = ""


class Rewarded(_Event):
    """What the task was worth, in [0, 1], before the owner says so."""

    type: Literal["rewarded"] = "rewarded"
    reward: float
    source: Literal["check", "self"]
    reason: str


class OtherMemory(_Event):
    """A memory that another one concerns; `until` is when it ceased to hold, ISO 8601."""

    memory_id: int
    text: str
    until: str | None = None


class Remembered(_Event):
    """The owner said "remember that …": kept at once, without a model; no task, so no case."""

    type: Literal["remembered"] = "remembered"
    memory_id: int
    text: str
    new: bool = True
    """False when it was known already."""
    kind: str = "fact"
    closed: tuple[OtherMemory, ...] = ()
    """What holds no more because of it."""
    rest: tuple[OtherMemory, ...] = ()
    """What was kept of those, where only a part of them is over."""
    alike: tuple[OtherMemory, ...] = ()
    """What may say the same, or stands against it, for the owner to look at."""
    waits: bool = False
    """Whether it is not clear which of those is meant: it counts once the owner has looked at it."""
    session_id: int = 0
    """The conversation that it was said in."""


class Noticed(_Event):
    """Something beside the task that its owner should hear: a document that changed, what could not be written down."""

    type: Literal["noticed"] = "noticed"
    text: str


class Proposed(_Event):
    """Something the owner said that may be worth keeping: it waits for his word."""

    type: Literal["proposed"] = "proposed"
    memory_id: int
    kind: str
    text: str


class CaseWritten(_Event):
    """The last event of every task."""

    type: Literal["case_written"] = "case_written"
    case_id: int
    outcome: Outcome
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float


Event = Annotated[
    TaskStarted | MemoryUsed | Shortened | TextDelta | Replied | ReplyRejected | PlanReady | StepStarted | ToolCalled | ApprovalAsked
    | ToolFinished | StepFinished | Answer | Failed | Rewarded | Remembered | Noticed | Proposed | CaseWritten,
    Field(discriminator="type"),
]  # fmt: skip
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event back from its JSON."""
