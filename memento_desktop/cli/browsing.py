"""`memento memory list|edit|new|delete|restore|pin|archive|split|supersede|relabel`: what is remembered, found and shaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import Marked, age, columns, day, err, interactive, line, note, out, show, styled
from memento_desktop.cli.editor import edited
from memento_desktop.cli.memory import assistant_of_this_user
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import DEFAULT
from memento_desktop.memory.browsing.browser import Browser, Row
from memento_desktop.memory.browsing.query import FIELDS, Filter, Term, parse
from memento_desktop.memory.browsing.shaping import Shaped, Shaping
from memento_desktop.memory.records import Kind, Outcome, Status

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.sheet import Sheets

UNDO = "`memento memory undo` takes it back"
COUNTS = ("reward", "read", "helped")
"""Columns of the list that stand empty as long as no task was worked off."""
SHOWN = 10
"""Memories that are named after a change of many."""


def _known(values: Sequence[str], allowed: tuple[str, ...], what: str) -> None:
    for value in values:
        if ":" in value:  # -kind:case is read as -k ind:case
            raise MementoError(
                f"“-{what[0]} {value}” is no {what}.", "A query that begins with - follows two of them: memento memory list -- '-kind:case'"
            )
        if value not in allowed:
            raise MementoError(f"There is no {what} “{value}”.", f"Known: {', '.join(allowed)}.")


def explain() -> None:
    """The query language, field by field."""
    for field in FIELDS:
        line(field.name, field.help)
    out.print()
    line("", "Words must all be there; the last may be a beginning. “-” in front says not, a comma says or: -kind:case,lesson.")
    line("", "In the shell the whole query stands in quotes: memento memory list 'kind:case reward<0.5 \"void rows\"'")


def list_memories(query: str, kinds: list[str], statuses: list[str], limit: int) -> None:
    _known(kinds, get_args(Kind), "kind")
    _known(statuses, get_args(Status), "status")
    asked = parse(query)
    terms = [Term(name, tuple(values)) for name, values in (("kind", kinds), ("status", statuses)) if values]
    if asked == Filter() and not statuses:
        terms.append(Term("status", ("active", "proposed", "archived")))
    wanted = replace(asked, terms=(*asked.terms, *terms))
    with assistant_of_this_user() as assistant:
        profile = assistant.bank.profile
        if query.strip():
            browser = Browser(assistant.bank, assistant.memories)
            rows, total = browser.page(wanted, 0, limit), browser.count(wanted)
        else:  # what needs no search is found without the arrays that searching takes
            names = statuses or ["active", "proposed", "archived"]
            found = assistant.memories.list(kinds, names, limit)  # pyright: ignore[reportArgumentType]  # checked just above
            rows = Browser(assistant.bank, assistant.memories).rows([memory.id for memory in found])
            total = assistant.memories.count(names, kinds)  # pyright: ignore[reportArgumentType]
    if rows:
        _table(rows)
    if total > len(rows):
        note("", f"{len(rows)} of {total}; -n shows more", "dim")
    if not rows:
        err.print(styled(_nothing(profile, bool(query.strip() or kinds or statuses)), "dim"))


def _nothing(profile: str, searched: bool) -> str:
    if searched:
        return "Nothing of that sort is remembered."
    if profile != DEFAULT:
        return f"Nothing is remembered in the profile “{profile}”. `memento profiles` lists those that there are."
    return 'Nothing is remembered yet. Try: memento remember "My bike lock opens with 4471"'


def _table(rows: Sequence[Row]) -> None:
    told = [_columns(row) for row in rows]
    names = [name for name in told[0] if name not in COUNTS or any(row[name] for row in told)]  # an empty column only takes room
    table = columns(names, "what", right=("no", *COUNTS, "age"))
    for row in told:
        table.add_row(*(row[name] for name in names))
    show(table)


def _columns(row: Row) -> dict[str, str | Marked]:
    return {
        "no": str(row.id), "kind": row.kind, "what": Marked(row.title, _state(row)),
        "reward": "" if row.reward is None else f"{row.reward:.2f}", "read": str(row.read or ""), "helped": str(row.helped or ""),
        "from": "pool" if row.pool else "you" if row.origin == "user" or row.edited else row.origin, "age": age(row.recorded_at),
    }  # fmt: skip


def _state(row: Row) -> str:
    if row.status == "active":
        return f" [until {day(row.valid_to, short=True)}]" if row.valid_to is not None else ""
    return f" [{row.outcome if row.outcome and row.status == 'archived' else row.status}]"


# shaping


def _sheets(assistant: Assistant) -> Sheets:
    from memento_desktop.memory.browsing.sheet import Sheets  # a list, which is asked for most, needs none

    return Sheets(assistant.bank, assistant.memories, assistant.cases)


def edit(number: int, text: str | None) -> None:
    with assistant_of_this_user() as assistant:
        if text is not None:
            done = Shaping(assistant.bank, assistant.memories, assistant.cases).edit(number, text)
        else:
            sheets = _sheets(assistant)
            sheet = sheets.open(number)
            if not interactive():
                raise MementoError("There is no terminal to edit in.", f'Give the new text: memento memory edit {number} "…"')
            with edited(sheet.text) as written:
                done = sheets.apply(sheet, written)
    if done.txn is None:
        note("", "nothing was changed", "dim")
        return
    out.print(styled(f"Changed: {done.memories[0].body}"))
    _also(done)


def new(kind: str, text: str | None) -> None:
    _known([kind], get_args(Kind), "kind")
    with assistant_of_this_user() as assistant:
        if text is not None:
            done = Shaping(assistant.bank, assistant.memories, assistant.cases).create(kind, text)  # pyright: ignore[reportArgumentType]
        else:
            sheets = _sheets(assistant)
            sheet = sheets.new(kind)  # pyright: ignore[reportArgumentType]  # checked just above
            if not interactive():
                raise MementoError("There is no terminal to write in.", f'Give the text: memento memory new --kind {kind} "…"')
            with edited(sheet.text) as written:
                done = sheets.apply(sheet, written)
    out.print(styled(f"{'Remembered' if done.txn else 'I knew that'}: {done.memories[0].body}"))
    _also(done, undo=done.txn is not None)


SEVERAL: dict[str, tuple[Callable[[Shaping, Sequence[int]], Shaped], str, str]] = {
    "trash": (Shaping.trash, "Deleted", "deleted"),
    "restore": (Shaping.restore, "In use again", "in use again"),
    "archive": (Shaping.archive, "Put aside", "put aside"),
    "pin": (Shaping.pin, "In every prompt", "in every prompt"),
    "unpin": (lambda shaping, ids: shaping.pin(ids, False), "Only where it is found", "only where they are found"),
}
"""What is done to several memories, and how that is said of one and of many."""


def several(what: str, numbers: Sequence[int]) -> None:
    act, one, many = SEVERAL[what]
    with assistant_of_this_user() as assistant:
        done = act(Shaping(assistant.bank, assistant.memories, assistant.cases), numbers)
    if len(done.memories) == 1:
        out.print(styled(f"{one}: {done.memories[0].title}"))
    else:
        out.print(styled(f"{len(done.memories)} memories {many}."))
        for memory in done.memories[:SHOWN]:
            line(str(memory.id), memory.title)
    _also(done, undo=done.txn is not None)


def _also(done: Shaped, undo: bool = True) -> None:
    for memory in done.also:
        until = f", until {day(memory.valid_to)}" if memory.valid_to else ""
        note("with it", f"{memory.kind} {memory.id}: {memory.title}  ({memory.status}{until})", "yellow")
    note("", UNDO if undo else "nothing had to be changed", "dim")


def split(number: int, texts: Sequence[str]) -> None:
    with assistant_of_this_user() as assistant:
        done = Shaping(assistant.bank, assistant.memories, assistant.cases).split(number, texts)
    for part in done.memories:
        line(str(part.id), part.body)
    _also(done)


def supersede(old: int, by: int, on: str | None) -> None:
    with assistant_of_this_user() as assistant:
        done = Shaping(assistant.bank, assistant.memories, assistant.cases).supersede(old, by, on)
    memory = done.memories[0]
    out.print(styled(f"Held until {day(memory.valid_to or '')}: {memory.title}"))
    line("now", done.also[0].title)
    note("", UNDO, "dim")


def relabel(numbers: Sequence[int], reward: float | None, outcome: str | None, correction: str) -> None:
    _known([outcome] if outcome else [], get_args(Outcome), "outcome")
    with assistant_of_this_user() as assistant:
        shaping = Shaping(assistant.bank, assistant.memories, assistant.cases)
        done = shaping.relabel(numbers, reward, outcome, correction)  # pyright: ignore[reportArgumentType]  # checked just above
        cases = assistant.cases.of([memory.id for memory in done.memories])
    for case in cases:
        line(str(case.id), f"{case.task}  ({case.outcome}{'' if case.reward is None else f', worth {case.reward:.2f}'})")
    _also(done, undo=done.txn is not None)
