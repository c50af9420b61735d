"""Brings the passages of one file in the bank in line with what was read from it. Used inside a change, so that it can be undone.

What stands in the file as before stays the memory that it was, with its usage and its pin. What the owner edited is never replaced, what
he deleted or put away does not come back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memento_desktop.memory.bank import Bank, Change, Row
from memento_desktop.memory.documents.chunking import Chunk
from memento_desktop.memory.documents.files import Read
from memento_desktop.memory.documents.matching import paired
from memento_desktop.memory.documents.standing import PARTS, Standing, name_of
from memento_desktop.memory.memories import TITLE, Memories
from memento_desktop.memory.records import Source, content_hash, now

FIRST_WORDS = 60

KNOWN = """
SELECT m.id, m.title, m.status, m.user_edited, m.pinned, m.trust, s.id AS source, s.ref, s.quote, s.locator,
    EXISTS (SELECT 1 FROM link l WHERE l.b = m.id AND l.rel = 'supersedes') AS answered,
    EXISTS (SELECT 1 FROM link l WHERE l.a = m.id AND l.rel = 'supersedes') AS answers
FROM source s JOIN memory m ON m.id = s.memory_id
WHERE s.ref = ? AND m.profile = ? AND m.kind = 'document' AND m.status != 'superseded' AND m.superseded_by IS NULL AND s.quote != ''
ORDER BY m.status = 'active' DESC, m.status = 'proposed' DESC, m.status = 'archived' DESC, m.id
"""
"""`answered`: the file's new text stands beside it already, as a proposal; `answers`: it is that proposal."""


@dataclass
class Outcome:
    """What one reading of a file did to its passages, in numbers."""

    path: str
    new: int = 0
    replaced: int = 0
    gone: int = 0
    same: int = 0
    proposed: int = 0
    """New texts of passages that the owner edited: they wait for him."""
    back: int = 0
    """Taken out of the trash again."""
    left_out: int = 0
    """Passages that the owner deleted, put away or purged: they stay so."""
    moved_from: str = ""
    taken_up: bool = False
    """It had come with an import, and is watched from now on."""
    ids: list[int] = field(default_factory=list[int])
    """The passages that are new here."""

    @property
    def changed(self) -> bool:
        return bool(self.new or self.replaced or self.gone or self.proposed or self.back or self.moved_from or self.taken_up)


