"""A thing and its value in any order: announced as new, named first, named last, told beside what it was before."""

from __future__ import annotations

import re
from functools import lru_cache

from memento_desktop.memory.curation.lead_ins import bare
from memento_desktop.memory.curation.roundabout.rules import BE, DET, IT, NEW, OWN, SEP, N, Rule, S, V, applied, noted, rule, telling
from memento_desktop.memory.curation.wording import expanded, singular, straight

PLACED = re.compile(r"(?:in|on|at|under|behind|inside|beside|next|near) ", re.IGNORECASE)
TO_BE = (
    r"(?:is|are|will be|became|becomes?|has become|have become|turned into|(?:is|are|was|were|has been|have been|got) (?:now )"
    r"?(?:changed|set|reset|switched|updated|moved|turned|renamed) (?:in)?to|has (?:changed|switched) (?:in)?to|changed into|"
    r"turned out to be|has been|went (?:up|down|over) to|(?:went|has gone|goes|changed|switched) from \S+(?: \S+){0,3}? to|has "
    r"gone (?:up|down|over) to|ended up (?:being|as))"
)
KEEP = (
    r"(?:use|used|have|had|take|took|taken|choose|chose|chosen|pick|picked|made|selected|keep|got|get|(?:go|went|gone) (?:with|for)"
    r"|opted for|go to|see|visit|settled (?:on|for)|decided (?:on|for)|(?:switched|changed|moved|swapped) (?:over )?to|set)"
)
FOR = r"(?: (?:for|of|to|on|at) (?P<y>(?:my|our|the|[^\W\d_][\w-]*'s) [\w' -]+?|(?-i:[A-Z])[\w-]+))?"
GOT = (
    r"(?:have|has|had|got|get|was given|were given|received|made|set(?: up)?|chose|picked|created|found|changed|updated|reset|"
    r"switched|replaced|renewed|swapped|assigned|moved|rescheduled)"
)


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
    of_it = noted(subject) or telling(found["v"]) or PLACED.match(found["v"])
    if subject.lower() in ("i", "we", "it", "that", "this", "there") or not of_it:
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


def _last(found: re.Match[str]) -> str | None:
    """ "4471, my locker code"; "Chapter 4: the code" is a heading."""
    return None if re.fullmatch(r"the [\w-]+", found["s"], re.IGNORECASE) else _noted_is(found)


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


