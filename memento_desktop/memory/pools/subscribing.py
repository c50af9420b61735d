"""What this profile reads from a pool: each sync brings the bank in line with what the trusted authors' files hold, as one change.

Nothing is added up: what a sync does follows from the files and from the memories that are there. So after an undo the next sync does the
same again; what the owner put away stays away; leaving the pool is what ends it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Change, Row
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.pools import content, folder
from memento_desktop.memory.pools.chain import NEWER, Chain, glimpse, read_author
from memento_desktop.memory.pools.content import Shown
from memento_desktop.memory.pools.folder import Pool
from memento_desktop.memory.pools.identity import fingerprint, spelled
from memento_desktop.memory.pools.record import Head, Record
from memento_desktop.memory.pools.registry import Known, Registry
from memento_desktop.memory.pools.trust import Trust
from memento_desktop.memory.records import Source, Status, content_hash, now


@dataclass(frozen=True)
class Trouble:
    """Something about a pool's files that the owner should know. `bad` tells what was refused from what is merely said."""

    text: str
    bad: bool


@dataclass
class Synced:
    """What one sync did."""

    pool: Pool
    added: int = 0
    replaced: int = 0
    removed: int = 0
    known: int = 0
    """Not taken because the owner remembers the same already."""
    purged: int = 0
    """Not taken because the owner removed it for good."""
    strangers: list[Chain] = field(default_factory=list[Chain])
    """Authors that the owner did not trust yet: nothing of theirs was read."""
    troubles: list[Trouble] = field(default_factory=list[Trouble])

    @property
    def changed(self) -> int:
        return self.added + self.replaced + self.removed

    def say(self, text: str, bad: bool = False) -> None:
        if Trouble(text, bad) not in self.troubles:
            self.troubles.append(Trouble(text, bad))


@dataclass(frozen=True)
class _There:
    """A memory of the pool as the bank has it."""

    id: int
    status: Status
    record: str
    hash: str


