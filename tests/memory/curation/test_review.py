"""The review shows what waits with its reason, does what it says, and does not ask twice."""

from __future__ import annotations

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.review import Review
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Source


def shown(review: Review, at: str | None = None) -> list[tuple[str, int, int | None]]:
    return [(item.what, item.memory.id, item.other.id if item.other else None) for item in review.items(at=at)]


def test_an_empty_bank_asks_nothing(review: Review):
    assert (review.items(), review.count()) == ([], 0)
    with pytest.raises(MementoError, match="no memory 7"):
        review.item(7)


def test_a_proposal_says_where_it_comes_from(review: Review, memories: Memories, bank: Bank):
    number = memories.keep("The gate code is 12", origin="import", status="proposed").id
    with bank.change("assistant", "source") as change:
        change.touch(number)
        memories.add_source(number, Source("notes.md", "gate code: 12"))
    item = review.items()[0]
    assert (item.what, item.memory.id, item.quote, item.ref, item.reason) == (
        "proposed",
        number,
        "gate code: 12",
        "notes.md",
        "it was imported from notes.md",
    )


def test_a_refused_proposal_goes_to_the_trash_and_comes_back_by_undo(review: Review, memories: Memories, history: History):
    number = memories.keep("The gate code is 12", origin="assistant", status="proposed").id
    review.reject(review.item(number))
    assert (memories.get(number).status, review.items()) == ("trashed", [])
    history.undo()
    assert shown(review) == [("proposed", number, None)]


def test_an_accepted_proposal_that_is_known_adds_its_source(review: Review, memories: Memories, curator: Curator, bank: Bank):
    known = curator.remember("My gate code is 12").memory.id
    number = memories.keep("The code of my gate is 12", origin="assistant", status="proposed").id
    with bank.change("assistant", "source") as change:
        change.touch(number)
        memories.add_source(number, Source("message:3", "the code of my gate is 12"))
    assert f"{known} says it already" in review.item(number).effect
    kept = review.accept(review.item(number))
    assert (kept.new, kept.memory.id) == (False, known)
    assert memories.sources(known) == [Source("message:3", "the code of my gate is 12")]


def test_a_proposal_in_the_owners_own_words(review: Review, memories: Memories, curator: Curator):
    old = curator.remember("My gate code is 12", at="2020-01-01T00:00:00+00:00").memory.id
    number = memories.keep("Gate opens with something", origin="assistant", status="proposed").id
    kept = review.edit(review.item(number), "My gate code is 99")
    assert (kept.memory.status, kept.memory.user_edited, [m.id for m in kept.closed]) == ("active", True, [old])


def test_a_conflict_with_an_edited_memory(review: Review, memories: Memories, curator: Curator, history: History):
    old = curator.remember("My gate code is 12").memory.id
    memories.edit(old, "My gate code is 13")
    new = curator.remember("My gate code is 99").memory.id
    assert shown(review) == [("conflict", new, old)]
    review.accept(review.items()[0])
    assert memories.get(old).valid_to is not None
    assert review.items() == []
    history.undo()
    assert (memories.get(old).valid_to, shown(review)) == (None, [("conflict", new, old)])
    review.reject(review.items()[0])
    assert (memories.get(old).valid_to, review.items()) == (None, [])
    assert review.again() == 1
    assert shown(review) == [("conflict", new, old)]


def test_a_spelling_that_is_right_takes_the_place_of_the_other(review: Review, memories: Memories, curator: Curator):
    old = curator.remember("My boss is Maria").memory.id
    new = curator.remember("My boss is Marie").memory.id
    assert shown(review) == [("proposed", new, old)]
    review.accept(review.item(new))
    assert (memories.get(new).status, memories.get(old).status, review.items()) == ("active", "superseded", [])


def test_likely_duplicates_nobody_noticed_are_merged(review: Review, memories: Memories):
    a = memories.keep("Tom from next door keeps our spare set").id
    b = memories.keep("Tom from next door keeps our spare set of keys").id
    memories.keep("The bins are emptied on Monday")
    assert shown(review) == [("duplicate", b, a)]
    review.accept(review.items()[0])
    assert (memories.get(b).status, memories.get(a).superseded_by) == ("active", b)


