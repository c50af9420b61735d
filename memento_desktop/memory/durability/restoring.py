"""Puts a copy of the bank back, and keeps the owner's word on the way: what was removed for good since does not come back with it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations, mark_of
from memento_desktop.memory.durability.backup import Backups, Restored
from memento_desktop.memory.durability.copying import contents, examine, opened, pages
from memento_desktop.memory.memories import Memories, keyed


@dataclass(frozen=True)
class Purged:
    """What the present bank knows of memories that were removed for good: hashes under its own key, so that no text is kept."""

    key: bytes
    hashes: dict[str, str]
    """To when it was."""

    def holds(self, profile: str, text: str) -> bool:
        return self.of(profile, text) in self.hashes

    def of(self, profile: str, text: str) -> str:
        return keyed(self.key, profile, text)


def restore(backups: Backups, path: Path, purged_too: bool = False) -> tuple[Restored, int]:
    """See `Backups.restore`; a memory that was removed for good since the copy was taken is removed from what is put back.

    The same for conversations. Only where the present bank can still be read: it alone knows what was removed.

    Args:
        purged_too: put back the copy as it is.

    Returns:
        What was done, and how many memories and conversations were removed again.
    """
    present = None if purged_too else _purged(backups.bank)
    if present is None:
        return backups.restore(path), 0
    with _without(backups, path, present) as (staged, removed):
        return backups.restore(staged), removed


def _purged(bank: Path) -> Purged | None:
    """None where nothing was removed that is not there again, told by its owner once more."""
    try:
        with opened(bank, live=True) as db:
            contents(db, bank)
            found = list(db.execute("SELECT value FROM secret WHERE name = 'tombstone'"))
            hashes = dict(db.execute("SELECT keyed_hash, at FROM tombstone"))
            if not found or not hashes:
                return None
            purged = Purged(bytes.fromhex(found[0][0]), hashes)
            for profile, body in db.execute("SELECT profile, body FROM memory"):
                hashes.pop(purged.of(profile, body), None)
            return purged if hashes else None
    except (apsw.Error, MementoError):
        return None  # a bank that cannot be read is replaced; `Backups.restore` keeps it


@contextmanager
def _without(backups: Backups, path: Path, purged: Purged) -> Generator[tuple[Path, int]]:
    """The copy, or where it holds what was removed, a second one without it: made aside, so that putting it back stays one step."""
    examine(path, thorough=True)
    with opened(path) as db:
        if not _found(db, purged) and not _talks(db, purged):
            yield path, 0
            return
    aside = backups.folder / f"staged-{secrets.token_hex(4)}"
    staged = aside / "bank.sqlite"
    try:
        try:
            aside.mkdir(parents=True, mode=0o700)
            with opened(path) as db:
                pages(db, staged)
        except (OSError, apsw.Error) as error:
            raise MementoError(f"{path} could not be put back; the bank is as it was: {error}.", "Check the space on the disk.") from error
        removed = _remove(staged, purged)
        yield staged, removed
    finally:
        shutil.rmtree(aside, ignore_errors=True)


STATES = (
    "SELECT id, profile, body FROM memory UNION "
    "SELECT memory_id, after ->> '$.memory.profile', after ->> '$.memory.body' FROM revision WHERE json_valid(after) UNION "
    "SELECT memory_id, before ->> '$.memory.profile', before ->> '$.memory.body' FROM revision WHERE json_valid(before)"
)
"""Everything that memories say, and what they said."""


def _found(db: Any, purged: Purged) -> dict[int, str]:
    """Memories that were removed, with their profiles."""
    return {number: profile for number, profile, body in db.execute(STATES) if purged.holds(profile, body)}


def _talks(db: Any, purged: Purged) -> dict[int, str]:
    """Conversations that were removed, with their profiles; a copy from before there were any has none."""
    if "profile" not in {row[1] for row in db.execute("PRAGMA table_info(session)")}:
        return {}
    rows = db.execute("SELECT id, profile, started_at FROM session")
    return {number: profile for number, profile, started in rows if purged.holds(profile, mark_of(started))}


def _remove(staged: Path, purged: Purged) -> int:
    """Removes what was removed before, in each profile, also what was undone; opening the bank brings it up to date."""
    bank = Bank(staged)
    try:
        memories = Memories(bank)
        gone = _found(bank.db, purged)
        for number, profile in gone.items():
            bank.use(profile)
            bank.rows("UPDATE case_detail SET outcome = 'interrupted', runner = '' WHERE memory_id = ? AND outcome = 'running'", number)
            memories.purge(number)
        talks = _talks(bank.db, purged)
        for number, profile in talks.items():
            bank.use(profile)
            Conversations(bank).purge(number)
        with bank.writing():  # under the key of the present bank, which is the one that goes on
            bank.rows(
                "INSERT INTO secret VALUES ('tombstone', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", purged.key.hex()
            )
            for digest, at in purged.hashes.items():
                bank.rows("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", digest, at)
        bank.rows("PRAGMA journal_mode=DELETE")
        return len(gone) + len(talks)
    finally:
        bank.close()
