"""Latency of search over conversations at 1k, 10k and 100k messages; ratios against an exact NumPy scan in the same run.

python -m tests.bench.bench_recall --sizes 1000 10000 100000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from memento_desktop.evaluation.recall_speed import QUERIES, Full
from memento_desktop.memory.conversations.said import SaidSearch


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - began)


def measure(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        full = Full(Path(folder) / "bank.sqlite", size)
        filled = time.perf_counter() - began
        search, taken = SaidSearch(full.bank), dict[str, list[float]]()
        vectors = np.random.default_rng(0).normal(size=(full.passages, 384)).astype(np.float32)
        for _ in range(QUERIES):
            query, vector = full.babble.sentence(), full.vectors(1)[0]
            calls = {
                "words": partial(search.find, query),
                "both": partial(search.find, query, 10, vector, full.embedder),
                "pooled": partial(search.episodes, query, 10, vector=vector, embedder=full.embedder),
                "numpy": partial(np.matmul, vectors, np.frombuffer(vector, np.float32)),
            }
            for name, call in calls.items():
                taken.setdefault(name, []).append(milliseconds(call))
        full.bank.close()
    print(f"{size:>8} messages, {full.passages} passages; filled, memories too, in {filled:.0f} s")
    for name, values in taken.items():
        ratio = np.median(values) / np.median(taken["numpy"])
        print(f"  {name:<8} p50 {np.median(values):6.1f} ms  p95 {np.percentile(values, 95):6.1f} ms  {ratio:5.1f} × a NumPy scan")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    for wanted in parser.parse_args().sizes:
        measure(wanted)
