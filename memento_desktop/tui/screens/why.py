"""Why each memory was read for a task, and why others were left out; what is wrong can be mended from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.curating import Curating, shapes
from memento_desktop.tui.screens.sheets import Sheet
from memento_desktop.tui.shelf import shelf
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.detail import helped
from memento_desktop.tui.widgets.memory_rows import decimal, one_line, since, spark

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.detail import Detail, Looked, Why
    from memento_desktop.memory.records import Memory
    from memento_desktop.tui.shelf import Shelf

LEFT = 11
"""Cells of the names at the left."""
NOTHING_READ = "No memory was read for this task."
NOTHING_KEPT = "What was looked at for this task is not known: it ran without memory, or came from elsewhere."


class WhySheet(Sheet[None], Curating):  # the sheet comes first: the toolkit takes styles from the first base alone
    """`case_id`: the task."""

    BINDINGS = [*commands.bindings("why")]  # noqa: RUF012
    DEFAULT_CSS = """
    WhySheet .box { height: auto; max-height: 92%; }
    WhySheet .title { margin: 0; }
    WhySheet #of { margin: 0 0 1 0; color: $text-muted; }
    WhySheet OptionList { border: none; background: $surface; padding: 0; height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    WhySheet OptionList:focus { border: none; background-tint: $foreground 0%; }
    WhySheet OptionList > .option-list--option-highlighted { background: $primary 15%; color: $foreground; text-style: none; }
    WhySheet OptionList:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: none; }
    """

    def __init__(self, case_id: int) -> None:
        super().__init__()
        self.case_id = case_id
        self.why: Why | None = None
        self.left_out = False
        """Whether what was left out is shown."""
        self._details: Mapping[int, Detail] = {}

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static("Looking why …", classes="title", markup=False)
            yield Static("", id="of")
            yield OptionList()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._load()

    async def look_again(self) -> None:
        self._load()

    async def targets(self) -> Sequence[int]:
        looked = self.current
        return [looked.memory_id] if looked is not None and not looked.gone else []

    @property
    def shown(self) -> Sequence[Looked]:
        if self.why is None:
            return ()
        return self.why.left_out if self.left_out else self.why.read

    @property
    def current(self) -> Looked | None:
        """What the cursor stands on."""
        at = self.query_one(OptionList).highlighted
        return self.shown[at] if at is not None and at < len(self.shown) else None

    @work(exclusive=True, group="why")
    async def _load(self) -> None:
        try:
            kept = await shelf(shell(self).desk)
            self.why, self._details = await shell(self).desk.call(_looked, kept, self.case_id)
        except MementoError as error:
            shell(self).say_error(error)
            return
        if self.why is not None and not self.why.read and self.why.left_out:
            self.left_out = True
        self._draw()

    def _draw(self) -> None:
        why = self.why
        self.query_one(".title", Static).update(Content(one_line(why.query)) if why else Content(NOTHING_KEPT))
        self.query_one("#of", Static).update(self._of())
        options = self.query_one(OptionList)
        at = options.highlighted
        options.clear_options()
        width = max(20, min(100, self.size.width * 9 // 10) - 6)
        options.add_options(
            [Option(looked_text(one, self._details.get(one.memory_id), width), id=str(n)) for n, one in enumerate(self.shown)]
        )  # fmt: skip
        if self.shown:
            options.highlighted = min(at or 0, len(self.shown) - 1)

    def _of(self) -> Content:
        why = self.why
        if why is None:
            return Content("")
        names = (f"read {len(why.read)}", f"left out {len(why.left_out)}")
        parts = [Content.styled(name, "bold $text-accent" if self.left_out == bool(n) else "") for n, name in enumerate(names)]
        line = Content.assemble(Content("   ").join(parts), "   ", f"chosen by {why.policy}, {since(why.at)} ago")
        more = [clean(why.note)] if why.note else []
        more += [NOTHING_READ] if not why.read else []
        return Content("\n").join([line, *(Content(text) for text in more)])

    def on_resize(self) -> None:
        if self.why is not None:
            self._draw()

    # keys

    def action_other(self) -> None:
        self.left_out = not self.left_out
        self.query_one(OptionList).highlighted = None
        self._draw()

    def action_open(self) -> None:
        from memento_desktop.tui.screens.memory import MemoryScreen

        looked = self.current
        if looked is None:
            return
        if looked.gone:
            self.notify("It was removed for good since.", severity="warning")
            return
        shell(self).push_screen(MemoryScreen(looked.memory_id))

    @shapes(most=1)
    async def action_not_relevant(self, kept: Shelf, meant: list[Memory]) -> None:
        await self._call("Saying so", kept.assistant.reading.not_relevant, self.case_id, meant[0].id)
        self.notify(clean(f"Beside the point here: {one_line(meant[0].title)}  · u takes it back"), markup=False)
        await shell(self).changed()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open()


def _looked(kept: Shelf, case_id: int) -> tuple[Why | None, dict[int, Detail]]:
    """What was looked at, and what is known of that by now. For a thread."""
    why = kept.details.why(case_id)
    if why is None:
        return None, {}
    wanted = [one for one in (*why.read, *why.left_out[:12]) if not one.gone]
    return why, {one.memory_id: kept.details.of(one.memory_id, 1) for one in wanted}


def looked_text(looked: Looked, detail: Detail | None, width: int) -> Content:
    """One memory that was looked at: what it is, why it was found, what it did so far, what it says."""
    facts = [looked.kind or "gone"]
    if detail is not None:
        facts.append(f"{since(detail.memory.recorded_at)} ago")
        facts += [detail.memory.status] if detail.memory.status != "active" else []
        facts += ["pinned"] if detail.memory.pinned else []
    tail = " · ".join(facts)
    title = "(removed for good since)" if looked.gone else one_line(looked.title)
    room = max(8, width - len(tail) - 2)
    if cell_len(title) > room:
        title = f"{title[: room - 1]}…"
    out = [Content.assemble((title, "bold"), "  ", (tail, "$foreground-muted"))]
    if not looked.shown and looked.reason:
        out.append(_row("left out", looked.reason))
    out.append(_row("matched", _matched(looked)))
    out.append(_row("helped", _use(looked, detail, width - LEFT)))
    if chosen := _chosen(looked):
        out.append(_row("chosen", chosen))
    if detail is not None and (said := _says(detail)):
        out.append(_row("says", said[:300]))
    if looked.where:
        out.append(_row("from", looked.where))
    return Content("\n").join([*out, Content("")])


def _row(name: str, text: str | Content) -> Content:
    return Content.assemble((f"{name:<{LEFT}}", "$foreground-muted"), clean(text) if isinstance(text, str) else text)


def _matched(looked: Looked) -> str:
    parts = [" · ".join(one_line(term) for term in looked.terms[:12]) if looked.terms else "no word in common"]
    parts += [f"text rank {looked.rank_text}"] if looked.rank_text else []
    parts += [f"meaning rank {looked.rank_vector}"] if looked.rank_vector else []
    parts += [f"similarity {decimal(looked.similarity)}"] if looked.similarity is not None else []
    return "   ".join(parts)


def _use(looked: Looked, detail: Detail | None, room: int) -> Content:
    known = helped(looked.read, looked.helped, looked.harmed)
    if detail is None or not detail.credit:
        return Content(known)
    values = [value for _, value in detail.credit]
    return Content.assemble(
        known,
        ("   credit ", "$foreground-muted"),
        (spark(values, max(4, min(16, room - len(known) - 15))), "$text-accent"),
        f" {decimal(values[-1])}",
    )


def _chosen(looked: Looked) -> str:
    """What the choice went by, and how far the plan followed it."""
    parts = [f"expected worth {decimal(looked.q)}"] if looked.q is not None else []
    parts += [f"chance of being shown {decimal(looked.propensity)}"] if looked.propensity < 1 else []
    parts += [f"the plan followed it {looked.followed:.0%}"] if looked.followed is not None else []
    return "   ".join(parts)


def _says(detail: Detail) -> str:
    """What it told the planner: of a case that was corrected the correction, else its answer or text."""
    if detail.case is not None:
        return f"{one_line(detail.case.correction)} (your correction)" if detail.case.correction else one_line(detail.case.answer)
    text = one_line(detail.memory.body)
    return "" if text == one_line(detail.memory.title) else text
