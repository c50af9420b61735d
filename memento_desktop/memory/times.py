"""Time in a query: the moment of the past that it asks about, and the span in which something was said. English, by rule, no model.

"Where did I live in March 2024" asks for what held then; "what did I say last week" for what was told in those days; "where did I use to
live" for what held once and does no more. A period is asked about by its middle, a day by its noon: what held for most of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from memento_desktop.errors import MementoError

EVER = "ever"
"""In place of a moment: whether it holds or not."""
OVER = "over"
"""In place of a moment: what held once and does no more."""

QUESTION = 500
"""How much of a query is looked at: what comes behind so many characters is mostly text that was pasted."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""Their first months, in the northern half of the world."""
NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)} | {
    "a": 1, "an": 1, "a couple of": 2, "a few": 3, "several": 4,
}  # fmt: skip

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b"
_YEAR = r"(?:19|20)[0-9]{2}(?![0-9])"
_COUNT = r"(?:[0-9]{1,3}|a\s+couple\s+of|a\s+few|several|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_RULES = rf"""\b(?:
      (?P<iso>(?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}})(?![0-9])
    | (?P<isomonth>(?:19|20)[0-9]{{2}}-[0-9]{{2}})(?![0-9-])
    | (?P<dotted>[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?:19|20)[0-9]{{2}})(?![0-9])
    | (?P<dm>(?P<d1>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?)
    | (?P<md>(?P<m2>{_MONTH})\s+(?:the\s+)?(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9])(?:,?\s+(?P<y2>{_YEAR}))?)
    | (?P<monthyear>(?P<m3>{_MONTH})\s+(?:of\s+)?(?P<y3>{_YEAR}))
    | (?P<seasonyear>(?:the\s+)?(?P<s1>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<y4>{_YEAR}))
    | (?P<ago>(?P<n1>{_COUNT})\s+(?P<u1>day|week|month|year)s?\s+(?:ago|back|earlier)\b)
    | (?P<half>half\s+a\s+year\s+ago)\b
    | (?P<lastn>(?:the|these)\s+(?:last|past)\s+(?P<n2>{_COUNT})\s+(?P<u2>day|week|month|year)s?)\b
    | (?P<lastunit>(?:last|the\s+previous)\s+(?P<u3>week|month|year|night|weekend))\b
    | (?P<lastday>(?:last|on|this\s+past)\s+(?P<wd>{_DAY}))
    | (?P<lastmonth>(?:last|in|during|since|before|until|till|by|after|around|this\s+past|that)\s+(?P<m4>{_MONTH})(?!\s*(?:of\s+)?[0-9]))
    | (?P<lastseason>(?:last|in(?:\s+the)?|during(?:\s+the)?|this\s+past|that)\s+(?P<s2>spring|summer|autumn|fall|winter))\b
      (?!\s+(?:of\s+)?[0-9])
    | (?P<yesterday>(?:the\s+day\s+before\s+)?yesterday)\b
    | (?P<today>today|this\s+(?P<u4>week|month|year|morning))\b
    | (?P<year>(?:in|during|of|since|before|until|till|by|after|around|from|for)\s+(?P<y5>{_YEAR}))
    )"""
_EDGE = re.compile(r"(?P<word>before|until|till|since|after)\s+(?:the\s+)?(?:end\s+of\s+|beginning\s+of\s+|start\s+of\s+)?$", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|didn't|was|wasn't|were|weren't|had|hadn't|used|ago|back\s+in|back\s+then|lived|worked|owned|drove|paid|told|said|met|went|made|"
    r"ate|had\s+been|stayed|moved|called|bought|spent|wrote|asked|mentioned|knew|took|gave|saw|got|became|taught|studied|rented|wore|weighed|"
    r"yesterday|last|previous)\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|my|me|we|our|us)\b", re.IGNORECASE)
_SPOKEN = re.compile(
    r"\b(?:say|said|tell|told|mention(?:ed)?|ask(?:ed)?|talk(?:ed)?|spoke|speak|discuss(?:ed)?|chat(?:ted)?|write|wrote|note|noted|remember(?:ed)?|"
    r"save|saved|record(?:ed)?|conversation|conversations|discussion)\b",
    re.IGNORECASE,
)
_ACCUSTOMED = re.compile(
    r"(?:\b(?:is|are|was|were|be|been|being|am|get|gets|got|getting)|['’](?:m|s|re))\s+(?:\w+\s+)?used\s+to\b", re.IGNORECASE
)
"""Used to something, or used for something: no past."""
_ONCE = re.compile(
    r"\bused?\s+to\b"
    r"|\b(?:formerly|previously|in\s+the\s+past|back\s+then|in\s+those\s+days|once\s+upon\s+a\s+time)\b"
    r"|\b(?:former|previous)\s+(?!(?:week|month|year|day|question|answer|task|message|page|section|line|step|version|row|column)\b)\w+"
    r"|\bmy\s+old\s+(?:home\s+)?(?:address|number|phone|job|employer|boss|flat|apartment|house|home|e-?mail|password|code|doctor|dentist|school|"
    r"landlord|name|street|city|town)\b"
    r"|\b(?:what|which|where|who)\s+(?:was|were)\s+(?:my|our|[^\W\d_]+['’]s)\s+old\b"
    r"|\bno\s+longer\b|\bany\s*more\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\bbefore\b(?!\s*$)|\b(?:did|was|were|had)\b.*\bbefore\s*\W*$", re.IGNORECASE)
_SAYS_ONCE = re.compile(
    r"\bused?\s+to\b|\b(?:formerly|previously|in\s+the\s+past|back\s+then|former|previous|no\s+longer|any\s*more)\b", re.IGNORECASE
)
_BEFORE_WHAT = re.compile(r"\bbefore\b[^,.;?!]*", re.IGNORECASE)
_COMING = re.compile(r"\b(?:will|next|tomorrow|upcoming|going\s+to|shall|should|remind)\b", re.IGNORECASE)


@cache
def _rules() -> re.Pattern[str]:
    """Made when the first question is asked, since it takes some milliseconds."""
    return re.compile(_RULES, re.IGNORECASE | re.VERBOSE)


@dataclass(frozen=True)
class Period:
    """A stretch of time that a query names, in the owner's own days. `word` is what it stands behind: before, until, since, after."""

    start: datetime
    end: datetime
    word: str = ""
    dated: bool = True
    """Whether it can only be the past: "last week", "in 2023", and not "on Monday"."""


