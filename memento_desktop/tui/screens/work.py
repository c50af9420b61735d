"""The first screen: the conversation, the plan as it lives, the prompt."""

from __future__ import annotations

import gc
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Footer, Static
from textual.worker import WorkerCancelled, WorkerFailed

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.desk import files_in
from memento_desktop.tui.screens.answers import Answers
from memento_desktop.tui.shell import shell
from memento_desktop.tui.view import TaskView
from memento_desktop.tui.widgets.conversation import Conversation, Entry
from memento_desktop.tui.widgets.panels import CompactLine, Meters, SidePanel
from memento_desktop.tui.widgets.prompt import Prompt, Suggestions

if TYPE_CHECKING:
    from memento_desktop.agent.events import Event
    from memento_desktop.tui.desk import Desk

REPAINTS = 20
"""Times a second that what is streamed is drawn, at most."""
WIDE = 110
"""Columns from which the plan stands beside the conversation."""
HELLO = """Ask something, or try:

  What is 17% of 2340?
  Total the km in @trips.csv          a table; @ completes its name
  Remember that my locker code is 4471

F1 shows all keys. F8 shows what is remembered: nothing is hidden from you, and every change can be undone."""


class Hello(Static):
    """What stands in an empty conversation."""

    offer = ""
    """What models there are beside the built-in one, once it is known."""

    def __init__(self) -> None:
        super().__init__(self._said(), classes="empty")

    def _said(self) -> Content:
        return Content(HELLO + (f"\n\n{clean(Hello.offer)}" if Hello.offer else ""))

    def tell(self, offer: str) -> None:
        Hello.offer = offer
        self.update(self._said())


