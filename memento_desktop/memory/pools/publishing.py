"""What this profile writes into a pool: publishing, new versions, withdrawing.

A record is signed and kept in the bank's outbox in one transaction; then it is appended to the file and leaves the outbox. A crash, a full
disk or a folder that is away at any moment between leaves it there, and the next publishing or sync brings the file in line.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.pools import content, folder
from memento_desktop.memory.pools.chain import Chain, read_author
from memento_desktop.memory.pools.folder import Pool
from memento_desktop.memory.pools.identity import Identities, Identity
from memento_desktop.memory.pools.record import START, Head, Type, read, written
from memento_desktop.memory.pools.redaction import Found, find, masked, masks, own_values
from memento_desktop.memory.pools.registry import Registry
from memento_desktop.memory.records import now

FACTS = 3000
"""The newest facts that are looked at for names and figures of the owner's."""
GONE = "Let the folder finish syncing, or put the file back from a copy. Until then nothing is published there."
FORKED = "Was this Memento copied to another machine? Two cannot write under one key: move {key} away on one, which then takes a new one."


@dataclass(frozen=True)
class Draft:
    """A memory as it would be published, and what was found in it."""

    memory_id: int
    content: Mapping[str, Any]
    found: tuple[Found, ...]

    def masked(self, chosen: Sequence[Found]) -> Draft:
        """With these of the findings replaced."""
        places = masks(chosen)
        return Draft(self.memory_id, content.changed(dict(self.content), lambda text: masked(text, places)), self.found)


@dataclass(frozen=True)
class Published:
    """A memory that this profile published.

    `state` says what became of it here: same, changed, deleted, or forgotten (then its number is 0).
    """

    memory_id: int
    record: str
    title: str
    state: str
    at: str


