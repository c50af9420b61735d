"""What is said about documents: one of them, the place of a passage, what a reading did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from memento_desktop.memory.documents.files import Skipped
from memento_desktop.memory.documents.standing import Held
from memento_desktop.memory.documents.writing import Outcome

What = Literal["remember", "read again", "changed"]
"""Why files are read: their owner gives them, asks for it, or they changed."""
EACH = 4
"""Sentences of one sort that are said one by one."""


@dataclass(frozen=True)
class Document:
    """One file that is remembered."""

    path: str
    passages: int
    proposed: int
    """Texts that wait for the owner: the file changed where he had edited."""
    read_at: str | None
    missing_since: str | None
    state: Literal["as read", "changed", "missing", "unreadable", "imported"]
    """How the file lies there now; `changed` is read again before the next task, `imported` was never read here and is not looked at."""
    held: Held = "last"
    """Which reading of it is in use."""


@dataclass(frozen=True)
class Place:
    """Where a passage stands."""

    path: str
    locator: str
    read_at: str | None
    missing_since: str | None

    @property
    def said(self) -> str:
        """`handbook.md, lines 10–24`."""
        return ", ".join(part for part in (Path(self.path).name, self.locator) if part)


@dataclass
class Report:
    """What a call did, file by file."""

    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    """Files that could not be read, and why; what was known of them stays."""
    missing: list[str] = field(default_factory=list[str])
    """Files that were found to be gone this time."""
    returned: list[str] = field(default_factory=list[str])
    """Files that were gone and are there again."""
    asked: bool = False
    """The owner named the files, which need not have changed."""

    @property
    def changed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.changed]

    def lines(self) -> list[str]:
        """What the owner should hear, one sentence each; nothing where nothing happened."""
        changed = [f"{Path(one.path).name} {'read again' if self.asked else 'changed'}: {counted(one)}" for one in self.changed]
        missing = [f"{Path(path).name} is gone: what it said is still remembered" for path in self.missing]
        returned = [f"{Path(path).name} is there again" for path in self.returned]
        skipped = [f"{Path(one.path).name} was not read again: {one.reason}" for one in self.skipped]
        return [
            *_short(changed, "documents changed"), *_short(missing, "documents are gone: what they said is still remembered"),
            *_short(returned, "documents are there again"), *_short(skipped, "documents were not read again"),
        ]  # fmt: skip


def _short(said: list[str], together: str) -> list[str]:
    """Each sentence, or how many they are: a folder that is not mounted is one thing to hear of, not a thousand."""
    return (
        said if len(said) <= EACH else [*said[: EACH - 1], f"{len(said) - EACH + 1} more {together}; `memento documents list` names them"]
    )


def counted(outcome: Outcome) -> str:
    """`2 passages new, 1 replaced`; of a file that moved, from where."""
    parts = [
        (outcome.new, "new"), (outcome.replaced, "replaced"), (outcome.gone, "gone"), (outcome.back, "back"),
        (outcome.proposed, "waiting for you, since you had edited the old text"),
    ]  # fmt: skip
    said = [f"{n} {word}" for n, word in parts if n]
    if outcome.taken_up and not said:
        return "as it was imported; watched from now on"
    if said:
        number, _, rest = said[0].partition(" ")
        said[0] = f"{number} {'passage' if number == '1' else 'passages'} {rest}"
    return ", ".join([*([f"moved from {outcome.moved_from}"] if outcome.moved_from else []), *said])


def label(outcomes: Sequence[Outcome], what: What) -> str:
    """What the history calls a reading of files."""
    changed = [outcome for outcome in outcomes if outcome.changed]
    total = Outcome("", moved_from=changed[0].moved_from if len(changed) == 1 else "")
    for one in changed:
        total.new += one.new
        total.replaced += one.replaced
        total.gone += one.gone
        total.back += one.back
        total.proposed += one.proposed
    name, told = named([one.path for one in changed]), counted(total) or "moved"
    return f"remember {name}: {told}" if what == "remember" else f"{name} {what}: {told}"


def named(paths: Sequence[str]) -> str:
    """`handbook.md`, or `3 documents`."""
    return Path(paths[0]).name if len(paths) == 1 else f"{len(paths)} documents"
