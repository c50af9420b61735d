"""`memento pool …`: the commands and their help; what they need is imported when they run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

pool = typer.Typer(
    no_args_is_help=True,
    help="Share chosen cases, lessons and facts with others through a folder that you sync or share in any way. Nothing is sent by itself.",
)


class Mask(StrEnum):
    """What becomes of what looks private."""

    all = "all"
    none = "none"
    ask = "ask"


Which = Annotated[str, typer.Argument(metavar="POOL", help="The pool's folder, or its name.")]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Your name for the others; asked for once.", show_default=False)]


@pool.command()
def create(
    path: Annotated[Path, typer.Argument(help="A new or empty folder, best one that is synced or shared.")],
    name: Annotated[str, typer.Option("--name", "-n", help="What the pool is called.", show_default=False)] = "",
    author: As = "",
) -> None:
    """Make a new pool in a folder: `memento pool create ~/Sync/team --name Team --as Ruth`."""
    from memento_desktop.cli.pools import create as run

    run(path, name, author)


@pool.command()
def join(
    path: Annotated[Path, typer.Argument(help="The pool's folder.")],
    name: Annotated[
        str, typer.Option("--name", "-n", help="What it is called here, if not as its maker called it.", show_default=False)
    ] = "",
) -> None:
    """Read a pool. Shows who writes there; nothing of theirs is read until you trust them: `memento pool join ~/Sync/team`."""
    from memento_desktop.cli.pools import join as run

    run(path, name)


@pool.command()
def trust(which: Which, author: Annotated[str, typer.Argument(help="Their name, or the beginning of their fingerprint.")]) -> None:
    """Let an author's memories in: `memento pool trust Team Ruth`. Compare the fingerprint with what they tell you themselves."""
    from memento_desktop.cli.pools import trust as run

    run(which, author)


@pool.command()
def distrust(which: Which, author: Annotated[str, typer.Argument(help="Their name, or the beginning of their fingerprint.")]) -> None:
    """Remove all memories of one author and read no more of them: `memento pool distrust Team Ruth`."""
    from memento_desktop.cli.pools import distrust as run

    run(which, author)


@pool.command()
def publish(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER…", min=1, help="Memories, as `memento memory list` shows them.")],
    to: Annotated[str, typer.Option("--to", metavar="POOL", help="The pool's folder, or its name.", show_default=False)],
    mask: Annotated[Mask, typer.Option("--mask", help="Mask what looks private: all of it, none of it, or ask for each.")] = Mask.ask,
    results: Annotated[bool, typer.Option("--results", help="Of a case also its answer and what its tools returned.")] = False,
    author: As = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be published.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more after the preview.")] = False,
) -> None:
    """Publish cases, lessons and facts, after a preview of exactly what the others will read: `memento pool publish 12 15 --to Team`."""
    from memento_desktop.cli.pools import publish as run

    run(numbers, to, mask.value, results, author, dry_run, yes)


@pool.command()
def withdraw(
    what: Annotated[list[str], typer.Argument(metavar="NUMBER…", help="Memories by number, or records as `memento pool show` lists them.")],
    source: Annotated[str, typer.Option("--from", metavar="POOL", help="From this pool only.", show_default=False)] = "",
) -> None:
    """Take back what you published: it disappears from the others' memory at their next sync. `memento pool withdraw 12`"""
    from memento_desktop.cli.pools import withdraw as run

    run(what, source)


@pool.command("list")
def list_pools() -> None:
    """The pools that you read."""
    from memento_desktop.cli.pools import list_pools as run

    run()


@pool.command()
def show(which: Which) -> None:
    """Who writes in a pool, with their fingerprints; what you published there; what is wrong with a file: `memento pool show Team`."""
    from memento_desktop.cli.pools import show_pool as run

    run(which)


@pool.command()
def sync(which: Annotated[str, typer.Argument(metavar="POOL", help="The pool's folder or name; all without it.")] = "") -> None:
    """Read what the others published, changed or withdrew. One change, which `memento memory undo` takes back until the next sync.

    Exit code 1 where a file was refused: it is named, and what was read of it before stays.
    """
    from memento_desktop.cli.pools import sync as run

    raise typer.Exit(run(which))


@pool.command()
def leave(
    which: Which,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back first what you published there.")] = False,
) -> None:
    """Stop reading a pool and remove all its memories in one step, which can be undone: `memento pool leave Team`."""
    from memento_desktop.cli.pools import leave as run

    run(which, withdraw)
