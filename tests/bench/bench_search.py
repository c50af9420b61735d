"""Latency of search at 1k, 10k and 100k memories, query embedding excluded; ratios against an exact NumPy scan in the same run.

python -m tests.bench.bench_search --sizes 1000 10000 100000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search

DIM = 384
QUERIES = 60
SYLLABLES = "ka lo mi ra ten vor sal du pri nex bar col fin gra hel jun kip lem nor pax".split()


def sentence(r: Random, words: list[str]) -> str:
    """Zipf-like words: the most common one stands in about a third of all memories, most stand in a few."""
    return " ".join(words[min(int(20 * r.paretovariate(0.6)) - 20, len(words) - 1)] for _ in range(r.randint(5, 14)))


def fill(bank: Bank, size: int, r: Random, words: list[str]) -> tuple[Embeddings, int, np.ndarray]:
    memories, embeddings = Memories(bank), Embeddings(bank)
    number = embeddings.register("random", "random", DIM)
    vectors = np.random.default_rng(1).normal(size=(size, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for start in range(0, size, 2000):
        with bank.writing():
            for _ in range(min(2000, size - start)):
                memories.insert(r.choice(("case", "fact")), sentence(r, words), sentence(r, words), "active", "user")
        batch = embeddings.waiting(number, 2000)
        embeddings.store(number, [(item, vectors[item.memory_id - 1].tobytes()) for item in batch])
    return embeddings, number, vectors


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1e3


def measure(size: int) -> None:
    r = Random(size)
    words = ["".join(r.choice(SYLLABLES) for _ in range(3)) for _ in range(20_000)]
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "bank.sqlite")
        began = time.perf_counter()
        _, number, vectors = fill(bank, size, r, words)
        filled = time.perf_counter() - began
        search, whole, exact = Search(bank), list[float](), list[float]()
        for n in range(QUERIES):
            query, vector = sentence(r, words), vectors[r.randrange(size)]
            began = time.perf_counter()
            hits = search.find(query, ("case",) if n % 2 else (), 12, vector.tobytes(), number)
            whole.append(time.perf_counter() - began)
            began = time.perf_counter()
            best = np.argpartition(-(vectors @ vector), 12)[:12]
            exact.append(time.perf_counter() - began)
            assert hits and len(best) == 12
        bank.close()
    ratio = percentile(whole, 0.5) / percentile(exact, 0.5)
    print(
        f"{size:>8} memories  filled at {size / filled:6.0f}/s  search p50 {percentile(whole, 0.5):6.1f} ms  "
        f"p95 {percentile(whole, 0.95):6.1f} ms  exact NumPy scan alone p50 {percentile(exact, 0.5):5.2f} ms  ratio {ratio:5.1f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    for wanted in parser.parse_args().sizes:
        measure(wanted)
