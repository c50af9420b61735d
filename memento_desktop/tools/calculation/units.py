"""Quantities with units, exact: a thin wall around pint, with the names that people give to units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.tools.calculation.numbers import checked

EXACT_NAMES = {"Kb": "kilobit", "Mb": "megabit", "Gb": "gigabit", "Tb": "terabit", "C": "degC", "F": "degF"}
"""Names whose case tells them apart from those in `NAMES`."""

NAMES = {
    **dict.fromkeys(("c", "celsius", "centigrade", "degrees celsius", "degree celsius", "degrees c", "°c"), "degC"),
    **dict.fromkeys(("f", "fahrenheit", "degrees fahrenheit", "degree fahrenheit", "degrees f", "°f"), "degF"),
    **dict.fromkeys(("kelvin", "kelvins", "degrees kelvin"), "kelvin"),
    **dict.fromkeys(("kph", "kmh", "kmph"), "kilometer_per_hour"),
    **{f"{prefix}b": f"{name}byte" for prefix, name in zip("kmgtp", ("kilo", "mega", "giga", "tera", "peta"), strict=True)},
    **dict.fromkeys(("sec", "secs"), "second"),
    **dict.fromkeys(("min", "mins"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs"), "hour"),
    **dict.fromkeys(("wk", "wks"), "week"),
    **dict.fromkeys(("mo", "mos"), "month"),
    **dict.fromkeys(("yr", "yrs"), "year"),
    **dict.fromkeys(("g", "gm", "gms"), "gram"),
    **dict.fromkeys(("l", "ltr", "ltrs"), "liter"),
    **dict.fromkeys(("kilo", "kilos", "kgs"), "kilogram"),
    **dict.fromkeys(("kms", "kilometre", "kilometres"), "kilometer"),
    **dict.fromkeys(("fl oz", "floz", "fluid ounce", "fluid ounces"), "fluid_ounce"),
    **dict.fromkeys(("us gallon", "us gallons"), "gallon"),
    **dict.fromkeys(("imperial gallon", "imperial gallons", "uk gallon", "uk gallons"), "imperial_gallon"),
    **dict.fromkeys(("imperial pint", "imperial pints", "uk pint", "uk pints"), "imperial_pint"),
    **dict.fromkeys(("nautical mile", "nautical miles"), "nautical_mile"),
    **dict.fromkeys(("light year", "light years"), "light_year"),
    **dict.fromkeys(("metric ton", "metric tons"), "metric_ton"),
    **dict.fromkeys(("w", "watt"), "watt"),
    "kw": "kilowatt",
    "kwh": "kilowatt_hour",
    "cbm": "meter ** 3",
    "sqm": "meter ** 2",
    "sqft": "foot ** 2",
    "sqkm": "kilometer ** 2",
}
SHAPES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
"""Words before a unit that raise it."""


@dataclass(frozen=True)
class Quantity:
    """A pint quantity with a Fraction for its magnitude, and its unit as the asker spelled it (empty when it was worked out)."""

    pint: Any
    spelled: str = ""

    @property
    def value(self) -> Fraction:
        return _fraction(self.pint.magnitude)

    @property
    def unit(self) -> str:
        return self.spelled or _symbols(dict(self.pint.unit_items()))

    @property
    def calendar_unit(self) -> str:
        """The name of its unit where it is a single one, to the first power: `day`, `month`; else as `unit`."""
        factors = dict(self.pint.unit_items())
        return next(iter(factors)) if list(factors.values()) == [1] else self.unit


def _symbols(factors: dict[str, Any]) -> str:
    """Like `km/h` or `mi^2`."""

    def term(name: str, power: Any) -> str:
        return _registry().get_symbol(name) + (f"^{power}" if power != 1 else "")

    above = "*".join(term(name, power) for name, power in factors.items() if power > 0)
    below = "".join("/" + term(name, -power) for name, power in factors.items() if power < 0)
    return f"{above}{below}" if above else f"per {below[1:]}"


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint  # 0.3 s

    registry: Any = pint.UnitRegistry  # its annotation allows only float types; Fraction works
    return registry(non_int_type=Fraction, cache_folder=None)


def _fraction(value: object) -> Fraction:
    return checked(value if isinstance(value, Fraction) else Fraction(str(value)))


def find(name: str) -> str:
    """pint's name for the unit that `name` means, or an empty text."""
    if name in EXACT_NAMES:
        return EXACT_NAMES[name]
    if known := NAMES.get(name.casefold()):
        return known
    if " " in name or len(name) > 40:
        return ""
    capitalised = len(name) > 2 and name.istitle()  # "Min" is a minute, not a mega-inch
    for spelling in (name.lower(), name) if capitalised else (name, name.lower()):
        if known := _known_to_pint(spelling):
            return known
    return ""


