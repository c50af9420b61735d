"""Cuts an expression into tokens: numbers, dates, words, operators. Refuses what could be read in two ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from memento_desktop.errors import MementoError
from memento_desktop.tools.calculation import dates

Kind = Literal["number", "date", "word", "op", "end"]

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![A-Za-z0-9]))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?")
_WORD = re.compile(r"[°A-Za-zµμ](?:[A-Za-zµμ_]*[A-Za-zµμ])?(?:[23](?![0-9.]))?")
_TIMES = re.compile(r"[xX](?![A-Za-z_])")
_PUNCTUATION = {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-", "—": "-"}
_PHRASES = (
    (re.compile(r"\b(?:divided|over)(?:\s+by)?\b", re.I), "/"),
    (re.compile(r"\b(?:multiplied\s+by|times)\b", re.I), "*"),
    (re.compile(r"\bto\s+the\s+power\s+of\b", re.I), "^"),
    (re.compile(r"\bplus\b", re.I), "+"),
    (re.compile(r"\bminus\b", re.I), "-"),
    (re.compile(r"\bper\s*cent\b|\bpct\b", re.I), "%"),
    (re.compile(r"²"), "^2"),
    (re.compile(r"³"), "^3"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"->|→"), " to "),
    (re.compile(r"[’‘]"), "'"),
)
_CURRENCY = re.compile(r"[$€£¥₹]|(?:EUR|USD|GBP|CHF|JPY|INR|CAD|AUD|SEK|NOK|DKK|PLN|euros?|dollars?)\b")
_OPERATORS = "+-*/^%(),"


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    start: int
    end: int
    number: Fraction = Fraction(0)
    day: date = date.min


def normalised(expression: str) -> str:
    """The expression with one sign for each operator, and without what only a person needs."""
    for sign, plain in _PUNCTUATION.items():
        expression = expression.replace(sign, plain)
    for pattern, plain in _PHRASES:
        expression = pattern.sub(plain, expression)
    expression = " ".join(expression.split())
    return re.sub(r"^(?:calculate|convert|compute|work out|what is)\s+|^=|[\s=?;]+$|(?<=[^0-9.])\.$", "", expression, flags=re.I).strip()


def tokenised(text: str, today: date) -> list[Token]:
    """The tokens of a normalised expression, an `end` token last. Raises MementoError at the first thing it cannot read."""
    tokens: list[Token] = []
    calls: list[bool] = []
    currency = ""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif money := _CURRENCY.match(text, at):
            if currency not in ("", money.group()):
                raise MementoError(f"{currency} and {money.group()} are not known to be the same", "exchange rates are not known here")
            currency, at = money.group(), money.end()
        else:
            token = _token(text, at, today, in_call=bool(calls and calls[-1]), after_number=_ends_value(tokens))
            if token.text == "(":
                calls.append(bool(tokens) and tokens[-1].kind == "word" and tokens[-1].end == at)
            elif token.text == ")" and calls:
                calls.pop()
            tokens.append(token)
            at = token.end
    _refuse_mixed_commas(text)
    return [*tokens, Token("end", "", len(text), len(text))]


def _ends_value(tokens: list[Token]) -> bool:
    return bool(tokens) and (tokens[-1].kind in ("number", "word") or tokens[-1].text in (")", "%"))


def _token(text: str, at: int, today: date, in_call: bool, after_number: bool) -> Token:
    if written := dates.WRITTEN_DATE.match(text, at):
        return Token("date", written.group(), at, written.end(), day=dates.read(written, today))
    if text[at].isascii() and (text[at].isdigit() or text[at] == "."):
        return _number(text, at, in_call)
    if after_number and (cross := _TIMES.match(text, at)):
        return Token("op", "*", at, cross.end())
    if word := _WORD.match(text, at):
        return Token("word", word.group(), at, word.end())
    if text[at] in _OPERATORS:
        return Token("op", text[at], at, at + 1)
    raise MementoError(f"calculate cannot read {text[at : at + 20]!r}", "write an expression such as 17% of 2340 or 5 miles in km")


def _number(text: str, at: int, in_call: bool) -> Token:
    """A number; outside a function's brackets its commas may group thousands."""
    found = (None if in_call else _GROUPED.match(text, at)) or _NUMBER.match(text, at)
    if found is None:
        raise MementoError(f"calculate cannot read {text[at : at + 20]!r}")
    said, end = found.group(), found.end()
    if not in_call and re.match(r",[0-9]", text[end:]):
        raise MementoError(f"{text[at : end + 3].strip()} can be read in two ways", "write decimals with a point, like 1234.5")
    if re.match(r"\.[0-9]", text[end:]):
        raise MementoError(f"{text[at : end + 3]} is not a number")
    mantissa, _, exponent = said.replace(",", "").lower().partition("e")
    if len(exponent) > 4:
        raise MementoError(f"{said} is too large or too small to calculate with")
    return Token("number", said, at, end, number=Fraction(mantissa.rstrip(".") or "0") * Fraction(10) ** int(exponent or 0))


def _refuse_mixed_commas(text: str) -> None:
    """`sum(1,200, 300)`: is that 1,200 and 300, or 1 and 200 and 300?"""
    for call in re.finditer(r"[a-z]\(([^()]*)\)", text, re.I):
        inside = call.group(1)
        if re.search(r"(?<![0-9.])[0-9]{1,3},[0-9]{3}(?![0-9])", inside) and re.search(r",\s", inside):
            raise MementoError(f"The commas in ({inside}) can be read in two ways", "write numbers in a list without thousands commas")
