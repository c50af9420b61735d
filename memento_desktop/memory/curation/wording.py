"""How texts are compared: without case, punctuation and spelling variants; what is a typo, and what is another name or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

TOKEN = re.compile(r"[^\W_]+(?:[.,:/@+_'-][^\W_]+)*|[#+]")
NEGATIONS = frozenset("not no never none nobody nothing neither nor without cannot".split())
ARTICLES = frozenset("a an the".split())
PADDING = frozenset("please just really actually very also that so well oh".split())
"""Words that change nothing of what a sentence says."""
CONTRACTIONS = (
    (re.compile(r"\b(i)'?m\b(?!')", re.I), r"\1 am"),
    (re.compile(r"\b(i|we|you|they)'ve\b", re.I), r"\1 have"),
    (re.compile(r"\b(we|you|they)'re\b", re.I), r"\1 are"),
    (re.compile(r"\b(i|we|you|he|she|it|they)'ll\b", re.I), r"\1 will"),
    (re.compile(r"\b(i|we|you|he|she|they)'d\b", re.I), r"\1 would"),
    (re.compile(r"\b([^\W\d_]\w+)'s(?=\s+(?:got|been|moved|changed|switched|become)\b)", re.I), r"\1 has"),
    (re.compile(r"\b([^\W\d_]\w+)'s(?=\s+(?:living|working|staying|residing)\s+(?:in|at|on|with|for|near)\b)", re.I), r"\1 is"),
    (re.compile(r"\b(it|that|there|here|what|who|where|how|he|she)'s\b", re.I), r"\1 is"),
    (re.compile(r"\b(?:can't|cannot|cant)\b", re.I), "can not"),
    (re.compile(r"\bwon't\b", re.I), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b", re.I), r"\1 not"),
)
SPELLING = {
    "favorite": "favourite", "color": "colour", "neighbor": "neighbour", "e-mail": "email", "wi-fi": "wifi", "wlan": "wifi",
    "mom": "mother", "mum": "mother", "mommy": "mother", "dad": "father", "daddy": "father", "telephone": "phone", "mobile": "phone",
    "cell": "phone", "cellphone": "phone", "pin": "code", "passcode": "code", "keycode": "code", "combination": "code",
    "apartment": "flat", "preferred": "favourite", "go-to": "favourite", "center": "centre", "gray": "grey", "theater": "theatre",
    "birthdate": "birthday", "tv": "television", "bike": "bicycle", "kids": "child", "bday": "birthday", "b-day": "birthday",
    "fav": "favourite", "fave": "favourite", "tel": "phone",
    "pw": "password", "pwd": "password", "passwd": "password", "addr": "address", "appt": "appointment", "combo": "code", "digits": "code",
    "kid": "child", "children": "child",
}  # fmt: skip
"""Variants of one word, by the form they are compared in."""
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty".split()
    )
}
MONTHS = "january february march april may june july august september october november december".split()
MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else "may" for name in MONTHS).replace("sep(?:tember)?", "sept?(?:ember)?")
_DAY_FIRST = re.compile(rf"\b(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({MONTH})\b\.?", re.I)
_MONTH_FIRST = re.compile(rf"\b({MONTH})\.?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|:)", re.I)
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|o'clock)(?!\w)", re.I)
_HOUR = re.compile(r"\b0?(\d{1,2}):(\d{2})\b")


def straight(text: str) -> str:
    """`text` in NFKC with straight quotes and single spaces."""
    text = unicodedata.normalize("NFKC", text).translate({0x2019: "'", 0x2018: "'", 0x02BC: "'", 0x201C: '"', 0x201D: '"'})
    return " ".join(text.split())


def expanded(text: str) -> str:
    """`text` with its contractions written out: "I'm" is "I am"."""
    for pattern, whole in CONTRACTIONS:
        text = pattern.sub(whole, text)
    return text


def month_number(name: str) -> int:
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def _clock(found: re.Match[str]) -> str:
    hour, half = int(found[1]), found[3].lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    return f"{0 if half.startswith('a') and hour == 12 else hour}:{found[2] or '00'}"


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: lower case, one spelling, dates and times in one form, no articles and padding."""
    text = expanded(straight(text))
    text = _DAY_FIRST.sub(lambda m: f"{int(m[1])} {MONTHS[month_number(m[2]) - 1]}", text)
    text = _MONTH_FIRST.sub(lambda m: f"{int(m[2])} {MONTHS[month_number(m[1]) - 1]}", text)
    text = _HOUR.sub(r"\1:\2", _CLOCK.sub(_clock, text))
    found: list[str] = []
    for token in TOKEN.findall(text.lower()):
        token = token.removesuffix("'s").removesuffix("'")
        token = NUMBERS.get(token, SPELLING.get(token, token))
        if token and token not in ARTICLES and token not in PADDING:
            found.append(token)
    return tuple(found)


def plain(text: str) -> str:
    """`text` reduced to what is compared; see `words`."""
    return " ".join(words(text))


def singular(word: str) -> str:
    """A noun without its plural s."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def negations(tokens: Sequence[str]) -> int:
    return sum(token in NEGATIONS for token in tokens)


def has_digit(token: str) -> bool:
    return any(character.isdigit() for character in token)


def distance(a: str, b: str, most: int = 2) -> int:
    """Optimal string alignment distance (insert, delete, change, swap of neighbours), or `most` + 1 where it is larger."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def typo(a: str, b: str) -> bool:
    """Whether one word may be the other mistyped: letters only, four at least, one slip, or two in a long word."""
    if a == b or has_digit(a) or has_digit(b) or min(len(a), len(b)) < 4:
        return False
    if a in NEGATIONS or b in NEGATIONS or singular(a) == singular(b):
        return False
    allowed = 2 if min(len(a), len(b)) >= 8 else 1
    return distance(a, b, allowed) <= allowed


def slips(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, str]] | None:
    """The pairs of words in which two texts differ, where each may be a typo; None where they differ by more. Empty: they are alike."""
    if len(a) != len(b):
        return None
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x != y and singular(x) != singular(y)]
    return pairs if len(pairs) <= 1 + len(a) // 6 and all(typo(x, y) for x, y in pairs) else None


def _trigrams(text: str) -> set[str]:
    padded = f"  {text} "
    return {padded[n : n + 3] for n in range(len(padded) - 2)}


def similarity(a: str, b: str) -> float:
    """Dice coefficient of the character trigrams of two texts as they are compared, in [0, 1]."""
    x, y = _trigrams(plain(a)), _trigrams(plain(b))
    return 2 * len(x & y) / (len(x) + len(y))


def names(text: str) -> set[str]:
    """Words written with a capital, in lower case, but the first of a sentence where nothing else marks it as a name."""
    found = re.finditer(r"(?P<start>(?:^|[.!?:]\s+))?(?P<word>[^\W\d_][\w'-]*)", straight(text))
    return {m["word"].removesuffix("'s").lower() for m in found if m["word"][0].isupper() and m["start"] is None and m["word"] != "I"}
