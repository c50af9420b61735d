"""Documents that the owner gave to remember: read in passages, read again when a file changes, marked when it is gone, forgotten.

Each passage is a memory of kind `document`, so that it is searched, read, pinned, edited and undone like any other; its source says which
file and which place in it. What stands in `document_file` is bookkeeping outside the history: which reading is in use is told by the
passages (`standing`). A file is watched while one of its passages is in use: an undone `remember` ends that, a redone one resumes it. An
undone re-reading is the owner's decision: it is done again when he asks for it, or when the file changes. A document that came with an
import is not watched: an import does not say which files are read.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.documents.files import Converter, Read, Skipped, State, absolute, collect, digest_of, read, state_of
from memento_desktop.memory.documents.report import Document, Place, Report, What, label, named
from memento_desktop.memory.documents.standing import Standing, name_of
from memento_desktop.memory.documents.writing import Outcome, Writer
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Memory, now
from memento_desktop.sandbox.convert import LIMITS, Limits, convert

AT_ONCE = max(1, min(4, (os.cpu_count() or 2) // 2))
"""Files that are converted side by side."""
LEAST_SECONDS = 1.0
"""What a file has to be read in at least, however little of the budget is left."""
TICK = 2_000_000_000
"""Nanoseconds: the coarsest clock that a file system stamps with. A file that was read so soon after its last change may have been changed
again under the same stamp, so its content is looked at."""

WATCHED = """
SELECT f.* FROM document_file f WHERE f.profile = ? AND EXISTS (
    SELECT 1 FROM source s JOIN memory m ON m.id = s.memory_id
    WHERE s.ref = f.path AND m.profile = f.profile AND m.kind = 'document' AND m.status = 'active')
