"""The fields of the query language and how their values are read: names, numbers, days and ages."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from memento_desktop.memory.records import Kind, Origin, Outcome, Status
from memento_desktop.memory.times import utc

SORTS = ("recorded", "title", "kind", "reward", "read", "helped", "used", "relevance")
NONE, ANY = "none", "any"
"""For values that are not there: no reward, never used, no pool; and for any of them."""


class WrongValueError(Exception):
    """A value that its field does not know; `hint` says what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high` (None: no bound); without the bound itself where it is `open`."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class Period:
    """Moments from `start` until before `end` (ISO 8601 UTC; None: no bound)."""

    start: str | None = None
    end: str | None = None


Value = str | Span | Period


@dataclass(frozen=True)
class Field:
    """One field: its name, how its values are written, and the values that are offered."""

    name: str
    sort_of: Literal["choice", "number", "date", "text", "id"]
    help: str
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


NAMED: Mapping[str, Mapping[str, str]] = {
    "status": {"trash": "trashed", "deleted": "trashed", "used": "active", "in-use": "active", "waiting": "proposed", "aside": "archived"},
    "origin": {"you": "user", "me": "user", "model": "assistant", "imported": "import"},
    "kind": {"document-passage": "document", "rule": "instruction"},
    "is": {"always-on": "always", "always_on": "always", "trashed": "trash", "untrusted": "tainted", "changed": "edited"},
    "sort": {"added": "recorded", "age": "recorded", "used-last": "used", "last-used": "used", "name": "title", "relevant": "relevance"},
}
"""Other words for a value."""
_DATES = "7d, 3w, 2m, 1y, today, 2026-05, 2026-05-03, before:2026-05, after:2026-05-03, or 2026-01..2026-03"
_COUNT = "a number: used:0, used>3, used:1..4"
FIELDS: tuple[Field, ...] = (
    Field("kind", "choice", f"What sort of memory: {', '.join(get_args(Kind))}.", get_args(Kind)),
    Field("status", "choice", f"Where it stands: {', '.join(get_args(Status))}.", get_args(Status)),
    Field("origin", "choice", f"Who it came from: {', '.join(get_args(Origin))}.", get_args(Origin), ("from",)),
    Field("pool", "text", "The shared pool it came from, by name; pool:any, pool:none.", (ANY, NONE)),
    Field("reward", "number", "What a task was worth, 0 to 1: reward<0.5, reward:0.2..0.8, reward:none.", (NONE, ANY)),
    Field("used", "number", f"How often it was read for a task, {_COUNT}.", ("0",), ("read",)),
    Field("helped", "number", f"How often a task that it was read for went well, {_COUNT}.", ("0",)),
    Field("harmed", "number", f"How often one went wrong, {_COUNT}.", ("0",)),
    Field("trust", "number", "How far it is vouched for, 0 to 1: trust<0.5."),
    Field("added", "date", f"When it was noted: {_DATES}.", ("today", "7d", "1m", "before:", "after:"), ("recorded",)),
    Field("changed", "date", f"When it was last changed: {_DATES}.", ("today", "7d", "1m", "before:", "after:")),
    Field("used-last", "date", f"When it was last read for a task: {_DATES}, or never.",
          ("never", "today", "7d", "1m", "before:", "after:"), ("last-used",)),
    Field("model", "text", "The model that did the task; part of its name will do."),
    Field("outcome", "choice", f"How a task ended: {', '.join(get_args(Outcome))}.", get_args(Outcome)),
    Field("is", "choice", "pinned, always (in every prompt), ended (holds no more), proposed, edited (by you), tainted (text that nobody "
          "vouched for went into the task), leech (often read, never helpful), trash.",
          ("pinned", "always", "ended", "proposed", "edited", "tainted", "leech", "trash")),
    Field("id", "id", "Numbers of memories: id:12, id:12,15, id:10..20."),
    Field("sort", "choice", f"The order: {', '.join(SORTS)}; sort:-title turns it round.", SORTS),
)  # fmt: skip
FIELD_OF: Mapping[str, Field] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}


def quoted_items(value: str) -> list[str]:
    """The items of a list, `a,"b c",d`; empty ones are left out."""
    return [item.strip('"').strip() for item in re.findall(r'"[^"]*"?|[^,"]+', value) if item.strip('", ')]


def choice(field: Field, item: str) -> str:
    name = NAMED.get(field.name, {}).get(item.lower(), item.lower())
    if name in field.values:
        return name
    if (singular := name.removesuffix("s")) in field.values:
        return singular
    near = difflib.get_close_matches(name, (*field.values, *NAMED.get(field.name, {})), 2, 0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(field.values)}."
    raise WrongValueError(f"{field.name} has no “{item}”.", hint)


def number(field: Field, item: str) -> Span:
    """A number, or a range `a..b` with either end left out."""
    low, dots, high = item.partition("..")
    ends = [None if not end and dots else _number(field, end) for end in ((low, high) if dots else (low, low))]
    if ends == [None, None]:
        raise WrongValueError(f"“{item}” has no end.", field.help)
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        raise WrongValueError(f"“{item}” is empty: its first number is the larger one.", f"Write {field.name}:{high}..{low}")
    return Span(ends[0], ends[1])


def _number(field: Field, text: str) -> float:
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text or (field.sort_of == "id" and value != int(value)):
        raise WrongValueError(f"“{text}” is no number.", field.help)
    return value


def numbers(field: Field, operator: str, value: str) -> tuple[Value, ...]:
    if operator in (":", "="):
        return tuple(item if item in field.values and not item.isdigit() else number(field, item) for item in value.split(",") if item)
    bound = _number(field, value)
    if operator.startswith("<"):
        return (Span(high=bound, high_open=operator == "<"),)
    return (Span(low=bound, low_open=operator == ">"),)


# days and ages

_AGE = re.compile(r"(?P<n>[0-9]{1,4})(?P<unit>[dwmy])")
_DATE = re.compile(r"(?P<year>[12][0-9]{3})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?")


def moments(field: Field, operator: str, value: str, now: datetime) -> tuple[Value, ...]:
    """The periods that a value names. What is older than `7d` is before it, what is younger is in it."""
    if operator in (":", "="):
        return tuple(_moment(field, item, now) for item in value.split(",") if item)
    start, end, age = _stretch(field, value, now)
    if age:
        return (Period(start=start),) if operator.startswith("<") else (Period(end=start),)
    periods = {"<": Period(end=start), "<=": Period(end=end), ">": Period(start=end), ">=": Period(start=start)}
    return (periods[operator],)


def _moment(field: Field, item: str, now: datetime) -> Value:
    if item in ("never", NONE) and "never" in field.values:
        return NONE
    word, colon, rest = item.partition(":")
    if colon and word in ("before", "until"):
        start, end, _ = _stretch(field, rest, now)
        return Period(end=start if word == "before" else end)
    if colon and word in ("after", "since"):
        start, end, age = _stretch(field, rest, now)
        return Period(start=start if word == "since" or age else end)
    if ".." in item:
        low, _, high = item.partition("..")
        if not low and not high:
            raise WrongValueError(f"“{item}” has no end.", field.help)
        period = Period(_stretch(field, low, now)[0] if low else None, _stretch(field, high, now)[1] if high else None)
        if period.start and period.end and period.start >= period.end:
            raise WrongValueError(f"“{item}” is empty: its first day is the later one.", f"Write {field.name}:{high}..{low}")
        return period
    start, end, age = _stretch(field, item, now)
    return Period(start, None if age else end)


def _stretch(field: Field, text: str, now: datetime) -> tuple[str, str, bool]:
    """Start and end of a day, month or year, in the owner's own days; of an age from then to now. Whether it is an age."""
    try:
        if match := _AGE.fullmatch(text.lower()):
            return utc(_back(now, int(match["n"]), match["unit"])), utc(now), True
        if text.lower() in ("today", "yesterday"):
            day = now.replace(tzinfo=None) - timedelta(days=text.lower() == "yesterday")
            return *_days(day.year, day.month, day.day), False
        if match := _DATE.fullmatch(text):
            return *_days(*(int(match[part]) if match[part] else None for part in ("year", "month", "day"))), False
    except (ValueError, OverflowError):
        raise WrongValueError(f"there is no such day as “{text}”.", field.help) from None
    raise WrongValueError(f"“{text}” is no day and no age.", field.help)


def _back(now: datetime, count: int, unit: str) -> datetime:
    if unit in "dw":
        return now - timedelta(days=count * (7 if unit == "w" else 1))
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    for day in range(now.day, 0, -1):  # a month may be shorter than this one
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            if day <= 28:
                raise
    raise ValueError(count)


def _days(year: int | None, month: int | None, day: int | None) -> tuple[str, str]:
    """A local day, month or year as UTC; the offset is that of each of its ends, which summer time may change."""
    year = year or 1
    first = datetime(year, month or 1, day or 1)
    month = month or 12
    last = first + timedelta(days=1) if day else datetime(year + (month == 12), month % 12 + 1, 1)
    return utc(first.astimezone()), utc(last.astimezone())
