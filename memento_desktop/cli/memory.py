"""`memento memory …`, `memento remember`, `memento feedback`: what is remembered, seen and changed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from memento_desktop.assistant import Assistant
from memento_desktop.assistant import remembered as told
from memento_desktop.cli.console import age, agreed, clean, columns, err, line, note, out, reasons, remembered, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.shaping import Shaping
from memento_desktop.memory.memories import INSTRUCTIONS, title_of


@contextmanager
def assistant_of_this_user() -> Generator[Assistant]:
    """For commands that need neither model nor embedder."""
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        yield assistant
        assistant.daily_copy()
    finally:
        assistant.bank.close()


def remember(text: str, always: bool) -> None:
    with assistant_of_this_user() as assistant:
        event = told(assistant.remember(text, "instruction" if always else "fact"))
        used = assistant.memories.instruction_characters()
    remembered(event)
    if always:
        note("", f"standing instructions take {used} of {INSTRUCTIONS} characters of every prompt", "dim")


def feedback(case_id: int | None, good: bool, correction: str) -> None:
    with assistant_of_this_user() as assistant:
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


def profiles() -> None:
    with assistant_of_this_user() as assistant:
        mine, known = assistant.bank.profile, assistant.memories.profiles()
    for name, count in (known | ({} if mine in known else {mine: 0})).items():
        line("used now" if name == mine else "", f"{name}: {count} memories")


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


def purge(numbers: Sequence[int], yes: bool = False) -> None:
    with assistant_of_this_user() as assistant:
        shaping = Shaping(assistant.bank, assistant.memories, assistant.cases)
        asked = assistant.memories.of(numbers)
        going = shaping.purging(numbers)
        named = f"“{clean(asked[0].title)}”" if len(asked) == 1 else f"{len(asked)} memories"
        if not agreed(f"Remove {named} for good? This cannot be undone", yes):
            note("", "nothing was changed", "dim")
            return
        for other in going:
            if other.id not in numbers:
                note("with it", f"{other.kind} {other.id}: {other.title}", "yellow")
        shared = [(one.memory_id, member.pool.name) for member in assistant.pools.members()
                  for one in assistant.pools.publishing.published(member.pool) if one.memory_id in numbers]  # fmt: skip
        shaping.purge(numbers)
        said = [assistant.personal.still_saying(memory) for memory in asked]
        copies = sorted(assistant.bank.backups.glob("*.sqlite"))
    out.print(styled("Removed for good." if len(asked) == 1 else f"{len(asked)} memories removed for good."))
    talks, quoting = (sorted({number for one in said for number in one[side]}) for side in (0, 1))
    if talks:
        which = ", ".join(map(str, talks))
        note(
            "",
            f"conversation {which} still says it; `memento conversations delete {talks[0]} --purge` removes it from there",
            "yellow",
        )
    if quoting:
        which = ", ".join(map(str, quoting))
        note("", f"case {which} still quotes it; `memento memory delete {quoting[0]} --purge` removes it from there", "yellow")
    for number, name in shared:
        note("", f"it stands in the pool {name} still; `memento pool withdraw {number}` takes it back", "yellow")
    if copies:
        note(
            "",
            f"{len(copies)} older copies of the bank still hold it; `memento backups delete --all` makes a fresh one and deletes them",
            "yellow",
        )


def history(limit: int) -> None:
    with assistant_of_this_user() as assistant:
        changes = assistant.history.list(limit)
    table = columns(("no", "change", "by", "age"), "change", right=("no", "age"))
    for change in changes:
        table.add_row(str(change.id), clean(change.label) + (" [undone]" if change.undone else ""), change.actor, age(change.at))
    show(table)


def undo(change: int | None) -> None:
    with assistant_of_this_user() as assistant:
        done = assistant.history.undo(change)
    out.print(styled(f"Undone: {done.label}"))
    note("", "`memento memory redo` does it again", "dim")


def redo(change: int | None) -> None:
    with assistant_of_this_user() as assistant:
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
