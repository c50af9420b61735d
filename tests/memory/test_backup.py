"""Copies of the bank: equal to it, verified, thinned by rule, put back whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.durability import copying
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.check import Check
from memento_desktop.memory.durability.copying import examine
from memento_desktop.memory.durability.restoring import restore
from memento_desktop.memory.durability.thinning import Copy, to_thin
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.damage_made import Damage, bodies, digest, empty, filled, flipped, foreign, halve, newer, prose

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def told(path: Path, *texts: str) -> None:
    bank = Bank(path)
    for text in texts:
        Memories(bank).keep(text)
    bank.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "data" / "bank.sqlite")


# what stays


KINDS = ("daily", "manual", "before-restore", "before-repair", "before-migration", "set-aside")
hours = st.integers(min_value=-48, max_value=24 * 900)


@st.composite
def some_copies(draw: Any) -> list[Copy]:
    made = draw(st.lists(st.tuples(st.sampled_from(KINDS), hours), max_size=60))
    return [Copy(Path(f"{n}.sqlite"), kind, NOW - timedelta(hours=age)) for n, (kind, age) in enumerate(made)]


@given(some_copies())
def test_thinning_keeps_what_it_promises(copies: list[Copy]):
    goes = set(to_thin(copies, NOW))
    stays = [copy for copy in copies if copy not in goes]
    good = [copy for copy in copies if copy.kind != "set-aside"]
    if good:
        assert max(copy.at for copy in good) in {copy.at for copy in stays if copy.kind != "set-aside"}
    assert all(NOW - copy.at >= timedelta(days=1) and copy.kind != "manual" for copy in goes)
    for kind in ("before-migration", "set-aside"):
        of_kind = [copy for copy in copies if copy.kind == kind]
        assert len([copy for copy in of_kind if copy not in goes]) >= min(2, len(of_kind))
        assert all(NOW - copy.at >= timedelta(days=366) for copy in goes if copy.kind == kind)
    regular = [copy for copy in good if copy.kind != "before-migration"]
    days = sorted({copy.at.date() for copy in regular}, reverse=True)[:7]
    assert {copy.at.date() for copy in stays if copy in regular} >= set(days)
    months = sorted({f"{copy.at:%Y-%m}" for copy in regular}, reverse=True)[:12]
    assert {f"{copy.at:%Y-%m}" for copy in stays if copy in regular} >= set(months)
    assert to_thin(stays, NOW) == []  # thinned once is thinned
    old = [copy for copy in stays if copy.kind in ("daily", "before-restore", "before-repair") and NOW - copy.at >= timedelta(days=1)]
    assert len(old) <= 7 + 4 + 12


def test_three_years_of_daily_copies_come_to_a_score():
    kept: list[Copy] = []
    for day in range(3 * 365):
        now = NOW + timedelta(days=day)
        kept.append(Copy(Path(f"{day}.sqlite"), "daily", now))
        goes = to_thin(kept, now)
        kept = [copy for copy in kept if copy not in goes]
    ages = [(NOW + timedelta(days=3 * 365 - 1) - copy.at).days for copy in kept]
    assert len(kept) <= 23
    assert [age for age in ages if age < 7] == [6, 5, 4, 3, 2, 1, 0]
    assert max(ages) > 300


# taking


def test_a_copy_of_a_bank_in_use_is_equal_to_it_and_stands_alone(path: Path):
    bank = Bank(path)
    with bank.change("owner", "half done") as change:
        change.created(Memories(bank).insert("fact", "half", "half", "active", "user"))
        copy = Backups(path).keep("manual", thorough=True)  # another connection: what is not committed is not there
    assert examine(copy, thorough=True).memories == 120
    assert Memories(bank).count() == 121
    assert [name.name for name in copy.parent.iterdir()] == [copy.name]
    if os.name != "nt":
        assert copy.stat().st_mode & 0o777 == 0o600
    bank.close()


def test_there_is_one_daily_copy_a_day(path: Path):
    day = NOW
    backups = Backups(path, lambda: day)
    first = backups.daily()
    assert first is not None and backups.daily() is None
    for n in range(1, 12):
        day = NOW + timedelta(days=n)
        assert backups.daily() is not None and backups.daily() is None
    # seven days; of the weeks before, Sunday the 3rd; of the months, none but this one
    assert [copy.at.day for copy in backups.copies()] == [14, 13, 12, 11, 10, 9, 8, 3]


def test_foreign_files_in_the_folder_are_left_alone(path: Path):
    backups = Backups(path)
    backups.folder.mkdir()
    strangers = [backups.folder / name for name in ("notes.sqlite", "daily-2026-99-99T000000.sqlite", "daily-2026-01-01T000000.sqlite.bak")]
    for stranger in strangers:
        stranger.write_text("mine")
    abandoned = backups.folder / "daily-2026-01-01T000000.sqlite.0a.part"
    abandoned.write_text("half")
    os.utime(abandoned, (0, 0))
    backups.daily()
    backups.thin()
    assert all(stranger.exists() for stranger in strangers) and not abandoned.exists()
    assert len(backups.copies()) == 1


def test_a_copy_at_a_chosen_place_overwrites_nothing(path: Path, tmp_path: Path):
    there = tmp_path / "mine.txt"
    there.write_text("mine")
    with pytest.raises(MementoError, match="there already"):
        Backups(path).write(there)
    with pytest.raises(MementoError, match="no-such-folder"):
        Backups(path).write(tmp_path / "no-such-folder" / "x.sqlite")
    inside = Backups(path).write(tmp_path)
    assert inside.parent == tmp_path and examine(inside).memories == 120
    assert there.read_text() == "mine"


# putting back


def test_a_copy_put_back_is_the_bank_of_then_and_can_be_taken_back(path: Path):
    backups = Backups(path)
    then = backups.keep("manual")
    before = bodies(path)
    told(path, "something new")
    done = backups.restore(then)
    assert bodies(path) == before
    assert done.before is not None and (done.before.memories, done.after.memories) == (121, 120)
    assert done.kept is not None
    backups.restore(done.kept)
    assert "something new" in bodies(path)
    assert not list(path.parent.glob("*.restoring"))


def test_an_older_copy_is_brought_up_to_date_when_the_bank_opens(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from memento_desktop.memory.schema import MIGRATIONS

    old = tmp_path / "old.sqlite"
    db = apsw.Connection(str(old))
    db.execute("CREATE TABLE migration (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT")
    MIGRATIONS[0][1](db)
    db.execute("INSERT INTO migration VALUES ('0001_first_bank', 'then')")
    db.close()
    Backups(path).restore(old)
    assert bodies(path) == []
    assert [copy.kind for copy in Backups(path).copies()] == ["before-restore", "before-migration"] or [
        copy.kind for copy in Backups(path).copies()
    ] == ["before-migration", "before-restore"]


def test_a_bank_that_is_open_elsewhere_is_not_overwritten(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copying, "BUSY_MS", 20)
    backups = Backups(path)
    copy = backups.keep("manual")
    other = Bank(path)
    Memories(other).keep("written meanwhile")
    with pytest.raises(MementoError, match="has the bank open"):
        backups.restore(copy)
    Memories(other).keep("and after")
    other.close()
    assert {"written meanwhile", "and after"} <= set(bodies(path))


def test_a_task_that_runs_is_not_disturbed(path: Path):
    backups = Backups(path)
    copy = backups.keep("manual")
    bank = Bank(path)
    cases = Cases(bank, Memories(bank))
    cases.begin("Total the trips", "toy")
    bank.close()
    with pytest.raises(MementoError, match="works on a task"):
        backups.restore(copy)
    cases.liveness.close()
    backups.restore(copy)


BAD_COPIES: dict[str, Damage] = {
    "newer version": newer, "another program": foreign, "damaged": flipped, "malformed": halve, "empty": empty,
    "not a memory bank": prose, "no file": Path.unlink,
}  # fmt: skip


@pytest.mark.parametrize(("said", "damage"), BAD_COPIES.items(), ids=BAD_COPIES)
def test_what_is_no_good_copy_is_refused_and_named(path: Path, damage: Damage, said: str):
    backups = Backups(path)
    copy = backups.keep("manual")
    damage(copy)
    before = digest(path)
    with pytest.raises(MementoError, match=said) as error:
        backups.restore(copy)
    assert copy.name in error.value.message
    assert digest(path) == before
    assert backups.newest_good() is None


def test_two_processes_back_up_at_once_while_a_third_writes(path: Path):
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from memento_desktop.memory.durability.backup import Backups
        from memento_desktop.memory.bank import Bank
        from memento_desktop.memory.memories import Memories
        path = Path(sys.argv[1])
        if sys.argv[2] == "write":
            bank = Bank(path)
            for n in range(60):
                Memories(bank).keep(f"note {n}")
        else:
            for n in range(4):
                Backups(path).keep("manual")
    """)
    children = [subprocess.Popen([sys.executable, "-c", script, str(path), what]) for what in ("write", "copy", "copy")]
    assert [child.wait(timeout=60) for child in children] == [0, 0, 0]
    copies = Backups(path).copies()
    assert copies and all(120 <= examine(copy.path, thorough=True).memories <= 180 for copy in copies)
    assert not list(path.parent.glob("backups/*.part*"))


