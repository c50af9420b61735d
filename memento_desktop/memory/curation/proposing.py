"""Proposes what is worth remembering from the owner's own messages, each with the very words it rests on; nothing is believed by itself.

By rule, or from what a model suggests, as far as its words stand in the message. Only what the owner wrote is read: never an answer, a
document, the output of a tool, or a memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.clauses import clauses
from memento_desktop.memory.curation.comparing import same_text
from memento_desktop.memory.curation.contradictions import effects
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.durable import durable, kind_of, standing
from memento_desktop.memory.curation.finding import KINDS, holds, said_at
from memento_desktop.memory.curation.fingerprints import fingerprints
from memento_desktop.memory.curation.lead_ins import LEAD
from memento_desktop.memory.curation.moments import iso, parsed
from memento_desktop.memory.curation.own_words import own, stated
from memento_desktop.memory.curation.statements import Statement, of_clause, read, titled
from memento_desktop.memory.curation.wording import NEGATIONS, has_digit, names, plain, singular, straight, words
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Kind, Memory, Source

RECENT = 2000
"""Waiting proposals that a new one is compared with, the newest ones."""
LONGEST = 300
"""Characters of a proposal."""
SAID_OF = frozenset(
    "user owner person he she they his her their him them who is am are was has have had like love prefer live work name call favourite "
    "not do does of in at on to for and with by i my me we our it that".split()
)
"""Words in which a model may word anew what was said in the first person."""


@dataclass(frozen=True)
class Message:
    """What the owner wrote, and when."""

    id: int
    text: str
    at: str
    keyed: bool = True
    """Whether he typed it here; else it was imported."""


@dataclass(frozen=True)
class Proposal:
    """Something that may be worth remembering."""

    kind: Kind
    text: str
    quote: str
    statements: tuple[Statement, ...]
    by_rule: bool = True


@dataclass(frozen=True)
class _Seen:
    """What is there already, for one run over many messages."""

    prints: set[str]
    texts: list[str]


class Proposer:
    def __init__(self, bank: Bank, memories: Memories, curator: Curator) -> None:
        self.bank, self.memories, self.curator = bank, memories, curator

    def run(self, session_id: int | None = None, since: int = 0) -> list[Memory]:
        """Proposes from the owner's messages: of one conversation or of all, those after message `since`. One undoable change.

        Run again it proposes nothing twice, and nothing that was rejected, deleted or purged.
        """
        found: list[int] = []
        seen = self._seen()
        with self.bank.change("assistant", "proposals from what you said") as _:
            for message in self.messages(session_id, since):
                found += self._keep(proposals(message), message, seen)
        return self.memories.of(found)

    def messages(self, session_id: int | None = None, since: int = 0) -> list[Message]:
        """What the owner wrote, in the order it was said."""
        rows = self.bank.rows(
            "SELECT m.id, m.text, m.at, s.origin = 'memento' AS keyed FROM message m JOIN session s ON s.id = m.session_id "
            "WHERE s.profile = ? AND NOT s.trashed AND m.role = 'user' AND m.id > ? AND (? IS NULL OR s.id = ?) ORDER BY m.at, m.id",
            self.bank.profile, since, session_id, session_id,
        )  # fmt: skip
        return [Message(row["id"], row["text"], row["at"], bool(row["keyed"])) for row in rows]

    def accept_model(self, suggested: Sequence[Mapping[str, Any]], message: Message) -> list[Memory]:
        """Takes what a model suggests, `{"kind", "text", "quote"}` each, as far as the message bears it out. The rest is dropped.

        Raises:
            MementoError: there is no such message of the owner's.
        """
        true = next((one for one in self.messages(since=message.id - 1) if one.id == message.id), None)
        if true is None:
            raise MementoError(f"Message {message.id} is not one of yours.", "Only what you wrote yourself is learnt from.")
        borne_out = [proposal for one in suggested if (proposal := _borne_out(one, true)) is not None]
        with self.bank.change("assistant", "proposals from what you said"):
            found = self._keep(borne_out, true, self._seen())
        return self.memories.of(found)

    def _seen(self) -> _Seen:
        rows = self.bank.rows(
            "SELECT body, recorded_at FROM memory WHERE profile = ? AND status = 'proposed' AND kind IN (SELECT value FROM json_each(?)) "
            "ORDER BY id DESC LIMIT ?",
            self.bank.profile, '["' + '","'.join(KINDS) + '"]', RECENT,
        )  # fmt: skip
        prints: set[str] = set()
        for row in rows:
            prints |= _prints(row["body"], read(row["body"], parsed(row["recorded_at"])))
        return _Seen(prints, [row["body"] for row in rows])

    def _keep(self, found: Sequence[Proposal], message: Message, seen: _Seen) -> list[int]:
        kept: list[int] = []
        source = f"message:{message.id}"
        with self.bank.change("assistant", "proposals from what you said") as change:
            for one in found:
                prints = _prints(one.text, one.statements)
                if (prints and prints <= seen.prints) or not self._wanted(one, source, message):
                    continue
                origin = "user" if one.by_rule and message.keyed else "assistant"
                moment = iso(parsed(message.at))
                title = titled(one.text, one.statements)
                memory_id = self.curator.insert(change, one.text, one.kind, origin, "proposed", moment, Source(source, one.quote), title)
                seen.prints.update(prints)
                seen.texts.append(one.text)
                kept.append(memory_id)
        return kept

    def _wanted(self, one: Proposal, source: str, message: Message) -> bool:
        """Whether a proposal is new: not known, not proposed from these words before, not thrown away."""
        rows = self.bank.rows(
            "SELECT s.quote, m.body FROM source s JOIN memory m ON m.id = s.memory_id WHERE s.ref = ? AND m.profile = ?",
            source, self.bank.profile,
        )  # fmt: skip
        if any(plain(row["quote"]) == plain(one.quote) and _overlap(row["body"], one.text) for row in rows):
            return False
        if any(plain(row["body"]) == plain(one.text) for row in rows):
            return False
        moment = iso(parsed(message.at))
        for known in self.curator.finder.same_body(one.text, one.statements):
            if known.status != "active" or holds(known, moment) or said_at(known) >= moment:
                return False
        if self.curator.tombstones.unwanted(one.text, one.statements):
            return False
        if one.statements:
            if all(self._overtaken(statement, moment) for statement in one.statements):
                return False
            return len(effects(self.curator.finder, one.statements, moment).repeats) < len(one.statements)
        return not any(same_text(one.text, memory.body) == "same" for memory in self.curator.finder.like(one.text))

    def _overtaken(self, statement: Statement, said: str) -> bool:
        """Whether what has one value at a time was said anew, or edited by hand, after this was said: then it is past."""
        if statement.many or statement.past or statement.until:
            return False
        return any(
            not known.statement.many and (said_at(known.memory) > said or self._edited_after(known.memory, said))
            for known in self.curator.finder.about(statement, self.curator.finder.unknown(statement))
        )

    def _edited_after(self, memory: Memory, said: str) -> bool:
        if not memory.user_edited:
            return False
        rows = self.bank.rows(
            "SELECT max(t.at) AS at FROM revision r JOIN txn t ON t.id = r.txn_id WHERE r.memory_id = ? AND t.label LIKE 'edit:%' "
            "AND t.undone_by IS NULL", memory.id,
        )  # fmt: skip
        return (rows[0]["at"] or "") > said


def _prints(text: str, statements: Sequence[Statement]) -> set[str]:
    found = fingerprints(text, statements)
    return found - {plain(text)} if statements else found


def _overlap(a: str, b: str) -> bool:
    """Whether two proposals from one sentence are one: most of their words are the same."""
    x, y = set(words(a)), set(words(b))
    return len(x & y) >= 0.7 * min(len(x), len(y))


def proposals(message: Message) -> list[Proposal]:
    """What the rules find in one message of the owner's."""
    found: list[Proposal] = []
    said = parsed(message.at)
    for sentence in stated(message.text):
        if len(sentence.text) > LONGEST * 2:
            continue
        told = read(_told(sentence.text), said)
        if standing(sentence) and all(one.subject == "" for one in told):
            found.append(Proposal("instruction", _told(sentence.text), sentence.text, told))
            continue
        for clause in clauses(sentence):
            if standing(clause):
                found.append(Proposal("instruction", _told(clause.text), sentence.text, read(_told(clause.text), said)))
                continue
            statements = [one for one in of_clause(clause, said) if durable(one)]
            if statements:
                text = _told(clause.implied + clause.text)
                found.append(Proposal(kind_of(statements[0], sentence), text, sentence.text, tuple(read(text, said)) or tuple(statements)))
    return [one for one in found if len(one.text) <= LONGEST]


