"""Lessons: one sentence each, distilled by rule from the owner's corrections and from what set a success apart from a failure.

No model writes them, so none of them says more than the owner and the outcomes did. A lesson keeps links to the cases that it came from,
is found and read like a case, and earns its own credit. Two that say the same are merged: the older one keeps its text and takes over the
links and, through the bank's views, the readings of the other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from memento_desktop.memory.bank import Bank, Change
from memento_desktop.memory.cases import Cases, verdict_label
from memento_desktop.memory.learning import wording
from memento_desktop.memory.learning.credit import words
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Case, Memory
from memento_desktop.memory.search import Search
from memento_desktop.memory.tokens import STOP_WORDS

ALIKE = 0.6
"""Jaccard coefficient of what two tasks are about, from which they count as of one kind."""
FILLERS = frozenset("a an the please just you forgot to should".split())
LOOKED_AT = 24
log = logging.getLogger(__name__)


def advice_words(advice: str) -> frozenset[str]:
    """What an advice says, in words that tell: two with the same set say the same. "not" and "only" tell."""
    return frozenset(words(advice) - FILLERS)


def about(case: Case) -> frozenset[str]:
    """What a case is about: the words of its task and plan, without its correction and without what is particular to it."""
    text = wording.kind_of_task(" ".join([case.task, *(step.split(";")[0] for step in case.plan)]))
    return frozenset(words(text) - STOP_WORDS - advice_words(case.correction))


def of_one_kind(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a | b) and len(a & b) / len(a | b) >= ALIKE


class Lessons:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases, search: Search) -> None:
        self.bank, self.memories, self.cases, self.search = bank, memories, cases, search

    def verdict(self, case_id: int, reward: float, correction: str = "") -> tuple[Case, list[Memory]]:
        """The owner's word on a case and what is learnt from it, as one change. Returns the case and the lessons that it now teaches."""
        before = self.cases.get(case_id)
        with self.bank.change("owner", verdict_label(before, reward, correction)) as change:
            case = self.cases.verdict(case_id, reward, correction)
            self._let_go(before, case, change)
            taught = [lesson for advice, sources in self._advice(case) if (lesson := self._keep(case, advice, sources, change))]
        return case, [self.memories.get(lesson) for lesson in dict.fromkeys(taught)]

    def of_case(self, case_id: int) -> list[Memory]:
        """The lessons that came from a case and are still in use."""
        rows = self.bank.rows(
            "SELECT a FROM link JOIN memory ON id = a WHERE b = ? AND rel = 'derived_from' AND kind = 'lesson' AND status = 'active'",
            case_id,
        )
        return [self.memories.get(row["a"]) for row in rows]

    def sources(self, lesson_id: int) -> list[int]:
        """The cases that a lesson came from."""
        return [row["b"] for row in self.bank.rows("SELECT b FROM link WHERE a = ? AND rel = 'derived_from' ORDER BY b", lesson_id)]

    def merge(self, kept: int, other: int, change: Change) -> None:
        """`other` says the same as `kept`: its links go over, and its readings count for `kept` from now on."""
        for moved in [other, *(row["id"] for row in self.bank.rows("SELECT id FROM memory WHERE superseded_by = ?", other))]:
            change.touch(moved)
            self.bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ? WHERE id = ?", kept, moved)
            self.bank.index(moved)
        self._link(kept, self.sources(other), change)

    # what a verdict teaches

    def _advice(self, case: Case) -> list[tuple[str, list[int]]]:
        """Pairs of advice and the cases that it comes from."""
        if not case.worked and case.correction:
            return [(case.correction, [case.id])] if wording.is_rule(case.correction) else []
        found: list[tuple[str, list[int]]] = []
        for other in self._like(case):
            good, bad = (case, other) if case.worked else (other, case)
            apart = good.worked and good.reward_source == "owner" and not good.tainted and not bad.worked and not bad.correction
            advice = wording.extra("; ".join(good.plan), "; ".join(bad.plan)) if apart else ""
            if advice_words(advice) - words(" ".join([wording.kind_of_task(case.task), *bad.plan])):  # it says something new
                found.append((advice, [good.id, bad.id]))
        return found

    def _like(self, case: Case) -> list[Case]:
        """Finished cases of the same kind of task, the most similar first."""
        hits = self.search.find(case.task, ("case",), LOOKED_AT)
        own = about(case)
        known = self.memories.of([hit.memory_id for hit in hits if hit.memory_id != case.id])
        others = self.cases.of([memory.id for memory in known if not memory.pool])
        return [other for other in others if other.plan and of_one_kind(own, about(other))]

    def _keep(self, case: Case, advice: str, sources: Sequence[int], change: Change) -> int | None:
        """The lesson with this advice for this kind of task: the one that is there, or a new one. None when the owner removed it."""
        text = wording.sentence(case.task, advice)
        same = [lesson for lesson in self._candidates(case) if self._says(lesson, case, advice)]
        if same:
            first, *others = sorted(same, key=lambda memory: memory.id)
            for other in others:
                if not other.user_edited:
                    self.merge(first.id, other.id, change)
            self._link(first.id, sources, change)
            return first.id
        if self.memories.purged(text) or any(self._says(lesson, case, advice) for lesson in self._trashed()):
            log.debug("not learnt again, because the owner removed it: %s", text)
            return None
        lesson = self.memories.insert("lesson", title_of(text), text, "active", "assistant")
        change.created(lesson)
        self._link(lesson, sources, change)
        return lesson

    def _trashed(self) -> list[Memory]:
        return self.memories.list(("lesson",), ("trashed",), limit=1000)

    def _candidates(self, case: Case) -> list[Memory]:
        found = [self.memories.get(hit.memory_id) for hit in self.search.find(case.task, ("lesson",), LOOKED_AT)]
        return [lesson for lesson in found if not lesson.pool]  # another's text is not the owner's to merge into

    def _says(self, lesson: Memory, case: Case, advice: str) -> bool:
        """Whether a lesson gives this advice for tasks of this kind."""
        if advice_words(wording.advice_of(lesson.body)) != advice_words(advice):
            return False
        head = lesson.body.removesuffix(wording.advice_of(lesson.body))
        known = [about(source) for source in self.cases.of(self.sources(lesson.id))]
        return any(of_one_kind(about(case), subject) for subject in known or [frozenset(words(head) - STOP_WORDS)])

    def _let_go(self, before: Case, case: Case, change: Change) -> None:
        """Lessons that rest on what a case was before this verdict lose it; one left without a case is archived, if it was not edited."""
        for lesson in self.of_case(case.id):
            said = advice_words(wording.advice_of(lesson.body))
            corrected = said == advice_words(before.correction)
            if said == advice_words(case.correction) or not (corrected or before.worked != case.worked):
                continue
            change.touch(lesson.id)
            self.bank.rows("DELETE FROM link WHERE a = ? AND b = ? AND rel = 'derived_from'", lesson.id, case.id)
            if not self._rests_on(lesson, said) and not lesson.user_edited:
                self.bank.rows("UPDATE memory SET status = 'archived' WHERE id = ?", lesson.id)
                self.bank.index(lesson.id)

    def _rests_on(self, lesson: Memory, said: frozenset[str]) -> bool:
        """Whether a lesson still has a case that was corrected so, or one that went well where another failed."""
        return any(case.worked or advice_words(case.correction) == said for case in self.cases.of(self.sources(lesson.id)))

    def _link(self, lesson: int, cases: Sequence[int], change: Change) -> None:
        new = [case for case in cases if case not in self.sources(lesson)]
        if new:
            change.touch(lesson)
        for case in new:
            self.bank.rows("INSERT INTO link (a, b, rel) VALUES (?,?,'derived_from')", lesson, case)
