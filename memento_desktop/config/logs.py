"""The log of the program itself: where it is, bounded in size, and without the owner's words.

Children that run models write logs of their own beside it. What is logged at `info` and above holds numbers, names of tools and models and
kinds of errors. Words of errors, which may quote the owner, and files' names are left out; MEMENTO_LOG=debug keeps them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import traceback
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from memento_desktop.config.paths import Paths

MOST = 2**20
"""Bytes of a log; when it is full it steps aside, over the one before it."""
CHUNK = 64 * 1024
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "off": logging.CRITICAL + 1}
OURS = "memento_desktop"
FORMAT = logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")


def log_file(paths: Paths) -> Path:
    return paths.logs / "memento.log"


def of_this_user() -> Path:
    """The log of whoever runs the program."""
    from memento_desktop.config.paths import Paths

    return log_file(Paths.of_this_user())


def older(path: Path) -> Path:
    """What the log was before it was full."""
    return path.with_name(path.name + ".1")


def start(file: Path | Callable[[], Path], shown: Callable[[str], None] | None = None) -> None:
    """Has what is logged written to `file`, and warnings told to `shown` too. Called again it takes the place of the call before.

    Args:
        file: made when the first line is written; a function is asked for it only then.
    """
    level = LEVELS.get(os.environ.get("MEMENTO_LOG", "").strip().lower(), logging.INFO)
    logger = logging.getLogger(OURS)
    for handler in [one for one in logger.handlers if isinstance(one, LogFile | Shown)]:
        logger.removeHandler(handler)
    logger.setLevel(min(level, logging.WARNING))
    logger.addHandler(LogFile(file, level))
    if shown is not None:
        logger.addHandler(Shown(shown))


class LogFile(logging.Handler):
    """Appends each record for itself: so no program holds the file when another one has it step aside, on Windows too."""

    def __init__(self, file: Path | Callable[[], Path], level: int) -> None:
        super().__init__(level)
        self.file = file
        self.words = level <= logging.DEBUG

    def emit(self, record: logging.LogRecord) -> None:
        """A log that cannot be written holds nothing up: the program goes on without it."""
        with contextlib.suppress(OSError):
            path = self.file if isinstance(self.file, Path) else self.file()
            line = (FORMAT.format(record) if self.words else self.public(record)).encode("utf-8", "backslashreplace")[:MOST]
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileNotFoundError, PermissionError):
                if path.stat().st_size + len(line) > MOST:
                    path.replace(older(path))
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "ab") as out:
                out.write(line + b"\n")

    @staticmethod
    def public(record: logging.LogRecord) -> str:
        """A record in one line or, with an error, in one more for each call that led to it; without anything that may quote the owner."""
        args = tuple(map(_public, record.args)) if isinstance(record.args, tuple) else record.args
        told = logging.makeLogRecord(record.__dict__ | {"args": args, "exc_info": None, "exc_text": None})
        lines = [" ".join(FORMAT.format(told).split("\n"))]
        if record.exc_info and record.exc_info[1] is not None:
            frames = traceback.extract_tb(record.exc_info[1].__traceback__)
            lines += [f"    {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
            lines.append(f"    {_public(record.exc_info[1])}")
        return "\n".join(lines)


class Shown(logging.Handler):
    """Tells warnings to whoever listens."""

    def __init__(self, shown: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self.shown = shown

    def emit(self, record: logging.LogRecord) -> None:
        self.shown(record.getMessage())


def _public(value: object) -> object:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}{f' ({value.strerror})' if isinstance(value, OSError) and value.strerror else ''}"
    return "(a file)" if isinstance(value, PurePath) else value


def tail(path: Path, count: int = 200) -> list[str]:
    """The last lines, the older log's among them where the newer one has fewer; none where there is no log. Not made fit for a terminal."""
    lines = _last(path, count)
    return _last(older(path), count - len(lines)) + lines if len(lines) < count else lines


def _last(path: Path, count: int) -> list[str]:
    try:
        with path.open("rb") as file:
            return _lines(_end(file, count))[-count:] if count > 0 else []
    except OSError:
        return []


def _end(file: IO[bytes], count: int) -> bytes:
    """As much of a file's end as holds `count` lines, or all."""
    at, held = file.seek(0, os.SEEK_END), b""
    while at > 0 and held.count(b"\n") <= count:
        start = max(0, at - CHUNK)
        file.seek(start)
        held, at = file.read(at - start) + held, start
    return held


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8", "replace").removesuffix("\n").split("\n") if text else []


class Follower:
    """Reads a log as it grows, across its stepping aside."""

    def __init__(self, path: Path, count: int = 200) -> None:
        self.path, self.count = path, count
        self._at = -1
        self._rest = b""
        self._mark: tuple[int, int] | None = None

    def read(self) -> list[str]:
        """The last lines at first, then those that came since."""
        if self._at < 0:
            mark, size = self._look()
            found = tail(self.path, self.count)
            self._at, self._mark = size, mark
            return found
        lines: list[bytes] = []
        mark, size = self._look()
        if self._mark is not None and (mark != self._mark or size < self._at):
            self._take(older(self.path), lines, self._at)
            self._at = 0
        self._mark = mark
        self._take(self.path, lines, self._at)
        return [line.decode("utf-8", "replace") for line in lines]

    def _look(self) -> tuple[tuple[int, int] | None, int]:
        try:
            found = self.path.stat()
        except OSError:
            return None, 0
        return (found.st_dev, found.st_ino), found.st_size

    def _take(self, path: Path, lines: list[bytes], at: int) -> None:
        """What a file holds from byte `at` on, cut into whole lines."""
        try:
            with path.open("rb") as file:
                file.seek(at)
                new = file.read()
        except OSError:
            return
        self._at = at + len(new)
        *whole, self._rest = (self._rest + new).split(b"\n")
        lines += whole
