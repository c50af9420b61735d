"""Conversations by what was typed so far."""

from __future__ import annotations

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.finding import Finder
from memento_desktop.memory.conversations.said import SaidSearch
from memento_desktop.memory.conversations.talks import Conversations


def finder(bank: Bank) -> tuple[Finder, dict[str, int]]:
    talks = Conversations(bank)
    numbers: dict[str, int] = {}
    for title, said in (("Trips", "the red van"), ("Garden", "a van for the trips"), ("Odd 100%_!", "nothing here")):
        numbers[title] = talks.begin(title)
        talks.add(numbers[title], "user", said)
        talks.add(numbers[title], "assistant", f"Yes: {said}.")
    return Finder(talks, SaidSearch(bank)), numbers


def test_a_title_goes_before_what_was_said_and_each_stands_once(bank: Bank) -> None:
    found = finder(bank)[0].find("trips")
    assert [one.session.title for one in found] == ["Trips", "Garden"]
    assert found[1].text == "a van for the trips" and found[1].n == 1


def test_half_a_word_is_found_where_it_stands(bank: Bank) -> None:
    found = finder(bank)[0].find("red va")
    assert found[0].session.title == "Trips" and found[0].text == "the red van"


def test_signs_of_the_search_language_are_text(bank: Bank) -> None:
    where = finder(bank)[0]
    assert [one.session.title for one in where.find("100%_!")] == ["Odd 100%_!"]
    assert where.find('"*" OR (') == []
    assert len(where.find("  ")) == 3


def test_the_trash_is_apart(bank: Bank) -> None:
    where, numbers = finder(bank)
    where.conversations.trash(numbers["Trips"])
    assert [one.session.title for one in where.find("van")] == ["Garden"]
    assert [one.session.title for one in where.find("van", trashed=True)] == ["Trips"]


def test_another_profile_sees_nothing_of_it(bank: Bank) -> None:
    finder(bank)
    other = Bank(bank.path, "other")
    try:
        assert Finder(Conversations(other), SaidSearch(other)).find("van") == []
    finally:
        other.close()
