"""What a new statement does to the older ones: which hold no more, from when, and which are put to the owner instead.

An owner's newer statement on what has one value at a time ends the older one's validity. What the owner edited by hand is never ended
by rule: it becomes a conflict that he decides. What speaks of the past ends nothing that still holds, it only says since when that does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from memento_desktop.memory.curation.comparing import relation
from memento_desktop.memory.curation.finding import Finder, Known, holds, said_at
from memento_desktop.memory.curation.phrases import ME
from memento_desktop.memory.curation.statements import Statement
from memento_desktop.memory.curation.wording import words
from memento_desktop.memory.records import Memory

Step = Literal["close", "begin", "replace", "conflict", "duplicate", "doubt", "late"]
"""`close`: it holds until `at`. `begin`: it holds since `at`. `replace`: the new one says the same with its end, and takes its place.
`conflict`: the owner decides. `duplicate`: it says the same and less, the owner decides. `doubt`: a name differs by what may be a slip.
`late`: it was said later, and ends the new one at `at`."""


@dataclass(frozen=True)
class Effect:
    """One thing that keeping a statement means for a memory that is there already."""

    step: Step
    known: Known
    new: Statement
    at: str = ""


@dataclass
class Effects:
    """What keeping a text means: what it repeats, and what becomes of others."""

    repeats: list[Memory] = field(default_factory=list["Memory"])
    """For each of its statements the memory that says it already; as many as there are statements when it says nothing new."""
    steps: list[Effect] = field(default_factory=list["Effect"])
    succeeds: bool = False
    """Whether something else of the same held before and is over: then this has not held since ever."""


def effects(finder: Finder, statements: Sequence[Statement], moment: str, but: int = 0, said: str = "") -> Effects:
    """What keeping these statements would mean.

    Args:
        moment: now, ISO 8601 UTC.
        but: a memory that is not compared with: the one that states them.
        said: when they were said, where that was not now: what was said after them stands against them.
    """
    found = Effects()
    for new in statements:
        repeated: Memory | None = None
        for known in finder.about(new, finder.unknown(new)):
            if known.memory.id == but:
                continue
            found.succeeds |= _over(new, known, moment)
            if repeated is None and _repeats(new, known, moment):
                repeated = known.memory
            elif effect := _effect(new, known, said or moment, moment):
                found.steps.append(effect)
        repeated = repeated or _unowned(finder, new, but, moment)
        if repeated is not None:
            found.repeats.append(repeated)
            found.steps = [step for step in found.steps if step.new is not new]
    return found


def _unowned(finder: Finder, new: Statement, but: int, moment: str) -> Memory | None:
    """The memory that says the very same of "the gate code" where the new one says it of "my gate code", or the other way round. Another
    value ends nothing there: it may be another gate."""
    if new.subject not in ("", ME) or new.many or len(new.attribute.split()) < 2 or not new.noun:
        return None
    other = replace(new, subject=ME if not new.subject else "", topic=" ".join(sorted({*new.topic.split()} ^ {ME})))
    return next((known.memory for known in finder.about(other) if known.memory.id != but and _repeats(other, known, moment)), None)


def _over(new: Statement, known: Known, moment: str) -> bool:
    """Whether a memory is over that stood where the new statement stands: of one value at a time any, of several this very value."""
    ended = known.memory.valid_to is not None and known.memory.valid_to <= moment and not known.statement.past
    return ended and (not new.many or relation(new, known.statement) in ("same", "more", "opposite"))


def _repeats(new: Statement, known: Known, moment: str) -> bool:
    """Whether a memory says the very same already, of the same time."""
    if relation(new, known.statement) != "same":
        return False
    if new.past or (new.until and new.until <= moment):
        return new.past and known.statement.past and (new.until is None or new.until == known.memory.valid_to)
    if not holds(known.memory, moment) and not (known.memory.valid_from or "") > moment:
        return False
    dated = (new.since and new.since != known.memory.valid_from and not new.changed) or (new.until and new.until != known.memory.valid_to)
    return not dated


def _effect(new: Statement, known: Known, said: str, moment: str) -> Effect | None:
    memory, kind = known.memory, relation(new, known.statement)
    if kind == "beside":
        return None
    if new.past or (new.until is not None and new.until <= moment):
        return _of_the_past(new, known, kind, moment)
    if not (memory.valid_to is None or memory.valid_to > moment) or known.statement.past:
        return None  # it is over already
    if kind in ("other", "opposite"):
        return _against(new, known, kind, said)
    if kind in ("same", "more"):
        step: Step = "conflict" if memory.user_edited else "replace" if kind == "same" else "duplicate"
        return Effect(step, known, new, new.since or "")
    return Effect("doubt", known, new)


def _against(new: Statement, known: Known, kind: str, said: str) -> Effect:
    """Two that cannot both hold: what was said later counts."""
    memory = known.memory
    if said_at(memory) > said and not new.since:
        return Effect("late", known, new, max(memory.valid_from or said_at(memory), said))
    if memory.user_edited:
        return Effect("conflict", known, new, new.since or said)
    at = new.since or said
    return Effect("close", known, new, max(at, memory.valid_from or at))


def _of_the_past(new: Statement, known: Known, kind: str, moment: str) -> Effect | None:
    """ "I lived in Bern until May": Bern is over, and what holds instead began then."""
    memory = known.memory
    end = new.until or moment
    open_still = memory.valid_to is None or memory.valid_to > moment
    if not open_still or known.statement.past or kind == "doubt":
        return None
    if kind in ("same", "more") and known.statement.holds == new.holds:
        if new.until is None and not new.past:
            return None
        if memory.user_edited:
            return Effect("conflict", known, new, end)
        return Effect("replace", known, new, end)
    if kind == "other" and memory.valid_from is None and new.until is not None and not memory.user_edited:
        return Effect("begin", known, new, end)
    return None


def remainder(memory: Memory, statements: Sequence[Statement], gone: Sequence[Statement], new: Statement) -> str | None:
    """What a memory still says when a part of it holds no more; None when nothing is left, or the part cannot be taken out.

    Args:
        statements: all that the memory states. gone: those of them that `new` ends.
    """
    text = memory.body
    for one in sorted(gone, key=lambda statement: -statement.piece.start):
        left = [said for value, said in zip(one.values, one.said, strict=True) if value not in new.values]
        if one.many and left and len(left) < len(one.values):
            first, last = (memory.body.find(said, one.piece.start, one.piece.end) for said in (one.said[0], one.said[-1]))
            if first < 0 or last < 0:
                return None
            listed = ", ".join(left[:-1]) + (" and " if len(left) > 1 else "") + left[-1]
            text = text[:first] + listed + text[last + len(one.said[-1]) :]
        elif len(statements) > len(gone):
            text = f"{text[: one.piece.start].rstrip(' ,;')} {text[one.piece.end :].lstrip(' ,;')}".strip()
        else:
            return None
    text = text.strip(" ,;")
    text = text.removeprefix("and ").removesuffix(" and").removesuffix(" but").strip()
    return text[0].upper() + text[1:] if len(words(text)) >= 2 else None
