"""The commands and their help. Each one builds an assistant, calls it, prints; what it needs is imported when it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from memento_desktop import __version__
from memento_desktop.cli.backup_app import checking, copies, listing
from memento_desktop.cli.browsing_app import browsing
from memento_desktop.cli.conversations_app import conversations
from memento_desktop.cli.curation_app import curation
from memento_desktop.cli.documents_app import documents
from memento_desktop.cli.evaluate import evaluation
from memento_desktop.cli.exchange_app import register as exchange
from memento_desktop.cli.models_app import models
from memento_desktop.cli.pools_app import pool
from memento_desktop.cli.settings_app import logs, settings

app = typer.Typer(
    name="memento", invoke_without_command=True, rich_markup_mode="markdown", add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A private assistant for this computer: plans with a local model, works with your files, and remembers how it went.",
)  # fmt: skip
memory = typer.Typer(no_args_is_help=True, help="See, correct, delete and undo what is remembered. Needs no model and no network.")
app.add_typer(memory, name="memory")
app.add_typer(documents, name="documents")
app.add_typer(conversations, name="conversations")
app.add_typer(models, name="models")
app.add_typer(pool, name="pool")
app.add_typer(listing, name="backups")
app.add_typer(evaluation, name="eval")
memory.add_typer(browsing)
memory.add_typer(curation)
memory.add_typer(checking)
app.add_typer(copies)
app.add_typer(settings, name="settings")
app.add_typer(logs)

Folder = Annotated[
    list[Path] | None,
    typer.Option("--folder", "-f", help="A folder its file tools may read; repeatable. Default: the current one.", show_default=False),
]
LARGEST = 2**63 - 1
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=LARGEST, help="The memory's number, as `memento memory list` shows it.")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"memento {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.", callback=_version, is_eager=True)] = False,
    profile: Annotated[
        str, typer.Option("--profile", "-p", metavar="NAME", help="Whose memory is used, such as work or home.", show_default=False)
    ] = "",
    folder: Folder = None,
    model: Annotated[Path | None, typer.Option("--model", "-m", help="A GGUF file for the app.", show_default=False)] = None,
    temporary: Annotated[bool, typer.Option("--temporary", help="The app begins without memory: none is read, none is written.")] = False,
) -> None:
    """A private assistant for this computer: plans with a local model, works with your files, and remembers how it went.

    Without a command the app opens.
    """
    if profile:
        os.environ["MEMENTO_PROFILE"] = profile
    if context.invoked_subcommand is None:
        from memento_desktop.tui.app import run

        run(folder or [Path.cwd()], model, temporary)


@app.command()
def ask(
    task: Annotated[str, typer.Argument(help="What is to be done, in your words.")],
    folder: Folder = None,
    model: Annotated[Path | None, typer.Option("--model", "-m", help="A GGUF file to run this task on.", show_default=False)] = None,
    no_memory: Annotated[bool, typer.Option("--no-memory", help="Read no memory for this task and keep none of it.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Leave nothing to chance: read what memory ranks best, try nothing else.")
    ] = False,
    session: Annotated[
        int | None,
        typer.Option(
            "--session",
            metavar="NUMBER",
            min=0,
            max=LARGEST,
            show_default=False,
            help="The conversation that it goes into, 0 for a new one. Default: the one of the last hour.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the events as JSON, one a line.")] = False,
) -> None:
    """Work a task off: plan it, use tools, answer, and keep it as a case.

    The answer goes to standard output, what led to it to standard error. Exit code 0: answered; 1: not; 130: stopped with Ctrl-C.

    Try: `memento ask "What is 17% of 2340?"`
    """
    from memento_desktop.cli.ask import run

    if no_memory and session is not None:
        raise typer.BadParameter("--session keeps the task, --no-memory keeps nothing: give one of them")
    raise typer.Exit(run(task, folder or [Path.cwd()], model, not no_memory, json, deterministic, session))


@app.command()
def feedback(
    case: Annotated[
        int | None, typer.Argument(min=1, max=LARGEST, help="The case's number; the newest when left out.", show_default=False)
    ] = None,
    good: Annotated[bool, typer.Option("--good", help="It was right.")] = False,
    bad: Annotated[bool, typer.Option("--bad", help="It was wrong.")] = False,
    correct: Annotated[str, typer.Option("--correct", metavar="TEXT", help="It was wrong: what to do next time.", show_default=False)] = "",
) -> None:
    """Say how a task went. The next similar task reads it: `memento feedback --correct "leave out rows marked void"`."""
    from memento_desktop.cli.memory import feedback as run

    if sum((good, bad, bool(correct.strip()))) != 1:
        raise typer.BadParameter("give one of --good, --bad, --correct TEXT")
    run(case, good, correct)


@app.command()
def replay(
    case: Annotated[int, typer.Argument(min=1, max=LARGEST, help="The case's number, as `memento memory list --kind case` shows it.")],
    without: Annotated[
        list[int] | None, typer.Option("--without", metavar="NUMBER", help="A memory to leave out; repeatable.", show_default=False)
    ] = None,
    added: Annotated[
        list[int] | None, typer.Option("--with", metavar="NUMBER", help="A memory to read as well; repeatable.", show_default=False)
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", "-m", help="A GGUF file to run it on.", show_default=False)] = None,
) -> None:
    """Do a past task again from its record and show both runs: what did a memory change? Nothing outside is touched.

    Try: `memento replay 12 --without 7`
    """
    from memento_desktop.cli.replay import replay as run

    run(case, without or [], added or [], model)


@app.command()
def practice(
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, max=240, help="At most so long.")] = 5.0,
    most: Annotated[int | None, typer.Option("--most", "-n", min=1, help="At most so many trials.", show_default=False)] = None,
    when_idle: Annotated[bool, typer.Option("--when-idle", help="Only while nothing else needs the machine.")] = False,
) -> None:
    """Do tasks that went well again, with other memories, to learn which of them help. Any key stops; never on battery."""
    from memento_desktop.cli.replay import practice as run

    run(minutes, most, when_idle)


@app.command()
def remember(
    text: Annotated[str | None, typer.Argument(help="One fact, in a sentence.", show_default=False)] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", "-f", help="A document, a folder of them, or a pattern; repeatable.", show_default=False),
    ] = None,
    always: Annotated[bool, typer.Option("--always", help="A standing instruction: heeded in every task.")] = False,
) -> None:
    """Keep a fact: `memento remember "Ruth's locker code is 4471"`. At once, without a model. Or documents: `--file handbook.pdf`."""
    if (text is None) == (not file) or (file and always):
        raise typer.BadParameter("give a sentence, or --file")
    if text is None:
        from memento_desktop.cli.documents import remember_files

        remember_files(file or [])
        return
    from memento_desktop.cli.memory import remember as run

    run(text, always)


@app.command()
def profiles() -> None:
    """Whose memories there are. `memento --profile work …` uses and, where it is new, begins one; nothing of one is seen in another."""
    from memento_desktop.cli.memory import profiles as run

    run()


@app.command()
def doctor(
    get_embedder: Annotated[
        bool,
        typer.Option(
            "--get-embedder", help="Download the sentence embedder (90 MB) from the Hugging Face hub: the one thing that asks the web."
        ),
    ] = False,
) -> None:
    """Check what works here: model, embedder, bank, folders. Every problem comes with its fix. Exit code 1 if one needs it."""
    from memento_desktop.cli.doctor import fetch_embedder, run

    if get_embedder:
        fetch_embedder()
    raise typer.Exit(run())


@memory.command("search")
def memory_search(
    query: Annotated[str, typer.Argument(help="Words, or a question.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=64)] = 10,
) -> None:
    """Search by words and by meaning; each hit says why it is one."""
    from memento_desktop.cli.memory import search

    search(query, limit)


@memory.command("history")
def memory_history(limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20) -> None:
    """What changed, the newest first."""
    from memento_desktop.cli.memory import history

    history(limit)


@memory.command("undo")
def memory_undo(
    change: Annotated[
        int | None, typer.Argument(min=1, max=LARGEST, help="A change's number; the newest when left out.", show_default=False)
    ] = None,
) -> None:
    """Take the last change back: a task, an edit, a deletion, a verdict."""
    from memento_desktop.cli.memory import undo

    undo(change)


@memory.command("redo")
def memory_redo(
    change: Annotated[
        int | None, typer.Argument(min=1, max=LARGEST, help="A change's number; the last undone when left out.", show_default=False)
    ] = None,
) -> None:
    """Do again what was undone."""
    from memento_desktop.cli.memory import redo

    redo(change)


@memory.command("learned")
def memory_learned() -> None:
    """What was learnt about reading: which reader chooses the cases, how it compares with similarity, which memories helped."""
    from memento_desktop.cli.learned import show_learned

    show_learned()


@memory.command("index")
def memory_index() -> None:
    """Embed the memories that wait for the embedder, so that they are found by meaning too."""
    from memento_desktop.cli.memory import index

    index()


exchange(app)
