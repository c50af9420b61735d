"""Vectors: long texts in passages, and a change of the embedder while search goes on."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.embeddings import Embeddings, Waiting
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import now
from memento_desktop.memory.search import Search


def point(text: str, dim: int = 4) -> bytes:
    """A toy vector: a text lies on the axis of its first letter."""
    return struct.pack(f"<{dim}f", *(float(ord(text[:1] or "x") % dim == n) for n in range(dim)))


@pytest.fixture
def embeddings(bank: Bank) -> Embeddings:
    return Embeddings(bank)


def embed(embeddings: Embeddings, number: int, dim: int = 4, limit: int = 256, batches: int = 1000) -> int:
    """Works the queue off as the app does, at most so many batches. Returns how many memories were embedded."""
    done = 0
    while batches and (batch := embeddings.waiting(number, limit)):
        done += embeddings.store(number, [(item, point(item.text, dim)) for item in batch])
        batches -= 1
    return done


def vectors(bank: Bank, number: int) -> int:
    return bank.one(f"SELECT count(*) AS n FROM vector_{number}")["n"]


def read_for(bank: Bank, query: str, memory: int, embedder: int | None = None, vector: bytes | None = None) -> int:
    number = bank.one(
        "INSERT INTO retrieval (query, policy, at, vector, embedder_id) VALUES (?,'kernel',?,?,?) RETURNING id",
        query, now(), vector, embedder,
    )["id"]  # fmt: skip
    bank.rows("INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown) VALUES (?,?,1,1,1)", number, memory)
    return number


# long texts


def test_a_long_memory_is_embedded_in_passages_and_found_by_each(bank: Bank, memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    long = memories.keep("a " * 600 + "b " * 600).id
    short = memories.keep("c").id
    batch = embeddings.waiting(number)
    assert {item.memory_id: item.chunks for item in batch} == {long: len(batch) - 1, short: 1}
    assert embeddings.store(number, [(item, point(item.text)) for item in batch]) == 2
    for letter in "ab":
        hits = Search(bank).find("", (), 5, point(letter), number, 1.0)
        assert (hits[0].memory_id, hits[0].similarity) == (long, pytest.approx(1.0))
        assert len({hit.memory_id for hit in hits}) == len(hits) == 2
    memories.edit(long, "now short")
    assert vectors(bank, number) == 1
    assert len(embeddings.waiting(number)) == 1


def test_half_of_the_passages_are_not_taken_for_all(memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    memories.keep("word " * 600)
    batch = embeddings.waiting(number, 1)
    assert len(batch) > 1  # the passages of a memory come together
    assert embeddings.store(number, [(batch[0], point("w"))]) == 0
    assert embeddings.waiting(number) == batch
    assert embeddings.store(number, [(item, point("w")) for item in batch]) == 1
    assert embeddings.store(number, [(item, point("w")) for item in batch]) == 0  # twice is once


def test_a_case_has_one_vector_however_long(bank: Bank, memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    memories.insert("case", "t", "word " * 600, "active", "user")
    assert len(embeddings.waiting(number)) == 1


def test_a_vector_that_does_not_fit_leaves_nothing_behind(bank: Bank, memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    memories.keep("word " * 600)
    batch = embeddings.waiting(number)
    with pytest.raises(Exception, match="imension"):
        embeddings.store(number, [(item, point("w") if n == 0 else bytes(8)) for n, item in enumerate(batch)])
    assert (vectors(bank, number), embeddings.waiting(number)) == (0, batch)
    assert embed(embeddings, number) == 1


def test_a_new_kind_goes_back_to_the_queue(bank: Bank, memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    kept = memories.keep("tea")
    embed(embeddings, number)
    with bank.change("owner", "kind") as change:
        change.touch(kept.id)
        bank.rows("UPDATE memory SET kind = 'preference' WHERE id = ?", kept.id)
        bank.index(kept.id)
    assert embed(embeddings, number) == 1
    hits = Search(bank).find("", ("preference",), 5, point("t"), number, 1.0)
    assert [hit.memory_id for hit in hits] == [kept.id]
    assert Search(bank).find("", ("fact",), 5, point("t"), number, 1.0) == []


# another embedder


def test_what_was_used_last_is_embedded_first_and_then_the_newest(bank: Bank, memories: Memories, embeddings: Embeddings):
    one, two, three, four = (memories.keep(text).id for text in ("one", "two", "three", "four"))
    read_for(bank, "q", two)
    read_for(bank, "q", one)
    number = embeddings.register("toy", "sha", 4)
    assert [item.memory_id for item in embeddings.waiting(number)] == [one, two, four, three]


def test_a_new_embedder_takes_over_while_search_goes_on(bank: Bank, memories: Memories, embeddings: Embeddings):
    for letter in "abc":
        memories.keep(f"{letter} zebra")
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    new = embeddings.register("toy", "new", 6)  # the same name, other weights, another dimension
    assert embeddings.current() == new
    assert embeddings.progress(new) == (0, 3)
    assert {hit.title for hit in Search(bank).find("zebra", vector=point("a", 6), embedder=new)} == {"a zebra", "b zebra", "c zebra"}
    embed(embeddings, new, 6, limit=1, batches=2)
    assert embeddings.progress(new) == (2, 3)
    assert embeddings.retire_others(new) == 0
    hits = Search(bank).find("zebra", vector=point("c", 6), embedder=new)
    assert [hit.title for hit in hits] == ["c zebra", "a zebra", "b zebra"]  # near, not known, far
    assert [hit.similarity for hit in hits] == [pytest.approx(1.0), None, pytest.approx(0.0, abs=1e-6)]
    assert vectors(bank, old) == 3
    embed(embeddings, new, 6)
    assert embeddings.retire_others(new) == 1
    assert (vectors(bank, old), vectors(bank, new)) == (0, 3)
    assert embeddings.retire_others(new) == 0
    assert bank.problems() == []


def test_switching_back_costs_nothing_before_the_end_and_everything_after(memories: Memories, embeddings: Embeddings):
    memories.keep("a")
    memories.keep("b")
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    new = embeddings.register("other", "new", 6)
    embed(embeddings, new, 6, limit=1, batches=1)
    assert embeddings.register("toy", "old", 4) == old == embeddings.current()
    assert embeddings.progress(old) == (2, 2)
    assert embeddings.retire_others(new) == 0  # a process that still goes on with it
    assert embeddings.retire_others(old) == 1
    assert embeddings.register("other", "new", 6) == new
    assert embeddings.progress(new) == (0, 2)
    assert embed(embeddings, new, 6) == 2


def test_another_dimension_of_the_same_weights_is_refused(embeddings: Embeddings):
    embeddings.register("toy", "sha", 4)
    with pytest.raises(Exception, match="gives 6 numbers"):
        embeddings.register("toy", "sha", 6)


def test_edits_deletions_and_undo_meanwhile(bank: Bank, memories: Memories, embeddings: Embeddings):
    kept = [memories.keep(text).id for text in ("a one", "b two", "c three")]
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    new = embeddings.register("toy", "new", 4)
    batch = embeddings.waiting(new)
    memories.edit(kept[0], "d four")
    memories.trash(kept[1])
    memories.purge(kept[2])
    assert embeddings.store(new, [(item, point(item.text)) for item in batch]) == 0
    assert embed(embeddings, new) == 1
    assert vectors(bank, old) == 0  # each went with its text
    History(bank).undo()  # of the deletion
    assert [item.text for item in embeddings.waiting(new)] == ["b two"]
    assert embed(embeddings, new) == 1
    assert Search(bank).find("", (), 1, point("b two"), new, 1.0)[0].memory_id == kept[1]


def test_old_vectors_leave_no_trace_in_the_file(bank: Bank, memories: Memories, embeddings: Embeddings):
    memories.keep("a")
    secret = struct.pack("<4f", 0.1234567, 0.7654321, 0.1111111, 0.2222222)
    old = embeddings.register("toy", "old", 4)
    embeddings.store(old, [(item, secret) for item in embeddings.waiting(old)])
    assert bank.flush()
    assert secret in bank.path.read_bytes()
    new = embeddings.register("toy", "new", 4)
    embed(embeddings, new)
    assert embeddings.retire_others(new) == 1
    assert bank.flush()
    assert secret not in bank.path.read_bytes()


def test_past_queries_are_embedded_anew_before_the_old_vectors_go(bank: Bank, memories: Memories, embeddings: Embeddings):
    kept = memories.keep("a").id
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    same = [read_for(bank, 'Total of "x.csv"', kept, old, point("T")) for _ in range(2)]
    other, text_only = read_for(bank, "later", kept, old, point("l")), read_for(bank, "by words", kept)
    new = embeddings.register("toy", "new", 6)
    embed(embeddings, new, 6)
    assert embeddings.retire_others(new) == 0
    queries = embeddings.waiting_queries(new, 1)
    assert [(query.text, query.retrievals) for query in queries] == [("later", (other,))]
    assert embeddings.store_queries(new, [(query, point(query.text, 6)) for query in queries]) == 1
    queries = embeddings.waiting_queries(new)
    assert [(query.text, query.retrievals) for query in queries] == [("Total of …", tuple(same))]
    assert embeddings.store_queries(new, [(query, point(query.text, 6)) for query in queries]) == 2
    assert embeddings.retire_others(new) == 1
    known = {row["id"]: (row["vector"], row["embedder_id"]) for row in bank.rows("SELECT id, vector, embedder_id FROM retrieval")}
    assert known == {same[0]: (point("T", 6), new), same[1]: (point("T", 6), new), other: (point("l", 6), new), text_only: (None, None)}


def test_what_was_said_loses_its_old_vectors_too(bank: Bank, embeddings: Embeddings):
    talks, queue = Conversations(bank), Windows(bank)
    talks.add(talks.begin("Trip"), "user", "We go to Lyon.")
    old = embeddings.register("toy", "old", 4)

    def embed_said(number: int, dim: int) -> int:
        return queue.store(number, [(item, [point(text, dim) for text in item.passages]) for item in queue.waiting(number)])

    assert embed_said(old, 4) == 1
    new = embeddings.register("toy", "new", 6)
    assert embeddings.retire_others(new) == 1
    assert (queue.progress(old), queue.progress(new)) == ((0, 1), (0, 1))
    assert (embed_said(new, 6), embed_said(old, 4)) == (1, 1)


def test_the_head_that_was_trained_on_the_old_vectors_goes_with_them(bank: Bank, memories: Memories, embeddings: Embeddings):
    memories.keep("a")
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    for what, state in (
        ("neural", b"%d\nhead" % old),
        ("neural", b"%d1\nother" % old),
        ("standing", b"{}"),
    ):
        bank.rows("INSERT INTO learned (what, at, upto, digest, state) VALUES (?,'',0,'',?)", what, state)
    new = embeddings.register("toy", "new", 4)
    embed(embeddings, new)
    embeddings.retire_others(new)
    assert [row["state"] for row in bank.rows("SELECT state FROM learned ORDER BY id")] == [b"%d1\nother" % old, b"{}"]


def test_two_processes_share_the_work_and_a_late_one_does_no_harm(bank: Bank, memories: Memories, embeddings: Embeddings):
    for n in range(6):
        memories.keep(f"{n} text")
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    other_bank = Bank(bank.path)
    other = Embeddings(other_bank)
    new = embeddings.register("toy", "new", 6)
    assert other.current() == new == other.register("toy", "new", 6)
    mine, theirs = embeddings.waiting(new, 4), other.waiting(new, 4)
    assert embeddings.store(new, [(item, point(item.text, 6)) for item in mine]) == 4
    assert other.store(new, [(item, point(item.text, 6)) for item in theirs]) == 0
    assert embed(other, new, 6) == 2
    assert embeddings.retire_others(new) == 1
    assert Search(other_bank).find("text", vector=point("1"), embedder=old)  # it has not heard of it: by words
    late = Waiting(mine[0].memory_id, mine[0].content_hash, mine[0].text)
    assert other.store(old, [(late, point("x"))]) == 1
    assert embeddings.retire_others(new) == 1
    assert vectors(bank, new) == 6
    other_bank.close()


KILLED = """
import os, sys
from pathlib import Path
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.embeddings import Embeddings
from tests.memory.test_embeddings import point

