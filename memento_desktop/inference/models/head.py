"""Reads a GGUF's whole head without any library: its keys, those after the vocabulary too, and what its tensors weigh.

`gguf_header` stops at the vocabulary, which is enough to load a model. A list of models wants more: the quantisation and the chat
template stand behind the vocabulary, and the tensors tell parameters, bytes read per token, and whether the file is whole. The
vocabulary, some megabytes of short texts, is not walked: the next key is searched for.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, cast

from memento_desktop.errors import MementoError
from memento_desktop.inference.gguf_header import MAGIC, MAX_KEYS, MAX_STRING
from memento_desktop.inference.models.ggml_types import TENSOR_TYPES

MAX_TENSORS = 200_000
MAX_KEPT = 512
"""Numbers of a list that are kept: as many as a model may have layers; a longer one is jumped over."""
MAX_TEXTS = 64
"""Texts of a list that are kept."""
_CHUNK = 2**16
_SEARCHED = 16 * 2**20
"""Bytes in which the key after a vocabulary is looked for."""
_SCALARS = {
    kind: struct.Struct("<" + code)
    for kind, code in {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}.items()
}
_STRING, _ARRAY = 8, 9
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")
_SHAPES = tuple(struct.Struct(f"<{count}QIQ") for count in range(5))
"""What follows a tensor's name and number of dimensions: those, its type, where its data begin."""
MAX_NAME = 256
_ENTRY = MAX_NAME + 64
_WAYS: tuple[tuple[bytes, ...], ...] = ((b"tokenizer.",), (b"tokenizer.", b"general."), ())
"""How a key begins that follows a vocabulary: nearly always so, at times so. A search that lands too far shows in what is read next; then
the next way is tried, the last of which walks word by word."""


@dataclass
class Head:
    """What the head of one file says.

    `parameters` counts weights; `weights` and `active` are bytes: all tensors, and those that are read for one token (of the experts
    their used share, of the embeddings one row unless they are the output too). `missing` is how many bytes the file lacks at its end.
    """

    path: Path
    size: int
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    tensors: int = 0
    parameters: int = 0
    weights: int = 0
    active: int = 0
    missing: int = 0
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    """Weights by tensor type."""


class _Broken(Exception):
    """The head ends early, or says something impossible."""


class _Cursor:
    """A file as a sequence of little-endian values, read in pieces."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._data = b""
        self._at = 0
        self._base = 0

    @property
    def position(self) -> int:
        return self._base + self._at

    def jump(self, position: int) -> None:
        if self._base <= position <= self._base + len(self._data):
            self._at = position - self._base
            return
        self._file.seek(position)
        self._data, self._at, self._base = b"", 0, position

    def need(self, count: int) -> tuple[bytes, int]:
        """A buffer and the place in it from which `count` bytes stand; moves past them."""
        data, at = self.window(count)
        if at + count > len(data):
            raise _Broken("it ends in the middle of its header")
        self._at += count
        return data, at

    def window(self, count: int) -> tuple[bytes, int]:
        """A buffer and the place in it from which `count` bytes stand, fewer only at the end of the file; `move` goes on in it."""
        if self._at + count > len(self._data):
            self._file.seek(self._base + len(self._data))
            self._data = self._data[self._at :] + self._file.read(max(count, _CHUNK))
            self._base, self._at = self._base + self._at, 0
        return self._data, self._at

    def move(self, at: int) -> None:
        """Moves to a place in the buffer of `window`."""
        self._at = at

    def take(self, form: struct.Struct) -> Any:
        return form.unpack_from(*self.need(form.size))[0]

    def text(self) -> str:
        length = self.take(_U64)
        if length > MAX_STRING:
            raise _Broken(f"its header holds a text of {length:,} bytes")
        data, at = self.need(length)
        return data[at : at + length].decode("utf-8", "replace")

    def skip_text(self) -> None:
        self.jump(self.take(_U64) + self.position)

    def next_key(self, names: tuple[bytes, ...]) -> bool:
        """Moves to the next place where a key of the header begins; False when none does."""
        start, overlap = self.position, 256
        self._file.seek(start)
        base, data = start, b""
        while base - start < _SEARCHED:
            more = self._file.read(4 * _CHUNK)
            if not more:
                return False
            data = data[-overlap:] + more
            offset = base + len(more) - len(data)
            if (found := _first_key(data, names)) >= 0:
                self.jump(offset + found)
                return True
            base += len(more)
        return False


def _first_key(data: bytes, names: tuple[bytes, ...]) -> int:
    """Where in `data` the length of the first key stands, -1 when there is none (or it is cut, which the next piece tells)."""
    best = len(data)
    for name in names:
        at = data.find(name, 8, best)
        while at >= 0:
            (length,) = _U64.unpack_from(data, at - 8)
            end = at + length
            plausible = 0 < length < 128 and end + 4 <= len(data) and data[at:end].replace(b".", b"").replace(b"_", b"").isalnum()
            if plausible and _U32.unpack_from(data, end)[0] <= 12:
                best = at
                break
            at = data.find(name, at + 1, best)
    return best - 8 if best < len(data) else -1


def _values(cursor: _Cursor, way: tuple[bytes, ...]) -> list[Any] | None:
    """A list; None for a long one, which is passed by."""
    kind, count = cursor.take(_U32), cursor.take(_U64)
    if kind in _SCALARS:
        form = _SCALARS[kind]
        if count <= MAX_KEPT:
            many = struct.Struct(f"<{count}{form.format[1:]}")
            return list(many.unpack_from(*cursor.need(many.size)))
        cursor.jump(cursor.position + count * form.size)
    elif kind == _STRING:
        if count <= MAX_TEXTS:
            return [cursor.text() for _ in range(count)]
        if not way:
            for _ in range(count):
                cursor.skip_text()
        else:
            # Each word has its length before it; thousands of different words have two letters or more on average.
            cursor.jump(cursor.position + count * (10 if count > 10_000 else 8))
            if not cursor.next_key(way):
                raise _Broken("it ends in its vocabulary")
    else:
        raise _Broken(f"its header holds a list of the unknown type {kind}")
    return None


def _keys(cursor: _Cursor, count: int, head: Head, way: tuple[bytes, ...]) -> None:
    for _ in range(count):
        key, kind = cursor.text(), cursor.take(_U32)
        if kind == _ARRAY:
            value = _values(cursor, way)
        elif kind == _STRING:
            value = cursor.text()
        elif kind in _SCALARS:
            value = cursor.take(_SCALARS[kind])
        else:
            raise _Broken(f"its header holds a value of the unknown type {kind}")
        head.metadata[key] = value


def _tensor(cursor: _Cursor) -> tuple[bytes, int, int, int]:
    """One tensor's entry: its name, its weights, its type, and at which byte of the data it begins."""
    data, at = cursor.window(_ENTRY)
    try:
        length: int = _U64.unpack_from(data, at)[0]
        name, at = data[at + 8 : at + 8 + length], at + 8 + length
        dimensions: int = _U32.unpack_from(data, at)[0]
        if length > MAX_NAME or not 0 < dimensions <= 4:
            raise _Broken(f"its tensor {name[:40].decode('utf-8', 'replace')!r} is impossible")
        *sizes, kind, offset = cast("tuple[int, ...]", _SHAPES[dimensions].unpack_from(data, at + 4))
    except struct.error as err:
        raise _Broken("it ends in the middle of its header") from err
    cursor.move(at + 4 + _SHAPES[dimensions].size)
    return name, prod(sizes), kind, offset


