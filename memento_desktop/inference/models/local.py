"""One model on this disk, as its file's head describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.inference.gguf_header import EMBEDDING_ARCHITECTURES, MAX_LAYERS, Header
from memento_desktop.inference.models.fits import Shape
from memento_desktop.inference.models.ggml_types import QUANTISATIONS
from memento_desktop.inference.models.head import Head, read_head

Role = Literal["chat", "embedding", "projector", "adapter", "other"]
OURS, BUILT_IN = "Memento", "built-in"
MEANINGLESS = frozenset(("", "model", "models", "llama", "tmp", "base", "merged", "output", "hf", "ggml-model", "main", "."))
"""Names that converters leave in a header and that tell nobody anything."""
LONGEST = 80


@dataclass(frozen=True)
class LocalModel:
    """A GGUF, or all parts of a split one. Texts come from the file: print them with `clean`."""

    path: Path
    """The file to load."""
    name: str
    size: int
    """Bytes of all parts."""
    parts: tuple[Path, ...]
    places: tuple[str, ...]
    """Whose it is; several when programs share one file."""
    architecture: str = ""
    parameters: int = 0
    quantisation: str = ""
    context: int = 0
    """Tokens it was trained for; 0 when it does not tell."""
    has_template: bool = False
    licence: str = ""
    role: Role = "chat"
    damage: str = ""
    """Empty for a sound file; else the reason, a whole sentence."""
    shape: Shape | None = None

    @property
    def usable(self) -> bool:
        return self.role == "chat" and not self.damage

    @property
    def built_in(self) -> bool:
        return BUILT_IN in self.places

    @property
    def ours(self) -> bool:
        """Whether Memento downloaded it, and so may remove it."""
        return OURS in self.places


def described(heads: Sequence[Head], places: tuple[str, ...], called: str = "", licence: str = "") -> LocalModel:
    """The model that `heads` (of its parts, in order) describe. `called` is a name that the program which keeps it knows it by."""
    head = heads[0]
    metadata = head.metadata
    architecture = _text(metadata.get("general.architecture"))
    size = sum(one.size for one in heads)
    header = Header(head.path, size, metadata)
    missing = sum(one.missing for one in heads)
    damage = f"It is damaged: {missing:,} bytes are missing at its end." if missing else ""
    if not damage and header.number("block_count") > MAX_LAYERS:
        damage = f"It is damaged: it claims {header.number('block_count'):,} layers."
    active = sum(one.active for one in heads) or size
    return LocalModel(
        path=head.path, name=called or _name(head), size=size, parts=tuple(one.path for one in heads), places=places,
        architecture=architecture, parameters=sum(one.parameters for one in heads), quantisation=_quantisation(heads),
        context=header.number("context_length"), has_template=bool(metadata.get("tokenizer.chat_template")),
        licence=_text(metadata.get("general.license")) or licence, role=_role(header), damage=damage,
        shape=None if damage else Shape(size, active, header.kv_bytes(1)),
    )  # fmt: skip


def _text(value: object) -> str:
    """A text of the header on one line, not longer than a line."""
    return " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""


def stem(path: Path) -> str:
    """A file's name without its ending and without the number of its part."""
    bare = path.name[:-5] if path.name.lower().endswith(".gguf") else path.name
    return re.sub(r"-\d{5}-of-\d{5}$", "", bare)


def name_of(path: Path) -> str:
    """What a file calls its model, where its own name says nothing, as with Ollama's; else the file's name without its ending."""
    if not path.name.startswith("sha256-"):
        return path.stem
    try:
        return _name(read_head(path))
    except (OSError, MementoError):  # loading it will say what is wrong with it
        return path.stem


def _name(head: Head) -> str:
    name = _text(head.metadata.get("general.name"))
    if name.lower() not in MEANINGLESS:
        return name
    bare = stem(head.path)
    return head.path.parent.name if bare.lower() in MEANINGLESS else bare


def _quantisation(heads: Sequence[Head]) -> str:
    kind = heads[0].metadata.get("general.file_type")
    if isinstance(kind, int) and (name := QUANTISATIONS.get(kind & ~1024)):  # 1024: guessed by the converter
        return name
    weights: dict[str, int] = {}
    for one in heads:
        for label, count in one.kinds.items():
            weights[label] = weights.get(label, 0) + count
    return max(weights, key=weights.__getitem__, default="")


def _role(header: Header) -> Role:
    kind = header.metadata.get("general.type")
    if kind == "adapter":
        return "adapter"
    if header.architecture == "clip" or kind == "mmproj":
        return "projector"
    if header.architecture in EMBEDDING_ARCHITECTURES or header.architecture == "t5encoder" or header.number("pooling_type"):
        return "embedding"
    # A picture or speech model has no vocabulary; a bare vocabulary or an importance matrix has no layers.
    speaks = any(key.startswith("tokenizer.") for key in header.metadata) and header.number("block_count")
    return "chat" if speaks else "other"
