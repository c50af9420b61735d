"""What is said in a roundabout way is read as if it were said plainly; what only looks like a statement is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.curation.comparing import topic_words
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.roundabout.plainly import plainly
from memento_desktop.memory.curation.statements import read
from memento_desktop.memory.curation.wording import words
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAID = {
    "My gate code is 4471": [
        "It's 4471 now, my gate code", "4471, that's my gate code", "My gate code? 4471.", "My gate code changed. It's 4471 now.",
        "I've got a new gate code, it's 4471", "There's a new code for my gate: 4471", "my gate opens with 4471",
        "use 4471 to open my gate",
        "my gate code isn't 12 any more, it's 4471", "My gate code used to be 12, now it's 4471", "As for my gate code, it's 4471",
        "Just so you know, my gate code is 4471, in case you need it", "they changed my gate code to 4471",
        "my gate code is 4471, not 12",
    ],
    "Ruth's phone number is 079 555 01 22": [
        "You can reach Ruth on 079 555 01 22", "Ruth has a new number: 079 555 01 22", "Ruth's number is 079 555 01 22",
        "If you need Ruth, call 079 555 01 22", "Ruth changed her phone number to 079 555 01 22",
    ],
    "Tom's birthday is 3 May": [
        "Tom was born on 3 May", "Tom has his birthday on May 3rd", "On 3 May it's Tom's birthday", "Tom's bday is 3 May",
    ],
    "Anna's address is Lindenweg 4": ["Anna lives at Lindenweg 4", "You can find Anna at Lindenweg 4", "Anna has moved to Lindenweg 4"],
    "My favourite tea is oolong": [
        "The tea I love most is oolong", "Nothing beats oolong when it comes to tea", "Of all teas I like oolong best",
        "My go-to tea is oolong",
    ],
    "I live in Bern": [
        "Home is Bern now", "Bern is where I live", "We've settled in Bern", "Moved to Bern", "I no longer live in Basel but in Bern",
    ],
    "I work at Nordwind": [
        "Nordwind hired me", "The company I work for is Nordwind", "I switched jobs to Nordwind", "My employer is Nordwind",
    ],
    "I drive a Volvo": ["The car I drive is a Volvo", "I've got a new car: a Volvo", "My ride is a Volvo"],
    "Call me Sam": ["I'd like to be called Sam", "Everyone knows me as Sam", "Sam is what people call me", "I go by the name Sam"],
    "The spare keys are in the shed": [
        "I keep the spare keys in the shed", "You'll find the spare keys in the shed", "Spare keys: in the shed",
    ],
    "I prefer window seats": ["I'd rather have a window seat", "I like window seats best", "My seat preference is window"],
    "I'm allergic to nuts": ["Nuts give me hives", "I react badly to nuts", "One of my allergies is nuts"],
    "I like hiking": ["I'm a big fan of hiking", "Hiking is one of my hobbies", "I can't get enough of hiking"],
    "I speak German": ["I'm a native German speaker", "German is one of my languages", "I can speak German fluently"],
    "My team meeting is on Tuesday": ["My team meeting got pushed to Tuesday", "We have our team meeting on Tuesday"],
    "My shoe size is 42": ["I wear size 42 shoes", "In shoes I'm a 42"],
}  # fmt: skip


def told(text: str) -> set[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    return {(tuple(topic_words(one.topic)), one.values, one.holds) for one in read(text, NOW)}


@pytest.mark.parametrize(("plain", "said"), [(plain, said) for plain, ways in SAID.items() for said in ways])
def test_a_roundabout_way_says_the_same(plain: str, said: str):
    assert told(said) == told(plain)
    assert all(one.holds and not one.past for one in read(said, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "I know Tom", "I changed my mind, it's fine", "People call me at night", "Nobody calls me Sam", "I would like a Tesla",
        "I want to drive a Tesla", "Nordwind hired my sister", "Walnuts give my son hives", "For my birthday I want a bike",
        "The code I wrote is 200 lines", "I always take my time", "Chapter 4: The code", "Tom: 12 apples", "Set the oven to 200",
        "If I had a new code, it's 12", "I think my gate code is 12 now, maybe", "I wonder whether 12 opens my gate", "I live for jazz",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_left(text: str):
    assert read(text, NOW) == ()


def test_what_is_denied_is_denied_in_a_roundabout_way_too():
    assert told("I'm no longer a fan of jazz") == told("I don't like jazz")
    assert told("I don't go by Sam") != told("Call me Sam")


@given(st.sampled_from([said for ways in SAID.values() for said in ways]), st.booleans())
def test_values_are_copied_never_made(said: str, first: bool):
    """Whatever a rule makes of a sentence, no figure and no name comes in."""
    for plain in plainly(said, first):
        new = {word for word in words(plain) if any(map(str.isdigit, word))}
        assert new <= set(words(said))


@given(st.lists(st.sampled_from("my the code is now it's 12 , . ? - : new I have for Ruth's not but".split()), max_size=30))
def test_any_words_are_read_or_left(tokens: list[str]):
    text = " ".join(tokens)
    for one in read(text, NOW):
        assert one.values and text[one.piece.start : one.piece.end] == one.piece.text


def test_it_is_kept_word_for_word_and_found_by_the_plain_wording(curator: Curator, memories: Memories, search: Search):
    said = "Nothing beats oolong when it comes to tea"
    kept = curator.remember(said).memory
    assert (kept.body, kept.title) == (said, f"{said} (my favourite tea is oolong)")
    assert [hit.memory_id for hit in search.find("What is my favourite tea?", ("fact",))] == [kept.id]
    assert not curator.remember("Oolong is my favourite tea").new
    assert not curator.remember(said).new
    assert [memory.id for memory in curator.remember("My favourite tea is sencha").closed] == [kept.id]


def test_the_gate_code_may_be_mine_where_it_says_the_same_only(curator: Curator):
    mine = curator.remember("My gate code is 4471").memory
    assert not curator.remember("The gate code is 4471").new
    other = curator.remember("The gate code is 12")
    assert (other.new, other.closed, [memory.id for memory in other.likely]) == (True, (), [mine.id])
    note = curator.remember("gate code 99")
    assert {memory.id for memory in note.closed} == {mine.id, other.memory.id}
