"""Which reader a bank uses: similarity until a learned reader has proved better on what this owner's tasks brought, decided by `gate`.

What was decided, and the trained head, are kept with a digest of the evidence that they rest on. They count only while that evidence is
still what the log says. An undone verdict therefore brings back the reader of before, to the bit, and so does redoing it.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.policy import Reader, SimilarityReader
from memento_desktop.memory.records import now

if TYPE_CHECKING:
    from memento_desktop.memory.learning.gate import Verdict
    from memento_desktop.memory.learning.readers import KernelReader, NeuralReader

Wanted = Literal["auto", "similarity", "kernel", "neural"]
LEARNED = ("kernel", "neural")
LEAST = 30
"""Readings with a reward from which anything is trained or decided."""
GROWN = 1.1
"""Share by which the log must have grown before it is looked at again."""
LOOKED_AT = 1000
"""Readings on which the readers are compared, the newest ones."""
TRAINED_ON = 10_000
"""Readings that the head is trained on, the newest ones."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """What the readers are worth on this bank, as its owner is shown it."""

    readings: int
    """With a reward, when it was decided."""
    verdicts: dict[str, Verdict]
    chosen: str
    """The reader that is used."""
    trying: str
    """The reader that is on trial; empty when none is."""
    share: float
    """Of the tasks that it chooses for."""


class Learner:
    """Learns from the log of one bank. Everything here is derived: nothing is lost with it."""

    def __init__(self, bank: Bank, evidence: Log, wanted: Wanted = "auto", explore: float = 0.0) -> None:
        self.bank, self.log, self.wanted, self.explore = bank, evidence, wanted, explore
        self._learning = threading.Lock()

    def reader(self) -> Reader:
        """The reader for the next task."""
        if self.wanted == "similarity" or (self.wanted == "auto" and self.log.count() == 0):
            return SimilarityReader(explore=self.explore)  # without NumPy: the first tasks of a new owner need none
        from memento_desktop.memory.learning.readers import KernelReader, OnTrial, settings_of

        kernel = KernelReader(self.log, settings_of(self.explore))
        if self.wanted != "auto":
            return (self._neural(kernel) or kernel) if self.wanted == "neural" else kernel
        standing = self.standing()
        if standing is None:
            return SimilarityReader(explore=self.explore)
        proven = self._named(standing.chosen, kernel) or SimilarityReader(explore=self.explore)
        tried = self._named(standing.trying, kernel)
        return OnTrial(proven, tried, standing.share) if tried and standing.share > 0.0 else proven

    def _named(self, name: str, kernel: KernelReader) -> KernelReader | NeuralReader | None:
        return kernel if name == "kernel" else (self._neural(kernel) or kernel) if name == "neural" else None

    def _neural(self, kernel: KernelReader) -> NeuralReader | None:
        from memento_desktop.memory.learning.neural import Head
        from memento_desktop.memory.learning.readers import NeuralReader

        kept = self._kept("neural")
        if kept is None:
            return None
        embedder, _, head = kept.partition(b"\n")
        return NeuralReader(self.bank, kernel, Head.from_bytes(head), int(embedder))

    def standing(self) -> Standing | None:
        """What was decided last on evidence that still stands; None before the first decision."""
        from memento_desktop.memory.learning.gate import Verdict

        kept = self._kept("standing")
        if kept is None:
            return None
        state = json.loads(kept)
        verdicts = {name: Verdict(**verdict) for name, verdict in state.pop("verdicts").items()}
        return Standing(verdicts=verdicts, **state)

    def learn(self, always: bool = False) -> Standing | None:
        """Trains the head and compares the readers anew, where the log has grown enough (or `always`). Takes up to seconds: for a thread.

        Returns what was decided, or None when nothing was due.
        """
        if self.wanted == "similarity" or not self._learning.acquire(blocking=False):
            return None
        try:
            readings, seen = self.log.count(), self.standing()
            if readings < LEAST or (seen is not None and readings < seen.readings * GROWN and not always):
                return None
            upto, digest = self.log.digest()
            head = self._train(upto, digest)
            standing = self._decide(readings, seen, head)
            state = json.dumps({**asdict(standing)}).encode()
            self._keep("standing", upto, digest, state)
            log.info("reading by %s: %s", standing.chosen, {name: verdict.reason for name, verdict in standing.verdicts.items()})
            return standing
        finally:
            self._learning.release()

    def _decide(self, readings: int, before: Standing | None, head: bool) -> Standing:
        from memento_desktop.memory.learning import comparison

        found: dict[str, Verdict] = {}
        for name in LEARNED if head else LEARNED[:1]:
            was = before is not None and before.chosen == name
            found[name] = comparison.verdict(self.bank, self.log.newest(LOOKED_AT), name, was, self.explore)
        used = [name for name, verdict in found.items() if verdict.used]
        chosen = max(used, key=lambda name: found[name].low) if used else "similarity"
        rest = [name for name in found if name != chosen]
        trying = max(rest, key=lambda name: found[name].gain) if rest else ""
        return Standing(readings, found, chosen, trying, found[trying].share if trying and not used else 0.0)

    def _train(self, upto: int, digest: str) -> bool:
        """Fits the head to the newest readings that have vectors. False when there are too few."""
        from memento_desktop.memory.learning.comparison import readings_with_vectors
        from memento_desktop.memory.learning.neural import fit
        from memento_desktop.memory.learning.readers import settings_of

        found = readings_with_vectors(self.bank, [one for reading in self.log.newest(TRAINED_ON) for one in reading if one.shown])
        if found is None or len(found[1]) < LEAST:
            return False
        embedder, readings = found
        self._keep("neural", upto, digest, str(embedder).encode() + b"\n" + fit(readings, settings_of(self.explore)).to_bytes())
        return True

    # what is kept

    def _kept(self, what: str) -> bytes | None:
        """The newest state whose evidence is what it was."""
        for row in self.bank.rows("SELECT upto, digest, state FROM learned WHERE what = ? ORDER BY id DESC LIMIT 8", what):
            if self.log.digest(row["upto"])[1] == row["digest"]:
                return row["state"]
        return None

    def _keep(self, what: str, upto: int, digest: str, state: bytes) -> None:
        with self.bank.writing():
            self.bank.rows("DELETE FROM learned WHERE what = ? AND upto = ? AND digest = ?", what, upto, digest)
            self.bank.rows("INSERT INTO learned (what, at, upto, digest, state) VALUES (?,?,?,?,?)", what, now(), upto, digest, state)
            self.bank.rows(
                "DELETE FROM learned WHERE what = ? AND id NOT IN (SELECT id FROM learned WHERE what = ? ORDER BY id DESC LIMIT 64)",
                what,
                what,
            )
