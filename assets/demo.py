"""A made-up owner's bank, the same at every run: what the pictures of the README and of the tests show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.records import Source
from memento_desktop.memory.search import Search

TODAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FACTS = (
    "My locker code is 4471", "I live in Lyon", "Ruth's birthday is 3 May", "The spare key is in the shed", "Ruth likes green tea",
    "My bicycle is a Peugeot", "The boiler was serviced in March", "Tom lives in Leeds", "My doctor is Dr. Amsel", "I work at the library",
    "The rent is 850 EUR", "My sister is called Ann", "Ann works at the harbour", "The car's tyres were changed in October",
    "My passport expires in June 2031", "The garden hose is in the cellar",
)  # fmt: skip
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")


def _vector(text: str, size: int = 384) -> bytes:
    """A vector of unit length that is near those of texts with the same words."""
    sum_of = np.zeros(size, dtype=np.float64)
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.sha256(word.strip(".,?'").encode()).digest()[:8], "little")
        sum_of += np.random.default_rng(seed).standard_normal(size)
    return (sum_of / max(1e-9, float(np.linalg.norm(sum_of)))).astype("<f4").tobytes()


class Demo:
    """Fills a bank. Times are set at the end, so that nothing depends on when it was made."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.memories = Memories(bank)
        self.cases = Cases(bank, self.memories)
        self.search = Search(bank)
        self.reading = Reading(bank, self.memories, self.cases, self.search)
        self.lessons = Lessons(bank, self.memories, self.cases, self.search)
        self.curator = Curator(bank, self.memories, self.search)
        self.talks = Conversations(bank)
        self.session = 0

    def fill(self) -> None:
        r = Random(7)
        self.session = self.talks.begin("Trips, keys and Ruth's birthday")
        for fact in FACTS:
            said = self.talks.add(self.session, "user", f"Remember that {fact[0].lower()}{fact[1:]}")
            self.curator.remember(fact, source=Source(f"message:{said}", f"Remember that {fact[0].lower()}{fact[1:]}"))
            self.talks.add(self.session, "assistant", f"Remembered: {fact}")
        self.curator.remember("My locker code is 9912")
        self.memories.keep("Answer in metric units", kind="instruction")
        for n, month in enumerate(MONTHS):
            self._task(f"Total the km in trips_{month}.csv", f"total the km in trips_{month}.csv", n > 0, r)
            if n == 0:
                self.lessons.verdict(self.cases.last().id, 0.0, "leave out rows marked void")
        for file in ("invoice_acme.pdf", "invoice_volt.pdf", "invoice_mara.pdf"):
            self._task(f"What is the total due in {file}?", f"find the total due in {file}", True, r)
        self._task("What is 17% of 2340?", "calculate 17% of 2340", True, r)
        self._proposals()
        self._embed()
        self._date()

    def _task(self, task: str, step: str, good: bool, r: Random) -> None:
        case = self.cases.begin(task, "nano (built-in)")
        number = self.talks.begin(task) if r.random() < 0.3 else self.session
        self.talks.add(number, "user", task, case_id=case)
        read = self.reading.read(task, case, None, None, 0.4, 4, 6)
        plan = f"{step}; leave out rows marked void" if read.lessons and "trips" in task else step
        self.cases.planned(case, [plan])
        result = f"{r.randint(90, 900)}"
        args = {"path": task.split()[-1].rstrip("?")}
        self.cases.step(case, plan, "read_table" if "csv" in task else "read_document", args, result, True, 120)
        self.cases.finish(case, "done", result, "", 1200, 0.6, False)
        self.reading.credit(case)
        self.talks.add(number, "assistant", result, case_id=case)
        self.cases.verdict(case, 1.0 if good else 0.0)

    def _proposals(self) -> None:
        said = self.talks.add(self.session, "user", "By the way, Ann moved to Nantes and the gate code is 2040 now.")
        for text in ("Ann moved to Nantes", "The gate code is 2040"):
            one = self.memories.keep(text, origin="assistant", status="proposed", actor="assistant")
            with self.bank.change("assistant", f"propose: {text}") as change:
                change.touch(one.id)
                self.memories.add_source(one.id, Source(f"message:{said}", text))

    def _embed(self) -> None:
        embeddings = Embeddings(self.bank)
        number = embeddings.register("demo", "0" * 64, 384)
        while waiting := embeddings.waiting(number):
            embeddings.store(number, [(one, _vector(one.text)) for one in waiting])

    def _date(self) -> None:
        """Every row its moment, by its number."""
        with self.bank.writing():
            for table, column, step in (("memory", "recorded_at", 3), ("txn", "at", 1), ("retrieval", "at", 5), ("message", "at", 1)):
                rows = [row["id"] for row in self.bank.rows(f"SELECT id FROM {table} ORDER BY id")]
                for n, number in enumerate(rows):
                    self.bank.rows(f"UPDATE {table} SET {column} = ? WHERE id = ?", _at(len(rows) - n, step, len(rows)), number)
            self.bank.rows("UPDATE session SET started_at = ?", _at(3, 24, 3))
            self.bank.rows("UPDATE memory SET valid_to = ? WHERE valid_to IS NOT NULL", _at(1, 24, 9))
            self.bank.rows("UPDATE memory SET valid_from = ? WHERE valid_from IS NOT NULL", _at(1, 24, 9))
            for row in self.bank.rows("SELECT txn_id, memory_id, before, after FROM revision"):
                after, before = (self._as_it_is(row["memory_id"], row[side]) for side in ("after", "before"))
                key = (row["txn_id"], row["memory_id"])
                self.bank.rows("UPDATE revision SET before = ?, after = ? WHERE txn_id = ? AND memory_id = ?", before, after, *key)

    def _as_it_is(self, memory_id: int, state: str | None) -> str | None:
        """A kept state with the times that its memory has now, so that it can still be undone."""
        if state is None:
            return None
        kept = json.loads(state)
        now = self.bank.one("SELECT recorded_at, valid_from, valid_to FROM memory WHERE id = ?", memory_id)
        for column in ("recorded_at", "valid_from", "valid_to"):
            if kept["memory"][column] is not None:
                kept["memory"][column] = now[column]
        return json.dumps(kept)


def _at(back: int, step: int, most: int) -> str:
    """A moment before `TODAY`: the newer, the nearer, and most of them in the last weeks."""
    return (TODAY - timedelta(hours=back * step + (back * back * 40) // max(1, most))).isoformat(timespec="microseconds")


def fill(paths: Paths, profiles: Sequence[str] = ("default",)) -> None:
    """Makes the bank of a home."""
    paths.make()
    for profile in profiles:
        bank = Bank(paths.bank, profile)
        try:
            Demo(bank).fill()
        finally:
            bank.close()
