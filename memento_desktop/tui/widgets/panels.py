"""What stands beside the conversation: the plan as it lives, what was read, the line of meters."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memento_desktop.plain import clean
from memento_desktop.tui.view import StepView, TaskView, folded, progress

MARKS = {"open": "·", "running": "▸", "done": "✓", "failed": "✗", "dropped": "–"}
STYLES = {"open": "$foreground-muted", "running": "$text-primary bold", "done": "", "failed": "$text-error", "dropped": "$foreground-muted"}


def plan_content(view: TaskView) -> Content:
    """The steps with their states, the calls of the one that runs or failed, and what is waited for."""
    lines: list[Content] = []
    for n, step in enumerate(view.steps, 1):
        lines += step_lines(n, step)
    if view.running:
        lines.append(Content.styled(f"{clean(view.phase)} …", "$text-primary"))
    elif not view.steps and view.outcome:
        lines.append(Content.styled("answered without a plan", "$foreground-muted"))
    return Content("\n").join(lines)


def step_lines(n: int, step: StepView) -> list[Content]:
    took = f"  {step.ms / 1000:.1f} s" if step.ms else ""
    head = Content.assemble(
        (f"{MARKS[step.state]} {n}  ", STYLES[step.state]), (clean(step.text), STYLES[step.state]), (took, "$foreground-muted")
    )
    lines = [head]
    for call in step.calls:
        lines.append(Content.styled(f"     {clean(folded(call.said))}", "$foreground-muted"))
        if call.ok is not None:
            lines.append(Content.styled(f"     → {clean(folded(call.text))}", "$foreground-muted" if call.ok else "$text-error"))
    return lines


def read_content(view: TaskView) -> Content:
    """The memories that were read, and how many were left out."""
    shown = [one for one in view.read if one.shown]
    lines: list[Content] = []
    for one in shown:
        lines.append(Content.assemble(("● ", "$text-accent"), clean(one.title)))
        lines.append(Content.styled(f"  {one.kind} · {clean(one.why)}", "$foreground-muted"))
    if not shown and view.case_id:
        lines.append(Content.styled("nothing like it is remembered", "$foreground-muted"))
    rest = len(view.read) - len(shown)
    if rest:
        lines.append(Content.styled(f"{rest} looked at and left out", "$foreground-muted"))
    if view.instructions:
        lines.append(Content.styled(f"{view.instructions} standing instruction{'s' if view.instructions > 1 else ''}", "$foreground-muted"))
    return Content("\n").join(lines)


class SidePanel(Vertical):
    """Plan above, memories below."""

    DEFAULT_CSS = """
    SidePanel { width: 46; border-left: vkey $surface-lighten-2; padding: 0 1; }
    SidePanel .title { color: $text-muted; text-style: bold; height: 1; margin: 1 0 0 0; }
    SidePanel VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    SidePanel VerticalScroll Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan, self.read = Static("", id="plan"), Static("", id="read")

    def compose(self) -> ComposeResult:
        for title, content in (("plan", self.plan), ("read", self.read)):
            yield Static(title, classes="title")
            with VerticalScroll(can_focus=False):
                yield content

    def show(self, view: TaskView | None) -> None:
        if view is None:
            self.plan.update(Content.styled("the plan of a task stands here while it runs", "$foreground-muted"))
            self.read.update(Content.styled("and here what was read for it", "$foreground-muted"))
            return
        self.plan.update(plan_content(view))
        self.read.update(read_content(view))


class CompactLine(Static):
    """Plan and memories in one line, where there is no room beside the conversation."""

    DEFAULT_CSS = "CompactLine { height: 1; padding: 0 1; color: $text-muted; text-overflow: ellipsis; text-wrap: nowrap; }"

    def display_view(self, view: TaskView | None) -> None:
        if view is None:
            self.update("")
            return
        parts = [f"▸ {progress(view.steps)}"] if view.steps else []
        parts += [view.used] if view.read or view.outcome else []
        parts += [f"{view.phase} …"] if view.running and not view.steps else []
        self.update(Content(clean(" · ".join(parts))))


class Meters(Static):
    """Model, privacy, context and speed in one line."""

    DEFAULT_CSS = """
    Meters { dock: top; height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__("", id="meters")
        self.model, self.remote, self.temporary, self.profile = "", False, False, ""
        self.used, self.context, self.speed = 0, 0, 0.0
        self.note = ""

    def display_state(self) -> None:
        left = [Content.styled("Memento", "bold")]
        left.append(Content(clean(self.model) or "opening the memory …"))
        left.append(Content.styled("remote model", "$text-warning bold") if self.remote else Content("offline"))
        if self.temporary:
            left.append(Content.styled("temporary: no memory", "$text-warning"))
        if self.profile not in ("", "default"):
            left.append(Content(f"profile {clean(self.profile)}"))
        if self.note:
            left.append(Content.styled(clean(self.note), "$text-warning"))
        right = [f"ctx {thousands(self.used)} of {thousands(self.context)}"] if self.context and self.used else []
        right += [f"{self.speed:.0f} tok/s"] if self.speed else []
        line, tail = Content(" · ").join(left), Content(" · ".join(right))
        gap = max(2, self.size.width - line.cell_length - tail.cell_length)
        self.update(Content.assemble(line, " " * gap, tail))

    def on_resize(self) -> None:
        self.display_state()


def thousands(count: int) -> str:
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)
