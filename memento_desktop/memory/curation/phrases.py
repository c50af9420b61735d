"""Noun phrases: whose thing is spoken of and which, in one form for "my locker code", "the code of my locker", "my locker's code"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memento_desktop.memory.curation.templates import PERSONS, PETS
from memento_desktop.memory.curation.wording import SPELLING, singular, words

ME = "me"
NO_SUBJECT = frozenset(
    "it this that these those he she they you there here what who which where when why how everything something nothing anything everyone "
    "someone nobody one him her them your his their its i we says said say thinks thought told tells claims claimed believes heard if "
    "whether because although though while unless maybe perhaps suppose imagine would could should might let today tomorrow yesterday "
    "not".split()
)
SMALL = frozenset("of for to at in on with from and or own new current present latest main usual s used by as among".split())
SORTS = frozenset("kind type sort".split())
OLD = frozenset("old former previous ex last".split())
UNIQUE = frozenset(
    "mother father wife husband partner girlfriend boyfriend boss manager doctor dentist landlord landlady fiancé fiancée fiance fiancee "
    "coach trainer mentor ex".split()
)
"""Of these a person has one at a time."""
ATTRIBUTES = frozenset(
    "code number password address birthday name size colour job occupation employer home email phone deadline appointment meeting flight "
    "height weight iban username account plan subscription budget salary rent goal anniversary shift title major nationality religion diet "
    "blood-type phone-number extension date time day timezone zone level limit version model brand".split()
)
"""Nouns that have one value at a time, however it is worded."""
ANYHOW = frozenset("password name size colour job occupation employer home diet major nationality religion title goal theme".split())
"""Of these, whatever is said is the value."""
PLACES = frozenset("in on at under behind inside beside next above below near between".split())
FIGURES = re.compile(r"\d|[A-Z]|@")
DAYS = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|noon|midnight|morning|evening|afternoon|weekly|daily)\b",
    re.IGNORECASE,
)
COLOURS = frozenset("red blue green yellow black white grey brown orange purple pink silver gold beige violet turquoise".split())
LATELY = re.compile(r",?\s+(?:this|right|of)\s+(?:semester|term|year|week|month|season|quarter|now|all\s+time)$", re.IGNORECASE)
POSSESSOR = re.compile(r"\b([^\W\d_][\w-]*)'s\b")


@dataclass(frozen=True)
class Thing:
    """What a statement is about: `owner` is "me", a name, or empty; `words` are what is meant, in no order."""

    owner: str
    words: tuple[str, ...]
    changed: bool = False
    past: bool = False
    bare: bool = False
    """Whether nothing says whose it is: "gate code 12"."""

    @property
    def head(self) -> str:
        return next((word for word in self.words if word in PERSONS or word in PETS), self.words[-1] if self.words else "")


def thing(phrase: str) -> Thing | None:
    """Reads a noun phrase; None where it names nothing that a fact can be kept of."""
    phrase = LATELY.sub("", phrase.strip(" ,;:"))
    lower = phrase.lower()
    if lower in ("i", "we", "me", "myself"):
        return Thing(ME, ())
    tokens = lower.replace("'s", "").split()
    if (
        not tokens
        or len(tokens) > 8
        or not any(token[0].isalpha() for token in tokens)
        or NO_SUBJECT & set(tokens)
        or not re.match(r"[^\W_]", phrase)
    ):
        return None
    if tokens[0] in ("a", "an", "some", "any", "every", "all", "no", "many", "most"):
        return None
    first, *others = phrase.split()
    owner = ""
    if {"my", "our", "mine"} & set(tokens):
        owner = ME
    elif possessor := POSSESSOR.search(phrase):
        owner = possessor[1].lower()
    elif first[0].isupper() and first.lower() not in ("the", "my", "our") and all(word[0].isupper() for word in others):
        owner = " ".join(words(phrase))
    elif named := re.search(r"\b(?:of|for)\s+([A-Z][\w-]*)$", phrase):
        owner = named[1].lower()
    if owner and owner != ME and owner == " ".join(words(phrase)):
        return Thing(owner, ())
    meant = [singular(word) for word in words(phrase) if word not in SMALL and word not in ("my", "our", "mine") and word != owner]
    past = bool(OLD & set(meant))
    meant = [SPELLING.get(word, word) for word in meant if word not in OLD]
    bare = not owner and tokens[0] not in ("the", "this", "that", "these", "those")
    return Thing(owner, _folded(meant), "new" in tokens, past, bare) if meant else None


def _folded(meant: list[str]) -> tuple[str, ...]:
    """One form where two words say what one says: an email address is an email, a phone number a phone, a date of birth a birthday."""
    held = set(meant)
    if {"phone", "email"} & held:
        meant = [word for word in meant if word not in ("number", "address")]
    if len(held) > 1 and SORTS & held and "favourite" in held:
        meant = [word for word in meant if word not in SORTS]
    if "address" in held and len(held) > 1:
        meant = [word for word in meant if word not in ("home", "postal", "street", "mailing")]
    if {"date", "birth"} <= held:
        meant = [word for word in meant if word not in ("date", "birth")] + ["birthday"]
    if {"choice", "preference"} & held:
        meant = [word for word in meant if word not in ("choice", "preference")] + ["favourite"]
    return tuple(dict.fromkeys(meant))


def manner(about: Thing, value: str) -> tuple[str, bool]:
    """What kind of thing "X is …" says of X, as a part of the attribute, and whether several may hold at once."""
    first, *_ = value.split() or [""]
    low = first.lower()
    head = about.words[-1] if about.words else ""
    person = not about.words or bool(set(about.words[-1:]) & (PERSONS | PETS))
    if person and about.words and (first[:1].isupper() or re.match(r"(?:called|named)\b", low)):
        return "name", head not in UNIQUE
    if person:
        return ("place", False) if low in ("in", "at", "on") else ("is", True)
    held = ATTRIBUTES & set(about.words)
    if "favourite" in about.words or held & ANYHOW:
        return "", False
    rest = re.sub(r"^the\s+(?=\d)", "", value[len(first) :].strip(), flags=re.IGNORECASE)
    if low in PLACES and not (held and (rest[:1].isupper() or rest[:1].isdigit())) and not (low == "on" and DAYS.match(rest)):
        return "place", False
    if held:  # a phone number is one thing, that the phone is broken another
        return ("", False) if FIGURES.search(value) or DAYS.search(value) else ("is", True)
    if low in COLOURS:
        return "colour", False
    if low in ("a", "an"):
        return ("" if head == "car" else "kind"), False
    return ("", False) if first[:1].isupper() or first[:1].isdigit() else ("is", True)