def test_a_refused_duplicate_is_not_suggested_again(review: Review, memories: Memories):
    memories.keep("Tom from next door keeps our spare set")
    memories.keep("Tom from next door keeps our spare set of keys")
    review.reject(review.items()[0])
    assert review.items() == []


def test_what_is_long_over_may_be_put_aside(review: Review, memories: Memories, curator: Curator, history: History):
    over = curator.remember("My gate code is 12", at="2019-01-01T00:00:00+00:00").memory.id
    curator.close(over, "2020-01-01")
    dated = curator.remember("The gala takes place on 4 June 2019", at="2019-01-01T00:00:00+00:00").memory.id
    curator.remember("Tom was born on 4 June 1990", at="2019-01-01T00:00:00+00:00")
    curator.remember("My rent is 1200", at="2019-01-01T00:00:00+00:00")
    assert [(what, number) for what, number, _ in shown(review)] == [("stale", over), ("stale", dated)]
    review.accept(review.item(over))
    assert memories.get(over).status == "archived"
    history.undo()
    review.reject(review.item(over))
    assert [number for _, number, _ in shown(review)] == [dated]


def test_what_never_helped_is_asked_about(review: Review, memories: Memories, cases: Cases, bank: Bank):
    number = memories.keep("Bananas are berries").id
    for n in range(5):
        case = cases.begin(f"task {n}", "model")
        cases.finish(case, "done", "x", "", 1, 0.1, False)
        with bank.writing():
            bank.rows("INSERT INTO retrieval (task_case, query, policy, at) VALUES (?, 'q', 'similarity', '2026-01-01')", case)
            bank.rows(
                "INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown) SELECT max(id), ?, 1, 1, 1 FROM retrieval",
                number,
            )
        if n < 4:
            cases.reward(case, 0.0, "owner")
    assert review.items() == []  # four verdicts do not say enough
    cases.reward(case, 0.0, "owner")  # pyright: ignore[reportPossiblyUnboundVariable]
    assert shown(review) == [("unhelpful", number, None)]


def test_an_old_list_is_refused_once_the_memory_changed(review: Review, memories: Memories):
    number = memories.keep("The gate code is 12", origin="assistant", status="proposed").id
    item = review.item(number)
    memories.edit(number, "The gate code is 13")
    with pytest.raises(MementoError, match="has changed"):
        review.accept(item)


def test_a_profile_reviews_its_own(review: Review, memories: Memories, bank: Bank):
    number = memories.keep("The gate code is 12", origin="assistant", status="proposed").id
    bank.use("work")
    assert (review.items(), review.count()) == ([], 0)
    with pytest.raises(MementoError):
        review.item(number)


def test_a_proposal_from_an_imported_conversation_says_so(review: Review, memories: Memories, bank: Bank):
    """Rules found it there; no model drew it."""
    talks = Conversations(bank)
    (message,) = talks.fill(talks.begin("Moving house", origin="chatgpt"), [("user", "My gate code is 12", None)])
    number = memories.keep("My gate code is 12", origin="assistant", status="proposed").id
    with bank.change("assistant", "source") as change:
        change.touch(number)
        memories.add_source(number, Source(f"message:{message}", "My gate code is 12"))
    assert review.item(number).reason == "it stands in your words in the conversation “Moving house”, which was imported from chatgpt"


@pytest.mark.parametrize(("replaces", "said"), [(True, "the file says so now"), (False, "it was imported from out.jsonl")])
def test_a_passage_that_waits_says_whether_its_file_or_an_import_says_so(
    review: Review, memories: Memories, bank: Bank, replaces: bool, said: str
):
    old = memories.keep("The limit is 120", kind="document", origin="import").id
    number = memories.keep("The limit is 150", kind="document", origin="import", status="proposed").id
    with bank.change("assistant", "source") as change:
        change.touch(number)
        memories.add_source(number, Source("out.jsonl", "The limit is 150"))
        if replaces:
            bank.rows("INSERT INTO link VALUES (?, ?, 'supersedes')", number, old)
    assert review.item(number).reason == said
