"""What was said is found by words, by meaning and by when; each hit says why; nothing of another profile or of the trash is found."""

from __future__ import annotations

import math
import struct
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations import said as module
from memento_desktop.memory.conversations.said import CANDIDATES, SaidSearch
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History


def unit(*values: float) -> bytes:
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return struct.pack(f"<{len(values)}f", *(v / length for v in values))


@pytest.fixture
def conversations(bank: Bank) -> Conversations:
    return Conversations(bank)


@pytest.fixture
def search(bank: Bank) -> SaidSearch:
    return SaidSearch(bank)


def tell(conversations: Conversations, title: str, *lines: str, at: str | None = None) -> list[int]:
    session = conversations.begin(title)
    return conversations.fill(session, [("assistant" if n % 2 else "user", line, at) for n, line in enumerate(lines)])


def embed(bank: Bank, vectors: dict[str, bytes], dim: int = 2) -> int:
    """Gives each waiting message the vector of the first key that its passages hold; the last axis otherwise."""
    number, queue = Embeddings(bank).register("toy", "sha", dim), Windows(bank)
    other = unit(*[0.0] * (dim - 1), 1.0)
    while batch := queue.waiting(number):
        queue.store(
            number,
            [(item, [next((v for key, v in vectors.items() if key in part), other) for part in item.passages]) for item in batch],
        )
    return number


def found(search: SaidSearch, query: str, **how: object) -> list[int]:
    return [hit.message_id for hit in search.find(query, **how)]  # pyright: ignore[reportArgumentType]


def test_the_line_itself_comes_before_its_neighbours_and_each_says_why(search: SaidSearch, conversations: Conversations):
    before, line, after, other = tell(conversations, "Trip", "Where to?", "To Lyon, by train.", "When?", "On Friday at nine.")
    hits = {hit.message_id: hit for hit in search.find("the train to Lyon")}
    assert next(iter(hits)) == line
    assert set(hits) == {before, line, after}
    assert other not in hits
    assert (hits[line].terms, hits[line].around) == (("train", "lyon"), ())
    assert (hits[after].terms, hits[after].around) == ((), ("train", "lyon"))
    assert (hits[line].rank_text, hits[line].rank_vector, hits[line].similarity) == (1, None, None)
    assert (hits[line].title, hits[line].role, hits[line].text) == ("Trip", "assistant", "To Lyon, by train.")


def test_the_title_helps_to_find_a_line(search: SaidSearch, conversations: Conversations):
    tell(conversations, "Garden", "The fence is 12 metres long.")
    line = tell(conversations, "Kitchen", "The fence is 7 metres long.")[0]
    assert found(search, "how long is the kitchen fence?")[0] == line
    conversations.rename(conversations.message(line).session_id, "Cellar")
    assert found(search, "kitchen") == []
    assert found(search, "cellar") == [line]


def test_meaning_finds_what_words_do_not_and_a_message_is_as_near_as_its_nearest_passage(
    search: SaidSearch, conversations: Conversations, bank: Bank
):
    filler = "This sentence talks at some length about nothing in particular, as people do."
    line = tell(conversations, "t", f"{filler} My automobile is parked behind the old railway station at last. {filler}")[0]
    other = tell(conversations, "t", filler)[0]
    number = embed(bank, {"automobile": unit(1, 0)})
    hits = search.find("where is my car?", vector=unit(0.9, 0.1), embedder=number)
    assert [hit.message_id for hit in hits] == [line, other]
    assert hits[0].similarity == pytest.approx(0.9939, abs=1e-3)
    assert (hits[0].rank_text, hits[0].rank_vector) == (None, 1)


def test_what_waits_for_its_vector_is_found_by_words_and_is_neither_near_nor_far(
    search: SaidSearch, conversations: Conversations, bank: Bank
):
    tell(conversations, "t", "A tabby cat sleeps here.", "Yes, a cat.", "Something else entirely was said here as well.")
    number = embed(bank, {"cat": unit(1, 0)})
    fresh = tell(conversations, "t", "The tabby cat is called Minka.")[0]
    hits = search.find("tabby Minka", vector=unit(1, 0), embedder=number, weight=0.5)
    assert hits[0].message_id == fresh
    assert hits[0].similarity is None


