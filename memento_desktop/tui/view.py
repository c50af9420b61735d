"""What is on the screen of a task, made from its events. Pure: no widget, no bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memento_desktop.agent.partial import begun
from memento_desktop.plain import called, reasons

if TYPE_CHECKING:  # the events cost a third of the first frame
    from memento_desktop.agent import events as ev


@dataclass
class CallView:
    """One tool call; `ok` is None while it runs."""

    said: str
    text: str = ""
    ok: bool | None = None
    ms: int = 0


@dataclass
class StepView:
    """One step of the plan."""

    text: str
    state: str = "open"
    """open, running, done, failed, dropped."""
    result: str = ""
    ms: int = 0
    calls: list[CallView] = field(default_factory=list[CallView])


@dataclass
class ReadView:
    """One memory that was looked at."""

    id: int
    kind: str
    title: str
    shown: bool
    why: str
    left_out: str = ""


STOPPED = ("cancelled", "interrupted")


@dataclass
class TaskView:
    """One task as it lives."""

    task: str
    case_id: int = 0
    model: str = ""
    phase: str = "waiting"
    """What is waited for, in a few words; empty when the task has ended."""
    steps: list[StepView] = field(default_factory=list[StepView])
    read: list[ReadView] = field(default_factory=list[ReadView])
    instructions: int = 0
    notes: list[str] = field(default_factory=list[str])
    reply: str = ""
    """The planner's reply in the making."""
    answer: str = ""
    sources: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Memories that the answer rests on, with where they came from."""
    failure: str = ""
    hint: str = ""
    outcome: str = ""
    reward: float | None = None
    reward_source: str = ""
    verdict: str = ""
    """What the owner said of it, and what follows from that."""
    proposals: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    seconds: float = 0.0
    remembered: bool = False

    @property
    def running(self) -> bool:
        return bool(self.phase)

    @property
    def text(self) -> str:
        """The answer, or as much of it as there is."""
        return self.answer or begun(self.reply)

    @property
    def used(self) -> str:
        """What memory gave, in a few words."""
        shown = [one for one in self.read if one.shown]
        kinds = {"case": 0, "lesson": 0, "fact": 0}
        for one in shown:
            kinds[one.kind if one.kind in ("case", "lesson") else "fact"] += 1
        parts = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in kinds.items() if n]
        return f"{', '.join(parts)} read" if parts else "no memory read"

    def apply(self, event: ev.Event) -> None:
        """Takes in one event."""
        match event.type:
            case "task_started":
                self.case_id, self.model, self.phase = event.case_id, event.model, "reading memory"
            case "memory_used":
                self._memory(event)
            case "shortened":
                self.notes.append(f"{'; '.join(event.what)}: cut, the model's context is full")
            case "text_delta":
                self.reply += event.text if event.role == "planner" else ""
            case "reply_rejected":
                self.reply = ""
                self.notes.append(f"once more: the {event.role}'s reply could not be used: {event.reason}")
            case "answer":
                self.answer, self.phase, self.reply = event.text, "ending", ""
                self.sources = [(one.memory_id, one.where) for one in event.sources]
            case "failed":
                self.failure, self.hint, self.phase = event.message, event.hint, "ending"
            case "rewarded":
                self.reward, self.reward_source = event.reward, event.source
            case "remembered":
                self.answer, self.remembered, self.phase, self.outcome = said_remembered(event), True, "", "done"
            case "noticed":
                self.notes.append(event.text)
            case "proposed":
                self.proposals.append((event.memory_id, event.text))
            case "case_written":
                self._end(event)
            case _:
                self._work(event)

    def _memory(self, event: ev.MemoryUsed) -> None:
        self.phase, self.instructions = "planning", event.instructions
        self.notes += [event.note] if event.note else []
        self.read = [
            ReadView(
                item.id, item.kind, item.title, item.shown,
                reasons(item.why["terms"], item.why["rank_text"], item.why["rank_vector"], item.why["similarity"]),
                item.why.get("left_out") or "",
            )
            for item in event.items
        ]  # fmt: skip

    def _work(self, event: ev.Event) -> None:
        match event.type:
            case "plan_ready":
                self.reply = ""
                for step in self.steps:
                    step.state = "dropped" if step.state == "open" else step.state
                self.steps += [StepView(text) for text in event.steps]
            case "step_started":
                step = next((one for one in self.steps if one.state == "open" and one.text == event.task), None)
                if step is None:
                    step = StepView(event.task)
                    self.steps.append(step)
                step.state, self.phase = "running", event.task
            case "tool_called":
                self._running().calls.append(CallView(called(event.tool, event.args)))
            case "approval_asked":
                self.phase = "waiting for your consent"
            case "tool_finished":
                calls = self._running().calls
                if not calls or calls[-1].ok is not None:
                    calls.append(CallView(event.tool))
                calls[-1].text, calls[-1].ok, calls[-1].ms = event.text, event.ok, event.ms
                self.phase = self._running().text
            case "step_finished":
                step = self._running()
                step.state, step.result, step.ms = "done" if event.ok else "failed", event.result, event.ms
                self.phase = "thinking about the results"
            case _:
                pass

    def _running(self) -> StepView:
        found = next((step for step in self.steps if step.state == "running"), None)
        if found is None:
            found = StepView("", "running")
            self.steps.append(found)
        return found

    def _end(self, event: ev.CaseWritten) -> None:
        self.phase, self.outcome, self.seconds = "", event.outcome, event.seconds
        self.case_id = event.case_id
        self.tokens, self.prompt_tokens, self.cached_tokens = event.completion_tokens, event.prompt_tokens, event.cached_tokens
        for step in self.steps:
            step.state = {"open": "dropped", "running": "failed"}.get(step.state, step.state)
        if self.outcome in STOPPED and not self.answer:
            self.answer, self.reply = begun(self.reply), ""

    def broke(self, message: str, hint: str) -> None:
        """The task ended by a fault, without a last event."""
        self.failure, self.hint, self.phase, self.outcome = message, hint, "", self.outcome or "interrupted"


def said_remembered(event: ev.Remembered) -> str:
    """What a person reads after "remember that …"."""
    head = "Waits for you" if event.waits else "Remembered" if event.new else "I knew that"
    lines = [f"{head}: {event.text}"]
    lines += [f"Holds no more: {old.text}" for old in event.closed]
    lines += [f"Still holds: {rest.text}" for rest in event.rest]
    lines += [f"Compare: {other.text}" for other in event.alike]
    return "\n\n".join(lines)


def stopped(view: TaskView) -> str:
    """How a task that gave no whole answer ended, in a few words; empty for one that did."""
    return {"cancelled": "stopped", "interrupted": "interrupted", "failed": "no answer"}.get(view.outcome, "")


def folded(text: str, lines: int = 1) -> str:
    """The first lines of a text, with how many there are more."""
    parts = text.splitlines() or [""]
    rest = len(parts) - lines
    return "\n".join(parts[:lines]) + (f" … {rest} more line{'s' if rest > 1 else ''}" if rest > 0 else "")


def progress(steps: Sequence[StepView]) -> str:
    """`2 of 3 add up km`: the plan in one line."""
    for n, step in enumerate(steps, 1):
        if step.state == "running":
            return f"{n} of {len(steps)} {step.text}"
    done = sum(step.state == "done" for step in steps)
    return f"{done} of {len(steps)} done" if steps else ""
