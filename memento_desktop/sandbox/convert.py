"""Turns a document into text or rows. What parses a document runs in a child process with limits; the app never imports it.

Plain text and csv need no parser that could be attacked, so small ones are read here, by the same functions that the child
uses for large ones. The child cannot be limited in memory on Windows, nor (by the system) on macOS; time and size hold
everywhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.sandbox import formats, textfile
from memento_desktop.sandbox.textfile import Rows

__all__ = ["LIMITS", "Limits", "Rows", "convert", "read_rows"]

log = logging.getLogger(__name__)

IN_PROCESS = 2_000_000
"""Bytes of plain text that are read without a child."""
_WORKER = Path(__file__).with_name("convert_worker.py")
_IMPORT_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Limits:
    """What one document may cost."""

    bytes: int = 50_000_000
    expanded: int = 300_000_000
    """Bytes that a zipped document, such as docx or xlsx, may unpack to."""
    characters: int = 5_000_000
    seconds: float = 30
    memory: int = 2 << 30
    """Bytes of address space."""
    rows: int = 200_000


LIMITS = Limits()


async def convert(path: Path, limits: Limits = LIMITS, cancelled: asyncio.Event | None = None) -> str:
    """The text of a document, never empty, as Markdown where the format has structure.

    Raises MementoError, naming the file, when it is missing, too large, damaged, protected, not what its ending says, or has
    no text; when a limit is reached; and when `cancelled` is set.
    """
    small_text = await asyncio.to_thread(_small_text, path, limits)
    text = small_text if small_text is not None else str((await _ask_child(path, "text", "", limits, cancelled))["text"])
    if not text.strip():
        raise MementoError(f"{path.name} holds no text")
    if len(text) > limits.characters:
        raise MementoError(f"{path.name} holds more than {limits.characters:,} characters of text", "split it")
    return text


async def read_rows(path: Path, sheet: str = "", limits: Limits = LIMITS, cancelled: asyncio.Event | None = None) -> Rows:
    """The rows of a csv, tsv or xlsx file (its first sheet that has any, or the one named `sheet`), all cells as text.

    Raises MementoError as `convert` does, and for a file that is not a table, has no rows or has more than `limits.rows`.
    """
    small = await asyncio.to_thread(_small_rows, path, limits)
    if small is not None:
        return small
    answer = await _ask_child(path, "table", sheet, limits, cancelled)
    return Rows(tuple(answer["header"]), answer["rows"])


def _small_text(path: Path, limits: Limits) -> str | None:
    """The text of a small text file; None for what the child has to read."""
    size, head = _looked_at(path, limits)
    if formats.recognise(path.name, head) != "text" or size > IN_PROCESS:
        return None
    return textfile.decoded(_read(path), path.name)


def _small_rows(path: Path, limits: Limits) -> Rows | None:
    text = _small_text(path, limits)
    return None if text is None else textfile.table(text, path.name, limits.rows)


def _looked_at(path: Path, limits: Limits) -> tuple[int, bytes]:
    """Size and first bytes of an ordinary file. Nothing else is opened: a pipe would block for ever."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise MementoError(f"{path.name} is not an ordinary file")
        if found.st_size > limits.bytes:
            raise MementoError(f"{path.name} is larger than {limits.bytes / 1e6:g} MB", "split it")
        if not found.st_size:
            raise MementoError(f"{path.name} is empty")
        with path.open("rb") as file:
            return found.st_size, file.read(formats.HEAD)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise _unreadable(path, error) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(IN_PROCESS + 1)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> MementoError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return MementoError(f"{path.name} cannot be opened: {reason}")


def child_command() -> tuple[list[str], dict[str, str]]:
    """The child's command line and environment: this is where a wall of the operating system is put around it.

    Isolated mode keeps the working folder and PYTHON* variables out; the environment is nearly empty, so that no program is
    found and no proxy or credential is known.
    """
    kept = ("SYSTEMROOT", "WINDIR", "TMPDIR", "TEMP", "TMP") if sys.platform == "win32" else ("TMPDIR",)
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"PATH": "", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return [sys.executable, "-I", "-B", "-X", "utf8", str(_WORKER)], environment


