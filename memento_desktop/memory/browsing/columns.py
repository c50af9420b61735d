"""What the browser filters and sorts by, of every memory of a profile, in arrays: a hundred thousand are looked through in a millisecond.

The bank keeps long texts beside the small fields, so that a look at one field of all memories reads the whole file. Here the small fields
stand alone. They are brought up to date before each use: what this connection wrote is noted by temporary triggers, and taken back with it;
when another process wrote, everything is read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.records import Kind, Origin, Outcome, Status

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
CODES: dict[str, tuple[str, ...]] = {
    "kind": get_args(Kind), "status": get_args(Status), "origin": get_args(Origin), "outcome": get_args(Outcome),
}  # fmt: skip
NAMES = ("pool", "model")
"""Fields whose values are not known beforehand: kept as numbers too, see `Columns.names`."""
TYPES: dict[str, Any] = {
    "id": np.int64, "recorded": "S32", "kind": np.int8, "status": np.int8, "origin": np.int8, "pool": np.int32, "trust": np.float64,
    "pinned": np.bool_, "always": np.bool_, "edited": np.bool_, "valid_to": "S32", "title": np.object_, "merged": np.int64,
    "outcome": np.int8, "reward": np.float64, "source": np.object_, "tainted": np.bool_, "model": np.int32,
}  # fmt: skip
SELECT = (
    "SELECT m.id, m.recorded_at, m.kind, m.status, m.origin, m.pool, m.trust, m.pinned, m.always_on, m.user_edited, "
    "coalesce(m.valid_to, ''), m.title, iif(m.kind = 'lesson' AND m.status = 'superseded', coalesce(m.superseded_by, m.id), m.id), "
    "d.outcome, d.reward, coalesce(d.reward_source, ''), coalesce(d.tainted, 0), d.model FROM memory m "
    "LEFT JOIN case_detail d ON d.memory_id = m.id WHERE +m.profile = ? AND "
)
ALL = 2000
"""Changed memories from which on all are read again."""
MANY = 50_000
"""Notes of changes that are kept."""
NOTES = """
CREATE TEMP TABLE IF NOT EXISTS seen_change (n INTEGER PRIMARY KEY AUTOINCREMENT, memory_id INTEGER NOT NULL);
CREATE TEMP TRIGGER IF NOT EXISTS seen_new AFTER INSERT ON main.memory BEGIN INSERT INTO seen_change (memory_id) VALUES (NEW.id); END;
CREATE TEMP TRIGGER IF NOT EXISTS seen_old AFTER UPDATE ON main.memory BEGIN INSERT INTO seen_change (memory_id) VALUES (NEW.id); END;
CREATE TEMP TRIGGER IF NOT EXISTS seen_gone AFTER DELETE ON main.memory BEGIN INSERT INTO seen_change (memory_id) VALUES (OLD.id); END;
CREATE TEMP TRIGGER IF NOT EXISTS seen_case AFTER INSERT ON main.case_detail
    BEGIN INSERT INTO seen_change (memory_id) VALUES (NEW.memory_id); END;
CREATE TEMP TRIGGER IF NOT EXISTS seen_end AFTER UPDATE ON main.case_detail
    BEGIN INSERT INTO seen_change (memory_id) VALUES (NEW.memory_id); END;
CREATE TEMP TRIGGER IF NOT EXISTS seen_no_case AFTER DELETE ON main.case_detail
    BEGIN INSERT INTO seen_change (memory_id) VALUES (OLD.memory_id); END;
