"""`memento documents …` and `memento remember --file`: files that are remembered, read again, forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from memento_desktop.assistant import Assistant, printable
from memento_desktop.cli.console import age, clean, columns, err, note, out, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.documents.report import Document, Report, counted

EACH = 20
"""Documents from which they are counted instead of named one by one."""
STATES = {"as read": "up to date", "changed": "changed since", "missing": "gone", "unreadable": "cannot be opened"}


@asynccontextmanager
async def _documents() -> AsyncGenerator[Documents]:
    paths = Paths.of_this_user()
    async with Assistant(Settings.load(paths.settings), paths) as assistant:
        yield Documents(assistant.bank, assistant.memories)


def remember_files(names: Sequence[str | Path]) -> None:
    """
    Raises:
        MementoError: a name means nothing that is there, or none of the files could be read.
    """

    async def run() -> Report:
        async with _documents() as documents:
            with err.status("reading · Ctrl-C stops, and nothing is kept") as status:

                def told(done: int, total: int, name: str) -> None:
                    status.update(styled(f"reading {Path(name).name} ({done + 1} of {total}) · Ctrl-C stops, and nothing is kept"))

                return await documents.remember([str(name) for name in names], told)

    report = asyncio.run(run())
    changed, same = report.changed, [outcome for outcome in report.outcomes if not outcome.changed]
    if len(changed) > EACH:
        passages = sum(outcome.new + outcome.replaced + outcome.back for outcome in changed)
        out.print(styled(f"Remembered: {len(changed)} documents, {passages} passages"))
    else:
        for outcome in changed:
            out.print(styled(f"Remembered: {Path(outcome.path).name}, {counted(outcome)}"))
    if len(same) > EACH:
        out.print(styled(f"Known already: {len(same)} documents"))
    else:
        for outcome in same:
            out.print(styled(f"Known already: {Path(outcome.path).name}, nothing new in it"))
    for outcome in report.outcomes:
        if outcome.left_out:
            removed = "1 passage" if outcome.left_out == 1 else f"{outcome.left_out} passages"
            note("", f"{Path(outcome.path).name}: {removed} that you had removed, not taken back in", "dim")
    for one in report.skipped:
        note("left out", f" {one.path}: {one.reason}", "yellow")
    if changed:
        note("", "found by words at once, by meaning after `memento memory index`; `memento memory undo` takes it back", "dim")
    if not report.outcomes:
        raise MementoError("Nothing was remembered.", "What stands beside each file says why.")


def list_documents() -> None:
    async def run() -> list[Document]:
        async with _documents() as documents:
            return documents.list()

    found = asyncio.run(run())
    if not found:
        err.print(styled("No document is remembered yet. Try: memento remember --file handbook.md", "dim"))
        return
    table = columns(("document", "passages", "read", "state"), "document", right=("passages", "read"))
    for document in found:
        table.add_row(clean(document.path), str(document.passages), age(document.read_at), _state(document))
    show(table)
    if any(document.state == "changed" for document in found):
        note("", "what changed is read again before the next task, or by `memento documents refresh`", "dim")


def _state(document: Document) -> str:
    gone = f" for {age(document.missing_since)}" if document.state == "missing" and document.missing_since else ""
    waiting = f", {document.proposed} to accept" if document.proposed else ""
    return STATES[document.state] + gone + waiting


def show_document(name: str) -> None:
    """
    Raises:
        MementoError: nothing of that name is remembered.
    """

    async def run() -> None:
        async with _documents() as documents:
            for memory, place in documents.passages(printable(name)):
                state = "" if memory.status == "active" else f" [{memory.status}]"
                out.print(styled(f"{memory.id:>5}  {memory.title}{state}"))
                gone = f", gone for {age(place.missing_since)}" if place.missing_since else ""
                note("", f"       {place.locator}{gone}{', edited by you' if memory.user_edited else ''}", "dim")

    asyncio.run(run())


def refresh() -> None:
    async def run() -> tuple[Report, int]:
        async with _documents() as documents:
            with err.status("reading · Ctrl-C stops"):
                return await documents.refresh(), len(documents.list())

    report, watched = asyncio.run(run())
    for text in report.lines():
        out.print(styled(text))
    if not report.lines():
        out.print(styled(f"Nothing changed in {watched} documents." if watched else "No document is remembered yet."))


def forget(name: str) -> None:
    """
    Raises:
        MementoError: nothing of that name is remembered.
    """

    async def run() -> tuple[list[str], int]:
        async with _documents() as documents:
            return documents.forget(printable(name))

    paths, count = asyncio.run(run())
    for path in paths:
        out.print(styled(f"Forgotten: {path}"))
    trashed = "1 passage is" if count == 1 else f"{count} passages are"
    note("", f"{trashed} in the trash, the files are as they were; `memento memory undo` takes it back", "dim")
