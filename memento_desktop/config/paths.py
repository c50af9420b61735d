"""Where everything stands on disk: the folders of the platform, or all below `MEMENTO_HOME` when it is set."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from memento_desktop.errors import MementoError

APP = "memento-desktop"


@dataclass(frozen=True)
class Paths:
    """Folders of one owner. Nothing is created until it is needed."""

    data: Path
    config: Path
    cache: Path
    logs: Path

    @classmethod
    def of_this_user(cls) -> Paths:
        """`MEMENTO_HOME` when it is set, the platform's data, config, cache and log folders otherwise."""
        if home := os.environ.get("MEMENTO_HOME"):
            return cls.below(Path(home).expanduser().absolute())
        dirs = platformdirs.PlatformDirs(APP, appauthor=False)
        return cls(Path(dirs.user_data_dir), Path(dirs.user_config_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir))

    @classmethod
    def below(cls, home: Path) -> Paths:
        return cls(home / "data", home / "config", home / "cache", home / "logs")

    @property
    def bank(self) -> Path:
        return self.data / "bank.sqlite"

    @property
    def models(self) -> Path:
        """Models the owner downloaded."""
        return self.data / "models"

    @property
    def embedder(self) -> Path:
        """The sentence embedder, when the owner had it downloaded."""
        return self.models / "embedder"

    @property
    def settings(self) -> Path:
        return self.config / "settings.toml"

    def make(self) -> None:
        """Creates the folders, readable by their owner alone."""
        for folder in (self.data, self.config, self.cache, self.logs):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise MementoError(
                    f"The folder {folder} cannot be created: {error.strerror}.", "Set MEMENTO_HOME to a folder you may write to."
                ) from error


def shipped_models() -> Path:
    """The models folder: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"
