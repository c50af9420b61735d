"""What an import leaves in the bank: new memories and conversations; known ones are skipped, what was purged is not learnt again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace

from memento_desktop.memory.bank import Bank, Change
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange.base import CaseDraft, Draft, Said, Talk, Was
from memento_desktop.memory.exchange.record import GONE
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Source, Status, content_hash, now

KNOWN = "known already"
TWICE = "twice in the file"
TRASHED = "in the trash"
PURGED = "removed for good before"
QUOTE = 20_000
"""Characters of a quote that are kept beside a memory."""
MESSAGE = "message:"


@dataclass
class _Met:
    """Memories of one kind and text that were in the bank before."""

    ids: list[int]
    statuses: set[str]
    moments: set[str]


class Landing:
    """Writes drafts inside one change. Counts what it did, by kind and by reason."""

    def __init__(
        self, bank: Bank, memories: Memories, conversations: Conversations, change: Change, landed: Status, as_it_was: bool,
        origin: Callable[[str], tuple[str, str]],
    ) -> None:  # fmt: skip
        """
        Args:
            origin: of a file in the import, how a source names it, and its SHA-256.
        """
        self.bank, self.memories, self.conversations, self.change = bank, memories, conversations, change
        self.landed: Status = landed
        self.as_it_was, self.origin = as_it_was, origin
        self.new: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.active = self.begun = self.grown = self.messages = 0
        self.heard: dict[int, None] = {}
        """Conversations that are new or went on."""
        self._numbers: dict[str, int] = {}
        """Memories by their key in the file."""
        self._fresh: list[tuple[int, Draft]] = []
        self._said: dict[str, int] = {}
        """Messages by the key of their conversation and their number in it: `c-1f/3`."""
        self._begun: set[int] = set()
        self._of_case: list[tuple[int, str]] = []
        self._met = self._what_is_known()
        self._any_purged = bool(bank.rows("SELECT 1 FROM tombstone LIMIT 1"))
        self._in_file: dict[tuple[str, str], int] = {}

    @property
    def touched(self) -> bool:
        return bool(self.new or self.heard)

    def _what_is_known(self) -> dict[tuple[str, str], _Met]:
        met: dict[tuple[str, str], _Met] = {}
        sql = "SELECT id, kind, content_hash, status, recorded_at FROM memory WHERE profile = ? AND (pool = '' OR ?) ORDER BY id"
        for row in self.bank.rows(sql, self.bank.profile, int(self.as_it_was)):  # what a pool holds may go with it
            same = met.setdefault((row["kind"], row["content_hash"]), _Met([], set(), set()))
            same.ids.append(row["id"])
            same.statuses.add(row["status"])
            same.moments.add(row["recorded_at"])
        return met

    # memories

    def memory(self, draft: Draft) -> None:
        """One memory, unless it is known."""
        stands = draft.was if self.as_it_was and draft.was is not None else None
        if draft.was is not None and draft.was.status == "superseded" and stands is None:
            self.left_out["memories that others had replaced (--as-it-was brings them)"] += 1
            return
        title = draft.title if stands else draft.title or title_of(draft.body)
        digest = content_hash(title, draft.body)
        reason, known = self._reason_to_skip(draft, digest, stands)
        if reason:
            self.skipped[reason] += 1
            if known is not None and draft.key:
                self._numbers[draft.key] = known
            return
        number = self._insert(draft, title, stands)
        self._in_file.setdefault((draft.kind, digest), number)
        self._fresh.append((number, draft))
        if draft.key:
            self._numbers[draft.key] = number
        self.new[draft.kind] += 1

    def _reason_to_skip(self, draft: Draft, digest: str, stands: Was | None) -> tuple[str, int | None]:
        """Why a draft is not new, and the memory that is the same."""
        met = self._met.get((draft.kind, digest))
        same = met is not None and (stands is None or draft.at in met.moments or stands.status in met.statuses)
        if met is not None and same:
            return TRASHED if met.statuses == {"trashed"} else KNOWN, met.ids[0]
        if stands is None and (twin := self._in_file.get((draft.kind, digest))) is not None:
            return TWICE, twin
        if self._any_purged and self.memories.purged(draft.body):
            return PURGED, None
        return "", None

    def _insert(self, draft: Draft, title: str, stands: Was | None) -> int:
        status: Status = stands.status if stands else self.landed
        if stands is None and draft.kind == "instruction":
            status = "proposed"  # only the owner's own keystrokes are orders
        origin = stands.origin if stands else "import"
        number = self.memories.insert(draft.kind, title, draft.body, status, origin)
        self.change.created(number)
        self.active += status == "active"
        shown = stands or Was(status, False, draft.kind == "instruction", "import", 1.0, False, "")
        self.bank.rows(
            "UPDATE memory SET recorded_at = ?, valid_from = ?, valid_to = ?, pinned = ?, always_on = ?, trust = ?, user_edited = ?, "
            "pool = ? WHERE id = ?",
            draft.at or now(), draft.valid_from, draft.valid_to, int(shown.pinned), int(shown.always_on), shown.trust,
            int(shown.user_edited), shown.pool, number,
        )  # fmt: skip
        for source in self._sources(draft, stands):
            self.memories.add_source(number, source)
        if draft.case is not None:
            self._case(number, draft.body, draft.case if stands else _unvouched(draft.case))
        return number

    def _sources(self, draft: Draft, stands: Was | None) -> list[Source]:
        told = [replace(source, ref=self._ref(source.ref)) for source in draft.sources]
        if stands is not None:
            return told
        ref, sha256 = self.origin(draft.file)
        return [Source(ref, draft.quote[:QUOTE], sha256, draft.place), *told]

    def _ref(self, ref: str) -> str:
        """A source with the numbers of this bank. A message of another bank is not one of ours that has its number."""
        if not ref.startswith(MESSAGE):
            return ref
        number = self._said.get(ref.removeprefix(MESSAGE))
        return GONE if number is None else f"{MESSAGE}{number}"

    def _case(self, number: int, body: str, case: CaseDraft) -> None:
        self.bank.rows(
            "INSERT INTO case_detail (memory_id, task, plan, outcome, answer, reward, reward_source, correction, judged, reason, model, "
            "tokens, seconds, tainted) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            number, case.task or body, json.dumps(list(case.plan)), case.outcome, case.answer, case.reward, case.reward_source,
            case.correction, case.judged, case.reason, case.model, case.tokens, case.seconds, int(case.tainted),
        )  # fmt: skip
        for step in case.steps:
            self.bank.rows("INSERT INTO step VALUES (?,?,?,?,?,?,?,?)", number, *astuple(step))

    # conversations

    def talk(self, talk: Talk) -> None:
        """One conversation: new, or the rest of one that went on since it was imported."""
        for session, trashed, own, said in self._known_talks(talk):
            told = [(message.role, message.text) for message in talk.messages]
            if own and not self.as_it_was and len(said) < len(told):
                continue  # what a file says of itself is not said here by the owner
            if said != told[: len(said)] or (session in self._begun and (self.as_it_was or not talk.ref)):
                continue  # another branch of it, or another conversation
            if trashed:
                self.skipped[f"conversations {TRASHED}"] += 1
            elif len(said) == len(told):
                self.skipped[f"conversations {TWICE if session in self._begun else KNOWN}"] += 1
            else:
                self.change.touch_session(session)
                self._fill(session, talk.messages[len(said) :])
                self.grown += session not in self._begun
            self._name_messages(talk, session)
            return
        own = self.as_it_was or talk.origin != "memento"  # what a file says of itself does not make it the owner's keystrokes
        session = self.conversations.begin(talk.title, talk.started_at, talk.origin if own else "import", talk.ref)
        self.change.created_session(session)
        self._begun.add(session)
        self._fill(session, talk.messages)
        self.begun += 1
        self._name_messages(talk, session)

    def _known_talks(self, talk: Talk) -> list[tuple[int, bool, bool, list[tuple[str, str]]]]:
        sql = (
            "SELECT id, trashed, origin FROM session WHERE profile = ? AND ref = ? AND (? != '' OR (started_at = ? AND title = ?)) "
            "ORDER BY id"
        )
        found = self.bank.rows(sql, self.bank.profile, talk.ref, talk.ref, talk.started_at, talk.title)
        return [
            (row["id"], bool(row["trashed"]), row["origin"] == "memento", [
                (message["role"], message["text"])
                for message in self.bank.rows("SELECT role, text FROM message WHERE session_id = ? ORDER BY n", row["id"])
            ])
            for row in found
        ]  # fmt: skip

    def _fill(self, session: int, messages: Sequence[Said]) -> None:
        numbers = self.conversations.fill(session, [(said.role, said.text, said.at) for said in messages])
        self._of_case += [(number, said.case) for number, said in zip(numbers, messages, strict=True) if said.case]
        self.messages += len(numbers)
        self.heard[session] = None

    def _name_messages(self, talk: Talk, session: int) -> None:
        if talk.key:
            for row in self.bank.rows("SELECT id, n FROM message WHERE session_id = ?", session):
                self._said[f"{talk.key}/{row['n']}"] = row["id"]

    # what refers to each other

    def link(self) -> None:
        """Links between the memories of the file, once all have their numbers."""
        for number, draft in self._fresh:
            for relation, key in draft.links:
                other = self._numbers.get(key)
                if other is None or other == number:
                    self.left_out["links to memories that are not there"] += 1
                else:
                    self.bank.rows("INSERT OR IGNORE INTO link VALUES (?,?,?)", number, other, relation)
            if draft.superseded_by and (other := self._numbers.get(draft.superseded_by)) not in (None, number):
                self.bank.rows("UPDATE memory SET superseded_by = ? WHERE id = ?", other, number)
        for message, key in self._of_case:
            if (case := self._numbers.get(key)) is not None:
                self.bank.rows("UPDATE message SET case_id = ? WHERE id = ?", case, message)


def _unvouched(case: CaseDraft) -> CaseDraft:
    """A case of unknown hands: that its owner called it good there vouches for nothing here."""
    outcome = "interrupted" if case.outcome == "running" else case.outcome
    return replace(case, reward_source="" if case.reward_source == "owner" else case.reward_source, outcome=outcome)
