"""What two statements are to each other: the same again, more of the same, perhaps mistyped, another value, or the opposite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from memento_desktop.memory.curation.phrases import ME
from memento_desktop.memory.curation.statements import Statement
from memento_desktop.memory.curation.templates import TRIGGERS
from memento_desktop.memory.curation.wording import has_digit, names, negations, singular, slips, typo, words

Relation = Literal["same", "more", "doubt", "other", "opposite", "beside"]
"""`same`: says it again. `more`: the first says it with more words. `doubt`: they differ by what may be a slip in a name.
`other`: another value of what has one value at a time. `opposite`: one says what the other denies. `beside`: they have
nothing to do with each other.
"""
PASSING = frozenset("now new change changed these day use get got put".split())
MADE = frozenset("name place kind colour number language answer rule country school home is likes has".split()) | set(TRIGGERS)
"""Words of a topic that need not stand in the text."""
LONGEST = 16
"""Words of a text beyond which sharing some of them says little."""
FUNCTION = frozenset("i me my we our it is are am was be been have has do does to of in at on for with and that this there s".split())


def relation(new: Statement, old: Statement) -> Relation:
    """What `new` is to `old`, which is about the same; see `Relation`."""
    held = [one for one in new.values if any(_alike(one, two) for two in old.values)]
    if new.many or old.many:
        if not held:
            near = len(new.values) == len(old.values) == 1 and new.holds == old.holds
            return _by_slip(new, old) if near and _slipped(new.values[0], old.values[0]) else "beside"
        if new.holds != old.holds:
            return "opposite"
        return "same" if len(held) == len(new.values) and not _adds(new, old) else "more"
    one, two = new.values[0], old.values[0]
    if _alike(one, two):
        if new.holds != old.holds:
            return "opposite"
        return "more" if _adds(new, old) else "same"
    if not new.holds or not old.holds:
        return "beside"  # not living in Bern says nothing of Basel
    if set(words(two)) < set(words(one)) and not re.search(r"\d", two):
        return "more"
    if set(words(one)) < set(words(two)) and not re.search(r"\d", one):
        return "same"
    return _by_slip(new, old) if _slipped(one, two) else "other"


def _by_slip(new: Statement, old: Statement) -> Relation:
    """A slip in a plain word is none in a name: that may be another name."""
    capital = any(word[:1].isupper() for word in f"{new.said[0]} {old.said[0]}".split())
    return "doubt" if capital else "more" if _adds(new, old) else "same"


def _alike(one: str, two: str) -> bool:
    return one == two or [singular(w) for w in one.split()] == [singular(w) for w in two.split()]


def _slipped(one: str, two: str) -> bool:
    pairs = slips(one.split(), two.split())
    return bool(pairs) and all(min(len(x), len(y)) >= 5 or sorted(x) == sorted(y) for x, y in pairs)


def _adds(new: Statement, old: Statement) -> bool:
    """Whether the clause says beside its value what the other does not."""
    return bool(set(words(new.rest)) - FUNCTION - set(words(old.rest)) - set(words(old.piece.text)))


def topic_words(topic: str) -> list[str]:
    """The words of a topic in one form: what one prefers is a favourite."""
    return sorted({"favourite" if word == "prefers" else singular(word) for word in topic.split()})


def same_topic(new: Statement, old: Statement, unknown: frozenset[str] = frozenset()) -> bool:
    """Whether two statements are about the same.

    Args:
        unknown: words that stand in no other memory: where one may be a mistyped word of the other topic, it is taken for that.
    """
    if new.topic == old.topic:
        return True
    a, b = topic_words(new.topic), topic_words(old.topic)
    if a == b:
        return True
    if (new.bare or old.bare) and {new.subject, old.subject} <= {"", ME} and {*a} - {ME} == {*b} - {ME}:
        return True
    a, b = new.topic.replace("prefers", "favourite").split(), old.topic.replace("prefers", "favourite").split()
    extra, lacking = [w for w in a if w not in b], [w for w in b if w not in a]
    return len(extra) == len(lacking) == 1 and extra[0] in unknown and extra[0] != new.subject and _mistyped(extra[0], lacking[0])


def _mistyped(a: str, b: str) -> bool:
    """Nouns of a topic stand without their plural s: "shos" is one letter off "shoes", "sho" too short to tell."""
    return typo(a, b) or (max(len(a), len(b)) >= 4 and typo(f"{a}s", f"{b}s"))


def same_text(a: str, b: str) -> Literal["same", "doubt", ""]:
    """Whether two texts are one, compared word for word: case, punctuation, spelling variants and slips aside.

    A slip in a name, or a word that one has and the other has not, leaves a doubt; a number is never a slip.
    """
    x, y = words(a), words(b)
    if x == y and x:
        return "same"
    if not x or not y or negations(x) != negations(y):
        return ""
    pairs = slips(x, y)
    if pairs is not None:
        named = names(a) | names(b)
        return "doubt" if any(one in named or two in named for one, two in pairs) else "same"
    content_x, content_y = (set(map(singular, t)) - FUNCTION for t in (x, y))
    odd = content_x ^ content_y
    if any(map(has_digit, odd)) or (names(a) ^ names(b)) & odd:
        return ""
    return "doubt" if len(content_x & content_y) >= 3 and len(odd) <= 1 else ""


def akin(new: str, news: Sequence[Statement], old: str, olds: Sequence[Statement]) -> Literal["duplicates", "contradicts", ""]:
    """Whether two texts, of which the rules understand one at most, may be about the same: only ever a question to the owner.

    One that is understood names its topic; the other speaks of it when it holds all of its words. Where neither is, most of their words
    must be the same, and what differs says which it is: another name or number contradicts, another wording repeats.
    """
    if news and olds:
        return _but_owner(news, olds)
    if news or olds:
        known, text = (news, old) if news else (olds, new)
        for one in known:
            if how := _speaks_of(text, one):
                return how
        return ""
    x, y = _content(new), _content(old)
    shared = x & y
    if len(shared) < 2 or len(shared) < 0.6 * min(len(x), len(y)) or max(len(x), len(y)) > LONGEST:
        return ""
    telling = _telling(new, x - y), _telling(old, y - x)
    if all(telling):
        return "contradicts"
    return "duplicates" if len(shared) >= 0.75 * min(len(x), len(y)) and not any(telling) else ""


def _but_owner(news: Sequence[Statement], olds: Sequence[Statement]) -> Literal["duplicates", "contradicts", ""]:
    """ "The gate code" and "my gate code" may be one."""
    for one in news:
        for two in olds:
            if one.topic != two.topic and _named(one) == _named(two) and len(_named(one)) > 1 and "me" in (one.subject, two.subject):
                how = relation(one, two)
                return "contradicts" if how in ("other", "opposite") else "duplicates" if how in ("same", "more", "doubt") else ""
    return ""


def _named(one: Statement) -> set[str]:
    return set(one.topic.split()) - {"me"}


def _speaks_of(text: str, one: Statement) -> Literal["duplicates", "contradicts", ""]:
    held = _content(text)
    topic = _named(one) - MADE
    if one.many or one.past or not topic <= held or len(held) > LONGEST:
        return ""
    if len(topic) < 2 and not (topic and len(held) <= 5):
        return ""
    return "duplicates" if set(map(singular, one.values[0].split())) <= held | FUNCTION else "contradicts"


def _content(text: str) -> set[str]:
    return {singular(word) for word in words(text)} - FUNCTION - PASSING


def _telling(text: str, odd: set[str]) -> bool:
    """Whether a name or a number is among what one text has and the other has not."""
    return bool(odd & names(text)) or any(map(has_digit, odd))
