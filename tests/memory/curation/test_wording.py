"""Texts are compared by what they say: spelling, case and slips aside, numbers and names never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.curation.comparing import same_text
from memento_desktop.memory.curation.wording import distance, names, plain, slips, typo, words

WORDS = st.text(alphabet="abcdefgh", min_size=0, max_size=9)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I'm allergic to nuts.", "i am ALLERGIC to nuts"),
        ("My favorite color", "my favourite colour"),
        ("on the 3rd of May", "on May 3"),
        ("at 9 am", "at 09:00"),
        ("two cats", "2 cats"),
        ("Don’t call “me”", 'do not call "me"'),
    ],
)
def test_two_ways_to_write_one_thing(one: str, other: str):
    assert plain(one) == plain(other)


@given(st.text(max_size=60))
def test_what_is_compared_is_compared_as_it_is(text: str):
    assert plain(plain(text)) == plain(text) or any(character.isdigit() for character in text) or "'" in text


@given(WORDS, WORDS)
def test_a_distance_is_one_of_both(a: str, b: str):
    assert distance(a, b, 9) == distance(b, a, 9)
    assert (distance(a, b, 9) == 0) == (a == b)


@given(WORDS, st.integers(0, 7))
def test_a_swap_is_one_slip(word: str, k: int):
    swapped = word[:k] + word[k + 1 : k + 2] + word[k : k + 1] + word[k + 2 :]
    assert distance(word, swapped, 9) <= 1


@pytest.mark.parametrize(("a", "b"), [("4471", "4472"), ("a4471", "a4472"), ("tea", "ten"), ("never", "fever"), ("not", "now")])
def test_numbers_short_words_and_negations_are_never_mistyped(a: str, b: str):
    assert not typo(a, b)


def test_a_slip_is_one_and_a_change_is_none():
    assert slips(words("the spare keys hang behind the blue door"), words("the spare kyes hang behind the bleu door")) is not None
    assert slips(words("my code is 12"), words("my code is 13")) is None
    assert same_text("The keys hang behind the door", "the keys hang behnid the door.") == "same"
    assert same_text("My neighbour Maria has the keys", "My neighbour Marie has the keys") == "doubt"
    assert same_text("Tom eats meat at parties", "Tom never eats meat at parties") == ""
    assert same_text("Flight 12 leaves from gate 4", "Flight 12 leaves from gate 5") == ""


def test_names_are_capitals_inside_a_sentence():
    assert names("My sister Anna lives in Lyon. She knows Tom.") == {"anna", "lyon", "tom"}