class Publishing:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases, identities: Identities, registry: Registry) -> None:
        self.bank, self.memories, self.cases = bank, memories, cases
        self.identities, self.registry = identities, registry

    # drafts

    def drafts(self, numbers: Sequence[int], results: bool = False) -> list[Draft]:
        """Memories as they would be published, each once, and what in them may be private.

        Args:
            results: for cases, their answer and the results of their tools too.

        Raises:
            MementoError: one of them is not there, or not to be shared.
        """
        own = self._own()
        return [self._draft(number, results, own) for number in dict.fromkeys(numbers)]

    def _draft(self, number: int, results: bool, own: Collection[str]) -> Draft:
        memory = self.memories.get(number)
        case = self.cases.get(number) if memory.kind == "case" else None
        whole = content.content_of(memory, case, results)
        try:
            content.shown(whole)
        except ValueError as error:
            raise MementoError(f"Memory {number} cannot be shared: {error}.", "Shorten it first.") from error
        return Draft(number, whole, tuple(find([text for _, text in content.texts(whole)], own)))

    def _own(self) -> set[str]:
        rows = self.bank.rows(
            "SELECT body FROM memory WHERE profile = ? AND pool = '' AND kind IN ('fact', 'preference') "
            "AND status IN ('active', 'archived') ORDER BY id DESC LIMIT ?",
            self.bank.profile, FACTS,
        )  # fmt: skip
        return own_values(row["body"] for row in rows)

    # records

    def publish(self, pool: Pool, drafts: Sequence[Draft], name: str = "") -> list[tuple[Draft, str]]:
        """Publishes exactly what these drafts hold. Returns each with "new", "changed", or "known" where it stands there already.

        Raises:
            MementoError: this profile has no name yet, or its own file was tampered with, or cannot be written.
        """
        who = self.identities.named(name)
        with self.bank.writing():
            head = self._head(pool, who)
            done: list[tuple[Draft, str]] = []
            for draft in drafts:
                head, what = self._publish(pool, who, head, draft)
                done.append((draft, what))
        self.flush(pool)
        return done

    def _publish(self, pool: Pool, who: Identity, head: Head, draft: Draft) -> tuple[Head, str]:
        digest = content.digest(draft.content)
        row = self._row(pool, draft.memory_id)
        if row and row["withdrawn_at"] is None and row["digest"] == digest:
            return head, "known"
        uid = row["record"] if row else secrets.token_hex(8)
        head = self._write(pool, who, head, "memory", uid, draft.content)
        memory = self.memories.get(draft.memory_id)
        self.bank.rows(
            "INSERT OR REPLACE INTO pool_published (profile, pool, memory_id, record, digest, content_hash, at) VALUES (?,?,?,?,?,?,?)",
            self.bank.profile, pool.id, draft.memory_id, uid, digest, memory.content_hash, now(),
        )  # fmt: skip
        return head, "changed" if row and row["withdrawn_at"] is None else "new"

    def withdraw(self, pool: Pool, record: str) -> None:
        """Takes a record back: it goes from every reader's bank at their next sync. In the file's past it still stands.

        Raises:
            MementoError: this profile's file was tampered with, or cannot be written.
        """
        who = self.identities.named("")
        with self.bank.writing():
            self._write(pool, who, self._head(pool, who), "withdraw", record, {})
            self.bank.rows(
                "UPDATE pool_published SET withdrawn_at = ?, digest = '', content_hash = '' WHERE profile = ? AND pool = ? AND record = ?",
                now(), self.bank.profile, pool.id, record,
            )  # fmt: skip
        self.flush(pool)

    def _row(self, pool: Pool, memory_id: int) -> Row | None:
        rows = self.bank.rows(
            "SELECT * FROM pool_published WHERE profile = ? AND pool = ? AND memory_id = ?", self.bank.profile, pool.id, memory_id
        )
        return rows[0] if rows else None

    def _head(self, pool: Pool, who: Identity) -> Head:
        """Where this author's own chain ends; one that does not exist yet is begun with the author's name.

        The file may hold more than the bank: the bank was put back from an older copy. Then the file is right.
        """
        known = self.registry.authors(pool).get(who.key)
        head = known.head if known and known.head.n else Head()
        self.flush(pool)
        chain = self._own_chain(pool, who)
        if chain.head.n < head.n:
            self._refuse_lost(pool, chain, head)
        head = chain.head
        if head.hash == START:
            return self._write(pool, who, head, "introduction", "", {"name": who.name})
        return head

    def _write(self, pool: Pool, who: Identity, head: Head, type_: Type, uid: str, body: Mapping[str, Any]) -> Head:
        at = now()
        line, head = written(who, pool.id, head, at, type_, uid, body)
        self.bank.rows(
            "INSERT INTO pool_outbox (profile, pool, n, at, line) VALUES (?,?,?,?,?)", self.bank.profile, pool.id, head.n, at, line
        )
        self.registry.reached(pool, who.key, who.name, head)
        return head

    # the file

    def flush(self, pool: Pool) -> int:
        """Brings this author's file in line with the outbox. Returns how many records were written.

        Raises:
            MementoError: the file cannot be written, or is not what was written there before.
        """
        who = self.identities.here()
        if who is None:
            return 0
        with self.bank.writing():  # one process at a time
            waiting = self._waiting(pool)
            if not waiting:
                return 0
            chain = self._own_chain(pool, who)
            lines = self._missing(pool, who, chain, waiting)
            if lines:
                month = max(chain.month, f"{waiting[-1]['at'][:7]}.jsonl")  # a clock that was put back starts no earlier file
                keep = chain.size if month == chain.month else 0
                folder.append(pool, chain.folder.name, month, keep, lines)
            self.bank.rows("DELETE FROM pool_outbox WHERE profile = ? AND pool = ?", self.bank.profile, pool.id)
            return len(lines)

    def _missing(self, pool: Pool, who: Identity, chain: Chain, waiting: Sequence[Row]) -> list[bytes]:
        """The lines of the outbox that the file does not hold yet."""
        hashes = {0: START} | {record.n: record.hash for record in chain.records}
        if waiting[0]["n"] > chain.head.n + 1:
            self._refuse_lost(pool, chain, Head(waiting[0]["n"] - 1))
        for row in waiting:
            record = read(row["line"], "the outbox")
            if hashes.setdefault(row["n"], record.hash) != record.hash or hashes[row["n"] - 1] != record.prev:
                raise MementoError(
                    f"Your own file in the pool “{pool.name}” ({chain.folder}) holds other records than you wrote.",
                    FORKED.format(key=self.identities.path),
                )
        return [row["line"] for row in waiting if row["n"] > chain.head.n]

    def _waiting(self, pool: Pool) -> list[Row]:
        return self.bank.rows("SELECT n, at, line FROM pool_outbox WHERE profile = ? AND pool = ? ORDER BY n", self.bank.profile, pool.id)

    def _own_chain(self, pool: Pool, who: Identity) -> Chain:
        """Of its own records the bank knows the last one, or the one before those that wait: up to there no signature needs a look."""
        known = self.registry.heads(pool)
        if waiting := self._waiting(pool):
            known = {who.key: Head(waiting[0]["n"] - 1, read(waiting[0]["line"], "the outbox").prev)}
        for place in folder.authors(pool):
            if folder.belongs(place, who.key):
                try:
                    return read_author(pool, place, known)
                except MementoError as error:
                    raise MementoError(
                        f"Your own file in the pool “{pool.name}” is not as you left it. {error.message}",
                        error.hint or FORKED.format(key=self.identities.path),
                    ) from error
        return Chain(pool.path / "authors" / folder.folder_of(who.key, who.name), ())

    def _refuse_lost(self, pool: Pool, chain: Chain, head: Head) -> None:
        lost = head.n - chain.head.n
        raise MementoError(
            f"Your own file in the pool “{pool.name}” ({chain.folder}) lost its last {lost} record{'s' if lost != 1 else ''}.", GONE
        )

    # what stands there

    def published(self, pool: Pool) -> list[Published]:
        """What this profile published and did not withdraw, the newest first, with what became of it here since."""
        rows = self.bank.rows(
            "SELECT p.*, m.title, m.status, m.content_hash AS now FROM pool_published p LEFT JOIN memory m ON m.id = p.memory_id "
            "WHERE p.profile = ? AND p.pool = ? AND withdrawn_at IS NULL ORDER BY p.at DESC, p.memory_id DESC",
            self.bank.profile, pool.id,
        )  # fmt: skip
        return [Published(row["memory_id"], row["record"], row["title"] or "", _state(row), row["at"]) for row in rows]

    def forgotten(self, pool: Pool) -> list[Published]:
        """What stands in this profile's file and is not noted in the bank: it was put back from an older copy.

        Raises:
            MementoError: the file is not what was written there.
        """
        who = self.identities.here()
        standing = self._own_chain(pool, who).standing() if who else {}
        noted = {one.record for one in self.published(pool)}
        return [
            Published(0, uid, title_of(next((text for _, text in content.texts(record.body)), "")), "forgotten", record.at)
            for uid, record in standing.items() if uid not in noted
        ]  # fmt: skip


def _state(row: Row) -> str:
    if row["title"] is None or row["status"] == "trashed":
        return "deleted"
    return "same" if row["now"] == row["content_hash"] else "changed"
