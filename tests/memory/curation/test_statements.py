"""Plain English statements are read by rule: topic, value, and since when; what states nothing is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.curation.moments import parsed
from memento_desktop.memory.curation.statements import Statement, read, right

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def one(text: str) -> Statement:
    found = read(text, NOW)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "topic", "values"),
    [
        ("my locker code is 4471", "code locker me", ("4471",)),
        ("4471 is my locker code", "code locker me", ("4471",)),
        ("Ruth's locker code is 4471", "code locker ruth", ("4471",)),
        ("the code of Ruth's locker is 4471.", "code locker ruth", ("4471",)),
        ("the code of the gate is 12", "code gate", ("12",)),
        ("The gate code is now 99", "code gate", ("99",)),
        ("My locker code has changed from 4471 to 5512", "code locker me", ("5512",)),
        ("I changed my locker code to 5512", "code locker me", ("5512",)),
        ("I live in Bern", "home me", ("bern",)),
        ("I've moved to Basel", "home me", ("basel",)),
        ("My sister lives in Lyon", "home me sister", ("lyon",)),
        ("I work at Alpine Robotics", "employer me", ("alpine robotics",)),
        ("Oolong is my favorite tea.", "favourite me tea", ("oolong",)),
        ("The tea I like best is oolong", "favourite me tea", ("oolong",)),
        ("My favuorite tea is oolong", "favourite me tea", ("oolong",)),
        ("Please call me Sam from now on.", "called me name", ("sam",)),
        ("I'm allergic to nuts, shellfish and pollen.", "allergy me", ("nuts", "shellfish", "pollen")),
        ("I have two kids", "child me number", ("2",)),
        ("I have a dog called Rex", "dog me name", ("rex",)),
        ("My dog's name is Rex", "dog me name", ("rex",)),
        ("I prefer window seats", "me prefers seats", ("window",)),
        ("I prefer tea to coffee", "coffee me prefers tea", ("tea",)),
        ("Always answer in German", "answer language rule", ("german",)),
        ("I was born on 3 May 1990", "birthday me", ("3 may 1990",)),
        ("My mum's mobile is 079 123 45 67", "me mother phone", ("079 123 45 67",)),
        ("my name's Sam", "me name", ("sam",)),
        ("My dentist appointment moved to Friday", "appointment dentist me", ("friday",)),
        ("I use Firefox as my browser", "browser me", ("firefox",)),
        ("The spare keys are hidden in the garden shed", "key place spare", ("in garden shed",)),
    ],
)
def test_what_is_said_of_what(text: str, topic: str, values: tuple[str, ...]):
    found = one(text)
    assert (found.topic, found.values, found.holds) == (topic, values, True)


@pytest.mark.parametrize(
    ("text", "topic", "value"),
    [
        ("I no longer live in Bern", "home me", "bern"),
        ("I don't like coffee any more", "likes me", "coffee"),
        ("I can't stand coffee", "likes me", "coffee"),
        ("I'm not vegetarian any more", "diet me", "vegetarian"),
        ("I stopped playing chess", "me plays", "chess"),
        ("Never use bullet points", "rule", "use bullet points"),
    ],
)
def test_what_does_not_hold(text: str, topic: str, value: str):
    found = one(text)
    assert (found.topic, found.values, found.holds) == (topic, (value,), False)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("I've lived in Bern since 3 May 2021", "2021-05-03", None),
        ("I live in Bern since May", "2026-05-01", None),
        ("I moved to Bern last week", "2026-11-09", None),
        ("I lived in Bern until May 2024", None, "2024-06-01"),
        ("I lived in Bern until 3 May", None, "2026-05-04"),
        ("I live in Bern until 3 May", None, "2027-05-04"),
        ("I used to work at Acme from 2019 to 2021", "2019-01-01", "2022-01-01"),
        ("From 1 December my gate code is 99", "2026-12-01", None),
        ("I worked at Acme in 2019", "2019-01-01", "2020-01-01"),
    ],
)
def test_since_when_and_until_when(text: str, since: str | None, until: str | None):
    found = one(text)
    assert ((found.since or "")[:10] or None, (found.until or "")[:10] or None) == (since, until)


@pytest.mark.parametrize(
    "text",
    [
        "Is my locker code 12?", "What is my code?", "If I lived in Bern, I would swim more", "I might move to Bern",
        "I wish I lived in Bern",
        "Ann says my locker code is 12", "Ann says she lives in Bern", "It is 12", "Perhaps my code is 12", "Imagine my home is in Oslo",
        "I'm used to living in Bern", "", "   ", "...", "31 is 31", "Meine Adresse ist Bern",
    ],
)  # fmt: skip
def test_what_states_nothing_of_the_owner(text: str):
    assert read(text, NOW) == ()


def test_a_sentence_of_several_clauses():
    found = read("I'm 35 years old, live in Seattle, and my gate code is 12. I drive a Volvo!", NOW)
    assert [(s.topic, s.values[0]) for s in found] == [
        ("age me", "35"),
        ("home me", "seattle"),
        ("code gate me", "12"),
        ("car me", "volvo"),
    ]


def test_mistyped_words_are_put_right_for_reading_only():
    text = "I lvie in Bern now"
    found = read(text, NOW)
    assert [s.topic for s in found] == ["home me"]
    assert right(text, found) == "I live in Bern now"
    assert one("I live in Bern").right == ""


@given(st.text(max_size=120))
def test_any_text_is_read_or_left(text: str):
    for found in read(text, NOW):
        assert found.values
        assert text[found.piece.start : found.piece.end] == found.piece.text
        assert all(parsed(moment).tzinfo for moment in (found.since, found.until) if moment)
