"""What in a text says more about a person than its reader needs: found by rule, and masked.

Rules see shapes, not meaning. They find what looks like a name, a number, a path, an address or a secret; what is told in plain words
(“the woman from the bakery”) they cannot see, and a name in small letters only where the owner's own facts hold it too. So what is found
is shown, and the whole text beside it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = (
    "January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec"
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun"
OF_DAYS = " ".join(f"{day}s {day}'s {day}s'" for day in DAYS.split()[:7])
OF_MONTHS = "Januaries Februaries Marches Aprils Junes Julys Augusts Septembers Octobers Novembers Decembers"
"""Plurals alone: “June's” is more often somebody's than the month's, and “the Mays” are a family."""
NO_NAMES = frozenset(
    f"{MONTHS} {DAYS} {OF_DAYS} {OF_MONTHS} "
    "I I'm I'd I'll I've It It's That That's There There's He He's She She's What What's Who Who's Let's Here Here's "
    "Today Today's Tomorrow Tomorrow's Yesterday Yesterday's The This These Those They A An My Your Our His Her Its Their We You "
    "And But Or If When Then So Ok Not No Yes Please Dr Mr Mrs Ms Prof "
    "English German French Italian Spanish Word Excel PowerPoint Python".split()
)
STARTERS = frozenset(
    "Add After All Also Answer Are Ask At Average Because Before Book Both Bring Buy Call Can Check Compare Copy Could Count "
    "Dear Delete Did Do Does Draft Email Every Explain File Find For Forward From Get Give Has Have Hello Help Hey Hi How In "
    "Invite Is List Look Mail Make Meet Message Move Near Note On Only Open Order Pay Phone Plan Print Put Read Remember "
    "Remind Reply Save Schedule See Send Set Should Show Since Sum Summarise Summarize Tell Text Thank Thanks To Total "
    "Translate Until Update Use Visit Was Were What When Where Which Why Will With Without Would Write".split()
)
"""Words that begin a sentence before a name and are none of it: “Ask Ruth Vale”."""
MONTH = f"(?:{MONTHS.replace(' ', '|')})"
DATE = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{MONTH}\.?,?\s+\d{{4}}|{MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
)
BORN_BEFORE = 14
"""A full date so many years back is offered as a possible date of birth."""
WORD = r"[^\W\d_][^\W\d_]*(?:['’.-][^\W\d_]+)*"
STREET = (
    r"(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|court|ct|place|pl|square|sq|boulevard|blvd|close|crescent|terrace|hill|park)"
)
URL = r"\b(?:https?|ftp|wss?)://"
REST = r"[^\s<>\"']"
PATH = r"[^\s:;,<>\"'()|?*]"
SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "secret",
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[a-z]-[\w-]{10,}",
            r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bhf_\w{16,}|\bya29\.[\w-]{16,}",
            r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?",
            r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-fA-F]{20,}\b",
            r"(?<![\w/+=-])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*\d)[A-Za-z0-9+/_=-]{20,}",
            r"(?i:\b(?:password|passwort|passphrase|pass\s?code|mot de passe|pin|puk|api[ _-]?key|token|secret|credentials?)\b)"
            r"(?:\s+(?i:for|of|to)\s+(?:(?i:the|my|our)\s+)?[\w.-]+)?(?:\s*[=:]\s*|\s+(?i:is|was|are|ist)\s*:?\s+)"
            r"[\"'“]?(?P<value>[^\s\"'”,;]+)",
        ),
    ),
    (
        "link",
        (
            r"(?<![\w+.-])[a-z][a-z0-9+.-]{0,20}://[^\s/@:]{1,99}:[^\s/@]{1,99}@" + REST + "+",
            rf"(?i){URL}[^\s<>\"'?#]{{0,500}}[?#]{REST}*",
            rf"(?i){URL}(?:localhost|[\w-]+(?=[/:\s]|$)|[\w.-]+\.(?:local|internal|lan|home|corp|intra)\b){REST}*",
            rf"(?i){URL}{REST}{{0,500}}/(?=[\w~-]*\d)(?=[\w~-]*[a-z])[\w~-]{{16,}}{REST}*",
        ),
    ),
    ("e-mail", (r"(?<![\w.+%-])[\w.+%-]{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",)),
    (
        "path",
        (
            rf"(?i)\bfile://{REST}+|(?<![\w/.])(?:~|/(?:home|users|root|mnt|media|var|etc|opt|srv|tmp|private|volumes))/{PATH}+",
            r"(?<![\w/:.])/[\w.-]+(?:/[\w.-]+)+/?",
            rf"(?i)\b[a-z]:[\\/]{PATH}+(?: [^\s:;,<>\"'|?*\\]+(?=\\))*|\\\\[\w.-]+\\{PATH}+",
        ),
    ),
    (
        "network address",
        (
            r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b",
            r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f:]{0,30}[0-9A-Fa-f](?!\w)",
        ),
    ),
    ("IBAN", (r"\b[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]{4}){2,7}(?:[ \u00a0-]?[A-Z0-9]{1,3})?\b",)),
    (
        "address",
        (
            r"\b\d{1,5}[a-zA-Z]?(?:,?\s+[A-ZÀ-Þ][\w'’.-]*){1,4}\s+" + STREET + r"\b\.?",
            r"(?<![\w-])[\w-]{2,40}(?:str(?:asse|aße|\.)|weg|gasse|platz|allee|laan|straat|gatan|vej)\s+\d{1,4}\s?[a-zA-Z]?\b",
            r"(?:\b\d{1,4},?\s+)?(?i:\b(?:rue|chemin|via|viale|piazza|calle|avenida|rua|plaza)\b)"
            r"(?:\s+(?i:de|du|des|la|le|della|del|di|do|da)\b)*(?:\s+[A-ZÀ-Þ][\w'’-]+)+(?:,?\s+\d{1,4}\b)?",
            r"(?i:\bp\.?\s?o\.?\s?box)\s+\d+|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]{2} \d{5}(?:-\d{4})?\b",
            r"\b(?:[A-Z]{1,2}-)?\d{4,5} (?=[A-ZÀ-Þ][a-zà-ÿ]{2,})(?!" + MONTH + r"\b)[A-ZÀ-Þ][\w'’-]+",
        ),
    ),
    (
        "phone",
        (
            r"(?<![\w.])(?:\+|00)\d{1,3}(?:[\s\u00a0./-]{0,2}\(?\d{1,5}\)?){2,6}(?!\w)",
            r"(?<![\w.])\(\d{2,5}\)[\s-]?\d{2,4}(?:[\s./-]?\d{2,4}){1,3}(?!\w)|(?<![\w.,])0\d{1,4}(?:[\s/-]\d{2,4}){2,4}(?!\w)",
            r"(?<![\w.-])\d{3}[-. ]\d{3}[-. ]\d{4}(?!\w)",
        ),
    ),
)
RULES = tuple((what, re.compile(pattern)) for what, patterns in SHAPES for pattern in patterns)
DIGITS = re.compile(r"(?<!\w)\d(?:[ \u00a0'’-]?\d){3,}(?!\w)|(?<![\w.])\d+(?:\.\d+){2,}(?!\w)|\b(?=\w*[A-Za-z])(?=(?:\w*\d){3})\w{5,}\b")
YEAR_BEFORE = re.compile(
    rf"(?i)(?:\b(?:in|since|until|till|from|by|of|year|before|after|to|for|{MONTH})\.?,?\s+|\d\s?[-–]\s?|{MONTH}\.?\s+\d{{1,2}},?\s+)$"
)
BORN = re.compile(r"(?i)\b(?:born|birth|birthday|d\.?o\.?b\.?|geboren|geburtstag|né|née|nacido|nacida|nato|nata)\b")
PERSONAL = re.compile(
    r"\s+(?:was born|lives?|lived|likes?|loves?|hates?|said|says|told|asked|wants?|works?|worked|prefers?|called|calls|married|moved|knows|"
    r"thinks|sent|wrote|phoned|owes|visited|and I|and me)\b"
)
"""What only a person does: the word before it is a name even where a sentence begins."""
PLACE = re.compile(r"\[(?:secret|link|e-mail|path|network address|IBAN|address|phone|name|number|account|card|date of birth) \d+\]")
CAPITAL = re.compile(rf"(?<![\w.@/-]){WORD}(?!\w)")
START = re.compile(r"(?:^|[.!?:…]['\"”’)]*\s+|\n\s*|^\s*[-*•]\s+|[“\"‘(]\s*)$")
OWN = re.compile(r"(?<![\w])(?:\d[\d .'’/-]{2,}\d|\w*\d\w{2,}|\w{2,}\d\w*)(?!\w)")


