"""`memento documents …` and `memento remember --file`: files that are remembered, read again, forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from memento_desktop.assistant import Assistant, printable
from memento_desktop.cli.console import Marked, age, columns, err, note, out, say, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.documents.report import Document, Report, counted, named
from memento_desktop.memory.documents.standing import name_of

EACH = 20
"""Documents from which they are counted instead of named one by one."""
STATES = {
    "as read": "up to date", "changed": "changed since", "missing": "gone", "unreadable": "cannot be opened",
    "imported": "imported: not watched here",
}  # fmt: skip
HELD = {"older": "an older reading is in use", "beside": "older text is in use too"}
WHY = {"older": "you took the last one back", "beside": "you brought back what the file no longer says"}


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
            said = "Taken up" if outcome.taken_up else "Remembered"
            out.print(styled(f"{said}: {Path(outcome.path).name}, {counted(outcome)}"))
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
        folder, name = document.path[: -len(name_of(document.path))], name_of(document.path)
        read = age(document.read_at) if document.read_at else ""
        table.add_row(Marked(folder, name, from_left=True), str(document.passages), read, _state(document))
    show(table)
    older = [document for document in found if document.held != "last"]
    for document in older[:EACH]:
        again = f"`memento documents refresh {quoted(document.path)}` reads it again, as a change of the file does"
        note("", f"{name_of(document.path)}: {HELD[document.held]}: {WHY[document.held]}; {again}", "yellow")
    if len(older) > EACH:
        note("", f"{len(older) - EACH} more of which older text is in use", "yellow")
    if any(document.state == "imported" for document in found):
        note("", "what was imported stays as it is; `memento documents add FILE` watches a file that is here", "dim")
    if any(document.state == "changed" for document in found):
        note("", "what changed is read again before the next task, or by `memento documents refresh`", "dim")


def quoted(path: str) -> str:
    """A path as a shell takes it, where it needs that."""
    return f'"{path}"' if " " in path else path


def _state(document: Document) -> str:
    gone = f" for {age(document.missing_since)}" if document.state == "missing" and document.missing_since else ""
    waiting = f", {document.proposed} to accept" if document.proposed else ""
    held = HELD.get(document.held, "")
    # That the file is as it was read says nothing where another reading is in use.
    state = held if held and document.state == "as read" else STATES[document.state] + gone + (f", {held}" if held else "")
    return state + waiting


def show_document(name: str) -> None:
    """
    Raises:
        MementoError: nothing of that name is remembered.
    """

    async def run() -> None:
        async with _documents() as documents:
            passages = documents.passages(printable(name))
            for memory, place in passages:
                state = "" if memory.status == "active" else f" [{memory.status}]"
                gone = f", gone for {age(place.missing_since)}" if place.missing_since else ""
                beside = f"  ({place.locator}{gone}{', edited by you' if memory.user_edited else ''})"
                out.print(styled(f"{memory.id:>5}  {memory.title}{state}", "bold") + styled(beside, "dim"))
                for text in memory.body.split("\n"):
                    say(f"       {text}" if text else "")
            for document in documents.list():
                if document.held != "last" and document.path in {place.path for _, place in passages}:
                    note("", f"{name_of(document.path)}: {HELD[document.held]}: {WHY[document.held]}", "yellow")

    asyncio.run(run())


def refresh(name: str) -> None:
    """
    Raises:
        MementoError: nothing of that name is watched.
    """

    async def run() -> tuple[Report, list[Document]]:
        async with _documents() as documents:
            with err.status("reading · Ctrl-C stops"):
                return await documents.refresh(name=printable(name)), documents.list()

    report, found = asyncio.run(run())
    watched = [document for document in found if document.state != "imported"]
    for text in report.lines():
        out.print(styled(text))
    if name and not report.lines():
        out.print(styled("Nothing changed in it."))
    elif not report.lines():
        out.print(styled(f"Nothing changed in {len(watched)} documents." if watched else "No document is watched yet."))
    if older := [] if name else [document for document in watched if document.held != "last"]:
        note("", f"of {named([one.path for one in older])} older text is in use; `memento documents refresh FILE` ends that", "dim")
    if report.changed:
        note("", "`memento memory undo` takes it back", "dim")


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
