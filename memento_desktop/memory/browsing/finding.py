"""What a filter finds, and in which order: each condition is a mask over the arrays of `columns`, each order a permutation of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.browsing.columns import CODES, Columns, Flags, Ints, Stamp, stamp_of
from memento_desktop.memory.browsing.query import Filter, Term
from memento_desktop.memory.browsing.texts import Texts
from memento_desktop.memory.browsing.usage import Usage, usage_of
from memento_desktop.memory.browsing.values import ANY, NONE, Period, Span, Value
from memento_desktop.memory.curation.review import READ_IN_VAIN
from memento_desktop.memory.records import now

Numbers = NDArray[Any]
BY_USE = ("used", "helped", "harmed", "used-last")
USED_SORTS = ("read", "helped", "used")


class Finding:
    """For use under the bank's lock, after `columns.refresh`."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.columns = Columns(bank)
        self.texts = Texts(bank, self.columns)
        self._usage: tuple[Stamp, int, Usage] | None = None
        self._orders: dict[str, Ints] = {}
        self._orders_of: tuple[int, Stamp | None] = (-1, None)

    def state(self, wanted: Filter) -> object:
        """What the answer to a filter depends on: another one when it may have changed."""
        derived = wanted.sort in USED_SORTS or any(
            term.field not in CODES and term.field not in ("reward", "added") for term in wanted.terms
        )
        return self.columns.version, stamp_of(self.bank) if derived else None

    def ids(self, wanted: Filter) -> Ints:
        """The numbers of what a filter finds, in order."""
        columns = self.columns
        mask = np.ones(len(columns), dtype=bool) if wanted.shows_trash else ~columns.coded("status", ["trashed"])
        for term in wanted.terms:
            found = np.zeros(len(columns), dtype=bool)
            for value in term.values:
                found |= self._mask(term, value)
            mask &= ~found if term.negated else found
        if wanted.words and mask.any():
            mask &= self.texts.holding(wanted.words)
        order = self._order(wanted)
        return columns["id"][order[mask[order]]]

    # usage

    def usage(self) -> Usage:
        stamp = stamp_of(self.bank)
        if self._usage is None or self._usage[:2] != (stamp, self.columns.version):
            self._usage = (stamp, self.columns.version, usage_of(self.bank, self.columns))
        return self._usage[2]

    def used(self, ids: Sequence[int]) -> dict[int, Row] | None:
        """How memories were used, where that is known for all anyway; else None."""
        if self._usage is None or self._usage[:2] != (stamp_of(self.bank), self.columns.version):
            return None
        usage = self._usage[2]
        at = self.columns.places(np.array(list(ids), dtype=np.int64)).tolist()
        last: list[bytes] = usage.last[at].tolist()
        return {
            i: {
                "read": int(usage.read[n]), "helped": int(usage.helped[n]), "harmed": int(usage.harmed[n]),
                "last_used": moment.decode() or None,
            }
            for i, n, moment in zip(ids, at, last, strict=True) if n >= 0
        }  # fmt: skip

    # conditions

    def _mask(self, term: Term, value: Value) -> Flags:
        field = term.field
        if isinstance(value, Period):
            return self._within(field, value)
        if isinstance(value, Span):
            return _between(self._numbers(field), value)
        if field in CODES:
            return self.columns.coded(field, [value])
        if field == "reward":
            missing = np.isnan(self.columns["reward"])
            return missing & self.columns.coded("kind", ["case"]) if value == NONE else ~missing
        if field == "used-last":
            return self.usage().last == b""
        named: dict[str, Callable[[str], Flags]] = {"is": self._state_of, "pool": self._of_pool, "model": self._of_model}
        return named[field](value)

    def _numbers(self, field: str) -> Numbers:
        if field in ("id", "reward", "trust"):
            return self.columns[field]
        usage = self.usage()
        return {"used": usage.read, "helped": usage.helped, "harmed": usage.harmed}[field]

    def _within(self, field: str, period: Period) -> Flags:
        moments = {"added": lambda: self.columns["recorded"], "changed": self._changed, "used-last": lambda: self.usage().last}[field]()
        found = moments != b""
        if period.start is not None:
            found &= moments >= period.start.encode()
        if period.end is not None:
            found &= moments < period.end.encode()
        return found

    def _changed(self) -> Numbers:
        """(n,): when each memory was last changed; when it was noted, where no change of it is known."""
        rows = self.bank.db.execute(
            "SELECT memory_id, at FROM (SELECT memory_id, max(txn_id) AS n FROM revision INDEXED BY revision_memory GROUP BY memory_id) "
            "JOIN txn ON txn.id = n"
        ).fetchall()
        found = self.columns["recorded"].copy()
        at = self.columns.places(np.array([row[0] for row in rows], dtype=np.int64))
        found[at[at >= 0]] = np.array([row[1] for row in rows], dtype="S32")[at >= 0]
        return found

    def _state_of(self, value: str) -> Flags:
        columns = self.columns
        if value in ("pinned", "always", "edited", "tainted"):
            return columns[value].copy()
        if value == "ended":
            return (columns["valid_to"] != b"") & (columns["valid_to"] <= now().encode())
        if value == "leech":
            usage = self.usage()
            return columns.coded("status", ["active"]) & (usage.judged >= READ_IN_VAIN) & (usage.helped == 0)
        return columns.coded("status", ["trashed" if value == "trash" else value])

    def _of_pool(self, value: str) -> Flags:
        codes = self.columns.names["pool"]
        if value in (ANY, NONE):
            own = self.columns["pool"] == codes.get("", -1)
            return own if value == NONE else ~own
        rows = self.bank.rows("SELECT id FROM pool WHERE profile = ? AND lower(name) = lower(?)", self.bank.profile, value)
        return np.isin(self.columns["pool"], [codes.get(name, -2) for name in (value, *(row["id"] for row in rows))])

    def _of_model(self, value: str) -> Flags:
        codes = [code for name, code in self.columns.names["model"].items() if value.casefold() in name.casefold()]
        return np.isin(self.columns["model"], codes)

    # orders

    def _order(self, wanted: Filter) -> Ints:
        if wanted.sort == "relevance":
            order = self.texts.ranked(wanted.words)
            rest = np.setdiff1d(self._sorted("recorded"), order)
            order = np.concatenate([order, rest]).astype(np.int64)
            return order[::-1] if wanted.upwards else order
        order = self._sorted(wanted.sort)
        if wanted.upwards == (wanted.sort in ("title", "kind")):
            return order
        if wanted.sort in ("reward", "used"):  # what has none stays at the end
            none = np.isnan(self.columns["reward"]) if wanted.sort == "reward" else self.usage().last == b""
            return np.concatenate([order[~none[order]][::-1], order[none[order]]])
        return order[::-1]

    def _sorted(self, sort: str) -> Ints:
        """All places in an order as people expect it; of equals the newest first."""
        state = (self.columns.version, stamp_of(self.bank) if sort in USED_SORTS else None)
        if self._orders_of[0] != state[0] or (state[1] is not None and self._orders_of[1] != state[1]):
            self._orders = {}
            self._orders_of = (state[0], state[1] or self._orders_of[1])
        if sort not in self._orders:
            self._orders[sort] = self._ordered(sort)
            self._orders_of = (state[0], stamp_of(self.bank) if sort in USED_SORTS else self._orders_of[1])
        return self._orders[sort]

    def _ordered(self, sort: str) -> Ints:
        columns = self.columns
        if sort == "recorded":
            return np.argsort(columns["recorded"], kind="stable")[::-1]  # by number where that is equal: the arrays are
        newest = self._sorted("recorded")
        if sort == "title":
            keys = [title.casefold() for title in columns["title"][newest]]
            return newest[sorted(range(len(keys)), key=keys.__getitem__)]
        if sort == "used":
            return newest[np.argsort(self.usage().last[newest], kind="stable")[::-1]]
        if sort == "kind":
            values: Numbers = columns["kind"]
        elif sort == "reward":
            values = -np.nan_to_num(columns["reward"], nan=-1.0)
        else:
            values = -{"read": self.usage().read, "helped": self.usage().helped}[sort]
        return newest[np.argsort(values[newest], kind="stable")]


def _between(values: Numbers, span: Span) -> Flags:
    """What is not a number is in no span."""
    found = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), dtype=bool)
    if span.low is not None:
        found &= (values > span.low) if span.low_open else (values >= span.low)
    if span.high is not None:
        found &= (values < span.high) if span.high_open else (values <= span.high)
    return found