def test_what_was_said_in_the_time_asked_about_is_preferred_and_nothing_else_is_lost(search: SaidSearch, conversations: Conversations):
    early = tell(conversations, "t", "I paid the plumber 80 euros.", at="2025-03-03T10:00:00Z")[0]
    late = tell(conversations, "t", "I paid the plumber 95 euros.", at="2025-06-03T10:00:00Z")[0]
    elsewhere = tell(conversations, "t", "We had soup for lunch.", at="2025-03-04T10:00:00Z")[0]
    march = ("2025-03-01T00:00:00.000000+00:00", "2025-04-01T00:00:00.000000+00:00")
    hits = search.find("what did I pay the plumber?", span=march)
    assert hits[0].message_id == early
    assert {hit.message_id for hit in hits} == {early, late, elsewhere}
    assert {hit.message_id for hit in hits if hit.in_time} == {early, elsewhere}
    assert found(search, "what did I pay the plumber?")[0] == late, "of two alike the newer one"


def test_trash_profiles_and_conversations_left_out_are_not_found(
    search: SaidSearch, conversations: Conversations, bank: Bank, history: History
):
    line = tell(conversations, "t", "A zebra crossing near the school.")[0]
    session = conversations.message(line).session_id
    bank.use("work")
    theirs = tell(conversations, "t", "A zebra at work, by the coffee machine.")[0]
    number = embed(bank, {"zebra": unit(1, 0)})
    how = {"vector": unit(1, 0), "embedder": number}
    assert found(search, "zebra", **how) == [theirs]
    bank.use("default")
    assert found(search, "zebra", **how) == [line]
    assert found(search, "zebra", without=(session,), **how) == []
    assert found(search, "zebra", roles=("assistant",), **how) == []
    conversations.trash(session)
    assert found(search, "zebra", **how) == []
    history.undo()
    assert found(search, "zebra", **how) == [line]
    conversations.purge(session)
    assert found(search, "zebra", **how) == []


def test_a_crowd_in_front_does_not_hide_what_may_be_found(search: SaidSearch, conversations: Conversations, bank: Bank):
    bank.use("theirs")
    tell(conversations, "t", *["zebra zebra"] * 300)
    bank.use("default")
    crowd = tell(conversations, "t", *["zebra zebra stands here for long enough to be a passage of its own"] * 300)
    line = tell(conversations, "t", "One zebra among very many other words that make this line a much longer one.")[0]
    number = embed(bank, {"zebra zebra": unit(1, 0), "One zebra": unit(0.5, 0.5)})
    left_out = (conversations.message(crowd[0]).session_id,)
    for how in ({}, {"vector": unit(1, 0), "embedder": number}):
        assert found(search, "zebra", without=left_out, **how) == [line]
        assert len(found(search, "zebra", limit=100, **how)) >= CANDIDATES


def test_conversations_are_found_as_wholes_by_their_best_line(search: SaidSearch, conversations: Conversations):
    best = tell(conversations, "Lyon", "The hotel in Lyon is called Bellecour.", "Noted.", "It costs 90 euros.")[0]
    tell(conversations, "Other", "A hotel somewhere, perhaps.", "Fine.")
    episodes = search.episodes("hotel Lyon", each=2)
    assert [episode.title for episode in episodes] == ["Lyon", "Other"]
    assert episodes[0].said[0].message_id == best
    assert episodes[0].score == episodes[0].said[0].score
    assert max(len(episode.said) for episode in episodes) <= 2
    assert len(search.episodes("hotel", limit=1)) == 1


@pytest.mark.parametrize("query", ["", "   ", "the of and", '"', "'; DROP TABLE message; --", "NEAR(a b)", "a AND OR NOT", "*", "said:x",
                                   "\0", "é" * 5000, "東"])  # fmt: skip
def test_any_query_is_safe(search: SaidSearch, conversations: Conversations, query: str):
    tell(conversations, "t", "something", "東京に住んでいます")
    search.find(query)
    search.episodes(query)


