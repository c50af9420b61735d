"""`memento conversations …`: what was said, listed, read, searched, renamed, deleted and exported by hand."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from memento_desktop.assistant import Assistant, printable
from memento_desktop.cli.console import age, agreed, clean, columns, err, note, out, reasons, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.conversations.said import Episode, Said, SaidSearch
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.transcript import SPEAKERS, Format, export, transcript
from memento_desktop.memory.conversations.windows import Windows

SHOWN = 300
"""Characters of a found message that are shown."""


@contextmanager
def _opened() -> Generator[tuple[Assistant, Conversations]]:
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        yield assistant, Conversations(assistant.bank)
    finally:
        assistant.bank.close()


def _when(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def list_conversations(query: str, limit: int, trash: bool) -> None:
    with _opened() as (_, conversations):
        found = conversations.list(limit + 1, printable(query), trash)
    if not found:
        nothing = "No conversation holds that." if query else "Nothing was deleted." if trash else "No conversation was held yet."
        err.print(styled(nothing, "dim"))
        return
    table = columns(("no", "title", "messages", "from", "age"), "title", right=("no", "messages", "age"))
    for session in found[:limit]:
        origin = "" if session.origin == "memento" else clean(session.origin)
        table.add_row(str(session.id), clean(session.title), str(session.messages), origin, age(session.last_at))
    show(table)
    if len(found) > limit:
        note("", "there are more; -n shows them", "dim")


def show_conversation(number: int) -> None:
    with _opened() as (_, conversations):
        session, messages = conversations.get(number), conversations.messages(number)
    out.print(styled(session.title, "bold"))
    held = "" if session.origin == "memento" else f", from {session.origin}"
    note("", f"conversation {session.id}, {_when(session.started_at)}{held}{', in the trash' if session.trashed else ''}", "dim")
    day = ""
    for message in messages:
        moment = _when(message.at)
        if moment[:10] != day:
            day = moment[:10]
            out.print(styled(f"\n{day}", "dim"))
        task = f"  (task {message.case_id}{', ' if message.state else ''}{message.state})" if message.case_id is not None else ""
        out.print(styled(f"{moment[11:]} {SPEAKERS[message.role]}{task}", "yellow" if message.state else "dim"))
        out.print(styled(message.text))


def search_conversations(query: str, limit: int) -> None:
    async def run() -> tuple[list[Episode], str, tuple[int, int]]:
        paths = Paths.of_this_user()
        async with Assistant(Settings.load(paths.settings), paths) as assistant:
            vectors, number, reason = await assistant.embed([printable(query)])
            search = SaidSearch(assistant.bank)
            found = await asyncio.to_thread(
                search.episodes, printable(query), limit, vector=vectors[0] if vectors else None, embedder=number
            )
            return found, reason, Windows(assistant.bank).progress(number) if vectors else (0, 0)

    found, reason, (done, total) = asyncio.run(run())
    if not found:
        err.print(styled("Nothing was found.", "dim"))
    for episode in found:
        out.print(styled(f"{episode.session_id:>5}  {episode.title}", "bold"))
        for hit in episode.said:
            _show_hit(hit)
    if reason:
        note("", f"searched on words alone: {reason}", "dim")
    elif done < total:
        note("", f"{total - done} of {total} messages are searched on words alone yet; `memento memory index` embeds them", "dim")


def _show_hit(hit: Said) -> None:
    text = " ".join(hit.text.split())
    out.print(styled(f"       {_when(hit.at)} {SPEAKERS[hit.role]}: {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}"))
    beside = f" · in lines around it {', '.join(hit.around)}" if hit.around else ""
    note("", f"       {reasons(hit.terms, hit.rank_text, hit.rank_vector, hit.similarity)}{beside}", "dim")


def rename_conversation(number: int, title: str) -> None:
    with _opened() as (_, conversations):
        session = conversations.rename(number, printable(title))
    out.print(styled(f"Renamed: {session.title}"))
    note("", "`memento memory undo` takes it back", "dim")


def delete_conversation(number: int, purge: bool, yes: bool = False) -> None:
    with _opened() as (assistant, conversations):
        if not purge:
            session = conversations.trash(number)
            out.print(styled(f"Deleted: {session.title}"))
            note("", "`memento memory undo` takes it back", "dim")
            return
        session, drawn = _purgeable(conversations, number)
        if not agreed(f"Remove “{session}” for good? This cannot be undone", yes):
            note("", "nothing was changed", "dim")
            return
        conversations.purge(number)
        copies = sorted(assistant.bank.backups.glob("*.sqlite"))
    out.print(styled("Removed for good."))
    if drawn:
        listed = ", ".join(map(str, drawn))
        note("", f"what was remembered from it stays, with the words it rests on: memories {listed}; delete those for themselves", "yellow")
    if copies:
        note("", f"{len(copies)} older copies of the bank in {copies[0].parent} may still hold it", "yellow")


def _purgeable(conversations: Conversations, number: int) -> tuple[str, list[int]]:
    """A conversation's title and the memories drawn from it; of one that was undone only that it was."""
    try:
        return conversations.get(number).title, conversations.drawn(number)
    except MementoError:
        return f"conversation {number}", []


def restore_conversation(number: int) -> None:
    with _opened() as (_, conversations):
        session = conversations.restore(number)
    out.print(styled(f"Back again: {session.title}"))


def export_conversation(number: int, to: Path | None, format: Format | None, force: bool) -> None:
    """Writes a conversation to a file, or to standard output where none is named or it is called `-`."""
    with _opened() as (_, conversations):
        if to is not None and str(to) != "-":
            written = export(conversations, number, to, format, force)
            out.print(styled(f"Written: {written}"))
            return
        text = transcript(conversations.get(number), conversations.messages(number), format or "md")
    if sys.stdout.isatty():
        out.print(styled(text.rstrip("\n")))
    else:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
