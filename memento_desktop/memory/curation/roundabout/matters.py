"""Appointments, sizes, clefts ("Bern is where I live"), beginnings, and notes without "I", in the words that the templates read."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.roundabout.rules import Rule, S, V, noted, rule

DAY = (
    r"(?P<v>(?:(?:on|at|every|each|in) )?(?:(?:the )?\d\S*|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|noon|midnight|"
    r"(?:the )?(?:first|second|third|last|next|this) \w+|the (?:morning|evening|afternoon))\b.*)"
)
VERB = r"(?P<w>(?:now )?(?:am \w+ing|[a-z]+)(?: (?:in|at|for|by|to|with|on))?)(?: (?:best|most|the most|now|currently|these days))*"
GERUND = r"(?P<g>living|working|driving|using|drinking|playing|learning|studying|speaking|taking|eating|residing)"
BASES = {
    "living": "live", "working": "work", "driving": "drive", "using": "use", "drinking": "drink", "playing": "play", "learning": "learn",
    "studying": "study", "speaking": "speak", "taking": "take", "eating": "eat", "residing": "live",
}  # fmt: skip
EVENT = re.compile(
    r"meeting|appointment|lesson|class|course|call|session|training|shift|lunch|dinner|practice|flight|exam|interview|visit|party|rehearsal",
    re.IGNORECASE,
)
FINITE = re.compile(r"\b(?:is|are|means|has|can|was|makes|would|gets)\b")
I_AM = {"living", "working", "driving", "allergic", "fluent", "based", "moving", "going by"}


def _relative(found: re.Match[str]) -> str | None:
    """ "The firm I work for is Acme": the verb says which statement it is."""
    verb, noun, value = found["w"].lower(), found["n"].strip(), found["v"]
    if re.match(r"work|am\s+employed", verb):
        return f"I work as {value}" if noun in ("job", "profession") else f"I work at {value}"
    if re.match(r"live|reside|am\s+(?:living|based)|call\s+home", verb):
        return f"I live in {re.sub(r'^in ', '', value)}"
    if re.match(r"drive|am\s+driving", verb):
        return f"my car is {value}"
    if re.match(r"speak|know\s+well", verb):
        return f"I speak {value}"
    if re.match(r"go\s+by", verb):
        return f"call me {value}"
    if re.match(r"love|like|prefer|enjoy|favou?r|drink|adore", verb):
        return f"my favourite {noun} is {value}"
    return f"my {noun} is {value}" if re.match(r"have|use|go\s+to|see|own|wear|take|trust", verb) else None


def _cleft(found: re.Match[str]) -> str | None:
    """ "Bern is where I live", "what I drive is a Volvo"."""
    verb, value = " ".join(found["w"].split()), found["v"]
    low = verb.lower()
    if found["q"].lower() == "where" and not re.search(r"\b(?:in|at|for|to)$", low):
        if re.match(r"(?:(?:in|at)\s)", value, re.IGNORECASE):
            return f"I {verb} {value}"
        return f"I {verb} {'at' if low.startswith(('work', 'am work', 'study')) else 'in'} {value}"
    return f"I {verb} {value}"


def _event(found: re.Match[str]) -> str | None:
    return f"{found['s']} is now {found['v']}" if EVENT.search(found["s"]) else None


def _note(found: re.Match[str]) -> str | None:
    """ "Moved to Bern", "allergic to nuts"; in "living in Bern is nice" it is no note."""
    verb = found["w"].lower()
    helping = "am " if verb in I_AM else "have " if verb == "been" else ""
    return None if FINITE.search(found["v"]) else f"I {helping}{found['w']} {found['v']}"


HELD: tuple[Rule, ...] = (
    rule(
        rf"(?:i|we) (?:have )?(?:moved|shifted|pushed|rescheduled|postponed) (?P<s>(?:my|our|the) [\w' -]+?) (?:from .+? )?(?:to|until|"
        rf"on|till) {DAY}", "{s} is now {v}",
    ),
    rule(r"on (?P<v>.+?) (?:i|we) (?:have|hold|attend) (?P<s>(?:my|our|the) [\w' -]+)",
         lambda m: f"{m['s']} is on {m['v']}" if noted(m["s"]) else None),
    rule(
        rf"{S} (?:(?:now|always|usually|normally) )*(?:takes? place|happens?|(?:is|are|gets?|got|has been|have been|was|were|will be|is "
        rf"going to be) (?:now )?(?:held|scheduled|planned|set|fixed|booked|arranged|due|moved|shifted|pushed|rescheduled|postponed|"
        rf"brought|put|changed|switched|transferred)(?: (?:back|forward|off|over|up))?|falls|occurs|shifted|moved|goes on|has (?:now )"
        rf"?(?:moved|shifted|gone)) (?:from .+? )?(?:(?:to|for|on|at|in|until|till|as of) )*{DAY}", "{s} is now {v}",
    ),
    rule(
        r"(?:i|we) (?:(?:have|now|always) )*(?:have|hold|get|attend|do|moved|shifted|pushed|rescheduled|scheduled|put|set) (?P<s>(?:my|"
        r"our|the) [\w' -]+?) (?:from .+? )?(?:to |for )?(?P<v>(?:(?:on|at|every|each) )?(?:\S+ ){0,3}?(?:\S*\d\S*|\w+days?\b|noon|"
        r"midnight).*)", _event,
    ),
    rule(
        rf"(?:my|our|the) (?P<n>[\w-]+) (?:(?:now|always|usually|all) )*(?:meets?|gathers?|gets together|comes? together|convenes?|has "
        rf"(?:its|a|the|our|their) (?:\w+ )?meeting) (?:up )?(?:now )?{DAY}", "my {n} meeting is now {v}",
    ),
    rule(rf"(?:we|i) (?:now )?meet (?:up )?(?:as a |with (?:the|my) )(?P<n>[\w-]+) (?:now )?{DAY}", "my {n} meeting is now {v}"),
)  # fmt: skip
WORN: tuple[Rule, ...] = (
    rule(r"(?P<n>[a-z]+?)s? ?[:,-] ?size (?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"i (?:buy|get|order) (?:my )?(?P<n>[a-z]+?)s? in (?:size )?(?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"i (?:(?:now|usually) )?(?:wear|take|need|have|am|buy) (?:an? )?(?P<n>[a-z]+?)s? (?:in |of )?size (?P<v>\d\S*)",
         lambda m: f"my {m['n']} size is {m['v']}" if m["n"].lower() != "a" else None),
    rule(
        r"i (?:(?:now|usually) )?(?:wear|take|need|am) (?:an? )?(?:size )?(?P<v>\d\S*) (?:in|for|with|as) (?:my )?(?P<n>[a-z]+?)"
        r"(?:s|s size| size)?", "my {n} size is {v}",
    ),
    rule(r"i (?:(?:now|usually) )?(?:wear|take|need|have|am) (?:an? )?size (?P<v>\d\S*) (?P<n>[a-z]+?)s?", "my {n} size is {v}"),
    rule(
        r"(?:in|for|with) (?P<n>[a-z]+?)s?,? (?:i (?:(?:now|usually) )?(?:wear|take|need|have|am)|it is|my size is) (?:an? )?(?:size )"
        r"?(?P<v>\d\S*)", "my {n} size is {v}",
    ),
    rule(r"my (?P<n>[a-z]+?)s? (?:are|is|come in) (?:an? )?(?:in )?size (?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"my size (?:in|for) (?P<n>[a-z]+?)s? is (?:now )?(?P<v>\d\S*)", "my {n} size is {v}"),
)  # fmt: skip
CLEFT: tuple[Rule, ...] = (
    rule(
        rf"the (?P<n>[\w -]+?) (?:(?:that|which|who|whom|where|in which|for which) )?(?:i|we) {VERB} (?:is|are) (?:now )?(?:called )?{V}",
        _relative,
    ),
    rule(
        rf"(?P<v>.+?) (?:is|are) (?:now )?the (?P<n>[\w-]+(?: [\w-]+)?) (?:(?:that|which|who|whom|where|in which|for which) )?(?:i|we) "
        rf"{VERB}", _relative,
    ),
    rule(rf"(?P<v>.+?) (?:is|are) (?:now )?(?P<q>what|where|who|whom) (?:i|we) {VERB}", _cleft),
    rule(rf"(?P<q>what|where|who) (?:i|we) {VERB} is (?:now )?{V}", _cleft),
    rule(
        rf"(?P<v>.+?) (?:is|are) (?:(?:also|now|really) )*(?:something|one of the (?:things|\w+)|an? (?:thing|language|sport|hobby|"
        rf"activity|drink|food)|among the things) (?:(?:that|which) )?(?P<q>i) (?:(?:really|also|do|just|quite) )*{VERB}", _cleft,
    ),
    rule(rf"it is (?P<v>.+?) (?:(?:that|which) )(?P<q>i) {VERB}", _cleft),
)  # fmt: skip
BEGUN: tuple[Rule, ...] = (
    rule(
        rf"(?:i|we) (?:(?:have|just|recently|now) )*(?:started|began|begun|switched to|taken to|gone back to|went back to|moved on to|"
        rf"changed to|taken up|been) {GERUND} {V}", lambda m: f"I {BASES[m['g'].lower()]} now {m['v']}",
    ),
    rule(
        r"(?P<w>(?:have )?(?:moved|relocated|switched|changed|started|joined|bought|left|swapped|settled|picked|chose)|live|work|"
        r"drive|love|like|enjoy|prefer|living|working|driving|allergic|fluent|based|keep|kept|hid|stored|moving|really (?:like|"
        r"love|enjoy)|no longer|got|go by|going by|been) (?P<v>(?!(?:it|that|this|on|the way)\b)\S+(?: \S+){0,6})", _note,
    ),
    rule(rf"(?:now|currently|still|always) {GERUND} {V}", "I am {g} {v}"),
)  # fmt: skip
"""A beginning, and notes that leave the "I" out."""
