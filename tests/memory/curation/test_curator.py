"""What the owner says is kept once, ends what it contradicts, and can be taken back whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.curator import Curator, Kept
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Source
from memento_desktop.memory.search import Search


def say(curator: Curator, text: str, day: int, **how: object) -> Kept:
    return curator.remember(text, at=f"2026-05-{day:02d}T10:00:00+00:00", **how)  # pyright: ignore[reportArgumentType]


def titles(search: Search, query: str, at: str | None = None) -> list[str]:
    return [hit.title for hit in search.find(query, ("fact",), 5, at=at)]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("My locker code is 4471", "my locker code is 4471."),
        ("My locker code is 4471", "The code of my locker is 4471"),
        ("My favourite tea is oolong", "Oolong is my favorite tea!"),
        ("I live in Bern", "I moved to Bern"),
        ("I'm allergic to nuts and shellfish", "I am allergic to shellfish"),
        ("The spare keys hang behind the blue door", "the spare keys hang behind the bleu door"),
        ("Mein Schlüssel liegt im Schuppen", "mein Schlüssel liegt im Schuppen."),
    ],
)
def test_what_is_said_again_is_not_kept_twice(curator: Curator, memories: Memories, first: str, again: str):
    kept = say(curator, first, 1)
    known = say(curator, again, 2, source=Source("message:7", again))
    assert (kept.new, known.new, known.memory.id) == (True, False, kept.memory.id)
    assert memories.count() == 1
    assert Source("message:7", again) in memories.sources(kept.memory.id)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("My locker code is 4471", "My locker code is 5512"),
        ("I live in Bern", "I moved to Basel"),
        ("I like coffee", "I don't like coffee any more"),
        ("I work at Acme", "I have a new job at Nordwind"),
        ("My favourite tea is oolong", "Sencha is my favourite tea"),
        ("Always use metric units", "Never use metric units"),
    ],
)
def test_a_newer_statement_ends_the_older_one(
    curator: Curator, memories: Memories, history: History, search: Search, first: str, then: str
):
    old = say(curator, first, 1).memory
    kept = say(curator, then, 3)
    assert [memory.id for memory in kept.closed] == [old.id]
    assert kept.closed[0].valid_to == kept.memory.valid_from == "2026-05-03T10:00:00.000000+00:00"
    assert titles(search, f"{first} {then}") == [then]
    assert titles(search, f"{first} {then}", at="2026-05-02T00:00:00+00:00") == [first]
    history.undo()
    assert memories.get(old.id) == old
    assert memories.count() == 1


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("My locker code is 4471", "Ruth's locker code is 5512"),
        ("I like tea", "I like coffee"),
        ("My sister lives in Lyon", "I live in Bern"),
        ("My car is red", "My car is fast"),
        ("I'm allergic to nuts", "I'm allergic to pollen"),
        ("My sister is called Anna", "My sister is called Beth"),
        ("My bike is in the shed", "My car is in the shed"),
        ("My phone number is 079 555 01 22", "My phone is broken"),
        ("My phone number is 079 555 01 22", "My phone is in the kitchen"),
        ("My code is 4471", "My code is compiling"),
        ("I live in Bern", "I live in a small flat"),
        ("I live in Bern", "I live in Switzerland"),
        ("I work at Acme", "I work at night"),
        ("I work as a nurse", "I became a father"),
        ("I study physics", "I study at ETH"),
        ("Call me Sam", "Call me tomorrow at five"),
        ("Call me Sam", "I go by train"),
        ("Call me Sam", "I'm called in for duty"),
        ("I drive a Volvo", "I drive a lot"),
        ("I'm 35", "I'm 5 minutes late"),
        ("My sister is a nurse", "My sister is tall"),
        ("My car is a Volvo", "My car is in the garage"),
        ("The gate code is 12", "The gate is open"),
        ("I like tea", "My brother doesn't like tea"),
        ("My birthday is 3 May", "My sister's birthday is 4 May"),
        ("I don't live in Bern", "I live in Basel"),
    ],
)
def test_what_has_nothing_to_do_with_it_stays(curator: Curator, memories: Memories, first: str, then: str):
    say(curator, first, 1)
    kept = say(curator, then, 2)
    assert (kept.new, kept.closed) == (True, ())
    assert memories.count() == 2


def test_the_past_ends_nothing_that_holds_but_says_since_when_it_does(curator: Curator, memories: Memories, search: Search):
    now = say(curator, "I live in Basel", 1).memory
    kept = say(curator, "I lived in Bern until May 2024", 2)
    assert kept.closed == ()
    assert kept.memory.valid_to == memories.get(now.id).valid_from == "2024-06-01T00:00:00.000000+00:00"
    assert titles(search, "Where did I live, Bern or Basel?", at="2024-03-15T00:00:00+00:00") == ["I lived in Bern until May 2024"]
    assert titles(search, "Where do I live, Bern or Basel?") == ["I live in Basel"]


def test_an_end_that_is_told_later_takes_the_place_of_what_held(curator: Curator, memories: Memories):
    old = say(curator, "I live in Bern", 1, source=Source("message:1", "I live in Bern")).memory
    kept = say(curator, "I lived in Bern until May 2024", 2)
    assert memories.get(old.id).status == "superseded"
    assert memories.get(old.id).superseded_by == kept.memory.id
    assert Source("message:1", "I live in Bern") in memories.sources(kept.memory.id)


def test_a_beginning_in_the_future_leaves_the_old_until_then(curator: Curator, search: Search):
    old = say(curator, "My gate code is 12", 1).memory
    kept = say(curator, "From 1 June 2030 my gate code is 99", 2)
    assert [(m.id, (m.valid_to or "")[:10]) for m in kept.closed] == [(old.id, "2030-06-01")]
    assert titles(search, "gate code") == ["My gate code is 12"]


def test_what_was_edited_by_hand_is_put_to_the_owner(curator: Curator, memories: Memories):
    old = say(curator, "My gate code is 12", 1).memory
    memories.edit(old.id, "My gate code is 13")
    kept = say(curator, "My gate code is 99", 2)
    assert kept.closed == ()
    assert [memory.id for memory in kept.likely] == [old.id]
    assert memories.get(old.id).valid_to is None


def test_only_the_part_that_is_over_ends(curator: Curator, history: History, memories: Memories):
    say(curator, "I'm allergic to nuts, shellfish and pollen", 1, source=Source("message:1", "I'm allergic to nuts, shellfish and pollen"))
    kept = say(curator, "I'm no longer allergic to nuts", 2)
    assert [memory.body for memory in kept.rest] == ["I'm allergic to shellfish and pollen"]
    assert memories.sources(kept.rest[0].id) == [Source("message:1", "I'm allergic to nuts, shellfish and pollen")]
    say(curator, "I live in Bern and my gate code is 12", 3)
    assert [memory.body for memory in say(curator, "I moved to Basel", 4).rest] == ["My gate code is 12"]
    history.undo()
    history.undo()
    history.undo()
    assert [memory.body for memory in memories.list()] == ["I'm allergic to nuts, shellfish and pollen"]


def test_a_name_that_may_be_mistyped_waits(curator: Curator):
    say(curator, "My boss is Maria", 1)
    kept = say(curator, "My boss is Marie", 2)
    assert (kept.memory.status, kept.closed, [m.body for m in kept.likely]) == ("proposed", (), ["My boss is Maria"])


def test_back_to_an_earlier_value_is_a_new_statement(curator: Curator, search: Search):
    say(curator, "I live in Bern", 1)
    say(curator, "I moved to Basel", 2)
    assert say(curator, "I live in Bern", 3).new
    assert titles(search, "I live in Bern or Basel") == ["I live in Bern"]
    assert titles(search, "I live in Bern or Basel", at="2026-05-02T12:00:00+00:00") == ["I moved to Basel"]


def test_texts_that_no_rule_reads_are_asked_about_never_changed(curator: Curator, memories: Memories):
    first = say(curator, "for the locker you have to punch in code 4471", 1).memory
    kept = say(curator, "for the locker you have to punch in code 5512", 2)
    assert (kept.closed, [memory.id for memory in kept.likely]) == ((), [first.id])
    assert memories.get(first.id) == first


def test_profiles_do_not_see_each_other(curator: Curator, bank: Bank, memories: Memories):
    say(curator, "My locker code is 4471", 1)
    bank.use("work")
    kept = say(curator, "My locker code is 5512", 2)
    assert (kept.new, kept.closed) == (True, ())
    bank.use("default")
    assert memories.list()[0].valid_to is None


@pytest.mark.parametrize(("text", "how"), [("", {}), ("  \n", {}), ("My code is 1", {"at": "soon"}), ("My code is 1", {"kind": "case"})])
def test_bad_input_is_refused_and_leaves_no_trace(curator: Curator, memories: Memories, history: History, text: str, how: dict[str, str]):
    with pytest.raises(MementoError):
        curator.remember(text, **how)  # pyright: ignore[reportArgumentType]
    assert (memories.count(), history.list()) == (0, [])


def test_merging_keeps_the_sources_and_is_undone_whole(curator: Curator, memories: Memories, history: History):
    a = curator.remember("The keys are with Tom", source=Source("message:1", "keys")).memory
    b = curator.remember("Tom from next door keeps our spare set", source=Source("message:2", "spare set")).memory
    curator.pin(b.id)
    kept = curator.merge(a.id, b.id)
    assert kept.pinned
    assert memories.sources(a.id) == [Source("message:1", "keys"), Source("message:2", "spare set")]
    assert (memories.get(b.id).status, memories.get(b.id).superseded_by) == ("superseded", a.id)
    history.undo()
    assert (memories.sources(a.id), memories.get(b.id).status) == ([Source("message:1", "keys")], "active")
    with pytest.raises(MementoError, match="itself"):
        curator.merge(a.id, a.id)


def test_order_by_hand(curator: Curator, memories: Memories, history: History, search: Search):
    number = curator.remember("My gym is Puls 5").memory.id
    assert curator.pin(number).pinned
    assert not curator.pin(number, False).pinned
    assert curator.set_kind(number, "instruction").always_on
    assert not curator.set_kind(number, "fact").always_on
    closed = curator.close(number, "2026-05-03")
    assert closed.valid_to is not None
    assert titles(search, "gym") == []
    assert curator.archive(number).status == "archived"
    with pytest.raises(MementoError, match="pinned"):
        curator.pin(number)
    for _ in range(6):
        history.undo()
    assert memories.get(number).body == "My gym is Puls 5"
    with pytest.raises(MementoError, match="not a moment"):
        curator.close(number, "yesterday-ish")


def test_what_belongs_to_a_pool_is_left_alone(curator: Curator, bank: Bank, memories: Memories):
    theirs = memories.keep("My locker code is 4471")
    with bank.writing():
        bank.rows("UPDATE memory SET pool = 'club' WHERE id = ?", theirs.id)
    assert say(curator, "My locker code is 5512", 2).closed == ()
    with pytest.raises(MementoError, match="shared pool"):
        curator.close(theirs.id)


SAID = st.lists(
    st.sampled_from(
        [
            "My locker code is 4471", "My locker code is 5512 now", "the code of my locker is 4471", "I live in Bern", "I moved to Basel",
            "I lived in Bern until 2024", "I no longer live in Basel", "I'm allergic to nuts and pollen", "I'm no longer allergic to nuts",
            "My boss is Maria", "My boss is Marie", "the keys are under a stone somewhere", "The keys are undre a stone somewhere",
            "I live in Bern and my locker code is 12", "I like tea", "I don't like tea any more",
        ]
    ), min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(said=SAID)
def test_whatever_was_said_undo_takes_back_to_the_letter(tmp_path_factory: pytest.TempPathFactory, said: list[str]):
    bank = Bank(tmp_path_factory.mktemp("undo") / "bank.sqlite")
    bank.rows("PRAGMA synchronous=OFF")
    memories = Memories(bank)
    curator, history = Curator(bank, memories, Search(bank)), History(bank)
    states: list[list[dict[str, object] | None]] = []
    for day, text in enumerate(said, 1):
        before = _state(bank)
        say(curator, text, day)
        if _state(bank) != before:
            states.append(before)
    for before in reversed(states):
        history.undo()
        assert _state(bank) == before
    assert bank.problems() == []
    bank.close()


def _state(bank: Bank) -> list[dict[str, object] | None]:
    return [bank.snapshot(row["id"]) for row in bank.rows("SELECT id FROM memory ORDER BY id")]


@pytest.mark.parametrize(
    "text", ["The boiler was serviced in March", "The flat was painted last year", "The car's tyres were changed in May"]
)
def test_what_happened_once_does_not_cease_to_have_happened(curator: Curator, text: str):
    assert say(curator, text, 9).memory.valid_to is None


@pytest.mark.parametrize("text", ["My bike was red", "My hotel was called Astoria", "My locker code was 4471"])
def test_what_was_so_is_over(curator: Curator, text: str):
    assert say(curator, text, 9).memory.valid_to is not None


@pytest.mark.parametrize("text", ["My passport expires in June 2031", "The garden hose is in the cellar", "My wine is in the rack"])
def test_a_word_that_is_right_is_not_put_right(curator: Curator, text: str):
    assert say(curator, text, 9).memory.title == text
