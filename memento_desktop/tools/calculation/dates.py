"""Calendar dates: how people write them, moving them by days, weeks, months or years, and the span between two."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction

from memento_desktop.errors import MementoError

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH = (
    r"(?P<month{n}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day{n}>[0-9]{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?:[\s,]*(?<![0-9])(?P<year{n}>[0-9]{{4}})(?![0-9]))"
_WEEKDAY = r"(?:\b(?:" + "|".join(f"{day[:3]}(?:{day[3:]})?" for day in DAYS) + r")\b\.?,?\s+)?"
WRITTEN_DATE = re.compile(
    _WEEKDAY
    + "(?:"
    + r"(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9-])"
    + r"|(?P<dotted>[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})(?![0-9.])"
    + r"|(?P<slashed>(?:19|20)[0-9]{2}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/(?:19|20)[0-9]{2})(?![0-9/])"
    + f"|{_DAY.format(n=1)}\\s+(?:of\\s+)?{_MONTH.format(n=1)}{_YEAR.format(n=1)}?"
    + f"|{_MONTH.format(n=2)}\\s+(?:the\\s+)?{_DAY.format(n=2)}(?![0-9]){_YEAR.format(n=2)}?"
    + r"|(?P<relative>today|now|tomorrow|yesterday)\b"
    + ")",
    re.IGNORECASE,
)
"""Any date in the forms that people write. `read` makes a date of a match."""

CALENDAR_UNITS = {"day": "days", "week": "weeks", "fortnight": "fortnights", "month": "months", "year": "years"}


def read(match: re.Match[str], today: date) -> date:
    """The date that a match of `WRITTEN_DATE` means; without a year, the next such day from `today` on."""
    said = match.group().strip()
    if match["slashed"]:
        raise MementoError(f"{said} can be read in two ways", "write the month as a word, like 3 May 2026; to divide, put spaces around /")
    if match["relative"]:
        days = {"tomorrow": 1, "yesterday": -1}.get(match["relative"].lower(), 0)
        return today + timedelta(days=days)
    if match["iso"]:
        year, month, day = match["iso"].split("-")
        return _date(said, int(year), int(month), int(day))
    if match["dotted"]:
        day, month, year = match["dotted"].split(".")
        return _date(said, int(year), int(month), int(day))
    n = 1 if match["month1"] else 2
    month = 1 + [name[:3].lower() for name in MONTHS].index(match[f"month{n}"][:3].lower())
    day = int(match[f"day{n}"])
    if match[f"year{n}"]:
        return _date(said, int(match[f"year{n}"]), month, day)
    return _next(said, month, day, today)


def _date(said: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise MementoError(f"There is no such day as {said}") from error


def _next(said: str, month: int, day: int, today: date) -> date:
    for year in range(today.year, today.year + 9):  # a 29 February can be eight years away
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise MementoError(f"There is no such day as {said}")


def moved(start: date, count: Fraction, unit: str) -> date:
    """`start` moved by a whole `count` of day, week, fortnight, month or year. The last of a month stays in its month."""
    from dateutil.relativedelta import relativedelta  # 20 ms

    if unit not in CALENDAR_UNITS:
        raise MementoError(f"A date moves by days, weeks, months or years, not by {unit}")
    if count.denominator != 1:
        raise MementoError(f"A date moves by whole {CALENDAR_UNITS[unit]}", "give a whole number")
    n = count.numerator
    try:
        if unit == "month":
            return start + relativedelta(months=n)
        if unit == "year":
            return start + relativedelta(years=n)
        return start + timedelta(days=n * {"day": 1, "week": 7, "fortnight": 14}[unit])
    except (OverflowError, ValueError) as error:
        how_far = f"{n if abs(n) < 10**9 else 'that many'} {CALENDAR_UNITS[unit]}"
        raise MementoError(f"{spoken(start)} moved by {how_far} leaves the calendar", "it holds the years 1 to 9999") from error


def spoken(day: date) -> str:
    """Like `Wednesday 13 May 2026`; in English whatever the locale, as all the prompts are."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def span(start: date, end: date, unit: str) -> str:
    """The time between two dates, never negative: `37 days`, `5 weeks 2 days`, `1 month 6 days`, `2 years 1 month`."""
    from dateutil.relativedelta import relativedelta

    early, late = min(start, end), max(start, end)
    days = (late - early).days
    if unit == "day":
        return _counted(("day", days))
    if unit == "week":
        return _counted(("week", days // 7), ("day", days % 7))
    gap = relativedelta(late, early)
    if unit == "month":
        return _counted(("month", gap.years * 12 + gap.months), ("day", gap.days))
    return _counted(("year", gap.years), ("month", gap.months), ("day", gap.days))


def _counted(*parts: tuple[str, int]) -> str:
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in parts if count]
    return " ".join(said) or f"0 {parts[0][0]}s"
