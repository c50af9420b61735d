"""How long a search takes in a bank of so many memories and as many messages, the query's embedding apart."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from memento_desktop.evaluation.recall_data import Babble
from memento_desktop.evaluation.report import Bar, Table
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.said import SaidSearch
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search

DIM = 384
QUERIES = 60
TIMES = 3
"""How often each query is asked: the quickest counts, since the rest is what else the machine did."""
TURNS = 50
"""Messages of one conversation."""
BATCH = 2000
NEEDED = 60.0
"""Milliseconds that 95 % of searches may take, in the largest bank too."""


class Full:
    """A bank that was filled with `size` memories and `size` messages, each with vectors, all made up."""

    def __init__(self, path: Path, size: int) -> None:
        self.bank, self.babble = Bank(path), Babble(size)
        self.random = np.random.default_rng(size)
        self.embedder = Embeddings(self.bank).register("made up", "made up", DIM)
        self._remember(size)
        self.passages = self._converse(size)

    def vectors(self, count: int) -> list[bytes]:
        made = self.random.normal(size=(count, DIM)).astype(np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return [one.tobytes() for one in made]

    def _remember(self, size: int) -> None:
        memories, embeddings = Memories(self.bank), Embeddings(self.bank)
        for start in range(0, size, BATCH):
            with self.bank.writing():
                for n in range(start, min(start + BATCH, size)):
                    memories.insert("case" if n % 2 else "fact", self.babble.sentence(), self.babble.sentence(), "active", "user")
            waiting = embeddings.waiting(self.embedder, BATCH)
            embeddings.store(self.embedder, list(zip(waiting, self.vectors(len(waiting)), strict=True)))

    def _converse(self, size: int) -> int:
        conversations, windows = Conversations(self.bank), Windows(self.bank)
        for _ in range(size // TURNS):
            session = conversations.begin(self.babble.sentence())
            roles = ("user", "assistant")
            conversations.fill(session, [(roles[n % 2], self.babble.message(), None) for n in range(TURNS)])
        while waiting := windows.waiting(self.embedder, BATCH):
            made = iter(self.vectors(sum(len(item.passages) for item in waiting)))
            windows.store(self.embedder, [(item, [next(made) for _ in item.passages]) for item in waiting])
        return self.bank.one(f"SELECT count(*) AS n FROM window_{self.embedder}_rowids")["n"]


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one search: of the clock, and of the processor, which what else runs on the machine changes little."""

    clock: float
    processor: float


def _taken(search: Callable[[], object]) -> Taken:
    clock: list[float] = []
    processor: list[float] = []
    for _ in range(TIMES):
        began, worked = time.perf_counter(), time.process_time()
        search()
        clock.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
    return Taken(min(clock), min(processor))


def _searched(full: Full) -> dict[str, list[Taken]]:
    memories, said = Search(full.bank), SaidSearch(full.bank)
    taken: dict[str, list[Taken]] = {"memories": [], "messages": []}
    for _ in range(QUERIES):
        query, vector = full.babble.sentence(), full.vectors(1)[0]
        taken["memories"].append(_taken(partial(memories.find, query, (), 10, vector, full.embedder)))
        taken["messages"].append(_taken(partial(said.find, query, 10, vector, full.embedder)))
    return taken


def measure(sizes: Sequence[int], progress: Callable[[str], None] = lambda _: None) -> tuple[Table, list[Bar]]:
    """Fills a bank of each size and searches it; the bars are about the largest."""
    rows: list[list[str]] = []
    bars: list[Bar] = []
    for size in sizes:
        progress(f"filling a bank with {size:,} memories and {size:,} messages")
        with tempfile.TemporaryDirectory() as folder:
            full = Full(Path(folder, "bank.sqlite"), size)
            try:
                progress(f"searching among {size:,}")
                taken = _searched(full)
            finally:
                full.bank.close()
        for what, values in taken.items():
            clock, processor = [one.clock for one in values], [one.processor for one in values]
            p95 = float(np.percentile(processor, 95))
            vectors = size if what == "memories" else full.passages
            figures = (np.median(clock), np.percentile(clock, 95), np.median(processor), p95)
            rows.append([f"{size:,} {what}", f"{vectors:,}", *(f"{figure:.1f}" for figure in figures)])
            if size == max(sizes):
                bars.append(Bar(f"search over {size:,} {what}, p95, ms of the processor", p95, f"≤ {NEEDED:g}", p95 <= NEEDED))
    headings = ["over", "vectors", "clock, median", "clock, p95", "processor, median", "processor, p95"]
    return Table("A search by words and by meaning, ms", headings, rows), bars
