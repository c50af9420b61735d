"""The calculator: exact numbers, percentages, units, dates; and what it refuses."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.tools.calculate import Calculate, evaluate
from memento_desktop.tools.calculation.numbers import magnitude, power, rounded, square_root, written
from models.nano import words

TODAY = date(2026, 5, 3)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1+0.2", "0.3"),
        ("17% of 2340", "397.8"),
        ("17 percent of 2340", "397.8"),
        ("5 per cent of 20", "1"),
        ("10/3", "3.333333333333"),
        ("2/3", "0.666666666667"),
        ("1/3 + 1/3 + 1/3", "1"),
        ("240 + 10%", "264"),
        ("240 - 10%", "216"),
        ("10% + 5%", "15%"),
        ("10% off 80", "72"),
        ("12/48 in percent", "25%"),
        ("1,234.5 * 2", "2469"),
        ("2 x 3", "6"),
        ("2x3", "6"),
        ("3 × 4 ÷ 5", "2.4"),
        ("-2^2", "-4"),
        ("2**-1", "0.5"),
        ("2^3^2", "512"),
        ("(1 + 2) * -3", "-9"),
        ("-5 - -5", "0"),
        ("sqrt(2)", "1.414213562373"),
        ("sqrt(16/9)", "1.333333333333"),
        ("8^(1/3)", "2"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(10/3, 2)", "3.33"),
        ("min(3, 1, 2)", "1"),
        ("max(1,234)", "234"),
        ("sum(100,200,300)", "600"),
        ("average(1, 2, 4)", "2.333333333333"),
        ("mean(1, 2)", "1.5"),
        ("abs(-7)", "7"),
        ("17 mod 5", "2"),
        ("$12 + $3", "15"),
        ("2^100", "1267650600228229401496703205376"),
        ("0.000000000001234", "0.000000000001234"),
        ("12 plus 3 times 2", "18"),
        ("84 divided by 4 =", "21"),
        ("5²", "25"),
        ("9" * 490, "1e490"),
    ],
)
def test_arithmetic(expression: str, value: str) -> None:
    assert evaluate(expression, TODAY) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("5 miles in km", "8.04672 km"),
        ("5 miles to km", "8.04672 km"),
        ("72 fahrenheit in celsius", "22.222222 celsius"),
        ("-40 °F in °C", "-40 °C"),
        ("72 F in C", "22.222222 C"),
        ("3 GB in MB", "3000 MB"),
        ("2 hours + 30 minutes in minutes", "150 minutes"),
        ("5 ft 3 in in cm", "160.02 cm"),
        ("5 in to cm", "12.7 cm"),
        ("60 miles per hour in kph", "96.56064 kph"),
        ("60 mph in km/h", "96.56064 km/h"),
        ("100 km / 50 km/h", "2 h"),
        ("60 km / 2 h", "30 km/h"),
        ("10 square metres in square feet", "107.639104 square feet"),
        ("3 * 2 days", "6 days"),
        ("max(3 km, 2 miles)", "2 miles"),
        ("round(5 miles in km, 1)", "8 km"),
        ("5 Min in seconds", "300 seconds"),
        ("5 mm in miles", "0.00000310686 miles"),
    ],
)
def test_units(expression: str, value: str) -> None:
    assert evaluate(expression, TODAY) == value


@pytest.mark.parametrize(("source", "target"), words.UNITS)
def test_every_unit_of_the_built_in_model_goes_there_and_back(source: str, target: str) -> None:
    there = evaluate(f"12.5 {source} in {target}", TODAY)
    assert there.endswith(f" {target}")
    back, unit = evaluate(f"{there} in {source}", TODAY).rsplit(" ", 1)
    assert unit == source
    assert abs(float(back) - 12.5) < 0.0001


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3 May 2026 + 10 days", "Wednesday 13 May 2026"),
        ("2026-05-03 - 6 weeks", "Sunday 22 March 2026"),
        ("today + 45 days", "Wednesday 17 June 2026"),
        ("tomorrow", "Monday 4 May 2026"),
        ("days from 3 May 2026 to 9 June 2026", "37 days"),
        ("days from 9 June 2026 to 3 May 2026", "37 days"),
        ("weeks from 3 May 2026 to 9 June 2026", "5 weeks 2 days"),
        ("months from 3 May 2026 to 9 June 2026", "1 month 6 days"),
        ("years from 3 May 2020 to 9 June 2026", "6 years 1 month 6 days"),
        ("days from today to 24 December 2026", "235 days"),
        ("days between May 3, 2026 and 4 May 2026", "1 day"),
        ("days until 24 December", "235 days"),
        ("days from today to 3 May 2020", "2191 days ago"),
        ("days from today to today", "0 days"),
        ("weekday of 3 May 2026", "Sunday"),
        ("weekday of Sunday 3 May 2026", "Sunday"),
        ("May 3, 2026 + 2 months", "Friday 3 July 2026"),
        ("31 January 2026 + 1 month", "Saturday 28 February 2026"),
        ("29 February 2024 + 1 year", "Friday 28 February 2025"),
        ("today + 1 year 2 months", "Saturday 3 July 2027"),
        ("today - 1 year 2 months", "Monday 3 March 2025"),
        ("10 days before 3 May 2026", "Thursday 23 April 2026"),
        ("2 weeks from today", "Sunday 17 May 2026"),
        ("9 June 2026 - 3 May 2026", "37 days"),
        ("03.05.2026 + 1 day", "Monday 4 May 2026"),
    ],
)
def test_dates(expression: str, value: str) -> None:
    assert evaluate(expression, TODAY) == value


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("9**9**9", "too large"),
        ("9^9^9^9^9^9", "too large"),
        ("1e300 ^ 1e300", "too large"),
        ("2 ^ 0.5 ^ -9999", "too large"),
        ("1e99999", "too large"),
        ("1/0", "zero"),
        ("0 ^ -1", "zero"),
        ("5 km / 0 km", "zero"),
        ("1 mod 0", "zero"),
        ("sqrt(-1)", "negative"),
        ("(-8)^(1/3)", "negative"),
        ("5 kg in km", "different things"),
        ("5 blorks in km", "blorks"),
        ("5 km in blorks", "blorks"),
        ("5 + 3 km", "unit"),
        ("20 celsius + 5 celsius", "temperatures"),
        ("03/05/2026 + 3 days", "two ways"),
        ("30 February 2026", "30 February 2026"),
        ("2026-13-45", "2026-13-45"),
        ("today + 99999999999999999 days", "calendar"),
        ("today + 3", "days, weeks, months"),
        ("today + 3 hours", "hour"),
        ("today + 0.5 days", "whole"),
        ("today + today", "subtract"),
        ("today * 2", "date"),
        ("weekday of hello", "hello"),
        ("17 % 5", "mod"),
        ("3,5 * 2", "point"),
        ("sum(1,200, 300)", "commas"),
        ("1.2.3", "1.2.3"),
        ("$12 + €3", "exchange"),
        ("__import__('os').system('id')", "cannot read"),
        ("().__class__", "cannot read"),
        ("hello", "hello"),
        ("(", "not complete"),
        ("(1", "missing"),
        ("1 +", "not complete"),
        ("", "nothing to calculate"),
        ("\x00", "cannot read"),
        ("1" * 501, "500"),
        ("(" * 100 + "1" + ")" * 100, "nested"),
        ("2^" * 200 + "1", "nested"),
        ("5 m^99", "power"),
    ],
)
def test_what_cannot_be_worked_out_is_said(expression: str, names: str) -> None:
    with pytest.raises(MementoError) as caught:
        evaluate(expression, TODAY)
    assert names in str(caught.value)


FRACTIONS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=1000)
TERMS = st.recursive(
    st.decimals(min_value=0, max_value=10**6, places=3).map(lambda d: (f"{d}", Fraction(d))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).filter(lambda t: t[1] != "/" or t[2][1] != 0).map(
        lambda t: (f"({t[0][0]} {t[1]} {t[2][0]})", _apply(t[0][1], t[1], t[2][1]))
    ),
    max_leaves=8,
)  # fmt: skip


def _apply(a: Fraction, sign: str, b: Fraction) -> Fraction:
    return a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b


@settings(max_examples=60, deadline=None)
@given(TERMS)
def test_any_expression_equals_its_fraction(term: tuple[str, Fraction]) -> None:
    text, value = term
    if len(text) <= 500:
        assert evaluate(text, TODAY) == written(value)


@settings(max_examples=60, deadline=None)
@given(FRACTIONS, st.integers(0, 12))
def test_what_is_written_is_the_nearest_decimal(value: Fraction, places: int) -> None:
    text = written(value, places)
    said = Fraction(text)
    if "e" not in text and abs(value) >= Fraction(1, 1000):
        assert abs(said - value) * 2 <= Fraction(1, 10**places)
    assert "." not in text or not text.endswith("0")
    assert written(said, 40, 40) == text or "e" in text
    assert text != "-0"


@settings(max_examples=60, deadline=None)
@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**12))
def test_roots_and_powers_agree(value: Fraction) -> None:
    assert square_root(value * value) == value
    assert power(value, Fraction(2)) == value * value
    assert abs(power(value, Fraction(1, 2)) - square_root(value)) < Fraction(1, 10**40)
    assert 10 ** Fraction(magnitude(value)) <= value * 10**0 < 10 ** Fraction(magnitude(value) + 1)
    assert rounded(-value) == -rounded(value)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 5000))
def test_moving_a_date_and_back(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    moved = evaluate(f"{start} + {days} days", TODAY)
    assert evaluate(f"{moved} - {days} days", TODAY) == evaluate(str(start), TODAY)
    assert evaluate(f"days from {start} to {end}", TODAY) == f"{days} day{'' if days == 1 else 's'}"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.,+-*/^%()x eE kmins to of may 2026\t²√'\"\\#", max_size=40))
def test_garbage_gives_an_answer_or_an_error_that_reaches_the_owner(text: str) -> None:
    try:
        assert evaluate(text, TODAY)
    except MementoError as error:
        assert error.message


async def test_the_tool_takes_its_day_from_outside() -> None:
    tool = Calculate(lambda: TODAY)
    result = await tool.call({"expression": "today + 1 day"}, asyncio.Event())
    assert (result.text, result.ok, result.untrusted) == ("Monday 4 May 2026", True, False)
    assert tool.preview({"expression": "1 + 1"}) == "Calculate 1 + 1"
