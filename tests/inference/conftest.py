"""Models and engines for the tests of inference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from memento_desktop.inference.engine import Completion, Engine
from tests.gguf_made import make_gguf

OBJECT = {"type": "object", "properties": {"answer": {"type": "string", "maxLength": 20}}, "required": ["answer"]}
LONG = {"type": "array", "items": {"type": "string", "minLength": 60, "maxLength": 80}, "minItems": 40, "maxItems": 50}


def chat(text: str, system: str = "You plan.") -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


async def whole(engine: Engine, text: str, schema: Mapping[str, Any] | None = OBJECT, limit: int = 80, **more: Any) -> Completion:
    """The completion, after checking that it comes once, last, and says what the pieces said."""
    items = [item async for item in engine.complete(chat(text), schema, limit, **more)]
    last = items.pop()
    assert isinstance(last, Completion)
    assert all(isinstance(item, str) for item in items)
    assert "".join(str(item) for item in items) == last.text
    return last


async def until(predicate: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model that is large enough to be caught in the middle of its work."""
    return make_gguf(tmp_path_factory.mktemp("models") / "slow.gguf", width=256, layers=8, context=4096)


@pytest_asyncio.fixture
async def engine(tiny: Path, tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(tiny, log=tmp_path / "engine.log", threads=1)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def slow_engine(slow: Path, tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(slow, log=tmp_path / "engine.log", threads=1)
    yield made
    await made.close()
