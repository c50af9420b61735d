"""What no rule reads is compared and asked about, never merged or ended by itself."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.proposing import Proposer
from memento_desktop.memory.curation.review import Review
from memento_desktop.memory.curation.statements import read
from memento_desktop.memory.curation.suspecting import suspected
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def say(curator: Curator, text: str, day: int):
    return curator.remember(text, at=f"2026-05-{day:02d}T10:00:00+00:00")


@pytest.mark.parametrize(
    ("new", "old", "how"),
    [
        ("for the locker the magic digits, well, 4471", "My locker code is 4471", "duplicates"),
        ("for the locker the magic digits, well, 5512", "My locker code is 4471", "contradicts"),
        ("we've got the moving boxes stacked in our Porto place", "I live in Porto", "duplicates"),
        ("my name badge says Nordwind now, new desk and all", "I work at Acme", "contradicts"),
        ("Ruth can't be found under 079 555 01 22", "Tom's phone number is 078 555 43 21", ""),
        ("my brother's locker has those magic digits 5512", "My locker code is 4471", ""),
        ("we visited Porto once", "I live in Porto", ""),
        ("the weather is nice", "I live in Porto", ""),
        ("My sister's birthday is 3 May", "My brother's birthday is 3 May", ""),
    ],
)
def test_what_a_text_may_be_to_another(new: str, old: str, how: str):
    assert suspected(new, read(new, NOW), old, read(old, NOW)) == how


def test_at_most_two_questions_about_one_memory(curator: Curator):
    for n, tail in enumerate(("you know", "haha", "as ever", "mind the dog")):
        kept = say(curator, f"that magic number at the locker door was changed again to {4470 + n} {tail}", n + 1)
        assert kept.closed == ()
        assert len(kept.likely) <= 2


def test_what_the_rules_understand_stays_of_two_that_say_the_same(curator: Curator, review: Review, memories: Memories):
    known = say(curator, "My locker code is 4471", 1).memory
    say(curator, "for the locker at the gym downstairs the magic digits, well, 4471", 2)
    assert review.accept(review.items()[0]).memory.id == known.id
    assert [memory.id for memory in say(curator, "My locker code is 5512", 3).closed] == [known.id]


def test_what_held_before_and_again_is_told_of_both_times(curator: Curator, memories: Memories):
    """Bern, then Basel, then Bern again, the first time in words that no rule reads: merged, the first stretch is not lost."""
    first = say(curator, "our boxes stand in Bern", 2).memory
    between = say(curator, "I live in Basel", 5).memory
    curator.supersede(first.id, between.id, "2026-05-05T10:00:00+00:00")
    with curator.bank.writing():
        curator.bank.rows("UPDATE memory SET valid_to = NULL WHERE id = ?", first.id)  # nobody had said that it was over
    again = say(curator, "I live in Bern", 9).memory
    curator.merge(again.id, first.id)
    was = memories.get(first.id)
    assert (was.status, (was.valid_to or "")[:10]) == ("active", "2026-05-05")
    assert (memories.get(again.id).valid_from or "")[:10] == "2026-05-09"


def test_what_means_the_same_is_asked_where_there_are_vectors(curator: Curator, review: Review, bank: Bank):
    a = say(curator, "the bins are collected early Mondays", 1).memory
    b = say(curator, "rubbish truck comes early", 2).memory
    c = say(curator, "rubbish truck: early, loud", 3).memory
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 2)
    toy = {a.id: (1.0, 0.0), b.id: (0.8, 0.6), c.id: (0.0, 1.0)}
    assert (a.id, b.id) not in {(item.other and item.other.id, item.memory.id) for item in review.items()}
    embeddings.store(number, [(item, struct.pack("<2f", *toy[item.memory_id])) for item in embeddings.waiting(number)])
    asked = {(item.other.id, item.memory.id) for item in review.items() if item.other}
    assert (a.id, b.id) in asked
    assert (a.id, c.id) not in asked


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_what_was_deleted_in_words_that_no_rule_reads_is_not_proposed(curator: Curator, memories: Memories, proposer: Proposer, how: str):
    number = say(curator, "for the locker the magic digits, well, 4471", 1).memory.id
    curator.purge(number) if how == "purge" else memories.trash(number)
    assert curator.tombstones.unwanted("My locker code is 4471", read("My locker code is 4471", NOW))
    assert not curator.tombstones.unwanted("My locker code is 5512", read("My locker code is 5512", NOW))
