"""Which reader a bank uses: similarity until a learned reader has proved better on what this owner's tasks brought, decided by `gate`.

What was decided, and the trained head, are kept with a digest of the evidence that they rest on. They count only while that evidence is
still what the log says. An undone verdict therefore brings back the reader of before, to the bit, and so does redoing it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.learning.log import Evidence, Log
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
LOOKED_AT = 500
"""Readings on which the readers are compared, the newest ones."""
TRAINED_ON = 5_000
"""Readings that the head is trained on, the newest ones."""
KEPT = 8
"""Heads and decisions that are kept, for undo."""
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

    def __init__(self, bank: Bank, evidence: Log, wanted: Wanted = "auto", explore: float = 0.0, most: int = 4) -> None:
        self.bank, self.log, self.wanted, self.explore, self.most = bank, evidence, wanted, explore, most
        self._learning = threading.Lock()

    def reader(self) -> Reader:
        """The reader for the next task."""
        similarity = SimilarityReader(explore=self.explore)
        standing = self.standing() if self.wanted == "auto" else None
        if self.wanted == "similarity" or (self.wanted == "auto" and standing is None):
            return similarity  # without NumPy: the first tasks of a new owner need none
        from memento_desktop.memory.learning.readers import KernelReader, OnTrial, settings_of

        kernel = KernelReader(self.log, settings_of(self.explore))
        if self.wanted == "kernel":
            return kernel
        if standing is None:
            return self._neural(kernel) or kernel
        proven = self._named(standing.chosen, kernel) or similarity
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
        try:
            return NeuralReader(self.bank, kernel, Head.from_bytes(head), int(embedder))
        except (MementoError, ValueError) as error:  # of another version: trained again the next time
            log.info("the trained head is not used: %s", error)
            return None

    def standing(self) -> Standing | None:
        """What was decided last on evidence that still stands; None before the first decision."""
        kept = self._kept("standing")
        return None if kept is None else _read(kept)

    def learn(self, always: bool = False) -> Standing | None:
        """Trains the head and compares the readers anew, where the log has grown enough (or `always`). Takes up to seconds: for a thread.

        Returns what was decided, or None when nothing was due, or when the log changed meanwhile: then it is due the next time.
        """
        if self.wanted == "similarity" or not self._learning.acquire(blocking=False):
            return None
        try:
            readings, seen = self.log.count(), self.standing()
            if readings < LEAST or (seen is not None and readings < seen.readings * GROWN and not always):
                return None
            upto, digest = self.log.digest()
            evidence = self.log.newest(TRAINED_ON, upto)
            head = self._trained(evidence)
            standing = self._decided(readings, evidence[-LOOKED_AT:], head is not None)
            with self.bank.writing():  # one look at the log: what changed while it was read is not vouched for
                if self.log.digest(upto) != (upto, digest):
                    return None
                if head is not None:
                    self._keep("neural", upto, digest, head)
                self._keep("standing", upto, digest, json.dumps(asdict(standing)).encode())
            log.info("reading by %s: %s", standing.chosen, {name: verdict.reason for name, verdict in standing.verdicts.items()})
            return standing
        finally:
            self._learning.release()

    def _decided(self, readings: int, evidence: Sequence[Sequence[Evidence]], head: bool) -> Standing:
        from memento_desktop.memory.learning import comparison

        newest = self.bank.rows(
            "SELECT state FROM learned WHERE what = 'standing' AND profile = ? ORDER BY id DESC LIMIT 1", self.bank.profile
        )
        before = _read(newest[0]["state"]) if newest else None  # of evidence that may have been relabelled: for hysteresis it will do
        found: dict[str, Verdict] = {}
        for name in LEARNED if head else LEARNED[:1]:
            was = before is not None and before.chosen == name
            found[name] = comparison.verdict(self.bank, evidence, name, was, self.explore, self.most)
        used = [name for name, verdict in found.items() if verdict.used]
        chosen = max(used, key=lambda name: found[name].low) if used else "similarity"
        rest = [name for name in found if name != chosen]
        trying = max(rest, key=lambda name: found[name].gain) if rest and not used else ""
        return Standing(readings, found, chosen, trying, found[trying].share if trying else 0.0)

    def _trained(self, evidence: Sequence[Sequence[Evidence]]) -> bytes | None:
        """A head on the readings that have vectors, behind the number of its embedder. None when there are too few."""
        from memento_desktop.memory.learning.comparison import most_used, readings_with_vectors
        from memento_desktop.memory.learning.neural import fit
        from memento_desktop.memory.learning.readers import settings_of, vectors_of

        shown = [one for reading in evidence for one in reading if one.shown]
        embedder = most_used(shown)
        if not embedder:
            return None
        found = readings_with_vectors(shown, embedder, vectors_of(self.bank, embedder, sorted({one.memory for one in shown})))
        if found is None or len(found) < LEAST:
            return None
        return str(embedder).encode() + b"\n" + fit(found, settings_of(self.explore)).to_bytes()

    # what is kept

    def _kept(self, what: str) -> bytes | None:
        """The newest state whose evidence is what it was."""
        sql = "SELECT upto, digest, state FROM learned WHERE what = ? AND profile = ? ORDER BY id DESC LIMIT ?"
        for row in self.bank.rows(sql, what, self.bank.profile, KEPT):
            if self.log.digest(row["upto"]) == (row["upto"], row["digest"]):
                return row["state"]
        return None

    def _keep(self, what: str, upto: int, digest: str, state: bytes) -> None:
        mine = self.bank.profile
        self.bank.rows("DELETE FROM learned WHERE what = ? AND profile = ? AND upto = ? AND digest = ?", what, mine, upto, digest)
        sql = "INSERT INTO learned (what, profile, at, upto, digest, state) VALUES (?,?,?,?,?,?)"
        self.bank.rows(sql, what, mine, now(), upto, digest, state)
        self.bank.rows(
            "DELETE FROM learned WHERE what = ? AND profile = ? AND id NOT IN "
            "(SELECT id FROM learned WHERE what = ? AND profile = ? ORDER BY id DESC LIMIT ?)",
            what, mine, what, mine, KEPT,
        )  # fmt: skip


def _read(state: bytes) -> Standing | None:
    """A kept decision; None when another version wrote it."""
    from memento_desktop.memory.learning.gate import Verdict

    try:
        found = json.loads(state)
        verdicts = {name: Verdict(**verdict) for name, verdict in found.pop("verdicts").items()}
        return Standing(verdicts=verdicts, **found)
    except (TypeError, ValueError, KeyError) as error:
        log.info("what was decided by another version is not used: %s", error)
        return None
