"""What a rule of rewording is, and the parts that rules are made of.

A rule turns one way to put something into the way that the templates read. It copies names and values to the letter and adds "now"
where the sentence tells a change; it never reads a value into a sentence that states none. Rules match a whole clause whose spaces are
single (`wording.straight`) and whose contractions are written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from memento_desktop.memory.curation.phrases import ATTRIBUTES
from memento_desktop.memory.curation.templates import PERSONS, PETS
from memento_desktop.memory.curation.wording import SPELLING, singular

Result = str | Callable[[re.Match[str]], str | None]
Rule = tuple[re.Pattern[str], Result]
"""What fits, and the plainer sentence: with the groups' names in braces, or a function that may still decline."""
NOUNS = ATTRIBUTES | {word for word, one in SPELLING.items() if one in ATTRIBUTES} | {"combo", "seat", "favourite", "favorite", "contact"}
OWN = r"(?:my|our|the|[^\W\d_][\w-]*'s)"
S = rf"(?P<s>{OWN} (?:(?!is\b|are\b|was\b|were\b)[\w'’/-]+)(?: (?!is\b|are\b|was\b|were\b|has\b|have\b|had\b)[\w'’/-]+){{0,5}}?)"
N = r"(?P<n>(?!(?:to|in|on|at|for|with|from|of|the|a|an|my|our|his|her|their|been|it|up)\b)[^\W\d_][\w-]*(?: [^\W\d_][\w-]*){0,3}?)"
STOP = r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\bProf)[.!]"
SEP = rf"(?:(?: ?[,;:]|{STOP})+ | [–—-]+ | ?[–—] ?)"
IT = r"(?:it|that|this|they|these|he|she|the (?:new|current|latest|right|correct) one)"
BE = r"(?:is|are)"
V = r"(?P<v>(?!(?:i|we|you|he|she|they|it|that|there|because|when|if|so|what|how|why|going|getting|trying)\b)\S.*)"
NEW = r"(?:(?:brand[- ])?new|different|another|other|fresh|updated)"
DET = r"(?:(?:my|our|a|an|the|another|his|her|their|its|some) )"
ANY = r"(?P<p>(?-i:[A-Z])[\w-]+|(?:my|our) [\w-]+)"
FIGURES = r"(?P<v>\S*\d\S*(?: \S*\d\S*)*)"
Y = r"(?P<y>(?:my|our|the|[^\W\d_][\w-]*'s) [\w' -]+?)"


def rule(pattern: str, result: Result) -> Rule:
    return re.compile(rf"(?:{pattern})$", re.IGNORECASE), result


def noted(noun: str) -> bool:
    """Whether a noun phrase names what has a value: a code, a birthday, a dentist, a favourite of some sort."""
    tokens = noun.lower().replace("'s", "").split()
    best = {"favourite", "favorite", "go-to", "preferred"} & set(tokens)
    return bool(tokens) and (singular(tokens[-1]) in NOUNS | PERSONS | PETS or bool(best))


def telling(value: str) -> bool:
    """Whether a value is a name or holds a figure."""
    return bool(re.search(r"\d|(?:^|\s)[A-Z]", value))


def _filled(result: Result, found: re.Match[str]) -> str | None:
    return result(found) if callable(result) else result.format(**found.groupdict(""))


def applied(rules: tuple[Rule, ...], text: str) -> str | None:
    """The text by the first rule that fits and has a result; None where none does."""
    for pattern, result in rules:
        if (found := pattern.match(text)) and (said := _filled(result, found)) and said != text:
            return " ".join(said.split())
    return None
