"""The value of a statement: where it ends, how a list is taken apart, and what of its words says nothing more."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.wording import MONTH, plain, singular

CUT = re.compile(
    r"\s*(?:,\s+(?:which|who|because|since|so|but|as|where|when|although|though|while|and\s+(?:it|that|he|she|they))\b"
    r"|\s+(?:because|which|so\s+that|but|although|though|whereas|while)\b|\s+-\s+|\s*[–—]\s*|\s*\(|;|\s+since\s+(?!\d)).*$",
    re.IGNORECASE | re.DOTALL,
)
TELEPHONE = re.compile(r"[+(]?\d[\d\s()/.-]{5,}\d$")
BORN_ON = re.compile(
    rf"(?:on\s+)?(?:the\s+)?(?:\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?:{MONTH})\b|(?:{MONTH})\.?\s+\d{{1,2}})", re.IGNORECASE
)
PREPOSITION = re.compile(r"^(?:in|at|on|near|to|into|with|by|for|outside|around|called|named|as)\s+(?=\S)", re.IGNORECASE)
LIST = re.compile(r"\s*(?:,\s*(?:and|or)?|\band\b|\bor\b|&|\bplus\b)\s*", re.IGNORECASE)
PLACED = re.compile(
    r"^(?:kept|hidden|stored|located|parked|found|hanging|lying|stashed)\s+(?=(?:in|on|at|under|behind|inside|beside|near)\b)", re.I
)
STRESS = re.compile(
    r"^(?:(?:always|usually|simply|just|definitely|certainly|undoubtedly|obviously|clearly|hands\s+down|without\s+(?:a\s+)?doubt|by\s+far|"
    r"still|every|each|up\s+to|down\s+to|now|only|once\s+again|none\s+other\s+than)\s+)+(?=\S)", re.IGNORECASE,
)  # fmt: skip
LASTED = re.compile(
    r"\s+for\s+(?:(?:about|almost|nearly|over|more\s+than|the\s+(?:last|past))\s+)?(?:\w+\s+)?"
    r"(?:years?|months?|weeks?|days?|ages|while|long)(?:\s+now)?$", re.IGNORECASE,
)  # fmt: skip
MADE = {"name", "place", "is", "has", "kind", "code", "number"}


def shorn(value: str, attribute: str) -> str:
    """A value without what only stresses it, how long it has held, and the noun that the topic has already: "window seats" are "window"."""
    value = STRESS.sub("", LASTED.sub("", value))
    known = {*attribute.split(), "language" if "speaks" in attribute.split() else ""} - MADE
    tokens = value.split()
    if len(tokens) > 1 and singular(plain(tokens[-1])) in known and attribute not in ("likes", "rule"):
        tokens = tokens[:-1]
    if len(tokens) > 1 and plain(tokens[0]) in known & {"size"}:
        tokens = tokens[1:]
    return " ".join(tokens) if len(tokens) != len(value.split()) else value