class WorkScreen(Answers):
    """Where a person works."""

    BINDINGS = [*commands.bindings("work")]  # noqa: RUF012
    DEFAULT_CSS = """
    WorkScreen #body { height: 1fr; }
    WorkScreen #queue { height: auto; max-height: 4; padding: 0 1; color: $text-muted; display: none; }
    WorkScreen SidePanel { display: none; }
    WorkScreen.-wide SidePanel { display: block; }
    WorkScreen.-wide CompactLine { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.view: TaskView | None = None
        """The task that runs, or the one that ran last."""
        self.entry: Entry | None = None
        self.queue: list[str] = []
        self._dirty = False
        self.meters, self.talk, self.side, self.line = Meters(), Conversation(Hello()), SidePanel(), CompactLine("")
        self.waiting = Static("", id="queue")
        self.suggestions = Suggestions()
        self.prompt = Prompt(self.suggestions)

    def compose(self) -> ComposeResult:
        yield self.meters
        with Horizontal(id="body"):
            yield self.talk
            yield self.side
        yield from (self.line, self.waiting, self.suggestions, self.prompt)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.prompt.focus()
        self.set_interval(1 / REPAINTS, self._paint)
        self._draw()

    def on_resize(self) -> None:
        panel = self.desk.settings.app.plan_panel if self.desk.is_open else "auto"
        self.set_class(panel == "always" or (panel == "auto" and self.size.width >= WIDE), "-wide")

    async def opened(self) -> None:
        """The assistant is there: model, past prompts, names of files."""
        assistant = self.desk.assistant
        meters = self.meters
        meters.model, meters.profile, meters.context = assistant.model.name, assistant.bank.profile, assistant.model.context
        meters.temporary = self.desk.temporary
        self.on_resize()
        self._draw()
        talks = assistant.personal.conversations
        self.desk.session = await self.desk.call(talks.current)
        if self.desk.session is not None:
            await self.resume(self.desk.session)
        if not self.prompt.past:
            self.prompt.past = await self.desk.call(talks.written)
        for case in assistant.recovered:
            self.notify(f"This task was interrupted: {case.task}", severity="warning", markup=False)
        await self.desk.call(_warm)
        files = await self.desk.call(files_in, assistant.folders.roots)
        self.prompt.files = lambda: files
        offer = await self.desk.call(_offered, self.desk)
        for hello in self.query(Hello):
            hello.tell(offer)
        self.prompt.suggest()
        self._catch_up()
        if self.queue and not self.busy:
            self._work_off()

    @property
    def busy(self) -> bool:
        return self.view is not None and self.view.running

    # a conversation

    async def resume(self, session: int) -> None:
        """Goes on with a past conversation."""
        talks = self.desk.assistant.personal.conversations
        messages = await self.desk.call(talks.messages, session)
        self.desk.session = session
        entries = [
            Entry("user" if m.role == "user" else "assistant", m.text, m.case_id or 0, ended=m.outcome if m.outcome in ENDED else "")
            for m in messages
        ]
        await self.talk.show(entries)
        self.view = self.entry = None
        self._draw()

    @work
    async def action_new_session(self) -> None:
        if self.busy:
            self.notify("A task is running. Esc stops it.", severity="warning")
            return
        self.desk.session = 0
        await self.talk.show([])
        self.view = self.entry = None
        self._draw()

    @work
    async def action_temporary(self) -> None:
        if self.busy:
            self.notify("A task is running. Esc stops it.", severity="warning")
            return
        self.desk.temporary = not self.desk.temporary
        self.meters.temporary = self.desk.temporary
        self.desk.session = 0
        await self.talk.show([])
        self.view = self.entry = None
        self._draw()
        self.notify("No memory is read and none is written." if self.desk.temporary else "Memory is read and written again.")

    # a task

    async def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        text = event.text
        slash = commands.slashes().get(text[1:]) if text.startswith("/") else None
        if slash is not None:
            await self.run_command(slash)
            return
        if text.startswith("/") and " " not in text and "/" not in text[1:]:
            self.notify(f"There is no command {text}. Type / to see all.", severity="warning", markup=False)
            self.prompt.write(text)
            return
        self.queue.append(text)
        if not self.busy and self.desk.is_open:
            self._work_off()
        self._draw()

    async def settled(self) -> None:
        """Returns when the task that was stopped has been written down."""
        self.queue.clear()
        for worker in list(self.workers):
            if worker.group == "task":
                with suppress(WorkerCancelled, WorkerFailed):
                    await worker.wait()

    async def run_command(self, command: commands.Command) -> None:
        """A slash command, wherever its action stands."""
        node = self if hasattr(self, f"action_{command.does}") else shell(self)
        await node.run_action(command.does)

    def on_prompt_queued_wanted(self) -> None:
        if self.queue and not self.prompt.text:
            self.prompt.write(self.queue.pop())
            self._draw()

    @work(exclusive=True, group="task")
    async def _work_off(self) -> None:
        """The queue, one task after the other."""
        while self.queue:
            await self._one(self.queue.pop(0))
        self._catch_up()

    @work(exclusive=True, group="index")
    async def _catch_up(self) -> None:
        if not self.desk.temporary:
            await self.desk.catch_up()

    async def _one(self, task: str) -> None:
        self.view = view = TaskView(task, phase="starting")
        await self.talk.add(Entry("user", task))
        self.entry = entry = Entry("assistant", "", view=view)
        await self.talk.add(entry)
        self._dirty = True
        try:
            async with aclosing(self.desk.run(task)) as events:
                async for event in events:
                    self._apply(view, event)
        except MementoError as error:
            view.broke(error.message, error.hint)
        entry.case_id, entry.text = view.case_id, view.text
        await self._paint()
        if entry.widget is not None:
            await entry.widget.end_stream()
        self._draw()
        self._tell(view)

    def _apply(self, view: TaskView, event: Event) -> None:
        view.apply(event)
        self._dirty = True
        if event.type == "replied":
            meters = self.meters
            meters.used = event.prompt_tokens + event.completion_tokens
            if event.seconds > 0:
                meters.speed = event.completion_tokens / event.seconds

    async def _paint(self) -> None:
        """What changed since the last time."""
        if not self._dirty or self.view is None or self.entry is None:
            return
        self._dirty = False
        self.entry.text = self.view.text
        await self.talk.changed(self.entry)
        self._draw()

    def _draw(self) -> None:
        self.side.show(self.view)
        self.line.display_view(self.view)
        self.meters.display_state()
        self.waiting.display = bool(self.queue)
        head = "queued" if self.desk.is_open else "will run as soon as the memory is open"
        self.waiting.update(Content("\n".join(f"{head}: {clean(task.splitlines()[0])}" for task in self.queue[-3:])))

    def _tell(self, view: TaskView) -> None:
        """A long task that ended while the owner looks elsewhere is told of by the terminal's bell and a notification (OSC 9)."""
        app = shell(self)
        limit = app.desk.settings.app.notify_seconds if app.desk.is_open else 0
        if limit and view.seconds >= limit and not app.focused_terminal:
            app.tell_outside(f"Memento: {'done' if view.answer else 'ended'}")

    def action_leave(self) -> None:
        """Esc: closes the suggestions, else stops the task, else goes back to the prompt."""
        if self.prompt.hide():
            return
        if self.desk.cancel():
            self.notify("Stopping. What was done so far is kept.")
            return
        self.prompt.focus()


def _warm() -> None:
    """In a thread: what the first answer will need, so that it need not be waited for then."""
    from memento_desktop.tui.widgets.markdown import warm

    warm()
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again and again would hold up the screen for a fifth of a second


def _offered(desk: Desk) -> str:
    from memento_desktop.tui.model_words import found_models

    return found_models(desk)


ENDED = ("interrupted", "cancelled", "failed")
