"""Roundabout sentences said plainly: "it's 4471 now, my locker code" is "my locker code is now 4471". What no rule knows is left.

A rule turns one way to put something into the way that the templates read. It copies names and values to the letter and adds "now"
where the sentence tells a change; it never reads a value into a sentence that states none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from memento_desktop.memory.curation.lead_ins import bare
from memento_desktop.memory.curation.phrases import ATTRIBUTES
from memento_desktop.memory.curation.templates import PERSONS, PETS
from memento_desktop.memory.curation.wording import SPELLING, expanded, singular, straight

Result = str | Callable[[re.Match[str]], str | None]
Rule = tuple[re.Pattern[str], Result]

NOUNS = ATTRIBUTES | {word for word, one in SPELLING.items() if one in ATTRIBUTES} | {"combo", "seat", "favourite", "favorite", "contact"}
OWN = r"(?:my|our|the|[^\W\d_][\w-]*'s)"
S = rf"(?P<s>{OWN}\s+(?:(?!is\b|are\b|was\b|were\b)[\w'’/-]+)(?:\s+(?!is\b|are\b|was\b|were\b|has\b|have\b|had\b)[\w'’/-]+){{0,5}}?)"
N = r"(?P<n>(?!(?:to|in|on|at|for|with|from|of|the|a|an|my|our|his|her|their|been|it|up)\b)[^\W\d_][\w-]*(?:\s+[^\W\d_][\w-]*){0,3}?)"
P = r"(?P<p>(?-i:[A-Z])[\w-]+|(?:my|our)\s+[\w-]+)"
STOP = r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\bProf)[.!]"
SEP = rf"(?:(?:\s*[,;:]|{STOP})+\s+|\s+[–—-]+\s+|\s*[–—]\s*)"
IT = r"(?:it|that|this|they|these|he|she|the\s+(?:new|current|latest|right|correct)\s+one)"
BE = r"(?:is|are)"
V = r"(?P<v>(?!(?:i|we|you|he|she|they|it|that|there|because|when|if|so|what|how|why|going|getting|trying)\b)\S.*)"
PLACED = re.compile(r"(?:in|on|at|under|behind|inside|beside|next|near)\s", re.IGNORECASE)
NEW = r"(?:(?:brand[- ])?new|different|another|other|fresh|updated)"
TO_BE = r"(?:is|are|will\s+be|became|becomes?|has\s+become|have\s+become|turned\s+into|(?:is|are|was|were|has\s+been|have\s+been|got)\s+(?:now\s+)?(?:changed|set|reset|switched|updated|moved|turned|renamed)\s+(?:in)?to|has\s+(?:changed|switched)\s+(?:in)?to|changed\s+into|turned\s+out\s+to\s+be|has\s+been|went\s+(?:up|down|over)\s+to|(?:went|has\s+gone|goes|changed|switched)\s+from\s+\S+(?:\s+\S+){0,3}?\s+to|has\s+gone\s+(?:up|down|over)\s+to|ended\s+up\s+(?:being|as))"
DET = r"(?:(?:my|our|a|an|the|another|his|her|their|its|some)\s+)"
KEEP = r"(?:use|used|have|had|take|took|taken|choose|chose|chosen|pick|picked|made|selected|keep|got|get|(?:go|went|gone)\s+(?:with|for)|opted\s+for|go\s+to|see|visit|settled\s+(?:on|for)|decided\s+(?:on|for)|(?:switched|changed|moved|swapped)\s+(?:over\s+)?to|set)"


def rule(pattern: str, result: Result) -> Rule:
    return re.compile(rf"(?:{pattern})$", re.IGNORECASE), result


def noted(noun: str) -> bool:
    """Whether a noun phrase names what has a value: a code, a birthday, a dentist, a favourite of some sort."""
    tokens = noun.lower().replace("'s", "").split()
    return bool(tokens) and (singular(tokens[-1]) in NOUNS | PERSONS | PETS or bool({"favourite", "favorite", "go-to", "preferred"} & set(tokens)))


def telling(value: str) -> bool:
    """Whether a value is a name or holds a figure."""
    return bool(re.search(r"\d|(?:^|\s)[A-Z]", value))


def _whose(found: re.Match[str]) -> str:
    """ "I", "they" and "the gym" speak of what is mine, "Ruth … her" of what is hers."""
    who, owner = found["p"], (found.groupdict().get("o") or "").lower().split()
    if who.lower() in ("i", "we", "they", "he", "she", "you", "someone", "somebody", "there") or owner[:1] in (["my"], ["our"]):
        return "my"
    return f"{who}'s"


def _announced(found: re.Match[str]) -> str | None:
    """ "I have a new code for my locker, it is 12"; "Ruth has a new number: 12"."""
    noun, value = found["n"].strip(), found["v"]
    target = found.groupdict().get("y")
    if not (noted(noun) or telling(value)) or singular(noun.split()[0].lower()) in ("mind", "plan", "thing", "way"):
        return None
    if target:
        return f"the {noun} of {target} is now {value}"
    return f"{_whose(found)} {noun} is now {value}"


def _subject_now(found: re.Match[str]) -> str | None:
    """Of something that has one value at a time, or the owner's own: "I am not a nurse but a teacher" is left."""
    subject = found["s"]
    if subject.lower() in ("i", "we", "it", "that", "this", "there") or not (noted(subject) or telling(found["v"]) or PLACED.match(found["v"])):
        return None
    return f"{subject} is now {found['v']}"


