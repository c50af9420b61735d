"""The commands of `memento memory` that look at what is remembered and shape it: declared here, the work is imported when one runs."""

from __future__ import annotations

from typing import Annotated

import typer

browsing = typer.Typer()
LARGEST = 2**63 - 1
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=LARGEST, help="The memory's number, as `memento memory list` shows it.")
]
Numbers = Annotated[
    list[int], typer.Argument(metavar="NUMBER…", min=1, max=LARGEST, help="One number or several, as `memento memory list` shows them.")
]


@browsing.command("list")
def list_memories(
    query: Annotated[list[str] | None, typer.Argument(metavar="[QUERY]…", help="What to look for; in quotes.", show_default=False)] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", "-k", help="case, fact, instruction …; repeatable.", show_default=False)
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", "-s", help="active, proposed, archived, trashed …", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 30,
    fields: Annotated[bool, typer.Option("--fields", help="Explain what a query may hold.")] = False,
) -> None:
    """The newest memories first, or those that a query finds. Without either: those in use and those that wait for you.

    Try: `memento memory list 'kind:case reward<0.5 added:7d km'`; `--fields` explains the query. One that begins with `-` follows `--`.
    """
    from memento_desktop.cli.browsing import explain
    from memento_desktop.cli.browsing import list_memories as run

    if fields:
        explain()
        return
    run(" ".join(query or []), kind or [], status or [], limit)


@browsing.command()
def show(number: Number) -> None:
    """One memory, whole: its text, its steps, its history, where it was read and what came of it. Try: `memento memory show 12`"""
    from memento_desktop.cli.detail import show as run

    run(number)


@browsing.command()
def edit(
    number: Number,
    text: Annotated[str | None, typer.Argument(help="The new text; without it your $EDITOR opens.", show_default=False)] = None,
) -> None:
    """Change what a memory says; in your $EDITOR its kind, state and time as well. Try: `memento memory edit 12 "The code is 5512"`"""
    from memento_desktop.cli.browsing import edit as run

    run(number, text)


@browsing.command()
def new(
    text: Annotated[str | None, typer.Argument(help="What it says; without it your $EDITOR opens.", show_default=False)] = None,
    kind: Annotated[str, typer.Option("--kind", "-k", help="fact, preference, instruction or correction.")] = "fact",
) -> None:
    """Make a memory of a kind of your choice. Try: `memento memory new --kind preference "Trains rather than planes"`"""
    from memento_desktop.cli.browsing import new as run

    run(kind, text)


@browsing.command()
def delete(
    numbers: Numbers,
    purge: Annotated[bool, typer.Option("--purge", help="Remove it for good: text, vectors, history. Cannot be undone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before removing for good.")] = False,
) -> None:
    """Put memories into the trash: no longer read, can be undone. Try: `memento memory delete 12 15`"""
    from memento_desktop.cli.browsing import several
    from memento_desktop.cli.memory import purge as run

    run(numbers, yes) if purge else several("trash", numbers)


@browsing.command()
def restore(numbers: Numbers) -> None:
    """Take memories out of the trash or the archive, or accept proposed ones. Try: `memento memory restore 12`"""
    from memento_desktop.cli.browsing import several

    several("restore", numbers)


@browsing.command()
def pin(numbers: Numbers) -> None:
    """Put memories into every prompt, whatever the task. Try: `memento memory pin 12`"""
    from memento_desktop.cli.browsing import several

    several("pin", numbers)


@browsing.command()
def unpin(numbers: Numbers) -> None:
    """Read memories only where they are found again. Try: `memento memory unpin 12`"""
    from memento_desktop.cli.browsing import several

    several("unpin", numbers)


@browsing.command()
def archive(numbers: Numbers) -> None:
    """Put memories aside: kept, not searched any more. Try: `memento memory archive 12 15`"""
    from memento_desktop.cli.browsing import several

    several("archive", numbers)


@browsing.command()
def split(
    number: Number,
    texts: Annotated[list[str], typer.Argument(metavar="TEXT TEXT…", help="What each part says.")],
) -> None:
    """Make several memories of one; each keeps its sources. Try: `memento memory split 12 "Ruth lives in Porto" "Mara lives in Rome"`"""
    from memento_desktop.cli.browsing import split as run

    run(number, texts)


@browsing.command()
def supersede(
    old: Number,
    by: Number,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="When it changed, like 2026-05-03. Default: now.", show_default=False)
    ] = None,
) -> None:
    """Say that the second memory holds instead of the first, which is told of the past only. Try: `memento memory supersede 9 12`"""
    from memento_desktop.cli.browsing import supersede as run

    run(old, by, on)


@browsing.command()
def relabel(
    numbers: Numbers,
    reward: Annotated[float | None, typer.Option("--reward", min=0, max=1, help="What it was worth.", show_default=False)] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="How it ended: done, failed, cancelled, interrupted.", show_default=False)
    ] = None,
    correct: Annotated[str, typer.Option("--correct", metavar="TEXT", help="What to do next time.", show_default=False)] = "",
) -> None:
    """Say of past tasks how they ended and what they were worth. Try: `memento memory relabel 12 15 --outcome failed --reward 0`"""
    from memento_desktop.cli.browsing import relabel as run

    run(numbers, reward, outcome, correct)


@browsing.command()
def diff(
    change: Annotated[
        int | None, typer.Argument(min=1, max=LARGEST, help="A change's number; the newest when left out.", show_default=False)
    ] = None,
) -> None:
    """What a change did, field by field. Try: `memento memory diff`; `memento memory history` shows the numbers."""
    from memento_desktop.cli.figures import diff as run

    run(change)


@browsing.command()
def stats(
    weeks: Annotated[int, typer.Option("--weeks", "-w", min=1, max=520, help="So many weeks back.")] = 12,
) -> None:
    """What is remembered, how tasks went with memory and without, what helped most. Try: `memento memory stats --weeks 26`"""
    from memento_desktop.cli.figures import stats as run

    run(weeks)


@browsing.command("map")
def map_memories(
    kind: Annotated[list[str] | None, typer.Option("--kind", "-k", help="case, fact …; repeatable.", show_default=False)] = None,
) -> None:
    """A map of what is remembered: what means the same stands together. Try: `memento memory map --kind case`"""
    from memento_desktop.cli.figures import map_memories as run

    run(kind or [])
