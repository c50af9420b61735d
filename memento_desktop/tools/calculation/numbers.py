"""Exact numbers: limits on their size, powers and roots, and how a number is written for a person."""

from __future__ import annotations

import math
from decimal import Context, Decimal, DecimalException, localcontext
from fractions import Fraction

from memento_desktop.errors import MementoError

BITS = 20_000
"""No number, above or below the fraction bar, may need more bits than this (about 6,000 digits)."""
DIGITS = 60
"""Decimal digits that a root or a fractional power is worked out to."""
PLAIN = 60
"""Whole numbers with more digits than this are written with an exponent."""

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")


def checked(value: Fraction) -> Fraction:
    """`value`, or MementoError where it has grown too large to go on with."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
        raise MementoError("The numbers become too large to calculate with", "use smaller numbers or exponents")
    return value


def divide(a: Fraction, b: Fraction) -> Fraction:
    if not b:
        raise MementoError("That divides by zero")
    return checked(a / b)


def remainder(a: Fraction, b: Fraction) -> Fraction:
    if not b:
        raise MementoError("That divides by zero")
    return checked(a % b)


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """`base ** exponent`: exact for whole exponents, else to 60 digits. Its size is judged before it is worked out."""
    if not base and exponent < 0:
        raise MementoError("That divides by zero")
    if exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(base) not in (0, 1) and (bits - 1) * abs(exponent.numerator) > BITS:
            raise MementoError(f"The power {short(base)}^{short(exponent)} is too large to work out", "use smaller numbers")
        return checked(base**exponent.numerator) if abs(base) not in (0, 1) else _trivial_power(base, exponent.numerator)
    if base < 0:
        raise MementoError(f"{short(base)} has no real power {short(exponent)}: the base is negative")
    try:
        with localcontext(_context()):
            raised = _decimal(base) ** _decimal(exponent)
    except DecimalException as error:
        raise MementoError(f"The power {short(base)}^{short(exponent)} is too large to work out", "use smaller numbers") from error
    return checked(Fraction(raised))


def _trivial_power(base: Fraction, exponent: int) -> Fraction:
    if exponent == 0:
        return Fraction(1)
    return base if exponent % 2 or base >= 0 else -base


def square_root(value: Fraction) -> Fraction:
    """Exact where the root is rational, else to 60 digits."""
    if value < 0:
        raise MementoError(f"{short(value)} has no real square root: it is negative")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    with localcontext(_context()):
        return Fraction(_decimal(value).sqrt())


def _context() -> Context:
    return Context(prec=DIGITS, Emax=9000, Emin=-9000)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def rounded(value: Fraction, places: int = 0) -> Fraction:
    """To `places` decimals, halves away from zero, as people round."""
    scale = Fraction(10) ** places
    whole = math.floor(abs(value) * scale + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole) / scale


def magnitude(value: Fraction) -> int:
    """The power of ten of the first digit that is not zero: 0 for 7, 3 for 1234, -2 for 0.05. Zero gives 0."""
    if not value:
        return 0
    value = abs(value)
    guess = math.floor((value.numerator.bit_length() - value.denominator.bit_length()) * math.log10(2))
    while Fraction(10) ** guess > value:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= value:
        guess += 1
    return guess


def written(value: Fraction, places: int = 12, significant: int = 12) -> str:
    """`value` for a person: at most `places` decimals, or `significant` digits where it is very small; no trailing zeros.

    Only what would need more than 60 digits, or 20 zeros behind the point, gets an exponent.
    """
    size = magnitude(value)
    if size >= PLAIN or size < -20:
        head = rounded(value / Fraction(10) ** size, significant)
        if abs(head) >= 10:
            head, size = head / 10, size + 1
        return f"{_plain(head, significant)}e{size}"
    if size < -3:
        places = max(places, significant - size - 1)
    return _plain(rounded(value, places), places)


def _plain(value: Fraction, places: int) -> str:
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole, decimals = (digits[:-places], digits[-places:].rstrip("0")) if places else (digits, "")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def short(value: Fraction) -> str:
    """`value` for an error message."""
    return written(value, 6, 6) if abs(magnitude(value)) < 15 else written(value, 3, 3)