@dataclass(frozen=True)
class Found:
    """Something that may be private: what sort of thing, and the very words."""

    what: str
    value: str


def find(texts: Sequence[str], known: Iterable[str] = (), today: date | None = None) -> list[Found]:
    """What may be private in some texts, each once, in the order of its first place.

    Args:
        known: names and figures from the owner's own facts: found wherever they stand.
        today: dates of birth are told by how long ago they are; by default today.
    """
    found: dict[str, str] = {}
    whole = "\n".join(texts)
    own = [value for value in known if value and value in whole]
    pattern = _any(own) if own else None
    for text in texts:
        spans = _spans(text, today or date.today())
        spans += [(m.start(), m.end(), "name" if m[0][0].isalpha() else "number") for m in (pattern.finditer(text) if pattern else ())]
        for start, end, what in _apart(spans):
            found.setdefault(text[start:end], what)
    return [Found(what, value) for value, what in found.items()]


def masks(found: Sequence[Found]) -> dict[str, str]:
    """Value → what stands in its place: “[name 1]”. The parts of a name that stand alone elsewhere are the same person."""
    whole: dict[str, Found] = {}
    for one in sorted(found, key=lambda f: -len(f.value.split())):
        whole.setdefault(one.value, one)
        for part in one.value.split() if one.what == "name" else ():
            for spelling in (part, part.upper()) if len(part) > 2 else (part,):
                whole.setdefault(spelling, one)
    counts: dict[str, int] = {}
    places: dict[Found, str] = {}
    for one in (whole[found_one.value] for found_one in found):
        if one not in places:
            counts[one.what] = counts.get(one.what, 0) + 1
            places[one] = f"[{one.what} {counts[one.what]}]"
    return {value: places[one] for value, one in whole.items()}