def _now(found: re.Match[str]) -> str | None:
    return f"{found['s']} is now {found['v']}" if noted(found["s"]) or telling(found["v"]) else None


def _is(found: re.Match[str]) -> str | None:
    return f"{found['s']} is {found['v']}" if noted(found["s"]) or telling(found["v"]) else None


def _mine(found: re.Match[str]) -> str | None:
    noun = found["n"].strip()
    return f"my {noun} is now {found['v']}" if noted(noun) or telling(found["v"]) else None


def _noted_is(found: re.Match[str]) -> str | None:
    return f"{found['s']} is {found['v']}" if noted(found["s"]) else None


def _noted_now(found: re.Match[str]) -> str | None:
    return f"{found['s']} is now {found['v']}" if noted(found["s"]) else None


def _renewed(found: re.Match[str]) -> str | None:
    """ "I switched dentists, it is Dr. Moretti now"; "switched dentist to Dr. Moretti"."""
    noun = singular(found["n"].strip().lower())
    return f"my {noun} is now {found['v']}" if noted(noun) else None


def _renewal(found: re.Match[str]) -> str | None:
    """ "New code for the gate: 12"."""
    if not noted(found["n"]):
        return None
    return f"the {found['n']} of {found['y']} is now {found['v']}" if found["y"] else f"{found['n']} is now {found['v']}"