ANNOUNCED: tuple[Rule, ...] = (
    rule(r"(?:on|at|in) (?P<v>[^,;]*?) (?:it )?is (?P<s>(?:my|our|[^\W\d_][\w-]*'s) [\w' -]+)", _noted_is),
    rule(
        rf"(?P<p>i|we|they|he|she|you|someone|somebody|(?-i:[A-Z])[\w-]+|(?:my|our|the) [\w-]+) (?:(?:have|has|had) )?(?:(?:just|"
        rf"finally|now|recently) )?{GOT}(?: (?:me|us))? (?P<o>{DET})?(?:{NEW} )?{N}{FOR}{SEP}(?:(?:and|so|now) )*(?:{IT} {BE} (?:now )?)"
        rf"{V}", _announced,
    ),
    rule(
        rf"(?P<p>i|we|they|he|she|you|someone|somebody|(?-i:[A-Z])[\w-]+|(?:my|our|the) [\w-]+) (?:(?:have|has|had) )?(?:(?:just|"
        rf"finally|now|recently) )?{GOT} (?P<o>{DET})?(?:{NEW} )?{N}{FOR} and (?:now )?(?:{IT} {BE} (?:now )?){V}", _announced,
    ),
    rule(
        rf"(?P<p>i|we|(?-i:[A-Z])[\w-]+|(?:my|our) [\w-]+) (?:(?:have|has) )?(?:(?:just|finally|now|recently) )?(?:have|has|got|gotten|"
        rf"received|found|use|uses|see|am with|go to|goes to|(?:switched|changed|moved) to|gave (?:me|us))(?: got)? (?P<o>{DET})?{NEW} "
        rf"{N}{FOR}{SEP}{V}", _announced,
    ),
    rule(rf"(?:i|we|they) (?:have )?(?:gave|given|assigned|set) (?P<y>(?:my|our|the) [\w' -]+?) an? {NEW} {N}{SEP}(?:{IT} {BE} )?{V}",
         "the {n} of {y} is now {v}"),
    rule(rf"(?P<p>there) is (?:now )?(?:an? )?{NEW} {N}{FOR}{SEP}(?:{IT} {BE} (?:now )?)?{V}", _announced),
    rule(
        rf"(?:i|we) (?:have )?(?:just )?(?:changed|switched|swapped) {N}{SEP}(?:(?:and|so|now) )*(?:{IT} {BE}|i (?:go to|see|have|use)) "
        rf"(?:now )?{V}", _renewed,
    ),
    rule(
        rf"{S} (?:(?:has|have|was|were|got|is|are) )?(?:been )?(?:just )?(?:changed|updated|reset|switched|replaced|new|different|moved|"
        rf"another one|not the same(?: any ?more)?)(?:{SEP}| and )(?:(?:and|so|now) )*(?:{IT} {BE} )?(?:now )?{V}", _now,
    ),
)  # fmt: skip
"""A change that is announced first; what is new follows, often in a sentence of its own."""
TOPIC: tuple[Rule, ...] = (
    rule(
        rf"(?:(?:as for|as to|about|regarding|concerning|re|when it comes to|with regard to|on|and) )?{S}(?:{SEP}| | ?\? ?)(?:now )?{IT}"
        rf" {BE} {V}", _is,
    ),
    rule(rf"(?:(?:as for|about|regarding|concerning|re) ){S}{SEP}{V}", _noted_is),
    rule(rf"(?:and )?{S} ?\?+ ?(?:(?:it|that|they) {BE} )?(?:now )?{V}", _is),
)  # fmt: skip
"""The thing is named first, then what it is."""
OTHERWISE: tuple[Rule, ...] = (
    rule(
        rf"(?P<s>(?:[^ ,;?]+ ){{0,5}}[^ ,;?]+) {BE} (?:no longer|not) (?P<a>[^,;?]+?)(?: any ?(?:more|longer))?(?:{SEP}(?:(?:and|so|but)"
        rf" )?(?:now )?(?:{IT} {BE}|but)| but(?: {IT} {BE})?) (?:(?:now|rather|instead) )?{V}", _subject_now,
    ),
    rule(
        rf"(?P<s>(?:[^ ,;?]+ ){{0,5}}[^ ,;?]+) (?:was|were|used to be) (?P<a>[^,;?]+?)(?:{SEP}| )(?:(?:and|so|but) )*(?:(?:now )?{IT} "
        rf"{BE}|but (?:now )?{BE}|now {BE}|has (?:now )?(?:changed|moved) to) (?:now )?{V}", _subject_now,
    ),
    rule(
        rf"(?P<w>(?:i|we|{OWN} [\w-]+|(?-i:[A-Z])[\w-]+) )(?:no longer|do not|does not) (?P<b>[a-z]+) (?P<a>(?:in|at|for|to|with|a|an) "
        rf"[^,;]+?)(?: any ?(?:more|longer))?(?:{SEP}| )but (?:now |rather )*(?P<v>(?:in|at|for|to|with|a|an) .+)", "{w}now {b} {v}",
    ),
    rule(
        r"(?P<w>(?!.*\bprefer)[^,;]+? (?:is|are|to|in|at|me|drive) (?P<v>\S[^,;]*?))(?:,? ?(?:and )?\bnot (?:any ?more )?| instead of |"
        r" rather than | as opposed to |,? no longer )\S[^,;]*", "now {w}",
    ),
    rule(rf"not (?P<a>[^,;]+?),? but (?P<v>.+?) (?P<b>{BE}) (?P<s>{OWN} .+)", "{s} is now {v}"),
)  # fmt: skip
"""What held before is named beside what holds now."""
TURNED: tuple[Rule, ...] = (
    rule(rf"{IT} {BE} (?:now )?(?P<v>[^ ,;]+(?: [^ ,;]+){{0,5}}?)(?: now)?(?: ?[,;:] | [–—-]+ | ?[–—] ?){S}", _is),
    rule(
        rf"(?P<v>(?!(?:i|we|it|there|he|she|they|and|but|my|our)\b)[^ ,;?]+(?: [^ ,;?]+){{0,4}}?)(?: ?[,;:.] | [–—-]+ | ?[–—] ?)(?:and )"
        rf"?(?:{IT} {BE} (?:now )?)?{S}(?: now)?(?: from now on)?", _last,
    ),
    rule(rf"{IT} {BE} (?P<v>\S*\d\S*(?: \S*\d\S*)*) (?:now )?for {S}", _noted_is),
    rule(rf"(?P<v>[^,;]+?) (?:has become|became|is now|serves as|is to be|will be|will do as) {S}", _noted_now),
)  # fmt: skip
"""The value first, then of what it is."""
PLAIN: tuple[Rule, ...] = (
    rule(rf"{S} {TO_BE} {V}", _noted_now),
    rule(rf"{S} (?:now )?(?:reads|goes(?: like)?|remains|stays|equals|runs|consists of|=>|->|→|≈|==?) ?(?:like this ?)?:? ?{V}",
         _noted_is),
    rule(rf"(?P<s>{OWN} [\w' -]+?)'s (?:now )?(?!.*\b(?:is|are|was|were|has|have)\b){V}", _noted_is),
    rule(
        rf"(?P<p>they|someone|somebody|(?:the|our|my) [\w-]+(?: [\w-]+)?|(?-i:[A-Z])[\w-]+) (?:have |has |had )?(?:just )?(?:changed|"
        rf"reset|switched|set|moved|updated|shifted|put|rescheduled) (?P<o>my|our|his|her|their|its) {N}(?: from .+?)? (?:in)?to {V}",
        lambda m: f"{_whose(m)} {m['n']} is now {m['v']}" if noted(m["n"]) or telling(m["v"]) else None,
    ),
    rule(rf"(?:please )?(?:change|update|set|switch|correct) {S}(?: from .+?)? (?:in)?to {V}", _noted_now),
    rule(rf"(?:(?:i|we) (?:have |had )?)?(?:now )?{KEEP} (?P<v>[^,;]+?) (?:as|for|to be) (?:my|our|the) (?:new )?{N}", _mine),
    rule(rf"(?:as|for) (?:my|our|an?|the) (?:new )?{N},? (?:i|we) (?:have )?(?:now )?{KEEP} {V}",
         lambda m: f"my {m['n']} is now {m['v']}" if noted(m["n"]) else None),
    rule(
        rf"if (?:you|anyone|anybody|somebody|someone|i|we) (?:ever )?(?:needs?|wants?|looks? for|(?:are|is) looking for|wonders? about|"
        rf"asks? (?:about|for)) {S} ?[,:] ?{IT} {BE} {V}", "{s} is {v}",
    ),
    rule(rf"(?:the )?(?P<n>[\w-]+(?: [\w-]+)?) (?:for|of) (?P<y>(?:my|our) [\w' -]+?|(?-i:[A-Z])[\w-]+) ?(?:[:=]|->|→| - ) ?{V}",
         lambda m: f"the {m['n']} of {m['y']} is {m['v']}" if noted(m["n"]) else None),
    rule(rf"(?:for|as) {S}(?: ?[,:] ?| )(?:(?:it|that) is (?:now )?)?{V}", _noted_is),
    rule(rf"(?:i|we) (?:have )?(?:changed|switched|swapped) {N}(?: from .+?)? to {V}", _renewed),
    rule(
        rf"(?P<p>(?-i:[A-Z])[\w-]+|(?:my|our|the) [\w-]+(?: [\w-]+)?) (?:now )?(?:has|have|got|bears|carries|uses|takes|needs|requires) "
        rf"(?:(?:now|got) )?(?:(?:the|an?|as|his|her|their|its) )?(?P<new>new )?{N}(?: of| ?:| is)? (?P<v>\S*\d.*|(?:on|at) .*\d.*)",
        lambda m: f"{m['p']}'s {m['n']} is {'now ' if m['new'] else ''}{m['v']}" if noted(m["n"]) else None,
    ),
    rule(rf"(?:i|we) (?:now )?have (?:(?:the|an?|as|my|our) )?(?P<new>new )?{N}(?: of| ?:)? "
         r"(?P<v>\S*\d.*|(?:on|at|every) .*(?:\d|days?\b|noon|midnight).*)",
         lambda m: f"my {m['n']} is {'now ' if m['new'] else ''}{m['v']}" if noted(m["n"]) else None),
    rule(rf"(?:the|an?)? ?(?P<new>new|current|latest) {N}{FOR}(?: ?[:=,] ?| [–—-]+ | is (?:now )?| )(?P<v>.*\d.*|(?-i:[A-Z]).*)",
         _renewal),
    rule(
        r"(?P<s>(?:(?:my|our|the|[^\W\d_][\w-]*'s) )?(?:(?!(?:is|are|was|has|have|to|the|a)\b)[^\W\d_][\w'-]* ){0,3}[^\W\d_][\w-]*)(?: "
        r"?(?:[:=,–—]|->|=>|→) ?| -+ | (?:now )?)(?:now )?"
        r"(?P<v>(?!(?:i|we) )(?!.* (?:is|are|was|were) )(?:\S*\d.*|(?-i:[A-Z]).*))", _noted_is,
    ),
    rule(
        r"(?P<s>(?:(?:my|our|[^\W\d_][\w-]*'s) )?(?:(?!(?:is|are|was|has|have|to|the|a)\b)[^\W\d_][\w'-]* ){0,3}[^\W\d_][\w-]*) "
        r"?(?:[:=–—]|->|=>|→| -+ ) ?(?:now )?(?P<v>\S.*)", _noted_is,
    ),
)  # fmt: skip
"""One clause, worded otherwise than "X is V"."""


@lru_cache(maxsize=1024)
def resumes(first: str, second: str) -> bool:
    """Whether the second sentence tells the value of what the first one names or says is new: "My locker code? 4471."."""
    said = bare(expanded(straight(f"{first.rstrip(' ')} {second}")))
    if "?" in first:
        return len(second.split()) <= 8 and applied(TOPIC[2:], said) is not None
    goes_on = re.match(rf"(?:(?:and|so|now) )*{IT} {BE}\b", expanded(straight(second)), re.IGNORECASE)
    return bool(goes_on) and len(first.split()) <= 12 and applied(ANNOUNCED, said) is not None
