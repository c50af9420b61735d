"""Measures a model on this machine through the engine that tasks use: loading, reading, writing, memory. Results are kept by file."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from memento_desktop.errors import MementoError
from memento_desktop.inference.engine import Completion, Engine
from memento_desktop.inference.models.local import LocalModel

FILE = "model-speeds.json"
KEPT = 200
READ_WORDS = 400
WRITTEN = 96
"""Tokens that are written for the measurement."""
ASKS = (
    "Write a long story about a lighthouse and the people who pass it, in detail.",
    "Explain at length how bread is baked, from the field to the table.",
    "List every month of the year, with what is typical of it, one paragraph each.",
)


@dataclass(frozen=True)
class Bench:
    """Seconds to load; tokens a second read and written; bytes of memory with the model loaded; when (ISO 8601)."""

    load_seconds: float
    prompt_speed: float
    speed: float
    memory: int
    threads: int
    context: int
    at: str


async def bench(model: LocalModel, *, log: Path, context: int = 0, threads: int | None = None, gpu_layers: int = 0) -> Bench:
    """Loads `model` in an engine of its own and measures it, in some ten seconds for a small one.

    Raises:
        MementoError: it cannot be loaded, or writes nothing.
    """
    engine = Engine(model.path, log=log, context=context, threads=threads, gpu_layers=gpu_layers, name=model.name)
    began = time.monotonic()
    try:
        await engine.start()
        loaded = time.monotonic() - began
        prompt_speed = await _reading(engine)
        speed = await _writing(engine)
        memory = _resident(engine.pid)
        found = int(engine.info.get("threads", 0)), engine.context
    finally:
        await engine.close()
    return Bench(loaded, prompt_speed, speed, memory, *found, datetime.now(UTC).isoformat(timespec="seconds"))


async def _complete(engine: Engine, text: str, tokens: int) -> Completion:
    messages = [{"role": "user", "content": text}]
    async for part in engine.complete(messages, None, tokens):
        if isinstance(part, Completion):
            return part
    raise MementoError(f"{engine.name} gave no answer.", "See the log of the model's process: `memento doctor` says where.")


async def _reading(engine: Engine) -> float:
    # Numbers in a row: no two prompts begin alike, so that nothing comes from the cache.
    words = " ".join(str(n * 7919 % 9973) for n in range(min(READ_WORDS, max(16, engine.context // 8))))
    done = await _complete(engine, f"Which of these numbers is the largest? {words}", 1)
    return (done.prompt_tokens - done.cached_tokens) / done.seconds if done.seconds > 0 else 0.0


async def _writing(engine: Engine) -> float:
    """Tokens a second: the difference between a long and a short answer to the same prompt, so that reading it does not count."""
    tokens, seconds = 0, 0.0
    for text in ASKS:
        short = await _complete(engine, text, 1)
        long = await _complete(engine, text, min(WRITTEN, max(2, engine.context // 4)))
        # The second time the prompt comes from the cache, so the short answer's time is only what it took to read.
        again = await _complete(engine, text, 1)
        tokens += long.completion_tokens - again.completion_tokens
        seconds += max(0.0, long.seconds - again.seconds)
        if tokens >= WRITTEN // 2 and short.completion_tokens:
            break
    return tokens / seconds if tokens > 0 and seconds > 0 else 0.0


def _resident(pid: int | None) -> int:
    import psutil

    if pid is None:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _key(model: LocalModel) -> str:
    stat = model.path.stat()
    return f"{model.path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"


def kept(cache: Path, models: Sequence[LocalModel]) -> dict[Path, Bench]:
    """What was measured of these very files."""
    known, found = _known(cache / FILE), dict[Path, Bench]()
    for model in models if known else ():
        with suppress(OSError, TypeError):  # the file is gone, or the note is of another version
            if row := known.get(_key(model)):
                found[model.path] = Bench(**row)
    return found


def keep(cache: Path, model: LocalModel, result: Bench) -> None:
    """Notes a result. A cache: where it cannot be written, it is measured again."""
    file = cache / FILE
    with suppress(OSError):
        known = {**_known(file), _key(model): asdict(result)}
        cache.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.{os.getpid()}")
        partial.write_text(json.dumps(dict(list(known.items())[-KEPT:])), encoding="utf-8")
        partial.replace(file)


def _known(file: Path) -> dict[str, dict[str, Any]]:
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows = cast("dict[Any, Any]", found) if isinstance(found, dict) else {}
    return {str(key): cast("dict[str, Any]", row) for key, row in rows.items() if isinstance(row, dict)}
