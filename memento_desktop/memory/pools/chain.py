"""All that one author wrote into a pool, read as one chain: whole and genuine, or refused and named.

What was read before is known by its last record (`Head`). As each record holds the hash of the one before, meeting that very record again
says that everything up to it is unchanged, so only signatures behind it are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from memento_desktop.memory.pools import folder as folders
from memento_desktop.memory.pools.folder import Pool
from memento_desktop.memory.pools.identity import NAME, spelled, tidy
from memento_desktop.memory.pools.record import Head, Record, Refusal, read

NEWER = "is of a kind that this version does not know; a newer Memento reads it"


@dataclass(frozen=True)
class Chain:
    """What an author wrote, as far as it has arrived."""

    folder: Path
    records: tuple[Record, ...]
    waiting: str = ""
    """What has not arrived whole yet, in words."""
    strays: tuple[str, ...] = ()
    """Files that lie beside the author's own: conflict copies, for one."""
    month: str = ""
    """The newest of the author's files."""
    size: int = 0
    """Bytes of whole lines in it."""

    @property
    def key(self) -> str:
        return self.records[0].author if self.records else ""

    @property
    def head(self) -> Head:
        return self.records[-1].head if self.records else Head()

    @cached_property
    def name(self) -> str:
        """What the author calls itself: a claim, which only the fingerprint proves."""
        said = [record.body.get("name") for record in self.records if record.type == "introduction"]
        name = " ".join(tidy(said[-1]).split()).replace("/", "") if said and isinstance(said[-1], str) else ""
        return name[:NAME] or f"author {spelled(self.key)[:9]}"

    def standing(self) -> dict[str, Record]:
        """Identifier → its newest record, without what was withdrawn."""
        found: dict[str, Record] = {}
        for record in self.records:
            if record.type == "memory":
                found[record.id] = record
            elif record.type == "withdraw":
                found.pop(record.id, None)
        return found

    def withdrawn(self) -> set[str]:
        return {record.id for record in self.records if record.type == "withdraw"} - self.standing().keys()


@dataclass
class _Reading:
    pool: Pool
    folder: Path
    known: Mapping[str, Head]
    records: list[Record] = field(default_factory=list[Record])
    unproven: list[Record] = field(default_factory=list[Record])

    def take(self, line: bytes, place: str) -> None:
        record = read(line, place)
        before = self.records[-1].head if self.records else Head()
        if record.pool != self.pool.id:
            raise Refusal(f"{place} was written for another pool.", "")
        if not folders.belongs(self.folder, record.author) or (self.records and record.author != self.records[0].author):
            raise Refusal(f"{place} was written by somebody else ({spelled(record.author)}).", "")
        if record.n != before.n + 1 or record.prev != before.hash:
            raise Refusal(f"{place}: record {record.n} does not follow record {before.n}; lines were removed, moved or changed.", "")
        self.records.append(record)
        self.unproven.append(record)
        seen = self.known.get(record.author)
        if seen is not None and record.n == seen.n:
            if record.hash != seen.hash:
                raise Refusal(f"{place}: record {record.n} is not the one that was read before; the past was rewritten.", "")
            self.unproven.clear()

    def prove(self) -> None:
        for record in self.unproven:
            if not record.genuine:
                raise Refusal(f"{record.place}: the signature is not the author's.", "")


def read_author(pool: Pool, folder: Path, known: Mapping[str, Head]) -> Chain:
    """Everything an author wrote that has arrived.

    Args:
        known: key → the last record that was read of this author before.

    Raises:
        Refusal: a line is not what its author wrote there; the message names the file and the line.
        MementoError: a file cannot be read.
    """
    reading = _Reading(pool, folder, known)
    files, strays = folders.months(folder)
    waiting, month, size = "", "", 0
    for file in files:
        *lines, rest = folders.content(file).split(b"\n")
        if lines and _gap(lines[0], file, reading):
            waiting = f"{_named(pool, file)} is here before the records that come first"
            break
        for n, line in enumerate(lines, 1):
            reading.take(line, f"{_named(pool, file)}, line {n}")
        month, size = file.name, sum(len(line) + 1 for line in lines)
        if rest:
            waiting = f"the last line of {_named(pool, file)} has not arrived whole"
            break
    reading.prove()
    return Chain(folder, tuple(reading.records), waiting, tuple(_named(pool, stray) for stray in strays), month, size)


def glimpse(pool: Pool, folder: Path) -> Chain:
    """No more of an author than the first record, with the name: for those whose files are not read.

    Raises:
        MementoError: there is none, or it is not genuine.
    """
    reading = _Reading(pool, folder, {})
    for file in folders.months(folder)[0][:1]:
        line, end, _ = folders.beginning(file).partition(b"\n")
        if end:
            reading.take(line, f"{_named(pool, file)}, line 1")
    reading.prove()
    return Chain(folder, tuple(reading.records))


def _gap(line: bytes, file: Path, reading: _Reading) -> bool:
    """Whether a file begins behind what the files before it hold: one of them has not arrived, or not whole."""
    before = reading.records[-1].n if reading.records else 0
    return read(line, f"{_named(reading.pool, file)}, line 1").n > before + 1


def _named(pool: Pool, file: Path) -> str:
    return file.relative_to(pool.path).as_posix()
