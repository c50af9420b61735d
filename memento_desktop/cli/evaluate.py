"""`memento eval`: runs an evaluation, shows what it found, keeps it, and with --check fails where a bar is missed."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from memento_desktop.evaluation.report import Report

evaluation = typer.Typer(
    no_args_is_help=True,
    help="Measure what memory is worth. Every run is kept: figures as text, JSON and SVG, and one record a task.",
)

Quick = Annotated[bool, typer.Option("--quick", help="Small, in about a minute; its figures are rough.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 1 where a bar is missed, and name it.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="Where to keep the run. Default: a new folder in the data folder.", show_default=False),
]
Seeds = Annotated[
    int | None, typer.Option("--seeds", min=1, max=100, help="Repetitions. Default: 3, or 1 with --quick.", show_default=False)
]
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder that holds the public data sets.")]
GGUF = Annotated[
    Path | None, typer.Option("--model", "-m", metavar="GGUF", help="The model to run. Default: the built-in one.", show_default=False)
]
NoData = Annotated[Path, typer.Option("--data", metavar="DIR", help="As for the others; this one makes its own data.")]
HERE = Path("data")


@evaluation.command()
def learning(
    data: NoData = HERE, quick: Quick = False, check: Check = False, out: Out = None, seeds: Seeds = None, model: GGUF = None
) -> None:
    """Does memory help? Kinds of tasks with hidden conventions, met again and again, arm against arm, on a real model."""
    _run("learning", check, out, quick=quick, seeds=_count(seeds, quick), model=model)


@evaluation.command()
def selection(data: Data = HERE, quick: Quick = False, check: Check = False, out: Out = None, seeds: Seeds = None) -> None:
    """Which reader picks the case that helps? Similarity against the learned ones, on CLINC150 (DIR/clinc150). Needs the embedder.

    With DIR/memento, what the reference implementation's own pool can tell stands beside it.
    """
    from memento_desktop.config.paths import Paths

    _run("selection", check, out, data=data, cache=Paths.of_this_user().cache, quick=quick, seeds=_count(seeds, quick))


@evaluation.command()
def poison(
    data: NoData = HERE, quick: Quick = False, check: Check = False, out: Out = None, seeds: Seeds = None, model: GGUF = None
) -> None:
    """What can planted memories do? Cases and facts with orders inside, on the built-in model and on one that obeys everything."""
    _run("poison", check, out, quick=quick, seeds=_count(seeds, quick), model=model)


@evaluation.command()
def reference(data: Data = HERE, quick: Quick = False, check: Check = False, out: Out = None, seeds: Seeds = None) -> None:
    """What the reference implementation's own training pool (DIR/memento) can teach, and what it cannot."""
    _run("reference", check, out, data=data, quick=quick, seeds=_count(seeds, quick))


@evaluation.command()
def recall(data: Data = HERE, quick: Quick = False, check: Check = False, out: Out = None) -> None:
    """Is what was said found again? Five people's conversations and 155 later questions (DIR/bfcl_memory). Needs the embedder."""
    from memento_desktop.config.paths import Paths

    _run("recall", check, out, data=data, cache=Paths.of_this_user().cache, quick=quick)


def _count(seeds: int | None, quick: bool) -> int:
    return seeds or (1 if quick else 3)


def _run(name: str, check: bool, out: Path | None, **arguments: Any) -> None:
    """Runs `memento_desktop.evaluation.<name>`; how it is shown and kept is the same for all.

    Raises:
        MementoError: an earlier run stands where this one would go, or what the evaluation needs is missing.
    """
    from memento_desktop.cli.console import note
    from memento_desktop.cli.console import out as console
    from memento_desktop.config.paths import Paths
    from memento_desktop.evaluation import writing

    folder = out or Paths.of_this_user().data / "evaluations" / f"{datetime.now():%Y-%m-%d-%H%M%S}"
    writing.vacant(name, folder)
    module = importlib.import_module(f"memento_desktop.evaluation.{name}")  # each brings its own heavy imports
    with _progress(name) as progress:
        found = module.run(**arguments, progress=progress)
        report: Report = asyncio.run(found) if inspect.iscoroutine(found) else found
    written = writing.write(report, folder)
    writing.show(report, console)
    note("kept in", f"{written[0].parent}", "dim")
    if check and (missed := [bar for bar in report.bars if not bar.ok]):
        for bar in missed:
            note("missed", f"{bar.name}: {writing.figure_of(bar)}, needed {bar.needed}", "red")
        raise typer.Exit(1)


@contextlib.contextmanager
def _progress(name: str) -> Generator[Callable[[str], None]]:
    """Says what goes on, on the error stream: a spinner on a terminal, lines otherwise."""
    from memento_desktop.cli.console import clean, err, note, styled

    if not err.is_terminal:
        yield lambda text: note("", clean(text), "dim")
        return
    with err.status(f"{name} · Ctrl-C stops") as status:
        yield lambda text: status.update(styled(f"{text} · Ctrl-C stops"))
