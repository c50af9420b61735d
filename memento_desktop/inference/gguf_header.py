"""Reads the head of a GGUF file without any library: enough to refuse a wrong file at once and to estimate its memory."""

from __future__ import annotations

import glob
import re
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from memento_desktop.errors import MementoError

MAGIC = b"GGUF"
MAX_KEYS = 100_000
MAX_STRING = 16 * 2**20
MAX_LAYERS = 4096
SHORT_ARRAY = 8192
DEFAULT_CONTEXT = 8192
EMBEDDING_ARCHITECTURES = ("bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert")
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_HINT = "Download it again, or choose another model in the settings."


@dataclass(frozen=True)
class Header:
    """The keys before the vocabulary, and the size in bytes (of all parts, when the model is split into several files)."""

    path: Path
    size: int
    metadata: dict[str, Any]

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    def number(self, key: str) -> int:
        """An integer of the architecture ("block_count"); the largest of a list, 0 when it is absent."""
        value = self.metadata.get(f"{self.architecture}.{key}", 0)
        if isinstance(value, list):
            return max((int(v) for v in value), default=0)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # only _value makes these lists, of plain numbers
        return int(value) if isinstance(value, int | float) else 0

    def kv_bytes(self, context: int) -> int:
        """Bytes of a 16-bit key-value cache for `context` tokens; 0 when the head does not tell."""
        heads = self.number("attention.head_count")
        if not heads:
            return 0
        per_head = self.number("embedding_length") // heads
        both = (self.number("attention.key_length") or per_head) + (self.number("attention.value_length") or per_head)
        return 2 * context * self._kv_heads(heads) * both

    def _kv_heads(self, heads: int) -> int:
        """Key-value heads of all layers together; a hybrid model lists them by layer, with none for its recurrent ones."""
        value, layers = self.metadata.get(f"{self.architecture}.attention.head_count_kv"), self.number("block_count")
        if isinstance(value, list) and len(value) == layers:  # pyright: ignore[reportUnknownArgumentType]  # as above
            return sum(int(v) for v in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return layers * (self.number("attention.head_count_kv") or heads)

    def default_context(self) -> int:
        return min(self.number("context_length") or DEFAULT_CONTEXT, DEFAULT_CONTEXT)


class _Cut(Exception):
    """The file ends, or says something impossible, inside its head."""


def _take(file: BinaryIO, form: str) -> Any:
    data = file.read(struct.calcsize("<" + form))
    if len(data) < struct.calcsize("<" + form):
        raise _Cut("it ends in the middle of its header")
    return struct.unpack("<" + form, data)[0]


def _text(file: BinaryIO) -> str:
    length = _take(file, "Q")
    if length > MAX_STRING:
        raise _Cut(f"its header holds a text of {length:,} bytes")
    data = file.read(length)
    if len(data) < length:
        raise _Cut("it ends in the middle of its header")
    return data.decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _text(file)
    if kind in _SCALARS:
        return _take(file, _SCALARS[kind])
    raise _Cut(f"its header holds a value of the unknown type {kind}")


def _array(file: BinaryIO) -> list[Any] | None:
    """A short array; None for one that is too long to be of interest, which is skipped when that is cheap."""
    kind, count = _take(file, "I"), _take(file, "Q")
    if kind in _SCALARS and count > SHORT_ARRAY:
        file.seek(struct.calcsize("<" + _SCALARS[kind]) * count, 1)
        return None
    if count > SHORT_ARRAY:
        raise _Cut(f"its header holds a list of {count:,} entries before the vocabulary")
    return [_value(file, kind) for _ in range(count)]


def _metadata(file: BinaryIO) -> dict[str, Any]:
    version = _take(file, "I")
    if version not in (2, 3):
        raise _Cut(f"it is of GGUF version {version}; this program reads 2 and 3")
    _take(file, "Q")
    keys = _take(file, "Q")
    if keys > MAX_KEYS:
        raise _Cut(f"it claims {keys:,} header entries")
    found: dict[str, Any] = {}
    for _ in range(keys):
        key = _text(file)
        kind = _take(file, "I")
        if key.startswith("tokenizer.") and kind == _ARRAY:
            # The vocabulary follows: long, and of no use here.
            return found
        found[key] = _array(file) if kind == _ARRAY else _value(file, kind)
    return found


def read_header(path: Path) -> Header:
    """The head of the model at `path`. Raises `MementoError` that names the file and what is wrong with it."""
    if not path.exists():
        raise MementoError(f"There is no model file at {path}", "Choose a model in the settings, or download one.")
    if not path.is_file():
        raise MementoError(f"{path} is a folder, not a model file", "Choose the .gguf file inside it.")
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if not size:
                raise MementoError(f"{path} is empty", _HINT)
            if file.read(4) != MAGIC:
                raise MementoError(f"{path} is not a GGUF model: its first bytes are wrong", _HINT)
            header = _with_all_parts(Header(path, size, _metadata(file)))
    except _Cut as err:
        raise MementoError(f"{path} is damaged: {err}", _HINT) from err
    except OSError as err:
        raise MementoError(f"{path} cannot be read: {err.strerror or err}", "Check the file's permissions and the disk.") from err
    _check(header)
    return header


def _with_all_parts(header: Header) -> Header:
    if int(header.metadata.get("split.count", 0) or 0) < 2:
        return header
    stem = re.sub(r"-\d{5}-of-\d{5}$", "", header.path.stem)
    parts = header.path.parent.glob(f"{glob.escape(stem)}-*-of-*.gguf")
    return replace(header, size=max(header.size, sum(part.stat().st_size for part in parts)))


def _check(header: Header) -> None:
    if header.architecture in EMBEDDING_ARCHITECTURES:
        raise MementoError(
            f"{header.path} is an embedding model ({header.architecture}): it cannot answer", "Choose a chat or instruct model."
        )
    if header.number("pooling_type"):
        raise MementoError(f"{header.path} is an embedding or ranking model: it cannot answer", "Choose a chat or instruct model.")
    layers = header.number("block_count")
    if layers > MAX_LAYERS:
        raise MementoError(f"{header.path} is damaged: it claims {layers:,} layers", _HINT)
