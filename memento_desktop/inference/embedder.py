"""The embedder as the app sees it: starts in the background, is asked with a deadline, and is never waited for longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.inference.embedder_source import EmbedderSource, NoEmbedder
from memento_desktop.inference.worker import ChildDied, ChildProcess

WHAT = "The embedder's process"
CHUNK = 32
CHUNK_CHARACTERS = 8192
"""Most texts and characters in one request (about 0.3 s of work): a query slips in between the requests of a long list."""
MAX_CHARACTERS = 4096
"""Only the first 256 tokens of a text count; more would only cost time."""
MAX_RESTARTS = 3

State = Literal["starting", "ready", "off", "failed"]


class Embedder:
    """Sentence vectors from a child process. Belongs to one event loop."""

    def __init__(
        self, source: EmbedderSource | NoEmbedder | Callable[[], EmbedderSource | NoEmbedder] | None, *, log: Path, threads: int = 1
    ) -> None:
        """`source` may be a function that finds one; it is called in a thread when the embedder starts."""
        self._find = source if callable(source) else None
        self._source = source if isinstance(source, EmbedderSource) else None
        self._log = log
        self._threads = threads
        self._child: ChildProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._restarts = 0
        self._state: State = "off"
        self._reason = source.reason if isinstance(source, NoEmbedder) else "No sentence embedder is set up."
        if self._source is not None or self._find is not None:
            self._reason = "It has not been started."

    @property
    def state(self) -> State:
        """off: there is none or it is not started; starting; ready; failed."""
        return self._state

    @property
    def reason(self) -> str:
        """Why it is not ready, in the owner's words; empty when it is."""
        return self._reason

    @property
    def model(self) -> str:
        return self._source.model if self._source else ""

    @property
    def sha256(self) -> str:
        """Of the weights: the identity of the vectors. Empty when there is no embedder."""
        return self._source.sha256 if self._source else ""

    @property
    def dim(self) -> int:
        """Numbers in a vector; 0 when there is no embedder."""
        return self._source.dim if self._source else 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.alive else None

    def start(self) -> None:
        """Starts loading in the background and returns at once; needs a running event loop. Nothing happens without a source."""
        if (self._source is None and self._find is None) or self._state in ("starting", "ready"):
            return
        self._state, self._reason = "starting", "The embedder is being loaded (a few seconds)."
        self._task = asyncio.create_task(self._start(), name="load the embedder")

    async def _start(self) -> None:
        if self._source is None and self._find is not None:
            try:
                found = await asyncio.to_thread(self._find)
            except (MementoError, OSError) as err:
                self._state, self._reason = "failed", f"The embedder cannot be looked for: {err}"
                return
            if isinstance(found, NoEmbedder):
                self._state, self._reason = "off", found.reason
                return
            self._source = found
        if self._source is not None:
            await self._load(self._source)

    async def _load(self, source: EmbedderSource) -> None:
        threads = str(self._threads)
        env = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "OMP_WAIT_POLICY": "PASSIVE"}
        child: ChildProcess | None = None
        try:
            child = self._child = await ChildProcess.spawn("embed_worker", what=WHAT, log=self._log, env=env)
            answer, _ = await child.request("load", folder=str(source.folder), threads=self._threads)
            if answer["dim"] != source.dim:
                raise MementoError(
                    f"The embedder in {source.folder} gives {answer['dim']} numbers, not {source.dim}", "Choose another folder."
                )
        except MementoError as err:
            self._fail(err)
            if child is not None:
                await child.close()
        except asyncio.CancelledError:
            if child is not None:
                child.kill()
            raise
        else:
            self._state, self._reason = "ready", ""

    def _fail(self, err: MementoError) -> None:
        self._state, self._reason = "failed", str(err)

    async def ready(self, timeout: float) -> bool:  # noqa: ASYNC109 - it answers False at the deadline, it does not raise
        """Waits at most `timeout` seconds for it to be ready; whether it is."""
        if self._state == "starting" and self._task is not None:
            await asyncio.wait({self._task}, timeout=max(0.0, timeout))
        return self._state == "ready"

    async def embed(self, texts: Sequence[str], wait: float) -> list[bytes] | None:
        """One unit vector a text, as little-endian float32 (dim * 4 bytes); None when they are not there within `wait` seconds.

        An empty text has a vector too (that of no words). After a crash it starts again in the background, three times at most.
        Raises `MementoError` when the child cannot embed these texts.
        """
        until = time.monotonic() + wait
        if not texts:
            return []
        if not await self.ready(wait):
            return None
        child = self._child
        assert child is not None
        vectors: list[bytes] = []
        try:
            for chunk in _chunks(texts):
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    _, data = await child.request("embed", texts=chunk)
                width = self.dim * 4
                vectors += [data[n : n + width] for n in range(0, len(data), width)]
        except TimeoutError:
            return None
        except ChildDied as err:
            self._died(child, err)
            return None
        return vectors

    def _died(self, child: ChildProcess, err: ChildDied) -> None:
        if self._child is not child or self._state != "ready":
            return
        self._fail(err)
        if self._restarts < MAX_RESTARTS:
            self._restarts += 1
            self.start()

    async def close(self) -> None:
        """Ends the child. `start` starts it again."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
        child, self._child, self._task = self._child, None, None
        self._state, self._reason = "off", "It was closed."
        if child is not None:
            await child.close()


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        short = text[:MAX_CHARACTERS]
        if chunk and (len(chunk) == CHUNK or size + len(short) > CHUNK_CHARACTERS):
            yield chunk
            chunk, size = [], 0
        chunk.append(short)
        size += len(short)
    if chunk:
        yield chunk
