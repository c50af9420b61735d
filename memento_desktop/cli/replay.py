"""`memento replay` and `memento practice`: past tasks done again, from their records."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table

from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import called, err, line, note, out, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.rerun import Run

SIDE_BY_SIDE = 100
"""Columns from which two runs stand beside each other; below, one under the other."""


@contextlib.asynccontextmanager
async def _assistant(model: Path | None = None) -> AsyncGenerator[Assistant]:
    paths = Paths.of_this_user()
    async with Assistant(Settings.load(paths.settings), paths, model=model) as assistant:
        yield assistant


def replay(case_id: int, without: list[int], added: list[int], model: Path | None) -> None:
    """Prints a past task beside its replay."""

    async def run() -> None:
        async with _assistant(model) as assistant:
            with err.status("doing it again · Ctrl-C stops"):
                found = await assistant.replay(case_id, without, added)
            out.print(styled(found.case.task, "bold"))
            for text in found.missing:
                note("", text, "yellow")
            _show((found.before_label, found.before), (found.after_label, found.after))
            same = found.before.plan == found.after.plan and found.before.answer == found.after.answer
            note("", "no difference: the same plan, the same answer" if same else "they differ", "dim")
            unknown = [call for call in found.after.calls if not call.recorded]
            for call in unknown:
                note(
                    "", f"{called(call.tool, json.loads(call.args))} was not called then: what it would have brought is not known", "yellow"
                )

    asyncio.run(run())


def _show(*runs: tuple[str, Run]) -> None:
    if out.width < SIDE_BY_SIDE:
        for title, run in runs:
            out.print(styled(title, "magenta"))
            for label, text, _ in _lines(run):
                line(f"  {label}", text)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), expand=True)
    for title, _ in runs:
        table.add_column(styled(title, "magenta"), ratio=1, overflow="fold")
    table.add_row(*(Group(*(styled(f"{label:<8}{text}", style) for label, text, style in _lines(run))) for _, run in runs))
    out.print(table, soft_wrap=False)


def _lines(run: Run) -> list[tuple[str, str, str]]:
    """Label, text and style of each line of a run."""
    lines = [("plan" if n == 1 else "", f"{n}  {step}", "") for n, step in enumerate(run.plan, 1)]
    for call in run.calls:
        lines.append(("tool", called(call.tool, json.loads(call.args)), "cyan"))
        lines.append(("" if call.ok else "error", call.result, "" if call.ok else "yellow"))
    return [*lines, ("answer", run.answer or run.outcome, "bold")]


def practice(minutes: float, most: int | None, when_idle: bool) -> None:
    """Practises until the time is over, nothing is left to try, or a key is pressed."""

    async def run() -> None:
        stop = asyncio.Event()
        async with _assistant() as assistant:
            with _keys(stop), err.status("practising · any key stops") as status:

                def told(n: int, text: str) -> None:
                    status.update(f"{n} tried · {text[:60]} · any key stops")

                done = await assistant.practise(minutes * 60, most, stop, told, when_idle)
            out.print(styled(done.summary))
            if done.trials:
                note("", "`memento memory undo` takes back what was learnt from it", "dim")

    asyncio.run(run())


@contextlib.contextmanager
def _keys(stop: asyncio.Event) -> Generator[None]:
    """Sets `stop` at any key, where there is a terminal to press one in."""
    if not sys.stdin.isatty():
        yield
    elif sys.platform == "win32":
        with _windows_keys(stop):
            yield
    else:
        with _posix_keys(stop):
            yield


@contextlib.contextmanager
def _posix_keys(stop: asyncio.Event) -> Generator[None]:
    import termios
    import tty

    loop, number = asyncio.get_running_loop(), sys.stdin.fileno()
    before = termios.tcgetattr(number)
    tty.setcbreak(number)

    def pressed() -> None:
        sys.stdin.read(1)
        stop.set()

    loop.add_reader(number, pressed)
    loop.add_signal_handler(signal.SIGINT, stop.set)  # Ctrl-C is a key too: what was tried is summed up
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_reader(number)
        termios.tcsetattr(number, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _windows_keys(stop: asyncio.Event) -> Generator[None]:
    import importlib

    console: Any = importlib.import_module("msvcrt")  # there is none elsewhere

    async def watch() -> None:
        while not console.kbhit():  # noqa: ASYNC110  # a Windows console cannot be waited for
            await asyncio.sleep(0.1)
        console.getch()
        stop.set()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