def _known_to_pint(name: str) -> str:
    import pint

    try:
        known = str(_registry().get_name(name))
        _registry().Unit(known)
        return known
    except (pint.UndefinedUnitError, pint.OffsetUnitCalculusError):  # the second for a prefixed temperature
        return ""


def quantity(value: Fraction, unit: str, spelled: str, power: int = 1) -> Quantity:
    """`value` of the unit that pint calls `unit`, to a power."""
    if abs(power) > 9:
        raise MementoError(f"{spelled} to the power {power} is not a unit that anyone uses")
    units = _registry().Unit(unit)
    return Quantity(_registry().Quantity(value, units**power if power != 1 else units), spelled)


def converted(source: Quantity, target: Quantity) -> Quantity:
    """`source` in the unit of `target`. Raises MementoError where they measure different things."""
    result = _tried(lambda: source.pint.to(target.pint.units), source, target, "turned into")
    return Quantity(result, target.spelled)


def added(a: Quantity, b: Quantity, sign: int) -> Quantity:
    result = _tried(lambda: a.pint + b.pint if sign > 0 else a.pint - b.pint, a, b, "added to" if sign > 0 else "compared with")
    return Quantity(result, a.spelled)


def less(a: Quantity, b: Quantity) -> bool:
    return bool(_tried(lambda: a.pint < b.pint, a, b, "compared with"))


def with_value(a: Quantity, value: Fraction) -> Quantity:
    return Quantity(_registry().Quantity(checked(value), a.pint.units), a.spelled)


def scaled(a: Quantity, factor: Fraction) -> Quantity:
    return with_value(a, a.value * factor)


def multiplied(a: Quantity, b: Quantity) -> Quantity | Fraction:
    return _simple(_tried(lambda: a.pint * b.pint, a, b, "multiplied by"))


def divided(a: Quantity, b: Quantity) -> Quantity | Fraction:
    if not b.value:
        raise MementoError("That divides by zero")
    return _simple(_tried(lambda: a.pint / b.pint, a, b, "divided by"))


def inverted(a: Quantity, numerator: Fraction) -> Quantity | Fraction:
    if not a.value:
        raise MementoError("That divides by zero")
    return _simple(_tried(lambda: numerator / a.pint, a, a, "divided by"))


def raised(a: Quantity, exponent: Fraction) -> Quantity | Fraction:
    if exponent.denominator != 1 or not 0 < abs(exponent) <= 9:
        raise MementoError(f"{a.unit} can only be raised to a whole power from 1 to 9")
    return _simple(_tried(lambda: a.pint**exponent.numerator, a, a, "multiplied by"))


def _simple(result: Any) -> Quantity | Fraction:
    """A worked-out quantity with like units cancelled; a plain number where nothing is left."""
    if result.dimensionless:
        return _fraction(result.to("").magnitude)
    return Quantity(result.to_reduced_units())


def _tried(work: Callable[[], Any], a: Quantity, b: Quantity, verb: str) -> Any:
    import pint

    try:
        return work()
    except pint.DimensionalityError as error:
        raise MementoError(f"{a.unit} cannot be {verb} {b.unit}: they measure different things") from error
    except pint.OffsetUnitCalculusError as error:
        raise MementoError(f"{a.unit} cannot be {verb} {b.unit}", "temperatures can only be converted") from error
    except ZeroDivisionError as error:
        raise MementoError("That divides by zero") from error