def title_for(path: str, chunk: Chunk) -> str:
    """`handbook.md › Travel › Hotels`; without headings the first words of the passage. A long one is cut in the middle."""
    name = Path(path).name
    headings = list(chunk.headings)
    if headings and _letters(headings[0]) == _letters(Path(path).stem):  # the document's own title says the same as its name
        headings = headings[1:]
    parts = [name, *headings] if chunk.headings else [name, _first_words(chunk.text)]
    whole = PARTS.join(part for part in parts if part)
    if len(whole) <= TITLE:
        return whole
    short = PARTS.join((name, "…", parts[-1]))
    return short if len(parts) > 2 and len(short) <= TITLE else whole[: TITLE - 1] + "…"


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _first_words(text: str) -> str:
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if len(line) <= FIRST_WORDS:
        return line
    return line[: FIRST_WORDS - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _of_file(row: Row) -> bool:
    """Whether a memory that names a file was made by reading it, here or where it was exported: its title begins with the file's name."""
    return row["title"].startswith(name_of(row["ref"]) + PARTS)


class Writer:
    """Applies readings within one change."""

    def __init__(self, bank: Bank, memories: Memories, change: Change, by_owner: bool) -> None:
        """
        Args:
            by_owner: he named the file himself just now: what he threw away as a whole comes back.
        """
        self.bank, self.memories, self.change, self.by_owner = bank, memories, change, by_owner
        self.standing = Standing(bank, memories)
        self.at = now()

    def apply(self, read: Read, moved_from: str = "") -> Outcome:
        """Writes what one file holds now, and how it lay on the disk when it was read."""
        outcome = Outcome(read.path, moved_from=moved_from)
        profile = self.bank.profile
        before = self.bank.rows("SELECT 1 FROM document_file WHERE profile = ? AND path = ?", profile, moved_from or read.path)
        known = [row for ref in dict.fromkeys((read.path, moved_from or read.path)) for row in self.bank.rows(KNOWN, ref, profile)]
        outcome.taken_up = self.by_owner and not before and any(_of_file(row) for row in known)
        chunks = list({(title_for(read.path, chunk), chunk.text): chunk for chunk in read.chunks}.values())
        coming, left = self._keep(read, chunks, known, outcome)
        left = left if before else [row for row in left if outcome.taken_up and _of_file(row)]
        self._replace(read, coming, left, bool(before) or outcome.taken_up, outcome)
        told = self.standing.told((chunk.text, chunk.place) for chunk in chunks)
        self.bank.rows(
            "INSERT INTO document_file (profile, path, sha256, size, mtime_ns, read_at, digest) VALUES (?,?,?,?,?,?,?) "
            "ON CONFLICT (profile, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size, mtime_ns = excluded.mtime_ns, "
            "read_at = excluded.read_at, digest = excluded.digest, missing_since = NULL",
            profile, read.path, read.sha256, read.state.size, read.state.mtime_ns, self.at, told,
        )  # fmt: skip
        return outcome

    def _keep(self, read: Read, chunks: Sequence[Chunk], known: list[Row], outcome: Outcome) -> tuple[list[Chunk], list[Row]]:
        """Keeps what stands there as before. Returns the passages that are not known, and the known ones that are not there."""
        revive = self.by_owner and not any(row["status"] == "active" for row in known)
        by_text: dict[str, list[Row]] = {}
        for row in known:
            by_text.setdefault(row["quote"], []).append(row)
        coming: list[Chunk] = []
        stay: set[int] = set()
        for chunk in chunks:
            title = title_for(read.path, chunk)
            same = [row for row in by_text.get(chunk.text, ()) if row["id"] not in stay]
            row = next((row for row in same if row["title"] == title), same[0] if same else None)
            if row is None:
                coming.append(chunk)
                continue
            stay.add(row["id"])
            self._stays(read, chunk, title, row, revive, outcome)
        return coming, [row for row in known if row["id"] not in stay]

    def _stays(self, read: Read, chunk: Chunk, title: str, row: Row, revive: bool, outcome: Outcome) -> None:
        back = (revive and row["status"] in ("trashed", "archived")) or (
            outcome.taken_up and row["status"] == "proposed" and not row["answers"]  # its owner names the file himself now
        )
        if row["status"] in ("trashed", "archived") and not back:
            outcome.left_out += 1
        elif back and row["status"] == "proposed":
            outcome.new += 1
        elif back:
            outcome.back += 1
        else:
            outcome.same += 1
        retitled = row["title"] != title and not row["user_edited"]
        if not back and not retitled and (row["ref"], row["locator"]) == (read.path, chunk.place):
            return
        self.change.touch(row["id"])
        self.bank.rows(
            "UPDATE source SET ref = ?, locator = ?, sha256 = ? WHERE id = ?", read.path, chunk.place, read.sha256, row["source"]
        )
        if back:
            self.bank.rows("UPDATE memory SET status = 'active' WHERE id = ?", row["id"])
        if retitled:
            self.bank.rows("UPDATE memory SET title = ?, content_hash = ? WHERE id = ?", title, content_hash(title, chunk.text), row["id"])
        if back or retitled:
            self.bank.index(row["id"])

    def _replace(self, read: Read, coming: list[Chunk], known: Sequence[Row], again: bool, outcome: Outcome) -> None:
        """New passages, each in the place of the old one that it is a version of, where there is one; what is left over went."""
        left = [row for row in known if row["status"] in ("active", "proposed") and not (row["user_edited"] and row["answered"])]
        wanted = [chunk for chunk in coming if not self.memories.purged(chunk.text)]
        outcome.left_out += len(coming) - len(wanted)
        pairs = paired([(row["title"], row["quote"]) for row in left], [(title_for(read.path, c), c.text) for c in wanted])
        old_of = {j: left[i] for i, j in pairs}
        for j, chunk in enumerate(wanted):
            self._comes(read, chunk, old_of.get(j), again, outcome)
        followed = {row["id"] for row in old_of.values()}
        for row in left:
            if row["id"] not in followed and not row["user_edited"]:
                self._goes(row, None)
                outcome.gone += 1

    def _comes(self, read: Read, chunk: Chunk, old: Row | None, again: bool, outcome: Outcome) -> None:
        edited = old is not None and bool(old["user_edited"])
        status = "proposed" if edited else old["status"] if old else "active"
        title = title_for(read.path, chunk)
        number = self.memories.insert("document", title, chunk.text, status, "import")
        self.change.created(number)
        self.memories.add_source(number, Source(read.path, chunk.text, read.sha256, chunk.place))
        if again:
            self.bank.rows("UPDATE memory SET valid_from = ? WHERE id = ?", self.at, number)
        outcome.ids.append(number)
        if old is None:
            outcome.new += 1
        elif edited:
            self.bank.rows("INSERT INTO link (a, b, rel) VALUES (?, ?, 'supersedes')", number, old["id"])
            outcome.proposed += 1
        else:
            self.bank.rows("UPDATE memory SET pinned = ?, trust = ? WHERE id = ?", old["pinned"], old["trust"], number)
            self._goes(old, number)
            outcome.replaced += 1

    def _goes(self, row: Row, successor: int | None) -> None:
        """The old version stays as one that held until now."""
        self.change.touch(row["id"])
        self.bank.rows(
            "UPDATE memory SET status = 'superseded', superseded_by = ?, valid_to = ? WHERE id = ?", successor, self.at, row["id"]
        )
        self.bank.index(row["id"])
