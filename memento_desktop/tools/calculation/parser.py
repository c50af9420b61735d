"""Works out an expression by recursive descent: numbers, percentages, quantities and dates in one grammar. Never `eval`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from memento_desktop.errors import MementoError
from memento_desktop.tools.calculation import numbers, operations, units
from memento_desktop.tools.calculation.operations import FUNCTIONS, Number, Value
from memento_desktop.tools.calculation.tokens import Token, normalised, tokenised
from memento_desktop.tools.calculation.units import Quantity

DEPTH = 40
"""Brackets, functions and powers that may stand inside one another."""
CONVERSIONS = ("in", "to", "as", "into")


def worked_out(text: str, today: date) -> Value:
    """The value of a whole expression. Raises MementoError, naming what is wrong."""
    return _Parser(text, today).whole()


class _Parser:
    def __init__(self, text: str, today: date) -> None:
        self._text = normalised(text)
        self._tokens = tokenised(self._text, today)
        self._at = 0
        self._depth = 0
        self._compound = True

    def whole(self) -> Value:
        if not self._text:
            raise MementoError("There is nothing to calculate")
        value = self._conversion()
        if self._now.kind == "end":
            return value
        raise self._unexpected()

    # Looking at tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _ahead(self, count: int) -> Token:
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._now.kind in ("op", "word") and self._now.text.lower() in texts

    def _accept(self, *texts: str) -> Token | None:
        return self._take() if self._is(*texts) else None

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise MementoError(f"There is a {text} missing in {self._text}") if self._now.kind == "end" else self._unexpected()

    def _unexpected(self) -> MementoError:
        if self._now.kind == "end":
            return MementoError(f"{self._text} is not complete")
        if self._now.kind == "word":
            return MementoError(f"calculate does not know what {self._now.text} means in {self._text}")
        return MementoError(f"calculate did not expect {self._now.text} in {self._text}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise MementoError(f"The expression is nested more than {DEPTH} deep", "calculate it in parts")

    # The grammar, from the loosest binding to the tightest

    def _conversion(self) -> Value:
        value = self._sum()
        while self._accept(*CONVERSIONS):
            value = self._converted(value)
        return value

    def _converted(self, value: Value) -> Value:
        if self._accept("%", "percent"):
            return Number(operations.plain(value, "a percentage").value, percent=True)
        target = self._unit(Fraction(1))
        if target is None:
            raise MementoError(f"There is no unit {self._now.text}") if self._now.kind == "word" else self._unexpected()
        if isinstance(value, Quantity):
            return units.converted(value, target)
        what = "A date" if isinstance(value, date) else f"{numbers.short(value.value)} has no unit: it"
        raise MementoError(f"{what} cannot be turned into {target.spelled}")

    def _sum(self) -> Value:
        value = self._product()
        while sign := self._accept("+", "-"):
            value = self._moved(value, sign.text) if isinstance(value, date) else operations.added(value, self._product(), sign.text)
        return value

    def _moved(self, day: date, sign: str) -> Value:
        """A date and what is added to it or taken from it: `+ 1 year 2 months` moves by each part in turn."""
        self._compound = False
        part = self._product()
        if isinstance(part, date):
            self._compound = True
            if sign == "+":
                raise MementoError("Two dates cannot be added", "subtract them for the days between them")
            return units.quantity(Fraction((day - part).days), "day", "days")
        value = operations.shifted(day, part, sign)
        while self._now.kind == "number":
            value = operations.shifted(value, self._product(), sign)
        self._compound = True
        return value

    def _product(self) -> Value:
        value = self._power()
        while True:
            if self._accept("*"):
                value = operations.multiplied(value, self._power())
            elif self._accept("/", "per"):
                value = operations.divided(value, self._power())
            elif self._accept("mod", "modulo"):
                value = Number(
                    numbers.remainder(operations.plain(value, "a remainder").value, operations.plain(self._power(), "a remainder").value)
                )
            elif self._accept("of"):
                value = operations.multiplied(value, self._power())
            elif self._accept("off"):
                value = operations.multiplied(Number(1 - operations.percentage(value)), self._power())
            else:
                return value

    def _power(self) -> Value:
        sign = 1
        while token := self._accept("-", "+"):
            sign = -sign if token.text == "-" else sign
        base = self._postfixed()
        if self._accept("^"):
            self._deeper()
            exponent = operations.plain(self._power(), "an exponent").value
            self._depth -= 1
            base = operations.raised(base, exponent)
        return base if sign > 0 else operations.multiplied(Number(Fraction(-1)), base)

    def _postfixed(self) -> Value:
        value = self._primary()
        while self._is("%", "percent"):
            self._take()
            if self._now.kind in ("number", "date") or self._is("("):
                raise MementoError(f"% in {self._text} can be read in two ways", "write 17% of 5, or 17 mod 5 for the remainder")
            value = Number(operations.plain(value, "a percentage").value / 100, percent=True)
        return value

    def _primary(self) -> Value:
        token = self._now
        if token.kind == "number":
            self._take()
            return self._measured(token.number)
        if token.kind == "date":
            return self._take().day
        if self._accept("("):
            self._deeper()
            value = self._conversion()
            self._depth -= 1
            self._expect(")")
            return self._measured(value.value) if isinstance(value, Number) and not value.percent else value
        if token.kind == "word":
            return self._named()
        raise self._unexpected()

    def _named(self) -> Value:
        name = self._now.text.lower()
        if self._ahead(1).text == "(" and name in FUNCTIONS:
            self._take()
            return FUNCTIONS[name](name, self._arguments())
        if name == "pi":
            self._take()
            return Number(numbers.PI)
        if name not in CONVERSIONS and (one := self._unit(Fraction(1))) is not None:
            return one
        raise MementoError(f"calculate does not know what {self._now.text} means in {self._text}", "use numbers, units and dates")

    def _arguments(self) -> list[Value]:
        self._expect("(")
        self._deeper()
        compound, self._compound = self._compound, True
        values = [self._conversion()]
        while self._accept(","):
            values.append(self._conversion())
        self._compound = compound
        self._depth -= 1
        self._expect(")")
        return values

    def _measured(self, value: Fraction) -> Value:
        """A number with the unit behind it, if there is one; `5 ft 3 in` is one quantity."""
        quantity = self._unit(value)
        if quantity is None:
            return Number(value)
        while self._compound and self._now.kind == "number":
            more = self._take()
            part = self._unit(more.number)
            if part is None:
                self._at -= 1
                raise self._unexpected()
            quantity = units.added(quantity, part, 1)
        return quantity

    # Units

    def _unit(self, value: Fraction) -> Quantity | None:
        """`value` in the unit that stands here, such as `km`, `m^2`, `miles per hour`; None, taking nothing, where none does."""
        start = self._now.start
        found = self._one_unit(value)
        if found is None:
            return None
        while self._is("/", "per"):
            before = self._at
            self._take()
            below = self._one_unit(Fraction(1)) if self._now.kind == "word" else None
            if below is None:
                self._at = before
                break
            ratio = units.divided(found, below)
            if not isinstance(ratio, Quantity):
                self._at = before
                break
            found = ratio
        return Quantity(found.pint, self._text[start : self._tokens[self._at - 1].end])

    def _one_unit(self, value: Fraction) -> Quantity | None:
        if self._now.kind != "word" or not self._unit_starts_here():
            return None
        shape = units.SHAPES.get(self._now.text.lower(), 0) if self._ahead(1).kind == "word" else 0
        words = self._words(1 if shape else 0)
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            raised = int(name[-1]) if name[-1] in "23" else 1
            if known := units.find(name.rstrip("23")):
                self._at += count + bool(shape)
                return units.quantity(value, known, name, shape or self._exponent(raised))
        return None

    def _words(self, skip: int) -> list[str]:
        words: list[str] = []
        for ahead in range(skip, skip + 3):
            token = self._ahead(ahead)
            if token.kind != "word" or (words and token.text.lower() in (*CONVERSIONS, "per", "of")):
                break
            words.append(token.text)
        return words

    def _unit_starts_here(self) -> bool:
        """`in` is an inch only where a conversion could not stand: `5 in to cm`, `6 in + 2 in`, `3 in`."""
        word = self._now.text.lower()
        if word in ("of", "off", "per", "mod", "modulo", "as", "to", "into", "percent"):
            return False
        if word != "in":
            return True
        return self._at > 0 and (self._ahead(1).kind != "word" or self._ahead(1).text.lower() in CONVERSIONS) and self._ahead(1).text != "%"

    def _exponent(self, already: int) -> int:
        if self._is("^") and self._ahead(1).kind == "number" and self._ahead(1).number.denominator == 1:
            self._take()
            return int(self._take().number) * already
        return already
