"""`memento memory diff|stats|map`: what a change did, how memory serves, and how it lies."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import get_args

from memento_desktop.cli.console import age, clean, columns, err, line, note, out, show, styled
from memento_desktop.cli.memory import assistant_of_this_user
from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.diff import Changed, Diffs, FieldChange
from memento_desktop.memory.browsing.map import Map, Point
from memento_desktop.memory.browsing.statistics import Statistics, Success, Worth
from memento_desktop.memory.records import Kind

MOST = 50
"""Memories of a change that are told one by one."""
MARKS = {
    "case": "c", "lesson": "l", "fact": "f", "preference": "p", "instruction": "i", "correction": "x", "document": "d", "feedback": "b",
}  # fmt: skip
MANY = "#"


def diff(change: int | None) -> None:
    with assistant_of_this_user() as assistant:
        if change is None:
            newest = assistant.history.list(1)
            if not newest:
                raise MementoError("Nothing was changed yet.", "`memento memory history` lists the changes.")
            change = newest[0].id
        found = Diffs(assistant.bank).of(change)
    told = found.change
    out.print(styled(f"{told.label}  (change {told.id}, {told.actor}, {age(told.at)} ago{', undone' if told.undone else ''})"))
    everything = (*found.memories, *found.conversations)
    for one in everything[:MOST]:
        _show_changed(one)
    if len(everything) > MOST:
        note("", f"and {len(everything) - MOST} more", "dim")
    if not everything:
        err.print(styled("What it changed was removed for good, or it changed nothing that is remembered.", "dim"))


def _show_changed(one: Changed) -> None:
    out.print()
    out.print(styled(f"{one.what} {one.kind} {one.id}: {one.title}", "bold"))
    for field in one.fields if one.what == "changed" else [field for field in one.fields if field.name == "text"]:
        _show_field(field)


def _show_field(field: FieldChange) -> None:
    label = field.name
    for sign, text, style in (("-", field.before, "red"), ("+", field.after, "green")):
        for part in text.splitlines() if text else ():
            out.print(styled(f"  {label:<15} ", "dim") + styled(f"{sign} {part}", style))
            label = ""


def stats(weeks: int) -> None:
    with assistant_of_this_user() as assistant:
        found = Statistics(assistant.bank, assistant.memories).figures(weeks)
    if not found.statuses:
        err.print(styled("Nothing is remembered yet.", "dim"))
        return
    line("in use", ", ".join(f"{kind} {count}" for kind, count in sorted(found.kinds.items(), key=lambda item: -item[1])) or "nothing")
    line("all", ", ".join(f"{status} {count}" for status, count in sorted(found.statuses.items(), key=lambda item: -item[1])))
    line("with", f"{_rate(found.tasks_with)} of the tasks went well for which a case or lesson was read")
    line("without", f"{_rate(found.tasks_without)} of the others")
    if any(week.cases for week in found.weeks):
        names = ("week of", "tasks", "", "with memory", "without")
        table = columns(names, "", right=("tasks", "with memory", "without"))
        most = max(week.cases for week in found.weeks)
        for week in found.weeks[next(n for n, week in enumerate(found.weeks) if week.cases) :]:
            bar = "█" * max(1 if week.cases else 0, round(20 * week.cases / most))
            table.add_row(week.start, str(week.cases or ""), bar, _rate(week.with_memory, ""), _rate(week.without_memory, ""))
        out.print()
        show(table)
    for title, worths in (("helped", found.helpful), ("harmed", found.harmful)):
        _show_worth(title, worths)


def _rate(success: Success, nothing: str = "none") -> str:
    return nothing if success.rate is None else f"{success.rate:.0%} ({success.good}/{success.tasks})"


def _show_worth(title: str, worths: Sequence[Worth]) -> None:
    if not worths:
        return
    table = columns(("no", "kind", f"{title} most", "read", "helped", "harmed"), f"{title} most", right=("no", "read", "helped", "harmed"))
    for one in worths:
        numbers = (str(one.read), str(one.helped or ""), str(one.harmed or ""))
        table.add_row(str(one.memory.id), one.memory.kind, clean(one.memory.title), *numbers)
    out.print()
    show(table)


def map_memories(kinds: list[str]) -> None:
    for kind in kinds:
        if kind not in get_args(Kind):
            raise MementoError(f"There is no kind “{kind}”.", f"Known: {', '.join(get_args(Kind))}.")
    with assistant_of_this_user() as assistant:
        found = Map(assistant.bank, assistant.memories).points(kinds)  # pyright: ignore[reportArgumentType]  # checked just above
    size = shutil.get_terminal_size((80, 24))
    for row in drawn(found.points, max(20, min(size.columns, 120) - 2), max(8, min(size.lines, 40) - 6)):
        out.print(styled(row))
    there = [kind for kind in MARKS if any(point.kind == kind for point in found.points)]
    note("", f"{', '.join(f'{MARKS[kind]} {kind}' for kind in there)}, {MANY} several kinds", "dim")
    sample = f", {len(found.points)} of them shown" if len(found.points) < found.total else ""
    waiting = f"; {found.waiting} wait to be embedded (`memento memory index`)" if found.waiting else ""
    note("", f"{found.total} memories{sample}{waiting}. What means the same stands together.", "dim")


def drawn(points: Sequence[Point], width: int, height: int) -> list[str]:
    """A scatter as lines of text: the mark of the kind in each cell, another one where several kinds meet."""
    cells: dict[tuple[int, int], set[str]] = {}
    for point in points:
        at = (height - 1 - round(point.y * (height - 1)), round(point.x * (width - 1)))
        cells.setdefault(at, set()).add(MARKS[point.kind])
    rows = [[" "] * width for _ in range(height)]
    for (down, right), marks in cells.items():
        rows[down][right] = next(iter(marks)) if len(marks) == 1 else MANY
    return ["".join(row).rstrip() for row in rows]
