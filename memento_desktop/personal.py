"""The owner's own world around a task: what is said is written down, changed files are read again, what is worth keeping is proposed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from memento_desktop.agent import events as ev
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.said import SaidSearch
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.learning.credit import words
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Kind, Memory, Source
from memento_desktop.memory.search import Search
from memento_desktop.memory.tokens import STOP_WORDS

if TYPE_CHECKING:
    from memento_desktop.memory.curation.curator import Curator, Kept
    from memento_desktop.memory.curation.proposing import Message, Proposer
    from memento_desktop.memory.curation.review import Review

REFRESH_SECONDS = 2.0
"""What reading changed files again may hold up a task."""
MOST_SOURCES = 3
HELD = 0.6
"""Share of an answer's own words that a memory must hold to be called its source."""
log = logging.getLogger(__name__)


class Personal:
    """Conversations, documents, curation and copies of one bank, as they meet in a task."""

    def __init__(self, bank: Bank, memories: Memories, search: Search) -> None:
        self.bank, self.memories = bank, memories
        self.conversations, self.said = Conversations(bank), SaidSearch(bank)
        self.documents = Documents(bank, memories)
        self.backups = Backups(bank.path)
        self.search = search

    # The rules of curation take longer to import than most commands to run: only who needs them waits for them.

    @cached_property
    def curator(self) -> Curator:
        from memento_desktop.memory.curation.curator import Curator

        return Curator(self.bank, self.memories, self.search)

    @cached_property
    def proposer(self) -> Proposer:
        from memento_desktop.memory.curation.proposing import Proposer

        return Proposer(self.bank, self.memories, self.curator)

    @cached_property
    def review(self) -> Review:
        from memento_desktop.memory.curation.review import Review

        return Review(self.bank, self.memories, self.curator)

    def write_down(self, role: str, text: str, case_id: int | None = None, session: int | None = None) -> int:
        """Adds to a conversation. Returns the message's number.

        Args:
            session: its number; `NEW` begins one; None takes the one that goes on, or begins one after an hour of silence.
        """
        with self.bank.writing():
            return self.conversations.add(self.conversation(text, session), role, text, case_id=case_id)

    def conversation(self, text: str, session: int | None = None) -> int:
        """The number of the conversation that `text` is to be written into, see `write_down`; a new one is named after it."""
        chosen = self.conversations.current() if session is None else session
        return chosen or self.conversations.begin(title_of(text))

    def remember(self, text: str, whole: str, kind: Kind = "fact", session: int | None = None) -> Kept:
        """Keeps what the owner said, with the message that it stands in as its source.

        Args:
            text: the statement.
            whole: all that was said, "Remember that …" included.
            session: the conversation that it is said in, see `write_down`.

        Raises:
            MementoError: there is nothing in it; or the standing instructions are full, it stands in the conversation all the same.
        """
        if not text.strip():
            raise MementoError("There is nothing to remember: the text is empty.")
        message = self.write_down("user", whole, session=session)
        kept = self.curator.remember(text, kind=kind, source=Source(f"message:{message}", whole))
        said = f"{'Remembered' if kept.new else 'I knew that'}: {kept.memory.body}"
        self.write_down("assistant", said, session=self.conversations.message(message).session_id)
        return kept

    async def refresh(self) -> list[str]:
        """Reads documents again that changed. Returns what the owner should hear of it."""
        try:
            return (await self.documents.refresh(REFRESH_SECONDS)).lines()
        except MementoError as error:
            log.warning("documents were not looked at: %s", error)
            return [f"documents were not looked at: {error.message}"]

    def turn(self, session: int | None = None) -> Turn:
        return Turn(self, session)

    def sources(self, answer: str, task: str, read: Sequence[int]) -> tuple[ev.AnswerSource, ...]:
        """Those of the memories that were read which hold most of an answer's words that the task has not.

        Args:
            task: with what the tools told: what an answer took from there it need not have from memory.
        """
        told = words(answer) - STOP_WORDS - words(task)
        found = [(len(told & words(f"{m.title} {m.body}")) / len(told), m) for m in self.memories.of(read)] if told else []
        best = max((share for share, _ in found), default=0.0)
        holding = [memory for share, memory in found if share >= max(HELD, best)][:MOST_SOURCES]
        return tuple(ev.AnswerSource(memory_id=m.id, title=m.title, where=self.where(m)) for m in holding)

    def still_saying(self, memory: Memory) -> tuple[list[int], list[int]]:
        """Conversations and cases that hold a memory's very words, by number: they are not removed with it."""
        said = self.bank.rows(
            "SELECT DISTINCT s.id FROM message m JOIN session s ON s.id = m.session_id WHERE s.profile = ? "
            "AND instr(lower(m.text), lower(?)) ORDER BY s.id",
            self.bank.profile, memory.body,
        )  # fmt: skip
        quoted = self.bank.rows(
            "SELECT id FROM case_detail JOIN memory ON id = memory_id WHERE profile = ? AND id != ? "
            "AND instr(lower(task || ' ' || answer || ' ' || plan), lower(?)) ORDER BY id",
            self.bank.profile, memory.id, memory.body,
        )  # fmt: skip
        return [row["id"] for row in said], [row["id"] for row in quoted]

    def where(self, memory: Memory) -> str:
        """Where a memory came from, in a few words; empty where nothing is known but that its owner made it."""
        if (place := self.documents.place(memory.id)) is not None:
            return place.said
        return next((self.where_of(source) for source in self.memories.sources(memory.id)), "")

    def where_of(self, source: Source) -> str:
        """A source in a few words."""
        kind, _, number = source.ref.partition(":")
        if kind == "message" and number.isdigit():
            return self._spoken(int(number))
        return ", ".join(part for part in (source.ref, source.locator) if part)

    def _spoken(self, message_id: int) -> str:
        try:
            at = datetime.fromisoformat(self.conversations.message(message_id).at).astimezone()
        except MementoError:
            return "a conversation that is gone"
        return f"what you said on {at.day} {at:%B %Y}"


