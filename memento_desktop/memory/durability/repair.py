"""Mends what `check` finds, after a copy of the bank was kept; a damaged file is written anew from its tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.durability.backup import Backups, UnreadableError
from memento_desktop.memory.durability.check import COPY, Check, Problem
from memento_desktop.memory.durability.copying import DamagedError, beside, examine, opened, remove


@dataclass(frozen=True)
class Mended:
    found: list[Problem]
    left: list[Problem]
    """What remains after the repair."""
    kept: Path | None
    """The copy of the bank from before the repair."""


def mend(path: Path) -> Mended:
    """Checks the bank at `path` and repairs what can be, after a copy was kept.

    Raises:
        MementoError: the bank does not open, no copy could be kept, or another Memento has it open; it is as it was.
    """
    backups = Backups(path)
    bank = Bank(path)
    try:
        found = Check(bank).run()
        if not any(problem.mendable for problem in found):
            return Mended(found, found, None)
        kept = _keep(bank, backups)
        if any(problem.structural for problem in found):
            bank.close()
            rebuild(backups)
            bank = Bank(path)
        for problem in Check(bank).run():
            if problem.fix is not None:
                with bank.change("assistant", f"repair: {problem.what}"):  # leaves no trace where no memory is concerned
                    problem.fix()
        left = [replace(problem, remedy=COPY) if problem.structural else problem for problem in Check(bank).run()]
        return Mended(found, left, kept)
    finally:
        bank.close()


def _keep(bank: Bank, backups: Backups) -> Path:
    try:
        return backups.keep("before-repair")
    except DamagedError:
        with bank.lock:
            return backups.set_aside(bank.db)  # page by page, as it is


def rebuild(backups: Backups) -> None:
    """Writes the bank anew from its tables, which leaves damaged indexes and lost pages behind. Where a table itself cannot be read, or a
    row of it is missing, the bank stays as it is."""
    part = remove(beside(backups.bank, ".rebuilt"))
    try:
        with opened(backups.bank, live=True) as db:
            _rows(db)  # a table that cannot be read is met here already, before anything is touched
        with backups.alone() as db:
            _copy_tables(db, part)
            examine(part, thorough=True)
            with opened(part) as anew:
                whole = _rows(db) == _rows(anew)
            if whole:
                backups.put(part, db)
    except (apsw.Error, DamagedError, UnreadableError):
        pass  # the check that follows says that the damage is still there, and what helps
    finally:
        remove(part)


def _copy_tables(db: Any, part: Path) -> None:
    """Every row of every table into a new file, read from the tables alone; then its indexes, made from them.

    VACUUM would not do: it copies indexes as they are where it can.
    """
    new: Any = apsw.Connection(str(part))
    try:
        part.chmod(0o600)
        made = list(db.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
        tables = [(name, sql) for kind, name, _, root, sql in made if kind == "table" and root and not name.startswith("sqlite_")]
        for _, sql in tables:
            new.execute(sql)
        new.close()
        db.execute("ATTACH ? AS anew", (str(part),))
        with db:
            for name, _ in tables:
                columns = ", ".join(_quoted(column) for column in _columns(db, name))
                # The condition keeps SQLite from copying pages instead of rows.
                sql = f"INSERT INTO anew.{_quoted(name)} ({columns}) SELECT {columns} FROM main.{_quoted(name)} NOT INDEXED WHERE 1"
                db.execute(sql)
            db.execute("DELETE FROM anew.sqlite_sequence")
            db.execute("INSERT INTO anew.sqlite_sequence SELECT * FROM main.sqlite_sequence")
        db.execute("DETACH anew")
        new = apsw.Connection(str(part))
        new.execute("PRAGMA writable_schema=ON")  # a virtual table is but its line in the schema: what it stands on was copied
        for kind, name, table, root, sql in made:
            if kind == "table" and not root:
                new.execute("INSERT INTO sqlite_schema VALUES (?,?,?,0,?)", (kind, name, table, sql))
            elif kind != "table":
                new.execute(sql)
    finally:
        new.close()


def _columns(db: Any, table: str) -> list[str]:
    """The columns to copy, the number of the row first where nothing else holds it."""
    info = list(db.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,)))
    keyed = next(db.execute("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)))[0]
    alias = any(kind.upper() == "INTEGER" and pk for _, kind, pk in info) and sum(bool(pk) for *_, pk in info) == 1
    return [*(() if keyed or alias else ("_rowid_",)), *(name for name, *_ in info)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(db: Any) -> dict[str, int]:
    """Rows of each table, counted in the tables themselves."""
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")]
    return {name: next(db.execute(f"SELECT count(*) FROM {_quoted(name)} NOT INDEXED"))[0] for name in tables}
