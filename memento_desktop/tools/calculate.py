"""The `calculate` tool: exact arithmetic, percentages, units and dates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.tools import specs
from memento_desktop.tools.base import Result, Spec
from memento_desktop.tools.calculation import dates
from memento_desktop.tools.calculation.numbers import written
from memento_desktop.tools.calculation.operations import Number, Value
from memento_desktop.tools.calculation.parser import worked_out

LENGTH = 500
"""Characters that an expression may have."""

_UNIT = r"(?P<unit>day|week|month|year)s?"
_SPANS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:the )?(?:number of )?{_UNIT} from (?P<start>.+?) (?:to|until|till) (?P<end>.+)",
        rf"(?:the )?(?:number of )?{_UNIT} between (?P<start>.+?) (?:and|to) (?P<end>.+)",
        rf"(?:the )?(?:number of )?{_UNIT} (?:until|till|to) (?P<end>.+)",
        rf"(?:the )?(?:number of )?{_UNIT} since (?P<start>.+)",
    )
)
_WEEKDAY = re.compile(r"(?:the )?(?:weekday|day of (?:the )?week)(?: (?:of|on|for))? (?P<day>.+)", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?P<by>[0-9][0-9, ]*\s*(?:day|week|fortnight|month|year)s?(?:(?:,| and|) [0-9]+ (?:day|week|month|year)s?)*) "
    r"(?P<way>after|before|from) (?P<day>.+)",
    re.IGNORECASE,
)


def evaluate(expression: str, today: date) -> str:
    """The value of `expression` as a person would write it: `397.8`, `8.04672 km`, `Wednesday 13 May 2026`, `37 days`.

    Numbers are exact and shown with at most 12 decimals, quantities with at most 6 (very small ones with as many significant
    digits). Raises MementoError, in words that say what to change, for anything that cannot be worked out.
    """
    if len(expression) > LENGTH:
        raise MementoError(f"The expression has more than {LENGTH} characters", "calculate it in parts")
    text = " ".join(expression.split()).rstrip("?. ")
    for form in _SPANS:
        if asked := form.fullmatch(text):
            parts = asked.groupdict()
            start, end = _day(parts.get("start") or "today", today), _day(parts.get("end") or "today", today)
            gone = " ago" if start == today and end < today else ""
            return dates.span(start, end, parts["unit"].lower()) + gone
    if asked := _WEEKDAY.fullmatch(text):
        return dates.DAYS[_day(asked["day"], today).weekday()]
    if asked := _RELATIVE.fullmatch(text):
        by = re.sub(r",| and\b", "", asked["by"])
        return _said(worked_out(f"({asked['day']}) {'-' if asked['way'].lower() == 'before' else '+'} {by}", today))
    return _said(worked_out(text, today))


def _day(text: str, today: date) -> date:
    value = worked_out(text, today)
    if isinstance(value, date):
        return value
    raise MementoError(f"{text} is not a date", "write it like 3 May 2026 or 2026-05-03")


def _said(value: Value) -> str:
    if isinstance(value, date):
        return dates.spoken(value)
    if isinstance(value, Number):
        return f"{written(value.value * 100)}%" if value.percent else written(value.value)
    unit = value.unit
    one = abs(value.value) == Fraction(1) and unit in ("days", "weeks", "months", "years", "hours", "minutes", "seconds")
    return f"{written(value.value, 6, 6)} {unit[:-1] if one else unit}"


class Calculate:
    """Works out one expression. `today` tells the day, for `today + 45 days`."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today

    @property
    def spec(self) -> Spec:
        return specs.CALCULATE

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"Calculate {args['expression']}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        # In a thread: the first use of units reads pint's definitions, which takes longer than a frame of the screen.
        return Result(await asyncio.to_thread(evaluate, str(args["expression"]), self._today()))
