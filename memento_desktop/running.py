"""What tasks run on: the language model's engine and the embedder, each started when it is first needed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.inference.builtin import Model, built_in
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import find_embedder
from memento_desktop.inference.engine import Engine
from memento_desktop.inference.models.local import name_of


class Running:
    """One model and one embedder. `close` ends what was started here; what was handed in is its owner's to close."""

    def __init__(self, settings: Settings, paths: Paths, path: Path | None, engine: Engine | None, embedder: Embedder | None) -> None:
        """
        Args:
            path: a GGUF; None: the built-in model.
            engine, embedder: ones that others use as well.
        """
        self.settings, self.paths = settings, paths
        self._path: Path | None = path
        self._model: Model | None = None
        self._engine, self._embedder = engine, embedder
        self._ours = AsyncExitStack()
        self._engine_ours = AsyncExitStack()

    @property
    def model(self) -> Model:
        if self._model is None:
            self._model = chosen(self._path, self.settings)
        return self._model

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            setting = self.settings.model
            self._engine = Engine(
                self.model.path, log=self.paths.logs / "engine.log", context=setting.context or self.model.context,
                threads=setting.threads, gpu_layers=setting.gpu_layers, name=self.model.name,
            )  # fmt: skip
            self._engine_ours.push_async_callback(self._engine.close)
        return self._engine

    @property
    def embedder(self) -> Embedder:
        if self._embedder is None:
            setting, paths = self.settings.memory.embedder, self.paths
            self._embedder = Embedder(lambda: find_embedder(setting, paths.cache, paths.embedder), log=self.paths.logs / "embedder.log")
            self._embedder.start()
            self._ours.push_async_callback(self._embedder.close)
        return self._embedder

    async def use(self, path: Path | None) -> Model:
        """Another model from the next task on (None: the built-in one). The old engine is ended, its memory given back."""
        await self._engine_ours.aclose()
        self._engine_ours = AsyncExitStack()
        self._engine, self._model, self._path = None, None, path
        return self.model

    async def close(self) -> None:
        try:
            await self._engine_ours.aclose()
        finally:
            await self._ours.aclose()


def chosen(path: Path | None, settings: Settings) -> Model:
    if path is None:
        return built_in()
    path = path.expanduser()
    return Model(path, name_of(path), settings.model.context)