class Turn:
    """One task in the conversation: follows its events, and knows at the end what in it may be worth keeping."""

    def __init__(self, personal: Personal, session: int | None = None) -> None:
        """`session` is the conversation, see `Personal.write_down`; from the first message on it is the one that this was written into."""
        self.personal, self.session = personal, session
        self.task, self.case_id, self.message = "", 0, 0
        self.answered = False
        self.read: list[int] = []
        self.results: list[str] = []

    def follow(self, event: ev.Event) -> ev.Event:
        """Writes down what is said; gives an answer the sources that it can be seen to rest on."""
        match event:
            case ev.TaskStarted():
                self.task, self.case_id = event.task, event.case_id
                log.info("task %s begins on %s", event.case_id, event.model)
                self.message = self.personal.write_down("user", event.task, event.case_id, self.session)
                self.session = self.personal.conversations.message(self.message).session_id
                return event.model_copy(update={"session_id": self.session})
            case ev.MemoryUsed():
                self.read = [item.id for item in event.items if item.shown and item.kind not in ("case", "lesson")]
            case ev.ToolFinished(ok=True) if event.tool != "recall":
                self.results.append(event.text)
            case ev.Answer():
                self.answered = True
                self._say(event.text)
                told = "\n".join((self.task, *self.results))
                return event.model_copy(update={"sources": self.personal.sources(event.text, told, self.read)})
            case ev.CaseWritten():
                log.info("task %s is %s after %.1f s", event.case_id, event.outcome, event.seconds)
                self.end()
            case _:
                pass
        return event

    def end(self) -> None:
        """Writes down what a task that was stopped had begun to answer. Done once, however often it is called."""
        if not self.message or self.answered:
            return
        self.answered = True
        rows = self.personal.bank.rows("SELECT answer FROM case_detail WHERE memory_id = ? AND outcome = 'cancelled'", self.case_id)
        try:
            if rows and rows[0]["answer"]:
                self._say(rows[0]["answer"])
        except MementoError as error:  # the conversation was deleted meanwhile; the case has it
            log.warning("what was begun as an answer is not in the conversation: %s", error)

    def _say(self, text: str) -> None:
        self.personal.write_down("assistant", text, self.case_id, self.session if self.message else None)

    def propose(self, suggested: Sequence[Mapping[str, Any]] = ()) -> list[Memory]:
        """What this message says that may be worth keeping: by rule, and of what a model suggests what the message bears out."""
        proposer = self.personal.proposer
        session = self.personal.conversations.message(self.message).session_id
        found = proposer.run(session, since=self.message - 1)
        if suggested:
            found += proposer.accept_model(suggested, self._message())
        return found

    async def keep(self, text: str) -> None:
        """For the model's own `remember`: a proposal, if it is what the owner said.

        Raises:
            MementoError: it is not.
        """
        whole = {"kind": "fact", "text": text, "quote": self.task}
        if not await asyncio.to_thread(lambda: self.personal.proposer.accept_model([whole], self._message())):
            raise MementoError("This is not kept: it is known already, or it is not what the owner said in this task.")

    def _message(self) -> Message:
        """
        Raises:
            MementoError: the conversation was deleted meanwhile.
        """
        found = next((one for one in self.personal.proposer.messages(since=self.message - 1) if one.id == self.message), None)
        if found is None:  # StopIteration would never arrive out of a thread
            raise MementoError("The conversation was deleted meanwhile.")
        return found
