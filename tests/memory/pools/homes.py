"""Homes that share a pool, and random use of it: for the tests, and for the campaign in tests/bench/pools.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.pools.chain import read_author
from memento_desktop.memory.pools.folder import authors, belongs
from memento_desktop.memory.pools.pools import Pools


class Home:
    """One owner's bank with its pools."""

    def __init__(self, path: Path, name: str, profile: str = "default") -> None:
        self.name, self.path = name, path
        self.bank = Bank(path / "bank.sqlite", profile)
        self.memories = Memories(self.bank)
        self.cases = Cases(self.bank, self.memories)
        self.history = History(self.bank)
        self.pools = Pools(self.bank, self.memories, self.cases)

    def close(self) -> None:
        self.cases.liveness.close()
        self.bank.close()

    def share(self, pool: Path, *texts: str) -> list[int]:
        """Remembers facts and publishes them as they are."""
        numbers = [self.memories.keep(text).id for text in texts]
        self.pools.publish(str(pool), self.pools.drafts(numbers), self.name)
        return numbers

    def read(self) -> set[str]:
        """The texts of pools that are in use here."""
        return {memory.body for memory in self.memories.list(limit=10_000) if memory.pool}

    def contents(self, pool: Path) -> set[tuple[str, str]]:
        """The pool as it is seen from here: author and text, of what stands in the own file and of what was read."""
        rows = self.bank.rows(
            "SELECT p.author, m.body FROM memory m JOIN pool_memory p ON p.memory_id = m.id WHERE m.status = 'active' AND m.pool != ''"
        )
        return {(row["author"], row["body"]) for row in rows} | self.written(pool)

    def written(self, pool: Path) -> set[tuple[str, str]]:
        """Author and text of what stands in the own file."""
        me, opened = self.pools.me, self.pools.view(str(pool)).pool
        assert me is not None
        own = [place for place in authors(opened) if belongs(place, me.key)]
        return {(me.key, str(r.body["text"])) for place in own for r in read_author(opened, place, {}).standing().values()}


def acquaint(pool: Path, homes: Sequence[Home]) -> None:
    """Lets the first home make a pool, and all trust each other."""
    homes[0].pools.create(pool, "Team", homes[0].name)
    for home in homes[1:]:
        home.pools.join(pool)
    for home in homes:
        home.share(pool, f"{home.name} is here")
    for home in homes:
        for other in homes:
            if other is not home:
                home.pools.trust(str(pool), other.name)


def use(home: Home, pool: Path, count: int, random: Random) -> dict[str, int]:
    """Publishes, changes, withdraws, syncs and undoes at random, so often. Returns how often each was done."""
    done: dict[str, int] = {}
    for n in range(count):
        what = random.choices(("publish", "change", "withdraw", "sync", "undo"), (4, 2, 2, 4, 1))[0]
        published = home.pools.publishing.published(home.pools.view(str(pool)).pool)
        if what in ("change", "withdraw") and not published:
            what = "publish"
        if what == "publish":
            home.share(pool, *(f"{home.name} fact {n}-{k} {random.random()}" for k in range(random.randint(1, 3))))
        elif what == "change":
            one = random.choice(published)
            home.memories.edit(one.memory_id, f"{home.name} changed {n} {random.random()}")
            home.pools.publish(str(pool), home.pools.drafts([one.memory_id]))
        elif what == "withdraw":
            home.pools.withdraw(str(random.choice(published).memory_id))
        elif what == "sync":
            assert not [t for t in home.pools.sync(str(pool)).troubles if t.bad]
        else:
            what = _undo_sync(home)
        done[what] = done.get(what, 0) + 1
    return done


def _undo_sync(home: Home) -> str:
    syncs = [change.id for change in home.history.list(5) if change.actor == "pool" and not change.undone]
    try:
        if not syncs:
            return "nothing to undo"
        home.history.undo(syncs[0])
    except MementoError:
        return "undo refused"
    return "undo"
