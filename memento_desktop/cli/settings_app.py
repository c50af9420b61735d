"""The commands of `memento settings`, and `memento logs`: their help; what they need is imported when one runs."""

from __future__ import annotations

from typing import Annotated

import typer

settings = typer.Typer(
    no_args_is_help=True, help="What can be set: see, change, take back, edit as a file. Every change is checked before it is written."
)
logs = typer.Typer()
"""`logs`: for the top of the command line, without a name."""
Key = Annotated[str, typer.Argument(metavar="KEY", help="The setting, such as memory.most_cases.")]


@settings.command("list")
def list_(
    section: Annotated[str, typer.Argument(help="Only those of a section, such as memory.", show_default=False)] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only those that differ from their defaults.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON, one a line, with everything that is known of each.")] = False,
) -> None:
    """All settings with their values and who set them: `memento settings list memory`."""
    from memento_desktop.cli.settings import list_settings

    list_settings(section, changed, json)


@settings.command("get")
def get(key: Key) -> None:
    """One setting: its value on standard output, and what it may be: `memento settings get memory.most_cases`."""
    from memento_desktop.cli.settings import get_setting

    get_setting(key)


@settings.command("set")
def set_(
    key: Key, value: Annotated[list[str], typer.Argument(metavar="VALUE", help="Its new value; several for a setting that is a list.")]
) -> None:
    """Change one setting in the file; its comments and its order stay: `memento settings set memory.most_cases 2`."""
    from memento_desktop.cli.settings import set_setting

    set_setting(key, value)


@settings.command("unset")
def unset(key: Key) -> None:
    """Take one setting out of the file, so that its default holds: `memento settings unset memory.most_cases`."""
    from memento_desktop.cli.settings import unset_setting

    unset_setting(key)


@settings.command("path")
def path() -> None:
    """Where the settings file is, or would be: `memento settings path`."""
    from memento_desktop.cli.settings import show_path

    show_path()


@settings.command("edit")
def edit() -> None:
    """Open the settings file in your editor: `memento settings edit`. What is not usable is refused, and your text kept."""
    from memento_desktop.cli.settings import edit_settings

    edit_settings()


@logs.command("logs")
def show_logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=100_000, help="So many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    engine: Annotated[bool, typer.Option("--engine", help="The log of the process that runs the language model.")] = False,
    embedder: Annotated[bool, typer.Option("--embedder", help="The log of the process that makes vectors.")] = False,
    path: Annotated[bool, typer.Option("--path", help="Only say where it is.")] = False,
) -> None:
    """The last lines of the program's log, in which nothing of what you wrote stands: `memento logs -n 20 --follow`."""
    from memento_desktop.cli.logs import show

    if engine and embedder:
        raise typer.BadParameter("give one of --engine, --embedder")
    show(lines, follow, "engine" if engine else "embedder" if embedder else "", path)
