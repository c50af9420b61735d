"""Banks for the tests of backups and checks: a filled one, and all the ways to damage it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories

PAGE = 4096


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bodies(path: Path) -> list[str]:
    bank = Bank(path)
    try:
        assert bank.problems() == []
        return sorted(memory.body for memory in Memories(bank).list(limit=10_000))
    finally:
        bank.close()


def filled(path: Path) -> Path:
    """A bank of some pages, closed: 120 facts with their vectors."""
    bank = Bank(path)
    memories, vectors = Memories(bank), Embeddings(bank)
    with bank.change("owner", "many") as change:
        for n in range(120):
            change.created(memories.insert("fact", f"shelf {n}", f"On shelf {n} stand jars. " + "plums " * 60, "active", "user"))
    number = vectors.register("toy", "0" * 64, 4)
    vectors.store(number, [(item, struct.pack("4f", 1, 0, 0, 0)) for item in vectors.waiting(number)])
    bank.close()
    return path


def newer(path: Path) -> None:
    db = apsw.Connection(str(path))
    db.execute("INSERT INTO migration VALUES ('9999_from_the_future', 'now')")
    db.close()


def foreign(path: Path) -> None:
    path.unlink()
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE theirs (x)")
    db.close()


def flipped(path: Path, table: str = "memory") -> None:
    """Damages a page that a table or an index stands on."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    root = next(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)))[0]
    db.close()
    held = bytearray(path.read_bytes())
    held[(root - 1) * PAGE : (root - 1) * PAGE + 64] = b"\xa5" * 64
    path.write_bytes(held)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def prose(path: Path) -> None:
    path.write_text("not a database" * 400)


def first_page(path: Path) -> None:
    path.write_bytes(b"\xa5" * 100 + path.read_bytes()[100:])


def index_page(path: Path) -> None:
    flipped(path, "memory_hash")


Damage = Callable[[Path], None]
