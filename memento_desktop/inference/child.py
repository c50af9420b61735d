"""What every child process does first and last: keep its pipe to itself, answer requests one by one, end with its parent.

A request is {"id", "op", ...}; it is answered by any number of {"id", "event": "part", ...} and one {"id", "event": "end", ...} or
{"id", "event": "error", "message", "hint"}. {"op": "cancel", "target": id} ends a request early.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from memento_desktop.errors import MementoError
from memento_desktop.inference.protocol import Frame, ProtocolError, read_frame, write_frame

PARENT_VARIABLE = "MEMENTO_PARENT_PID"
_PR_SET_PDEATHSIG = 1


class Job:
    """One request in the child: its fields, a flag that says whether the parent still wants it, and the way to answer."""

    def __init__(self, frame: Frame, tail: bytes, send: Callable[[Mapping[str, Any], bytes], None]) -> None:
        self.id = int(frame["id"])
        self.op = str(frame["op"])
        self.frame = frame
        self.tail = tail
        self.cancelled = False
        self._send = send

    def part(self, **fields: Any) -> None:
        self._send({"id": self.id, "event": "part", **fields}, b"")

    def end(self, fields: Mapping[str, Any] | None = None, tail: bytes = b"") -> None:
        self._send({"id": self.id, "event": "end", **(fields or {})}, tail)

    def fail(self, message: str, hint: str) -> None:
        self._send({"id": self.id, "event": "error", "message": message, "hint": hint}, b"")


Handler = Callable[[Job], None]


class Pipe:
    """The child's end of the protocol, moved away from descriptors 1 and 2 so that no library can write into it."""

    def __init__(self) -> None:
        """Takes over standard input and output: from here on, whatever is printed goes to the log, which is standard error."""
        incoming, outgoing = os.dup(0), os.dup(1)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(incoming, os.O_BINARY)
            msvcrt.setmode(outgoing, os.O_BINARY)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._in: BinaryIO = os.fdopen(incoming, "rb")
        self._out: BinaryIO = os.fdopen(outgoing, "wb", buffering=0)
        self._lock = threading.Lock()
        self._queue: OrderedDict[int, Job] = OrderedDict()
        self._current: Job | None = None
        self._wake = threading.Condition()

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        """Answers requests on this thread, in order, until the parent closes the pipe; then the process ends."""
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue)
                _, job = self._queue.popitem(last=False)
                self._current = job
            self._answer(job, handlers)
            with self._wake:
                self._current = None

    def _answer(self, job: Job, handlers: Mapping[str, Handler]) -> None:
        try:
            handler = handlers.get(job.op)
            if handler is None:
                raise MementoError(f"The child does not know the request {job.op!r}", "Restart Memento: two versions are mixed.")
            handler(job)
        except MementoError as err:
            job.fail(err.message, err.hint)
        except Exception as err:
            traceback.print_exc()
            job.fail(f"{type(err).__name__}: {err}", "The child's log holds the details.")

    def _send(self, frame: Mapping[str, Any], tail: bytes) -> None:
        try:
            with self._lock:
                write_frame(self._out, frame, tail)
        except OSError:
            # Nobody is left to read: the parent has gone.
            os._exit(0)

    def _listen(self) -> None:
        try:
            while received := read_frame(self._in):
                self._take(*received)
        except ProtocolError:
            traceback.print_exc()
        # The parent closed the pipe or died. The main thread may be deep in native code: only this ends it at once.
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(0)

    def _take(self, frame: Frame, tail: bytes) -> None:
        if frame.get("op") == "cancel":
            self._cancel(int(frame["target"]))
            return
        job = Job(frame, tail, self._send)
        with self._wake:
            self._queue[job.id] = job
            self._wake.notify()

    def _cancel(self, target: int) -> None:
        with self._wake:
            waiting = self._queue.pop(target, None)
            if waiting is None and self._current is not None and self._current.id == target:
                self._current.cancelled = True
        if waiting is not None:
            waiting.cancelled = True
            waiting.end({"cancelled": True})


def die_with_parent() -> None:
    """Linux: the kernel kills this process when its parent dies. Elsewhere the closed pipe does it (see `Pipe`)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = os.environ.get(PARENT_VARIABLE, "")
    if parent.isdigit() and os.getppid() != int(parent):
        os._exit(0)


def no_core_dump() -> None:
    """A crash must not write the owner's prompts to disk. Windows has no core files to switch off here."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def begin() -> Pipe:
    """The first call of every child: takes the pipe, ties its life to the parent's, writes native tracebacks to the log."""
    pipe = Pipe()
    die_with_parent()
    no_core_dump()
    faulthandler.enable()
    if sys.platform != "win32":
        # Ctrl-C in the terminal is the app's business; the child is in a session of its own, this is for a stray kill -INT.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return pipe
