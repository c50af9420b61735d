"""The moments that a statement names: since when, until when, when. Dates are read in the time zone of the moment it was said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from memento_desktop.memory.curation.wording import MONTH, month_number

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNIT = {"day": 1, "week": 7, "month": 30, "year": 365}
_AMOUNT = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
DATE = rf"""(?:
    (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})
    | (?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<month>{MONTH})\b\.?(?:,?\s+(?P<year>(?:19|20)\d\d))?
    | (?P<month2>{MONTH})\.?\s+(?:the\s+)?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<year2>(?:19|20)\d\d))?
    | (?P<month3>(?:{MONTH})(?=\s+(?:of\s+)?(?:19|20)\d\d)|{MONTH})\b\.?(?:\s+(?:of\s+)?(?P<year3>(?:19|20)\d\d))?
    | (?P<year4>(?:19|20)\d\d)\b(?![-:/.]\d)
    | (?P<near>today|yesterday|tomorrow|(?:last|this|next)\s+(?:week|month|year|(?:{"|".join(WEEKDAYS)})))\b
    | (?P<amount>\d+|{"|".join(_AMOUNT)})\s+(?P<unit>day|week|month|year)s?\s+ago\b
    | (?P<weekday>{"|".join(WEEKDAYS)})\b
)"""
_DATE = re.compile(DATE, re.IGNORECASE | re.VERBOSE)
_SINCE = re.compile(r"[\s,;(]*\b(?:since|from|as\s+of|effective|starting(?:\s+(?:on|from|in))?|beginning(?:\s+in)?)\s+(?:the\s+)?$", re.I)
_UNTIL = re.compile(r"[\s,;(]*\b(?:until|till|til|up\s+to|through|to|and\s+until)\s+(?:the\s+end\s+of\s+|on\s+)?$", re.I)
_WHEN = re.compile(r"[\s,;(]*(?:\b(?:in|on|during|back\s+in)\s+)?$", re.I)
_AFTER = re.compile(r"^(?:\s+(?:on|onwards?|forward))?[\s,;)]*", re.I)


@dataclass(frozen=True)
class Span:
    """A stretch of time, and where a text names it."""

    start: datetime
    end: datetime
    at: int
    after: int


@dataclass(frozen=True)
class Named:
    """The moments that a clause names, and the clause without them. Moments are ISO 8601 in UTC."""

    text: str
    since: str | None = None
    until: str | None = None
    when: tuple[str, str] | None = None


def iso(moment: datetime) -> str:
    """A moment as the bank writes it: UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def parsed(moment: str | datetime | None) -> datetime:
    """A moment as a person's clock shows it; None is now. One without a time zone is the machine's own."""
    if moment is None:
        return datetime.now().astimezone()
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found if found.tzinfo else found.astimezone()


def _day(said: datetime, year: int, month: int, day: int) -> datetime:
    return said.replace(year=year, month=month, day=day, hour=0, minute=0, second=0, microsecond=0)


def _month_later(moment: datetime, months: int = 1) -> datetime:
    month = moment.month - 1 + months
    return moment.replace(year=moment.year + month // 12, month=month % 12 + 1, day=1)


def _near(said: datetime, words: str) -> tuple[datetime, datetime]:
    today = _day(said, said.year, said.month, said.day)
    if words in ("today", "yesterday", "tomorrow"):
        start = today + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[words])
        return start, start + timedelta(days=1)
    which, unit = words.split()
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return start, start + timedelta(weeks=1)
    if unit == "month":
        start = _month_later(today.replace(day=1), step)
        return start, _month_later(start)
    if unit == "year":
        return _day(said, said.year + step, 1, 1), _day(said, said.year + step + 1, 1, 1)
    ahead = (WEEKDAYS.index(unit) - today.weekday()) % 7
    start = today + timedelta(days=ahead if which != "last" else ahead - 7)
    start += timedelta(days=7 if which == "next" and ahead == 0 else 0)
    return start, start + timedelta(days=1)


