"""The embedder with the real model in its child, started once; and its ways to fail, with a stand-in."""

from __future__ import annotations

import asyncio
import math
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import WEIGHTS_SHA256, EmbedderSource, NoEmbedder, find_embedder
from tests.inference.conftest import until
from tests.inference.test_embedder_source import model_folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Embedder]:
    folder = tmp_path_factory.mktemp("embedder")
    source = find_embedder(None, folder)
    if isinstance(source, NoEmbedder):
        pytest.skip(source.reason)
    embedder = Embedder(source, log=folder / "embed.log")
    embedder.start()
    began = time.monotonic()
    assert embedder.state == "starting"
    assert await embedder.embed(["too early"], 0.05) is None
    assert time.monotonic() - began < 1
    assert await embedder.ready(120), embedder.reason
    yield embedder
    await embedder.close()


def numbers(vector: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)


def cosine(a: bytes, b: bytes) -> float:
    return sum(x * y for x, y in zip(numbers(a), numbers(b), strict=True))


@pytest.mark.asyncio(loop_scope="module")
async def test_vectors(real: Embedder) -> None:
    assert (real.state, real.reason, real.dim, real.sha256) == ("ready", "", 384, WEIGHTS_SHA256)
    texts = ["The cat sleeps.", "A kitten is napping.", "Interest rates rose.", "", "x" * 100_000, "naïve 😀 \ud800"]
    vectors = await real.embed(texts, 30)
    assert vectors is not None
    assert [len(v) for v in vectors] == [384 * 4] * len(texts)
    assert all(math.isclose(cosine(v, v), 1.0, rel_tol=1e-4) for v in vectors)
    assert cosine(vectors[0], vectors[1]) > 0.5 > cosine(vectors[0], vectors[2])
    assert await real.embed([], 0) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_long_lists_keep_their_order(real: Embedder) -> None:
    texts = [f"number {n}" for n in range(70)]
    vectors = await real.embed(texts, 60)
    again = await real.embed([texts[69], texts[33]], 30)
    assert vectors is not None
    assert again is not None
    assert len(vectors) == 70
    assert cosine(vectors[69], again[0]) > 0.999
    assert cosine(vectors[33], again[1]) > 0.999


@pytest.mark.asyncio(loop_scope="module")
async def test_it_never_waits_longer(real: Embedder) -> None:
    began = time.monotonic()
    assert await real.embed(["slow " * 200] * 400, 0.05) is None
    assert time.monotonic() - began < 1
    assert await real.embed(["still there"], 30) is not None


@pytest.mark.asyncio(loop_scope="module")
async def test_after_a_crash_it_comes_back_by_itself(real: Embedder) -> None:
    pid = real.pid
    assert pid is not None
    psutil.Process(pid).kill()
    await until(lambda: real.pid is None)
    assert await real.embed(["lost"], 5) is None
    assert real.state == "starting"


async def test_without_a_source(tmp_path: Path) -> None:
    off = Embedder(NoEmbedder("because"), log=tmp_path / "a.log")
    off.start()
    assert (off.state, off.reason, off.dim, await off.embed(["x"], 5), await off.ready(5)) == ("off", "because", 0, None, False)
    await off.close()
    assert Embedder(None, log=tmp_path / "a.log").reason


async def test_a_folder_that_does_not_load(tmp_path: Path) -> None:
    broken = Embedder(EmbedderSource(model_folder(tmp_path / "broken"), "broken", "", 8), log=tmp_path / "a.log")
    broken.start()
    assert not await broken.ready(60)
    assert broken.state == "failed"
    assert "broken" in broken.reason
    assert await broken.embed(["x"], 0.1) is None
    await broken.close()


async def test_closing_while_it_loads(tmp_path: Path) -> None:
    embedder = Embedder(EmbedderSource(tmp_path, "x", "", 8), log=tmp_path / "a.log")
    embedder.start()
    await until(lambda: embedder.pid is not None)
    pid = embedder.pid
    assert pid is not None
    await asyncio.wait_for(embedder.close(), 10)
    await until(lambda: not psutil.pid_exists(pid))
    assert embedder.state == "off"