"""


@dataclass(frozen=True)
class Stamp:
    """The state of the bank as this connection sees it; another one whenever something was written."""

    profile: str
    others: int
    own: int


def stamp_of(bank: Bank) -> Stamp:
    (others,) = next(iter(bank.db.execute("PRAGMA data_version")))
    return Stamp(bank.profile, others, bank.db.total_changes())


def numbers(bank: Bank, sql: str, *values: Any, dtype: Any = np.int64) -> NDArray[Any]:
    """A column of numbers, by a query of one `group_concat`: half the time that fetching them one by one takes."""
    (text,) = next(iter(bank.db.execute(sql, values)))
    return np.fromstring(text, dtype=dtype, sep=",") if text else np.empty(0, dtype)


class Columns:
    """The arrays, sorted by id. For use under the bank's lock, after `refresh`."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.version = 0
        """Grows whenever anything in the arrays may have changed."""
        self.changed: list[int] = []
        """The memories that the last refresh brought up to date; all when it read everything (`whole`)."""
        self.whole = True
        self.names: dict[str, dict[str, int]] = {name: {} for name in NAMES}
        self._known: Stamp | None = None
        self._noted = 0
        self.data: dict[str, NDArray[Any]] = {name: np.empty(0, kind) for name, kind in TYPES.items()}
        bank.db.execute(NOTES)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.data[name]

    def __len__(self) -> int:
        return len(self.data["id"])

    @property
    def loaded(self) -> bool:
        return self._known is not None

    def refresh(self) -> None:
        """Brings the arrays in line with the bank."""
        now = stamp_of(self.bank)
        if now == self._known:
            return
        known, self._known = self._known, now
        first, noted = next(iter(self.bank.db.execute("SELECT coalesce(min(n), 0), coalesce(max(n), 0) FROM temp.seen_change")))
        rows = self.bank.rows("SELECT DISTINCT memory_id FROM temp.seen_change WHERE n > ? LIMIT ?", self._noted, ALL)
        certain = known is not None and (known.profile, known.others) == (now.profile, now.others) and first <= self._noted + 1
        self.whole = not certain or len(rows) == ALL
        self.changed = [row["memory_id"] for row in rows]
        if self.whole:
            self._read_all()
        elif self.changed:
            self._read(self.changed)
        if self.whole or self.changed:
            self.version += 1
        self._noted = noted
        if noted - first > MANY:
            self.bank.db.execute("DELETE FROM temp.seen_change WHERE n <= ?", (noted - ALL,))
            self._known = stamp_of(self.bank)
        if self.bank.db.in_transaction:
            self._known = None  # what is not yet written may be taken back

    def _read_all(self) -> None:
        rows = self.bank.db.execute(f"{SELECT} 1 ORDER BY m.id", (self.bank.profile,)).fetchall()
        self.names = {name: {} for name in NAMES}
        self.data = self._as_arrays(rows)

    def _read(self, ids: Sequence[int]) -> None:
        sql = f"{SELECT} m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id"
        rows = self.bank.db.execute(sql, (self.bank.profile, json.dumps(list(ids)))).fetchall()
        fresh = self._as_arrays(rows)
        same = self.places(fresh["id"])
        gone = self.places(np.setdiff1d(np.array(ids, np.int64), fresh["id"]))
        there = same >= 0
        for name, column in self.data.items():
            column[same[there]] = fresh[name][there]
        if (gone >= 0).any() or not there.all():
            at = np.searchsorted(self.data["id"], fresh["id"][~there])
            kept = np.ones(len(self), dtype=bool)
            kept[gone[gone >= 0]] = False
            at -= np.searchsorted(np.flatnonzero(~kept), at)
            self.data = {name: np.insert(column[kept], at, fresh[name][~there]) for name, column in self.data.items()}

    def _as_arrays(self, rows: Sequence[Sequence[Any]]) -> dict[str, NDArray[Any]]:
        columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ([] for _ in TYPES)
        return {name: self._as_array(name, values) for name, values in zip(TYPES, columns, strict=True)}

    def _as_array(self, name: str, values: Sequence[Any]) -> NDArray[Any]:
        if name in CODES:
            codes = {value: code for code, value in enumerate(CODES[name])} | {None: -1}
            values = [codes[value] for value in values]
        elif name in NAMES:
            known = self.names[name]
            values = [-1 if value is None else known.setdefault(value, len(known)) for value in values]
        elif name == "reward":
            values = [np.nan if value is None else value for value in values]
        elif name in ("title", "source"):
            found = np.empty(len(values), dtype=object)
            found[:] = values
            return found
        return np.array(values, dtype=TYPES[name])

    def places(self, ids: NDArray[Any]) -> Ints:
        """Where these memories stand in the arrays; -1 for those that do not."""
        own = self.data["id"]
        at = np.searchsorted(own, ids)
        inside = at < len(own)
        found = np.where(inside, at, 0)
        known = inside & (own[found] == ids) if len(own) else np.zeros(len(at), dtype=bool)
        return np.where(known, found, -1)

    def mask(self, ids: NDArray[Any]) -> Flags:
        """(n,): which memories are among `ids`."""
        found = np.zeros(len(self), dtype=bool)
        at = self.places(ids)
        found[at[at >= 0]] = True
        return found

    def coded(self, name: str, values: Iterable[str]) -> Flags:
        """(n,): which memories have one of these values in a field of `CODES`."""
        wanted = np.zeros(len(CODES[name]) + 1, dtype=bool)  # the last is for none, which is -1
        wanted[[CODES[name].index(value) for value in values]] = True
        return wanted[self.data[name]]

    def values(self, name: str, which: Flags | None = None) -> list[str]:
        """A field of `CODES` in words, of all memories or some; what has none is left out."""
        codes: list[int] = (self.data[name] if which is None else self.data[name][which]).tolist()
        return [CODES[name][code] for code in codes if code >= 0]