bank = Bank(Path(sys.argv[1]))
embeddings = Embeddings(bank)
number = embeddings.register("toy", "new", 6)
batch = embeddings.waiting(number, 5)
print(embeddings.store(number, [(item, point(item.text, 6)) for item in batch]), flush=True)
rows, left = bank.rows, [8]

def dying(sql, *values):
    left[0] -= 1
    if not left[0]:
        os._exit(9)
    return rows(sql, *values)

bank.rows = dying
embeddings.store(number, [(item, point(item.text, 6)) for item in embeddings.waiting(number)])
"""


def test_what_is_killed_in_the_middle_goes_on_where_it_stopped(bank: Bank, memories: Memories, embeddings: Embeddings):
    for n in range(12):
        memories.keep(f"{n} text")
    old = embeddings.register("toy", "old", 4)
    embed(embeddings, old)
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(bank.path)], capture_output=True, text=True, timeout=60, check=False, cwd=root)
    assert (done.returncode, done.stdout.strip()) == (9, "5"), done.stderr
    new = embeddings.register("toy", "new", 6)
    assert embeddings.progress(new) == (5, 12)
    assert vectors(bank, new) == 5
    assert embed(embeddings, new, 6) == 7
    assert embeddings.retire_others(new) == 1
    assert bank.problems() == []


def test_what_waits_is_told_by_profile(bank: Bank, memories: Memories, embeddings: Embeddings):
    number = embeddings.register("toy", "sha", 4)
    memories.keep("a")
    bank.use("work")
    memories.keep("b")
    memories.keep("c")
    assert embeddings.waiting_by_profile(number) == {"default": 1, "work": 2}
    assert embeddings.waiting_count(number) == 3
