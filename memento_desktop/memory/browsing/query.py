"""The query language of the browser, `kind:case reward<0.5 added:7d "exact words" -kind:lesson text`, as a frozen filter. No I/O."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.values import (
    FIELD_OF,
    FIELDS,
    SORTS,
    Field,
    Value,
    WrongValueError,
    choice,
    moments,
    number,
    numbers,
    quoted_items,
)  # fmt: skip
from memento_desktop.memory.records import printable

__all__ = ["FIELDS", "SORTS", "Field", "Filter", "QueryError", "Term", "Word", "complete", "parse", "word_at"]

OPERATORS = ("<=", ">=", "<", ">", "=", ":")
LONGEST = 2000
"""Characters of a query: more is something that was pasted into the wrong place."""
_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]*)(?P<operator><=|>=|[:<>=])")
_WORD = re.compile(r'-?(?:[A-Za-z][A-Za-z-]*(?:<=|>=|[:<>=]))?(?:"[^"]*(?:"|$)|[^\s"])*(?=[\s"]|$)')


class QueryError(MementoError):
    """A query that cannot be understood.

    Attributes:
        place: the character at which the word begins, counted from 0.
        word: the word.
    """

    def __init__(self, message: str, hint: str, place: int, word: str) -> None:
        super().__init__(message, hint)
        self.place, self.word = place, word


@dataclass(frozen=True)
class Word:
    """A word, or words one after the other (`phrase`), that a memory must hold, or must not (`negated`)."""

    text: str
    phrase: bool = False
    negated: bool = False
    prefix: bool = False
    """Whether it may be the beginning of a word: it is still being typed."""


@dataclass(frozen=True)
class Term:
    """A condition on one field: any of `values`, or none of them when `negated`."""

    field: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Filter:
    """What is asked for: all words and all terms. Trash is left out unless it is asked for."""

    words: tuple[Word, ...] = ()
    terms: tuple[Term, ...] = ()
    sort: str = "recorded"
    ascending: bool | None = None
    """None: as people expect of the sort: names from A, numbers from the largest, times from the newest."""

    @property
    def text(self) -> str:
        """The words alone, to mark them in what was found."""
        return " ".join(word.text for word in self.words if not word.negated)

    @property
    def shows_trash(self) -> bool:
        """Whether what was deleted is asked for by name."""
        return any(
            not term.negated and (term.field == "id" or (term.field in ("is", "status") and {"trash", "trashed"} & set(term.values)))
            for term in self.terms
        )

    @property
    def upwards(self) -> bool:
        """Whether the smallest come first."""
        return self.sort in ("title", "kind") if self.ascending is None else self.ascending

    def sorted_by(self, sort: str, ascending: bool | None = None) -> Filter:
        """The same memories in another order, one of `SORTS`."""
        if sort not in SORTS:
            raise MementoError(f"There is no order “{sort}”.", f"Known: {', '.join(SORTS)}.")
        return replace(self, sort=sort, ascending=ascending)


def parse(text: str, now: datetime | None = None) -> Filter:
    """The filter that a query means. Ages and days are reckoned from `now`, in its time zone.

    Raises:
        QueryError: a field or value is not known; it names the word, its place, and what would be right.
    """
    if len(text) > LONGEST:
        raise QueryError(f"The query has {len(text)} characters.", f"At most {LONGEST} are read.", 0, text[:20])
    text = printable(text)  # a lone surrogate becomes "?", one character like itself: places stay
    here = (now or datetime.now()).astimezone()
    words: list[Word] = []
    terms: list[Term] = []
    found = Filter()
    for place, whole in _words(text):
        negated = whole.startswith("-") and len(whole) > 1
        word = whole[1:] if negated else whole
        try:
            field = _field_of(word)
            if field is None:
                words += _as_word(word, negated, typed=place + len(whole) == len(text))
            elif field[0].name == "sort":
                found = _sorted(found, field[1], field[2], negated)
            else:
                terms.append(Term(field[0].name, _values(*field, here), negated))
        except WrongValueError as error:
            where = f", at character {place + 1}" if place else ""
            raise QueryError(f"“{whole}”{where}: {error}", error.hint, place, whole) from error
    if found.sort == "relevance" and not any(not word.negated for word in words):
        found = replace(found, sort="recorded")  # the words may be typed yet
    return replace(found, words=tuple(words), terms=tuple(terms))


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a query with their places; a quotation that is not closed reaches to the end."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _WORD.match(text, at)
        end = match.end() if match and match.end() > at else at + 1
        yield at, text[at:end]
        at = end


def _field_of(word: str) -> tuple[Field, str, str] | None:
    """Field, operator and value of a word; None when it is just a word, like 12:30 or an address."""
    match = _FIELD.match(word)
    if match is None or word[match.end() :].startswith("//"):
        return None
    name = match["name"].lower()
    if name not in FIELD_OF:
        near = difflib.get_close_matches(name, FIELD_OF, 3, 0.5)
        quoted = f'To look for the words themselves, quote them: "{word}"'
        known = f"Did you mean {' or '.join(f'{one}:' for one in near)}? " if near else f"Known: {', '.join(f.name for f in FIELDS)}. "
        raise WrongValueError(f"there is no field “{match['name']}”.", known + quoted)
    return FIELD_OF[name], match["operator"], word[match.end() :]


def _as_word(word: str, negated: bool, typed: bool) -> list[Word]:
    if word.startswith('"'):
        inner = word.strip('"').strip()
        return [Word(inner, phrase=True, negated=negated)] if any(c.isalnum() for c in inner) else []
    if not any(c.isalnum() for c in word):
        return []  # a dash, or the beginning of a quotation
    begun = (typed and not negated) or word.endswith("*")
    return [Word(word.rstrip("*"), negated=negated, prefix=begun)]


def _sorted(found: Filter, operator: str, value: str, negated: bool) -> Filter:
    if operator != ":" or negated:
        raise WrongValueError("an order is written sort:NAME, the other way round sort:-NAME.", f"Known: {', '.join(SORTS)}.")
    name = choice(FIELD_OF["sort"], value.removeprefix("-"))
    usual = replace(found, sort=name, ascending=None)
    return replace(usual, ascending=not usual.upwards) if value.startswith("-") else usual


def _values(field: Field, operator: str, value: str, now: datetime) -> tuple[Value, ...]:
    if operator == ":" and (match := re.match(r"<=|>=|[<>=]", value)):  # reward:<0.5
        operator, value = match[0], value[match.end() :]
    if not value.strip(',"'):
        raise WrongValueError("a value is missing.", field.help)
    if field.sort_of == "number":
        return numbers(field, operator, value)
    if field.sort_of == "date":
        return moments(field, operator, value, now)
    if operator not in (":", "="):
        raise WrongValueError(f"{field.name} cannot be compared with {operator}.", f"Write {field.name}: — {field.help}")
    items = quoted_items(value)
    if not items:
        raise WrongValueError("a value is missing.", field.help)
    if field.sort_of == "choice":
        return tuple(choice(field, item) for item in items)
    return tuple(number(field, item) for item in items) if field.sort_of == "id" else tuple(items)


# completion for a prompt


def word_at(text: str, cursor: int) -> tuple[int, int]:
    """Where the word that the cursor stands in, or behind, begins and ends; what `complete` would replace."""
    cursor = max(0, min(cursor, len(text)))
    for place, word in _words(text[:LONGEST]):
        if place < cursor <= place + len(word):
            return place, place + len(word)
    return cursor, cursor


def complete(text: str, cursor: int) -> list[str]:
    """What the word at the cursor may become, whole: fields, then their values. Empty where it is only a word."""
    start, _ = word_at(text, cursor)
    typed = text[start:cursor]
    sign = "-" if typed.startswith("-") else ""
    typed = typed.removeprefix("-")
    match = _FIELD.match(typed)
    if match is None:
        return [f"{sign}{name}:" for name in (field.name for field in FIELDS) if name.startswith(typed.lower()) and name != typed]
    field = FIELD_OF.get(match["name"].lower())
    if field is None:
        return []
    head, _, last = typed[match.end() :].rpartition(",")
    before = sign + typed[: match.end()] + (f"{head}," if head else "")
    used = set(head.split(","))
    turned = "-" if field.name == "sort" and last.startswith("-") else ""
    last = last.removeprefix(turned).lower()
    return [f"{before}{turned}{value}" for value in field.values if value.startswith(last) and value not in used and value != last]
