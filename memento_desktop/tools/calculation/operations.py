"""What the operators and functions of an expression do to numbers, percentages, quantities and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from memento_desktop.errors import MementoError
from memento_desktop.tools.calculation import dates, numbers, units
from memento_desktop.tools.calculation.units import Quantity


@dataclass(frozen=True)
class Number:
    """A plain number, or a percentage (`value` is then the share: 0.1 for 10%)."""

    value: Fraction
    percent: bool = False


Value = Number | Quantity | date


# What operators do


def plain(value: Value, use: str) -> Number:
    if isinstance(value, Number):
        return value
    raise MementoError(f"{'A date' if isinstance(value, date) else value.unit} cannot be used as {use}")


def percentage(value: Value) -> Fraction:
    if isinstance(value, Number) and value.percent:
        return value.value
    raise MementoError("off needs a percentage before it", "like 10% off 80")


def added(a: Value, b: Value, sign: str) -> Value:
    direction = 1 if sign == "+" else -1
    if isinstance(b, date):
        if direction > 0 and isinstance(a, Quantity):
            return shifted(b, a, "+")
        raise MementoError("A date can only be subtracted from a date")
    if isinstance(b, Number) and b.percent and not (isinstance(a, Number) and a.percent):
        return multiplied(a, Number(1 + direction * b.value))
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(numbers.checked(a.value + direction * b.value), a.percent and b.percent)
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return units.added(a, b, direction)
    unit = a.unit if isinstance(a, Quantity) else b.unit if isinstance(b, Quantity) else "a date"
    raise MementoError(f"{unit} and a number without a unit cannot be added or subtracted", "give both a unit")


def shifted(day: date, by: Value, sign: str) -> date:
    if isinstance(by, Quantity):
        return dates.moved(day, by.value if sign == "+" else -by.value, by.calendar_unit)
    raise MementoError("A date moves by days, weeks, months or years", "say which, like 3 May 2026 + 10 days")


def multiplied(a: Value, b: Value) -> Value:
    if isinstance(a, date) or isinstance(b, date):
        raise MementoError("A date cannot be multiplied or divided")
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(numbers.checked(a.value * b.value))
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return _value(units.multiplied(a, b))
    if isinstance(a, Number) and isinstance(b, Quantity):
        return units.scaled(b, a.value)
    assert isinstance(a, Quantity) and isinstance(b, Number)
    return units.scaled(a, b.value)


def divided(a: Value, b: Value) -> Value:
    if isinstance(a, date) or isinstance(b, date):
        raise MementoError("A date cannot be multiplied or divided")
    if isinstance(b, Number):
        return multiplied(a, Number(numbers.divide(Fraction(1), b.value)))
    return _value(units.inverted(b, a.value) if isinstance(a, Number) else units.divided(a, b))


def raised(base: Value, exponent: Fraction) -> Value:
    if isinstance(base, date):
        raise MementoError("A date cannot be multiplied or divided")
    if isinstance(base, Quantity):
        return _value(units.raised(base, exponent))
    return Number(numbers.power(base.value, exponent))


def _value(result: Quantity | Fraction) -> Value:
    return Number(result) if isinstance(result, Fraction) else result


# Functions


def _one(name: str, values: Sequence[Value]) -> Value:
    if len(values) != 1:
        raise MementoError(f"{name} takes one value, not {len(values)}")
    return values[0]


def _sqrt(name: str, values: Sequence[Value]) -> Value:
    return Number(numbers.square_root(plain(_one(name, values), "something to take the root of").value))


def _absolute(name: str, values: Sequence[Value]) -> Value:
    value = _one(name, values)
    if isinstance(value, date):
        raise MementoError(f"{name} cannot be taken of a date")
    return multiplied(Number(Fraction(-1)), value) if value.value < 0 else value


def _round(name: str, values: Sequence[Value]) -> Value:
    if len(values) not in (1, 2):
        raise MementoError("round takes a value and, if wanted, a number of decimals")
    places = plain(values[1], "a number of decimals").value if len(values) == 2 else Fraction(0)
    if places.denominator != 1 or abs(places) > 100:
        raise MementoError("round needs a whole number of decimals, at most 100")
    value = values[0]
    if isinstance(value, date):
        raise MementoError("A date cannot be rounded")
    rounded = numbers.rounded(value.value, int(places))
    return Number(rounded, value.percent) if isinstance(value, Number) else units.with_value(value, rounded)


def _extreme(name: str, values: Sequence[Value]) -> Value:
    best = values[0]
    for value in values[1:]:
        low, high = (best, value) if name in ("min", "minimum") else (value, best)
        if _less(high, low):
            best = value
    return best


def _less(a: Value, b: Value) -> bool:
    if isinstance(a, Number) and isinstance(b, Number):
        return a.value < b.value
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return units.less(a, b)
    if isinstance(a, date) and isinstance(b, date):
        return a < b
    raise MementoError("Numbers, quantities and dates cannot be compared with one another")


def _total(name: str, values: Sequence[Value]) -> Value:
    result = values[0]
    if isinstance(result, date):
        raise MementoError(f"{name} cannot be taken of dates")
    for value in values[1:]:
        result = added(result, value, "+")
    return result


def _average(name: str, values: Sequence[Value]) -> Value:
    return divided(_total(name, values), Number(Fraction(len(values))))


FUNCTIONS = {
    "sqrt": _sqrt,
    "abs": _absolute,
    "round": _round,
    **dict.fromkeys(("min", "minimum", "max", "maximum"), _extreme),
    **dict.fromkeys(("sum", "total"), _total),
    **dict.fromkeys(("average", "mean", "avg"), _average),
}
