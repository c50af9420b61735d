"""Two homes share a pool through a folder, with writes interleaved a thousand times; then both at once, in two processes.

    python -m tests.bench.pools [--operations 1000] [--seed 1]

Each operation publishes, publishes anew, withdraws, syncs, or undoes a sync. At the end both must hold the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.memory.pools.homes import Home, acquaint, use


def interleaved(folder: Path, operations: int, seed: int) -> None:
    pool, random = folder / "pool", Random(seed)
    homes = [Home(folder / "a", "Ann"), Home(folder / "b", "Ben")]
    acquaint(pool, homes)
    done: dict[str, int] = {}
    began = time.perf_counter()
    for _ in range(operations):
        for what, count in use(random.choice(homes), pool, 1, random).items():
            done[what] = done.get(what, 0) + count
    _end(pool, homes, f"one process, {operations} operations ({_listed(done)})", time.perf_counter() - began)


def at_once(folder: Path, operations: int, seed: int) -> None:
    pool = folder / "pool"
    homes = [Home(folder / "a", "Ann"), Home(folder / "b", "Ben")]
    acquaint(pool, homes)
    for home in homes:
        home.close()
    began = time.perf_counter()
    words = [sys.executable, "-m", "tests.bench.pools", "--child", str(folder), "--operations", str(operations // 2)]
    children = [subprocess.Popen([*words, "--seed", str(seed + n), "--home", home]) for n, home in enumerate(("a:Ann", "b:Ben"))]
    codes = [child.wait() for child in children]
    if codes != [0, 0]:
        raise SystemExit(f"the children ended with {codes}")
    homes = [Home(folder / "a", "Ann"), Home(folder / "b", "Ben")]
    _end(pool, homes, f"two processes at once, {operations} operations", time.perf_counter() - began)


def _end(pool: Path, homes: list[Home], title: str, seconds: float) -> None:
    for home in homes:
        home.pools.sync(str(pool))
    one, other = (home.contents(pool) for home in homes)
    size = sum(file.stat().st_size for file in pool.rglob("*.jsonl"))
    print(f"{title}: {seconds:.1f} s, {size / 1e6:.1f} MB; both end with {len(one)} memories, equal: {one == other}")
    problems = [problem for home in homes for problem in home.bank.problems()]
    for home in homes:
        home.close()
    if one != other or problems:
        raise SystemExit(f"not equal: {len(one - other)} only here, {len(other - one)} only there; {problems}")


def _listed(done: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(done.items()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path)
    parser.add_argument("--home", default="")
    asked = parser.parse_args()
    if asked.child:
        place, name = asked.home.split(":")
        home = Home(asked.child / place, name)
        use(home, asked.child / "pool", asked.operations, Random(asked.seed))
        home.close()
        return
    for job in (interleaved, at_once):
        with tempfile.TemporaryDirectory() as folder:
            job(Path(folder), asked.operations, asked.seed)


if __name__ == "__main__":
    main()
