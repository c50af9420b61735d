"""Pools as their owner uses them: create, join, trust, publish, withdraw, sync, leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.pools import folder
from memento_desktop.memory.pools.chain import Chain
from memento_desktop.memory.pools.folder import Pool
from memento_desktop.memory.pools.identity import Identities, Identity
from memento_desktop.memory.pools.publishing import Draft, Published, Publishing
from memento_desktop.memory.pools.registry import Member, Registry
from memento_desktop.memory.pools.subscribing import Subscribing, Synced, match
from memento_desktop.memory.pools.trust import Belief, Trust
from memento_desktop.memory.records import now


@dataclass(frozen=True)
class Author:
    """Somebody who wrote into a pool. `state`: you, trusted, not trusted."""

    key: str
    name: str
    state: str
    memories: int
    """That stand in their file."""
    belief: Belief


@dataclass(frozen=True)
class View:
    """A pool as it is now: who writes there, what is wrong with a file, what this profile published."""

    pool: Pool
    authors: tuple[Author, ...]
    synced: Synced
    published: tuple[Published, ...]


class Pools:
    """The pools of the bank's profile; those of another profile are not there for it."""

    def __init__(self, bank: Bank, memories: Memories, cases: Cases) -> None:
        self.bank, self.memories = bank, memories
        self.identities = Identities(bank)
        self.registry = Registry(bank)
        self.trusting = Trust(bank)
        self.publishing = Publishing(bank, memories, cases, self.identities, self.registry)
        self.subscribing = Subscribing(bank, memories, self.registry, self.trusting)

    @property
    def me(self) -> Identity | None:
        """Who publishes here; None before the first publishing."""
        return self.identities.here()

    def members(self, left: bool = False) -> list[Member]:
        return self.registry.members(left)

    def create(self, path: Path, name: str, author: str = "") -> Pool:
        """A new pool, joined at once.

        Raises:
            MementoError: the folder is not empty or cannot be written, a name cannot be one or is another pool's here, or the author has
                another.
        """
        self.registry.free(name)
        if author:
            self.identities.check(author)
        pool = folder.create(path.expanduser(), name, now())
        if author:
            self.identities.named(author)
        self.registry.join(pool)
        return pool

    def join(self, path: Path, name: str = "") -> View:
        """Notes a pool as read here. Nothing of it is, until an author is trusted.

        Args:
            name: what it is called here, where its own name is another pool's already.

        Raises:
            MementoError: there is no pool, or it was changed; or another pool is called so here.
        """
        pool = folder.opened(path.expanduser())
        self.registry.join(pool, name)
        return self.view(str(pool.path))

    def view(self, which: str) -> View:
        """Who writes in a pool, what stands there of one's own, what is wrong. Changes nothing.

        Raises:
            MementoError: this profile did not join it, or its folder is not there.
        """
        member = self.registry.find(which)
        pool = self.registry.open(member)
        synced = Synced(pool)
        chains = self.subscribing.chains(pool, synced)
        known = self.registry.authors(pool)
        own = self._own_key()
        authors = [
            Author(
                chain.key, chain.name,
                "you" if chain.key == own else "trusted" if chain.key in known and known[chain.key].trusted_at else "not trusted",
                len(chain.standing()), self.trusting.of(chain.key),
            )
            for chain in chains
        ]  # fmt: skip
        published = self._published(member, records=any(chain.key == own for chain in chains))
        return View(pool, tuple(sorted(authors, key=lambda a: (a.name, a.key))), synced, tuple(published))

    def trust(self, which: str, author: str) -> tuple[str, str, Synced]:
        """Lets an author's memories in, and reads them. Returns their key, their name and what was read.

        Raises:
            MementoError: there is no such author, or several of that name.
        """
        pool = self._open(which)
        key, name = match(self._others(pool), {}, author)
        self.registry.trust(pool, key, name)
        return key, name, self.sync(which)

    def distrust(self, which: str, author: str) -> tuple[str, int]:
        """Removes an author's memories, as one change, and reads no more of them. Returns their name and how many went.

        Raises:
            MementoError: there is no such author, or several of that name.
        """
        pool = self.registry.find(which).pool
        known = {key: one for key, one in self.registry.authors(pool).items() if one.trusted_at}
        key, name = match([], known, author)
        with self.bank.change("owner", f"pool {pool.name}: no longer trust {name}") as change:
            before = self.held(pool)
            self.subscribing.remove(self.subscribing.of_author(pool, key), change)
            self.registry.distrust(pool, key)
            return name, before - self.held(pool)

    def _others(self, pool: Pool) -> list[Chain]:
        own = self._own_key()
        return [chain for chain in self.subscribing.chains(pool, Synced(pool)) if chain.key != own]

    def _own_key(self) -> str:
        me = self.me
        return me.key if me else ""

    def _open(self, which: str) -> Pool:
        return self.registry.open(self.registry.find(which))

    def sync(self, which: str) -> Synced:
        """Writes what waits, and reads what is new: one change of the history, if it changes anything.

        Raises:
            MementoError: this profile did not join the pool, or its folder is not there.
        """
        pool = self._open(which)
        trouble = ""
        try:
            self.publishing.flush(pool)
        except MementoError as error:
            trouble = str(error)
        synced = self.subscribing.sync(pool, self._own_key())
        if trouble:
            synced.say(trouble, bad=True)
        return synced

    def drafts(self, numbers: Sequence[int], results: bool = False) -> list[Draft]:
        """See `Publishing.drafts`."""
        return self.publishing.drafts(numbers, results)

    def publish(self, which: str, drafts: Sequence[Draft], author: str = "") -> list[tuple[Draft, str]]:
        """See `Publishing.publish`."""
        return self.publishing.publish(self._open(which), drafts, author)

    def withdraw(self, what: str, which: str = "") -> list[tuple[Pool, Published]]:
        """Takes back what was published of a memory (its number), or one record (its identifier), from a pool or from all.

        Raises:
            MementoError: nothing of the sort was published, or a folder cannot be written; what was taken back before stays so.
        """
        members = [self.registry.find(which)] if which else self.members()
        number = int(what) if what.isdecimal() and len(what) < 16 else None
        found = [
            (member, one) for member in members for one in self._published(member, records=number is None)
            if one.record == what or (one.memory_id == number and number)
        ]  # fmt: skip
        if not found:
            raise MementoError(f"“{what}” is not published.", "`memento pool show PATH` lists what you published.")
        for member, one in found:
            self.publishing.withdraw(self.registry.open(member), one.record)
        return [(member.pool, one) for member, one in found]

    def _published(self, member: Member, records: bool) -> list[Published]:
        """What this profile published; with `records` also what stands in its file and the bank knows no more."""
        known = self.publishing.published(member.pool)
        if records:
            told = {one.record for one in known}
            known += [one for one in self.publishing.forgotten(self.registry.open(member)) if one.record not in told]
        return known

    def leave(self, which: str, withdraw: bool = False) -> int:
        """Removes all memories of a pool, as one change that can be undone, and reads it no more. Returns how many were in use.

        Args:
            withdraw: takes back what this profile published there first. Otherwise it stays in the folder.

        Raises:
            MementoError: this profile did not join it; with `withdraw`, its folder cannot be written.
        """
        member = self.registry.find(which, left=True)
        for one in self.publishing.published(member.pool) if withdraw else []:
            self.publishing.withdraw(self.registry.open(member), one.record)
        with self.bank.change("owner", f"pool {member.pool.name}: leave") as change:
            count = self.held(member.pool)
            self.subscribing.remove(self.subscribing.of_pool(member.pool), change)
            self.registry.left(member.pool)
        return count

    def held(self, pool: Pool) -> int:
        """How many memories of a pool are in use here."""
        sql = "SELECT count(*) AS n FROM memory WHERE pool = ? AND profile = ? AND status = 'active'"
        return self.bank.one(sql, pool.id, self.bank.profile)["n"]

    def author_of(self, memory_id: int) -> str:
        """Whose memory it is, “Ruth in Team”; empty for the owner's own."""
        rows = self.bank.rows(
            "SELECT a.name AS author, q.name AS pool FROM memory m JOIN pool_memory p ON p.memory_id = m.id "
            "JOIN pool_author a ON a.profile = m.profile AND a.pool = m.pool AND a.key = p.author "
            "JOIN pool q ON q.profile = m.profile AND q.id = m.pool WHERE m.id = ? AND m.profile = ?",
            memory_id, self.bank.profile,
        )  # fmt: skip
        return f"{rows[0]['author']} in {rows[0]['pool']}" if rows else ""
