"""`memento models …`: the models on this disk and the recommended ones, shown, downloaded, chosen, removed, measured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import typer

from memento_desktop.cli.console import clean, columns, complain, err, interactive, line, note, say, show
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.inference.models.benching import Bench
from memento_desktop.inference.models.catalogue import Entry
from memento_desktop.inference.models.choosing import choose_entry, choose_local
from memento_desktop.inference.models.download import Progress
from memento_desktop.inference.models.fits import CONTEXT, Fit, Machine, Shape, fit, gigabytes, per_second
from memento_desktop.inference.models.hub import Wanted
from memento_desktop.inference.models.local import LocalModel
from memento_desktop.inference.models.store import ModelStore

STOPPED = 130
LONG = 32_768
VERDICTS = {"fits": "fits", "tight": "when others are closed", "too large": "too large"}


def _store() -> ModelStore:
    paths = Paths.of_this_user()
    return ModelStore(Settings.load(paths.settings), paths)


def _machine(store: ModelStore) -> Machine:
    with err.status("measuring the memory of this machine, once"):
        return store.machine()


def _context(store: ModelStore, trained: int) -> int:
    """The tokens that a task would have: those of the settings, else what the model was trained for but at most 8,192."""
    return store.settings.model.context or min(trained or CONTEXT, CONTEXT)


def tokens(count: int) -> str:
    """A context as people write it: 512, 8k, 256k."""
    return "?" if not count else f"{count // 1024}k" if count >= 1024 else str(count)


def weights(count: int) -> str:
    """Parameters as people write them: 4.0B, 135M."""
    if not count:
        return "?"
    return f"{count / 1e9:.1f}B" if count >= 0.95e9 else f"{count / 1e6:.0f}M" if count >= 1e6 else f"{count / 1e3:.0f}k"


def _pace(fitted: Fit, measured: Bench | None) -> str:
    if measured is not None and measured.speed:
        return per_second(measured.speed)
    return f"~{per_second(fitted.speed)}" if fitted.speed else "?"


def list_models(everything: bool) -> None:
    store = _store()
    found = store.local()
    shown = [m for m in found if everything or m.role == "chat" or m.damage]
    machine = _machine(store)
    speeds = store.speeds(found)
    names = ("", "", "model", "weights", "size", "context", "fits", "tokens/s", "where")
    table = columns(names, "model", right=("weights", "size", "context", "tokens/s"))
    for model in shown:
        kind = f"{weights(model.parameters)} {model.quantisation}".strip()
        state, pace = "damaged" if model.damage else model.role, ""
        if model.shape is not None and model.usable:
            fitted = fit(model.shape, machine, _context(store, model.context))
            state, pace = VERDICTS[fitted.verdict], _pace(fitted, speeds.get(model.path))
        table.add_row(
            str(found.index(model) + 1), "*" if store.uses(model) else "", clean(model.name), clean(kind), gigabytes(model.size),
            tokens(model.context), state, pace, ", ".join(model.places), style="" if model.usable else "dim",
        )  # fmt: skip
    show(table)
    _remarks(store, found, shown)
    _advise(store, found, machine)


def _remarks(store: ModelStore, found: Sequence[LocalModel], shown: Sequence[LocalModel]) -> None:
    """What a row cannot hold: why one is damaged, what is not shown, what could not be looked into, what is half downloaded."""
    for model in shown:
        if model.damage:
            note("damaged", f" {found.index(model) + 1} {model.path}: {model.damage}", "yellow")
    for trouble in store.troubles:
        note("note", trouble, "yellow")
    for half in store.unfinished():
        of = f" of {gigabytes(half.wanted.size)}" if half.wanted.size else ""
        goes_on = f"`memento models pull {_called(store, half.wanted)}` goes on"
        note("paused", f"{half.wanted.file}, {gigabytes(half.done)}{of}: {goes_on}", "yellow")
    if hidden := len(found) - len(shown):
        note("", f"{hidden} more cannot answer (embedding models and the like): --all shows them", "dim")


def _called(store: ModelStore, wanted: Wanted) -> str:
    """What `pull` calls a file."""
    same = (wanted.repository, wanted.file, wanted.revision)
    keys = (one.key for one in store.catalogue() if (one.repository, one.file, one.revision) == same)
    return next(keys, f"{wanted.repository}/{wanted.file}")


def _advise(store: ModelStore, found: Sequence[LocalModel], machine: Machine) -> None:
    """One sentence about what to use; nothing when the owner has chosen."""
    if store.in_use() is not None:
        return
    choice = choose_local(found, machine, store.settings.model.context or CONTEXT)
    if choice.model is not None:
        note("advice", f"{choice.sentence} `memento models use {found.index(choice.model) + 1}` uses it.", "green")
    else:
        best = choose_entry(store.catalogue(), machine)
        if best.model is not None:
            note("advice", f"{best.sentence} `memento models pull {best.model.key} --use` gets it ({gigabytes(best.model.size)}).", "green")


def find_models(words: Sequence[str]) -> None:
    store = _store()
    entries = [one for one in store.catalogue() if _matches(one, words)]
    if not entries:
        raise MementoError(
            f"No recommended model is described by “{' '.join(words)}”.",
            "`memento models find` lists all; `memento models pull OWNER/REPOSITORY` gets any other GGUF from the hub.",
        )
    machine, here = _machine(store), store.local()
    names = ("", "model", "weights", "download", "at 8k", "at 32k", "fits", "tokens/s", "good for")
    table = columns(names, "good for", right=("weights", "download", "at 8k", "at 32k", "tokens/s"))
    for one in entries:
        row = ["*" if store.installed(one, here) else "", one.key, weights(one.parameters), gigabytes(one.size) if one.size else "?"]
        if one.shape is None:
            table.add_row(*row, "?", "?", "?", "?", one.good_for)
            continue
        fitted = fit(one.shape, machine, CONTEXT)
        row += [_memory(one.shape, machine, CONTEXT), _memory(one.shape, machine, LONG)]
        table.add_row(*row, VERDICTS[fitted.verdict], _pace(fitted, None), one.good_for)
    show(table)
    if any(store.installed(one, here) for one in entries):
        note("", "* is on this disk already", "dim")
    best = choose_entry(entries, machine)
    get = f" `memento models pull {best.model.key} --use` gets and uses it." if best.model is not None else ""
    note("advice", best.sentence + get, "green")


def _matches(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.key} {entry.name} {entry.maker} {entry.licence} {entry.quantisation} {entry.good_for}".lower()
    return all(word.lower() in text for word in words)


def _memory(shape: Shape, machine: Machine, context: int) -> str:
    return gigabytes(fit(shape, machine, context).needed) if shape.cache_per_token else "?"


def pull(name: str, use: bool, anyway: bool) -> int:
    """Returns the exit code. Raises `MementoError` as `ModelStore.pull` does."""
    store = _store()
    entry = store.entry(name)
    if entry is not None and (here := store.installed(entry)) is not None:
        say(f"Here already: {here.name} ({', '.join(here.places)})")
        return _after(store, here, use)
    wanted = store.remote(name)
    size = sum(one.size for one in wanted)
    machine = store.machine(measure=False)
    shape = entry.shape if entry is not None else Shape(size, size, 0)
    if shape is not None and not anyway and (fitted := fit(shape, machine)).verdict == "too large":
        raise MementoError(f"{name} {fitted.sentence}.", "Choose a smaller one, or give --anyway.")
    what = entry.name if entry is not None else wanted[0].file
    try:
        with err.status(f"asking {wanted[0].repository}") as status:
            model = store.pull(wanted, progress=lambda p: status.update(f"{clean(what)}: {_told(p)} · Ctrl-C pauses"))
    except KeyboardInterrupt:
        complain(MementoError("Paused: what has arrived is kept.", f"`memento models pull {name}` goes on from there."))
        return STOPPED
    say(f"Downloaded: {model.name}, {gigabytes(model.size)}")
    note("", f"{model.path}", "dim")
    return _after(store, model, use)


def _told(progress: Progress) -> str:
    amount = f"{gigabytes(progress.done)} of {gigabytes(progress.total)}" if progress.total else gigabytes(progress.done)
    if progress.stage != "downloading" or not progress.speed:
        return f"{progress.stage}, {amount}"
    left = (progress.total - progress.done) / progress.speed if progress.total else 0.0
    remaining = f", {left / 60:.0f} min left" if left >= 90 else f", {left:.0f} s left" if left else ""
    return f"{amount}, {gigabytes(progress.speed)}/s{remaining}"


def _after(store: ModelStore, model: LocalModel, use: bool) -> int:
    if model.damage:
        raise MementoError(f"{model.path} cannot be used. {model.damage}", "`memento models rm` removes it.")
    if use:
        store.use(model)
        say(f"In use: {model.name}")
    elif not store.uses(model):
        note("", f"`memento models use {model.path.name}` uses it for every task", "dim")
    return 0


def use(name: str) -> None:
    store = _store()
    model = store.find(name)
    store.use(model)
    say(f"In use: {model.name}" + (" (built-in)" if model.built_in else f" ({model.path})"))
    if model.shape is not None and not model.built_in:
        fitted = fit(model.shape, store.machine(measure=False), _context(store, model.context))
        note("", f"it {fitted.sentence}", "yellow" if fitted.verdict != "fits" else "dim")
    if not model.has_template:
        note("", "it has no chat template: it may not have been trained to answer", "yellow")


def show_model(name: str) -> None:
    store = _store()
    entry, found = store.entry(name), store.local()
    if entry is not None and store.installed(entry, found) is None:
        _show_entry(entry, _machine(store))
        return
    model = store.find(name, found)
    say(model.name + (" (in use)" if store.uses(model) else ""))
    for part in model.parts:
        line("file", str(part))
    line("kept by", ", ".join(model.places))
    if model.damage:
        line("damaged", model.damage)
    trained = f"trained for {tokens(model.context)} tokens" if model.context else "does not say what context it was trained for"
    kind = model.quantisation or "unknown quantisation"
    line("weights", f"{weights(model.parameters)}, {kind}, {gigabytes(model.size)}, {model.architecture}")
    line("context", f"{trained}, {'with' if model.has_template else 'without'} a chat template")
    line("licence", model.licence or "not stated in the file")
    if model.shape is None:
        return
    machine = _machine(store)
    _show_fits(model.shape, machine, model.context)
    if (measured := store.measured(model)) is not None:
        _show_bench(measured)


def _show_entry(entry: Entry, machine: Machine) -> None:
    say(f"{entry.name}, by {entry.maker}: {entry.good_for}")
    line("download", f"`memento models pull {entry.key}`: {gigabytes(entry.size) if entry.size else 'size unknown'}")
    line("from", f"{entry.repository}, {entry.file}")
    line("weights", f"{weights(entry.parameters)}, {entry.quantisation}")
    line("context", f"trained for {tokens(entry.context)} tokens" if entry.context else "not known beforehand")
    line("licence", entry.licence)
    if entry.shape is not None:
        _show_fits(entry.shape, machine, entry.context)
    if entry.sha256:
        line("sha256", entry.sha256)
    for source in entry.sources:
        line("source", source)


def _show_fits(shape: Shape, machine: Machine, trained: int) -> None:
    contexts = [count for count in (CONTEXT, LONG) if not trained or count <= trained] or [trained]
    for count in contexts if shape.cache_per_token else contexts[:1]:
        line(f"at {tokens(count)}", fit(shape, machine, count).sentence)


def _show_bench(measured: Bench) -> None:
    line("measured", f"writes {per_second(measured.speed)} tokens/s, reads {per_second(measured.prompt_speed)} tokens/s")
    where = f"{measured.threads} threads, context {measured.context}"
    line("", f"loads in {measured.load_seconds:.1f} s, takes {gigabytes(measured.memory)}, {where}")


def remove(name: str, yes: bool) -> None:
    store = _store()
    model = store.find(name)
    if model.ours and not store.uses(model) and not yes:
        if not interactive():
            raise MementoError(f"{model.name} is deleted only after a question.", "Give --yes.")
        if not typer.confirm(f"Delete {clean(model.name)}, {gigabytes(model.size)}? It can be downloaded again."):
            return
    freed = store.remove(model)
    say(f"Deleted: {model.name}, {gigabytes(freed)} freed")


def bench(name: str) -> None:
    store = _store()
    found = store.local()
    model = store.find(name, found) if name else next((m for m in found if store.uses(m)), None)
    if model is None:
        raise MementoError(f"The model in use, {store.in_use()}, is not there.", "`memento models list` shows what is.")
    machine = _machine(store)
    with err.status(f"measuring {clean(model.name)}: some ten seconds, longer for a large one"):
        result = asyncio.run(store.bench(model))
    say(model.name)
    _show_bench(result)
    if model.shape is not None and (guess := fit(model.shape, machine, result.context).speed):
        note("", f"estimated beforehand: {per_second(guess)} tokens/s", "dim")
