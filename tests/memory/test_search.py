"""Search finds by words and by meaning, says why, and leaves alone what is not in use."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory import embeddings as indexes
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import KINDS, Embeddings, nearest
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search, _fused, query_terms, z_scores
from memento_desktop.memory.times import EVER, OVER


def vector(*values: float) -> bytes:
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return struct.pack(f"<{len(values)}f", *(v / length for v in values))


@pytest.fixture
def search(bank: Bank) -> Search:
    return Search(bank)


def titles(search: Search, query: str, **how: object) -> list[str]:
    return [hit.title for hit in search.find(query, **how)]  # pyright: ignore[reportArgumentType]


def test_words_are_found_in_any_form_and_say_which(search: Search, memories: Memories):
    memories.keep("The spare keys are hidden in the garden shed.")
    memories.keep("Ruth drives to Lyon on Fridays.")
    hit = search.find("Where is the key of the shed?")[0]
    assert hit.title.startswith("The spare keys")
    assert set(hit.terms) == {"key", "shed"}
    assert (hit.rank_text, hit.rank_vector, hit.similarity) == (1, None, None)


def test_rare_words_weigh_more_than_common_ones(search: Search, memories: Memories):
    for n in range(20):
        memories.keep(f"Total of column number {n}")
    memories.keep("The quokka report")
    hits = search.find("total quokka")
    assert hits[0].title == "The quokka report"
    assert hits[0].coverage > 0.5 > hits[1].coverage


def test_coverage_is_the_share_of_the_query(search: Search, memories: Memories):
    memories.keep("Ruth's locker code is 4471.")
    assert search.find("What is Ruth's locker code?")[0].coverage == pytest.approx(1.0)
    assert search.find("Ruth")[0].coverage == pytest.approx(1.0)
    assert search.find("Ruth's unknown zeppelin")[0].coverage < 0.5


@pytest.mark.parametrize(
    "query",
    ["", "   ", "the of and", '"', "'; DROP TABLE memory; --", "NEAR(a b)", "a AND OR NOT", "*", "title:x", "\0", "日本語", "é" * 5000],
)
def test_any_query_is_safe(search: Search, memories: Memories, query: str):
    memories.keep("something")
    search.find(query)


def test_accents_and_other_scripts_are_found(search: Search, memories: Memories):
    memories.keep("Das Café in Lübeck öffnet um neun.")
    memories.keep("Ключ от гаража у Марты.")
    assert titles(search, "cafe lubeck")[0].startswith("Das Café")
    assert titles(search, "где ключ от гаража")[0].startswith("Ключ")


def test_what_is_not_in_use_is_not_found(search: Search, memories: Memories, bank: Bank):
    kept = memories.keep("zebra crossing")
    assert titles(search, "zebra")
    memories.trash(kept.id)
    assert titles(search, "zebra") == []
    memories.restore(kept.id)
    assert titles(search, "zebra")
    memories.edit(kept.id, "horse crossing")
    assert titles(search, "zebra") == []
    memories.purge(kept.id)
    assert titles(search, "horse") == []
    for path in bank.path.parent.glob("bank.sqlite*"):
        assert b"horse crossing" not in path.read_bytes()


def test_profiles_do_not_leak(bank: Bank):
    bank.use("work")
    Memories(bank).keep("zebra at work")
    bank.use("home")
    Memories(bank).keep("zebra at home")
    bank.use("work")
    assert [hit.title for hit in Search(bank).find("zebra")] == ["zebra at work"]


def test_meaning_finds_what_words_do_not(search: Search, memories: Memories, bank: Bank):
    memories.keep("The automobile is blue")
    memories.keep("Bananas are yellow")
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 3)
    vectors = {"The automobile is blue": vector(1, 0, 0), "Bananas are yellow": vector(0, 1, 0)}
    embeddings.store(number, [(item, vectors[item.text]) for item in embeddings.waiting(number)])
    hits = search.find("car", vector=vector(0.9, 0.1, 0), embedder=number)
    assert hits[0].title == "The automobile is blue"
    assert hits[0].similarity == pytest.approx(0.9939, abs=1e-3)
    assert (hits[0].rank_text, hits[0].rank_vector) == (None, 1)


def test_vector_search_is_exact_and_keeps_kinds_apart(search: Search, memories: Memories, bank: Bank):
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 4)
    with bank.writing():
        for n in range(200):
            memories.insert("case" if n % 2 else "fact", f"m{n}", f"m{n}", "active", "user")
    waiting = embeddings.waiting(number, 500)
    vectors = {item.memory_id: vector(math.cos(item.memory_id), math.sin(item.memory_id), 1, 0) for item in waiting}
    assert embeddings.store(number, [(item, vectors[item.memory_id]) for item in waiting]) == 200
    query = vector(1, 0, 1, 0)
    hits = search.find("", ("case",), 5, query, number, 1.0)
    assert {hit.kind for hit in hits} == {"case"}

    def cosine(one: bytes) -> float:
        return sum(a * b for a, b in zip(struct.unpack("<4f", one), struct.unpack("<4f", query), strict=True))

    best = sorted(
        (i for i in vectors if bank.one("SELECT kind FROM memory WHERE id = ?", i)["kind"] == "case"), key=lambda i: -cosine(vectors[i])
    )
    assert [hit.memory_id for hit in hits] == best[:5]
    assert hits[0].similarity == pytest.approx(cosine(vectors[best[0]]), abs=1e-4)


def remember_points(bank: Bank, count: int, profile: str = "default", near: float = 0.0) -> int:
    """Memories of three kinds with random vectors; `near` draws them to the first axis. Returns the embedder."""
    bank.use(profile)
    memories, r = Memories(bank), Random(count)
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 8)
    with bank.writing():
        for n in range(count):
            memories.insert(r.choice(("case", "fact", "lesson")), f"{profile} {n}", f"{profile} {n}", "active", "user")
    waiting = embeddings.waiting(number, count)
    embeddings.store(number, [(item, vector(near + r.gauss(0, 1), *(r.gauss(0, 1) for _ in range(7)))) for item in waiting])
    return number


def by_both(bank: Bank, number: int, monkeypatch: pytest.MonkeyPatch, profile: str = "default", most: int = 20) -> list[dict[int, float]]:
    """What sqlite-vec and the scan of its chunks find nearest to the first axis."""
    found: list[dict[int, float]] = []
    for large in (10**9, 1):
        monkeypatch.setattr(indexes, "LARGE", large)
        monkeypatch.setattr(indexes, "WORTH_IMPORTING", large)
        found.append(nearest(bank, number, vector(1, 0, 0, 0, 0, 0, 0, 0), range(len(KINDS)), profile, most))
    return found


def test_the_scan_of_a_large_index_finds_what_sqlite_vec_finds(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    number = remember_points(bank, 3500)  # more than one chunk of a kind
    memories, history = Memories(bank), History(bank)
    assert indexes._chunks(bank, number, [0, 1, 2]) > 3, "sqlite-vec keeps its chunks in another way now: large banks search slowly"
    for change in (None, "trash", "edit", "undo", "purge"):
        top = list(nearest(bank, number, vector(1, 0, 0, 0, 0, 0, 0, 0), [0], "default", 3))
        match change:
            case "trash":
                memories.trash(top[0])
            case "edit":
                memories.edit(top[1], "something else")
            case "undo":
                history.undo()
            case "purge":
                memories.purge(top[2])
            case _:
                pass
        index, scan = by_both(bank, number, monkeypatch)
        assert list(scan) == list(index)
        assert scan == pytest.approx(index, abs=1e-5)
        assert len(scan) == 60  # twenty of each kind
        assert list(scan.values()) == sorted(scan.values(), reverse=True)


def test_the_scan_sees_what_another_connection_wrote(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    number = remember_points(bank, 30)
    monkeypatch.setattr(indexes, "LARGE", 1)
    monkeypatch.setattr(indexes, "WORTH_IMPORTING", 1)
    other = Bank(bank.path)
    kept = Memories(other).keep("right on the axis")
    embeddings = Embeddings(other)
    embeddings.store(number, [(item, vector(1, 0, 0, 0, 0, 0, 0, 0)) for item in embeddings.waiting(number)])
    found = nearest(bank, number, vector(1, 0, 0, 0, 0, 0, 0, 0), range(len(KINDS)), "default", 5)
    assert next(iter(found.items())) == (kept.id, pytest.approx(1.0))
    Memories(other).trash(kept.id)
    other.close()
    assert kept.id not in nearest(bank, number, vector(1, 0, 0, 0, 0, 0, 0, 0), range(len(KINDS)), "default", 5)


def test_the_scan_looks_past_another_profile(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    number = remember_points(bank, 400, "theirs", near=5.0)
    assert remember_points(bank, 40, "ours", near=-2.0) == number
    index, scan = by_both(bank, number, monkeypatch, "ours", 5)
    assert list(scan) == list(index)
    assert len(scan) == 15
    assert {row["profile"] for i in scan for row in bank.rows("SELECT profile FROM memory WHERE id = ?", i)} == {"ours"}


def test_a_small_bank_is_searched_without_numpy(tmp_path: Path):
    """In a process of its own, since the tests import it."""
    script = (
        "import sys; from pathlib import Path; from memento_desktop.memory.bank import Bank; from tests.memory import test_search as t\n"
        f"bank = Bank(Path({str(tmp_path / 'small.sqlite')!r})); number = t.remember_points(bank, 30)\n"
        "hits = t.Search(bank).find('default', vector=t.vector(1, 0, 0, 0, 0, 0, 0, 0), embedder=number)\n"
        "assert hits and hits[0].similarity is not None\n"
        "print('numpy' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False, cwd=root)
    assert done.stdout.strip() == "False", done.stdout + done.stderr


def test_an_unknown_layout_of_the_index_is_left_to_sqlite_vec(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    number = remember_points(bank, 30)
    before = by_both(bank, number, monkeypatch)[0]
    monkeypatch.setattr(indexes, "LAYOUT", {*indexes.LAYOUT, "a_column_of_the_future"})
    monkeypatch.setattr(indexes, "_scan", None)
    assert by_both(bank, number, monkeypatch) == [before, before]


def test_an_edited_memory_goes_back_to_the_queue(memories: Memories, bank: Bank):
    kept = memories.keep("old")
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 2)
    item = embeddings.waiting(number)[0]
    memories.edit(kept.id, "new")
    assert embeddings.store(number, [(item, vector(1, 0))]) == 0
    assert [w.text for w in embeddings.waiting(number)] == ["new"]
    embeddings.store(number, [(w, vector(1, 0)) for w in embeddings.waiting(number)])
    assert embeddings.waiting_count(number) == 0
    memories.edit(kept.id, "newer")
    assert embeddings.waiting_count(number) == 1
    assert bank.rows(f"SELECT rowid FROM vector_{number}") == []


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_z_scores_are_centred_and_bounded(values: list[float]):
    scores = z_scores(values)
    assert len(scores) == len(values)
    assert sum(scores) == pytest.approx(0.0, abs=1e-3)


@given(st.text(max_size=200))
def test_query_terms_are_few_and_each_once(text: str):
    terms = query_terms(text)
    assert len(terms) == len(set(terms)) <= 24


def hold(bank: Bank, memory_id: int, start: str | None, end: str | None) -> None:
    with bank.change("owner", "validity") as change:
        change.touch(memory_id)
        bank.rows("UPDATE memory SET valid_from = ?, valid_to = ? WHERE id = ?", start, end, memory_id)


@pytest.fixture
def moved(bank: Bank, memories: Memories) -> tuple[int, int]:
    """Two homes, the first until 3 May 2024."""
    bern, basel = memories.keep("I live in Bern").id, memories.keep("I live in Basel").id
    hold(bank, bern, None, "2024-05-03T00:00:00.000000+00:00")
    hold(bank, basel, "2024-05-03T00:00:00.000000+00:00", None)
    return bern, basel


@pytest.mark.parametrize(
    "at, found",
    [(None, [1]), ("2024-05-02", [0]), ("2024-05-03", [1]), (OVER, [0]), (EVER, [0, 1]), ("2024-05-02T23:59:59+00:00", [0])],
)
@pytest.mark.parametrize("by_meaning", [False, True])
def test_what_holds_at_a_moment_is_found(
    search: Search, bank: Bank, moved: tuple[int, int], at: str | None, found: list[int], by_meaning: bool
):
    if by_meaning:
        embeddings = Embeddings(bank)
        number = embeddings.register("toy", "sha", 2)
        embeddings.store(number, [(item, vector(1, 0.1 * item.memory_id)) for item in embeddings.waiting(number)])
        hits = search.find("home", at=at, vector=vector(1, 0), embedder=number)
    else:
        hits = search.find("where do I live", at=at)
    assert sorted(hit.memory_id for hit in hits) == [moved[n] for n in found]
    assert {hit.memory_id for hit in search.look("live", moved, at=at)} == {moved[n] for n in found}


def test_a_hit_says_when_it_held(search: Search, moved: tuple[int, int]):
    held = {hit.memory_id: (hit.valid_from, hit.valid_to) for hit in search.find("live", at=EVER)}
    assert held == {moved[0]: (None, "2024-05-03T00:00:00.000000+00:00"), moved[1]: ("2024-05-03T00:00:00.000000+00:00", None)}


def test_cases_are_found_at_any_moment(search: Search, bank: Bank, memories: Memories):
    number = memories.insert("case", "Total of the zebra table", "Total of the zebra table", "active", "user")
    hold(bank, number, "2030-01-01", "2031-01-01")
    assert all(titles(search, "zebra table", at=at) for at in (None, "2020-01-01", OVER, EVER))


@pytest.mark.parametrize("large", [1, 10**9])
def test_the_nearest_that_holds_is_found_behind_many_that_do_not(bank: Bank, monkeypatch: pytest.MonkeyPatch, large: int):
    monkeypatch.setattr(indexes, "LARGE", large)
    memories, embeddings = Memories(bank), Embeddings(bank)
    number = embeddings.register("toy", "sha", 2)
    with bank.writing():
        for n in range(300):
            memories.insert("fact", f"m{n}", f"m{n}", "active", "user")
    embeddings.store(number, [(item, vector(300, item.memory_id)) for item in embeddings.waiting(number, 300)])
    bank.rows("UPDATE memory SET valid_to = '2020-01-01' WHERE id <= 290")
    hits = Search(bank).find("", (), 5, vector(1, 0), number, 1.0)
    assert [hit.memory_id for hit in hits] == [291, 292, 293, 294, 295]


def test_what_was_recorded_in_the_asked_span_is_preferred_and_no_more(search: Search, bank: Bank, memories: Memories):
    for n in range(8):
        memories.keep(f"The car was washed at place {n}")
    memories.keep("The car key is in the blue drawer")
    told = memories.keep("The car was washed at place nine").id
    bank.rows("UPDATE memory SET recorded_at = '2026-01-01T00:00:00.000000+00:00' WHERE id != ?", told)
    bank.rows("UPDATE memory SET recorded_at = '2026-05-13T10:00:00.000000+00:00' WHERE id = ?", told)
    week = ("2026-05-11T00:00:00.000000+00:00", "2026-05-18T00:00:00.000000+00:00")
    assert search.find("car washed")[0].memory_id != told
    first = search.find("car washed", span=week)[0]
    assert (first.memory_id, first.timely) == (told, True)
    assert search.find("blue drawer key", span=week)[0].title == "The car key is in the blue drawer"
    assert [hit.memory_id for hit in search.find("said", span=week)] == [told]  # no word helps: the span does
    bank.use("work")
    assert search.find("said", span=week) == []


def test_a_memory_that_waits_for_its_vector_is_neither_near_nor_far():
    fused = _fused([1, 2, 3], {1: 1.0, 2: 1.0, 3: 1.0}, {1: 0.9, 2: 0.1}, 0.4)
    assert fused[1] > fused[3] > fused[2]
    assert _fused([1, 2, 3], {1: 3.0, 2: 1.0}, {}, 0.4) == pytest.approx(_fused([1, 2, 3], {1: 3.0, 2: 1.0}, {}, 0.0))


def test_when_is_no_word_to_look_for(search: Search, memories: Memories, moved: tuple[int, int]):
    memories.keep("The filter is changed every month, the last time by Ruth")
    found = search.find("Where did I live last month?", at="2026-04-16T12:00:00+00:00")[0]
    assert (found.memory_id, found.coverage) == (moved[1], pytest.approx(1.0))
    found = search.find("Where did I live in March 2024?", at="2024-03-16T12:00:00+00:00")[0]
    assert (found.memory_id, found.coverage) == (moved[0], pytest.approx(1.0))
    memories.keep("The meeting of 3 May is in room 12")
    memories.keep("The meeting of 9 June is in room 14")
    assert search.find("Where was the meeting on 9 June?", at="2024-06-09T12:00:00+00:00")[0].title.endswith("14")