def masked(text: str, places: dict[str, str]) -> str:
    """`text` with every value of `places` replaced, wherever it stands as a whole."""
    return _any(places).sub(lambda match: places[match[0]], text) if places else text


def _any(values: Iterable[str]) -> re.Pattern[str]:
    """Any of these values as a whole, the longest first."""
    ordered = sorted(set(values), key=lambda value: (-len(value), value))
    return re.compile("|".join(rf"{_edge(v[0], '(?<!')}{re.escape(v)}{_edge(v[-1], '(?!')}" for v in ordered))


def _edge(character: str, look: str) -> str:
    return rf"{look}\w)" if character.isalnum() or character == "_" else ""


def own_values(facts: Iterable[str]) -> set[str]:
    """Names and figures in the owner's own facts: what is known to be somebody's or something's."""
    values: set[str] = set()
    for text in facts:
        values |= {text[start:end] for start, end, what in _names(text) if what == "name"}
        values |= {match[0] for match in OWN.finditer(text) if sum(c.isdigit() for c in match[0]) >= 3}
        values |= {word for value in list(values) if value[0].isalpha() for word in value.split() if len(word) > 2}
    return {value for value in values if not re.fullmatch(r"(?:19|20)\d\d", value)}


def _spans(text: str, today: date) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    for what, rule in RULES:
        for match in rule.finditer(text):
            group = "value" if "value" in rule.groupindex else 0
            spans.append((match.start(group), match.end(group), what))
    spans = [(start, end - _tail(text[start:end]), what) for start, end, what in spans]
    dates = [(m.start(), m.end()) for m in re.finditer(rf"(?<![\w.])(?:{DATE})(?![\w])", text)]
    spans += [(start, end, "date of birth") for start, end in dates if _of_birth(text, start, end, today)]
    # An ordinary date is no number to hide.
    taken = _apart(spans + [(start, end, "") for start, end in dates])
    for match in DIGITS.finditer(text):
        if (
            _free(taken, match.start(), match.end()) and not _is_year(text, match) and not (match[0].count(".") and len(match[0]) < 10)
        ):  # 3.11.4 is a version
            spans.append((match.start(), match.end(), _sort(match[0])))
    placed = [(match.start(), match.end(), "") for match in PLACE.finditer(text)]
    return [span for span in spans + _names(text) if _free(placed, span[0], span[1])]


