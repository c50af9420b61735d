"""`memento memory review|merge|pin|unpin|archive|close`, and what is said after "remember …"."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager

from memento_desktop.assistant import Assistant, printable
from memento_desktop.cli.console import day, err, line, note, out, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.curation.curator import Curator, Kept
from memento_desktop.memory.curation.review import Item, Review
from memento_desktop.memory.records import Memory

UNDO = "`memento memory undo` takes it back"
SHOWN = 10
KINDS = {"proposed": "proposal", "conflict": "conflict", "duplicate": "twice?", "stale": "outdated?", "unhelpful": "no help"}


@contextmanager
def _curator() -> Generator[tuple[Curator, Review]]:
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        curator = Curator(assistant.bank, assistant.memories, assistant.searcher)
        yield curator, Review(assistant.bank, assistant.memories, curator)
    finally:
        assistant.bank.close()


def _ended(kept: Kept) -> None:
    for old in kept.closed:
        until = f"held until {day(old.valid_to)}" if old.valid_to else "is replaced"
        note("closed", f"{old.body}  ({old.id}, {until}; undo takes it back)", "yellow")
    for left in kept.rest:
        note("still", f"{left.body}  ({left.id})", "dim")


def review(
    accept: int | None, reject: int | None, edit: int | None, text: str | None, everything: bool, accept_proposed: bool, again: bool
) -> None:
    if sum((accept is not None, reject is not None, edit is not None, accept_proposed)) > 1:
        raise MementoError("One decision at a time: --accept, --reject, --edit or --accept-proposed.", "Run it once for each.")
    if (edit is None) != (text is None):
        raise MementoError("--edit takes a number and the new text.", 'Like this: memento memory review --edit 12 "My code is 5512"')
    with _curator() as (_, waiting):
        if again:
            note("", f"{waiting.again()} suggestions that you said no to are made again", "dim")
        if accept is not None:
            _decided(waiting.accept(waiting.item(accept)))
        elif edit is not None and text is not None:
            _decided(waiting.edit(waiting.item(edit), printable(text)))
        elif reject is not None:
            _rejected(waiting, waiting.item(reject))
        elif accept_proposed:
            _accept_all(waiting)
        else:
            _list(waiting, 1000 if everything else SHOWN)


def _decided(kept: Kept) -> None:
    out.print(styled(f"{'In use' if kept.memory.status == 'active' else 'Put aside'}: {kept.memory.body}"))
    _ended(kept)
    note("", UNDO, "dim")


def _rejected(waiting: Review, item: Item) -> None:
    memory = waiting.reject(item)
    if item.what == "proposed":
        out.print(styled(f"Thrown away, and not proposed again: {memory.body}"))
        note("", UNDO, "dim")
    else:
        out.print(styled(f"Left as it is: {memory.body}"))
        note("", "not suggested again; `memento memory review --again` takes that back", "dim")


def _accept_all(waiting: Review) -> None:
    """Every proposal that needs no second look, in the order they were said: a later one ends an earlier one."""
    found = [item for item in waiting.items(1000) if item.what == "proposed"]
    clear = sorted((item for item in found if item.other is None), key=lambda item: (item.memory.recorded_at, item.memory.id))
    with waiting.bank.change("owner", f"accept {len(clear)} proposals"):
        accepted = [waiting.accept(waiting.item(item.memory.id)) for item in clear]
    for kept in accepted:
        note("", kept.memory.title)
        _ended(kept)
    out.print(styled(f"{len(clear)} accepted." if clear else "No proposal waits."))
    if len(found) > len(clear):
        note("", f"{len(found) - len(clear)} differ from what is known by a slip; decide them one by one", "dim")


def _list(waiting: Review, most: int) -> None:
    found = waiting.items(most + 1)
    if not found:
        err.print(styled("Nothing waits for you.", "dim"))
        return
    for item in found[:most]:
        _show(item)
    if len(found) > most:
        note("", "there is more; --all lists it", "dim")
    note("", 'decide with --accept N, --reject N or --edit N "…"', "dim")


def _show(item: Item) -> None:
    width = max(20, (shutil.get_terminal_size().columns if out.is_terminal else 200) - 24)
    out.print(styled(f"{item.memory.id:>5}  {KINDS[item.what]:<10} {item.memory.body if item.what == 'proposed' else item.memory.title}"))
    line("", f"      {item.reason}"[: width * 3])
    if item.quote and item.quote != item.memory.body:
        line("", f"      “{item.quote}”" + (f"  ({item.ref.replace(':', ' ')})" if item.ref else ""))
    line("", f"      accept: {item.effect}")


def merge(kept: int, other: int) -> None:
    with _curator() as (curator, _):
        memory = curator.merge(kept, other)
    out.print(styled(f"One now: {memory.title}"))
    note("", f"{other} was put into {kept} · {UNDO}", "dim")


def close(number: int, on: str | None) -> None:
    with _curator() as (curator, _):
        memory: Memory = curator.close(number, on)
    out.print(styled(f"Held until {day(memory.valid_to or '')}: {memory.title}"))
    note("", UNDO, "dim")
