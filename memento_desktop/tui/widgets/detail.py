"""All that is known of one memory, as text: for the pane under the list, the page of one memory, and why it was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memento_desktop import plain
from memento_desktop.plain import clean, reasons
from memento_desktop.tui.widgets.memory_rows import ORIGINS, day_of, decimal, one_line, since, spark

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.detail import Detail, Linked, Use
    from memento_desktop.memory.records import Case, Memory

LONGEST = 20_000
"""Characters of a text that are laid out; the whole is in the editor."""
MARKS = {"helped": "helped", "harmed": "did not help"}


def dim(text: str) -> Content:
    return Content.styled(clean(text), "$foreground-muted")


def accent(text: str) -> Content:
    return Content.styled(clean(text), "$text-accent")


def body(text: str, most: int = LONGEST) -> Content:
    """A remembered text, as it is; of a very long one the beginning."""
    text = clean(text)
    if len(text) <= most:
        return Content(text)
    return Content.assemble(text[:most], Content.styled(f"\n… {len(text) - most:,} more characters; E shows all", "$foreground-muted"))


def lines(parts: Iterable[Content]) -> Content:
    return Content("\n").join(parts)


def title(text: str) -> Content:
    return Content.styled(text, "bold $foreground-muted")


def standing(memory: Memory) -> Content:
    """Kind, where it stands, since when, who it came from: one line."""
    now = plain.present().isoformat(timespec="microseconds")
    parts = [Content(memory.kind)]
    if memory.status == "proposed":
        parts.append(accent("proposed: waits for you (r)"))
    elif memory.status != "active":
        parts.append(Content.styled({"trashed": "in the trash"}.get(memory.status, memory.status), "$text-warning"))
    if memory.valid_from and memory.kind != "case":
        parts.append(Content(f"since {day_of(memory.valid_from)}"))
    if memory.valid_to:
        parts.append(Content.styled(f"until {day_of(memory.valid_to)}", "$text-warning" if memory.valid_to <= now else ""))
    parts += [accent("pinned")] if memory.pinned else []
    parts += [accent("in every prompt")] if memory.always_on else []
    parts += [Content("edited by you")] if memory.user_edited else []
    parts.append(dim(f"from {memory.pool or ORIGINS.get(memory.origin, memory.origin)}, {since(memory.recorded_at)} ago"))
    parts.append(dim(f"number {memory.id}"))
    return Content(" · ").join(parts)


def helped(read: int, good: int, bad: int) -> str:
    """How often something was read and what came of it."""
    if not read:
        return "never read for a task"
    times = "once" if read == 1 else f"{read} times"
    said = f"helped {good} of {good + bad}" if good + bad else "nobody said yet whether it helped"
    return f"read {times}, {said}"


def case_text(case: Case) -> Content:
    """A task as it went."""
    worth = "" if case.reward is None else f", worth {decimal(case.reward)} by {_judge(case.reward_source)}"
    out = [Content(clean(case.task)), dim(f"{case.outcome}{worth}{f' · {clean(case.reason)}' if case.reason else ''}")]
    if case.tainted:
        out.append(Content.styled("text that nobody vouched for went into it", "$text-warning"))
    out += [Content.assemble(("planned  ", "$foreground-muted"), clean(f"{n}. {step}")) for n, step in enumerate(case.plan, 1)]
    for step in case.steps:
        call = f"{step.tool} {one_line(step.args)}" if step.tool else one_line(step.task)
        out.append(Content.assemble(("did      ", "$foreground-muted"), clean(call)))
        if step.result:
            out.append(Content.styled(f"         → {one_line(step.result)}", "$foreground-muted" if step.ok else "$text-error"))
    if case.answer:
        out.append(Content.assemble(("answer   ", "$foreground-muted"), body(case.answer)))
    if case.correction:
        out.append(Content.assemble(("you said ", "$foreground-muted"), accent(case.correction)))
    if case.model:
        out.append(dim(f"{case.model} · {case.tokens:,} tokens · {case.seconds:.1f} s"))
    return lines(out)


def _judge(source: str) -> str:
    return {"owner": "you", "check": "a check", "self": "the model itself"}.get(source, "no one")


def text_of(detail: Detail) -> Content:
    """What it says."""
    if detail.case is not None:
        return case_text(detail.case)
    memory = detail.memory
    said = body(memory.body)
    headed = memory.kind == "document" and memory.title and not memory.body.startswith(memory.title)
    return lines([dim(memory.title), said]) if headed else said


def credit_of(detail: Detail, width: int = 24) -> Content:
    """How helpful it was taken for over time, as a small plot."""
    memory = detail.memory
    known = helped(memory.read, memory.helpful, memory.harmful)
    if not detail.credit:
        return dim(known)
    last = detail.credit[-1][1]
    span = f"{day_of(detail.credit[0][0])} – {day_of(detail.credit[-1][0])}"
    note = "" if detail.credited else " (for reading only: what is chosen does not go by it)"
    plot = spark([value for _, value in detail.credit], width)
    return Content.assemble(
        (f"{known}   credit ", "$foreground-muted"), (plot, "$text-accent"), f" {decimal(last)} ", (f"{span}{note}", "$foreground-muted")
    )


def sources_of(detail: Detail) -> Content:
    """Where it came from, with the words."""
    out: list[Content] = []
    for source in detail.sources:
        when = f"  {day_of(source.said_at)}" if source.said_at and day_of(source.said_at) not in source.where else ""
        out.append(Content.assemble(clean(source.where or source.ref), (when, "$foreground-muted")))
        if source.quote and source.quote != detail.memory.body:
            out.append(dim(f"  “{clean(source.quote[:2000])}”"))
    return lines(out)


def link_line(link: Linked) -> Content:
    """One link: what it is, and to what."""
    state = "" if link.status == "active" else f"  {'in the trash' if link.status == 'trashed' else link.status}"
    return Content.assemble((f"{link.rel:<19} ", "$foreground-muted"), one_line(link.title), (f"  {link.kind}{state}", "$foreground-muted"))


def history_of(detail: Detail, most: int = 40) -> Content:
    """Its changes, the newest first."""
    out = [
        Content.assemble(
            (f"{day_of(one.at)}  ", "$foreground-muted"), (clean(one_line(one.label)), "strike $foreground-muted" if one.undone else ""),
            (f"  by {'you' if one.actor == 'owner' else one.actor}", "$foreground-muted"),
        )
        for one in detail.changes[:most]
    ]  # fmt: skip
    return lines(out)


def use_line(use: Use, whole: bool = True) -> Content:
    """One reading: when, for what, what came of it; `whole`: with what was found alike."""
    came = MARKS.get(use.verdict, "")
    if not use.shown:
        came = f"left out: {use.reason}" if use.reason else "left out"
    style = {"helped": "$text-success", "harmed": "$text-error"}.get(use.verdict, "$foreground-muted")
    beside = use.policy == "owner"
    if beside:
        came, style = "beside the point, you said", "$text-error"
    practised = "practice  " if use.practised and not beside else ""
    head = Content.assemble(
        (f"{day_of(use.at)}  {practised}", "$foreground-muted"), one_line(use.task), (f"  {clean(came)}" if came else "", style)
    )  # fmt: skip
    return lines([head, dim(f"  {reasons(use.terms, use.rank_text, use.rank_vector, use.similarity)}")]) if whole else head


def pane_of(detail: Detail, width: int) -> Content:
    """Everything, short: for the pane beside the list."""
    parts = [standing(detail.memory), text_of(detail), credit_of(detail, max(8, min(24, width - 50)))]
    parts += _part("links", [link_line(link) for link in detail.links[:12]])
    parts += _part("from", [sources_of(detail)] if detail.sources else [])
    parts += _part("changes", [history_of(detail, 8)] if detail.changes else [])
    parts += _part("readings", [use_line(use, False) for use in detail.uses if use.shown][:8])
    return lines(parts)


def _part(name: str, content: Sequence[Content]) -> list[Content]:
    return [Content(""), title(name), *content] if content else []


class DetailPane(VerticalScroll):
    """The memory under the cursor."""

    DEFAULT_CSS = """
    DetailPane { padding: 0 1; border-top: hkey $surface-lighten-2; scrollbar-size-vertical: 1; }
    DetailPane Static { height: auto; }
    DetailPane:focus { border-top: hkey $primary; }
    """

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.detail: Detail | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="detail-text")

    def show(self, detail: Detail | None) -> None:
        """Another memory, from its beginning; the same one where it was."""
        same = detail is not None and self.detail is not None and detail.memory.id == self.detail.memory.id
        self.detail = detail
        self._draw()
        if not same:
            self.scroll_home(animate=False)

    def _draw(self) -> None:
        self.query_one("#detail-text", Static).update(pane_of(self.detail, self.size.width) if self.detail else Content(""))

    def on_resize(self) -> None:
        if self.detail is not None:
            self._draw()
