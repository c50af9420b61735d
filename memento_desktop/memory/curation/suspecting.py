"""What a text that no rule reads may say again, or stand against: only ever a question to the owner, never done by itself.

One text at least states nothing that is understood. The other names its topic and its value; the first speaks of it when it holds the
value, or the words of the topic, or a figure of the same form beside the thing it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from memento_desktop.memory.curation.comparing import FUNCTION, LONGEST, MADE, PASSING, akin, topic_words
from memento_desktop.memory.curation.phrases import ATTRIBUTES, ME
from memento_desktop.memory.curation.statements import Statement
from memento_desktop.memory.curation.templates import PERSONS, TRIGGERS
from memento_desktop.memory.curation.wording import expanded, has_digit, names, singular, straight, words

How = Literal["duplicates", "contradicts", ""]
CUES: dict[str, frozenset[str]] = {
    "home": frozenset("flat house city town village neighbourhood street place roof rent landlord tenant".split()),
    "employer": frozenset("company firm boss office career contract colleague salary payroll hired badge desk shift".split()),
    "car": frozenset("wheel garage vehicle ride motor parked keys".split()),
    "called": frozenset("nickname known address hear say".split()),
    "allergy": frozenset("hive rash reaction swell itch sneeze pollen epipen off-limit avoid react".split()),
    "likes": frozenset("hobby passion happy fun weekend pleasure favourite thrill joy".split()),
    "speaks": frozenset("language tongue native bilingual conversation talk".split()),
    "prefers": frozenset("rather choose book choice always pick".split()),
}
"""Words beside the triggers that speak of one of these."""
NAMES = {"me name", "called me name"}
"""One may be the other: what somebody is called is his name, or a short one."""
FIRST = re.compile(r"\b(?:i|we|my|our|me|us|mine|myself)\b", re.IGNORECASE)
OVER = re.compile(
    r"\b(?:was|were|used\s+to|ago|last\s+(?:week|month|year)|former|once|visited|visit|trip|holiday|weekend\s+in|tomorrow|yesterday)\b",
    re.IGNORECASE,
)


def suspected(new: str, news: Sequence[Statement], old: str, olds: Sequence[Statement]) -> How:
    """What one text may be to another: see `akin`; and where that finds nothing, by value, by figures of one form, by what it is about."""
    if _people(new, news, old, olds):
        return ""
    if how := akin(new, news, old, olds):
        return how
    if news and olds:
        pairs = [(one, two) for one in news for two in olds]
        if any(_beside(one, two) for one, two in pairs):
            return "duplicates"
        return "contradicts" if any({one.topic, two.topic} == NAMES and one.values != two.values for one, two in pairs) else ""
    for one, text in [*((one, old) for one in news), *((one, new) for one in olds)]:
        if how := _about(text, one):
            return how
    return "" if news or olds else _both_unread(new, old)


def meant_alike(new: str, news: Sequence[Statement], old: str, olds: Sequence[Statement]) -> How:
    """What one text may be to another whose vector is nearly the same, where the rules read at most one: what differs says which."""
    x, y = _content(new), _content(old)
    if (news and olds) or _people(new, news, old, olds) or not x & y or OVER.search(new) or OVER.search(old):
        return ""
    return "contradicts" if x - y and y - x and not _marks(new) & _marks(old) else "duplicates"


def _marks(text: str) -> set[str]:
    """The names and the words with figures of a text."""
    return {word for word in words(text) if has_digit(word)} | names(text)


def _beside(one: Statement, two: Statement) -> bool:
    """Whether two statements give one value to what may be one thing: "the place for my spare keys", "my spare keys"."""
    if one.many or two.many or one.subject != two.subject or one.holds != two.holds or one.past or two.past or one.topic == two.topic:
        return False
    shared = (set(topic_words(one.topic)) & set(topic_words(two.topic))) - MADE - ATTRIBUTES - {ME}
    telling = has_digit(one.values[0]) or one.said[0][:1].isupper()
    return one.values == two.values and (bool(shared) or (telling and (one.noun or two.noun)))


def _people(new: str, news: Sequence[Statement], old: str, olds: Sequence[Statement]) -> bool:
    """Whether one text speaks of somebody whom the other does not name, unless that is what is told: "my dentist is Dr. Keller"."""
    x, y = ({singular(word) for word in words(text)} for text in (new, old))
    told = {word for one in (*news, *olds) if "name" in one.attribute.split() for word in one.topic.split()}
    return bool((x ^ y) & PERSONS - told)


def cued(text: str) -> list[str]:
    """The made attributes that a text in the first person may be about, by its words."""
    held = _content(text)
    if not FIRST.search(expanded(straight(text))) or len(held) > LONGEST:
        return []
    return [made for made, cues in CUES.items() if held & (cues | {singular(word) for word in TRIGGERS[made]})]


def _content(text: str) -> set[str]:
    return {singular(word) for word in words(text)} - FUNCTION - PASSING


def _figures(text: str) -> set[str]:
    """The forms of the words with figures: "4471" is "9999"."""
    return {re.sub(r"[a-z]+", "a", re.sub(r"\d", "9", word)) for word in words(text) if has_digit(word)}


def _others(text: str, one: Statement) -> bool:
    """Whether a text speaks of somebody whom the statement is not about."""
    topic = set(topic_words(one.topic))
    if {singular(word) for word in words(text)} & PERSONS - topic:
        return True
    possessors = {name.lower() for name in re.findall(r"\b([^\W\d_][\w-]*)'s\b", expanded(straight(text)))}
    return bool(possessors - topic - {"it", "that", "there", "here", "let", "today"} & names(text) - topic)


def _about(text: str, one: Statement) -> How:
    held = _content(text)
    topic = set(topic_words(one.topic)) - {ME}
    if one.past or not held or len(held) > LONGEST or OVER.search(text) or _others(text, one):
        return ""
    if one.subject not in ("", ME) and one.subject not in held:
        return ""
    mine = one.subject != ME or bool(FIRST.search(expanded(straight(text)))) or not names(text)
    anchors = topic - MADE - ATTRIBUTES - set(one.subject.split())
    attributes = {"prefers" if word == "favourite" else word for word in topic} & set(CUES)
    cued_for = any(held & (CUES[made] | {singular(word) for word in TRIGGERS[made]}) for made in attributes)
    value = {singular(word) for word in words(one.values[0])} - FUNCTION
    telling = has_digit(one.values[0]) or any(said[:1].isupper() for said in one.said[0].split())
    if value and value <= held and mine and (telling or anchors & held or cued_for or (one.many and attributes)):
        return "duplicates"
    if one.many or not one.holds or not mine:
        return ""
    if _figures(one.values[0]) & _figures(text) and (anchors & held or one.subject not in ("", ME)):
        return "contradicts"
    name_like = bool(names(text) - topic)
    if anchors and anchors <= held and (name_like or any(map(has_digit, held)) or not telling):
        return "contradicts"
    return "contradicts" if cued_for and not anchors and (name_like or not telling) else ""


def _both_unread(new: str, old: str) -> How:
    x, y = _content(new), _content(old)
    if max(len(x), len(y)) > LONGEST or OVER.search(new) or OVER.search(old):
        return ""
    shared = x & y
    marks = {word for word in shared if has_digit(word)} | (shared & names(new) & names(old))
    plain = {word for word in shared - marks if len(word) > 3}
    if marks and plain and not ({w for w in x ^ y if has_digit(w)}):
        return "duplicates"
    figures = _figures(new) & _figures(old)
    if figures and plain and not marks:
        return "contradicts"
    alike = len(plain) >= 2 and len(shared) >= 0.6 * min(len(x), len(y))
    return "duplicates" if alike and not (x ^ y) & (names(new) | names(old)) else ""
