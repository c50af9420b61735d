"""The bank opens what is its own, refuses what is not, and loses nothing."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import apsw
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory import schema
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.memories import Memories


def test_a_new_bank_is_durable_and_checked(bank: Bank):
    assert bank.one("PRAGMA journal_mode")["journal_mode"] == "wal"
    assert bank.one("PRAGMA synchronous")["synchronous"] == 2
    assert bank.one("PRAGMA foreign_keys")["foreign_keys"] == 1
    assert bank.problems() == []


def test_opening_twice_changes_nothing(tmp_path: Path):
    first = Bank(tmp_path / "b.sqlite")
    Memories(first).keep("The spare key is in the shed.")
    first.close()
    second = Bank(tmp_path / "b.sqlite")
    assert [m.body for m in Memories(second).list()] == ["The spare key is in the shed."]
    assert [row["name"] for row in second.rows("SELECT name FROM migration")] == [name for name, _ in schema.MIGRATIONS]
    second.close()


def test_a_bank_from_a_newer_version_is_refused_untouched(tmp_path: Path):
    path = tmp_path / "b.sqlite"
    Bank(path).close()
    other = apsw.Connection(str(path))
    other.execute("INSERT INTO migration VALUES ('9999_from_the_future', 'now')")
    other.close()
    before = path.read_bytes()
    with pytest.raises(MementoError, match="newer version"):
        Bank(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 20, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_bank_is_refused_untouched(tmp_path: Path, content: bytes):
    path = tmp_path / "b.sqlite"
    path.write_bytes(content)
    with pytest.raises(MementoError, match=r"b\.sqlite"):
        Bank(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path):
    other = apsw.Connection(str(tmp_path / "b.sqlite"))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(MementoError, match="another program"):
        Bank(tmp_path / "b.sqlite")


def test_a_migration_that_fails_leaves_the_bank_and_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "b.sqlite"
    first = Bank(path)
    Memories(first).keep("kept")
    first.close()

    def broken(db: apsw.Connection) -> None:
        db.execute("CREATE TABLE half_way (x)")
        db.execute("this is not SQL")

    monkeypatch.setattr("memento_desktop.memory.bank.MIGRATIONS", (*schema.MIGRATIONS, ("0002_broken", broken)))
    with pytest.raises(MementoError, match="could not be brought up to date"):
        Bank(path)
    monkeypatch.undo()
    again = Bank(path)
    assert again.rows("SELECT 1 FROM sqlite_schema WHERE name = 'half_way'") == []
    assert [m.body for m in Memories(again).list()] == ["kept"]
    again.close()
    copies = list((tmp_path / "backups").glob("*.sqlite"))
    assert len(copies) == 1
    copy = Bank(copies[0])
    assert [m.body for m in Memories(copy).list()] == ["kept"]
    copy.close()


def test_a_change_that_fails_leaves_no_trace(bank: Bank, memories: Memories):
    memories.keep("before")
    with pytest.raises(RuntimeError), bank.change("owner", "half") as change:
        change.created(memories.insert("fact", "half", "half", "active", "user"))
        raise RuntimeError
    assert [m.body for m in memories.list()] == ["before"]
    assert [row["label"] for row in bank.rows("SELECT label FROM txn")] == ["remember: before"]
    assert bank.rows("SELECT rowid FROM memory_text WHERE memory_text MATCH 'half'") == []


def test_every_acknowledged_memory_survives_a_kill(tmp_path: Path):
    """A child writes and prints each memory once it is kept, and kills itself in the middle of the next transaction."""
    path = tmp_path / "b.sqlite"
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from memento_desktop.memory.bank import Bank
        from memento_desktop.memory.memories import Memories
        bank = Bank(Path(sys.argv[1])); memories = Memories(bank)
        for n in range(5):
            print(memories.keep(f"memory number {n}").body, flush=True)
        with bank.change("owner", "half"):
            memories.insert("fact", "half", "half written", "active", "user")
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    """)
    child = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False, timeout=60)
    assert child.returncode != 0
    acknowledged = child.stdout.split("\n")[:-1]
    assert len(acknowledged) == 5
    bank = Bank(path)
    assert sorted(m.body for m in Memories(bank).list()) == sorted(acknowledged)
    assert bank.problems() == []
    bank.close()


def test_two_processes_may_write(tmp_path: Path):
    path = tmp_path / "b.sqlite"
    Bank(path).close()
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from memento_desktop.memory.bank import Bank
        from memento_desktop.memory.memories import Memories
        bank = Bank(Path(sys.argv[1])); memories = Memories(bank)
        for n in range(40):
            memories.keep(f"{sys.argv[2]} {n}")
    """)
    children = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in ("left", "right")]
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    bank = Bank(path)
    assert Memories(bank).count() == 80
    bank.close()