class Subscribing:
    def __init__(self, bank: Bank, memories: Memories, registry: Registry, trust: Trust) -> None:
        self.bank, self.memories, self.registry, self.trust = bank, memories, registry, trust

    # reading the files

    def chains(self, pool: Pool, synced: Synced, trusted: bool = False) -> list[Chain]:
        """Every author's records, as far as they are whole and genuine; the rest is said in `synced`.

        Args:
            trusted: reads those of trusted authors alone; the others are noted as strangers, by their first record.

        Raises:
            MementoError: the folder cannot be read.
        """
        believed = [author.key for author in self.registry.authors(pool).values() if author.trusted_at]
        heads, places = self.registry.heads(pool), folder.authors(pool)
        found: dict[str, list[Chain]] = {}
        refused: list[Path] = []
        for place in places:
            if trusted and not any(folder.belongs(place, key) for key in believed):
                self._meet(pool, place, synced)
                continue
            try:
                chain = read_author(pool, place, heads)
            except MementoError as error:
                synced.say(f"Refused: {error.message} What was read before stays.", bad=True)
                refused.append(place)
                continue
            if chain.waiting:
                synced.say(f"Waiting: {chain.waiting}.")
            for stray in chain.strays:
                synced.say(f"Not read: {stray} is no file of the author's; a copy that a sync tool made of a conflict?")
            if chain.records:
                found.setdefault(chain.key, []).append(chain)
        for author in self.registry.authors(pool).values():
            named = any(folder.belongs(place, author.key) for place in refused)
            if author.trusted_at and author.head.n and author.key not in found and not named:
                synced.say(f"Lost: what {author.name} ({spelled(author.key)}) wrote is gone. What was read before stays.", bad=True)
        for doubled in (chains for chains in found.values() if len(chains) > 1):
            places_of = " and ".join(chain.folder.name for chain in doubled)
            synced.say(f"Refused: {places_of} are both of {_who(doubled[0])}. What was read before stays.", bad=True)
        return [chains[0] for chains in found.values() if len(chains) == 1]

    def _meet(self, pool: Pool, place: Path, synced: Synced) -> None:
        """Notes an author who is not read."""
        try:
            chain = glimpse(pool, place)
        except MementoError as error:
            synced.say(f"Ignored: {error.message} Nobody whom you trust writes there.")
        else:
            synced.strangers += [chain] if chain.records else []

    # one sync

    def sync(self, pool: Pool, own: str) -> Synced:
        """Reads what is new. `own` is the key of this profile, whose records are in the bank as memories of its own.

        Raises:
            MementoError: the folder cannot be read.
        """
        synced = Synced(pool)
        chains = self.chains(pool, synced, trusted=True)
        synced.strangers = [chain for chain in synced.strangers if chain.key != own]
        label = f"pool {pool.name}"
        with self.bank.change("pool", label) as change:
            followed = self._trusted([chain for chain in chains if chain.key != own], synced)
            for chain in followed:
                self._adopt(pool, chain, change, synced)
                self._let_go(pool, chain, change, synced)
            while True:  # what one author let go, another may have published too
                before, synced.known, synced.purged = synced.changed, 0, 0
                for chain in followed:
                    self._take_all(pool, chain, change, synced)
                if synced.changed == before:
                    break
            for chain in followed:
                self.registry.reached(pool, chain.key, chain.name, chain.head)
            self.registry.synced(pool)
            parts = ((synced.added, "new"), (synced.replaced, "replaced"), (synced.removed, "withdrawn"))
            said = ", ".join(f"{count} {what}" for count, what in parts if count)
            self.bank.rows("UPDATE txn SET label = ? WHERE id = ? AND label = ?", f"{label}: {said}", change.id, label)
        return synced

    def _trusted(self, chains: Sequence[Chain], synced: Synced) -> list[Chain]:
        """The chains that are followed, by key; why another is not is said."""
        known = self.registry.authors(synced.pool)
        followed: list[Chain] = []
        for chain in sorted(chains, key=lambda c: c.key):
            author = known.get(chain.key)
            if author is None or author.trusted_at is None:
                synced.strangers.append(chain)
            elif newest := self._newest(chain, author.head, synced):
                followed.append(newest)
                if chain.name != author.name:
                    synced.say(f"{author.name} ({spelled(author.key)}) is called {chain.name} now.")
                for what in sorted({r.type for r in chain.records} - {"introduction", "memory", "withdraw"}):
                    synced.say(f"Not read: a record “{what[:20]}” of {_who(chain)} {NEWER}.")
        return followed

    def _newest(self, chain: Chain, head: Head, synced: Synced) -> Chain | None:
        """The chain, read again where another process was ahead of it; None when records that were read before are missing."""
        try:
            if chain.head.n < head.n:
                chain = read_author(synced.pool, chain.folder, self.registry.heads(synced.pool))
        except MementoError as error:
            synced.say(f"Refused: {error.message} What was read before stays.", bad=True)
            return None
        if chain.head.n >= head.n:
            return chain
        lost = head.n - chain.head.n
        synced.say(
            f"Lost: the file of {_who(chain)} got shorter, {lost} record{'s' if lost != 1 else ''} of it that were read before are gone. "
            "What was read stays.",
            bad=True,
        )
        return None

    def _adopt(self, pool: Pool, chain: Chain, change: Change, synced: Synced) -> None:
        """Takes up an author's memories that came with an export of another home: what stands in their file, by its hash. The rest goes."""
        standing = {record.hash: record for record in chain.standing().values()}
        rows = self.bank.rows(
            "SELECT m.id, s.sha256 FROM memory m JOIN source s ON s.memory_id = m.id WHERE m.profile = ? AND m.pool = ? "
            "AND s.ref LIKE 'pool:%' AND substr(s.ref, instr(s.ref, '/') + 1) = ? "
            "AND NOT EXISTS (SELECT 1 FROM pool_memory p WHERE p.memory_id = m.id)",
            self.bank.profile, pool.id, chain.name,  # what the pool was called there may be another name
        )  # fmt: skip
        for row in rows:
            if record := standing.get(row["sha256"]):
                self._note(row["id"], pool, chain, record)
            else:
                synced.removed += 1
                self.remove([row["id"]], change)

    def _note(self, memory_id: int, pool: Pool, chain: Chain, record: Record) -> None:
        self.bank.rows(
            "INSERT INTO pool_memory (memory_id, profile, pool, author, record, hash) VALUES (?,?,?,?,?,?)",
            memory_id, self.bank.profile, pool.id, chain.key, record.id, record.hash,
        )  # fmt: skip

    def _let_go(self, pool: Pool, chain: Chain, change: Change, synced: Synced) -> None:
        """Removes what an author withdrew."""
        there, wanted = self._there(pool, chain.key), chain.standing()
        for uid in there.keys() - wanted.keys():
            synced.removed += 1
            self.remove([memory.id for memory in there[uid]], change)

    def _take_all(self, pool: Pool, chain: Chain, change: Change, synced: Synced) -> None:
        """Brings the memories of an author in line with what stands in their file."""
        there = self._there(pool, chain.key)
        trust = self.trust.of(chain.key).mean
        for uid, record in chain.standing().items():
            held = there.get(uid, [])
            if not held or held[-1].hash != record.hash:
                self._take(pool, chain, record, held, trust, change, synced)

    def _there(self, pool: Pool, key: str) -> dict[str, list[_There]]:
        """Record → the memories made of it, the newest last."""
        rows = self.bank.rows(
            "SELECT m.id, m.status, p.record, p.hash FROM memory m JOIN pool_memory p ON p.memory_id = m.id "
            "WHERE m.profile = ? AND m.pool = ? AND p.author = ? ORDER BY m.id",
            self.bank.profile, pool.id, key,
        )  # fmt: skip
        found: dict[str, list[_There]] = {}
        for row in rows:
            found.setdefault(row["record"], []).append(_There(**row))
        return found

    def _take(
        self, pool: Pool, chain: Chain, record: Record, held: Sequence[_There], trust: float, change: Change, synced: Synced
    ) -> None:  # fmt: skip
        """Makes a memory of a record, in the place of its earlier version."""
        try:
            shown = content.shown(record.body)
        except (ValueError, TypeError) as error:
            if record.n > self.registry.heads(pool).get(chain.key, Head()).n:  # said once
                synced.say(f"Not read: {record.place} of {_who(chain)}: {error}.")
            return
        if self.memories.purged(shown.text):
            synced.purged += 1
        elif self._known(shown, held):
            synced.known += 1
        else:
            memory_id = self._insert(pool, chain, record, shown, held[-1].status if held else "active", trust)
            change.created(memory_id)
            for old in held:
                change.touch(old.id)
            self._supersede([old.id for old in held], memory_id)
            synced.replaced += bool(held)
            synced.added += not held
            return
        if held:
            synced.removed += 1
            self.remove([old.id for old in held], change)

    def _known(self, shown: Shown, held: Sequence[_There]) -> bool:
        """Whether the same stands in the bank already, as the owner's own or from somebody else."""
        rows = self.bank.rows(
            "SELECT 1 FROM memory WHERE content_hash = ? AND +profile = ? AND +kind = ? AND +status = 'active' "
            "AND id NOT IN (SELECT value FROM json_each(?)) AND +kind != 'case' LIMIT 1",
            content_hash(title_of(shown.text), shown.text), self.bank.profile, shown.kind, json.dumps([old.id for old in held]),
        )  # fmt: skip
        return bool(rows)

    def _insert(self, pool: Pool, chain: Chain, record: Record, shown: Shown, before: Status, trust: float) -> int:
        """What the owner put away stays away in its new version too."""
        status: Status = before if before in ("archived", "trashed") else "active"
        memory_id = self.memories.insert(shown.kind, title_of(shown.text), shown.text, status, "import")
        self.bank.rows(
            "UPDATE memory SET pool = ?, trust = ?, valid_from = ?, valid_to = ? WHERE id = ?",
            pool.id, round(trust, 4), shown.since, shown.until, memory_id,
        )  # fmt: skip
        self.memories.add_source(memory_id, Source(f"pool:{pool.name}/{chain.name}", shown.text, record.hash, record.place))
        self._note(memory_id, pool, chain, record)
        if shown.kind == "case":
            self._insert_case(memory_id, shown)
        return memory_id

    def _insert_case(self, memory_id: int, shown: Shown) -> None:
        """The reward is the author's word, nobody's here: it does not vouch for the case."""
        self.bank.rows(
            "INSERT INTO case_detail (memory_id, task, plan, outcome, answer, reward, correction, tainted) VALUES (?,?,?,?,?,?,?,1)",
            memory_id, shown.text, json.dumps(list(shown.plan), ensure_ascii=False), shown.outcome, shown.answer, shown.reward,
            shown.correction,
        )  # fmt: skip
        for n, step in enumerate(shown.steps, 1):
            self.bank.rows(
                "INSERT INTO step (case_id, n, task, tool, args, result, ok, ms) VALUES (?,?,?,?,?,?,?,0)",
                memory_id, n, step.task, step.tool, _as_arguments(step.args), step.result, int(step.ok),
            )  # fmt: skip

    def _supersede(self, old: Sequence[int], new: int) -> None:
        for memory_id in old:
            self.bank.rows(
                "UPDATE memory SET status = 'superseded', superseded_by = ?, valid_to = coalesce(valid_to, ?) WHERE id = ?",
                new, now(), memory_id,
            )  # fmt: skip
            self.bank.index(memory_id)

    # removing

    def remove(self, ids: Sequence[int], change: Change) -> None:
        """Takes memories of a pool out of the bank; undo brings them back. What the owner merged into one of them is in use again, and
        what was drawn from one of them stays, without the link."""
        chosen = json.dumps(list(ids))
        others = self.bank.rows(
            "SELECT id, status FROM memory WHERE superseded_by IN (SELECT value FROM json_each(?1)) "
            "AND id NOT IN (SELECT value FROM json_each(?1))",
            chosen,
        )  # fmt: skip
        linked = self.bank.rows("SELECT DISTINCT a FROM link WHERE b IN (SELECT value FROM json_each(?))", chosen)
        for number in {*ids, *(row["id"] for row in others), *(row["a"] for row in linked)}:
            change.touch(number)
        for row in others:
            status = "active" if row["status"] == "superseded" else row["status"]
            self.bank.rows("UPDATE memory SET superseded_by = NULL, status = ? WHERE id = ?", status, row["id"])
            self.bank.index(row["id"])
        for memory_id in ids:
            self.bank.put_back(memory_id, None)

    def of_author(self, pool: Pool, key: str) -> list[int]:
        return [memory.id for held in self._there(pool, key).values() for memory in held]

    def of_pool(self, pool: Pool) -> list[int]:
        """Every memory of a pool, also of one that another profile does not see."""
        rows: list[Row] = self.bank.rows("SELECT id FROM memory WHERE pool = ? AND profile = ? ORDER BY id", pool.id, self.bank.profile)
        return [row["id"] for row in rows]


