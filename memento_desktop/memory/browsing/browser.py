"""The browser over everything remembered: count, pages, order and places of what a filter finds, as quick as somebody types.

What a filter finds is kept until something is written, so that paging through it and going back in the prompt cost nothing.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, with_bools
from memento_desktop.memory.browsing.query import Filter
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Kind, Origin, Outcome, Status

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.columns import Ints
    from memento_desktop.memory.browsing.finding import Finding

KEPT = 32
"""Results that are kept, the newest."""
UNUSED: dict[str, Any] = {"read": 0, "helped": 0, "harmed": 0, "last_used": None}


@dataclass(frozen=True)
class Row:
    """One line of the browser. `reward`, `outcome` and `tainted` are of cases."""

    id: int
    kind: Kind
    title: str
    status: Status
    pinned: bool
    always_on: bool
    reward: float | None
    read: int
    helped: int
    harmed: int
    origin: Origin
    pool: str
    edited: bool
    recorded_at: str
    valid_to: str | None
    last_used: str | None
    outcome: Outcome | None
    tainted: bool


class Browser:
    """Safe to use from several threads. The first search reads the small fields of all memories (under a second at 100,000); `warm` does
    so beforehand."""

    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories
        self._finding: Finding | None = None
        self._results: OrderedDict[Filter, tuple[object, Ints]] = OrderedDict()

    def warm(self) -> None:
        """Reads what searching needs."""
        with self.bank.lock, self.bank.telling():
            self._ready().texts.follow()

    def count(self, filter: Filter) -> int:
        """How many memories a filter finds."""
        if filter == Filter() and self._finding is None:  # the first frame waits for nothing
            sql = "SELECT count(*) AS n FROM memory WHERE profile = ? AND status != 'trashed'"
            return self.bank.one(sql, self.bank.profile)["n"]
        return len(self._found(filter))

    def page(self, filter: Filter, offset: int = 0, limit: int = 60) -> list[Row]:
        """Some of them in order, from `offset` on."""
        offset, limit = max(0, offset), max(0, limit)
        with self.bank.lock, self.bank.telling():
            if filter == Filter() and self._finding is None:
                rows = self.bank.rows(
                    "SELECT id FROM memory WHERE profile = ? AND status != 'trashed' ORDER BY recorded_at DESC, id DESC LIMIT ? OFFSET ?",
                    self.bank.profile, limit, offset,
                )  # fmt: skip
                return self.rows([row["id"] for row in rows])
            return self.rows(self._found(filter)[offset : offset + limit].tolist())

    def ids(self, filter: Filter) -> list[int]:
        """The numbers of all of them, in order."""
        return self._found(filter).tolist()

    def position(self, filter: Filter, memory_id: int) -> int | None:
        """The place of a memory among them, from 0; None when it is not one of them."""
        places = (self._found(filter) == memory_id).nonzero()[0]
        return int(places[0]) if len(places) else None

    def row(self, memory_id: int) -> Row:
        """
        Raises:
            MementoError: there is no such memory.
        """
        found = self.rows([memory_id])
        if not found:
            raise MementoError(f"There is no memory {memory_id}.", "`memento memory list` shows their numbers.")
        return found[0]

    def _ready(self) -> Finding:
        if self._finding is None:
            from memento_desktop.memory.browsing.finding import Finding  # NumPy comes with it

            self._finding = Finding(self.bank)
        self._finding.columns.refresh()
        return self._finding

    def _found(self, filter: Filter) -> Ints:
        with self.bank.lock, self.bank.telling():
            finding = self._ready()
            state, found = self._results.get(filter, (None, None))
            if found is None or state != finding.state(filter):
                found = finding.ids(filter)
                self._results[filter] = finding.state(filter), found
            self._results.move_to_end(filter)
            while len(self._results) > KEPT:
                self._results.popitem(last=False)
            return found

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """These memories as lines, in their order; one that is gone is left out."""
        known = self.bank.rows(
            "SELECT m.id, m.kind, m.title, m.status, m.pinned, m.always_on, d.reward, m.origin, m.pool, m.user_edited AS edited, "
            "m.recorded_at, m.valid_to, d.outcome, coalesce(d.tainted, 0) AS tainted FROM json_each(?) asked CROSS JOIN memory m "
            "ON m.id = asked.value LEFT JOIN case_detail d ON d.memory_id = m.id WHERE m.profile = ? ORDER BY asked.key",
            json.dumps(list(ids)), self.bank.profile,
        )  # fmt: skip
        used = self._finding.used(ids) if self._finding else None
        if used is None:
            used = {
                one.id: {"read": one.read, "helped": one.helpful, "harmed": one.harmful, "last_used": one.last_used}
                for one in self.memories.of(ids)
            }
        return [Row(**with_bools(row, "pinned", "always_on", "edited", "tainted"), **used.get(row["id"], UNUSED)) for row in known]
