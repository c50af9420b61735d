"""Files that are no model, damaged, or made to crash: each costs a message that names it, never the app."""

# ruff: noqa: ASYNC240 - small files of the test's own; nothing else runs on this loop

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.inference import engine as engine_module
from memento_desktop.inference.engine import Engine
from tests.gguf_made import make_gguf


def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def folder(path: Path) -> None:
    path.mkdir()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(3).randbytes(4096))


def random_after_magic(path: Path) -> None:
    path.write_bytes(b"GGUF" + random.Random(3).randbytes(4096))


def other_version(path: Path) -> None:
    path.write_bytes(b"GGUF" + (9).to_bytes(4, "little") + bytes(64))


def wrong_architecture(path: Path) -> None:
    make_gguf(path, arch="nosuchmodel")


def other_architecture(path: Path) -> None:
    make_gguf(path, arch="falcon")


def embedding_only(path: Path) -> None:
    make_gguf(path, arch="bert")


def ranking_model(path: Path) -> None:
    make_gguf(path, metadata={"pooling_type": 4})


def no_vocabulary(path: Path) -> None:
    make_gguf(path, vocab=False)


def many_layers(path: Path) -> None:
    make_gguf(path, metadata={"block_count": 100_000})


def some_more_layers(path: Path) -> None:
    make_gguf(path, metadata={"block_count": 300})


def not_a_number(path: Path) -> None:
    make_gguf(path, metadata={"layer_norm_rms_epsilon": math.nan})


Make = Callable[[Path], None]
ALL: list[Make] = [
    missing, folder, empty, random_bytes, random_after_magic, other_version, wrong_architecture, other_architecture,
    embedding_only, ranking_model, no_vocabulary, many_layers, some_more_layers, not_a_number,
]  # fmt: skip


async def refusal(path: Path, tmp_path: Path) -> MementoError:
    engine = Engine(path, log=tmp_path / "engine.log", threads=1)
    with pytest.raises(MementoError) as caught:
        await engine.start()
    assert engine.pid is None
    await engine.close()
    return caught.value


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
async def test_each_bad_file_is_named(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    make(path)
    err = await refusal(path, tmp_path)
    assert "bad.gguf" in err.message
    assert err.hint


async def test_a_crash_while_loading_is_told_as_one(tmp_path: Path) -> None:
    err = await refusal(make_gguf(tmp_path / "nan.gguf", metadata={"layer_norm_rms_epsilon": math.nan}), tmp_path)
    assert "ended while loading" in err.message
    assert "SIGABRT" in err.message or os.name == "nt"


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.6, 0.99])
async def test_truncated_anywhere(share: float, tiny: Path, tmp_path: Path) -> None:
    data = tiny.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(data[: int(len(data) * share)])
    assert "cut.gguf" in (await refusal(path, tmp_path)).message


async def test_a_model_larger_than_the_memory(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "available_memory", lambda: 2**20)
    err = await refusal(tiny, tmp_path)
    assert "GiB" in err.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
async def test_an_unreadable_file(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "locked.gguf"
    path.write_bytes(tiny.read_bytes())
    path.chmod(0)
    assert "locked.gguf" in (await refusal(path, tmp_path)).message


async def test_a_mended_file_loads_at_the_next_try(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "later.gguf"
    engine = Engine(path, log=tmp_path / "engine.log", threads=1)
    with pytest.raises(MementoError):
        await engine.start()
    path.write_bytes(tiny.read_bytes())
    await engine.start()
    assert engine.pid is not None
    await engine.close()


async def test_an_impossible_log_folder(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = Engine(tiny, log=tmp_path / "file" / "engine.log", threads=1)
    with pytest.raises(MementoError, match="could not be started"):
        await engine.start()
