"""The commands of `memento documents` and their help; what they need is imported when one runs."""

from __future__ import annotations

from typing import Annotated

import typer

documents = typer.Typer(
    no_args_is_help=True,
    help="Files that are remembered: which they are, how they stand, reading them again, forgetting them. Needs no model and no network.",
)
Name = Annotated[str, typer.Argument(metavar="PATH", help="A file, or a folder for all below it, as `memento documents list` shows it.")]


@documents.command("add")
def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help='Files, folders with all below them, patterns such as "notes/*.md".')],
) -> None:
    """Remember what stands in files, and watch them from then on: `memento documents add handbook.pdf notes/`."""
    from memento_desktop.cli.documents import remember_files

    remember_files(paths)


@documents.command("list")
def list_() -> None:
    """The files that are remembered, how many passages of each, and how they stand: `memento documents list`."""
    from memento_desktop.cli.documents import list_documents

    list_documents()


@documents.command("show")
def show(path: Name) -> None:
    """The passages of one file with their numbers, places and texts: `memento documents show handbook.pdf`."""
    from memento_desktop.cli.documents import show_document

    show_document(path)


@documents.command("refresh")
def refresh(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="Only this file or folder, also where you took its last reading back.", show_default=False)
    ] = "",
) -> None:
    """Read again what changed, however long it takes; it happens before each task too: `memento documents refresh handbook.pdf`."""
    from memento_desktop.cli.documents import refresh as run

    run(path)


@documents.command("forget")
def forget(path: Name) -> None:
    """Put all that is remembered of a file into the trash, and watch it no more: `memento documents forget handbook.pdf`."""
    from memento_desktop.cli.documents import forget as run

    run(path)
