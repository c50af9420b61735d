"""The commands of `memento memory` that keep it in order: declared here, the work is imported when one runs."""

from __future__ import annotations

from typing import Annotated

import typer

curation = typer.Typer()
LARGEST = 2**63 - 1
Number = Annotated[int, typer.Argument(min=1, max=LARGEST, help="The number of a memory.")]


@curation.command()
def review(
    accept: Annotated[
        int | None, typer.Option("--accept", min=1, max=LARGEST, metavar="N", help="Do what is suggested for memory N.", show_default=False)
    ] = None,
    reject: Annotated[
        int | None, typer.Option("--reject", min=1, max=LARGEST, metavar="N", help="Say no; it is not suggested again.", show_default=False)
    ] = None,
    edit: Annotated[
        int | None, typer.Option("--edit", min=1, max=LARGEST, metavar="N", help="Take it in your own words: TEXT.", show_default=False)
    ] = None,
    text: Annotated[str | None, typer.Argument(help="The new wording, with --edit.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="List all that waits; with --accept-proposed, take all proposals.")] = False,
    accept_proposed: Annotated[bool, typer.Option("--accept-proposed", help="Accept every proposal that is listed.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Suggest again what you said no to.")] = False,
) -> None:
    """What waits for you: proposals, contradictions, duplicates, what is stale or never helped. Decide by number.

    Try: `memento memory review --accept 12`, or `--edit 12 "My locker code is 5512"`
    """
    from memento_desktop.cli.curation import review as run

    run(accept, reject, edit, text, everything, accept_proposed, again)


@curation.command()
def merge(kept: Number, other: Number) -> None:
    """Make two memories one: the first stays and gets the sources of the second. Try: `memento memory merge 12 9`"""
    from memento_desktop.cli.curation import merge as run

    run(kept, other)


@curation.command()
def close(
    number: Number,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="When it ended, like 2026-05-03. Default: now.", show_default=False)
    ] = None,
) -> None:
    """Say that something holds no more: it is told of the past only. Try: `memento memory close 12 --on 2026-05-03`"""
    from memento_desktop.cli.curation import close as run

    run(number, on)
