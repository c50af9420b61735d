"""What the bank knows of pools: which are read by this profile, whose files in them are trusted, how far each was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.pools import folder
from memento_desktop.memory.pools.folder import Pool
from memento_desktop.memory.pools.identity import tidy_name
from memento_desktop.memory.pools.record import Head
from memento_desktop.memory.records import now


@dataclass(frozen=True)
class Member:
    """A pool that this profile joined."""

    pool: Pool
    joined_at: str
    synced_at: str | None
    left_at: str | None


@dataclass(frozen=True)
class Known:
    """An author of a pool as far as this bank knows them. `head` is of the last record that was read, or written here."""

    key: str
    name: str
    trusted_at: str | None
    head: Head


class Registry:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def members(self, left: bool = False) -> list[Member]:
        """The pools of this profile by name; with `left` those too that it left."""
        rows = self.bank.rows(
            "SELECT * FROM pool WHERE profile = ? AND (? OR left_at IS NULL) ORDER BY name, joined_at", self.bank.profile, int(left)
        )
        return [
            Member(Pool(Path(row["path"]), row["id"], row["name"]), row["joined_at"], row["synced_at"], row["left_at"]) for row in rows
        ]  # fmt: skip

    def find(self, which: str, left: bool = False) -> Member:
        """The pool that is called so, or stands at this path; with `left` also one that this profile left.

        Raises:
            MementoError: there is none, or several are called so.
        """
        members = sorted(self.members(left), key=lambda member: member.left_at or "")
        path = Path(which).expanduser().absolute()
        found = [m for m in members if m.pool.path == path] or [m for m in members if m.pool.name == which]
        if not found:
            names = ", ".join(f"“{m.pool.name}” ({m.pool.path})" for m in members)
            raise MementoError(f"You read no pool “{which}”.", f"You read: {names}." if names else "Join one: `memento pool join PATH`.")
        if len(found) > 1 and not found[0].left_at and found[1].left_at:
            return found[0]  # the other one is left
        if len(found) > 1:
            raise MementoError(f"Several pools are called “{which}”.", "Give the path: " + ", ".join(str(m.pool.path) for m in found))
        return found[0]

    def open(self, member: Member) -> Pool:
        """The pool's folder as it is now; a folder that moved keeps its identifier.

        Raises:
            MementoError: it is not there, or another pool stands in its place.
        """
        pool = folder.opened(member.pool.path)
        if pool.id != member.pool.id:
            raise MementoError(
                f"{member.pool.path} holds another pool than the one you joined.",
                "Nothing of it was read. Put the folder back, or leave the pool and join this one.",
            )
        return replace(pool, name=member.pool.name)

    def join(self, pool: Pool, name: str = "") -> Member:
        """Notes a pool as read by this profile; one that it knows already is noted with its path of today.

        Args:
            name: what it is called here; by default as before, or as its maker called it.

        Raises:
            MementoError: another pool is called so here.
        """
        known = next((member.pool.name for member in self.members(left=True) if member.pool.id == pool.id), pool.name)
        chosen = tidy_name(name, "a pool's name") if name else known
        self.free(chosen, pool.id)
        with self.bank.writing():
            self.bank.rows(
                "INSERT INTO pool (profile, id, path, name, joined_at) VALUES (?,?,?,?,?) "
                "ON CONFLICT (profile, id) DO UPDATE SET path = excluded.path, name = excluded.name, left_at = NULL",
                self.bank.profile, pool.id, str(pool.path), chosen, now(),
            )  # fmt: skip
        return self.find(str(pool.path))

    def free(self, name: str, but: str = "") -> None:
        """
        Raises:
            MementoError: a pool is called so here, another one than `but` (its identifier).
        """
        for member in self.members():
            if member.pool.name.casefold() == name.casefold() and member.pool.id != but:
                raise MementoError(
                    f"You read another pool that is called “{member.pool.name}”, in {member.pool.path}.",
                    "Give this one a name of its own here: add --name NAME.",
                )

    def left(self, pool: Pool) -> None:
        """For use inside a change. Whom the owner trusted is forgotten; where this profile itself stopped writing is not."""
        self.bank.rows("UPDATE pool SET left_at = ? WHERE profile = ? AND id = ?", now(), self.bank.profile, pool.id)
        self.bank.rows("UPDATE pool_author SET trusted_at = NULL WHERE profile = ? AND pool = ?", self.bank.profile, pool.id)

    def synced(self, pool: Pool) -> None:
        self.bank.rows("UPDATE pool SET synced_at = ? WHERE profile = ? AND id = ?", now(), self.bank.profile, pool.id)

    # authors

    def authors(self, pool: Pool) -> Mapping[str, Known]:
        """Key → author."""
        rows = self.bank.rows("SELECT * FROM pool_author WHERE profile = ? AND pool = ?", self.bank.profile, pool.id)
        return {row["key"]: Known(row["key"], row["name"], row["trusted_at"], Head(row["n"], row["hash"])) for row in rows}

    def heads(self, pool: Pool) -> Mapping[str, Head]:
        """Key → the last record read before, where any was."""
        return {key: known.head for key, known in self.authors(pool).items() if known.head.n}

    def trust(self, pool: Pool, key: str, name: str) -> None:
        with self.bank.writing():
            self.bank.rows(
                "INSERT INTO pool_author (profile, pool, key, name, trusted_at) VALUES (?,?,?,?,?) "
                "ON CONFLICT (profile, pool, key) DO UPDATE SET name = excluded.name, trusted_at = excluded.trusted_at",
                self.bank.profile, pool.id, key, name, now(),
            )  # fmt: skip

    def distrust(self, pool: Pool, key: str) -> None:
        self.bank.rows(
            "UPDATE pool_author SET trusted_at = NULL WHERE profile = ? AND pool = ? AND key = ?", self.bank.profile, pool.id, key
        )

    def reached(self, pool: Pool, key: str, name: str, head: Head) -> None:
        """Notes how far an author was read, or written here."""
        with self.bank.writing():
            self.bank.rows(
                "INSERT INTO pool_author (profile, pool, key, name, n, hash) VALUES (?,?,?,?,?,?) "
                "ON CONFLICT (profile, pool, key) DO UPDATE SET name = excluded.name, n = excluded.n, hash = excluded.hash",
                self.bank.profile, pool.id, key, name, head.n, head.hash,
            )  # fmt: skip
