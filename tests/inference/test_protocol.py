"""Frames: whole, cut, oversized, from something else."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Callable
from typing import Any

import pytest

from memento_desktop.inference import protocol
from memento_desktop.inference.protocol import ProtocolError, pack, read_frame, receive_frame, write_frame


def sync(data: bytes) -> Any:
    return read_frame(io.BytesIO(data))


def parent(data: bytes) -> Any:
    async def go() -> Any:
        stream = asyncio.StreamReader()
        stream.feed_data(data)
        stream.feed_eof()
        return await receive_frame(stream)

    return asyncio.run(go())


BOTH = pytest.mark.parametrize("read", [sync, parent])
Read = Callable[[bytes], Any]


@BOTH
def test_round_trip(read: Read) -> None:
    frame = {"id": 1, "text": "naïve 😀 \x00 \ud800", "n": [1.5, None]}
    assert read(pack(frame)) == (frame, b"")
    assert read(pack(frame, b"\x00\xff" * 9)) == (frame, b"\x00\xff" * 9)
    assert read(b"") is None


@BOTH
@pytest.mark.parametrize("cut", [1, 3, 4, 7, -30, -1])
def test_truncated_anywhere(read: Read, cut: int) -> None:
    with pytest.raises(ProtocolError, match="short"):
        read(pack({"id": 1, "text": "hello"}, b"x" * 20)[:cut])


@BOTH
@pytest.mark.parametrize(
    "data",
    [
        b"Loading model weights ...",
        struct.pack(">I", protocol.MAX_JSON + 1) + b"{}",
        struct.pack(">I", 0),
        struct.pack(">I", 4) + b"nope",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 11) + b'{"tail":-1}',
        struct.pack(">I", 12) + b'{"tail":"a"}',
        struct.pack(">I", 21) + b'{"tail":999999999999}',
    ],
)
def test_something_else_in_the_pipe(read: Read, data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(data)


def test_nothing_too_large_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_JSON", 100)
    with pytest.raises(ProtocolError, match="too large"):
        pack({"text": "x" * 101})


def test_a_pipe_that_takes_a_byte_at_a_time() -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any, /) -> int:
            return super().write(bytes(data)[:1])

    pipe = Slow()
    write_frame(pipe, {"id": 7}, b"abc")
    assert sync(pipe.getvalue()) == ({"id": 7}, b"abc")
