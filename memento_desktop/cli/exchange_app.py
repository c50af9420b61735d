"""`memento import` and `memento export`: their words and their help. What they need is imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FORMATS = ("memento", "chatgpt", "claude", "openmemory", "mem0", "mcp", "reference", "markdown")
SHAPES = ("jsonl", "markdown")
LANDED = ("proposed", "active")


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command("import")(import_)
    app.command("export")(export)


def _known(value: str, allowed: tuple[str, ...], option: str) -> None:
    if value and value not in allowed:
        raise typer.BadParameter(f"“{value}” is not one of {', '.join(allowed)}", param_hint=option)


def import_(
    path: Annotated[Path, typer.Argument(help="A file, a folder, or a zip archive as it was downloaded.", show_default=False)],
    format: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}. Default: known by the content.", show_default=False)] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would come, and write nothing.")] = False,
    landed: Annotated[str, typer.Option("--as", metavar="STATE", help="proposed: they wait for you. active: in use at once.")] = "proposed",
    as_it_was: Annotated[
        bool, typer.Option("--as-it-was", help="Your own export: everything as it stood, with pins, verdicts and what was replaced.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing when a single record is bad.")] = False,
) -> None:
    """Bring in memories and conversations of other programs, as one change that `memento memory undo` takes back.

    ChatGPT and Claude exports, mem0, OpenMemory, the MCP memory server, Markdown notes (Obsidian, basic-memory), the reference
    project's cases, and what `memento export` wrote. Try: `memento import conversations.zip --dry-run`
    """
    from memento_desktop.cli.exchange import import_file

    _known(format, FORMATS, "--format")
    _known(landed, LANDED, "--as")
    if as_it_was and landed != "proposed":
        raise typer.BadParameter("give --as or --as-it-was, not both")
    import_file(path, format, dry_run=dry_run, active=landed == "active", as_it_was=as_it_was, strict=strict)


def export(
    target: Annotated[Path, typer.Argument(help="A file (memory.jsonl), or a folder to be made.", show_default=False)],
    format: Annotated[
        str, typer.Option("--format", help="jsonl or markdown. Default: by the name, a folder is Markdown.", show_default=False)
    ] = "",
    kind: Annotated[
        list[str] | None, typer.Option("--kind", "-k", help="Only fact, case, conversation …; repeatable.", show_default=False)
    ] = None,
    trash: Annotated[bool, typer.Option("--with-trash", help="What is in the trash too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export of that name.")] = False,
) -> None:
    """Write everything that is remembered to one file or a folder of readable files; `memento import --as-it-was` reads it back.

    Try: `memento export memory.jsonl` or `memento export my-memory`
    """
    from memento_desktop.cli.exchange import export_to

    _known(format, SHAPES, "--format")
    export_to(target, format, kind or [], trash=trash, force=force)
