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
OPEN = re.compile(
    r"(?:if(?!\s+(?:you|anyone|anybody|somebody|someone|i|we)\s+(?:ever\s+)?(?:needs?|wants?|looks?|drink|eat|watch|read|have\s+to|had\s+to)\b)|unless|suppose|supposing|imagine|assume|assuming|say|maybe|perhaps|let|as\s+if|although|though|while|because|whether|is|are|am|was|"
    r"were|do(?!\s+call\s+me)|does|did|can|could|should|would|will|shall|may|might|how|why|who\s+is|what\s+is|where\s+(?:is|are)|when\s+(?!it\s+comes))\b",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:might|may\s+be|maybe|perhaps|probably|possibly|wish|could|if(?!\s+(?:you|anyone|anybody|somebody|someone|i|we)\s+(?:ever\s+)?(?:needs?|wants?|looks?|drink|eat|watch|read|have\s+to|had\s+to)\b)|hypothetically|let\s+us\s+say|pretend|as\s+though|according\s+to|think|guess|"
    r"would(?!\s+(?:like|love|prefer|rather|sooner|much|really)))\b",
    re.IGNORECASE,
)
PASSING = re.compile(
    r",?\s*\b(?:now|currently|presently|nowadays|these\s+days|at\s+the\s+moment|at\s+present|right\s+now|already|still|also|too|as\s+well|finally|"
    r"recently|lately|just|meanwhile|of\s+late|by\s+now|officially)\b(?!\s+(?:the\s+same|like))", re.IGNORECASE,
)  # fmt: skip
CHANGED = re.compile(r"\b(?:now|finally|recently|just|nowadays|lately|by\s+now)\b", re.IGNORECASE)
WISHED = re.compile(r"\bwould\s+(?:like|love)\s+(?!(?:it\s+if\s+)?(?:that\s+)?(?:you\s+)?(?:to\s+)?(?:be\s+called|be\s+known|call|address|go\s+by))", re.IGNORECASE)


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