def match(chains: Sequence[Chain], known: Mapping[str, Known], which: str) -> tuple[str, str]:
    """The key and name of the author that is called so, or whose fingerprint begins so (eight digits at least).

    Raises:
        MementoError: there is none, or several.
    """
    names = {chain.key: chain.name for chain in chains} | {k: a.name for k, a in known.items() if k not in {c.key for c in chains}}
    digits = "".join(which.split()).lower()
    found = [key for key in names if len(digits) >= 8 and fingerprint(key).startswith(digits)]
    found = found or [key for key, name in names.items() if name == which]
    if len(found) == 1:
        return found[0], names[found[0]]
    listed = "; ".join(f"{name} ({spelled(key)})" for key, name in sorted(names.items(), key=lambda item: item[1]))
    if found:
        raise MementoError(f"Several authors are called “{which}”.", f"Give the fingerprint of the one you mean: {listed}.")
    raise MementoError(f"There is no author “{which}” in this pool.", f"There are: {listed}." if listed else "Nobody published there yet.")


def _who(chain: Chain) -> str:
    return f"{chain.name} ({spelled(chain.key)})"


def _as_arguments(text: str) -> str:
    """Arguments of a tool are a JSON object, whatever masking made of them."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return text if isinstance(found, dict) else json.dumps({"text": text}, ensure_ascii=False)
