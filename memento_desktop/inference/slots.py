"""Which sequence of the KV cache a prompt continues: each role keeps its warmed prefix, the least recently used one gives way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SLOTS = 4
"""Sequences an engine keeps: planner, executor, judge, and one to spare."""
SAME_ROLE = 128
"""Shared tokens from which two prompts surely have the same system text: the newer one continues the older one's sequence."""
SAME_SHARE = 4
"""Below that, they are taken for one role when they share a quarter of the shorter one. Two roles share a header and a few words."""


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """Number of leading tokens that are equal."""
    count = min(len(a), len(b))
    if a[:count] == b[:count]:
        return count
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


@dataclass
class Slot:
    """One sequence: the tokens whose keys and values are in the cache."""

    id: int
    tokens: list[int] = field(default_factory=list[int])
    used: int = 0


class Slots:
    """`count` sequences; with `shared_cells` they share that many cells, without they have a full context each."""

    def __init__(self, count: int, drop: Callable[[int, int], bool], shared_cells: int | None = None) -> None:
        """`drop(slot, position)` removes a sequence's tokens from a position on and says whether the model could do that."""
        self._slots = [Slot(n) for n in range(count)]
        self._drop = drop
        self._cells = shared_cells
        self._clock = 0

    def take(self, prompt: list[int], room: int) -> tuple[Slot, int]:
        """The slot for `prompt`, cut back to the tokens that it shares, and their number.

        At least the last token of the prompt is left to evaluate. `room` is how many tokens the reply may add.
        """
        slot, shared = self._best(prompt)
        self._clock += 1
        slot.used = self._clock
        shared = min(shared, len(prompt) - 1)
        self.cut(slot, shared)
        self._make_room(slot, len(prompt) + room)
        return slot, len(slot.tokens)

    def _best(self, prompt: list[int]) -> tuple[Slot, int]:
        slot, shared = max(((s, common_prefix(s.tokens, prompt)) for s in self._slots), key=lambda pair: (pair[1], pair[0].used))
        if shared and (shared >= SAME_ROLE or shared * SAME_SHARE >= min(len(slot.tokens), len(prompt))):
            return slot, shared
        slot = min(self._slots, key=lambda s: (len(s.tokens) > 0, s.used))
        return slot, common_prefix(slot.tokens, prompt)

    def _make_room(self, slot: Slot, wanted: int) -> None:
        if self._cells is None:
            return
        others = sorted((s for s in self._slots if s is not slot), key=lambda s: s.used)
        held = sum(len(s.tokens) for s in others)
        for other in others:
            if held + wanted <= self._cells:
                return
            held -= len(other.tokens)
            self.cut(other, 0)

    def cut(self, slot: Slot, length: int) -> None:
        """Forgets a slot's tokens from `length` on; all of them when the model cannot forget a part (recurrent ones cannot)."""
        if not self._drop(slot.id, length):
            self._drop(slot.id, 0)
            length = 0
        del slot.tokens[length:]
