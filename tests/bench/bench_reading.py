"""Latency of search and policy together, and of a whole reading with its log, at 1k, 10k and 100k memories; query embedding excluded.

    python -m tests.bench.bench_reading --sizes 1000 10000 100000

The policy is the kernel reader over a log of readings with rewards (`--readings`, 10,000 by default), and similarity beside it.
Beside it, in the same run and on the vectors of the cases: an exact NumPy scan of an array in memory, and chromadb where it is installed.
A busy machine shows in wall times well above the processor times of the same calls.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.learning.standing import Learner
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.policy import Asked, Choice
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import CANDIDATES, Search
from tests.bench.bench_search import SYLLABLES, fill, percentile, sentence

QUERIES = 100
MOST = 4
BAR_SIZE, BAR_MS = 100_000, 60.0
BARRED = "search and kernel"


class Times:
    """Wall and processor seconds of calls, by name."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.processor: dict[str, list[float]] = {}

    def take(self, name: str, call: Callable[[], Any]) -> Any:
        began, worked = time.perf_counter(), time.process_time()
        result = call()
        self.processor.setdefault(name, []).append(time.process_time() - worked)
        self.wall.setdefault(name, []).append(time.perf_counter() - began)
        return result

    def line(self, name: str) -> str:
        return (
            f"  {name:<28} p50 {percentile(self.wall[name], 0.5):7.2f}  p95 {percentile(self.wall[name], 0.95):7.2f} ms   "
            f"processor p50 {percentile(self.processor[name], 0.5):7.2f}  p95 {percentile(self.processor[name], 0.95):7.2f} ms"
        )


def fill_log(bank: Bank, readings: int, cases: list[int], vectors: np.ndarray, number: int, r: Random) -> None:
    """Readings of past tasks: twelve cases looked at for each, three shown, every task rewarded."""
    with bank.writing():
        for task in (r.choice(cases) for _ in range(readings)):
            bank.rows("UPDATE case_detail SET reward = ?, reward_source = 'owner' WHERE memory_id = ?", float(r.random() < 0.6), task)
            row = bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at, vector, embedder_id) VALUES (?,'past','kernel','',?,?) RETURNING id",
                task, vectors[task - 1].tobytes(), number,
            )  # fmt: skip
            for n, memory in enumerate(r.sample(cases, 12)):
                bank.rows(
                    "INSERT INTO retrieval_hit (retrieval_id, memory_id, score, similarity, propensity, shown, followed) "
                    "VALUES (?,?,1,.7,?,?,?)",
                    row["id"], memory, float(n < 3), int(n < 3), 0.5 if n < 3 else None,
                )  # fmt: skip


def choose(reading: Reading, asked: Asked) -> list[Choice]:
    """What a task's reading does for cases: the reader of the day is found, then search, nominations, policy."""
    reader = reading.case_reader()
    return reader.choose(reading.candidates(asked, 0.4, reader), MOST, asked)


def scan(vectors: np.ndarray, vector: np.ndarray) -> set[int]:
    """The nearest of `vectors`, by all of them."""
    return set(np.argpartition(-(vectors @ vector), CANDIDATES)[:CANDIDATES].tolist())


def chroma(folder: Path, vectors: np.ndarray) -> Callable[[np.ndarray], set[int]] | None:
    """A query of chromadb for the nearest of `vectors`, or None where it is not installed."""
    if importlib.util.find_spec("chromadb") is None:
        return None
    import chromadb  # pyright: ignore[reportMissingImports]
    from chromadb.config import Settings  # pyright: ignore[reportMissingImports]

    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    collection = client.create_collection("cases", embedding_function=None)
    for start in range(0, len(vectors), 2000):
        part = vectors[start : start + 2000]
        collection.add([str(start + n) for n in range(len(part))], embeddings=part)
    return lambda vector: {int(i) for i in collection.query(vector[None], n_results=CANDIDATES, include=[])["ids"][0]}


def measure(size: int, readings: int) -> None:
    r = Random(size)
    words = ["".join(r.choice(SYLLABLES) for _ in range(3)) for _ in range(20_000)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bank = Bank(Path(folder) / "bank.sqlite")
        _, number, vectors = fill(bank, size, r, words)
        with bank.writing():
            bank.rows("INSERT INTO case_detail (memory_id, task, outcome) SELECT id, title, 'done' FROM memory WHERE kind = 'case'")
        ids = [row["id"] for row in bank.rows("SELECT id FROM memory WHERE kind = 'case' ORDER BY id")]
        of_cases = vectors[np.array(ids) - 1]
        memories, times, alike = Memories(bank), Times(), list[float]()
        reading = Reading(bank, memories, Cases(bank, memories), Search(bank))
        fill_log(bank, readings, ids, vectors, number, r)
        similarity, learner = Learner(bank, reading.log, "similarity", 0.05), Learner(bank, reading.log, "kernel", 0.05)
        other = chroma(Path(folder) / "chroma", of_cases)
        for _ in range(QUERIES):
            near = vectors[r.randrange(size)] + np.random.default_rng(r.randrange(2**32)).normal(scale=0.02, size=vectors.shape[1])
            vector = (near / np.linalg.norm(near)).astype(np.float32)
            asked = Asked(sentence(r, words), vector.tobytes(), number, Random(1))
            for name, one in (("search and similarity", similarity), (BARRED, learner)):
                reading.case_reader = one.reader
                assert times.take(name, partial(choose, reading, asked))
            times.take("reading, facts too, logged", partial(reading.read, asked.task, None, asked.vector, asked.embedder))
            exact = times.take("exact NumPy, no text", partial(scan, of_cases, vector))
            if other is not None:
                alike.append(len(times.take("chromadb, no text", partial(other, vector)) & exact) / CANDIDATES)
        bank.close()
    report(size, len(ids), times, alike)


def report(size: int, cases: int, times: Times, alike: list[float]) -> None:
    print(f"{size} memories, {cases} of them cases")
    for name in times.wall:
        print(times.line(name))
    ours = percentile(times.wall[BARRED], 0.5)
    for name in ("exact NumPy, no text", "chromadb, no text"):
        if name in times.wall:
            print(f"  ratio to {name}: {ours / percentile(times.wall[name], 0.5):.2f}")
    share = f"{np.mean(alike) if alike else 0:.1%} of the {CANDIDATES} nearest, as it comes, on random vectors (the hardest for its index)"
    print(f"  chromadb finds {share}" if alike else "  chromadb is not installed: not compared")
    if size == BAR_SIZE:
        p95 = percentile(times.wall[BARRED], 0.95)
        print(f"  bar: {BARRED} p95 ≤ {BAR_MS:.0f} ms: {'met' if p95 <= BAR_MS else 'MISSED'} ({p95:.1f} ms)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--readings", type=int, default=10_000)
    args = parser.parse_args()
    for wanted in args.sizes:
        measure(wanted, args.readings)
