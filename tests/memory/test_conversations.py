"""Conversations are kept word for word, belong to one profile, are undone as a whole, and leave nothing when they are purged."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import MOST, Windows, forget_task, passages, windows
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Source

UNIT = struct.pack("<2f", 1.0, 0.0)
TABLES = ("session", "message", "message_text", "message_embedding")


@pytest.fixture
def conversations(bank: Bank) -> Conversations:
    return Conversations(bank)


def embed(bank: Bank) -> int:
    """Gives every waiting message vectors. Returns the embedder."""
    number, queue = Embeddings(bank).register("toy", "sha", 2), Windows(bank)
    while batch := queue.waiting(number):
        assert queue.store(number, [(item, [UNIT] * len(item.passages)) for item in batch]) == len(batch)
    return number


def state(bank: Bank) -> dict[str, list[dict[str, Any]]]:
    return {table: bank.rows(f"SELECT rowid, * FROM {table} ORDER BY 1" if table == "message_text" else f"SELECT * FROM {table} ORDER BY 1")
            for table in TABLES}  # fmt: skip


def test_what_is_said_is_kept_in_order_with_its_windows(conversations: Conversations, bank: Bank):
    session = conversations.begin("Moving\nto Lyon", "2025-03-01T10:00:00+02:00")
    numbers = [conversations.add(session, "user" if n % 2 == 0 else "assistant", f"line {n}\n  as it was ") for n in range(3)]
    assert [(m.id, m.n, m.role, m.text) for m in conversations.messages(session)] == [
        (numbers[n], n + 1, "assistant" if n % 2 else "user", f"line {n}\n  as it was ") for n in range(3)
    ]
    found = conversations.get(session)
    assert (found.title, found.started_at, found.messages) == ("Moving", "2025-03-01T08:00:00.000000+00:00", 3)
    rows = bank.rows("SELECT rowid, said, near, title FROM message_text ORDER BY rowid")
    texts = [f"line {n}\n  as it was " for n in range(3)]
    assert [(row["rowid"], row["said"], row["near"], row["title"]) for row in rows] == [
        (number, *window) for number, window in zip(numbers, windows(texts, "Moving"), strict=True)
    ]
    assert rows[1]["near"] == f"{texts[0]}\n{texts[2]}"


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=40), max_size=5), max_size=5))
def test_piece_by_piece_gives_the_windows_of_the_whole(conversations: Conversations, bank: Bank, parts: list[list[str]]):
    grown, whole = conversations.begin("t"), conversations.begin("t")
    for part in parts:
        conversations.fill(grown, [("user", text, None) for text in part])
    conversations.fill(whole, [("user", text, None) for part in parts for text in part])
    rows = [
        bank.rows("SELECT m.text, f.said, f.near FROM message m JOIN message_text f ON f.rowid = m.id WHERE m.session_id = ?", session)
        for session in (grown, whole)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == sum(map(len, parts))


@pytest.mark.parametrize(("role", "at"), [("system", None), ("user", "yesterday")])
def test_bad_input_is_refused_and_loses_nothing(conversations: Conversations, bank: Bank, role: str, at: str | None):
    session = conversations.begin("kept")
    conversations.add(session, "user", "before")
    before = state(bank)
    with pytest.raises(MementoError):
        conversations.fill(session, [("user", "fine", None), (role, "not", at)])
    assert state(bank) == before
    with pytest.raises(MementoError, match="no conversation 99"):
        conversations.add(99, "user", "into the void")


def test_text_that_no_file_can_hold_does_not_break(conversations: Conversations):
    session = conversations.begin("\ud800")
    conversations.fill(session, [("user", "half \udfff a pair", None), ("assistant", "nul \0 inside", None), ("user", "", None)])
    assert [m.text for m in conversations.messages(session)] == ["half ? a pair", "nul \0 inside", ""]


def test_the_current_one_is_the_one_spoken_in_last_unless_that_is_long_ago(conversations: Conversations):
    assert conversations.current() is None
    long_ago = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    old = conversations.begin("old", long_ago)
    conversations.add(old, "user", "hello", long_ago)
    assert conversations.current() is None
    assert conversations.current(gap_minutes=300) == old
    first, second = conversations.begin("first"), conversations.begin("second")
    assert conversations.current() == second, "one that was only begun counts from its beginning"
    conversations.add(first, "user", "and one more thing")
    conversations.begin("from elsewhere", origin="chatgpt")
    assert conversations.current() == first
    conversations.trash(first)
    assert conversations.current() == second


def test_the_list_is_by_last_word_and_looks_into_titles_and_texts(conversations: Conversations):
    trip = conversations.begin("A trip")
    talk = conversations.begin("100% sure_thing")
    conversations.add(trip, "user", "To Lyon by train")
    assert [s.id for s in conversations.list()] == [trip, talk]
    assert [s.id for s in conversations.list(limit=1)] == [trip]
    assert [s.id for s in conversations.list(query="lyon")] == [trip]
    assert [s.id for s in conversations.list(query="0% sure_")] == [talk]
    assert conversations.list(query="%") == [conversations.get(talk)]
    assert conversations.list(query="__") == []


def test_an_import_is_undone_and_redone_as_a_whole(conversations: Conversations, bank: Bank, history: History):
    kept = conversations.begin("here before")
    conversations.add(kept, "user", "this stays")
    before = state(bank)
    with bank.change("owner", "import: chats.json"):
        for n in range(3):
            session = conversations.begin(f"imported {n}", "2024-01-01", "chatgpt", f"ref-{n}")
            conversations.fill(session, [("user", f"question {n}", "2024-01-01T10:00:00Z"), ("assistant", "answer", None)])
    after = state(bank)
    assert conversations.known("ref-1") is not None
    history.undo()
    assert state(bank) == before
    assert conversations.known("ref-1") is None
    history.redo()
    assert state(bank) == after


def test_renaming_and_deleting_are_undone_and_the_index_follows(conversations: Conversations, bank: Bank, history: History):
    session = conversations.begin("before")
    conversations.add(session, "user", "a zebra")
    embed(bank)
    first = state(bank)
    assert conversations.rename(session, "after").title == "after"
    assert bank.one("SELECT title FROM message_text")["title"] == "after"
    assert state(bank)["message_embedding"] == first["message_embedding"], "the vectors do not know of the title"
    history.undo()
    assert {**state(bank), "message_embedding": []} == {**first, "message_embedding": []}
    conversations.trash(session)
    assert state(bank)["message_text"] == []
    assert conversations.list() == []
    assert [s.id for s in conversations.list(trashed=True)] == [session]
    with pytest.raises(MementoError, match="in the trash"):
        conversations.add(session, "user", "more")
    history.undo()
    assert conversations.list()[0].title == "before"
    assert len(state(bank)["message_text"]) == 1
    with pytest.raises(MementoError):
        conversations.rename(session, "  ")


def test_an_undo_does_not_eat_what_was_said_since(conversations: Conversations, bank: Bank, history: History):
    with bank.change("owner", "import"):
        session = conversations.begin("imported")
    conversations.add(session, "user", "said afterwards")
    with pytest.raises(MementoError, match="went on"):
        history.undo()
    assert conversations.messages(session)[0].text == "said afterwards"


def test_a_purge_leaves_neither_text_nor_vectors_in_the_file(conversations: Conversations, memories: Memories, bank: Bank):
    gone, stays = conversations.begin("about the quagga"), conversations.begin("other")
    message = conversations.add(gone, "user", "The quagga sleeps in the shed.")
    conversations.add(stays, "user", "nothing of that")
    with bank.change("owner", "remember") as change:
        fact = memories.insert("fact", "animal", "There is an animal.", "active", "user")
        memories.add_source(fact, Source(f"message:{message}", "an animal"))
        change.created(fact)
    assert conversations.drawn(gone) == [fact]
    conversations.rename(gone, "the quagga again")
    number = embed(bank)
    assert len(bank.rows(f"SELECT rowid FROM window_{number}")) == 2
    conversations.purge(gone)
    assert [row["rowid"] // MOST for row in bank.rows(f"SELECT rowid FROM window_{number}")] == [message + 1]
    assert bank.problems() == []
    bank.flush()
    for path in bank.path.parent.glob("bank.sqlite*"):
        assert b"quagga" not in path.read_bytes()
    assert memories.get(fact).body == "There is an animal."
    with pytest.raises(MementoError, match="no conversation"):
        conversations.purge(gone)


def test_a_purged_task_takes_what_was_said_for_it_along(conversations: Conversations, bank: Bank, history: History):
    session = conversations.begin("t")
    conversations.add(session, "user", "before")
    conversations.add(session, "user", "Where is the quagga?", case_id=7)
    conversations.add(session, "assistant", "The quagga is in the shed.", case_id=7)
    conversations.add(session, "user", "after", case_id=77)
    embed(bank)
    conversations.trash(session)
    history.undo()
    with bank.writing():
        forget_task(bank, 7)
    assert [m.text for m in conversations.messages(session)] == ["before", "after"]
    assert [row["near"] for row in bank.rows("SELECT near FROM message_text ORDER BY rowid")] == ["after", "before"]
    bank.flush()
    assert b"quagga" not in bank.path.read_bytes()
    history.redo()
    history.undo()
    conversations.add(session, "user", "and on")
    assert bank.rows("SELECT near FROM message_text ORDER BY rowid")[1]["near"] == "before\nand on"


def test_what_was_undone_can_be_purged_too(conversations: Conversations, bank: Bank, history: History):
    with bank.change("owner", "import: quagga.json"):
        session = conversations.begin("a quagga")
    history.undo()
    conversations.purge(session)
    assert bank.rows("SELECT * FROM session_revision") == []
    with pytest.raises(MementoError):
        history.redo()
    bank.flush()
    assert b"quagga" not in bank.path.read_bytes()


def test_profiles_do_not_see_each_other(conversations: Conversations, bank: Bank):
    bank.use("work")
    session = conversations.begin("at work", ref="same")
    message = conversations.add(session, "user", "a secret")
    with bank.change("owner", "rename"):
        conversations.rename(session, "still at work")
    bank.use("home")
    assert conversations.list() == []
    assert conversations.list(query="secret") == []
    assert (conversations.current(), conversations.known("same"), conversations.count()) == (None, None, 0)
    refused = (
        lambda: conversations.get(session), lambda: conversations.messages(session), lambda: conversations.message(message),
        lambda: conversations.add(session, "user", "x"), lambda: conversations.rename(session, "x"), lambda: conversations.trash(session),
        lambda: conversations.restore(session), lambda: conversations.purge(session),
    )  # fmt: skip
    for call in refused:
        with pytest.raises(MementoError, match="There is no"):
            call()
    bank.use("work")
    assert conversations.get(session).title == "still at work"
    assert conversations.message(message).text == "a secret"


def test_the_queue_is_oldest_first_and_survives_anything(conversations: Conversations, bank: Bank):
    number, queue = Embeddings(bank).register("toy", "sha", 2), Windows(bank)
    session = conversations.begin("t")
    numbers = conversations.fill(session, [("user", f"A sentence of some length, number {n}, that stands alone.", None) for n in range(5)])
    assert [item.message_id for item in queue.waiting(number, 2)] == numbers[:2]
    first = queue.waiting(number, 2)
    assert queue.store(number, [(item, [UNIT] * len(item.passages)) for item in first]) == 2
    assert queue.store(number, [(item, [UNIT] * len(item.passages)) for item in first]) == 0, "written once"
    assert queue.progress(number) == (2, 5)
    later = queue.waiting(number)
    assert [item.message_id for item in later] == numbers[2:]
    conversations.trash(session)
    assert queue.store(number, [(item, [UNIT] * len(item.passages)) for item in later]) == 0, "gone meanwhile"
    assert (queue.waiting(number), bank.rows(f"SELECT rowid FROM window_{number}")) == ([], [])
    conversations.restore(session)
    assert queue.progress(number) == (0, 5)
    with pytest.raises(ValueError, match="zip"):
        queue.store(number, [(queue.waiting(number)[0], [])])
    assert bank.rows(f"SELECT rowid FROM window_{number}") == []
    embed(bank)
    conversations.add(session, "user", "And one more sentence that stands alone, of the same length.")
    assert queue.progress(number) == (5, 6), "what follows a message does not change its vectors"
    queue.drop(number)
    assert queue.progress(number) == (0, 6)


def test_a_short_line_is_embedded_with_the_question_that_it_answers():
    assert passages("On Friday.", "I see. When do you leave?") == ("When do you leave? On Friday.",)
    assert passages("On Friday.") == ("On Friday.",)
    assert passages("   ", "When?") == ()
    one, other = (
        "This sentence is long enough to stand alone, since it has more than sixty characters.",
        "So is this one, but for a shorter end.",
    )
    assert passages(f"{one} {other}", "When?") == (one, other)
    assert passages(f"{one} Yes.", "When?") == (f"{one} Yes.",)


@settings(deadline=None)
@given(st.text(max_size=4000), st.text(max_size=300))
def test_passages_hold_all_that_was_said_and_are_few(text: str, before: str):
    found = passages(text, before)
    assert len(found) <= MOST
    assert "".join("".join(found).split()).endswith("".join(text.split()))