def test_scripts_without_spaces_are_found(search: SaidSearch, conversations: Conversations):
    line = tell(conversations, "t", "私は東京に住んでいます。")[0]
    tell(conversations, "t", "今日は雨です。")
    hits = search.find("東京")
    assert [hit.message_id for hit in hits] == [line]
    assert hits[0].terms == ("東京",)
    assert found(search, "京") == [line]


def test_a_common_word_is_not_searched_for_where_rarer_ones_cost_enough(
    search: SaidSearch, conversations: Conversations, monkeypatch: pytest.MonkeyPatch
):
    tell(conversations, "t", *[f"ordinary line {n}" for n in range(50)])
    line = tell(conversations, "t", "ordinary quokka")[0]
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    assert found(search, "ordinary quokka") == [line]
    assert len(found(search, "ordinary", limit=20)) == 20, "alone it is"


@pytest.mark.parametrize("limit", [0, 10**6])
def test_the_scan_finds_what_sqlite_vec_finds(
    search: SaidSearch, conversations: Conversations, bank: Bank, monkeypatch: pytest.MonkeyPatch, limit: int
):
    random = Random(3)
    lines = [f"This is line number {n} of a conversation. " * random.randint(1, 4) for n in range(400)]
    tell(conversations, "t", *lines)
    number, queue = Embeddings(bank).register("toy", "sha", 4), Windows(bank)
    truth: dict[int, float] = {}
    while batch := queue.waiting(number):
        made = [(item, [[random.gauss(0, 1) for _ in range(4)] for _ in item.passages]) for item in batch]
        queue.store(number, [(item, [unit(*v) for v in vectors]) for item, vectors in made])
        truth |= {item.message_id: max(v[0] / math.dist(v, [0] * 4) for v in vectors) for item, vectors in made}
    monkeypatch.setattr(module, "chunks", lambda *_: limit)  # pyright: ignore[reportUnknownLambdaType]
    near = module.nearness(bank, unit(1, 0, 0, 0), number)
    assert type(near) is (module._Scanned if limit else module._Listed)
    assert near is not None
    best = sorted(truth, key=lambda i: -truth[i])[:30]
    assert list(near.best(30)) == best
    assert near.best(30) == pytest.approx({i: truth[i] for i in best}, abs=1e-5)
    assert near.of([best[3], 10**9]) == pytest.approx({best[3]: truth[best[3]]}, abs=1e-5)
    assert len(near.best(10**6)) == 400


def test_without_vectors_numpy_is_not_imported(bank: Bank, monkeypatch: pytest.MonkeyPatch, conversations: Conversations):
    number = Embeddings(bank).register("toy", "sha", 2)
    assert module.nearness(bank, unit(1, 0), number) is None
    tell(conversations, "t", "a zebra")
    embed(bank, {"zebra": unit(1, 0)})
    for name in [name for name in sys.modules if name.split(".")[0] == "numpy"]:
        monkeypatch.delitem(sys.modules, name)
    assert isinstance(module.nearness(bank, unit(1, 0), number), module._Listed)
    assert "numpy" not in sys.modules


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6), st.text(max_size=30))
def test_every_hit_is_a_message_that_was_said_each_once_and_in_order(
    conversations: Conversations, search: SaidSearch, lines: list[str], query: str
):
    told = set(tell(conversations, "t", *lines))
    hits = search.find(query, 100)
    assert len({hit.message_id for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert conversations.message(hit.message_id).text == hit.text
        assert hit.terms or hit.around or hit.message_id not in told


def test_what_stands_further_up_has_never_a_later_rank_for_it(search: SaidSearch, conversations: Conversations):
    for title in ("Teeth", "Car", "Dog", "Trip"):
        tell(conversations, title, "The dentist is on Monday", "noted")
    hits = search.find("dentist")
    assert [hit.rank_text for hit in hits] == list(range(1, 9))
    assert [episode.title for episode in search.episodes("dentist")] == ["Trip", "Dog", "Car", "Teeth"]
