"""Which reading of a file the bank holds: told from the passages that stand in it, not from what was noted when the file was read.

What is noted of a reading are marks of its passages and of their places (`told`), outside the history. Undo, redo, an import or a copy that
is put back change the passages alone; so both are compared whenever somebody asks. What the owner edited, deleted, put away, merged or
purged of a reading does not make it another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.memories import Memories

Held = Literal["last", "older", "beside"]
"""Of a file the bank holds its last reading; an older one, since the last was taken back; the last and older text beside it."""
PARTS = " › "
"""Between the parts of a passage's title, of which the file's name is the first."""
PLACE = 8
"""Digits that tell the places within one file apart."""

PASSAGES = """
SELECT m.id, m.status, m.user_edited, m.valid_to, s.quote, s.locator,
    s.id = (SELECT min(id) FROM source WHERE memory_id = m.id) AS of_it
FROM source s JOIN memory m ON m.id = s.memory_id
WHERE s.ref = ? AND m.profile = ? AND m.kind = 'document' AND s.quote != ''
"""
"""`of_it`: read from the file, not from somebody's export that names it."""
STRANGE = """
SELECT DISTINCT s.ref, substr(m.title, 1, instr(m.title, ?) - 1) AS name FROM source s JOIN memory m ON m.id = s.memory_id
WHERE m.profile = ? AND m.kind = 'document' AND m.pool = '' AND m.status IN ('active', 'proposed') AND s.quote != ''
    AND instr(m.title, ?) > 1 AND ? IN ('', s.sha256)
    AND NOT EXISTS (SELECT 1 FROM document_file f WHERE f.profile = m.profile AND f.path = s.ref)
ORDER BY s.ref
"""


def name_of(path: str) -> str:
    """A file's name, also of one that lies on another system."""
    return re.split(r"[/\\]", path)[-1]


class Standing:
    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories

    def told(self, passages: Iterable[tuple[str, str]]) -> str:
        """What is noted of a reading: a mark for each of its passages (text, place), and first one of nothing, by which the key of the
        marks is known again: a bank that was put back may have another."""
        return " ".join([self._mark(), *sorted(self._marks(passages))])

    def held(self, path: str, told: str) -> Held:
        """Which reading of a file stands in the bank, where `told` was noted of the last one. One that tells nothing is the last."""
        reading = set(told.split())
        if self._mark() not in reading:
            return "last"
        reading.discard(self._mark())
        rows = self.bank.rows(PASSAGES, path, self.bank.profile)
        # A passage that a later reading replaced has an end; one that its owner merged into another has none, and stands there.
        there = [row for row in rows if row["status"] != "superseded" or row["valid_to"] is None]
        lacking = reading - self._marks((row["quote"], row["locator"]) for row in there)
        texts = {mark: mark.partition(".")[0] for mark in lacking}
        purged = self.memories.purged_marks(texts.values())
        if any(text not in purged for text in texts.values()):
            return "older"
        known = {mark.partition(".")[0] for mark in reading}
        return "beside" if self._beside(there, known) else "last"

    def all_there(self, path: str, told: str) -> int:
        """How many passages are in use, where these are all of the last reading and no others; otherwise 0."""
        active = [row for row in self.bank.rows(PASSAGES, path, self.bank.profile) if row["status"] == "active"]
        wanted = set(told.split()) - {self._mark()}
        return len({row["id"] for row in active}) if self._marks((row["quote"], row["locator"]) for row in active) == wanted else 0

    def imported(self, sha256: str = "") -> list[str]:
        """Files whose passages came with an import of an export of ours, and that were never read here.

        Args:
            sha256: only those with a passage that was read from this very content.
        """
        rows = self.bank.rows(STRANGE, PARTS, self.bank.profile, PARTS, sha256)
        return list(dict.fromkeys(row["ref"] for row in rows if name_of(row["ref"]) == row["name"]))

    def _beside(self, there: Sequence[Row], known: set[str]) -> bool:
        """Whether a passage is in use that the reading does not hold, and that nobody edited."""
        marks = self.memories.marks({row["quote"] for row in there})
        of_reading = {row["id"] for row in there if marks[row["quote"]] in known}
        return any(row["status"] == "active" and row["of_it"] and not row["user_edited"] and row["id"] not in of_reading for row in there)

    def _mark(self) -> str:
        return self.memories.marks([""])[""]

    def _marks(self, passages: Iterable[tuple[str, str]]) -> set[str]:
        known = list(passages)
        marks = self.memories.marks({part for passage in known for part in passage})
        return {f"{marks[text]}.{marks[place][:PLACE]}" for text, place in known}
