"""`memento backup`, `backups`, `restore` and `memory check`: their help; what they need is imported when they run."""

from __future__ import annotations

from typing import Annotated

import typer

copies = typer.Typer()
"""`backup` and `restore`: for the top of the command line, without a name."""
checking = typer.Typer()
"""`check`: for the group `memory`, without a name."""
listing = typer.Typer(
    invoke_without_command=True, help="The copies of your memory bank: their age, size, contents, and whether they are good."
)


@copies.command()
def backup(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PATH",
            show_default=False,
            help="A file or folder of your own, such as a USB stick. A new name without an ending is a folder to be made.",
        ),
    ] = "",
) -> None:
    """Copy the memory bank, open the copy and check it: `memento backup --to /media/stick`. One is made each day by itself."""
    from memento_desktop.cli.backup import backup as run

    run(to)


@copies.command()
def restore(
    which: Annotated[
        str, typer.Argument(help="A number or name of `memento backups`, or a path; the newest good one when left out.", show_default=False)
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    purged_too: Annotated[bool, typer.Option("--purged-too", help="Bring back also what you removed for good since.")] = False,
) -> None:
    """Put a copy back in the place of the memory bank: `memento restore 2`. The bank as it is now is kept as a copy first."""
    from memento_desktop.cli.backup import restore as run

    run(which, yes, dry_run, purged_too)


@listing.callback()
def backups(context: typer.Context) -> None:
    """The copies of your memory bank, each opened to see whether it is good. Try: `memento backups`"""
    if context.invoked_subcommand is None:
        from memento_desktop.cli.backup import list_backups

        list_backups()


@listing.command("delete")
def backups_delete(
    which: Annotated[list[str] | None, typer.Argument(help="Numbers or names of `memento backups`.", show_default=False)] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them, after a new one was made: so that what you purged is gone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete copies: `memento backups delete 3 4`. What you removed for good is still in those from before: --all rids you of it."""
    from memento_desktop.cli.backup import delete_backups

    if bool(which) == everything:
        raise typer.BadParameter("name the copies, or give --all")
    delete_backups(which or [], everything, yes)


@checking.command("check")
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended, after a copy was kept. Deletes no text.")] = False,
) -> None:
    """Check whether the bank is sound: file, indexes, vectors, history. Exit code 1 if not. Try: `memento memory check`"""
    from memento_desktop.cli.backup import check as run

    raise typer.Exit(run(repair))
