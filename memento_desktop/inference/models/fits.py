"""Whether this machine can hold a model before it is loaded, how fast it would write, and which one to take: all with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

BASE = 96 * 2**20
"""Bytes beside weights and cache: Python, llama.cpp, its work buffers (as the engine counts them)."""
SPARE = 2**30
"""Bytes that the system and everything else need, at the least."""
EFFICIENCY = 0.45
"""The share of the measured copying bandwidth that llama.cpp reaches while it writes. With one thread 0.87 for F16, 0.48 for Q8_0 and 0.34
for Q4_0 were measured (`tests.bench.bench_models estimate`): few threads are held up by unpacking the weights, many by the memory."""
READABLE = 5.0
"""Tokens a second from which waiting for an answer is bearable: about as fast as people read aloud."""
CONTEXT = 8192


@dataclass(frozen=True)
class Shape:
    """What memory and speed depend on, in bytes: the file, what is read for one token, the key-value cache (16 bit) of one token."""

    size: int
    active: int
    cache_per_token: int
    """0 when it is not known."""


@dataclass(frozen=True)
class Machine:
    """Memory in bytes, installed and free now; bandwidth in bytes a second with the model's threads, 0.0 when it was not measured."""

    memory: int
    free: int
    bandwidth: float
    threads: int


@dataclass(frozen=True)
class Fit:
    """How a model goes with a machine. `needed` and `cache` are bytes, `speed` is tokens a second, an estimate (0.0: unknown)."""

    verdict: Literal["fits", "tight", "too large"]
    """Into what is free; only into what is installed; not at all."""
    needed: int
    cache: int
    context: int
    speed: float
    sentence: str


class Candidate(Protocol):
    """What can be chosen: a model here, or one of the catalogue."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    @property
    def shape(self) -> Shape | None: ...


C = TypeVar("C", bound=Candidate, covariant=True)


@dataclass(frozen=True)
class Choice(Generic[C]):
    """What is chosen, None when nothing is, and why, in one sentence."""

    model: C | None
    sentence: str


def gigabytes(count: float) -> str:
    """Bytes as people write them: 397 MB, 2.5 GB, 18 GB."""
    if count < 999.5e6:
        return f"{count / 1e6:.0f} MB" if count >= 9.95e6 else f"{count / 1e6:.1f} MB"
    return f"{count / 1e9:.1f} GB" if count < 99.5e9 else f"{count / 1e9:.0f} GB"


def per_second(speed: float) -> str:
    """Tokens a second as an estimate deserves: 0.4, 7, 38, 250."""
    if speed < 9.5:
        return f"{speed:.1f}" if speed < 1.95 else f"{speed:.0f}"
    return f"{speed:.0f}" if speed < 99.5 else f"{round(speed, -1):.0f}"


def speed(shape: Shape, machine: Machine) -> float:
    """Tokens a second at the start of a conversation: each token reads the active weights once, so memory bandwidth is the limit."""
    return EFFICIENCY * machine.bandwidth / shape.active if machine.bandwidth and shape.active else 0.0


def fit(shape: Shape, machine: Machine, context: int = CONTEXT) -> Fit:
    """How a model of `shape` goes with `machine` when prompt and reply share `context` tokens."""
    cache = shape.cache_per_token * context
    needed = shape.size + cache + BASE
    written = speed(shape, machine)
    pace = f", about {per_second(written)} tokens/s" if written else ""
    counted = "" if shape.cache_per_token else ", its cache not counted"
    if needed <= machine.free:
        said = f"needs {gigabytes(needed)} of {gigabytes(machine.free)} free{counted}{pace}"
        return Fit("fits", needed, cache, context, written, said)
    if needed <= machine.memory - SPARE:
        said = f"needs {gigabytes(needed)}, {gigabytes(machine.free)} are free: close other programs{counted}{pace}"
        return Fit("tight", needed, cache, context, written, said)
    said = f"needs {gigabytes(needed)}, this machine has {gigabytes(machine.memory)}{counted}"
    return Fit("too large", needed, cache, context, written, said)


def choose(models: Sequence[C], machine: Machine, context: int, among: str) -> Choice[C]:
    """The largest that fits and writes at a readable pace; else the fastest that fits; `among` says of which: "on this disk"."""
    shaped = [(model, fit(model.shape, machine, context)) for model in models if model.shape is not None]
    if not shaped:
        return Choice(None, f"There is no model {among}.")
    fitting = [pair for pair in shaped if pair[1].verdict == "fits"]
    if not fitting:
        least = min(shaped, key=lambda pair: pair[1].needed)
        return Choice(None, f"None {among} fits: {least[0].name}, the smallest, {least[1].sentence}.")
    readable = [pair for pair in fitting if pair[1].speed >= READABLE or not pair[1].speed]
    pool, why = (readable, _largest) if readable else (fitting, _fastest)
    best = max(pool, key=_by_size if readable else _by_speed)
    return Choice(best[0], f"{best[0].name}: {why(len(fitting), among)}; it {best[1].sentence}.")


def _by_size(pair: tuple[Candidate, Fit]) -> tuple[int, int]:
    shape = pair[0].shape
    return (pair[0].parameters, shape.size if shape is not None else 0)


def _by_speed(pair: tuple[Candidate, Fit]) -> float:
    return pair[1].speed


def _largest(count: int, among: str) -> str:
    if count == 1:
        return f"the only one {among} that fits into the free memory"
    return f"the largest {among} that fits into the free memory and writes at {READABLE:g} tokens/s or more"


def _fastest(_count: int, among: str) -> str:
    return f"the fastest {among} that fits; none here reaches {READABLE:g} tokens/s"
