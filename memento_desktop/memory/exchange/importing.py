"""Import: a file's memories and conversations as one undoable change, all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange import detection, files
from memento_desktop.memory.exchange.base import Draft, Item, Log, Problem, Progress, Talk
from memento_desktop.memory.exchange.landing import Landing
from memento_desktop.memory.memories import Memories

Landed = Literal["proposed", "active"]


@dataclass
class Imported:
    """What an import did, or would do."""

    name: str
    format: str
    """What a person calls the format."""
    dry_run: bool
    restored: bool = False
    """Whether everything stands as it did where it was exported."""
    memories: Counter[str] = field(default_factory=Counter[str])
    """New ones by kind."""
    active: int = 0
    """Of them, those that are in use at once."""
    conversations: int = 0
    grown: int = 0
    """Conversations that were known and had gone on."""
    messages: int = 0
    proposals: int = 0
    """Statements found in what the owner said there, waiting for him."""
    skipped: Counter[str] = field(default_factory=Counter[str])
    """Why and how many: known, twice in the file, in the trash, purged."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    bad: int = 0
    problems: Sequence[Problem] = ()
    change: int | None = None
    """The number of the change, for undo; None when nothing was written."""

    @property
    def count(self) -> int:
        """New memories."""
        return self.memories.total()


class _DryRun(Exception):
    """Ends the transaction of a dry run, so that nothing of it is kept."""


class Importer:
    def __init__(self, bank: Bank, memories: Memories, conversations: Conversations, propose: Callable[[int], int] | None = None) -> None:
        """
        Args:
            propose: finds statements in what the owner said in a conversation (by number) and proposes them; returns how many.
        """
        self.bank, self.memories, self.conversations, self.propose = bank, memories, conversations, propose

    def run(
        self, path: Path, format: str = "", *, dry_run: bool = False, landed: Landed = "proposed", as_it_was: bool = False,
        strict: bool = False, progress: Progress = lambda done, total: None,
    ) -> Imported:  # fmt: skip
        """Imports a file, folder or zip archive.

        Args:
            format: one of `detection.NAMES`; empty: known by the content.
            dry_run: the same counts, and nothing is written.
            landed: how new memories stand. Standing instructions wait for the owner either way.
            as_it_was: an export of ours gives every memory back as it stood: status, pins, who wrote it, verdicts.
            strict: the first bad record ends it; nothing is imported then.

        Raises:
            MementoError: it cannot be read, is in no known format, or nothing in it could be used.
        """
        log = Log(strict)
        opened = files.opened(path, log)
        chosen, parts = detection.found(opened, format, log)
        if as_it_was and chosen.name != "memento":
            raise MementoError(f"{opened.name} is {chosen.title}, not an export of Memento.", "Import it without --as-it-was.")
        items = list(chosen.read(parts, log))
        if not items and log.bad_count:
            first = log.problems[0]
            raise MementoError(f"Nothing in {opened.name} could be read. {first.place}: {first.why}.", "Nothing was imported.")
        report = Imported(opened.name, chosen.title, dry_run, as_it_was)
        hashes = {part.name: part.sha256 for part in parts}
        try:
            with self.bank.change("owner", f"import: {opened.name}") as change:
                landing = Landing(
                    self.bank, self.memories, self.conversations, change, landed, as_it_was, lambda part: (opened.ref(part), hashes[part])
                )
                self._land(items, landing, report, progress)
                for what, count in landing.left_out.items():
                    log.leave_out(what, count)
                if dry_run:
                    raise _DryRun
                report.change = change.id if landing.touched else None
        except _DryRun:
            pass
        report.left_out, report.bad, report.problems = log.left_out, log.bad_count, log.problems
        return report

    def _land(self, items: Sequence[Item], landing: Landing, report: Imported, progress: Progress) -> None:
        talks = [item for item in items if isinstance(item, Talk)]
        drafts = [item for item in items if isinstance(item, Draft)]
        for n, item in enumerate((*talks, *drafts), 1):  # memories point into what was said
            if isinstance(item, Talk):
                landing.talk(item)
            else:
                landing.memory(item)
            if n % 100 == 0 or n == len(items):
                progress(n, len(items))
        landing.link()
        if self.propose is not None and not landing.as_it_was:
            report.proposals = sum(self.propose(session) for session in landing.heard)
        report.memories, report.active, report.skipped = landing.new, landing.active, landing.skipped
        report.conversations, report.grown, report.messages = landing.begun, landing.grown, landing.messages
