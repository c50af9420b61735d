"""What an import is made of: memories and conversations as a file tells them, and the log of what could not be read or was left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from memento_desktop.errors import MementoError
from memento_desktop.memory.records import Kind, Origin, Outcome, RewardSource, Source, Status, Step

TEXT_LIMIT = 1_000_000
"""Characters that one memory or one message may have."""
PROBLEMS = 200
"""Bad records that are named; the others are counted."""
LARGEST = 2**63 - 1
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


class Bad(Exception):
    """A record that cannot be used. The message says why, and goes on from “line 3: ”."""


@dataclass(frozen=True)
class Was:
    """How a memory stood in the bank that it was exported from."""

    status: Status
    pinned: bool
    always_on: bool
    origin: Origin
    trust: float
    user_edited: bool
    pool: str


@dataclass(frozen=True)
class CaseDraft:
    """A case as a file tells it; the fields are those of `records.Case`."""

    plan: tuple[str, ...] = ()
    outcome: Outcome = "done"
    answer: str = ""
    reward: float | None = None
    reward_source: RewardSource = ""
    correction: str = ""
    judged: float | None = None
    reason: str = ""
    model: str = ""
    tokens: int = 0
    seconds: float = 0.0
    tainted: bool = False
    steps: tuple[Step, ...] = ()
    task: str = ""
    """Empty: the memory's own text."""


@dataclass(frozen=True)
class Draft:
    """One memory as a file tells it."""

    kind: Kind
    body: str
    file: str
    """The file that holds it, inside the folder or archive that is imported."""
    place: str
    """Where in that file."""
    title: str = ""
    """Empty: the first line of the body."""
    quote: str = ""
    at: str | None = None
    """When it was recorded there (ISO 8601 UTC); None: not known."""
    valid_from: str | None = None
    valid_to: str | None = None
    case: CaseDraft | None = None
    sources: tuple[Source, ...] = ()
    key: str = ""
    """Its name in the file, which links use."""
    links: tuple[tuple[str, str], ...] = ()
    """(relation, key of the other memory)."""
    superseded_by: str = ""
    was: Was | None = None
    number: int = 0
    """Its number in the bank that it was exported from: the order of an export."""


@dataclass(frozen=True)
class Said:
    """One message of a conversation; `at` is ISO 8601 UTC."""

    role: str
    text: str
    at: str
    case: str = ""
    """Key of the case that it belongs to, in an export of ours."""


@dataclass(frozen=True)
class Talk:
    """One conversation as a file tells it."""

    title: str
    started_at: str
    messages: tuple[Said, ...]
    file: str
    place: str
    origin: str = "import"
    ref: str = ""
    """Its name in the program that it comes from; empty when it has none."""
    key: str = ""
    number: int = 0


Item = Draft | Talk


@dataclass(frozen=True)
class Problem:
    """A record that was not imported."""

    place: str
    why: str


class Log:
    """What could not be read (a problem each) and what was left out on purpose (counted by sort)."""

    def __init__(self, strict: bool = False) -> None:
        """
        Args:
            strict: the first problem ends the import.
        """
        self.strict = strict
        self.bad_count = 0
        self.problems: list[Problem] = []
        self.left_out: Counter[str] = Counter()

    def bad(self, place: str, why: str) -> None:
        """
        Raises:
            MementoError: nothing bad is put up with.
        """
        self.bad_count += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(Problem(place, why))
        if self.strict:
            raise MementoError(f"{place}: {why}.", "Nothing was imported. Without --strict the rest is.")

    def leave_out(self, what: str, count: int = 1) -> None:
        if count:
            self.left_out[what] += count


# what a record holds, told apart from what it should hold


def storable(text: str) -> str:
    """`text` without what the bank cannot hold: lone surrogates and NUL become U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


def mapping(value: Any, what: str = "the record") -> Mapping[str, Any]:
    """
    Raises:
        Bad: it is something else.
    """
    if not isinstance(value, dict):
        raise Bad(f"{what} is not an object with fields")
    return cast("dict[str, Any]", value)


def sequence(value: Any, what: str) -> Sequence[Any]:
    """A list; nothing counts as an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Bad(f"“{what}” is not a list")
    return cast("list[Any]", value)


def text_of(record: Mapping[str, Any], name: str, default: str | None = None, limit: int = TEXT_LIMIT) -> str:
    """The text in a field.

    Raises:
        Bad: it is missing (where there is no default), no text, or too long.
    """
    value = record.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise Bad(f"“{name}” is missing" if value is None else f"“{name}” is not a text")
    if len(value) > limit:
        raise Bad(f"“{name}” has {len(value):,} characters; at most {limit:,} are taken")
    return storable(value)


def flag_of(record: Mapping[str, Any], name: str) -> bool:
    value = record.get(name, False)
    if not isinstance(value, bool):
        raise Bad(f"“{name}” is neither true nor false")
    return value


def whole_of(record: Mapping[str, Any], name: str, default: int = 0) -> int:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not -LARGEST <= value <= LARGEST:
        raise Bad(f"“{name}” is not a whole number")
    return value


def real_of(record: Mapping[str, Any], name: str, default: float = 0.0, most: float = 1e18) -> float:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Bad(f"“{name}” is not a number from 0 to {most:g}")
    return float(value)


def share_of(record: Mapping[str, Any], name: str) -> float | None:
    """A number in [0, 1], or nothing."""
    return None if record.get(name) is None else real_of(record, name, most=1.0)


def one_of(record: Mapping[str, Any], name: str, known: Sequence[str], default: str | None = None) -> str:
    value = record.get(name, default)
    if value not in known:
        raise Bad(f"“{name}” is missing" if value is None else f"“{name}” is “{str(value)[:40]}”; known: {', '.join(filter(None, known))}")
    return str(value)


def moment(value: Any) -> str | None:
    """A moment as the bank writes it (ISO 8601 UTC), from ISO text, a date, or seconds or milliseconds since 1970; None: not readable.

    A moment without a zone is taken as UTC. One that lies more than a day ahead is a mistake, and not known.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            read = datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        elif isinstance(value, datetime):
            read = value
        elif isinstance(value, date):
            read = datetime(value.year, value.month, value.day, tzinfo=UTC)
        elif isinstance(value, str) and len(value) <= 64:
            read = datetime.fromisoformat(value.strip())
        else:
            return None
        read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if read > datetime.now(UTC) + timedelta(days=1) or read.year < 1971:
        return None
    return read.isoformat(timespec="microseconds")


def exact_moment(record: Mapping[str, Any], name: str) -> str | None:
    """A moment in a record of ours: kept to the letter when it is one, also one that lies ahead."""
    value = record.get(name)
    if value is None:
        return None
    try:
        if not isinstance(value, str) or len(value) > 64:
            raise ValueError
        datetime.fromisoformat(value)
    except ValueError as error:
        raise Bad(f"“{name}” is not a moment such as 2026-05-03T14:00:00+00:00") from error
    return value


def body_of(text: str, what: str = "the text") -> str:
    """
    Raises:
        Bad: there is no text, or too much of it.
    """
    body = storable(text).strip()
    if not body:
        raise Bad(f"{what} is empty")
    if len(body) > TEXT_LIMIT:
        raise Bad(f"{what} has {len(body):,} characters; at most {TEXT_LIMIT:,} are taken")
    return body
