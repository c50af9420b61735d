"""The child of `tests.bench.kills`: writes to a bank in every way there is, saying what it does, until it is killed or kills itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import apsw

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.exchange.importing import Importer
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories

State = dict[str, str]
IMPORTED = 150
COPIES = 4
VECTOR = struct.pack("4f", 1, 0, 0, 0)
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def dump(bank: Bank) -> State:
    """All that must not be lost, and the vectors, by name."""
    state: State = {}
    for row in bank.rows("SELECT id, body, status, user_edited FROM memory"):
        state[f"memory {row['id']}"] = f"{row['status']} {row['user_edited']} {row['body']}"
    for row in bank.rows(
        "SELECT memory_id, outcome, answer, (SELECT count(*) FROM step WHERE case_id = memory_id) AS steps FROM case_detail"
    ):
        state[f"case {row['memory_id']}"] = f"{row['outcome']} {row['steps']} {row['answer']}"
    for row in bank.rows("SELECT id, session_id, text FROM message"):
        state[f"message {row['id']}"] = f"{row['session_id']} {row['text']}"
    for row in bank.rows("SELECT memory_id, embedder_id, count(*) AS n FROM embedding GROUP BY 1, 2"):
        state[f"vector {row['memory_id']} {row['embedder_id']}"] = str(row["n"])
    return state


class Mortal(apsw.VFS):
    """A layer under SQLite that ends the process at its nth change of a file, in the middle of it."""

    def __init__(self, lives: int) -> None:
        self.lives, self.base = lives, apsw.vfs_names()[0]
        super().__init__("mortal", self.base, makedefault=True)

    def spend(self) -> bool:
        self.lives -= 1
        return self.lives == 0

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        return MortalFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        if self.spend():
            os.kill(os.getpid(), KILL)
        super().xDelete(filename, syncdir)


class MortalFile(apsw.VFSFile):
    def __init__(self, mortal: Mortal, name: Any, flags: list[int]) -> None:
        super().__init__(mortal.base, name, flags)
        self.mortal = mortal

    def xWrite(self, data: bytes, offset: int) -> None:
        if self.mortal.spend():
            super().xWrite(data[: len(data) // 2], offset)
            os.kill(os.getpid(), KILL)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if self.mortal.spend():
            os.kill(os.getpid(), KILL)
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:
        if self.mortal.spend():
            os.kill(os.getpid(), KILL)
        super().xTruncate(newsize)


class Child:
    """One life: opens the bank, writes until it is killed."""

    def __init__(self, path: Path, random: Random, ops: int) -> None:
        self.path, self.random, self.ops = path, random, ops
        self.backups = Backups(path)
        self.say({"op": "open"})
        self.open()
        self.known = dump(self.bank)
        self.say({"ok": self.known})

    @staticmethod
    def say(line: dict[str, Any]) -> None:
        print(json.dumps(line), flush=True)

    def open(self) -> None:
        self.bank = Bank(self.path)
        self.memories = Memories(self.bank)
        self.cases = Cases(self.bank, self.memories)
        self.talk = Conversations(self.bank)
        self.vectors = Embeddings(self.bank)
        self.history = History(self.bank)
        self.cases.recover()

    def doing(self, op: str, do: Callable[[], Any], *ids: int, new: int = 0, **more: Any) -> Any:
        """Announces a call, makes it, and acknowledges what the bank holds now."""
        self.say({"op": op, "ids": ids, "new": new, **more})
        result = do()
        now = dump(self.bank)
        changed = {name: now.get(name) for name in self.known.keys() | now.keys() if self.known.get(name) != now.get(name)}
        self.known = now
        self.say({"ok": changed})
        return result

    def run(self) -> None:
        weights = {
            self.remember: 6, self.ask: 3, self.edit: 3, self.trash: 2, self.undo: 3, self.redo: 1, self.speak: 3, self.import_: 1,
            self.embed: 3, self.change_embedder: 1, self.purge: 2, self.backup: 2, self.restore: 1, self.flush: 1,
        }  # fmt: skip
        for act in self.random.choices(list(weights), list(weights.values()), k=self.ops):
            act()

    def word(self) -> str:
        return "".join(self.random.choice("aeiou") + self.random.choice("bdklmnrst") for _ in range(4))

    def one(self) -> int | None:
        found = self.memories.list(limit=40)
        return self.random.choice(found).id if found else None

    def remember(self) -> None:
        text = f"The {self.word()} stands at {self.word()}. " + f"{self.word()} " * self.random.choice((2, 20, 400))
        self.doing("remember", lambda: self.memories.keep(text), new=1)

    def ask(self) -> None:
        case = self.doing("task begins", lambda: self.cases.begin(f"Total the {self.word()}", "toy"), new=2)
        for n in range(self.random.randrange(4)):
            self.doing("task goes on", lambda n=n: self.cases.step(case, "add", "calculate", {"n": n}, self.word() * 50, True, 1), case)
        self.doing("task ends", lambda: self.cases.finish(case, "done", self.word()), case)

    def edit(self) -> None:
        if (number := self.one()) is not None:
            self.doing("edit", lambda: self.memories.edit(number, f"Rather {self.word()}"), number)

    def trash(self) -> None:
        if (number := self.one()) is not None:
            self.doing("trash", lambda: self.memories.trash(number), number)

    def undo(self) -> None:
        self._history("undo", "undone_by IS NULL")

    def redo(self) -> None:
        self._history("redo", "undone_by IS NOT NULL")

    def _history(self, verb: str, condition: str) -> None:
        """The newest change that the history takes back."""
        sql = f"SELECT id FROM txn WHERE undoes IS NULL AND {condition} AND id IN (SELECT txn_id FROM revision) ORDER BY id DESC LIMIT 1"
        if rows := self.bank.rows(sql):
            number = rows[0]["id"]
            ids = [row["memory_id"] for row in self.bank.rows("SELECT memory_id FROM revision WHERE txn_id = ?", number)]
            with contextlib.suppress(Exception):  # a later change stands in the way: it says so, and nothing happens
                self.doing(verb, lambda: getattr(self.history, verb)(number), *ids)

    def speak(self) -> None:
        session = self.talk.current() or self.talk.begin(self.word())
        lines = [("user", f"Where is the {self.word()}?", None), ("assistant", f"At {self.word()}.", None)]
        self.doing("speak", lambda: self.talk.fill(session, lines), new=2)

    def import_(self) -> None:
        path = self.path.with_name("memories.json")
        path.write_text(json.dumps([{"memory": f"{self.word()} {n} " * 20} for n in range(IMPORTED)]))
        importer = Importer(self.bank, self.memories, self.talk)
        self.doing("import", lambda: importer.run(path, "mem0"), new=IMPORTED)

    def embed(self) -> None:
        number = self.vectors.current()
        number = self.vectors.register("toy 1", "1" * 64, 4) if number is None else number
        batch = self.vectors.waiting(number, 40)
        new = len({item.memory_id for item in batch})
        self.doing("embed", lambda: self.vectors.store(number, [(item, VECTOR) for item in batch]), new=new, vectors=True)

    def change_embedder(self) -> None:
        """Another embedder, everything embedded anew in batches, the old vectors dropped."""
        which = self.random.choice("123")
        number = self.doing("register", lambda: self.vectors.register(f"toy {which}", which * 64, 4), vectors=True)
        while batch := self.vectors.waiting(number, 64):
            new = len({item.memory_id for item in batch})
            self.doing("embed", lambda b=batch: self.vectors.store(number, [(item, VECTOR) for item in b]), new=new, vectors=True)
        self.doing("retire", lambda: self.vectors.retire_others(number), vectors=True)

    def purge(self) -> None:
        if (number := self.one()) is not None:
            drawn = self.memories.drawn_from(number)
            self.doing("purge", lambda: self.memories.purge(number), number, *drawn)

    def flush(self) -> None:
        self.doing("flush", self.bank.flush)

    def backup(self) -> None:
        for old in self.backups.copies()[COPIES:]:
            self.say({"op": "delete backup"})
            self.backups.delete(old.path)
            self.say({"ok": {}, "no backup": old.path.name})
        self.say({"op": "backup"})
        kept = self.backups.keep(self.random.choice(("manual", "daily")))
        self.say({"ok": {}, "backup": kept.name})

    def restore(self) -> None:
        copies = self.backups.copies()
        if not copies:
            return
        copy = self.random.choice(copies)
        self.cases.liveness.close()
        self.bank.close()
        self.say({"op": "restore", "copy": copy.path.name})
        self.backups.restore(copy.path)
        self.open()
        now = dump(self.bank)
        self.say({"ok": {name: now.get(name) for name in self.known.keys() | now.keys()}})
        self.known = now


def live(path: Path, seed: int, lives: int, ops: int) -> None:
    """`lives`: changes of a file until death, counted from the first acknowledgement when negative; 0 leaves the killing to the parent."""
    mortal = Mortal(max(lives, 0)) if lives else None
    child = Child(path, Random(seed), ops)
    if mortal is not None and lives < 0:
        mortal.lives = -lives
    child.run()
    sys.stdout.flush()
    os._exit(0)  # without taking apart what SQLite may still call


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
