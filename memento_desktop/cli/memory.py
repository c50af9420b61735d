"""`memento memory …`, `memento remember`, `memento feedback`: what is remembered, seen and changed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import get_args

from memento_desktop.assistant import Assistant, printable
from memento_desktop.assistant import remembered as told
from memento_desktop.cli.console import (
    Marked,
    age,
    agreed,
    columns,
    day,
    err,
    interactive,
    line,
    note,
    out,
    reasons,
    remembered,
    show,
    styled,
)
from memento_desktop.cli.editor import edited
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import DEFAULT
from memento_desktop.memory.memories import INSTRUCTIONS, title_of
from memento_desktop.memory.records import Case, Kind, Memory, Status

COUNTS = ("reward", "read", "helped")
"""Columns of the list that stand empty as long as no task was worked off."""


@contextmanager
def _assistant() -> Generator[Assistant]:
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        yield assistant
        assistant.daily_copy()
    finally:
        assistant.bank.close()


def _known(values: list[str], allowed: tuple[str, ...], what: str) -> None:
    for value in values:
        if value not in allowed:
            raise MementoError(f"There is no {what} “{value}”.", f"Known: {', '.join(allowed)}.")


def remember(text: str, always: bool) -> None:
    with _assistant() as assistant:
        event = told(assistant.remember(text, "instruction" if always else "fact"))
        used = assistant.memories.instruction_characters()
    remembered(event)
    if always:
        note("", f"standing instructions take {used} of {INSTRUCTIONS} characters of every prompt", "dim")


def feedback(case_id: int | None, good: bool, correction: str) -> None:
    with _assistant() as assistant:
        case, taught = assistant.feedback(case_id, 1.0 if good else 0.0, correction)
        out.print(styled(f"{'Good' if good else 'Noted'}: {case.task}"))
        for lesson in taught:
            note("lesson", f"{lesson.title}  ({lesson.id}; `memento memory edit {lesson.id}` if it says too much or too little)", "magenta")
        if correction:
            kept = "the plan reads" if taught else "this case is read, and with it"
            note("", f"next time something like this is asked, {kept}: {title_of(case.correction)}", "dim")
        elif not good:
            note("", 'next time its plan is read as one to avoid; say what to do instead with --correct "…"', "dim")
        before = assistant.learner.standing()
        standing = assistant.learner.learn()
        if standing and standing.chosen != (before.chosen if before else "similarity"):
            note("learnt", f"cases are chosen by {standing.chosen} now; `memento memory learned` shows why", "dim")


def list_memories(kinds: list[str], statuses: list[str], limit: int) -> None:
    _known(kinds, get_args(Kind), "kind")
    _known(statuses, get_args(Status), "status")
    with _assistant() as assistant:
        wanted = statuses or ["active", "proposed", "archived"]
        found = assistant.memories.list(kinds, wanted, limit)  # pyright: ignore[reportArgumentType]  # checked just above
        cases = {case.id: case for case in assistant.cases.of([m.id for m in found if m.kind == "case"])}
        profile = assistant.bank.profile
        total = assistant.memories.count(wanted, kinds)  # pyright: ignore[reportArgumentType]
    if not found and (kinds or statuses):
        err.print(styled("Nothing of that sort is remembered.", "dim"))
        return
    if not found and profile != DEFAULT:
        err.print(styled(f"Nothing is remembered in the profile “{profile}”. `memento profiles` lists those that there are.", "dim"))
        return
    if not found:
        err.print(styled('Nothing is remembered yet. Try: memento remember "My bike lock opens with 4471"', "dim"))
        return
    rows = [_columns(memory, cases.get(memory.id)) for memory in found]
    names = [name for name in rows[0] if name not in COUNTS or any(row[name] for row in rows)]  # an empty column only takes room
    table = columns(names, "what", right=("no", *COUNTS, "age"))
    for row in rows:
        table.add_row(*(row[name] for name in names))
    show(table)
    if total > len(found):
        note("", f"{len(found)} of {total}; -n shows more", "dim")


def profiles() -> None:
    with _assistant() as assistant:
        mine, known = assistant.bank.profile, assistant.memories.profiles()
    for name, count in (known | ({} if mine in known else {mine: 0})).items():
        line("used now" if name == mine else "", f"{name}: {count} memories")


def _columns(memory: Memory, case: Case | None) -> dict[str, str | Marked]:
    state = "" if memory.status == "active" else f" [{case.outcome if case and memory.status == 'archived' else memory.status}]"
    if memory.status == "active" and memory.valid_to is not None:
        state = f" [until {day(memory.valid_to, short=True)}]"
    return {
        "no": str(memory.id), "kind": memory.kind, "what": Marked(memory.title, state),
        "reward": "" if case is None or case.reward is None else f"{case.reward:.2f}",
        "read": str(memory.read or ""), "helped": str(memory.helpful or ""),
        "from": "pool" if memory.pool else "you" if memory.origin == "user" or memory.user_edited else memory.origin,
        "age": age(memory.recorded_at),
    }  # fmt: skip


def search(query: str, limit: int) -> None:
    async def run() -> None:
        paths = Paths.of_this_user()
        async with Assistant(Settings.load(paths.settings), paths) as assistant:
            hits, why = await assistant.search(query, limit)
            if not hits:
                err.print(styled("Nothing was found.", "dim"))
            for hit in hits:
                out.print(styled(f"{hit.memory_id:>5}  {hit.kind:<10} {hit.title}"))
                note("", f"       {reasons(hit.terms, hit.rank_text, hit.rank_vector, hit.similarity)}", "dim")
            if why:
                note("", f"searched on words alone: {why}", "dim")

    asyncio.run(run())


def show_memory(number: int) -> None:
    with _assistant() as assistant:
        memory = assistant.memories.get(number)
        line("kind", f"{memory.kind}, {memory.status}" + (", pinned" if memory.pinned else ""))
        line("from", f"{'you' if memory.origin == 'user' else memory.origin}, {age(memory.recorded_at)} ago")
        if memory.kind == "case":
            _show_case(assistant.cases.get(number))
        else:
            line("text", memory.body)
        _show_origin(assistant, memory)
        read = assistant.reading.of_case(number) if memory.kind == "case" else []
        for row in read:
            why = reasons(row["why"]["terms"], row["rank_text"], row["rank_vector"], row["similarity"])
            left = f", {row['why']['reason']}" if row["why"]["reason"] else ""
            line("read" if row["shown"] else "left out", f"{row['kind']} {row['memory_id']}: {row['title']}  ({why}{left})")
        for use in assistant.reading.uses(number):
            worth = "" if use["reward"] is None else f", worth {use['reward']:.2f} by {use['reward_source']}"
            line("read for", f"{use['task']}  ({age(use['at'])} ago{worth})")
        for case in assistant.cases.of(assistant.lessons.sources(number)):
            line("drawn from", f"case {case.id}: {case.task}")
        for lesson in assistant.lessons.of_case(number):
            line("taught", f"lesson {lesson.id}: {lesson.body}")
        for change in assistant.history.of(number):
            line("history", f"{change.label}  ({change.actor}, {age(change.at)} ago{', undone' if change.undone else ''})")
        line("used", f"read {memory.read}×, helped {memory.helpful}, harmed {memory.harmful}")


def _show_origin(assistant: Assistant, memory: Memory) -> None:
    """Where a memory came from, since when and until when it holds, what took its place."""
    if memory.pool:
        line("shared by", assistant.pools.author_of(memory.id))
    if memory.valid_from:
        line("since", day(memory.valid_from))
    if memory.valid_to:
        line("until", day(memory.valid_to))
    for source in assistant.memories.sources(memory.id):
        where = f"{assistant.personal.where_of(source)}  ({source.ref})" if source.ref.startswith("message:") else source.ref
        line("source", ", ".join(part for part in (where, source.locator) if part))
        if source.quote and " ".join(source.quote.split()) != " ".join(memory.body.split()):
            line("it says", source.quote)
    if (place := assistant.personal.documents.place(memory.id)) and place.missing_since:
        line("", f"the file is gone for {age(place.missing_since)}")
    if memory.superseded_by:
        line("now", f"memory {memory.superseded_by}")


def _show_case(case: Case) -> None:
    line("task", case.task)
    for n, step in enumerate(case.plan, 1):
        line("plan" if n == 1 else "", f"{n}  {step}")
    for step in case.steps:
        line("tool", f"{step.tool} {step.args}  ({step.ms} ms)")
        line("" if step.ok else "error", step.result)
    line("outcome", case.outcome + (f": {case.reason}" if case.reason else ""))
    line("answer", case.answer)
    if case.correction:
        line("correction", case.correction)
    if case.reward is not None:
        line("reward", f"{case.reward:.2f} by {case.reward_source or 'the file it came from'}")
    line("model", f"{case.model}, {case.tokens} tokens, {case.seconds:.1f} s")


def edit(number: int, text: str | None) -> None:
    with _assistant() as assistant:
        memory = assistant.memories.get(number)
        if text is None:
            if not interactive():
                raise MementoError("There is no terminal to edit in.", f'Give the new text: memento memory edit {number} "…"')
            with edited(memory.body) as text:
                changed = assistant.memories.edit(number, text) if text.strip() != memory.body.strip() else None
        else:
            changed = assistant.memories.edit(number, printable(text))
    if changed is None:
        note("", "nothing was changed", "dim")
        return
    out.print(styled(f"Changed: {changed.body}"))
    note("", "`memento memory undo` takes it back", "dim")


def delete(number: int, purge: bool, yes: bool = False) -> None:
    with _assistant() as assistant:
        memory = assistant.memories.get(number)
        if not purge:
            assistant.memories.trash(number)
            out.print(styled(f"Deleted: {memory.title}"))
            note("", "`memento memory undo` takes it back", "dim")
            return
        if not agreed(f"Remove “{memory.title}” for good? This cannot be undone", yes):
            note("", "nothing was changed", "dim")
            return
        for drawn in assistant.memories.of(assistant.memories.drawn_from(number)):
            note("with it", f"{drawn.kind} {drawn.id}: {drawn.title}", "yellow")
        shared = [member.pool.name for member in assistant.pools.members() for one in assistant.pools.publishing.published(member.pool)
                  if one.memory_id == number]  # fmt: skip
        assistant.personal.curator.purge(number)
        talks, quoting = assistant.personal.still_saying(memory)
        copies = sorted(assistant.bank.backups.glob("*.sqlite"))
    out.print(styled("Removed for good."))
    if talks:
        numbers = ", ".join(map(str, talks))
        note("", f"conversation {numbers} still says it; `memento conversations delete {talks[0]} --purge` removes it from there", "yellow")
    if quoting:
        numbers = ", ".join(map(str, quoting))
        note("", f"case {numbers} still quotes it; `memento memory delete {quoting[0]} --purge` removes it from there", "yellow")
    for name in shared:
        note("", f"it stands in the pool {name} still; `memento pool withdraw {number}` takes it back", "yellow")
    if copies:
        note(
            "",
            f"{len(copies)} older copies of the bank still hold it; `memento backups delete --all` makes a fresh one and deletes them",
            "yellow",
        )


def restore(number: int) -> None:
    with _assistant() as assistant:
        memory = assistant.memories.restore(number)
    out.print(styled(f"In use again: {memory.title}"))


def history(limit: int) -> None:
    with _assistant() as assistant:
        changes = assistant.history.list(limit)
    table = columns(("no", "change", "by", "age"), "change", right=("no", "age"))
    for change in changes:
        table.add_row(str(change.id), Marked(change.label, " [undone]" if change.undone else ""), change.actor, age(change.at))
    show(table)


def undo(change: int | None) -> None:
    with _assistant() as assistant:
        done = assistant.history.undo(change)
    out.print(styled(f"Undone: {done.label}"))
    note("", "`memento memory redo` does it again", "dim")


def redo(change: int | None) -> None:
    with _assistant() as assistant:
        done = assistant.history.redo(change)
    out.print(styled(f"Done again: {done.label}"))


def index() -> None:
    async def run() -> None:
        paths = Paths.of_this_user()
        async with Assistant(Settings.load(paths.settings), paths) as assistant:
            with err.status("starting the embedder · Ctrl-C stops") as status:
                done = await assistant.index(lambda n, total: status.update(f"embedding {n} of {total} · Ctrl-C stops"), wait=120.0)
            if assistant.embedder.state != "ready":
                raise MementoError("The embedder is not there.", assistant.embedder.reason)
            out.print(styled(f"{done} memories embedded; none waits." if done else "Nothing waited."))

    asyncio.run(run())