def _request(path: Path, mode: str, sheet: str, limits: Limits) -> bytes:
    request = {
        "path": str(path.absolute()),
        "name": path.name,
        "mode": mode,
        "sheet": sheet,
        "seconds": limits.seconds,
        "memory": limits.memory,
        "expanded": limits.expanded,
        "rows": limits.rows,
        "import_from": [str(_IMPORT_ROOT), *(entry for entry in sys.path if entry)],
    }
    return json.dumps(request).encode() + b"\n"


async def _ask_child(path: Path, mode: str, sheet: str, limits: Limits, cancelled: asyncio.Event | None) -> dict[str, Any]:
    request = _request(path, mode, sheet, limits)
    if cancelled is not None and cancelled.is_set():
        raise MementoError(f"Reading {path.name} was cancelled")
    child = await _started()
    work = asyncio.ensure_future(_conversation(child, request, limits))
    stop = asyncio.ensure_future(cancelled.wait()) if cancelled is not None else None
    try:
        await asyncio.wait([work, stop] if stop is not None else [work], timeout=limits.seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return _understood(path, *work.result())
        if stop is not None and stop.done():
            raise MementoError(f"Reading {path.name} was cancelled")
        raise MementoError(f"{path.name} takes longer than {limits.seconds:g} seconds to read", "split it")
    finally:
        if stop is not None:
            stop.cancel()
        await _ended(child, work)


async def _started() -> asyncio.subprocess.Process:
    command, environment = child_command()
    pipe = asyncio.subprocess.PIPE
    apart: dict[str, Any] = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {"start_new_session": True}
    return await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=tempfile.gettempdir(), **apart
    )


async def _conversation(child: asyncio.subprocess.Process, request: bytes, limits: Limits) -> tuple[bytes, bytes, int]:
    """What the child answered and printed, and how it ended. Its standard input stays open: that is what it lives by."""
    assert child.stdin and child.stdout and child.stderr
    printed = asyncio.ensure_future(_up_to(child.stderr, 65_536))
    try:
        child.stdin.write(request)
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as error:
        log.warning("the converter ended before it was asked: %s", error)
    answer = await _up_to(child.stdout, limits.characters * 6 + limits.bytes * 4)
    return answer, await printed, await child.wait()


async def _up_to(stream: asyncio.StreamReader, limit: int) -> bytes:
    """All of a stream; what goes beyond `limit` is thrown away, so that the writer is never blocked and we never overflow."""
    kept = bytearray()
    while piece := await stream.read(1 << 16):
        kept += piece[: limit - len(kept)]
    return bytes(kept)


def _understood(path: Path, answer: bytes, printed: bytes, code: int) -> dict[str, Any]:
    if printed:
        log.debug("the converter of %s said: %s", path.name, printed.decode(errors="replace"))
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        if code == -getattr(signal, "SIGXCPU", 24):
            raise MementoError(f"{path.name} takes too long to read", "split it") from error
        log.warning("the converter of %s ended with %s", path, code)
        raise MementoError(
            f"{path.name} cannot be read: the converter broke off ({code})", "the file may be damaged or too large"
        ) from error
    if "error" in found:
        raise MementoError(str(found["error"]), str(found["hint"]))
    return found


async def _ended(child: asyncio.subprocess.Process, work: asyncio.Future[Any]) -> None:
    """Kills the child with all that it started, and waits until it is gone."""
    work.cancel()
    if child.returncode is None:
        try:
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            log.debug("the converter %s had ended by itself", child.pid)
    await asyncio.gather(work, return_exceptions=True)
    await child.wait()
    if child.stdin:
        child.stdin.close()
