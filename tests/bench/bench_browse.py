"""Latency of the browser at 100k memories: a page of 60 rows and the count, as somebody types, for words, plain fields and usage.

python -m tests.bench.bench_browse --sizes 10000 100000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.browser import Browser
from memento_desktop.memory.browsing.query import parse
from memento_desktop.memory.memories import Memories
from tests.bench.bench_search import SYLLABLES, percentile, sentence

PLAIN = (
    "", "kind:case", "kind:fact,document", "reward<0.5", "kind:case reward>=0.9", "added:7d", "added:2026-05", "origin:web",
    "status:archived", "is:pinned", "-kind:case", "outcome:failed", "kind:case reward<0.5 added:1y origin:assistant", "status:trashed",
)  # fmt: skip
USAGE = (
    "used:0",
    "used>3",
    "helped>0",
    "harmed:1..3",
    "is:leech",
    "used-last:30d",
    "kind:case used:0 reward<0.5",
    "sort:helped",
    "sort:read",
)
SORTED = ("sort:title", "sort:kind", "sort:reward", "kind:case sort:title", "changed:7d")
WORDS = 20_000
clock = time.perf_counter


def fill(bank: Bank, size: int, r: Random, words: list[str], other: float = 0.1) -> None:
    """A bank of cases, facts and passages, a share `other` of them not in use; one reading for each case, with four hits each."""
    memories, start = Memories(bank), datetime(2025, 1, 1, tzinfo=UTC)
    statuses = ("archived", "superseded", "trashed", "proposed")
    for first in range(0, size, 5000):
        with bank.writing():
            for _ in range(min(5000, size - first)):
                kind = r.choices(("case", "fact", "document", "lesson"), (50, 35, 10, 5))[0]
                title = sentence(r, words)
                body = title if kind != "document" else " ".join(sentence(r, words) for _ in range(12))
                status = r.choice(statuses) if r.random() < other else "active"
                origin = r.choices(("user", "assistant", "web", "import"), (50, 40, 5, 5))[0]
                number = memories.insert(kind, title, body, status, origin)
                at = start + timedelta(minutes=r.randrange(60 * 24 * 500))
                bank.db.execute(
                    "UPDATE memory SET recorded_at = ?, pinned = ? WHERE id = ?",
                    (at.isoformat(timespec="microseconds"), int(r.random() < 0.002), number),
                )
                if kind == "case":
                    bank.db.execute(
                        "INSERT INTO case_detail (memory_id, task, plan, outcome, answer, reward, reward_source, model) "
                        "VALUES (?,?,?,?,?,?,?,?)",
                        (number, title, json.dumps([sentence(r, words)] * 3), r.choice(("done", "done", "done", "failed")),
                         sentence(r, words) * 3, r.choice((None, 0.0, 0.4, 0.8, 1.0)), "owner", "nano"),
                    )  # fmt: skip
    with bank.writing():
        cases = [row["memory_id"] for row in bank.rows("SELECT memory_id FROM case_detail")]
        for case in cases:
            at = (start + timedelta(minutes=r.randrange(60 * 24 * 500))).isoformat(timespec="microseconds")
            sql = "INSERT INTO retrieval (task_case, query, policy, at) VALUES (?,'q','similarity',?) RETURNING id"
            (number,) = next(iter(bank.db.execute(sql, (case, at))))
            for hit in {1 + int(size * r.random() ** 3) for _ in range(4)}:
                bank.db.execute(
                    "INSERT OR IGNORE INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown, followed) "
                    "VALUES (?,?,1,1,?,?)",
                    (number, min(hit, size), int(r.random() < 0.7), r.random()),
                )


def typed(r: Random, words: list[str]) -> list[str]:
    """What stands in the prompt at each keystroke of one or two words, common and rare ones."""
    whole = " ".join(words[min(int(20 * r.paretovariate(0.6)) - 20, len(words) - 1)] for _ in range(r.randint(1, 2)))
    return [whole[:n] for n in range(1, len(whole) + 1) if whole[n - 1] != " "]


def timed(browser: Browser, query: str) -> float:
    """Seconds for the count and the first page; what was found before is forgotten."""
    browser._results.clear()
    began = clock()
    wanted = parse(query)
    browser.count(wanted)
    browser.page(wanted, 0, 60)
    return clock() - began


def told(name: str, times: list[float]) -> None:
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    print(f"  {name:<50} n {len(times):>4}  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  worst {max(times) * 1e3:6.1f} ms", flush=True)


def measure(bank: Bank, size: int, words: list[str], each: bool) -> None:
    r, memories = Random(7), Memories(bank)
    print(f"{size} memories, {bank.path.stat().st_size / 1e6:.0f} MB")
    browser = Browser(bank, memories)
    told("the first frame", [timed(browser, "")])
    began = clock()
    browser.warm()
    told("reading what searching needs, once", [clock() - began])
    keys = [query for _ in range(40) for query in typed(r, words)]
    told("as somebody types", [timed(browser, query) for query in keys])
    for n in (1, 2, 3):
        told(f"  of these, the first {n} letters", [timed(browser, query) for query in sorted({q for q in keys if len(q) == n})])
    for name, queries in (("plain fields", PLAIN), ("usage, the log read anew", USAGE), ("sorted, changed", SORTED)):
        if name.startswith("usage"):
            told(name, [anew(browser, query) for query in queries for _ in range(4)])
        told(name.split(",")[0], [timed(browser, query) for query in queries for _ in range(4)])
        for query in queries if each else ():
            told(f"    {query}", [timed(browser, query) for _ in range(4)])
    changed: list[float] = []
    for n in range(20):
        memories.keep(f"new {n}")
        changed.append(timed(browser, "kind:fact new"))
    told("after each change", changed)
    began = clock()
    last = browser.ids(parse(""))[-1]
    told("all numbers", [clock() - began])
    began = clock()
    browser.position(parse(""), last)
    told("the place of the last", [clock() - began])


def anew(browser: Browser, query: str) -> float:
    assert browser._finding is not None
    browser._finding._usage = None
    return timed(browser, query)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--other", type=float, default=0.1, help="share of memories that are not in use")
    parser.add_argument("--each", action="store_true", help="one line for each query")
    parser.add_argument("--keep", type=Path, help="a folder to keep the banks in")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of time: for a machine that others use as well")
    options = parser.parse_args()
    if options.cpu:
        global clock
        clock = time.process_time
    for size in options.sizes:
        r = Random(size)
        words = ["".join(r.choice(SYLLABLES) for _ in range(3)) for _ in range(WORDS)]
        with tempfile.TemporaryDirectory() as folder:
            path = (options.keep or Path(folder)) / f"bank{size}-{options.other}.sqlite"
            there = path.exists()
            bank = Bank(path)
            if not there:
                fill(bank, size, r, words, options.other)
            measure(bank, size, words, options.each)
            bank.close()


if __name__ == "__main__":
    main()