ORDER BY f.path
"""


class Documents:
    def __init__(self, bank: Bank, memories: Memories, converter: Converter = convert) -> None:
        self.bank, self.memories, self.converter = bank, memories, converter
        self.standing = Standing(bank, memories)

    async def remember(self, names: Sequence[str], told: Callable[[int, int, str], None] = lambda n, total, name: None) -> Report:
        """Reads files, folders and patterns, all as one change that can be undone.

        Args:
            told: hears how many files of how many are done, and the next one's name.

        Raises:
            MementoError: a name means nothing that is there, or too many files. What cannot be read is in the report.
        """
        found = await asyncio.to_thread(collect, names)
        report = Report(skipped=found.skipped)
        done, gate = 0, asyncio.Semaphore(AT_ONCE)

        async def one(path: str) -> Read | None:
            nonlocal done
            async with gate:
                told(done, len(found.files), path)
                kept = None
                try:
                    kept = await asyncio.to_thread(self._as_known, path)
                    return None if kept else await read(path, self.converter, LIMITS)
                except MementoError as error:
                    report.skipped.append(Skipped(path, _reason(error)))
                finally:
                    done += 1
                    if kept:
                        report.outcomes.append(kept)
            return None

        reads = [result for result in await asyncio.gather(*map(one, found.files)) if result is not None]
        await asyncio.to_thread(self._write, reads, report, "remember")
        return report

    def _as_known(self, path: str) -> Outcome | None:
        """What is known of a file that needs no reading: it and its passages are what they were."""
        rows = self.bank.rows(
            "SELECT sha256, digest FROM document_file WHERE profile = ? AND path = ? AND missing_since IS NULL", self.bank.profile, path
        )
        if not rows:
            return None
        held = self.standing.all_there(path, rows[0]["digest"])
        try:
            state_of(path)
            return Outcome(path, same=held) if held and digest_of(path) == rows[0]["sha256"] else None
        except OSError:
            return None  # said when it is read

    def _write(self, reads: Sequence[Read], report: Report, what: What) -> None:
        """Everything that was read, as one change."""
        if not reads:
            return
        by_owner = what == "remember"
        with self.bank.change("assistant" if what == "changed" else "owner", "documents") as change:
            writer = Writer(self.bank, self.memories, change, by_owner)
            for one in reads:
                twin = self._twin(one) if by_owner else ""
                if twin and state_or_none(twin) is not None:
                    report.skipped.append(Skipped(one.path, f"the same as {twin}, which is remembered"))
                    continue
                report.outcomes.append(writer.apply(one, moved_from=twin))
            self.bank.rows("UPDATE txn SET label = ? WHERE id = ?", label(report.outcomes, what), change.id)

    def _twin(self, one: Read) -> str:
        """Another file with the same content that is watched, where this one is not; it may have been moved here."""
        if self._watched(one.path):
            return ""
        twin = next((row["path"] for row in self._watched() if row["sha256"] == one.sha256), "")
        return twin or next((path for path in self.standing.imported(one.sha256) if state_or_none(path) is None), "")

    def _watched(self, path: str | None = None) -> list[Row]:
        rows = self.bank.rows(WATCHED, self.bank.profile)
        return rows if path is None else [row for row in rows if row["path"] == path]

    async def refresh(self, budget_seconds: float | None = None, name: str = "") -> Report:
        """Looks at each watched file and reads those again that changed: one change by the assistant.

        Args:
            budget_seconds: after which no further file is begun; None reads them all. What is left, being written or not readable is in
                the report, stays as it was and has its turn the next time.
            name: a file, or a folder for all below it: the owner asks for these alone, and an older reading in use gives way too.

        Raises:
            MementoError: nothing of that name is watched.
        """
        report = Report(asked=bool(name))
        wanted = await asyncio.to_thread(self._watched_of, name) if name else await asyncio.to_thread(self._watched)
        changed = await asyncio.to_thread(self._look, report, wanted)
        end = None if budget_seconds is None else time.monotonic() + budget_seconds
        reads: list[Read] = []
        for path in changed:
            left = LIMITS.seconds if end is None else end - time.monotonic()
            if left <= 0:
                report.skipped.append(Skipped(path, "there was no time for it; `memento documents refresh` reads it"))
                continue
            limits = replace(LIMITS, seconds=min(LIMITS.seconds, max(LEAST_SECONDS, left)))
            try:
                reads.append(await read(path, self.converter, limits))
            except MementoError as error:
                report.skipped.append(Skipped(path, _reason(error, limits)))
        if reads:
            await asyncio.to_thread(self._write, reads, report, "read again" if name else "changed")
        return report

    def _watched_of(self, name: str) -> list[Row]:
        meant = set(self._meant(name))
        found = [row for row in self._watched() if row["path"] in meant]
        if not found:
            path = next(iter(meant))
            raise MementoError(f"{path} was imported, and is not watched here.", "`memento documents add PATH` reads it and watches it.")
        return found

    def _look(self, report: Report, rows: Sequence[Row]) -> list[str]:
        """Those of these files whose content is another than the one read; marks what is gone and what is there again. With
        `report.asked` those too of which an older reading is in use."""
        changed: list[str] = []
        marks: list[tuple[str, str | None]] = []
        same: list[tuple[str, State]] = []
        for row in rows:
            path, known = row["path"], State(row["size"], row["mtime_ns"])
            try:
                state = state_of(path)
                if row["missing_since"]:
                    marks.append((path, None))
                    report.returned.append(path)
                if report.asked and self.standing.held(path, row["digest"]) != "last":
                    changed.append(path)
                    continue
                if state == known and not _too_soon(row):
                    continue
                if state.size <= LIMITS.bytes and digest_of(path) == row["sha256"]:
                    same.append((path, state))
                else:
                    changed.append(path)
            except (FileNotFoundError, NotADirectoryError):
                if not row["missing_since"]:
                    marks.append((path, now()))
                    report.missing.append(path)
            except OSError as error:
                report.skipped.append(Skipped(path, f"it cannot be opened: {error.strerror}"))
        self._note(marks, same)
        return changed

    def _note(self, marks: Sequence[tuple[str, str | None]], same: Sequence[tuple[str, State]]) -> None:
        if not marks and not same:
            return
        profile = self.bank.profile
        with self.bank.writing():
            for path, since in marks:
                self.bank.rows("UPDATE document_file SET missing_since = ? WHERE profile = ? AND path = ?", since, profile, path)
            for path, state in same:
                self.bank.rows(
                    "UPDATE document_file SET size = ?, mtime_ns = ?, read_at = ? WHERE profile = ? AND path = ?",
                    state.size, state.mtime_ns, now(), profile, path,
                )  # fmt: skip

    def forget(self, name: str) -> tuple[list[str], int]:
        """Puts all passages of a file, or of all files below a folder, into the trash: one change. Returns the files and how many passages.

        Raises:
            MementoError: nothing of that name is remembered.
        """
        wanted = self._meant(name)
        with self.bank.change("owner", f"forget {named(wanted)}") as change:
            rows = [
                row["id"]
                for path in wanted
                for row in self.bank.rows(
                    "SELECT DISTINCT m.id FROM source s JOIN memory m ON m.id = s.memory_id WHERE s.ref = ? AND m.profile = ? "
                    "AND m.kind = 'document' AND m.status != 'trashed' AND s.quote != ''",
                    path, self.bank.profile,
                )
            ]  # fmt: skip
            for number in rows:
                change.touch(number)
                self.bank.rows("UPDATE memory SET status = 'trashed' WHERE id = ?", number)
                self.bank.index(number)
        return wanted, len(rows)

    def _meant(self, name: str) -> list[str]:
        paths = [*(row["path"] for row in self._watched()), *self.standing.imported()]
        whole = absolute(name)
        below = whole.rstrip(os.sep) + os.sep
        found = [path for path in paths if path == whole or path.startswith(below)]
        if not found:
            found = [path for path in paths if name_of(path) == name]
        if not found:
            raise MementoError(f"No document {name} is remembered.", "`memento documents list` shows them.")
        if len(found) > 1 and Path(name).name == name and whole not in found and not any(path.startswith(below) for path in found):
            raise MementoError(f"Several documents are called {name}.", f"Give the whole path: {', '.join(found)}.")
        return found

    def list(self) -> list[Document]:
        """All documents in use, by path."""
        found = [self._document(row) for row in self._watched()]
        for path in self.standing.imported():
            counts = self._counts(path)
            found.append(Document(path, counts.get("active", 0), counts.get("proposed", 0), None, None, "imported"))
        return sorted(found, key=lambda one: one.path)

    def _counts(self, path: str) -> dict[str, int]:
        """Status → how many passages of a file."""
        rows = self.bank.rows(
            "SELECT m.status, count(DISTINCT m.id) AS n FROM source s JOIN memory m ON m.id = s.memory_id "
            "WHERE s.ref = ? AND m.profile = ? AND m.kind = 'document' GROUP BY m.status",
            path, self.bank.profile,
        )  # fmt: skip
        return {row["status"]: row["n"] for row in rows}

    def _document(self, row: Row) -> Document:
        counts = self._counts(row["path"])
        state: Literal["as read", "changed", "missing", "unreadable"] = "as read"
        missing = row["missing_since"]
        try:
            if state_of(row["path"]) != State(row["size"], row["mtime_ns"]) and digest_of(row["path"]) != row["sha256"]:
                state = "changed"
            missing = None
        except (FileNotFoundError, NotADirectoryError):
            state = "missing"
        except OSError:
            state = "unreadable"
        held = self.standing.held(row["path"], row["digest"])
        return Document(row["path"], counts.get("active", 0), counts.get("proposed", 0), row["read_at"], missing, state, held)

    def passages(self, name: str) -> list[tuple[Memory, Place]]:
        """What is remembered of a file or folder and not in the trash, file by file, each passage with its place.

        Raises:
            MementoError: nothing of that name is remembered.
        """
        rows = [
            row["id"]
            for path in self._meant(name)
            for row in self.bank.rows(
                "SELECT DISTINCT m.id FROM source s JOIN memory m ON m.id = s.memory_id WHERE s.ref = ? AND m.profile = ? "
                "AND m.kind = 'document' AND m.status NOT IN ('trashed', 'superseded') AND s.quote != '' ORDER BY m.id",
                path, self.bank.profile,
            )
        ]  # fmt: skip
        places = self.places(rows)
        found = [(memory, places[memory.id]) for memory in self.memories.of(rows)]
        return sorted(found, key=lambda one: (one[1].path, _order(one[1].locator)))

    def place(self, memory_id: int) -> Place | None:
        """Where a passage stands; None for what is none."""
        return self.places([memory_id]).get(memory_id)

    def places(self, ids: Sequence[int]) -> dict[int, Place]:
        """The same for several memories at once: those of them that are passages of documents."""
        found: dict[int, Place] = {}
        for number in ids:
            rows = self.bank.rows(
                "SELECT s.ref, s.locator, f.read_at, f.missing_since FROM source s JOIN memory m ON m.id = s.memory_id "
                "LEFT JOIN document_file f ON f.profile = m.profile AND f.path = s.ref "
                "WHERE m.id = ? AND m.profile = ? AND m.kind = 'document' ORDER BY f.path IS NULL, s.id LIMIT 1",
                number, self.bank.profile,
            )  # fmt: skip
            if rows:
                row = rows[0]
                found[number] = Place(row["ref"], row["locator"], row["read_at"], row["missing_since"])
        return found


def state_or_none(path: str) -> State | None:
    """How a file lies there; None when it does not."""
    try:
        return state_of(path)
    except OSError:
        return None


def _order(locator: str) -> tuple[str, int]:
    """Sorts places as they follow one another in a file."""
    number = re.search(r"\d+(?=\D*\d*(?: of its text)?$)", locator)
    return (locator.partition(",")[0] if locator.startswith("sheet ") else "", int(number[0]) if number else 0)


def _too_soon(row: Row) -> bool:
    return row["mtime_ns"] > datetime.fromisoformat(row["read_at"]).timestamp() * 1e9 - TICK


def _reason(error: MementoError, limits: Limits = LIMITS) -> str:
    if limits.seconds < LIMITS.seconds and " seconds to read" in error.message:
        return "it takes longer than there was time for; `memento documents refresh` reads it"
    return str(error)
