"""The models that Memento recommends, read from `models/catalog.toml`: facts with their sources, no opinion of the moment."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from memento_desktop.config.paths import shipped_models
from memento_desktop.errors import MementoError
from memento_desktop.inference.models.fits import Shape

HINT = "Install Memento again."


@dataclass(frozen=True)
class Entry:
    """One recommended file. Empty texts and zeros are what could not be sourced."""

    key: str
    name: str
    maker: str
    repository: str
    file: str
    revision: str
    size: int
    """Bytes."""
    sha256: str
    licence: str
    parameters: int
    context: int
    quantisation: str
    good_for: str
    sources: tuple[str, ...]
    shape: Shape | None


class _Row(BaseModel):
    """An entry as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    name: str
    maker: str
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = "main"
    file: str = Field(pattern=r"^[\w./-]+\.gguf$")
    size: int = 0
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    licence: str
    parameters: int
    active: int = 0
    context: int = 0
    quantisation: str
    layers: int = 0
    kv_heads: int = 0
    head_size: int = 0
    good_for: str
    sources: tuple[str, ...] = Field(min_length=1)

    def entry(self) -> Entry:
        return Entry(
            self.key, self.name, self.maker, self.repository, self.file, self.revision, self.size, self.sha256, self.licence,
            self.parameters, self.context, self.quantisation, self.good_for, self.sources, self._shape(),
        )  # fmt: skip

    def _shape(self) -> Shape | None:
        if not self.size:
            return None
        active = self.size * self.active // self.parameters if self.active else self.size
        # Keys and values, two bytes each.
        return Shape(self.size, active, 4 * self.layers * self.kv_heads * self.head_size)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    model: tuple[_Row, ...]


def catalogue(path: Path | None = None) -> list[Entry]:
    """The entries, small to large.

    Raises:
        MementoError: the file is missing or not as it should be.
    """
    path = path or shipped_models() / "catalog.toml"
    try:
        rows = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).model
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MementoError(f"The list of models {path} cannot be read: {error}.", HINT) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MementoError(f"The list of models {path} is not usable at {where}: {first['msg']}.", HINT) from error
    return sorted((row.entry() for row in rows), key=lambda entry: (entry.parameters, entry.size))
