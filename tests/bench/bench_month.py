"""Months of made-up owners, by seed and wording: what stands twice, what is stale, what was missed.

python -m tests.bench.bench_month 5
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from memento_desktop.memory.bank import Bank
from tests.month_lived import Counts, Life
from tests.month_made import Wording, month

COLUMNS = ("duplicates", "stale", "missing", "wrong_now", "wrong_past", "untraced", "junk", "missed", "back", "vain")


def lived(seed: int, wording: Wording) -> Counts:
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "bank.sqlite")
        bank.rows("PRAGMA synchronous=OFF")
        try:
            return Life(bank, month(seed, wording=wording)).live()
        finally:
            bank.close()


def main(seeds: int) -> None:
    kinds: tuple[Wording, ...] = ("usual", "other", "fresh")
    print("wording seed memories  asked  past  " + "  ".join(COLUMNS) + "  questions a day, most")
    for wording in kinds:
        for seed in range(1, seeds + 1):
            found = lived(seed, wording)
            figures = "  ".join(f"{len(getattr(found, name)):>{len(name)}}" for name in COLUMNS)
            print(f"{wording:<7} {seed:>4} {found.memories:>8} {found.asked:>6} {found.asked_past:>5}  {figures}"
                  f"  {sum(found.questions) / len(found.questions):.1f} {max(found.questions)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
