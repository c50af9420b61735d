"""The commands of `memento conversations` and their help; what they need is imported when one runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

conversations = typer.Typer(
    no_args_is_help=True,
    help="What was said, word for word: list, read, search, rename, delete, export. Needs no model and no network.",
)
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=2**63 - 1, help="The conversation's number, as `memento conversations list` shows it.")
]


@conversations.command("list")
def list_(
    query: Annotated[str, typer.Argument(help="Only those that hold this, in the title or in what was said.", show_default=False)] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 30,
    trash: Annotated[bool, typer.Option("--trash", help="Those that were deleted.")] = False,
) -> None:
    """The conversations, the one spoken in last first: `memento conversations list lyon`."""
    from memento_desktop.cli.conversations import list_conversations

    list_conversations(query, limit, trash)


@conversations.command("show")
def show(number: Number) -> None:
    """One conversation, word for word: `memento conversations show 12`."""
    from memento_desktop.cli.conversations import show_conversation

    show_conversation(number)


@conversations.command("search")
def search(
    query: Annotated[str, typer.Argument(help="Words, or a question.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=64, help="At most so many conversations.")] = 5,
) -> None:
    """Search what was said by words and by meaning: `memento conversations search "when does Ruth move?"`. Each hit says why it is one."""
    from memento_desktop.cli.conversations import search_conversations

    search_conversations(query, limit)


@conversations.command("rename")
def rename(number: Number, title: Annotated[str, typer.Argument(help="The new title.")]) -> None:
    """Give a conversation another title: `memento conversations rename 12 "Move to Lyon"`."""
    from memento_desktop.cli.conversations import rename_conversation

    rename_conversation(number, title)


@conversations.command("delete")
def delete(
    number: Number,
    purge: Annotated[bool, typer.Option("--purge", help="Remove it for good: text, vectors, history. Cannot be undone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before removing for good.")] = False,
) -> None:
    """Put a conversation into the trash: no longer found, can be undone. `memento conversations delete 12`."""
    from memento_desktop.cli.conversations import delete_conversation

    delete_conversation(number, purge, yes)


@conversations.command("restore")
def restore(number: Number) -> None:
    """Take a conversation out of the trash: `memento conversations restore 12`."""
    from memento_desktop.cli.conversations import restore_conversation

    restore_conversation(number)


@conversations.command("export")
def export(
    number: Number,
    to: Annotated[
        Path | None,
        typer.Option("--to", "--out", "-o", metavar="FILE", help="Where to; printed when left out, or for -.", show_default=False),
    ] = None,
    format: Annotated[
        Literal["md", "json"] | None,
        typer.Option("--format", help="md or json; by the file's ending when left out, else md.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a conversation as Markdown or JSON: `memento conversations export 12 --to lyon.md`."""
    from memento_desktop.cli.conversations import export_conversation

    export_conversation(number, to, format, force)
