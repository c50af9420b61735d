"""What moment or span a question means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.times import EVER, OVER, as_of, condition, moment, span, without_time

NOW = "2026-05-20T12:00:00.000000+00:00"
"""A Wednesday."""


def day(text: str, hour: int = 0) -> str:
    return moment(f"{text}T{hour:02}:00")


@pytest.mark.parametrize(
    "query, wanted",
    [
        ("Where did I live in March 2024?", "2024-03-16T12:00"),
        ("Where did I live in March of 2024?", "2024-03-16T12:00"),
        ("Where did I live last year?", "2025-07-02T12:00"),
        ("Who was my boss back in 2023?", "2023-07-02T12:00"),
        ("my address in 2023", "2023-07-02T12:00"),
        ("Where did I live on 3 May?", "2026-05-03T12:00"),
        ("Where did I live on May 3rd, 2025?", "2025-05-03T12:00"),
        ("Did I live in Bern on 2024-03-05?", "2024-03-05T12:00"),
        ("Where did I live on 5.3.2024", "2024-03-05T12:00"),
        ("Where did I work two weeks ago?", "2026-05-06T12:00"),
        ("Who was my dentist 5 years ago?", "2021-05-20T12:00"),
        ("Where did I live a few months ago?", "2026-02-20T12:00"),
        ("Where was I in the summer of 2019?", "2019-07-17T00:00"),
        ("Where did I live last summer?", "2025-07-17T00:00"),
        ("Where did I live in December?", "2025-12-16T12:00"),
        ("Where was I yesterday?", "2026-05-19T12:00"),
        ("Where was I last Monday?", "2026-05-18T12:00"),
        ("Where was I on 29 February?", "2024-02-29T12:00"),
        ("Where did I live before 2020?", "2019-12-31T23:59:59"),
        ("What was my address until May 2024?", "2024-04-30T23:59:59"),
    ],
)
def test_a_question_about_the_past_has_its_moment(query: str, wanted: str):
    assert as_of(query, NOW) == moment(wanted)


@pytest.mark.parametrize(
    "query",
    [
        "Where did I use to live?", "Where I used to live", "Who used to be my dentist?", "Where did I live before I moved?",
        "Where did I live before Basel?", "Which number did I have before?", "What is my old address?", "my former employer",
        "What was my old locker code?", "Where do I no longer work?", "What was my previous phone number?",
    ],
)  # fmt: skip
def test_what_is_no_more_is_asked_for_without_a_date(query: str):
    assert as_of(query, NOW) == OVER


@pytest.mark.parametrize(
    "query",
    [
        "", "What is my locker code?", "Where do I live?", "Am I used to tea?", "Is Ruth used to it?", "What is this used to do?",
        "What should I do before I leave?", "Where have I lived since 2020?", "What was the previous answer?", "What is on 3 May?",
        "What will I do in March?", "May I go?", "Where did I live on 31 February?", "meeting on Monday", "Add up the Total of march.csv",
        "Where did I live this year?", "Did I eat today?", "What happens next week?", "the 2023 report", "When did I last see Ann?",
    ],
)  # fmt: skip
def test_the_present_needs_no_moment(query: str):
    assert as_of(query, NOW) is None


def test_what_was_said_is_looked_for_whether_it_holds_or_not():
    assert as_of("What did I tell you about my address last month?", NOW) == EVER


@pytest.mark.parametrize(
    "query, start, end",
    [
        ("What did I say last week?", day("2026-05-11"), day("2026-05-18")),
        ("What did I say yesterday?", day("2026-05-19"), day("2026-05-20")),
        ("What did we discuss the day before yesterday?", day("2026-05-18"), day("2026-05-19")),
        ("What did I say this week?", day("2026-05-18"), NOW),
        ("What did I note in May?", day("2026-05-01"), NOW),
        ("What did I note in December?", day("2025-12-01"), day("2026-01-01")),
        ("What happened in the last three weeks?", day("2026-04-29"), NOW),
        ("What have I said since March 2026?", day("2026-03-01"), NOW),
        ("What did I say last weekend?", day("2026-05-16"), day("2026-05-18")),
        ("What did I say last month about the car?", day("2026-04-01"), day("2026-05-01")),
    ],
)
def test_a_span_is_the_time_in_which_something_was_said(query: str, start: str, end: str):
    assert span(query, NOW) == (start, end)


@pytest.mark.parametrize("query", ["", "What is my code?", "What did I say?", "What do I do on Monday?", "before 2020", "in May 2027"])
def test_without_a_time_in_the_past_there_is_no_span(query: str):
    assert span(query, NOW) is None


def test_days_are_those_of_the_owner():
    here = datetime(2026, 5, 20, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert span("What did I say yesterday?", here) == ("2026-05-18T22:00:00.000000+00:00", "2026-05-19T22:00:00.000000+00:00")
    assert as_of("Where did I live on 3 May?", here) == "2026-05-03T10:00:00.000000+00:00"


WORDS = st.sampled_from(
    "where did I live was say told before used to last year week month in on since until ago 3 31 29 May march february 2024 2026 9999 "
    "1900 monday two a few summer of the 2024-02-30 0 999 years days back next will".split()
)


@given(
    st.lists(WORDS, max_size=12).map(" ".join), st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))
)
def test_any_question_has_a_past_moment_or_none(query: str, now: datetime):
    found, stretch = as_of(query, now), span(query, now)
    assert found in (None, OVER, EVER) or datetime.fromisoformat(found) <= now
    assert stretch is None or datetime.fromisoformat(stretch[0]) < datetime.fromisoformat(stretch[1]) <= now


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str):
    as_of(text, NOW)
    span(text, NOW)


def test_no_moment_is_said_to_be_none():
    with pytest.raises(MementoError, match="no moment"):
        condition("some day", NOW)
    assert condition("2026-05-03", NOW)[1] == (day("2026-05-03"),) * 2
    assert condition("2026-05-03T02:00+02:00", NOW)[1] == (day("2026-05-03"),) * 2


@pytest.mark.parametrize(
    "query, ranked, counted",
    [
        ("Where did I live last month?", "Where did I live ?", "Where did I live ?"),
        ("Where was the meeting on 3 May 2024?", "Where was the meeting on 3 May 2024?", "Where was the meeting on ?"),
        ("Where did I use to live?", "Where did I live?", "Where did I live?"),
        ("Where did I live before I moved?", "Where did I live ?", "Where did I live ?"),
        ("yesterday", "yesterday", "yesterday"),
    ],
)
def test_what_says_when_is_no_word_to_look_for(query: str, ranked: str, counted: str):
    assert [" ".join(without_time(query, dates).split()) for dates in (False, True)] == [ranked, counted]