def as_of(query: str, now: str | datetime) -> str | None:
    """The moment that a question about the past asks for, for `Search.find(at=…)`.

    Args:
        now: this moment. The query's days are those of its time zone.

    Returns:
        A moment (ISO 8601 UTC); `OVER` for what is asked about without a date and holds no more; `EVER` for what was said or told
        about, whether it holds or not; None when it asks about the present.
    """
    query, here = query[:QUESTION], _here(now)
    period = _period(query, here)
    past = period is not None and period.start < here and (_of_the_past(query) or (period.dated and bool(_OWN.search(query))))
    if _COMING.search(query) and not (period is not None and period.dated):
        return None
    if period is None or not past or period.word in ("since", "after"):
        undated = _ONCE.search(_ACCUSTOMED.sub("", query)) or (_BEFORE.search(query) and _PAST.search(query) and period is None)
        return OVER if undated else None
    if _SPOKEN.search(query):
        return EVER
    if period.word in ("before", "until", "till"):
        return utc(period.start - timedelta(seconds=1))
    if period.end > here:  # it lasts: the present
        return None
    return utc(period.start + (period.end - period.start) / 2)


def span(query: str, now: str | datetime) -> tuple[str, str] | None:
    """The span of the past that a query names, from and to (ISO 8601 UTC, the end not included); None when it names none.

    What was recorded in it is what "last week" mostly means where something was said, done or noted.
    """
    query, here = query[:QUESTION], _here(now)
    period = _period(query, here)
    if period is None or period.start >= here or not (period.dated or _of_the_past(query)):
        return None
    start, end = period.start, min(period.end, here)
    if period.word in ("since", "after"):
        start, end = (period.start if period.word == "since" else min(period.end, here)), here
    elif period.word in ("before", "until", "till"):
        return None  # a whole life is no span that anything could be preferred in
    return (utc(start), utc(end)) if start < end else None