FOR = r"(?:\s+(?:for|of|to|on|at)\s+(?P<y>(?:my|our|the|[^\W\d_][\w-]*'s)\s+[\w' -]+?|(?-i:[A-Z])[\w-]+))?"
GOT = (
    r"(?:have|has|had|got|get|was\s+given|were\s+given|received|made|set(?:\s+up)?|chose|picked|created|found|changed|updated|reset|switched|replaced|"
    r"renewed|swapped|assigned|moved|rescheduled)"
)
ANNOUNCED: tuple[Rule, ...] = (
    rule(rf"(?:on|at|in)\s+(?P<v>[^,;]*?)\s+(?:it\s+)?is\s+(?P<s>(?:my|our|[^\W\d_][\w-]*'s)\s+[\w' -]+)", _noted_is),
    rule(
        rf"(?P<p>i|we|they|he|she|you|someone|somebody|(?-i:[A-Z])[\w-]+|(?:my|our|the)\s+[\w-]+)\s+(?:(?:have|has|had)\s+)?(?:(?:just|finally|now|recently)\s+)?"
        rf"{GOT}(?:\s+(?:me|us))?\s+(?P<o>{DET})?(?:{NEW}\s+)?{N}{FOR}{SEP}(?:(?:and|so|now)\s+)*(?:{IT}\s+{BE}\s+(?:now\s+)?){V}", _announced,
    ),
    rule(
        rf"(?P<p>i|we|they|he|she|you|someone|somebody|(?-i:[A-Z])[\w-]+|(?:my|our|the)\s+[\w-]+)\s+(?:(?:have|has|had)\s+)?(?:(?:just|finally|now|recently)\s+)?"
        rf"{GOT}\s+(?P<o>{DET})?(?:{NEW}\s+)?{N}{FOR}\s+and\s+(?:now\s+)?(?:{IT}\s+{BE}\s+(?:now\s+)?){V}", _announced,
    ),
    rule(
        rf"(?P<p>i|we|(?-i:[A-Z])[\w-]+|(?:my|our)\s+[\w-]+)\s+(?:(?:have|has)\s+)?(?:(?:just|finally|now|recently)\s+)?(?:have|has|got|gotten|received|found|use|uses|see|am\s+with|go\s+to|goes\s+to|(?:switched|changed|moved)\s+to|gave\s+(?:me|us))(?:\s+got)?\s+"
        rf"(?P<o>{DET})?{NEW}\s+{N}{FOR}{SEP}{V}", _announced,
    ),
    rule(rf"(?:i|we|they)\s+(?:have\s+)?(?:gave|given|assigned|set)\s+(?P<y>(?:my|our|the)\s+[\w' -]+?)\s+an?\s+{NEW}\s+{N}{SEP}(?:{IT}\s+{BE}\s+)?{V}", "the {n} of {y} is now {v}"),
    rule(rf"(?P<p>there)\s+is\s+(?:now\s+)?(?:an?\s+)?{NEW}\s+{N}{FOR}{SEP}(?:{IT}\s+{BE}\s+(?:now\s+)?)?{V}", _announced),
    rule(rf"(?:i|we)\s+(?:have\s+)?(?:just\s+)?(?:changed|switched|swapped)\s+{N}{SEP}(?:(?:and|so|now)\s+)*(?:{IT}\s+{BE}|i\s+(?:go\s+to|see|have|use))\s+(?:now\s+)?{V}",
         _renewed),
    rule(rf"{S}\s+(?:(?:has|have|was|were|got|is|are)\s+)?(?:been\s+)?(?:just\s+)?(?:changed|updated|reset|switched|replaced|new|different|moved|another\s+one|not\s+the\s+same(?:\s+any\s?more)?)"
         rf"(?:{SEP}|\s+and\s+)(?:(?:and|so|now)\s+)*(?:{IT}\s+{BE}\s+)?(?:now\s+)?{V}", _now),
)  # fmt: skip
"""A change that is announced first; what is new follows, often in a sentence of its own."""
TOPIC: tuple[Rule, ...] = (
    rule(rf"(?:(?:as\s+for|as\s+to|about|regarding|concerning|re|when\s+it\s+comes\s+to|with\s+regard\s+to|on|and)\s+)?{S}(?:{SEP}|\s+|\s*\?\s*)(?:now\s+)?{IT}\s+{BE}\s+{V}", _is),
    rule(rf"(?:(?:as\s+for|about|regarding|concerning|re)\s+){S}{SEP}{V}", _noted_is),
    rule(rf"(?:and\s+)?{S}\s*\?+\s*(?:(?:it|that|they)\s+{BE}\s+)?(?:now\s+)?{V}", _is),
)  # fmt: skip
"""The thing is named first, then what it is."""
OTHERWISE: tuple[Rule, ...] = (
    rule(rf"(?P<s>(?:[^\s,;?]+\s+){{0,5}}[^\s,;?]+)\s+{BE}\s+(?:no\s+longer|not)\s+(?P<a>[^,;?]+?)(?:\s+any\s?(?:more|longer))?(?:{SEP}(?:(?:and|so|but)\s+)?(?:now\s+)?(?:{IT}\s+{BE}|but)|\s+but(?:\s+{IT}\s+{BE})?)"
         rf"\s+(?:(?:now|rather|instead)\s+)?{V}", _subject_now),
    rule(rf"(?P<s>(?:[^\s,;?]+\s+){{0,5}}[^\s,;?]+)\s+(?:was|were|used\s+to\s+be)\s+(?P<a>[^,;?]+?)(?:{SEP}|\s+)(?:(?:and|so|but)\s+)*(?:(?:now\s+)?{IT}\s+{BE}|but\s+(?:now\s+)?{BE}|now\s+{BE}|has\s+(?:now\s+)?(?:changed|moved)\s+to)"
         rf"\s+(?:now\s+)?{V}", _subject_now),
    rule(rf"(?P<w>(?:i|we|{OWN}\s+[\w-]+|(?-i:[A-Z])[\w-]+)\s+)(?:no\s+longer|do\s+not|does\s+not)\s+(?P<b>[a-z]+)\s+(?P<a>(?:in|at|for|to|with|a|an)\s+[^,;]+?)(?:\s+any\s?(?:more|longer))?(?:{SEP}|\s+)but\s+(?:now\s+|rather\s+)*"
         rf"(?P<v>(?:in|at|for|to|with|a|an)\s+.+)", "{w}now {b} {v}"),
    rule(rf"(?P<w>(?!.*\bprefer)[^,;]+?\s(?:is|are|to|in|at|me|drive)\s+(?P<v>\S[^,;]*?))(?:,?\s*(?:and\s+)?\bnot\s+(?:any\s?more\s+)?|\s+instead\s+of\s+|\s+rather\s+than\s+|\s+as\s+opposed\s+to\s+|,?\s+no\s+longer\s+)\S[^,;]*",
         "now {w}"),
    rule(rf"not\s+(?P<a>[^,;]+?),?\s+but\s+(?P<v>.+?)\s+(?P<b>{BE})\s+(?P<s>{OWN}\s.+)", "{s} is now {v}"),
)  # fmt: skip
"""What held before is named beside what holds now."""
TURNED: tuple[Rule, ...] = (
    rule(rf"{IT}\s+{BE}\s+(?:now\s+)?(?P<v>[^\s,;]+(?:\s[^\s,;]+){{0,5}}?)(?:\s+now)?(?:\s*[,;:]\s+|\s+[–—-]+\s+|\s*[–—]\s*){S}", _is),
    rule(rf"(?P<v>(?!(?:i|we|it|there|he|she|they|and|but|my|our)\b)[^\s,;?]+(?:\s[^\s,;?]+){{0,4}}?)(?:\s*[,;:.]\s+|\s+[–—-]+\s+|\s*[–—]\s*)(?:and\s+)?(?:{IT}\s+{BE}\s+(?:now\s+)?)?{S}(?:\s+now)?(?:\s+from\s+now\s+on)?", _noted_is),
    rule(rf"{IT}\s+{BE}\s+(?P<v>\S*\d\S*(?:\s\S*\d\S*)*)\s+(?:now\s+)?for\s+{S}", _noted_is),
    rule(rf"(?P<v>[^,;]+?)\s+(?:has\s+become|became|is\s+now|serves\s+as|is\s+to\s+be|will\s+be|will\s+do\s+as)\s+{S}", _noted_now),
)  # fmt: skip
"""The value first, then of what it is."""
PLAIN: tuple[Rule, ...] = (
    rule(rf"{S}\s+{TO_BE}\s+{V}", _noted_now),
    rule(rf"{S}\s+(?:now\s+)?(?:reads|goes(?:\s+like)?|remains|stays|equals|runs|consists\s+of|=>|->|→|≈|==?)\s*(?:like\s+this\s*)?:?\s*{V}", _noted_is),
    rule(rf"(?P<s>{OWN}\s+[\w' -]+?)'s\s+(?:now\s+)?(?!.*\b(?:is|are|was|were|has|have)\b){V}", _noted_is),
    rule(rf"(?P<p>they|someone|somebody|(?:the|our|my)\s+[\w-]+(?:\s+[\w-]+)?|(?-i:[A-Z])[\w-]+)\s+(?:have\s+|has\s+|had\s+)?(?:just\s+)?(?:changed|reset|switched|set|moved|updated|shifted|put|rescheduled)\s+"
         rf"(?P<o>my|our|his|her|their|its)\s+{N}(?:\s+from\s+.+?)?\s+(?:in)?to\s+{V}",
         lambda m: f"{_whose(m)} {m['n']} is now {m['v']}" if noted(m["n"]) or telling(m["v"]) else None),
    rule(rf"(?:please\s+)?(?:change|update|set|switch|correct)\s+{S}(?:\s+from\s+.+?)?\s+(?:in)?to\s+{V}", _noted_now),
    rule(rf"(?:(?:i|we)\s+(?:have\s+|had\s+)?)?(?:now\s+)?{KEEP}\s+(?P<v>[^,;]+?)\s+(?:as|for|to\s+be)\s+(?:my|our|the)\s+(?:new\s+)?{N}", _mine),
    rule(rf"(?:as|for)\s+(?:my|our|an?|the)\s+(?:new\s+)?{N},?\s+(?:i|we)\s+(?:have\s+)?(?:now\s+)?{KEEP}\s+{V}",
         lambda m: f"my {m['n']} is now {m['v']}" if noted(m["n"]) else None),
    rule(rf"if\s+(?:you|anyone|anybody|somebody|someone|i|we)\s+(?:ever\s+)?(?:needs?|wants?|looks?\s+for|(?:are|is)\s+looking\s+for|wonders?\s+about|asks?\s+(?:about|for))\s+{S}\s*[,:]\s*{IT}\s+{BE}\s+{V}", "{s} is {v}"),
    rule(rf"(?:the\s+)?(?P<n>[\w-]+(?:\s[\w-]+)?)\s+(?:for|of)\s+(?P<y>(?:my|our)\s+[\w' -]+?|(?-i:[A-Z])[\w-]+)\s*(?:[:=]|->|→|\s-\s)\s*{V}", lambda m: f"the {m['n']} of {m['y']} is {m['v']}" if noted(m["n"]) else None),
    rule(rf"(?:for|as)\s+{S}\s*[,:]?\s*(?:(?:it|that)\s+is\s+(?:now\s+)?)?{V}", _noted_is),
    rule(rf"(?:i|we)\s+(?:have\s+)?(?:changed|switched|swapped)\s+{N}(?:\s+from\s+.+?)?\s+to\s+{V}", _renewed),
    rule(rf"(?P<p>(?-i:[A-Z])[\w-]+|(?:my|our|the)\s+[\w-]+(?:\s+[\w-]+)?)\s+(?:now\s+)?(?:has|have|got|bears|carries|uses|takes|needs|requires)\s+(?:(?:now|got)\s+)?(?:(?:the|an?|as|his|her|their|its)\s+)?(?P<new>new\s+)?{N}"
         rf"(?:\s+of|\s*:|\s+is)?\s+(?P<v>\S*\d.*|(?:on|at)\s+.*\d.*)",
         lambda m: f"{m['p']}'s {m['n']} is {'now ' if m['new'] else ''}{m['v']}" if noted(m["n"]) else None),
    rule(rf"(?:i|we)\s+(?:now\s+)?have\s+(?:(?:the|an?|as|my|our)\s+)?(?P<new>new\s+)?{N}(?:\s+of|\s*:)?\s+(?P<v>\S*\d.*|(?:on|at|every)\s+.+)",
         lambda m: f"my {m['n']} is {'now ' if m['new'] else ''}{m['v']}" if noted(m["n"]) else None),
    rule(rf"(?:the|an?)?\s*(?P<new>new|current|latest)\s+{N}{FOR}(?:\s*[:=,]\s*|\s+[–—-]+\s+|\s+is\s+(?:now\s+)?|\s+)(?P<v>.*\d.*|(?-i:[A-Z]).*)", _renewal),
    rule(r"(?P<s>(?:(?:my|our|the|[^\W\d_][\w-]*'s)\s+)?(?:(?!(?:is|are|was|has|have|to|the|a)\b)[^\W\d_][\w'-]*\s+){0,3}[^\W\d_][\w-]*)(?:\s*(?:[:=,–—]|->|=>|→)\s*|\s+-+\s+|\s+(?:now\s+)?)(?:now\s+)?"
         r"(?P<v>\S*\d.*|(?-i:[A-Z]).*)", _noted_is),
    rule(r"(?P<s>(?:(?:my|our|[^\W\d_][\w-]*'s)\s+)?(?:(?!(?:is|are|was|has|have|to|the|a)\b)[^\W\d_][\w'-]*\s+){0,3}[^\W\d_][\w-]*)\s*(?:[:=–—]|->|=>|→|\s-+\s)\s*(?:now\s+)?"
         r"(?P<v>\S.*)", _noted_is),
)  # fmt: skip
"""One clause, worded otherwise than "X is V"."""


def _filled(result: Result, found: re.Match[str]) -> str | None:
    return result(found) if callable(result) else result.format(**found.groupdict(""))


def applied(rules: tuple[Rule, ...], text: str) -> str | None:
    """The text by the first rule that fits and has a result; None where none does."""
    for pattern, result in rules:
        if (found := pattern.match(text)) and (said := _filled(result, found)) and said != text:
            return " ".join(said.split())
    return None


@lru_cache(maxsize=1024)
def resumes(first: str, second: str) -> bool:
    """Whether the second sentence tells the value of what the first one names or says is new: "My locker code? 4471."."""
    said = bare(expanded(straight(f"{first.rstrip(' ')} {second}")))
    if "?" in first:
        return len(second.split()) <= 8 and applied(TOPIC[2:], said) is not None
    goes_on = re.match(rf"(?:(?:and|so|now)\s+)*{IT}\s+{BE}\b", expanded(straight(second)), re.IGNORECASE)
    return bool(goes_on) and len(first.split()) <= 12 and applied(ANNOUNCED, said) is not None
