"""500 kills: a child writes to a bank in every way there is, and dies at a random moment; what it was told to be kept must be there.

    python -m tests.bench.kills --rounds 500

The child says on its pipe what it is about to do, and what the bank holds once the call returned. It is killed in one of two ways: by its
parent at a random time, or by itself in the middle of a write, sync or removal of a file, which then is half done (`Mortal`, a layer under
SQLite). After each death the bank is opened as the next start would. Then:

- everything that was acknowledged is there, as it was acknowledged; of the one call that was under way, all or nothing
- the next start needs no help, and ends the tasks that were left running
- `memory.durability.check` finds nothing
- every copy under a good name in the backups folder is good

A kill of a process is not a power cut: what the system has taken is not lost. `synchronous=FULL` is for that, and is not tested here.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import IO, Any

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.check import Check
from memento_desktop.memory.durability.copying import examine
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.schema import MIGRATIONS
from tests.bench.kills_child import KILL, State, dump

LIVES = 10
"""Rounds that one home lasts. Every second begins as a bank of the first version, and dies while it is brought up to date."""
MIGRATION = 150
"""About as many changes of files as that takes, with the copy before it."""


class Campaign:
    """Home after home, round after round; the first thing that is not as promised ends it with an AssertionError."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.deaths: Counter[str] = Counter()
        self.acknowledged = self.survived = 0

    def run(self, rounds: int, timed: bool = True, ops: int = 200, told: Callable[[str], None] = lambda text: None) -> None:
        for n in range(rounds):
            self.run_one(n, timed, ops)
            told(f"round {n + 1}: {self.last_op or 'between calls'}")

    def run_one(self, n: int, timed: bool = False, ops: int = 200) -> None:
        """`timed`: every second kill comes from the parent, after a random time; else all come from within a write."""
        if n % LIVES == 0:
            home = self.folder / f"home-{n // LIVES}"
            self.path, self.expected, self.copies = home / "bank.sqlite", State(), set[str]()
            if (n // LIVES) % 2:
                self._old_bank()
        random = Random(f"{self.seed} {n}")
        migrating = n % LIVES == 0 and (n // LIVES) % 2
        lives = (
            random.randrange(1, MIGRATION)
            if migrating
            else 0
            if timed and n % 2
            else random.choice((1, -1, -1, -1)) * round(2 ** random.uniform(0, 11.5))
        )
        self._round(n, random, lives, ops)
        if n % LIVES == LIVES - 1:
            shutil.rmtree(self.path.parent)

    def _old_bank(self) -> None:
        """A bank of the first version, with something in it."""
        self.path.parent.mkdir(parents=True)
        db = apsw.Connection(str(self.path))
        db.execute("CREATE TABLE migration (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT")
        MIGRATIONS[0][1](db)
        db.execute("INSERT INTO migration VALUES (?, 'then')", (MIGRATIONS[0][0],))
        for n in range(1, 200):
            db.execute(
                "INSERT INTO memory (id, kind, title, body, status, origin, recorded_at, content_hash) "
                "VALUES (?,'fact',?,?,'active','user',?,?)",
                (n, f"old {n}", f"old {n}", "2026-01-01T00:00:00+00:00", f"{n}"),
            )
            db.execute("INSERT INTO memory_text (rowid, title, body) VALUES (?,?,'')", (n, f"old {n}"))
            self.expected[f"memory {n}"] = f"active 0 old {n}"
        db.close()

    def _round(self, n: int, random: Random, lives: int, ops: int) -> None:
        command = [sys.executable, "-m", "tests.bench.kills_child", str(self.path), f"{self.seed * 100_003 + n}", str(lives), str(ops)]
        errors = self.folder / "errors.txt"
        with errors.open("w") as stderr:
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=Path(__file__).parents[2])
            assert child.stdout is not None
            with child.stdout as pipe:
                said = "" if lives else self._killed(child, pipe, random)
                said += pipe.read()
            code = child.wait()
        assert code in (0, -KILL, KILL, 1 if os.name == "nt" else 0), f"round {n}: the child failed ({code}): {errors.read_text()}"
        self.survived += code == 0
        lines = [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]
        self.in_flight: dict[str, Any] | None = None
        for line in lines:
            self._heard(line)
        self.last_op = self.in_flight["op"] if self.in_flight else ""
        self.deaths[self.last_op or ("not at all" if code == 0 else "between calls")] += 1
        self._look(f"seed {self.seed} round {n}, killed in “{self.last_op}”")

    @staticmethod
    def _killed(child: subprocess.Popen[str], pipe: IO[str], random: Random) -> str:
        """Kills a child a moment after it said some lines. Returns them."""
        said = ""
        for _ in range(round(2 ** random.uniform(0, 8)) - 1):
            said += pipe.readline()
        time.sleep(random.expovariate(100))
        child.kill()
        return said

    def _heard(self, line: dict[str, Any]) -> None:
        if "op" in line:
            self.in_flight = line
            return
        self.acknowledged += 1
        if self.in_flight and self.in_flight["op"] == "open":
            self._compare(line["ok"], {"op": "open"}, "the next start")
        for name, value in line["ok"].items():
            if value is None:
                self.expected.pop(name, None)
            else:
                self.expected[name] = value
        self.in_flight = None
        self.copies |= {line["backup"]} if "backup" in line else set()
        self.copies -= {line.get("no backup", "")}

    def _look(self, where: str) -> None:
        """What the next start finds."""
        backups = Backups(self.path)
        for copy in backups.copies():
            if copy.kind != "set-aside":
                examine(copy.path, thorough=True)
        there = {copy.path.name for copy in backups.copies()}
        doomed = self.in_flight is not None and self.in_flight["op"] == "delete backup"
        assert len(self.copies - there) <= doomed, f"{where}: acknowledged backups are gone: {self.copies - there}"
        self.copies &= there
        bank = Bank(self.path)
        try:
            now = dump(bank)
            self._compare(now, self.in_flight, where)
            cases = Cases(bank, Memories(bank))
            cases.recover()
            found = Check(bank).run()
            assert found == [], f"{where}: {found}"
            assert bank.problems() == [], where
            self.expected = dump(bank)
        finally:
            bank.close()

    def _compare(self, now: State, under_way: dict[str, Any] | None, where: str) -> None:
        names = {name for name in now.keys() | self.expected.keys() if now.get(name) != self.expected.get(name)}
        if not names:
            return
        assert under_way is not None, f"{where}: changed, though nothing was under way: {sorted(names)[:9]}"
        if under_way["op"] == "restore":
            then = self._of_copy(under_way["copy"])
            assert now == then, f"{where}: neither the old nor the new bank"
            return
        if under_way["op"] == "open":  # tasks that were left running are ended
            wrong = {name for name in names if not _ended(self.expected.get(name), now.get(name), name)}
            assert not wrong, f"{where}: {sorted(wrong)[:9]}"
            return
        ids = set(under_way["ids"])
        fresh = {name for name in names if name not in self.expected and int(name.split()[1]) not in ids}
        vectors = {name for name in names if name.startswith("vector")} if under_way.get("vectors") else set[str]()
        assert len(fresh - vectors) in (0, under_way["new"]), f"{where}: half of it is there: {sorted(fresh)[:9]}"
        wrong = {name for name in names - fresh - vectors if int(name.split()[1]) not in ids or name.startswith("message")}
        assert not wrong, f"{where}: not meant to change: {sorted(wrong)[:9]}"
        memories = {int(name.split()[1]) for name in names if name.startswith("memory")}
        if len(ids) > 2 and under_way["op"] in ("undo", "redo"):
            assert memories in (set[int](), ids), f"{where}: half undone"
        if under_way["op"] == "embed":
            assert len(vectors) in (0, under_way["new"]), f"{where}: half embedded"

    def _of_copy(self, name: str) -> State:
        copy = shutil.copy(self.path.parent / "backups" / name, self.folder / "copy.sqlite")
        bank = Bank(Path(copy))
        try:
            return dump(bank)
        finally:
            bank.close()


def _ended(before: str | None, now: str | None, name: str) -> bool:
    """Whether a difference is that of a task that was left running and is ended by the next start."""
    if before is None or now is None:
        return False
    return before.startswith("running") and now.startswith("interrupted") if name.startswith("case") else now.startswith("archived")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), asked.seed)
        campaign.run(asked.rounds, told=lambda text: print(text, flush=True))
    print(f"seed {asked.seed}: {asked.rounds} rounds in {time.monotonic() - began:.0f} s, {asked.rounds - campaign.survived} killed")
    print(f"{campaign.acknowledged} acknowledged calls, all there; every check clean; every start without help; every copy good")
    for op, count in campaign.deaths.most_common():
        print(f"{count:>5}  {op}")


if __name__ == "__main__":
    main()
