"""Months of made-up owners, by seed and wording: what stands twice, what is stale, what was missed, and what it cost in questions.

python -m tests.bench.bench_month 5
python -m tests.bench.bench_month 5 --vectors
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from memento_desktop.indexing import Indexing
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import find_embedder
from memento_desktop.memory.bank import Bank
from tests.month_lived import Counts, Life
from tests.month_made import Wording, month

COLUMNS = ("duplicates", "stale", "missing", "wrong_now", "wrong_past", "untraced", "junk", "missed", "back", "vain")
WORDINGS: tuple[Wording, ...] = ("usual", "other", "fresh")


def lived(seed: int, wording: Wording, vectors: bool = False) -> Counts:
    """What is found at the end of a month; with `vectors`, what was said is embedded each night, so that the review compares by meaning."""
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "bank.sqlite")
        bank.rows("PRAGMA synchronous=OFF")
        try:
            if not vectors:
                return Life(bank, month(seed, wording=wording)).live()
            with asyncio.Runner() as runner:
                embedder = Embedder(find_embedder(None, Path(folder)), log=Path(folder) / "embedder.log")
                indexing = Indexing(bank, lambda: embedder, 60.0)

                async def night() -> None:
                    embedder.start()
                    await indexing.index(None, 60.0, said=False)

                def index() -> None:
                    runner.run(night())

                found = Life(bank, month(seed, wording=wording), index).live()
                runner.run(embedder.close())
                return found
        finally:
            bank.close()


def main(seeds: int, vectors: bool) -> None:
    print("wording seed memories  asked  past  " + "  ".join(COLUMNS) + "  questions a day, most")
    for wording in WORDINGS:
        for seed in range(1, seeds + 1):
            found = lived(seed, wording, vectors)
            figures = "  ".join(f"{len(getattr(found, name)):>{len(name)}}" for name in COLUMNS)
            print(f"{wording:<7} {seed:>4} {found.memories:>8} {found.asked:>6} {found.asked_past:>5}  {figures}"
                  f"  {sum(found.questions) / len(found.questions):.1f} {max(found.questions)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", type=int, nargs="?", default=3)
    parser.add_argument("--vectors", action="store_true")
    main(**vars(parser.parse_args()))
