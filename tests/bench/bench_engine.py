"""Tokens a second of the engine behind its pipe against the same model driven by llama_cpp directly. Bar: at least 0.95.

Run as `python -m tests.bench.bench_engine [MODEL.gguf] [PAIRS]`. Both sides generate the same greedy tokens in alternating pairs; the
median of the ratios counts, since the machine may be busy. The built-in model ends free text after a few tokens, so long free text
comes from a random model of its size. It also measures what a short reply costs beside its tokens, the start, prefix reuse when roles
alternate, and what flash attention would bring.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from memento_desktop.inference.engine import Completion, Engine
from memento_desktop.inference.machine import default_threads
from tests.gguf_made import make_gguf

NANO = Path(__file__).resolve().parents[2] / "models" / "nano" / "nano.gguf"
TOKENS = 300
SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 30, "maxLength": 60}, "minItems": 60, "maxItems": 80}
MESSAGES = [{"role": "system", "content": "You plan tasks."}, {"role": "user", "content": "Task: list many things. " * 8}]
BAR = 0.95


class Direct:
    """llama_cpp's own object in this process, as its documentation shows it."""

    def __init__(self, model: Path, context: int, threads: int) -> None:
        from llama_cpp import Llama

        self._llama: Any = Llama(str(model), n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)

    def run(self, schema: Mapping[str, Any] | None) -> float:
        """Tokens a second of one reply, prompt included."""
        from llama_cpp import LlamaGrammar

        grammar = LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False) if schema else None
        llama = self._llama
        began = time.perf_counter()
        prompt = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in MESSAGES) + "<|im_start|>assistant\n"
        tokens = llama.tokenize(prompt.encode(), add_bos=False, special=True)
        count, text = 0, b""
        for token in llama.generate(tokens, temp=0.0, grammar=grammar):
            if token == llama.token_eos():
                break
            text += llama.detokenize([token])
            count += 1
            if count >= TOKENS:
                break
        return count / (time.perf_counter() - began)


async def through_the_pipe(engine: Engine, schema: Mapping[str, Any] | None) -> float:
    began = time.perf_counter()
    done = [item async for item in engine.complete(MESSAGES, schema, TOKENS)][-1]
    assert isinstance(done, Completion)
    return done.completion_tokens / (time.perf_counter() - began)


def show(name: str, ours: Sequence[float], theirs: Sequence[float], bar: float | None = BAR) -> bool:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    verdict = "" if bar is None else (" ok" if ratio >= bar else f" BELOW {bar}")
    print(f"{name:<44} {statistics.median(ours):8.1f} / {statistics.median(theirs):8.1f} tokens/s  ratio {ratio:.3f}{verdict}")
    return bar is None or ratio >= bar


async def starts(make: Callable[[str], Engine], rounds: int = 5) -> float:
    """Seconds from nothing to the first reply, median."""
    seconds: list[float] = []
    for n in range(rounds):
        began = time.perf_counter()
        engine = make(f"start{n}")
        [item async for item in engine.complete(MESSAGES, None, 1)]
        seconds.append(time.perf_counter() - began)
        await engine.close()
    return statistics.median(seconds)


async def alternating(engine: Engine) -> tuple[float, float]:
    """Share of prompt tokens from the cache when three roles take turns, and the milliseconds of one such turn."""
    roles = [f"You are the {role}. " * 40 for role in ("planner", "executor", "judge")]
    cached = total = 0
    seconds: list[float] = []
    for turn in range(6):
        for role in roles:
            messages = [{"role": "system", "content": role}, {"role": "user", "content": f"Turn {turn}"}]
            done = [item async for item in engine.complete(messages, None, 1)][-1]
            assert isinstance(done, Completion)
            if turn:
                cached, total = cached + done.cached_tokens, total + done.prompt_tokens
                seconds.append(done.seconds)
    return cached / total, statistics.median(seconds) * 1000


async def compare(name: str, engine: Engine, direct: Direct, schema: Mapping[str, Any] | None, pairs: int) -> bool:
    """Alternating pairs; the first warms both sides up and does not count."""
    ours: list[float] = []
    theirs: list[float] = []
    for n in range(pairs + 1):
        a, b = await through_the_pipe(engine, schema), direct.run(schema)
        if n:
            ours.append(a)
            theirs.append(b)
    return show(name, ours, theirs)


async def round_trip(engine: Engine, rounds: int = 30) -> float:
    """Milliseconds that a reply of one token takes beyond what the child reports for it, median."""
    extra: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        done = [item async for item in engine.complete(MESSAGES, None, 1)][-1]
        assert isinstance(done, Completion)
        extra.append(time.perf_counter() - began - done.seconds)
    return statistics.median(extra) * 1000


async def main(model: Path, pairs: int) -> bool:
    threads, good = default_threads(), True
    with tempfile.TemporaryDirectory() as folder:
        made = make_gguf(Path(folder) / "random.gguf", width=256, layers=6, context=2048, endless=True)

        def make(name: str, path: Path = model, **more: Any) -> Engine:
            return Engine(path, log=Path(folder) / f"{name}.log", threads=threads, **more)

        engine, other, flash = make("plain"), make("made", made), make("flash", made, flash_attention=True)
        await asyncio.gather(engine.start(), other.start(), flash.start())
        print(f"{model.name}: {engine.info['parameters']:,} parameters, {threads} thread(s), {pairs} pairs of up to {TOKENS} tokens")
        good &= await compare("free text, random model: engine / direct", other, Direct(made, other.context, threads), None, pairs)
        good &= await compare("JSON grammar: engine / direct", engine, Direct(model, engine.context, threads), SCHEMA, pairs)
        on, off = [], []
        for _ in range(pairs):
            on.append(await through_the_pipe(flash, None))
            off.append(await through_the_pipe(other, None))
        show("flash attention, random model: on / off", on, off, None)
        print(f"a reply costs {await round_trip(engine):.2f} ms beside its tokens (pipe, tasks)")
        share, ms = await alternating(engine)
        print(f"three roles in turn: {share:.0%} of the prompt from the cache, {ms:.1f} ms a turn")
        await asyncio.gather(engine.close(), other.close(), flash.close())
        print(f"from nothing to the first reply: {await starts(make):.2f} s")
    return good


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else NANO
    sys.exit(not asyncio.run(main(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else 12)))
