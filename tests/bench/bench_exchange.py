"""Import of 10,000 memories, its undo, and export: `python -m tests.bench.bench_exchange [N]`. Prints seconds; undo must leave nothing."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange.exporting import Exporter
from memento_desktop.memory.exchange.importing import Importer, Landed
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories

TABLES = ("memory", "case_detail", "step", "source", "link", "session", "message", "embedding")


def timed(what: str, call: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = call()
    print(f"{what:<44} {time.perf_counter() - start:7.2f} s")
    return result


def state(bank: Bank) -> dict[str, Any]:
    return {table: bank.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES} | {
        "text": bank.rows("SELECT rowid, * FROM memory_text ORDER BY rowid"),
        "said": bank.rows("SELECT rowid, * FROM message_text ORDER BY rowid"),
    }


def main(count: int) -> None:
    random = Random(1)
    words = [f"word{n}" for n in range(5000)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bank = Bank(folder / "bank.sqlite")
        memories = Memories(bank)
        for n in range(200):
            memories.keep(f"My locker {n} opens with {random.randrange(10**6)}.")
        importer = Importer(bank, memories, Conversations(bank))
        told = [{"id": str(n), "memory": " ".join(random.choices(words, k=18)), "created_at": "2025-05-03T14:00:00Z"} for n in range(count)]
        (folder / "mem0.json").write_text(json.dumps({"results": told}), encoding="utf-8")

        def spoken(n: int, m: int) -> dict[str, Any]:
            return {"uuid": f"{n}/{m}", "sender": ("human", "assistant")[m % 2], "text": " ".join(random.choices(words, k=40))}

        chats = [
            {"uuid": str(n), "name": f"talk {n}", "created_at": "2025-05-03T14:00:00Z", "chat_messages": [spoken(n, m) for m in range(20)]}
            for n in range(count // 20)
        ]
        (folder / "conversations.json").write_text(json.dumps(chats), encoding="utf-8")
        before = state(bank)
        timed(f"dry run of {count:,} memories", lambda: importer.run(folder / "mem0.json", dry_run=True))
        assert state(bank) == before
        both: tuple[Landed, Landed] = ("proposed", "active")
        for status in both:
            timed(f"import of {count:,} memories as {status}", lambda status=status: importer.run(folder / "mem0.json", landed=status))
            timed("undo", History(bank).undo)
            assert state(bank) == before
        done = timed(f"import of {count:,} messages", lambda: importer.run(folder / "conversations.json"))
        assert done.messages == count // 20 * 20
        timed("undo", History(bank).undo)
        assert state(bank) == before
        importer.run(folder / "mem0.json")
        for target in ("all.jsonl", "all"):
            timed(f"export to {target}", lambda: Exporter(bank).write(folder / target))  # noqa: B023
            other = Bank(folder / f"{target}.sqlite")
            back = Importer(other, Memories(other), Conversations(other))
            done = timed("and back into an empty bank", lambda: back.run(folder / target, as_it_was=True))  # noqa: B023
            assert done.count == count + 200
            other.close()
        bank.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