def _of(match: re.Match[str], said: datetime, ahead: bool) -> tuple[datetime, datetime]:
    """The stretch that a date names. One without a year is the nearest in the past, or to come where `ahead`."""
    part = match.groupdict()
    if part["iso"]:
        year, month, day = map(int, part["iso"].split("-"))
        start = _day(said, year, month, day)
        return start, start + timedelta(days=1)
    if part["near"]:
        return _near(said, " ".join(part["near"].lower().split()))
    if part["unit"]:
        amount = _AMOUNT.get(part["amount"].lower()) or int(part["amount"])
        start = _day(said, said.year, said.month, said.day) - timedelta(days=min(amount * UNIT[part["unit"].lower()], 36500))
        return start, start + timedelta(days=1)
    if part["weekday"]:
        days = (WEEKDAYS.index(part["weekday"].lower()) - said.weekday()) % 7
        start = _day(said, said.year, said.month, said.day) + timedelta(days=days if ahead or not days else days - 7)
        return start, start + timedelta(days=1)
    if part["year4"]:
        return _day(said, int(part["year4"]), 1, 1), _day(said, int(part["year4"]) + 1, 1, 1)
    name, day = part["month"] or part["month2"] or part["month3"], part["day"] or part["day2"]
    stated = part["year"] or part["year2"] or part["year3"]
    month, year = month_number(name), int(stated) if stated else said.year
    start = _day(said, year, month, int(day or 1))
    end = start + timedelta(days=1) if day else _month_later(start)
    if not stated and (start > said if not ahead else end < said):
        year += 1 if ahead else -1
        start = start.replace(year=year)
        end = start + timedelta(days=1) if day else _month_later(start)
    return start, end


def dates(text: str, said: datetime, ahead: bool = False) -> list[Span]:
    """Every date in a text, in its order; what names no real day is left out."""
    found: list[Span] = []
    for match in _DATE.finditer(text):
        if match["month3"] and not match["year3"] and match["month3"][0].islower():
            continue  # "may", "march": a word like any other
        try:
            found.append(Span(*_of(match, said, ahead), match.start(), match.end()))
        except (ValueError, OverflowError):
            continue
    return found


def named(text: str, said: datetime, past: bool, adverbs: bool = True) -> Named:
    """Takes "since May", "until 3 May", "from 2019 to 2021", "last week" out of a clause.

    Args:
        past: whether the clause speaks of what is over, so that "until May" without a year lies behind rather than ahead.
        adverbs: whether a bare "on Monday", "in 2019" is taken out too; where a date may be what the clause tells, it is not.
    """
    since: str | None = None
    until: str | None = None
    when: tuple[str, str] | None = None
    for span in reversed(dates(text, said)):
        before, after = text[: span.at], text[span.after :]
        after = _AFTER.sub("", after, count=1)
        if found := _SINCE.search(before):
            since = iso(_nearest(span, text, said).start if not past and "since" not in found[0].lower() else span.start)
        elif (found := _UNTIL.search(before)) and (not found[0].split() or found[0].split()[-1] != "to" or _ranged(before)):
            ahead = span if past else dates(text[span.at : span.after], said, ahead=True)[0]
            until = iso(ahead.end)
        elif adverbs and (found := _WHEN.search(before)) and when is None and (found[0].strip() or _adverb(text[span.at : span.after])):
            when = iso(span.start), iso(span.end)
        else:
            continue
        text = f"{before[: found.start()]} {after}".strip()
    return Named(text.strip(" ,;"), since, until, when)


def _nearest(span: Span, text: str, said: datetime) -> Span:
    """Of a date without a year the one before and the one to come, whichever is nearer: "from 1 December", said in November."""
    ahead = dates(text[span.at : span.after], said, ahead=True)
    return ahead[0] if ahead and ahead[0].start - said < said - span.start else span


def _ranged(before: str) -> bool:
    """Whether "to" follows a beginning: "from 2019 to"."""
    return bool(re.search(r"\b(?:from|since)\s+[\w .]{3,20}\s+to\s+$", before, re.I))


def _adverb(date: str) -> bool:
    return bool(re.match(r"(?:today|yesterday|tomorrow|last|this|next)\b|.*\bago$", date, re.I))
