"""The commands of `memento models` and their help; what they need is imported when one runs."""

from __future__ import annotations

from typing import Annotated

import typer

models = typer.Typer(
    no_args_is_help=True,
    help="Language models: which are on this disk, which to get, which is used. Only `pull` asks the network.",
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A number or name of `memento models list`, a path, or a key of `memento models find`.")
]


@models.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", "-a", help="Also what cannot answer, such as embedding models.")] = False,
) -> None:
    """The models on this disk, other programs' too (Hugging Face, llama.cpp, LM Studio, Ollama, Jan, GPT4All): `memento models list`."""
    from memento_desktop.cli.models import list_models

    list_models(everything)


@models.command("find")
def find(
    words: Annotated[list[str] | None, typer.Argument(help="Part of a name, a maker, a use.", show_default=False)] = None,
) -> None:
    """Recommended models with the memory they need and their speed here, from a list of ours: `memento models find qwen`."""
    from memento_desktop.cli.models import find_models

    find_models(words or [])


@models.command("pull")
def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A key of `memento models find`, OWNER/REPOSITORY[:QUANTISATION or /FILE].")],
    use: Annotated[bool, typer.Option("--use", help="Use it from then on.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also when this machine cannot hold it.")] = False,
) -> None:
    """Download a model from the Hugging Face hub, checked: `memento models pull qwen3-4b-2507`. Ctrl-C pauses, the same command goes on.

    HF_ENDPOINT names a mirror, HF_TOKEN your token, HF_HUB_OFFLINE forbids it.
    """
    from memento_desktop.cli.models import pull as run

    raise typer.Exit(run(name, use, anyway))


@models.command("use")
def use(name: Name) -> None:
    """Use a model for every task from now on: `memento models use 3`. `built-in` goes back to the one that ships with Memento."""
    from memento_desktop.cli.models import use as run

    run(name)


@models.command("show")
def show(name: Name) -> None:
    """All about one model, here or recommended: memory at several contexts, speed, licence, where it stands: `memento models show 2`."""
    from memento_desktop.cli.models import show_model

    show_model(name)


@models.command("rm")
def remove(name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete a model that Memento downloaded: `memento models rm 2`. Other programs' models are never touched."""
    from memento_desktop.cli.models import remove as run

    run(name, yes)


@models.command("bench")
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As for `show`; the one in use when left out.", show_default=False)] = "",
) -> None:
    """Measure a model on this machine: loading, reading, writing, memory. Try: `memento models bench 2`"""
    from memento_desktop.cli.models import bench as run

    run(name)
