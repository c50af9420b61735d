"""The built-in model: where it stands, and what the facts beside it say of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from memento_desktop.config.paths import shipped_models
from memento_desktop.errors import MementoError


@dataclass(frozen=True)
class Model:
    """A model file with what the app must know to run it."""

    path: Path
    name: str
    context: int = 0
    """Tokens that prompt and reply share; 0 takes what the file says."""
    tools: tuple[str, ...] | None = None
    """The tools it was trained for; None: any."""
    built_in: bool = False


def built_in(folder: Path | None = None) -> Model:
    """The model that ships with the app, checked against the hash beside it: flipped bits would load in silence.

    Raises:
        MementoError: it is missing or damaged.
    """
    folder = folder or shipped_models() / "nano"
    path, facts_path = folder / "nano.gguf", folder / "nano.json"
    try:
        facts = json.loads(facts_path.read_text("utf-8"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        raise MementoError(f"The built-in model in {folder} cannot be read: {error}.", "Install Memento again.") from error
    if digest != facts["sha256"]:
        raise MementoError(f"The built-in model {path} is damaged: its checksum is wrong.", "Install Memento again.")
    return Model(path, facts["name"], facts["context"], tuple(facts["tools"]), built_in=True)
