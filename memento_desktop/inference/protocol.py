"""Frames between the app and its children: a 4-byte big-endian length, UTF-8 JSON, and an optional binary tail.

The tail carries vectors: an object with the key "tail" (a number of bytes) is followed by that many raw bytes.
The child reads and writes blocking files; the parent reads an asyncio stream.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from memento_desktop.errors import MementoError

MAX_JSON = 64 * 2**20
"""Bytes of JSON in one frame. A prompt is far below; a length above it means that something else wrote into the pipe."""
MAX_TAIL = 256 * 2**20
_LENGTH = struct.Struct(">I")

Frame = dict[str, Any]


class ProtocolError(MementoError):
    """A frame that cannot be read or may not be sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "This is a fault in Memento or in a library that it loads; the child's log may tell more.")


def pack(frame: Mapping[str, Any], tail: bytes = b"") -> bytes:
    """One frame as bytes. Raises `ProtocolError` when it is larger than a frame may be."""
    body = {**frame, "tail": len(tail)} if tail else frame
    # Lone surrogates can stand in a Python string but not in UTF-8; as escapes they arrive as they were sent.
    try:
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        data = json.dumps(body, separators=(",", ":")).encode()
    if len(data) > MAX_JSON or len(tail) > MAX_TAIL:
        raise ProtocolError(f"A message of {len(data) + len(tail):,} bytes is too large for one frame (at most {MAX_JSON:,})")
    return _LENGTH.pack(len(data)) + data + tail


def _json_length(header: bytes) -> int:
    length = int(_LENGTH.unpack(header)[0])
    if not 2 <= length <= MAX_JSON:
        raise ProtocolError(f"A frame announces {length:,} bytes (allowed: 2 to {MAX_JSON:,}): the pipe carries something else")
    return length


def _parse(data: bytes) -> Frame:
    try:
        frame = json.loads(data)
    except ValueError as err:
        raise ProtocolError(f"A frame is not JSON: {err}") from err
    if not isinstance(frame, dict):
        raise ProtocolError(f"A frame holds a {type(frame).__name__}, not an object")
    return cast("Frame", frame)


def _tail_length(frame: Frame) -> int:
    length = frame.pop("tail", 0)
    if not isinstance(length, int) or not 0 <= length <= MAX_TAIL:
        raise ProtocolError(f"A frame announces a binary tail of {length!r} bytes (at most {MAX_TAIL:,})")
    return length


def _read_exactly(pipe: BinaryIO, count: int, what: str) -> bytes:
    parts: list[bytes] = []
    left = count
    while left:
        part = pipe.read(left)
        if not part:
            if what == "header" and left == count:
                return b""
            raise ProtocolError(f"The pipe ended inside a frame's {what}, {left:,} of {count:,} bytes short")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def read_frame(pipe: BinaryIO) -> tuple[Frame, bytes] | None:
    """The next frame and its tail; None when the pipe ended between frames. Raises `ProtocolError`."""
    header = _read_exactly(pipe, _LENGTH.size, "header")
    if not header:
        return None
    frame = _parse(_read_exactly(pipe, _json_length(header), "text"))
    length = _tail_length(frame)
    return frame, _read_exactly(pipe, length, "tail") if length else b""


def write_frame(pipe: BinaryIO, frame: Mapping[str, Any], tail: bytes = b"") -> None:
    """Writes one whole frame and flushes. The caller serialises writers."""
    data = memoryview(pack(frame, tail))
    while data:
        # An unbuffered pipe may take a part only.
        written = pipe.write(data)
        data = data[written:]
    pipe.flush()


async def _receive_exactly(stream: asyncio.StreamReader, count: int, what: str) -> bytes:
    try:
        return await stream.readexactly(count)
    except asyncio.IncompleteReadError as err:
        if what == "header" and not err.partial:
            return b""
        raise ProtocolError(f"The pipe ended inside a frame's {what}, {count - len(err.partial):,} of {count:,} bytes short") from err


async def receive_frame(stream: asyncio.StreamReader) -> tuple[Frame, bytes] | None:
    """As `read_frame`, from an asyncio stream."""
    header = await _receive_exactly(stream, _LENGTH.size, "header")
    if not header:
        return None
    frame = _parse(await _receive_exactly(stream, _json_length(header), "text"))
    length = _tail_length(frame)
    return frame, await _receive_exactly(stream, length, "tail") if length else b""
