"""What a text comes down to in whatever words: so that what was removed, thrown away or refused is known when it is said again."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.comparing import same_text, same_topic
from memento_desktop.memory.curation.finding import KINDS
from memento_desktop.memory.curation.moments import parsed
from memento_desktop.memory.curation.phrases import ME
from memento_desktop.memory.curation.statements import Statement, read
from memento_desktop.memory.curation.suspecting import suspected
from memento_desktop.memory.curation.wording import names, plain, singular, words
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import now


def fingerprints(text: str, statements: Sequence[Statement]) -> set[str]:
    """The text without case, punctuation and spelling, and what each of its statements says."""
    found = {plain(text)} | {
        f"{one.topic} = {'' if one.holds else 'not '}{value}" for one in statements for value in one.values
    }  # fmt: skip
    return found - {""}


def partial(statements: Sequence[Statement]) -> set[str]:
    """For values with figures, such as codes and telephone numbers, each word of the topic with the value: known again although one of
    the words is mistyped or another."""
    return {
        f"{word} ~ {value}" for one in statements for value in one.values if sum(map(str.isdigit, value)) > 2
        for word in one.topic.split() if word != ME
    }  # fmt: skip


def _again(new: Statement, old: Statement) -> bool:
    """Whether a statement says again what another says, its topic mistyped or with nothing to say whose it is."""
    return same_topic(new, old, frozenset(new.topic.split())) and new.holds == old.holds and set(new.values) <= set(old.values)


def marks(text: str) -> set[str]:
    """Of a text that no rule reads, each longer word with each figure or name in it: what it may have said of what."""
    tokens = set(words(text))
    told = {token for token in tokens if sum(map(str.isdigit, token)) > 2} | (tokens & names(text))
    return {f"{singular(word)} ~ {one}" for word in tokens - told if len(word) > 3 for one in told}


class Tombstones:
    """What its owner does not want to have learnt again."""

    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories

    def prints(self, memory_id: int) -> set[str]:
        """The fingerprints of a memory and of what goes with it when it is purged."""
        found: set[str] = set()
        for memory in self.memories.of([*self.memories.drawn_from(memory_id), memory_id]):
            if memory.kind in KINDS:
                statements = read(memory.body, parsed(memory.recorded_at))
                found |= fingerprints(memory.body, statements) | partial(statements) | (set() if statements else marks(memory.body))
        return found

    def add(self, prints: set[str]) -> None:
        """Notes them as keyed hashes, as `Memories.purge` does with the text itself; there is a key once something was purged."""
        with self.bank.writing():
            key = bytes.fromhex(self.bank.one("SELECT value FROM secret WHERE name = 'tombstone'")["value"])
            for one in prints:
                digest = hmac.new(key, one.encode(), hashlib.sha256).hexdigest()
                self.bank.rows("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", digest, now())

    def unwanted(self, text: str, statements: Sequence[Statement]) -> bool:
        """Whether this, or the same in other words, was purged, or stands in the trash."""
        prints = fingerprints(text, statements)
        if any(self.memories.purged(one) for one in {text, *prints, *partial(statements)}):
            return True
        if any(self.memories.purged(f"{word} ~ {one.values[0].split()[-1]}") for one in statements for word in one.topic.split()):
            return True
        parts = partial(statements)
        return any(self._same(text, statements, prints, parts, body, at) for body, at in self._put_aside(text, statements))

    @staticmethod
    def _same(text: str, news: Sequence[Statement], prints: set[str], parts: set[str], body: str, at: str) -> bool:
        statements = read(body, parsed(at))
        told = fingerprints(body, statements)
        values = prints - {plain(text)}
        if parts & partial(statements):
            return True
        if news and not statements and suspected(text, news, body, ()) == "duplicates":
            return True
        if news and all(any(_again(new, old) for old in statements) for new in news):
            return True
        return bool(prints & told & {plain(text)}) or (bool(values) and values <= told) or same_text(text, body) == "same"

    def _put_aside(self, text: str, statements: Sequence[Statement]) -> list[tuple[str, str]]:
        """The texts in the trash that share a longer word with this one, or say a value of its, and when they were said."""
        shared = sorted({word for word in words(text) if len(word) > 2}, key=len)[-4:]
        shared += sorted({value.split()[-1] for one in statements for value in one.values if value})
        if not shared:
            return []
        rows = self.bank.rows(
            "SELECT body, recorded_at FROM memory WHERE profile = ? AND status = 'trashed' AND kind IN (SELECT value FROM json_each(?)) "
            "AND EXISTS (SELECT 1 FROM json_each(?) one WHERE instr(lower(body), one.value)) ORDER BY id DESC LIMIT 500",
            self.bank.profile, json.dumps(KINDS), json.dumps(shared),
        )  # fmt: skip
        return [(row["body"], row["recorded_at"]) for row in rows]
