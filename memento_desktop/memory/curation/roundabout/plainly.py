"""Tries the ways to say a clause more plainly, the first that lead to a statement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memento_desktop.memory.curation.lead_ins import bare
from memento_desktop.memory.curation.roundabout import living, matters, reached, tastes, told
from memento_desktop.memory.curation.roundabout.rules import Rule, applied
from memento_desktop.memory.curation.wording import expanded, straight

FIRST: tuple[Rule, ...] = (
    *reached.CODES, *reached.REACHED, *reached.CALLED, *tastes.TONGUES, *tastes.REACTS, *tastes.BEST, *tastes.CHOSEN, *living.WORK,
    *living.RIDES, *living.ABODE, *matters.HELD, *living.PUT,
)  # fmt: skip
"""What the templates would read as something else."""
THEN: tuple[Rule, ...] = (*tastes.LIKED, *matters.WORN, *matters.CLEFT, *matters.BEGUN)
"""What they read not at all, or as a mere "is"."""
BEFORE: tuple[tuple[Rule, ...], ...] = (told.OTHERWISE, told.ANNOUNCED, FIRST)
ALL_BEFORE = tuple(rule for group in BEFORE for rule in group)
AFTER: tuple[tuple[Rule, ...], ...] = (told.TOPIC, told.TURNED, THEN, told.PLAIN)
LONGEST = 160
"""Characters of a clause from which it is a story, and no rule is tried."""
IF = r"if(?! (?:you|anyone|anybody|somebody|someone|i|we) (?:ever )?(?:needs?|wants?|looks?|drink|eat|watch|read|have to|had to)\b)"
"""A condition, unless it only says what the rest is about: "if you need the keys, …"."""
OPEN = re.compile(
    rf"(?:{IF}|unless|suppose|supposing|imagine|assume|assuming|say|maybe|perhaps|let|as if|although|though|while|because|whether|is|are|"
    r"am|was|were|do(?! call me)|does|did|can|could|should|would|will|shall|may|might|how|why|who is|what is|"
    r"where (?:is|are)|when (?!it comes))\b",
    re.IGNORECASE,
)
HEDGE = re.compile(
    rf"\b(?:might|may be|maybe|perhaps|probably|possibly|wish|could|{IF}|hypothetically|let us say|pretend|as though|according to|"
    r"think|guess|would(?! (?:like|love|prefer|rather|sooner|much|really)))\b",
    re.IGNORECASE,
)
PASSING = re.compile(
    r",?\s*\b(?:now|currently|presently|nowadays|these\s+days|at\s+the\s+moment|at\s+present|right\s+now|already|still|also|too|as\s+well|finally|"
    r"recently|lately|just|meanwhile|of\s+late|by\s+now|officially)\b(?!\s+(?:the\s+same|like))", re.IGNORECASE,
)  # fmt: skip
CHANGED = re.compile(r"\b(?:now|finally|recently|just|nowadays|lately|by\s+now)\b", re.IGNORECASE)
WISHED = re.compile(
    r"\bwould (?:like|love) (?!(?:it if )?(?:that )?(?:you )?(?:to )?(?:be called|be known|call|address|go by))", re.IGNORECASE
)


def plainly(clause: str, first: bool) -> Iterator[str]:
    """Plainer wordings of a clause, one after the other, by the rules that come before the templates or by those that come after.

    Nothing for questions, conditions, wishes and guesses.
    """
    text = expanded(straight(clause)).rstrip()
    if text.endswith("?") or len(text) > LONGEST:
        return
    text = bare(text)
    if not text or OPEN.match(text) or HEDGE.search(text) or WISHED.search(text):
        return
    timeless = " ".join(PASSING.sub(" ", text).split()).strip(" ,")
    new = "now " if CHANGED.search(text) else ""
    for rules in BEFORE if first else AFTER:
        said = applied(rules, timeless) or applied(rules, text)
        if said is not None:
            again = applied(ALL_BEFORE, said)
            yield from (new + one for one in (again, said) if one)
