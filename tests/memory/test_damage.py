"""A bank that is broken, a disk that is full: what is said, that nothing is overwritten, and that the newest good copy brings it back."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.copying import DamagedError, examine
from memento_desktop.memory.memories import Memories
from tests.memory.damage_made import Damage, bodies, digest, empty, filled, first_page, flipped, halve, index_page, prose


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "data" / "bank.sqlite")


# a bank that is broken


DAMAGES: dict[str, Damage] = {
    "a page of a table": flipped, "a page of an index": index_page, "the first page": first_page, "cut off": halve, "emptied": empty,
    "replaced": prose,
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_bank_is_named_not_touched_and_comes_back_from_the_newest_good_copy(path: Path, damage: Damage):
    backups = Backups(path)
    older = backups.keep("manual")
    wrong = backups.keep("manual")
    halve(wrong)
    damage(path)
    before = digest(path)

    def use() -> None:
        bank = Bank(path)
        try:
            Memories(bank).list(limit=10_000)
            Memories(bank).keep("shelf")
        finally:
            bank.close()

    with pytest.raises(DamagedError) as error:
        use()
    assert path.name in error.value.message
    assert f"memento restore {older.stem}" in error.value.hint
    assert digest(path) == before
    if path.stat().st_size:
        with pytest.raises(MementoError):
            backups.keep("daily")
    done = backups.restore(backups.find())
    assert len(bodies(path)) == 120
    assert done.kept is None or done.kept.name.startswith("set-aside")
    if done.kept is not None:
        assert backups.find() == older


def test_a_log_without_its_bank_is_not_thrown_away(path: Path):
    log = path.with_name("bank.sqlite-wal")
    for left in (b"", None):
        log.write_bytes(b"written, not yet moved")
        path.unlink() if left is None else path.write_bytes(left)
        with pytest.raises(DamagedError, match="its log is there"):
            Bank(path)
        assert log.read_bytes() == b"written, not yet moved"


def test_a_bank_that_was_just_begun_when_its_program_died_is_begun_again(tmp_path: Path):
    path = tmp_path / "bank.sqlite"
    path.touch()
    path.with_name("bank.sqlite-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + b"half")
    assert bodies(path) == []


def test_without_its_log_the_bank_is_what_it_was_at_the_last_move(path: Path):
    held = path.read_bytes()
    bank = Bank(path)
    Memories(bank).keep("only in the log")
    assert path.read_bytes() == held
    copy = path.with_name("alone.sqlite")
    copy.write_bytes(path.read_bytes())
    bank.close()
    assert len(bodies(copy)) == 120  # sound, and older: nothing can tell that there was more


# a disk that is full, a folder that cannot be written


class Quota(apsw.VFS):
    """A disk with room for so many bytes more."""

    def __init__(self, room: int) -> None:
        self.room, self.base = room, apsw.vfs_names()[0]
        super().__init__("quota", self.base, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        return QuotaFile(self, name, flags)


class QuotaFile(apsw.VFSFile):
    def __init__(self, disk: Quota, name: Any, flags: list[int]) -> None:
        super().__init__(disk.base, name, flags)
        self.disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:
        grown = offset + len(data) - self.xFileSize()
        if grown > 0:
            if grown > self.disk.room:
                raise apsw.FullError
            self.disk.room -= grown
        super().xWrite(data, offset)


@contextmanager
def disk_with(room: int) -> Generator[Quota]:
    disk = Quota(room)
    try:
        yield disk
    finally:
        disk.unregister()


def test_a_full_disk_costs_the_last_change_and_nothing_else(path: Path):
    with disk_with(300_000) as disk:
        bank = Bank(path)
        kept: list[str] = []
        with pytest.raises(MementoError, match="disk is full"):
            for n in range(10_000):
                kept.append(Memories(bank).keep(f"line {n} " + "of many " * 200).body)
        disk.room = 10_000_000  # "free some space and do it again"
        kept.append(Memories(bank).keep("line and again").body)
        bank.close()
    assert len(kept) > 1
    assert {body for body in bodies(path) if body.startswith("line")} == set(kept)


@pytest.mark.parametrize("room", [0, 10_000, 150_000])
def test_a_backup_that_does_not_fit_leaves_nothing_behind(path: Path, room: int):
    backups = Backups(path)
    bank = Bank(path)  # its own log has its room already
    with disk_with(room), pytest.raises(MementoError, match="disk is full"):
        backups.keep("daily")
    assert list(backups.folder.iterdir()) == []
    bank.close()
    assert len(bodies(path)) == 120


@pytest.mark.parametrize("room", [5_000, 200_000, 500_000])
def test_a_disk_that_fills_while_a_copy_is_put_back_leaves_the_bank_as_it_was(path: Path, room: int):
    backups = Backups(path)
    bank = Bank(path)
    copy = backups.keep("manual")
    for n in range(100):
        Memories(bank).keep(f"later {n} " + "words " * 300)
    bank.close()
    before = bodies(path)
    with disk_with(room), pytest.raises(MementoError, match="disk is full"):
        backups.restore(copy)
    assert bodies(path) == before
    assert [found.path for found in backups.copies() if found.kind != "before-restore"] == [copy]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions bind neither root nor Windows' owner")
def test_a_folder_that_cannot_be_written_is_said(path: Path):
    copy = Backups(path).keep("manual")
    before = digest(path)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(MementoError, match="cannot be"):
            Bank(path)
        with pytest.raises(MementoError, match="could not be"):
            Backups(path).restore(copy)
    finally:
        path.parent.chmod(0o700)
    assert digest(path) == before


def test_a_bank_on_a_read_only_disk_is_read_and_says_so_when_written(path: Path):
    copy = Backups(path).write(path.parent / "copy.sqlite")
    before = digest(copy)
    assert examine(copy, thorough=True).memories == 120
    assert digest(copy) == before
    assert not list(path.parent.glob("copy.sqlite-*"))