# what was removed for good


def test_what_was_removed_for_good_does_not_come_back_with_a_copy(path: Path):
    backups = Backups(path)
    told(path, "The safe opens with 12", "Ruth likes oolong", "They said it twice")
    bank = Bank(path)
    undone = Memories(bank).keep("taken back").id
    History(bank).undo()
    bank.use("work")
    at_work = Memories(bank).keep("The door code is 9").id
    bank.close()
    copy = backups.keep("manual")
    bank = Bank(path)
    memories = Memories(bank)
    for memory in memories.list(limit=500):
        if memory.body in ("The safe opens with 12", "They said it twice"):
            memories.purge(memory.id)
    memories.purge(undone)
    bank.use("work")
    Memories(bank).purge(at_work)
    bank.use("default")
    memories.keep("They said it twice")
    bank.close()
    held = digest(copy)
    done, removed = restore(backups, copy)
    assert removed == 3 and digest(copy) == held
    assert {"Ruth likes oolong", "They said it twice"} <= set(bodies(path)) and "The safe opens with 12" not in bodies(path)
    for text in (b"The safe opens", b"The door code", b"taken back"):
        assert text not in path.read_bytes()
    bank = Bank(path)
    assert Memories(bank).purged("The safe opens with 12")
    bank.use("work")
    assert Memories(bank).purged("The door code is 9")
    assert Check(bank).run() == []
    bank.close()
    assert done.kept is not None and sorted(p.name for p in backups.folder.iterdir()) == sorted([copy.name, done.kept.name])
    restore(backups, copy, purged_too=True)
    assert "The safe opens with 12" in bodies(path)
