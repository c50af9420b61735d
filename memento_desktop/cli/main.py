"""The entry point: answers `--version` at once, and turns every MementoError into a message, a hint and an exit code."""

from __future__ import annotations

import io
import sys

from memento_desktop import __version__
from memento_desktop.cli.output import drop, telling
from memento_desktop.errors import MementoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):  # typer alone would take longer to import than this takes to print
        _ended(lambda: print(f"memento {__version__}"))
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace")  # a pipe on Windows has a code page of its own
    from memento_desktop.cli.app import app
    from memento_desktop.cli.console import note
    from memento_desktop.config.logs import of_this_user, start

    start(of_this_user, lambda text: note("note", text, "yellow"))
    _ended(app)


def _ended(run: Callable[[], object]) -> None:
    """Runs a command to its end, and says why where that is none."""
    try:
        telling(run)
    except MementoError as error:
        _complain(error)
        sys.exit(1)
    except SystemExit as end:
        if _interrupted(end):  # typer turns Ctrl-C into an exit without a word
            _complain(MementoError("Stopped.", "What was kept until then stays."))
        raise
    except Exception:
        import logging

        logging.getLogger(__name__).exception("the program broke off; `memento logs` tells where")
        raise


def _complain(error: MementoError) -> None:
    from memento_desktop.cli.console import complain

    try:
        complain(error)
    except OSError:
        drop(sys.stderr)  # it goes where standard output does


def _interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C stands behind an exit."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, KeyboardInterrupt):
            return True
        behind = behind.__cause__ or behind.__context__
    return False
