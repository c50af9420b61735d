"""The query language, without a bank."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.browsing.query import FIELDS, Filter, QueryError, Term, Word, complete, parse, word_at
from memento_desktop.memory.browsing.values import Period, Span
from memento_desktop.memory.records import printable
from tests.memory.browsing.conftest import NOW


def test_a_whole_query():
    found = parse('kind:case,fact reward<0.5 used:0 -kind:lesson is:pinned "two words" bike lo', NOW)
    assert found.words == (Word("two words", phrase=True), Word("bike"), Word("lo", prefix=True))
    assert found.terms == (
        Term("kind", ("case", "fact")), Term("reward", (Span(high=0.5, high_open=True),)), Term("used", (Span(0, 0),)),
        Term("kind", ("lesson",), negated=True), Term("is", ("pinned",)),
    )  # fmt: skip
    assert found.text == "two words bike lo"
    assert not found.shows_trash


def test_nothing_is_the_empty_filter_and_filters_can_be_compared():
    assert parse("") == parse("   ") == Filter()
    assert len({parse("kind:case a"), parse("kind:case  a")}) == 1


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("reward<=.5", Span(high=0.5)), ("reward>0.5", Span(low=0.5, low_open=True)), ("reward=1", Span(1, 1)),
        ("trust>=20%", Span(low=0.2)),
        ("used:2..4", Span(2, 4)), ("used:..4", Span(None, 4)), ("reward:<0.5", Span(high=0.5, high_open=True)), ("read:3", Span(3, 3)),
    ],
)  # fmt: skip
def test_numbers(text: str, span: Span):
    assert parse(text).terms[0].values == (span,)


def test_days_are_the_owners_and_ages_reach_back_from_now():
    def moments(text: str) -> Period:
        value = parse(text, NOW).terms[0].values[0]
        assert isinstance(value, Period)
        return value

    def local(*day: int) -> str:
        return datetime(*day).astimezone(UTC).isoformat(timespec="microseconds")  # pyright: ignore[reportArgumentType]

    assert moments("added:7d") == Period((NOW - timedelta(days=7)).isoformat(timespec="microseconds"))
    assert moments("added:3w").start == (NOW - timedelta(days=21)).isoformat(timespec="microseconds")
    assert moments("added:2m").start == "2026-03-20T12:00:00.000000+00:00"
    assert moments("added>7d") == Period(end=moments("added:7d").start)
    assert moments("added:2026-05") == Period(local(2026, 5, 1), local(2026, 6, 1))
    assert moments("added:2026") == Period(local(2026, 1, 1), local(2027, 1, 1))
    assert moments("changed:2026-05-03") == Period(local(2026, 5, 3), local(2026, 5, 4))
    assert moments("used-last:before:2026-05") == Period(end=local(2026, 5, 1))
    assert moments("added:after:2026-05-03") == Period(start=local(2026, 5, 4))
    assert moments("added<2026-05") == Period(end=local(2026, 5, 1))
    assert moments("added:2026-01..2026-03") == Period(local(2026, 1, 1), local(2026, 4, 1))
    assert moments("added:2026-12") == Period(local(2026, 12, 1), local(2027, 1, 1))


@pytest.mark.parametrize(
    ("text", "named", "right"),
    [
        ("kid:case", "kid", "kind:"), ("kind:cse", "cse", "case"), ("reward<much", "much", "0 to 1"),
        ("added:2026-02-31", "2026-02-31", "7d"),
        ("kind:", "missing", "case"),
        ("used:,", "missing", "0"), ("is:funny", "funny", "pinned"), ("sort:colour", "colour", "title"), ("used:4..2", "4..2", "2..4"),
        ("kind<case", "compared", "kind:"), ("id:x", "x", "12"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_what_would_be_right(text: str, named: str, right: str):
    with pytest.raises(QueryError) as told:
        parse(f"bike {text} lock")
    assert (told.value.place, told.value.word) == (5, text)
    assert named in told.value.message
    assert "character 6" in told.value.message
    assert right in told.value.hint


def test_what_only_looks_like_a_field_is_a_word():
    assert [word.text for word in parse("12:30 https://example.org/a c# -- -").words] == ["12:30", "https://example.org/a", "c#"]
    assert parse('"kind:case"').words == (Word("kind:case", phrase=True),)


def test_the_last_word_is_being_typed_until_a_space_follows():
    assert parse("bike lo").words[-1].prefix
    assert not parse("bike lo ").words[-1].prefix
    assert parse("lo* bike ").words[0] == Word("lo", prefix=True)
    assert parse('bike "lo').words[-1] == Word("lo", phrase=True)


def test_orders():
    assert parse("sort:title").upwards
    assert not parse("sort:-title").upwards
    assert not parse("sort:recorded").upwards
    assert parse("sort:-reward").upwards
    assert parse("sort:relevance").sort == "recorded"
    assert parse("km sort:relevance").sort == "relevance"
    assert parse("a").sorted_by("helped").sort == "helped"
    with pytest.raises(MementoError, match="no order"):
        parse("a").sorted_by("size")


@pytest.mark.parametrize("text", ["status:trashed", "status:trash", "is:trash", "id:4"])
def test_trash_is_shown_where_it_is_asked_for(text: str):
    assert parse(text).shows_trash
    assert not parse(f"-{text}").shows_trash


def test_completion():
    assert complete("ki", 2) == ["kind:"]
    assert "kind:case" in complete("bike kind:", 10)
    assert complete("bike kind:case,fa", 17) == ["kind:case,fact"]
    assert complete("-is:pi", 6) == ["-is:pinned"]
    assert complete("sort:-re", 8) == ["sort:-recorded", "sort:-reward", "sort:-read", "sort:-relevance"]
    assert complete("bike", 4) == []
    assert complete("nonsense:", 9) == []
    assert word_at("bike kind:ca lock", 11) == (5, 12)
    assert word_at("bike ", 5) == (5, 5)
    assert {field.name for field in FIELDS} <= {name.strip(":") for name in complete("", 0)}


@given(st.text(max_size=60), st.integers(0, 70))
def test_any_text_is_a_filter_or_an_error_with_a_place(text: str, cursor: int):
    complete(text, cursor)
    start, end = word_at(text, cursor)
    assert 0 <= start <= end <= len(text)
    try:
        assert hash(parse(text, NOW)) is not None
    except QueryError as error:
        assert printable(text)[error.place :].startswith(error.word)
        assert error.hint
