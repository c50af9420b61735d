"""The engine: one language model in a process of its own, seen from the app. Answers in JSON of a schema, cancellable, restartable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.inference.gguf_header import Header, read_header
from memento_desktop.inference.machine import available_memory, default_threads
from memento_desktop.inference.slots import SLOTS
from memento_desktop.inference.worker import CANCEL_SECONDS, ChildDied, ChildProcess

WHAT = "The model's process"
BASE_MEMORY = 96 * 2**20
"""Bytes that the process takes beside weights and cache: Python, llama.cpp, its work buffers."""
SEPARATE_BYTES = 256 * 2**20
"""Bytes up to which each role's prefix gets a whole cache of its own; beyond, all share one."""


@dataclass(frozen=True)
class Completion:
    """A whole reply, with what it cost."""

    text: str
    prompt_tokens: int
    cached_tokens: int
    """How many of the prompt's tokens came from the KV cache."""
    completion_tokens: int
    seconds: float
    confidence: float
    """The probability of the whole reply under the model among what the grammar allowed, in [0, 1]."""
    truncated: bool
    """Whether the token limit cut it."""


class Engine:
    """One GGUF in a child process. Belongs to the event loop that first starts it; requests are answered one after another."""

    def __init__(
        self,
        model: Path,
        *,
        log: Path,
        context: int = 0,
        threads: int | None = None,
        gpu_layers: int = 0,
        name: str | None = None,
        flash_attention: bool = False,
    ) -> None:
        """`context` in tokens, 0 for what the model was trained on but at most 8192; `gpu_layers` -1 for all. Starts nothing."""
        self._path = model
        self._log = log
        self._wanted_context = context
        self._threads = threads
        self._gpu_layers = gpu_layers
        self._flash_attention = flash_attention
        self._name = name or model.stem
        self._child: ChildProcess | None = None
        self._loading: ChildProcess | None = None
        self._info: dict[str, Any] = {}
        self._starting = asyncio.Lock()
        self._stopping: set[asyncio.Task[None]] = set()
        self.last_notice = ""
        """The last thing that the owner should hear of (a restart after a stuck cancellation); empty when there is none."""
        self.reading: tuple[int, int] = (0, 0)
        """How far the model is in a long prompt: tokens read, tokens to read. A prompt of one batch is not worth telling."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def context(self) -> int:
        """Tokens that prompt and reply share; 0 before the first start when it was left to the model."""
        return int(self._info.get("context", self._wanted_context))

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.alive else None

    @property
    def info(self) -> Mapping[str, Any]:
        """What the model says of itself: architecture, parameters, trained_context, has_template, file_size (bytes), build."""
        return self._info

    async def start(self) -> None:
        """Loads the model; returns at once when it is loaded. Raises `MementoError` naming the file, and can be called again."""
        await self._running()

    async def _running(self) -> ChildProcess:
        if self._stopping:
            await asyncio.wait(self._stopping)
        async with self._starting:
            if self._child is not None and self._child.alive:
                return self._child
            self._child = None
            self._child = await self._launch()
            return self._child

    async def _launch(self) -> ChildProcess:
        header = await asyncio.to_thread(read_header, self._path)
        cache = header.kv_bytes(self._wanted_context or header.default_context())
        separate = 0 < cache * SLOTS <= SEPARATE_BYTES
        self._check_memory(header, cache * SLOTS if separate else cache)
        threads = self._threads or default_threads()
        # Waiting OpenMP threads must sleep, not spin: another busy process on the core would stall every token.
        env = {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
        child = self._loading = await ChildProcess.spawn("llama_worker", what=WHAT, log=self._log, env=env)
        try:
            answer, _ = await child.request(
                "load",
                path=str(self._path.resolve()),
                context=self._wanted_context,
                threads=threads,
                gpu_layers=self._gpu_layers,
                flash_attention=self._flash_attention,
                separate=separate,
            )
        except ChildDied as err:
            why = f": {err.log_lines[-1]}" if err.log_lines else ""
            raise MementoError(
                f"The model's process ended while loading {self._path} ({err.exit}){why}",
                f"The file is probably damaged or made for another program: download it again or choose another model. Log: {self._log}",
            ) from err
        except BaseException:
            child.kill()
            await child.close()
            raise
        finally:
            self._loading = None
        self._info = {key: value for key, value in answer.items() if key not in ("id", "event")}
        self._info["file_size"] = header.size
        self._info["threads"] = threads
        return child

    def _check_memory(self, header: Header, cache: int) -> None:
        free = available_memory()
        if free is None or self._gpu_layers:
            return
        needed = header.size + cache + BASE_MEMORY
        if needed > free:
            raise MementoError(
                f"{self._path} needs about {needed / 2**30:.1f} GiB of memory, {free / 2**30:.1f} GiB are free",
                "Close other programs, choose a smaller model, or a smaller context.",
            )

    async def count(self, messages: Sequence[Mapping[str, object]]) -> int:
        """Tokens of the rendered prompt."""
        child = await self._running()
        answer, _ = await child.request("count", messages=[dict(m) for m in messages])
        return int(answer["tokens"])

    async def complete(
        self,
        messages: Sequence[Mapping[str, object]],
        schema: Mapping[str, Any] | None,
        max_tokens: int,
        *,
        seed: int = 0,
        temperature: float = 0.0,
    ) -> AsyncGenerator[str | Completion, None]:
        """Streams pieces of the reply, then exactly one `Completion`. Closing the iterator or cancelling the task stops the model.

        The reply fits `schema` (None: free text) and is read with `json.loads(text, strict=False)`; a reply cut at `max_tokens` is
        `truncated` and need not parse. The limit shrinks to what the context leaves. Raises `MementoError`: the prompt does not fit, the
        schema is unusable, the model cannot be loaded; `ChildDied` when the process ended on the way (the next call restarts it).
        """
        if max_tokens < 1:
            raise MementoError(f"A reply of {max_tokens} tokens was asked for", "Ask for at least one.")
        child = await self._running()
        ticket = child.open(
            "complete",
            messages=[dict(m) for m in messages],
            schema=None if schema is None else dict(schema),
            max_tokens=max_tokens,
            seed=seed,
            temperature=temperature,
        )
        over = False
        self.reading = (0, 0)
        try:
            while True:
                try:
                    frame, _ = await child.next(ticket)
                except MementoError:
                    over = True
                    raise
                if frame["event"] == "end":
                    over = True
                    yield _completion(frame)
                    return
                if "text" in frame:
                    yield str(frame["text"])
                else:
                    self.reading = (int(frame["read"]), int(frame["unread"]))
        finally:
            if over:
                child.forget(ticket)
            else:
                await self._stop(child, ticket)

    async def _stop(self, child: ChildProcess, ticket: int) -> None:
        # A task of its own: a second cancellation of the caller must not leave the model running.
        task = asyncio.create_task(self._stop_or_kill(child, ticket), name="stop the model")
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        await asyncio.shield(task)

    async def _stop_or_kill(self, child: ChildProcess, ticket: int) -> None:
        if await child.cancel(ticket, CANCEL_SECONDS) or not child.alive:
            return
        self.last_notice = f"The model did not stop within {CANCEL_SECONDS:g} s, so it was ended; it is loaded again when needed."
        with contextlib.suppress(OSError), self._log.open("a", encoding="utf-8") as log:
            log.write(self.last_notice + "\n")
        child.kill()
        await child.close()

    async def close(self) -> None:
        """Ends the child, also while it loads. A later call starts it again."""
        if self._loading is not None:
            self._loading.kill()
        async with self._starting:
            child, self._child = self._child, None
            if child is not None:
                await child.close()


def _completion(frame: Mapping[str, Any]) -> Completion:
    return Completion(
        text=str(frame["text"]),
        prompt_tokens=int(frame["prompt_tokens"]),
        cached_tokens=int(frame["cached_tokens"]),
        completion_tokens=int(frame["completion_tokens"]),
        seconds=float(frame["seconds"]),
        confidence=float(frame["confidence"]),
        truncated=bool(frame["truncated"]),
    )