def _tail(value: str) -> int:
    """Characters at the end that belong to the sentence."""
    return len(value) - len(value.rstrip(".,;:!?)'\"”’"))


def _is_year(text: str, match: re.Match[str]) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", match[0])) and bool(YEAR_BEFORE.search(text[: match.start()]))


def _sort(digits: str) -> str:
    plain = re.sub(r"\D", "", digits)
    if 13 <= len(plain) <= 19 and len(plain) == len(re.sub(r"[ \u00a0'’-]", "", digits)) and _luhn(plain):
        return "card"
    return "account" if len(plain) >= 8 else "number"


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def _of_birth(text: str, start: int, end: int, today: date) -> bool:
    if BORN.search(text[max(0, start - 40) : start]) or BORN.search(text[end : end + 20]):
        return True
    years = re.findall(r"\d{4}", text[start:end])
    return bool(years) and 1900 <= int(years[-1]) <= today.year - BORN_BEFORE


def _names(text: str) -> list[tuple[int, int, str]]:
    """Runs of capitalised words that do not merely begin a sentence."""
    spans: list[tuple[int, int, str]] = []
    run: list[re.Match[str]] = []

    def end() -> None:
        if len(run) > 1 and run[0][0] in STARTERS and _begins(text, run[0]):
            del run[0]
        if run and (len(run) > 1 or not _begins(text, run[0]) or _owns(text, run[0]) or PERSONAL.match(text, run[0].end())):
            spans.append((run[0].start(), _without_s(text, run[-1].end()), "name"))
        run.clear()

    for match in CAPITAL.finditer(text):
        name = _is_capital(match[0]) and match[0].replace("’", "'") not in NO_NAMES
        if run and (not name or text[run[-1].end() : match.start()] != " " or _owns(text, run[-1])):
            end()
        if name:
            run.append(match)
    end()
    return spans


def _is_capital(word: str) -> bool:
    """Ann, O'Neil, McDonald, Jean-Luc; not EUR."""
    return word[0].isupper() and any(c.islower() for c in word)


def _begins(text: str, match: re.Match[str]) -> bool:
    return bool(START.search(text[max(0, match.start() - 8) : match.start()])) or match.start() == 0


def _owns(text: str, match: re.Match[str]) -> bool:
    return match[0].endswith(("'s", "’s"))


def _without_s(text: str, end: int) -> int:
    return end - 2 if text[:end].endswith(("'s", "’s")) else end


def _apart(spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans that do not overlap: of two the longer stays, of equals the first."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda s: s[0] - s[1]):
        if span[0] < span[1] and _free(kept, span[0], span[1]):
            insort(kept, span)
    return kept


def _free(kept: Sequence[tuple[int, int, str]], start: int, end: int) -> bool:
    """Whether no span of `kept`, which are in order and apart, shares a character with this one."""
    place = bisect_left(kept, (end,))
    return place == 0 or kept[place - 1][1] <= start
