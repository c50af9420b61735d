"""Copies of the whole bank: taken while it is in use, verified by opening, thinned, and put back in one step.

Works on files, not on an open `Bank`: putting a copy back is most needed where the bank does not open. A copy stands under its name
only when it was opened, checked and counted; until then it ends in `.part`.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from memento_desktop.errors import MementoError
from memento_desktop.memory.durability import copying
from memento_desktop.memory.durability.copying import Contents, DamagedError, beside, contents, examine, logged, opened, pages, remove, sync
from memento_desktop.memory.durability.thinning import SET_ASIDE, Copy, to_thin
from memento_desktop.memory.liveness import Liveness

NAME = re.compile(
    r"(?P<kind>daily|manual|before-restore|before-repair|before-migration|set-aside)(?:-(?P<version>\d{4}_\w+))?"
    r"-(?P<stamp>\d{4}-\d\d-\d\dT\d{6})(?:-(?P<n>\d+))?\.sqlite"
)
STAMP = "%Y-%m-%dT%H%M%S"
ABANDONED = 3600.0
"""Seconds without a write after which a half-written copy is taken for that of a program that ended."""


@dataclass(frozen=True)
class Restored:
    before: Contents | None
    """What the bank held; None when it could not be read, or was not there."""
    after: Contents
    kept: Path | None
    """Where the bank as it was stands now."""


class Backups:
    """The copies of one bank, in the folder `backups` beside it."""

    def __init__(self, bank: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.bank, self.folder, self.now = bank, bank.parent / "backups", now

    # what there is

    def copies(self) -> list[Copy]:
        """The newest first. What does not bear the name of a copy is not ours, and is neither listed nor thinned."""
        found: list[tuple[datetime, int, Copy]] = []
        for path in self.folder.glob("*.sqlite") if self.folder.is_dir() else ():
            if (match := NAME.fullmatch(path.name)) and (at := _moment(match["stamp"])):
                found.append((at, int(match["n"] or 1), Copy(path, match["kind"], at)))
        return [copy for _, _, copy in sorted(found, key=lambda item: (item[0], item[1], item[2].path.name), reverse=True)]

    def newest_good(self) -> tuple[Copy, Contents] | None:
        """The newest copy that opens and checks out, if there is one."""
        for copy in self.copies():
            if copy.kind != SET_ASIDE:
                try:
                    return copy, examine(copy.path)
                except MementoError:
                    continue  # `memento backups` names what is wrong with it; here the next older one is looked at
        return None

    def find(self, which: str = "") -> Path:
        """A copy by its number in the list (1 is the newest), its name, or a path; the newest good one when nothing is named.

        Raises:
            MementoError: there is no such copy.
        """
        copies = self.copies()
        if not which:
            if good := self.newest_good():
                return good[0].path
            raise MementoError(f"There is no good copy in {self.folder}.", "Name another file: memento restore PATH")
        named = [copy.path for copy in copies if which in (copy.path.name, copy.path.stem)]
        path = Path(which).expanduser()
        if which.isascii() and which.isdigit() and not path.exists():
            if 0 < int(which) <= len(copies):
                return copies[int(which) - 1].path
            raise MementoError(f"There is no backup {which}: there are {len(copies)}.", "`memento backups` shows their numbers.")
        if not named and not path.exists():
            raise MementoError(f"There is no backup “{which}”, and no such file.", "`memento backups` lists the copies that there are.")
        return named[0] if named else path

    def advice(self) -> str:
        """What somebody does whose bank is damaged: the newest good copy by name, with the command that puts it back."""
        if good := self.newest_good():
            copy, held = good
            count = held.memories + held.cases
            return f"`memento restore {copy.path.stem}` puts back the copy of {copy.at:%d %B %Y, %H:%M} UTC ({count} memories)."
        return f"There is no good copy in {self.folder}. Move the file aside to begin anew."

    def refuse_if_emptied(self) -> None:
        """A bank of no bytes is a new one, unless something stands beside it that only a bank with content leaves.

        Raises:
            DamagedError: it held something once; it is not touched.
        """
        there = self.bank.exists()
        if there and self.bank.stat().st_size:
            return
        if logged(self.bank, "-wal"):  # SQLite would throw it away; a journal beside an empty file is that of a bank just begun
            raise DamagedError(f"{self.bank} is empty or gone, and its log is there.", f"Nothing was changed. {self.advice()}")
        if there and self.copies():
            advice = f"{self.advice()} To begin anew, delete the empty file."
            raise DamagedError(f"{self.bank} is empty, and there are copies of what it held.", f"Nothing was changed. {advice}")

    # taking

    def keep(self, kind: str, version: str = "", thorough: bool = False) -> Path:
        """A verified copy of the bank as it is now, beside the others. Another process may write to the bank meanwhile.

        Raises:
            DamagedError: the bank is damaged; no copy was kept.
            MementoError: the copy could not be written; nothing of it is left.
        """
        self._tidy()
        with self._failing(f"No backup could be written to {self.folder}"), opened(self.bank, live=True) as source:
            target = self._vacant(kind, version)
            self._write(source, target, thorough)
            return target

    def write(self, target: Path, folder: bool = False) -> Path:
        """A verified copy at a place that the owner chose; in a folder it gets a name of its own. Nothing there is overwritten.

        Args:
            folder: `target` is one, to be made where it is not there.

        Raises:
            MementoError: see `keep`; or what should be a folder is a file.
        """
        target = target.expanduser()
        if folder or target.is_dir():
            if target.exists() and not target.is_dir():
                raise MementoError(f"{target} is a file, not a folder.", "Choose another name; it was not touched.")
            with self._failing(f"The folder {target} could not be made"):
                target.mkdir(parents=True, exist_ok=True, mode=0o700)
            target = target / f"memento-{self.now():{STAMP}}.sqlite"
        with self._failing(f"No backup could be written to {target}"), opened(self.bank, live=True) as source:
            self._write(source, target, thorough=True)
        return target

    def daily(self) -> Path | None:
        """Today's copy, and the older ones thinned; None when there is one of today. Looks at names only when there is.

        Raises:
            MementoError: see `keep`.
        """
        today = self.now().date()
        if not self.bank.exists() or any(copy.at.date() == today and copy.kind != SET_ASIDE for copy in self.copies()):
            return None
        kept = self.keep("daily")
        self.thin()
        return kept

    def thin(self) -> list[Path]:
        """Removes what `to_thin` names. Returns it."""
        return [self.delete(copy.path) for copy in to_thin(self.copies(), self.now())]

    def delete(self, path: Path) -> Path:
        with self._failing(f"{path} could not be removed"):
            return remove(path)

    def set_aside(self, db: Any) -> Path:
        """The bank behind a connection, page by page, unverified: for one that is damaged, before anything is done to it."""
        target = self._vacant(SET_ASIDE)
        part = _part(target)
        try:
            pages(db, part)
            part.rename(target)
        except BaseException:
            remove(part)
            raise
        return target

    def _vacant(self, kind: str, version: str = "") -> Path:
        """A name in the backups folder that nothing bears yet."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem, n = "-".join(part for part in (kind, version, f"{self.now():{STAMP}}") if part), 1
        while (path := self.folder / f"{stem}{f'-{n}' if n > 1 else ''}.sqlite").exists():
            n += 1
        return path

    def _write(self, source: Any, target: Path, thorough: bool) -> None:
        """Copies what `source` sees at one moment, checks the copy, and only then gives it its name."""
        if target.exists():
            raise MementoError(f"{target} is there already.", "Choose another name; it was not touched.")
        part = _part(target)
        try:
            source.execute("BEGIN")  # one moment for the count and the copy, whoever writes meanwhile
            try:
                held = contents(source, self.bank)
                pages(source, part)
            finally:
                if source.in_transaction:
                    source.execute("ROLLBACK")
            self._as_held(part, held, thorough)
            part.rename(target)
            sync(target.parent)
        except BaseException:
            remove(part)
            raise

    def _as_held(self, part: Path, held: Contents, thorough: bool) -> None:
        try:
            found = examine(part, thorough)
        except DamagedError as error:
            why = error.message.removeprefix(f"{part} ")
            raise DamagedError(f"{self.bank} {why}", f"Nothing was changed, no copy was kept. {self.advice()}") from error
        if found != held:
            raise MementoError(f"The copy {part} is not equal to the bank: {found} instead of {held}.", "Check the disk; try again.")

    def _tidy(self) -> None:
        """Removes half-written copies of programs that ended."""
        for path in self.folder.glob("*.part*") if self.folder.is_dir() else ():
            try:
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()
            except OSError:
                continue  # another process was quicker, or it still writes (Windows): the next time will do

    @contextmanager
    def _failing(self, what: str) -> Generator[None]:
        """What can go wrong with a copy, in the owner's words."""
        try:
            yield
        except apsw.FullError as error:
            need = self.bank.stat().st_size if self.bank.exists() else 0
            raise MementoError(f"{what}: the disk is full.", f"Free {max(1, round(need / 1e6))} MB or more, and try again.") from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise DamagedError(f"{self.bank} is damaged: {error}.", f"Nothing was changed. {self.advice()}") from error
        except (apsw.BusyError, apsw.LockedError) as error:
            raise MementoError("The memory bank is busy: another Memento is writing.", "Try again in a moment.") from error
        except (apsw.Error, OSError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or error
            raise MementoError(f"{what}: {why}.", "Check the folder, its permissions and the space on its disk.") from error

    # putting back

    def restore(self, path: Path) -> Restored:
        """Puts a copy in the place of the bank, in one step: whatever happens on the way, the bank is the old or the new one.

        The old one is kept as a copy first. A bank that opens is written over by one SQLite transaction: that renames no file, which
        Windows refuses for open ones, and leaves no old log behind. Only one that does not open is replaced as a file.

        Raises:
            MementoError: `path` is no good copy, or another Memento has the bank open; the bank is as it was.
        """
        if path.exists() and self.bank.exists() and path.samefile(self.bank):
            raise MementoError(f"{path} is the bank itself.", "Choose a copy of it: `memento backups`.")
        examine(path, thorough=True)
        self._nobody_works()
        self._tidy()
        with self._failing(f"{path} could not be put back; the bank is as it was"):
            try:
                with self.alone() as db:
                    before, kept = self._keep_present(db)
                    return Restored(before, self.put(path, db), kept)
            except UnreadableError:
                return self._replace(path)

    def holds(self) -> Contents | None:
        """What the bank holds now; None when it is not there or cannot be read."""
        try:
            with opened(self.bank, live=True) as db:
                return contents(db, self.bank)
        except (apsw.Error, MementoError):
            return None  # asked for to be compared with a copy; opening the bank says what is wrong with it

    def _nobody_works(self) -> None:
        signs = Liveness(self.bank.parent / "running")
        if any(signs.lives(sign.name) for sign in signs.folder.glob("*.lock")):
            raise MementoError("Another Memento works on a task.", "Wait for its end, or close it, and try again; nothing was changed.")

    @contextmanager
    def alone(self) -> Generator[Any]:
        """The bank, held by this process alone and without a log beside it; see https://sqlite.org/pragma.html#pragma_locking_mode.

        Raises:
            UnreadableError: SQLite does not open it.
            MementoError: another process, or another connection of this one, has it open.
        """
        if self.bank.exists() and self.bank.stat().st_size == 0 and logged(self.bank, "-wal"):
            raise UnreadableError  # SQLite would throw the log away
        db: Any = apsw.Connection(str(self.bank))
        try:
            db.set_busy_timeout(copying.BUSY_MS)
            try:
                list(db.execute("PRAGMA locking_mode=EXCLUSIVE"))
                list(db.execute("PRAGMA journal_mode=DELETE"))  # refused while anybody else has it open
                db.execute("BEGIN EXCLUSIVE; COMMIT")
            except (apsw.BusyError, apsw.LockedError) as error:
                raise MementoError("Another Memento has the bank open.", "Close it and try again; nothing was changed.") from error
            except (apsw.NotADBError, apsw.CorruptError) as error:
                raise UnreadableError from error
            self.bank.chmod(0o600)
            yield db
        finally:
            db.close()

    def _keep_present(self, db: Any) -> tuple[Contents | None, Path | None]:
        if not next(db.execute("PRAGMA page_count"))[0]:
            return None, None
        try:
            held, target = contents(db, self.bank), self._vacant("before-restore")
            self._write(db, target, thorough=False)
        except (apsw.CorruptError, apsw.NotADBError, DamagedError):
            return None, self.set_aside(db)
        except MementoError:
            if self._of_this_version(db):
                raise
            return None, self.set_aside(db)
        return held, target

    def _of_this_version(self, db: Any) -> bool:
        try:
            contents(db, self.bank)
        except MementoError:
            return False
        return True

    def put(self, path: Path, db: Any) -> Contents:
        """Writes a copy over the bank behind a connection that is alone, in one transaction."""
        with opened(path) as source:
            wanted = contents(source, path)
            with db.backup("main", source, "main") as job:
                job.step(-1)
        found = contents(db, self.bank)
        if found != wanted:
            raise MementoError(f"{self.bank} is not equal to {path} after it was put back.", "Check the disk, and restore again.")
        return found

    def _replace(self, path: Path) -> Restored:
        """For a bank that SQLite does not open: its files are kept as they are, and the copy takes its place by a rename."""
        kept = self._vacant(SET_ASIDE)
        for side in ("", "-wal", "-journal"):
            if (old := beside(self.bank, side)).exists():
                shutil.copyfile(old, beside(kept, side))
                beside(kept, side).chmod(0o600)
                sync(beside(kept, side))
        fresh = remove(beside(self.bank, ".restoring"))
        with opened(path) as source:
            pages(source, fresh)
        after = examine(fresh)
        for side in copying.SIDES:  # a log of the old bank would be played into the new one
            beside(self.bank, side).unlink(missing_ok=True)
        fresh.replace(self.bank)
        sync(self.bank.parent)
        return Restored(None, after, kept)


class UnreadableError(Exception):
    """SQLite does not open the bank at all."""


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    except ValueError:
        return None


def _part(path: Path) -> Path:
    """Where a copy is written before it bears its name; no two processes choose the same."""
    return beside(path, f".{secrets.token_hex(4)}.part")
