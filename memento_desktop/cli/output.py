"""Standard output that cannot be written, a full disk behind `> file` for one, ends a command with an error and not with a traceback.

Imports next to nothing: `memento --version` waits for it.
"""

from __future__ import annotations

import os
import sys

from memento_desktop.errors import MementoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO


class OutputError(OSError):
    """Standard output took nothing more: told apart from what else a command may fail to write."""


class Output:
    """A stream that says of its own failures that they are its own; everything else about it is as it is."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: Any) -> Any:
        return self._named(self._stream.write, text)

    def flush(self) -> None:
        self._named(self._stream.flush)

    @property
    def buffer(self) -> Output:
        return Output(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @staticmethod
    def _named(call: Callable[..., Any], *values: Any) -> Any:
        try:
            return call(*values)
        except BrokenPipeError:
            raise  # whoever read has read enough: Rich and typer end quietly then
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from error


def telling(run: Callable[[], object]) -> None:
    """Calls `run`; a failing standard output becomes a MementoError, also where only its last words, still waiting, cannot be written.

    Raises:
        MementoError: it failed; what the command did is done.
        SystemExit: nobody reads it any more.
    """
    plain = sys.stdout
    sys.stdout = Output(plain)  # pyright: ignore[reportAttributeAccessIssue]  # a stream in all but its class
    try:
        try:
            run()
        finally:
            sys.stdout.flush()
    except OutputError as error:
        drop(plain)
        raise MementoError(
            f"The output could not be written: {error.strerror or error}.",
            "What was done until then is kept. Free some space, or print elsewhere.",
        ) from error
    except BrokenPipeError:
        drop(plain)
        sys.exit(1)
    finally:
        sys.stdout = plain


def drop(stream: TextIO) -> None:
    """Lets what still waits go nowhere: at the end of the process it would fail once more, and nobody could say so."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return  # a stream of no file, which then keeps nothing back for the end
