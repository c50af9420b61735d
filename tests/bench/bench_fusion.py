"""How to fuse the two rankings: text alone, vector alone, weighted z-scores, reciprocal ranks; on real personal memory.

    python -m tests.bench.bench_fusion --data ../shared/data/bfcl_memory

Five people tell about themselves; later questions are answered by one of their messages. Counted: is it the first, among 5, among 10?

A second table is for questions that name a time: what a memory gains that was recorded in it. The span holds a quarter of all messages, by
chance; "inside" with the one that answers among them, "outside" without it, as when the owner is wrong about the time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import find_embedder
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Hit, Search

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
DEPTHS = (1, 5, 10)
GAINS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
SHARE = 0.25


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def load(folder: Path) -> tuple[dict[str, list[str]], list[tuple[str, str, list[str]]]]:
    """Person → messages told, and (person, question, the messages that hold the answer)."""
    told = {
        path.stem.removeprefix("memory_"): [m["content"] for row in _json_lines(path) for turn in row["question"] for m in turn]
        for path in folder.glob("memory_*.json")
    }
    truth = {row["id"]: row for row in _json_lines(folder / "possible_answer.json")}
    asked: list[tuple[str, str, list[str]]] = []
    for row in _json_lines(folder / "BFCL_v4_memory.json"):
        answer, person = truth[row["id"]], row["scenario"]
        quote = _plain(answer["source"].rstrip(". "))
        holds = [m for m in told[person] if quote and quote in _plain(m)]
        holds = holds or [
            m for m in told[person] if any(re.search(rf"\b{re.escape(_plain(a))}\b", _plain(m)) for a in answer["ground_truth"])
        ]
        if holds:
            asked.append((person, row["question"][0][0]["content"], holds))
    return told, asked


def reciprocal(hits: Sequence[Hit]) -> list[Hit]:
    def score(hit: Hit) -> float:
        return sum(1 / (60 + rank) for rank in (hit.rank_text, hit.rank_vector) if rank)

    return sorted(hits, key=lambda hit: -score(hit))


def preferred(hits: Sequence[Hit], gain: float, inside: set[int]) -> list[Hit]:
    """The hits with those inside a span lifted, as `Search.find` does it."""
    return sorted(hits, key=lambda hit: (-hit.score - gain * (hit.memory_id in inside), hit.memory_id))


async def run(folder: Path) -> None:
    told, asked = load(folder)
    with tempfile.TemporaryDirectory() as temporary:
        cache = Path(temporary)
        embedder = Embedder(find_embedder(None, cache), log=cache / "embedder.log")
        embedder.start()
        if not await embedder.ready(120):
            raise SystemExit(embedder.reason)
        banks: dict[str, tuple[Bank, Search, int]] = {}
        for person, messages in told.items():
            bank = Bank(cache / f"{person}.sqlite")
            memories, embeddings = Memories(bank), Embeddings(bank)
            for message in messages:
                memories.keep(message)
            number = embeddings.register(embedder.model, embedder.sha256, embedder.dim)
            waiting = embeddings.waiting(number, 10_000)
            vectors = await embedder.embed([item.text for item in waiting], wait=600)
            embeddings.store(number, list(zip(waiting, vectors or [], strict=True)))
            banks[person] = bank, Search(bank), number
        counts: dict[str, list[int]] = {}
        random = Random(1)
        for person, question, holds in asked:
            bank, search, number = banks[person]
            vector = ((await embedder.embed([question], wait=60)) or [b""])[0]
            rankings = {f"z {w:.2f}": search.find(question, limit=64, vector=vector, embedder=number, weight=w) for w in WEIGHTS}
            rankings["rrf"] = reciprocal(rankings["z 0.50"])
            known = {row["id"]: row["body"] for row in bank.rows("SELECT id, body FROM memory")}
            answers = {i for i, body in known.items() if body in holds}
            drawn = {i for i in known if i not in answers and random.random() < SHARE}
            for gain in GAINS:
                rankings[f"+{gain:.2f} inside"] = preferred(rankings["z 0.40"], gain, drawn | answers)
                rankings[f"+{gain:.2f} outside"] = preferred(rankings["z 0.40"], gain, drawn)
            for name, hits in rankings.items():
                bodies = [known[hit.memory_id] for hit in hits[: max(DEPTHS)]]
                row = counts.setdefault(name, [0] * len(DEPTHS))
                for n, depth in enumerate(DEPTHS):
                    row[n] += any(body in holds for body in bodies[:depth])
        for bank, _, _ in banks.values():
            bank.close()
        await embedder.close()
    print(f"{len(asked)} questions of {len(told)} people, {sum(map(len, told.values()))} messages")
    print(f"{'ranking':<14}" + "".join(f"{f'in {d}':>8}" for d in DEPTHS))
    for name, row in counts.items():
        print(f"{name:<14}" + "".join(f"{100 * n / len(asked):8.1f}" for n in row))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/bfcl_memory"))
    asyncio.run(run(parser.parse_args().data))
