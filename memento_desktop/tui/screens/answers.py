"""What a person does with an answer: judge it, correct it, keep it, ask why, copy it, write the conversation to a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from memento_desktop.errors import MementoError
from memento_desktop.tui.screens.sheets import LineSheet, PlanSheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.conversation import Conversation, Entry

if TYPE_CHECKING:
    from memento_desktop.tui.desk import Desk
    from memento_desktop.tui.view import TaskView
    from memento_desktop.tui.widgets.prompt import Prompt

_CODE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)


class Answers(Screen[None]):
    """The half of the first screen that deals with what was answered."""

    talk: Conversation
    prompt: Prompt
    view: TaskView | None

    @property
    def desk(self) -> Desk:
        return shell(self).desk

    # what an answer is worth

    def _last(self) -> Entry | None:
        return next((entry for entry in reversed(self.talk.entries) if entry.role == "assistant" and entry.case_id), None)

    def on_conversation_writing(self) -> None:
        self.prompt.focus()

    def on_prompt_leaving(self) -> None:
        self.talk.focus()

    async def on_conversation_wanted(self, event: Conversation.Wanted) -> None:
        event.stop()
        match event.what:
            case "good" | "bad":
                await self._judge(event.entry, 1.0 if event.what == "good" else 0.0)
            case "correct":
                self._correct(event.entry)
            case "why":
                await self._why(event.entry)
            case "remember":
                self._remember(event.entry.text)
            case "copy-code":
                self._copy("\n".join(_CODE.findall(event.entry.text)), "code")
            case _:
                self._copy(event.entry.text, "message")

    async def action_good(self) -> None:
        await self._judge(self._last(), 1.0)

    async def action_bad(self) -> None:
        await self._judge(self._last(), 0.0)

    async def _judge(self, entry: Entry | None, reward: float, correction: str = "") -> None:
        if entry is None or not entry.case_id:
            self.notify("There is no answer yet that a verdict could be given on.", severity="warning")
            return
        try:
            follows = await self.desk.verdict(entry.case_id, reward, correction)
        except MementoError as error:
            shell(self).say_error(error)
            return
        said = "corrected" if correction else "good" if reward >= 0.5 else "bad"
        entry.note = f"{said}: {follows}"
        await self.talk.changed(entry)
        await shell(self).changed()

    def action_correct(self) -> None:
        self._correct(self._last())

    @work
    async def _correct(self, entry: Entry | None) -> None:
        if entry is None or not entry.case_id:
            self.notify("There is no answer yet to correct.", severity="warning")
            return
        hint = "In your words: “leave out rows marked void”. The next similar task reads it."
        text = await shell(self).push_screen_wait(LineSheet("What should it do next time?", hint))
        if text:
            await self._judge(entry, 0.0, text)

    def action_remember(self) -> None:
        marked = self.get_selected_text()
        last = self._last()
        self._remember(marked or (last.text if last else ""))

    @work
    async def _remember(self, text: str) -> None:
        text = self.get_selected_text() or text
        chosen = await shell(self).push_screen_wait(LineSheet("Remember this", "A fact, in one sentence.", " ".join(text.split())))
        if not chosen:
            return
        try:
            kept = await self.desk.call(self.desk.assistant.remember, chosen)
        except MementoError as error:
            shell(self).say_error(error)
            return
        self.notify(f"{'Remembered' if kept.new else 'Known already'}: {kept.memory.body}", markup=False)
        await shell(self).changed()

    async def action_why(self) -> None:
        await self._why(self._last())

    async def _why(self, entry: Entry | None) -> None:
        if entry is None or not entry.case_id:
            self.notify("No task yet that memory was read for.", severity="warning")
            return
        from memento_desktop.tui.screens.why import WhySheet

        await shell(self).push_screen(WhySheet(entry.case_id))

    def action_plan(self) -> None:
        if self.view is None:
            self.notify("No task has run yet.", severity="warning")
            return
        shell(self).push_screen(PlanSheet(self.view))

    @work
    async def action_export(self) -> None:
        """Writes the conversation to a file."""
        from memento_desktop.memory.conversations.transcript import export

        session = self.desk.session
        if not session:
            self.notify("There is no conversation yet that could be written to a file.", severity="warning")
            return
        hint = "The ending says how: .md for reading, .json for other programs."
        chosen = await shell(self).push_screen_wait(LineSheet("Write this conversation to", hint, f"conversation-{session}.md"))
        if not chosen:
            return
        try:
            talks = self.desk.assistant.personal.conversations
            path = await self.desk.call(lambda: export(talks, session, Path(chosen).expanduser()))
        except MementoError as error:
            shell(self).say_error(error)
            return
        self.notify(f"Written: {path}", markup=False)

    def action_copy(self) -> None:
        last = next((entry for entry in reversed(self.talk.entries) if entry.role == "assistant"), None)
        self._copy(last.text if last else "", "answer")

    def _copy(self, text: str, what: str) -> None:
        text = self.get_selected_text() or text
        if not text:
            self.notify(f"There is no {what} to copy.", severity="warning")
            return
        shell(self).copy_to_clipboard(text)
        self.notify(f"Copied: {len(text):,} characters.")