def _tensors(cursor: _Cursor, count: int, head: Head, doubtful: bool) -> int:
    """Adds up the tensors. Returns the byte, after the head, at which the last one ends; 0 when a type is not known.

    `doubtful` says that a search led here: then whatever is not as usual means that it led wrong.
    """
    metadata, end, known, rows, output = head.metadata, 0, True, 0, False
    architecture = metadata.get("general.architecture", "")
    experts, used = (metadata.get(f"{architecture}.{key}") for key in ("expert_count", "expert_used_count"))
    share = used / experts if isinstance(experts, int) and isinstance(used, int) and 0 < used < experts else 1.0
    for _ in range(count):
        name, weights, kind, offset = _tensor(cursor)
        if weights >= 2**50 or offset >= 2**50:
            raise _Broken(f"its tensor {name[:40].decode('utf-8', 'replace')!r} has impossible sizes")
        label, block, size = TENSOR_TYPES.get(kind, ("", 1, 0))
        if doubtful and not (size and weights and name.isascii() and name and offset % 8 == 0):
            raise _Broken(f"its tensor {name[:40].decode('utf-8', 'replace')!r} is impossible")
        known = known and bool(size)
        taken = weights // block * size
        end = max(end, offset + taken)
        head.parameters += weights
        head.weights += taken
        head.kinds[label] = head.kinds.get(label, 0) + weights
        output = output or name == b"output.weight"
        if name == b"token_embd.weight":
            rows = taken
        else:
            head.active += int(taken * share) if share < 1 and b"exps." in name else taken
    head.active += 0 if output else rows
    return end if known else 0


def _read(file: BinaryIO, path: Path, way: tuple[bytes, ...]) -> Head:
    head = Head(path, os.fstat(file.fileno()).st_size)
    if not head.size:
        raise _Broken("it is empty")
    cursor = _Cursor(file)
    cursor.jump(0)
    data, at = cursor.need(4)
    if data[at : at + 4] != MAGIC:
        raise _Broken("it is not a GGUF model: its first bytes are wrong")
    version = cursor.take(_U32)
    if version not in (2, 3):
        raise _Broken(f"it is of GGUF version {version}; this program reads 2 and 3")
    head.tensors, keys = cursor.take(_U64), cursor.take(_U64)
    if keys > MAX_KEYS or head.tensors > MAX_TENSORS:
        raise _Broken(f"it claims {max(keys, head.tensors):,} header entries")
    _keys(cursor, keys, head, way)
    end = _tensors(cursor, head.tensors, head, bool(way))
    alignment = head.metadata.get("general.alignment")
    alignment = alignment if isinstance(alignment, int) and 0 < alignment <= 2**20 else 32
    begin = -(-cursor.position // alignment) * alignment
    head.missing = max(0, begin + end - head.size) if end else 0
    return head


def read_head(path: Path) -> Head:
    """The head of one GGUF file.

    Raises:
        MementoError: the file cannot be read, is no GGUF, or is damaged; the message is a whole sentence without the path.
    """
    try:
        with path.open("rb") as file:
            return _in_one_way(lambda way: _read(file, path, way))
    except _Broken as err:
        reason = str(err)
        said = reason if reason.startswith(("it is empty", "it is not", "it is of")) else f"it is damaged: {reason}"
        raise MementoError(f"{said[0].upper()}{said[1:]}.", "Download it again, or remove it.") from err
    except OSError as err:
        raise MementoError(f"It cannot be read: {err.strerror or err}.", "Check the file's permissions and the disk.") from err


def _in_one_way(read: Callable[[tuple[bytes, ...]], Head]) -> Head:
    for way in _WAYS[:-1]:
        try:
            return read(way)
        except _Broken as err:
            if str(err).startswith(("it is empty", "it is not", "it is of", "it claims")):
                raise
    return read(_WAYS[-1])