def without_time(query: str, dates: bool = True) -> str:
    """A query without the words that say when: "last week", "before I moved", "used to", and with `dates` also "in March 2024".

    A date may stand in a memory too; "last month" never means the same month there. A query of nothing else stays as it is.
    """

    def rid(match: re.Match[str]) -> str:
        return " " if dates or not _is_date(match) else match[0]

    rest = _rules().sub(rid, query[:QUESTION])
    rest = _BEFORE_WHAT.sub(" ", _SAYS_ONCE.sub(" ", rest)) + query[QUESTION:]
    return rest if re.search(r"[^\W_]{2}", rest) else query


def _is_date(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("iso", "isomonth", "dotted", "d1", "d2", "m3", "s1", "m4", "y5"))


def utc(moment: datetime) -> str:
    """As the bank writes moments, see `records.now`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> str:
    """A moment in the form of the bank, from ISO 8601 of any precision; a bare date is its beginning, without a zone it is UTC.

    Raises:
        ValueError: it is none.
    """
    return utc(_aware(datetime.fromisoformat(text)))


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _here(now: str | datetime) -> datetime:
    return _aware(datetime.fromisoformat(now) if isinstance(now, str) else now)


def _of_the_past(query: str) -> bool:
    return bool(_PAST.search(query)) and not _COMING.search(query)


def _period(query: str, now: datetime) -> Period | None:
    """The first period of a query that there is."""
    for match in _rules().finditer(query):
        try:
            found = _read(match, now)
        except (ValueError, OverflowError):  # 31 February, or the year before the first
            continue
        if found is None:
            continue
        start, end, dated = found
        inside = re.match(r"(before|until|till|since|after)\b", match[0], re.IGNORECASE)
        ahead = _EDGE.search(query[: match.start()])
        word = (inside[1] if inside else ahead["word"] if ahead else "").lower()
        return Period(start, end, word, dated)
    return None


def _read(match: re.Match[str], now: datetime) -> tuple[datetime, datetime, bool] | None:
    """Start, end and whether it is certainly past, of a match of the rules."""
    today = now.date()
    found = _calendar(match, today) or _relative(match, today)
    return found and (_midnight(found[0], now), _midnight(found[1], now), found[2])


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _calendar(match: re.Match[str], today: date) -> tuple[date, date, bool] | None:
    """Days, months, seasons and years that are named; without a year the last ones there were. The end is not included."""
    if match["iso"]:
        return _one_day(date.fromisoformat(match["iso"]))
    if match["dotted"]:
        day, month, year = map(int, match["dotted"].split("."))
        return _one_day(date(year, month, day))
    if match["isomonth"]:
        year, month = map(int, match["isomonth"].split("-"))
        return date(year, month, 1), _month_on(date(year, month, 1), 1), True
    for n in ("1", "2"):
        if match[f"d{n}"]:
            day, month, year = int(match[f"d{n}"]), _month(match[f"m{n}"]), match[f"y{n}"]
            return _one_day(date(int(year), month, day)) if year else _last_day(day, month, today)
    if match["m3"] or match["m4"]:
        return _named(_month(match["m3"] or match["m4"]), 1, match["y3"], today)
    if match["s1"] or match["s2"]:
        return _named(SEASONS[(match["s1"] or match["s2"]).lower()], 3, match["y4"], today)
    if match["y5"]:
        return date(int(match["y5"]), 1, 1), date(int(match["y5"]) + 1, 1, 1), True
    return None


def _one_day(day: date, dated: bool = True) -> tuple[date, date, bool]:
    return day, day + timedelta(days=1), dated


def _last_day(day: int, month: int, today: date) -> tuple[date, date, bool]:
    """The last 3 May there was, today included."""
    for year in range(today.year, today.year - 9, -1):  # a 29 February can be eight years away
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return _one_day(found, dated=False)
    raise ValueError("there is no such day")


def _named(month: int, months: int, year: str | None, today: date) -> tuple[date, date, bool]:
    """A month or season of a year, or the last one that began."""
    if year:
        first = date(int(year), month, 1)
        return first, _month_on(first, months), True
    first = date(today.year, month, 1)
    if first > today:
        first = date(today.year - 1, month, 1)
    return first, _month_on(first, months), False


def _relative(match: re.Match[str], today: date) -> tuple[date, date, bool] | None:
    if match["ago"]:
        return _ago(_count(match["n1"]), match["u1"].lower(), today)
    if match["half"]:
        return _ago(6, "month", today)
    if match["lastn"]:
        first, _, _ = _ago(_count(match["n2"]), match["u2"].lower(), today, exact=True)
        return first, today + timedelta(days=1), True
    if match["yesterday"]:
        return _one_day(today - timedelta(days=2 if " " in match["yesterday"] else 1))
    if match["wd"]:
        back = (today.weekday() - DAYS.index(match["wd"][:3].lower())) % 7 or 7
        return _one_day(today - timedelta(days=back), dated=match[0].lower().startswith(("last", "this")))
    if unit := match["u3"] or match["u4"]:
        return _unit(unit.lower(), bool(match["u3"]), today)
    return _one_day(today) if match["today"] else None


def _unit(unit: str, last: bool, today: date) -> tuple[date, date, bool]:
    """This or the last week, weekend, month, year; last night is yesterday."""
    monday = today - timedelta(days=today.weekday())
    if unit in ("night", "morning"):
        return _one_day(today - timedelta(days=int(last)))
    if unit == "weekend":
        return monday - timedelta(days=2), monday, True
    if unit == "week":
        monday -= timedelta(days=7 * last)
        return monday, monday + timedelta(days=7), True
    if unit == "month":
        first = _month_on(today.replace(day=1), -int(last))
        return first, _month_on(first, 1), True
    return date(today.year - last, 1, 1), date(today.year - last + 1, 1, 1), True


def _ago(count: int, unit: str, today: date, exact: bool = False) -> tuple[date, date, bool]:
    """The day that was so long ago, with its neighbours as far as so rough a word may mean them (not when `exact`)."""
    if unit in ("day", "week"):
        day, about = today - timedelta(days=count * (1 if unit == "day" else 7)), 0 if unit == "day" else 2
    else:
        months = count * (1 if unit == "month" else 12)
        first = _month_on(today.replace(day=1), -months)
        last = (_month_on(first, 1) - timedelta(days=1)).day
        day, about = first.replace(day=min(today.day, last)), 7 if unit == "month" else 45
    about = 0 if exact else about
    return day - timedelta(days=about), min(day + timedelta(days=about + 1), today), True


def _count(word: str) -> int:
    word = " ".join(word.lower().split())
    return int(word) if word.isdigit() else NUMBERS[word]


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _month_on(first: date, months: int) -> date:
    """The first of a month, so many months later."""
    n = first.year * 12 + first.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)


CASES = "('case', 'lesson')"
"""What was done and learnt is as true as ever: only what is known of the world begins and ends to hold."""


def condition(at: str | None, now: str) -> tuple[str, tuple[str, ...]]:
    """What a row of `memory m` must fulfil to hold at a moment (None: `now`; or `EVER`, `OVER`), in SQL, and its values.

    Raises:
        MementoError: `at` is no moment.
    """
    if at == EVER:
        return "1", ()
    if at == OVER:
        return f"(m.kind IN {CASES} OR m.valid_to <= ?)", (now,)
    try:
        when = now if at is None else moment(at)
    except ValueError as error:
        raise MementoError(f"“{at}” is no moment.", "Give a date like 2026-05-03, or a time like 2026-05-03T18:30.") from error
    sql = f"(m.kind IN {CASES} OR ((m.valid_from IS NULL OR m.valid_from <= ?) AND (m.valid_to IS NULL OR m.valid_to > ?)))"
    return sql, (when, when)
