"""Hosts any child process: starts it, matches answers to requests, notices its death, ends it.

The child is `python -m memento_desktop.inference.launch MODULE` in a session of its own (a Ctrl-C in the terminal does not reach it),
with its protocol on pipes and everything else that it or its libraries print in a log file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from memento_desktop.errors import MementoError
from memento_desktop.inference.child import PARENT_VARIABLE
from memento_desktop.inference.protocol import Frame, pack, receive_frame

CANCEL_SECONDS = 2.0
CLOSE_SECONDS = 2.0
MAX_LOG = 4 * 2**20
_TELLING = re.compile(r"error|fail|abort|assert|exception|terminate|what\(\)|cannot|invalid|unknown|not enough|killed", re.IGNORECASE)
_NOISE = re.compile(r'^\s*(File "|Thread 0x|Current thread|Extension modules|<no Python frame>)')

Reply = tuple[Frame, bytes]


class ChildDied(MementoError):
    """A child process ended while it was needed. `exit` names the signal or code, `log_lines` are its last telling words."""

    def __init__(self, what: str, exit: str, log_lines: tuple[str, ...], log: Path) -> None:
        self.exit = exit
        self.log_lines = log_lines
        # What was killed from outside had no last words: its log only tells of what went well.
        said = f": {log_lines[-1]}" if log_lines and exit not in ("SIGKILL", "SIGTERM") else ""
        super().__init__(f"{what} ended unexpectedly ({exit}){said}", f"It is started again when it is next needed. Its log: {log}")


def exit_name(code: int | None) -> str:
    """An exit status in words: "SIGABRT", "exit code 3"."""
    if code is None:
        return "still running"
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    if code >= 0xC0000000:
        return f"Windows error 0x{code:08X}"
    return f"exit code {code}"


def last_telling_lines(log: Path, start: int = 0, count: int = 3) -> tuple[str, ...]:
    """The last lines of `log` after byte `start` that look like a reason; the last lines of any kind when none does."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(start, size - 16_384))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    lines = [line.strip()[:300] for line in text.splitlines() if line.strip() and not _NOISE.match(line)]
    telling = [line for line in lines if _TELLING.search(line)]
    return tuple((telling or lines)[-count:])


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: offline, quiet, and able to import this very package."""
    env = dict(os.environ)
    env |= {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "GGML_NO_BACKTRACE": "1",
        "PYTHONUTF8": "1",
        PARENT_VARIABLE: str(os.getpid()),
    }
    root = str(Path(__file__).resolve().parents[2])
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        env["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [env.get("PYTHONPATH")])])
    return env | dict(extra)


class ChildProcess:
    """One running child. Made by `spawn`; used on the event loop that spawned it; never restarted, only replaced."""

    def __init__(self, what: str, process: asyncio.subprocess.Process, log: Path, log_start: int) -> None:
        self._what = what
        self._process = process
        self._log = log
        self._log_start = log_start
        self._next = 0
        self._pending: dict[int, asyncio.Queue[Reply | MementoError]] = {}
        self._death: MementoError | None = None
        self._closing = False
        self._reader = asyncio.create_task(self._read(), name=f"{what}: replies")

    @classmethod
    async def spawn(cls, module: str, *, what: str, log: Path, env: Mapping[str, str] | None = None) -> ChildProcess:
        """Starts `module` (a name inside memento_desktop.inference). `what` names the child in errors: "The language model".

        Raises `MementoError` when the process or its log file cannot be made.
        """
        try:
            with _opened(log) as file:
                start = file.tell()
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    # -P: a file named like a module in the owner's current folder must not be imported.
                    *("-P", "-m", "memento_desktop.inference.launch", module),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=file,
                    env=child_environment(env or {}),
                    **_detached(),
                )
        except OSError as err:
            raise MementoError(f"{what} could not be started: {err}", f"Check that {log.parent} can be written.") from err
        return cls(what, process, log, start)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._death is None and self._process.returncode is None and not self._closing

    @property
    def log(self) -> Path:
        return self._log

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        trouble: MementoError | None = None
        try:
            while received := await receive_frame(stdout):
                queue = self._pending.get(received[0].get("id", -1))
                if queue is not None:
                    queue.put_nowait(received)
        except MementoError as err:
            trouble = err
        except OSError:
            # Windows reports a broken pipe where others report its end.
            pass
        if trouble is not None:
            self.kill()
        await self._wait_or_kill(CLOSE_SECONDS)
        self._death = trouble or self._obituary()
        for queue in self._pending.values():
            queue.put_nowait(self._death)

    def _obituary(self) -> MementoError:
        if self._closing:
            return MementoError(f"{self._what} was closed while it was working", "Ask again: it is started when it is next needed.")
        lines = last_telling_lines(self._log, self._log_start)
        return ChildDied(self._what, exit_name(self._process.returncode), lines, self._log)

    async def _wait_or_kill(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def _send(self, frame: Mapping[str, Any], tail: bytes = b"") -> None:
        stdin = self._process.stdin
        assert stdin is not None
        data = pack(frame, tail)
        if self._death is not None:
            raise self._death
        if not stdin.is_closing():
            stdin.write(data)

    async def request(self, op: str, *, tail: bytes = b"", **fields: Any) -> Reply:
        """Sends a request and returns its end. Cancelling the caller cancels the request in the child, without waiting for it."""
        ticket = self.open(op, tail=tail, **fields)
        try:
            while True:
                frame, data = await self.next(ticket)
                if frame["event"] == "end":
                    return frame, data
        except asyncio.CancelledError:
            self.ask_to_cancel(ticket)
            raise
        finally:
            self.forget(ticket)

    def open(self, op: str, *, tail: bytes = b"", **fields: Any) -> int:
        """Sends a request; its ticket is for `next`, `ask_to_cancel` and `forget`."""
        self._next += 1
        ticket = self._next
        self._pending[ticket] = asyncio.Queue()
        try:
            self._send({"id": ticket, "op": op, **fields}, tail)
        except MementoError:
            self.forget(ticket)
            raise
        return ticket

    async def next(self, ticket: int) -> Reply:
        """The next part or the end of a request."""
        queue = self._pending[ticket]
        if self._death is not None and queue.empty():
            raise self._death
        reply = await queue.get()
        if isinstance(reply, MementoError):
            raise reply
        frame, _ = reply
        if frame["event"] == "error":
            raise MementoError(str(frame["message"]), str(frame.get("hint", "")))
        return reply

    def forget(self, ticket: int) -> None:
        self._pending.pop(ticket, None)

    def ask_to_cancel(self, ticket: int) -> None:
        with contextlib.suppress(MementoError):
            self._send({"op": "cancel", "target": ticket})

    async def cancel(self, ticket: int, seconds: float = CANCEL_SECONDS) -> bool:
        """Asks the child to stop a request and waits for its end. False: it did not stop in time (or died)."""
        self.ask_to_cancel(ticket)
        try:
            async with asyncio.timeout(seconds):
                while (await self.next(ticket))[0]["event"] != "end":
                    pass
        except TimeoutError:
            return False
        except MementoError:
            return self.alive
        finally:
            self.forget(ticket)
        return True

    def kill(self) -> None:
        """Ends the child at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Closes the pipe, waits for the child to leave, kills it when it does not."""
        self._closing = True
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        await self._wait_or_kill(seconds)
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


def _opened(log: Path) -> BinaryIO:
    """The log, for appending; one that has grown large steps aside first, over the one before it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG:
        log.replace(log.with_name(log.name + ".1"))
    return log.open("ab")


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
