"""What command line and app talk to about models: those here, those to get, which fits, which is in use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from memento_desktop.config.paths import Paths, shipped_models
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.inference.models import hub
from memento_desktop.inference.models.bandwidth import machine
from memento_desktop.inference.models.benching import Bench, bench, keep, kept
from memento_desktop.inference.models.catalogue import Entry, catalogue
from memento_desktop.inference.models.discovery import discover, kept_by_settings
from memento_desktop.inference.models.download import Progress, Tell, Unfinished, download, target, unfinished
from memento_desktop.inference.models.fits import Machine
from memento_desktop.inference.models.hub import Wanted
from memento_desktop.inference.models.layouts import Place, layouts
from memento_desktop.inference.models.local import BUILT_IN, OURS, LocalModel, stem

KEY = "model.path"


class ModelStore:
    """The models of one owner. Making it touches nothing; its methods block, some for seconds: call them in a thread."""

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self.settings, self.paths = settings, paths
        self.troubles: list[str] = []
        """After `local`: folders that could not be looked into, in whole sentences."""

    def places(self) -> list[Place]:
        """Where models are looked for, in the order in which a shared file is named."""
        mine, self.troubles = kept_by_settings(self.settings.model.folders)
        return [Place(OURS, self.paths.models), Place(BUILT_IN, shipped_models(), depth=2), *mine, *layouts()]

    def local(self) -> list[LocalModel]:
        """Every model on this disk, once: the built-in one, then those that can be used by name, then the rest. Only reads."""
        found = discover(self.places())
        self.troubles += found.troubles
        return sorted(found.models, key=lambda m: (not m.built_in, not m.usable, m.name.lower(), m.size, str(m.path)))

    @cached_property
    def _entries(self) -> list[Entry]:
        return catalogue()

    def catalogue(self) -> list[Entry]:
        """What is recommended, small to large."""
        return list(self._entries)

    def machine(self, measure: bool = True) -> Machine:
        """This machine now; its memory bandwidth is measured once, in under two seconds, unless `measure` is False."""
        return machine(self.paths.cache, self.settings.model.threads, measure)

    def find(self, name: str, models: Sequence[LocalModel] | None = None) -> LocalModel:
        """The model that a person means: a number of the list, a path, a name, a file's name, a key of the catalogue, part of a name.

        Raises:
            MementoError: none or several; the message or hint names them.
        """
        models = self.local() if models is None else models
        if not name.strip():
            raise MementoError("No model was named.", "`memento models list` shows them with their numbers.")
        if name.isdigit() and 0 < int(name) <= len(models):
            return models[int(name) - 1]
        entry = self.entry(name)
        if entry is not None and (here := self.installed(entry, models)):
            return here
        wanted, path = name.lower(), Path(name).expanduser()
        exact = [m for m in models if wanted in (m.name.lower(), m.path.name.lower(), stem(m.path).lower()) or _same(m, path)]
        if wanted in ("built-in", "builtin"):
            exact = [m for m in models if m.built_in]
        found = exact or [m for m in models if wanted in f"{m.name} {m.quantisation} {m.path.name}".lower()]
        if len(found) == 1:
            return found[0]
        if not found:
            hint = f"`memento models pull {entry.key}` downloads it." if entry else "`memento models list` shows what is here."
            raise MementoError(f"There is no model “{name}” on this disk.", hint)
        numbers = ", ".join(f"{models.index(m) + 1} ({m.name} {m.quantisation})" for m in found[:8])
        raise MementoError(f"“{name}” may be any of {len(found)} models.", f"Give the number: {numbers}.")

    def entry(self, name: str) -> Entry | None:
        """An entry of the catalogue, by its key or name."""
        wanted = name.strip().lower()
        return next((one for one in self._entries if wanted in (one.key, one.name.lower())), None)

    def installed(self, entry: Entry, models: Sequence[LocalModel] | None = None) -> LocalModel | None:
        """The very file of an entry, wherever it is: told by its size and its name or the hash that a cache gave it as a name."""
        file = Path(entry.file).name.lower()
        for model in self.local() if models is None else models:
            if model.usable and model.size == entry.size and (model.path.name.lower().endswith(file) or entry.sha256 in model.path.name):
                return model
        return None

    def in_use(self) -> Path | None:
        """The file that the settings name; None: the built-in model."""
        return self.settings.model.path

    def uses(self, model: LocalModel) -> bool:
        """Whether it is the model that tasks run on."""
        path = self.in_use()
        return model.built_in if path is None else _same(model, path.expanduser())

    def use(self, model: LocalModel) -> None:
        """Writes the model into the settings file; what else stands there stays.

        Raises:
            MementoError: the model cannot be used, or the file cannot be changed.
        """
        from memento_desktop.config.editing import set_value, unset

        if not model.usable:
            why = model.damage or f"It is {_what(model)}: it cannot answer."
            raise MementoError(f"{model.name} cannot be used. {why}", "Choose another: `memento models list`.")
        file = self.paths.settings
        if model.built_in:
            self.settings = unset(file, KEY) if self.settings.model.path is not None else self.settings
        else:
            self.settings = set_value(file, KEY, str(model.path.absolute()))

    def remove(self, model: LocalModel) -> int:
        """Deletes a model that Memento downloaded. Returns the bytes that were freed.

        Raises:
            MementoError: it belongs to another program or to the app, is in use, or cannot be deleted.
        """
        if not model.ours:
            whose = " and ".join(model.places)
            hint = "It belongs to the app." if model.built_in else f"Remove it with the program that keeps it: {whose}."
            raise MementoError(f"{model.name} was not downloaded by Memento.", hint)
        if self.uses(model):
            raise MementoError(f"{model.name} is in use.", "`memento models use built-in` first, or choose another one.")
        freed = 0
        try:
            for part in model.parts:
                size = part.lstat().st_size
                part.unlink()
                freed += size
        except OSError as err:
            raise MementoError(f"{model.path} cannot be deleted: {err.strerror or err}.", "Close what uses it.") from err
        folder = model.path.parent
        if folder != self.paths.models and not any(folder.iterdir()):
            folder.rmdir()
        return freed

    def remote(self, name: str) -> list[Wanted]:
        """The files that a person means by a key of the catalogue, or a repository, file or address on the hub, which is then asked.

        Raises:
            MementoError: it is none of these, or the hub does not have it.
        """
        if (entry := self.entry(name)) is not None:
            return [Wanted(entry.repository, entry.file, entry.revision, entry.size, entry.sha256)]
        wanted = hub.named(name)
        if wanted is None:
            keys = [one.key for one in self._entries if name.lower() in f"{one.key} {one.name}".lower()]
            hint = f"Did you mean {' or '.join(keys[:4])}?" if keys else "`memento models find` lists them; or give OWNER/REPOSITORY."
            raise MementoError(f"“{name}” is no model of the catalogue and no repository.", hint)
        return hub.chosen(wanted, hub.files(wanted.repository, wanted.revision))

    def unfinished(self) -> list[Unfinished]:
        """Downloads that were paused or cut, and can go on."""
        return unfinished(self.paths.models)

    def pull(self, wanted: Sequence[Wanted], *, progress: Tell | None = None, stop: threading.Event | None = None) -> LocalModel:
        """Downloads the files of one model, one after another, and returns it.

        Raises:
            Paused: `stop` was set; the same call goes on.
            MementoError: as `download` raises, or what came cannot be used.
        """
        before, total = 0, sum(one.size for one in wanted)
        paths: list[Path] = []
        for one in wanted:
            told = _offset(progress, before, total) if progress is not None and len(wanted) > 1 else progress
            paths.append(download(one, self.paths.models, progress=told, stop=stop))
            before += one.size
        here = [m for m in self.local() if any(_same(m, path) for path in paths)]
        if not here:
            raise MementoError(f"{paths[0]} was downloaded but is not found.", "`memento models list` shows what is here.")
        return here[0]

    def target(self, wanted: Wanted) -> Path:
        """Where a download will stand."""
        return target(wanted, self.paths.models)

    def measured(self, model: LocalModel) -> Bench | None:
        """What was last measured of this very file."""
        return self.speeds([model]).get(model.path)

    def speeds(self, models: Sequence[LocalModel]) -> dict[Path, Bench]:
        """What was last measured of each of these files."""
        return kept(self.paths.cache, models)

    async def bench(self, model: LocalModel) -> Bench:
        """Loads the model in an engine of its own and measures it; the result is kept.

        Raises:
            MementoError: it cannot be used or loaded.
        """
        if not model.usable:
            raise MementoError(f"{model.name} cannot be measured. {model.damage}".strip(), "Choose another: `memento models list`.")
        chosen = self.settings.model
        log = self.paths.logs / "bench.log"
        result = await bench(model, log=log, context=chosen.context, threads=chosen.threads, gpu_layers=chosen.gpu_layers)
        keep(self.paths.cache, model, result)
        return result


def _offset(progress: Tell, before: int, total: int) -> Tell:
    """The progress of one part as that of the whole."""
    return lambda p: progress(Progress(p.file, before + p.done, total, p.speed, p.stage))


def _same(model: LocalModel, path: Path) -> bool:
    if path in (model.path, *model.parts):
        return True
    try:
        return any(part.samefile(path) for part in model.parts)
    except OSError:
        return False


def _what(model: LocalModel) -> str:
    return {
        "embedding": "an embedding model", "projector": "the eye or ear of another model", "adapter": "an addition to another model",
    }.get(model.role, "no language model")  # fmt: skip
