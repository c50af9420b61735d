"""`memento doctor`: what works here, each problem with its fix."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from rich.text import Text

from memento_desktop import __version__
from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import clean, err, out, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError

EMBEDDER_SECONDS = 60.0
LITTLE_SPACE = 500_000_000


class Report:
    """What was found. Lines are held back until `flush`: a spinner may stand where they go."""

    def __init__(self) -> None:
        self.broken = False
        self._lines: list[tuple[Text, ...]] = []

    def flush(self) -> None:
        for line in self._lines:
            out.print(*line, sep="")
        self._lines.clear()

    def good(self, what: str, text: str) -> None:
        self._lines.append((styled("ok    ", "green"), styled(f"{what:<10}{text}")))

    def bad(self, what: str, text: str, fix: str, fatal: bool = True) -> None:
        self.broken = self.broken or fatal
        self._lines.append((styled("FIX   " if fatal else "note  ", "red" if fatal else "yellow"), styled(f"{what:<10}{text}")))
        if fix:
            self._lines.append((styled(f"{'':<16}→ {fix}", "dim"),))


def run() -> int:
    """Runs every check. Returns the exit code."""
    report = Report()
    report.good("memento", f"{__version__}")
    try:
        asyncio.run(_check(report))
    except MementoError as error:
        report.bad("start", error.message, error.hint)
    report.flush()
    return int(report.broken)


def fetch_embedder() -> None:
    """Downloads the embedder, which the owner has just asked for."""
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        with err.status("downloading the embedder · Ctrl-C stops, what has arrived is kept") as status:
            folder = assistant.download_embedder(
                lambda done, total: status.update(f"downloading the embedder: {done / 1e6:.0f} of {total / 1e6:.0f} MB")
            )
        report = Report()
        report.good("embedder", f"downloaded to {folder}")
        report.flush()
    finally:
        assistant.bank.close()


async def _check(report: Report) -> None:
    paths = Paths.of_this_user()
    settings = Settings.load(paths.settings)
    report.good("settings", f"{paths.settings}" if paths.settings.exists() else f"defaults (none in {paths.settings})")
    async with Assistant(settings, paths, folders=[Path.cwd()]) as assistant:
        checks: list[tuple[str, Callable[[Report, Assistant], Awaitable[None]]]] = [
            ("folders", _folders), ("bank", _bank), ("model", _model), ("embedder", _embedder),
        ]  # fmt: skip
        for name, check in checks:
            try:
                with err.status(f"checking {name}"):
                    await check(report, assistant)
            except MementoError as error:
                report.bad(name, error.message, error.hint)
            report.flush()


async def _folders(report: Report, assistant: Assistant) -> None:
    paths = assistant.paths
    for name, folder in (("data", paths.data), ("config", paths.config), ("cache", paths.cache), ("logs", paths.logs)):
        if not os.access(folder, os.W_OK):
            report.bad(name, f"{folder} is not writable", "change its permissions, or set MEMENTO_HOME")
            return
    free = shutil.disk_usage(paths.data).free
    if free < LITTLE_SPACE:
        report.bad("disk", f"{free / 1e6:.0f} MB are free in {paths.data}", "free some space")
    else:
        report.good("folders", f"{paths.data}, {free / 1e9:.0f} GB free")


async def _bank(report: Report, assistant: Assistant) -> None:
    problems = await asyncio.to_thread(assistant.bank.problems)
    if problems:
        report.bad("bank", f"{assistant.bank.path}: {problems[0]}", "`memento memory check` says what is wrong, --repair mends it")
        return
    count = assistant.memories.count()
    report.good("bank", f"{assistant.bank.path}, {count} memories in use, integrity clean")


async def _model(report: Report, assistant: Assistant) -> None:
    began = time.monotonic()
    await assistant.engine.start()
    started = time.monotonic() - began
    model = assistant.model
    kind = "built-in: a demo that calculates, looks into files and recalls" if model.built_in else str(model.path)
    report.good("model", f"{clean(model.name)}, context {assistant.engine.context}, started in {started:.1f} s ({kind})")
    if model.built_in:
        report.bad("", "for free conversation, choose a larger GGUF", f"model.path in {assistant.paths.settings}, or --model", fatal=False)


async def _embedder(report: Report, assistant: Assistant) -> None:
    began = time.monotonic()
    if not await assistant.embedder.ready(EMBEDDER_SECONDS):
        report.bad("embedder", f"search works on words alone: {assistant.embedder.reason}", "", fatal=False)
        return
    number = assistant.embeddings.register(assistant.embedder.model, assistant.embedder.sha256, assistant.embedder.dim)
    report.good("embedder", f"{assistant.embedder.model}, {assistant.embedder.dim} numbers, ready in {time.monotonic() - began:.1f} s")
    if waiting := assistant.embeddings.waiting_by_profile(number):
        report.bad("index", f"{_waiting(waiting, assistant.bank.profile)} found by words only", "memento memory index", fatal=False)


def _waiting(counts: Mapping[str, int], mine: str) -> str:
    """`3 memories (2 of the profile “work”) are`: whose they are, where not all are of the profile in use."""
    total = sum(counts.values())
    others = [f"{count} of the profile “{name}”" for name, count in counts.items() if name != mine]
    said = f" ({', '.join(others)})" if others else ""
    return f"{total} {'memory' if total == 1 else 'memories'}{said} {'is' if total == 1 else 'are'}"
