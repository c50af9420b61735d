"""`memento import` and `memento export`: memory in and out, with counts of everything that came, was known, or was left out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import err, note, out, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.memory.exchange.exporting import Exporter
from memento_desktop.memory.exchange.importing import Imported, Importer

SHOWN = 10
"""Bad records that are named on the screen."""
PLURALS = {"feedback": "feedback", "memory": "memories"}


@contextlib.contextmanager
def _assistant() -> Generator[Assistant]:
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        yield assistant
    finally:
        assistant.bank.close()


@contextlib.contextmanager
def _progress(doing: str) -> Generator[Callable[[int, int], None]]:
    """A line that counts, on a terminal."""
    if not err.is_terminal:
        yield lambda done, total: None
        return
    with err.status(f"{doing} · Ctrl-C stops, and leaves everything as it was") as status:
        yield lambda done, total: status.update(f"{doing}: {done:,} of {total:,} · Ctrl-C stops, and leaves everything as it was")


def import_file(path: Path, format: str, *, dry_run: bool, active: bool, as_it_was: bool, strict: bool) -> None:
    with _assistant() as assistant:
        personal = assistant.personal
        importer = Importer(assistant.bank, assistant.memories, personal.conversations, lambda session: len(personal.proposer.run(session)))
        with _progress("importing") as progress:
            done = importer.run(
                path, format, dry_run=dry_run, landed="active" if active else "proposed", as_it_was=as_it_was, strict=strict,
                progress=progress,
            )  # fmt: skip
    _tell(done)


def _tell(done: Imported) -> None:
    parts = [counted(n, kind) for kind, n in sorted(done.memories.items())]
    if done.conversations:
        parts.append(counted(done.conversations, "conversation"))
    if done.grown:
        parts.append(f"more of {counted(done.grown, 'known conversation')}")
    if done.messages:
        parts[-1] += f" ({counted(done.messages, 'message')})"
    verb = "Would import" if done.dry_run else "Imported"
    out.print(styled(f"{verb} from {done.name} ({done.format}): {', '.join(parts) or 'nothing new'}."))
    if done.proposals:
        note("found", f"{counted(done.proposals, 'statement')} of yours in the conversations, waiting for you", "magenta")
    if done.skipped:
        note("skipped", _listed(done.skipped), "dim")
    if done.left_out:
        note("without", _listed(done.left_out), "dim")
    for problem in done.problems[:SHOWN]:
        note("bad", f"{problem.place}: {problem.why}", "yellow")
    if done.bad > SHOWN:
        note("", f"{done.bad:,} bad records in all; none of them was imported", "yellow")
    if done.dry_run:
        note("", "nothing was written", "dim")
    elif done.change is not None:
        waiting = done.count - done.active
        hint = f"{waiting:,} wait for you: `memento memory review` · " if waiting and not done.restored else ""
        note("", f"{hint}`memento memory undo` takes all of it back", "dim")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {n:,}" for what, n in counts.items())


def counted(n: int, noun: str) -> str:
    """`1 fact`, `2 facts`."""
    return f"{n:,} {noun if n == 1 else PLURALS.get(noun, f'{noun}s')}"


def export_to(target: Path, format: str, kinds: list[str], *, trash: bool, force: bool) -> None:
    with _assistant() as assistant, _progress("exporting") as progress:
        shape: Any = format or None
        done = Exporter(assistant.bank).write(target, shape, kinds, trashed=trash, force=force, progress=progress)
    parts = [counted(n, kind) for kind, n in sorted(done.kinds.items())]
    if done.messages:
        parts.append(counted(done.messages, "message"))
    out.print(styled(f"Exported to {done.path}: {', '.join(parts) or 'nothing is remembered yet'}."))
    if done.left_out:
        note("without", _listed(done.left_out), "dim")
    note("", "nor how often memories were read, vectors, and the history of changes; the file is readable as it is, by you alone", "dim")