def _told(text: str) -> str:
    """A clause as a sentence of its own: without what leads up to it, with a capital."""
    whole = straight(text).strip(" ,;")
    rest = whole[_lead(whole) :]
    rest = rest or whole
    return rest[0].upper() + rest[1:]


def _lead(whole: str) -> int:
    """How many characters of a text only lead up to what it says; "from now on" is a part of an instruction."""
    found = LEAD.match(whole)
    if not found or re.search(r"from now on", found[0], re.I):
        return 0
    return found.end()


def _borne_out(one: Mapping[str, Any], message: Message) -> Proposal | None:
    """A model's suggestion, if its quote stands in the owner's own words of the message and its text says no more than the quote."""
    kind, text, quote = (one.get(name) for name in ("kind", "text", "quote"))
    if kind not in KINDS or not isinstance(text, str) or not isinstance(quote, str):
        return None
    text, quote = straight(text), straight(quote)
    if not text or len(text) > LONGEST or len(words(quote)) < 2 or re.search(r"[\x00-\x1f\x7f]", text):
        return None
    sentences = [straight(piece.text) for piece in stated(message.text)]
    place = next((sentence for sentence in sentences if quote in sentence or sentence in quote), None)
    if place is None or quote not in straight(own(message.text)):
        return None
    if kind == "instruction":
        text = quote  # what stands in every prompt are its owner's very words
    if not _says_no_more(text, quote):
        return None
    at = parsed(message.at)
    return Proposal(kind, text, quote, read(text, at), by_rule=kind == "instruction")


def _says_no_more(text: str, quote: str) -> bool:
    said, held = words(text), {singular(word) for word in words(quote)}
    if {word for word in said if has_digit(word)} - set(words(quote)) or not names(text) - {"user", "owner"} <= set(words(quote)):
        return False
    if sum(word in NEGATIONS for word in said) != sum(word in NEGATIONS for word in words(quote)):
        return False
    stems = {word[:5] for word in held}
    return all(singular(word) in held or word in SAID_OF or singular(word) in SAID_OF or word[:5] in stems for word in said)
