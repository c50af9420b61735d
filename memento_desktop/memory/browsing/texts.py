"""Which memories hold the words of a query: the bank's text index for what is in use, one in memory for the rest.

The bank indexes only what is in use. What is archived, superseded, proposed or deleted is few things mostly, and is indexed here when
somebody first looks for words, without its text, and only as long as the program runs.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence

import apsw
import numpy as np

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.columns import Columns, Flags, Ints, numbers
from memento_desktop.memory.browsing.query import Word
from memento_desktop.memory.tokens import indexable, is_prefix, sought, words

INDEX = (
    "CREATE VIRTUAL TABLE temp.{} USING fts5 (title, body, content = '', contentless_delete = 1, "
    "tokenize = 'porter unicode61 remove_diacritics 2')"
)
_count = itertools.count(1)
ENDINGS = tuple(
    "ational tional ization ation ator alism iveness fulness ousness ality ivity ibility ability icate ative alize icity ical ful ness al "
    "ance ence er ic able ible ant ement ment ent ion ism ate ity ous ive ize ing ed ies es s ly ily y e".split()
)
"""What English words end with and a stem goes without."""


class Texts:
    """For use under the bank's lock, after `columns.refresh`."""

    def __init__(self, bank: Bank, columns: Columns) -> None:
        self.bank, self.columns = bank, columns
        self._tokenizer = bank.db.fts5_tokenizer("porter", ["unicode61", "remove_diacritics", "2"])
        self._version = -1
        self.index = f"seen_text_{next(_count)}"
        """Its own: another browser of this bank may know other changes."""
        self.tables = ("main.memory_text", f"temp.{self.index}")
        bank.db.execute(INDEX.format(self.index))

    def holding(self, wanted: Sequence[Word]) -> Flags:
        """(n,): the memories that hold all words, and none of the negated ones."""
        self.follow()
        found = np.ones(len(self.columns), dtype=bool)
        positive = " AND ".join(filter(None, (self.sought(word) for word in wanted if not word.negated)))
        if positive:
            found &= self.columns.mask(self._ids(positive))
        for word in wanted:
            if word.negated and (unwanted := self.sought(word)):
                found &= ~self.columns.mask(self._ids(unwanted))
        return found

    def ranked(self, wanted: Sequence[Word]) -> Ints:
        """Places in the arrays of what holds the words, the most relevant first (BM25, a word in the title counts double)."""
        self.follow()
        query = " AND ".join(filter(None, (self.sought(word) for word in wanted if not word.negated)))
        scores: dict[int, float] = {}
        for table in self.tables:
            name = table.partition(".")[2]
            sql = f"SELECT rowid, bm25({name}, 2.0, 1.0) FROM {table} WHERE {name} MATCH ?"
            scores |= dict(self.bank.db.execute(sql, (query,)).fetchall() if query else [])
        at = self.columns.places(np.fromiter(scores, dtype=np.int64, count=len(scores)))
        order = np.lexsort((-at, np.fromiter(scores.values(), dtype=np.float64, count=len(scores))))
        return at[order][at[order] >= 0]

    def _ids(self, query: str) -> Ints:
        parts = [numbers(self.bank, f"SELECT group_concat(rowid) FROM {table} WHERE {table.partition('.')[2]} MATCH ?", query)
                 for table in self.tables]  # fmt: skip
        return np.concatenate(parts)

    # the language of FTS5

    def sought(self, word: Word) -> str:
        """A word in the query language of FTS5; empty where nothing of it is indexed."""
        if word.phrase:
            return self._phrase(word.text)
        terms = words(word.text)
        if not terms:
            return ""
        *whole, last = terms
        end = f"({' OR '.join(self._begun(last))})" if word.prefix and not is_prefix(last) else sought(last)
        return " AND ".join([*(sought(term) for term in whole), end])

    @staticmethod
    def _phrase(text: str) -> str:
        """Words one after the other, as the index holds them. Where a script without spaces ends the phrase, the text may go on: its last
        character closes no pair."""
        parts = indexable(text).replace('"', " ").replace("\0", " ").split()
        if not any(c.isalnum() for part in parts for c in part):
            return ""
        going_on = is_prefix(parts[-1])
        if going_on and len(parts) > 1 and parts[-2].endswith(parts[-1]):
            parts, going_on = parts[:-1], False
        return f'"{" ".join(parts)}"' + (" *" if going_on else "")

    def _begun(self, beginning: str) -> Iterator[str]:
        """What finds the words with this beginning. The index holds stems, and that of a word may be shorter than what is typed of it:
        "universi" is no beginning of "univers". So the stems of what it may become are looked for as well."""
        yield f'"{beginning}" *'
        if not (beginning.isascii() and beginning.isalpha()) or len(beginning) < 3:
            return
        seen: set[str] = set()
        stem = self._stem(beginning)
        for ending in ENDINGS:
            for n in range(1, len(ending)):
                if beginning.endswith(ending[:n]):
                    whole = beginning + ending[n:]
                    other = self._stem(whole)
                    if len(other) > 2 and not other.startswith(stem) and other not in seen:
                        seen.add(other)
                        yield f'"{whole}"'

    def _stem(self, word: str) -> str:
        flags = apsw.FTS5_TOKENIZE_QUERY
        return next(iter(self._tokenizer(word.encode(), flags, None, include_offsets=False, include_colocated=False)), word)

    # what is not in use

    def follow(self) -> None:
        """Brings the index of what is not in use in line with the bank."""
        if self._version == self.columns.version:
            return
        once = self._version + 1 == self.columns.version and not self.columns.whole
        self._version = self.columns.version
        chosen = "AND id IN (SELECT value FROM json_each(?))"
        if once:
            changed = json.dumps(self.columns.changed)
            self.bank.db.execute(f"DELETE FROM temp.{self.index} WHERE rowid IN (SELECT value FROM json_each(?))", (changed,))
        else:
            changed, chosen = "", "AND ? = ''"
            self.bank.db.execute(f"DELETE FROM temp.{self.index}")
        rows = self.bank.db.execute(
            f"SELECT id, title, body FROM memory WHERE profile = ? AND status != 'active' {chosen}", (self.bank.profile, changed)
        )
        texts = [(number, indexable(title), indexable(body) if body != title else "") for number, title, body in rows]
        self.bank.db.executemany(f"INSERT INTO temp.{self.index} (rowid, title, body) VALUES (?,?,?)", texts)
        if self.bank.db.in_transaction:
            self._version = -1
