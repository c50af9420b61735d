"""The check finds what is wrong, each in its way, and the repair mends what is derived without touching a text."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.check import Check
from memento_desktop.memory.durability.repair import mend
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search
from tests.memory.damage_made import digest, flipped

VECTOR = struct.pack("4f", 0, 1, 0, 0)


def fill(bank: Bank) -> None:
    """Some of everything: facts, a case, a conversation, vectors, a history with undone changes, a second profile."""
    memories, cases, talk = Memories(bank), Cases(bank, Memories(bank)), Conversations(bank)
    for n in range(30):
        memories.keep(f"Jar {n} holds plums. " + "They are ripe. " * 40)
    kept = memories.keep("The gate opens with 12")
    memories.edit(kept.id, "The gate opens with 21")
    memories.trash(memories.keep("thrown away").id)
    History(bank).undo()
    case = cases.begin("Total the trips", "toy")
    cases.step(case, "read", "read_table", {}, "12", True, 3)
    cases.finish(case, "done", "12")
    session = talk.begin("About plums")
    talk.fill(session, [("user", "When are plums ripe?", None), ("assistant", "In August.", None), ("user", "Thank you", None)])
    number = Embeddings(bank).register("toy", "0" * 64, 4)
    Embeddings(bank).store(number, [(item, VECTOR) for item in Embeddings(bank).waiting(number)])
    windows = Windows(bank)
    windows.store(number, [(item, [VECTOR for _ in item.passages]) for item in windows.waiting(number)])
    bank.use("work")
    memories.keep("The office is on floor 3")
    bank.use("default")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "bank.sqlite"
    bank = Bank(path)
    fill(bank)
    bank.close()
    return path


def texts(bank: Bank) -> list[dict[str, object]]:
    """What must never change in a repair."""
    said = bank.rows("SELECT id, title, body FROM memory ORDER BY id")
    return (
        said
        + bank.rows("SELECT id, text FROM message ORDER BY id")
        + bank.rows(
            "SELECT txn_id, memory_id, CASE WHEN json_valid(after) THEN after ->> '$.memory.body' ELSE after END AS after FROM revision"
        )
    )


def sql(*statements: str) -> Callable[[Bank], None]:
    def damage(bank: Bank) -> None:
        bank.rows("PRAGMA foreign_keys=OFF")
        for statement in statements:
            bank.rows(statement)

    return damage


def lose_an_index_entry(bank: Bank) -> None:
    bank.rows("DELETE FROM memory_text WHERE rowid = 3")


def old_text_in_the_index(bank: Bank) -> None:
    bank.rows("UPDATE memory_text SET body = 'something else' WHERE rowid = 3")


DAMAGES: dict[str, tuple[Callable[[Bank], None], str]] = {
    "a memory is not indexed": (lose_an_index_entry, "not found by their words"),
    "a memory is indexed as it read before": (old_text_in_the_index, "not found by their words"),
    "the index holds what is gone": (sql("INSERT INTO memory_text (rowid, title, body) VALUES (999, 'x', 'x')"), "belong to nothing"),
    "the index holds what is in the trash": (sql("UPDATE memory SET status = 'trashed' WHERE id = 4"), "belong to nothing"),
    "the text index is damaged": (sql("UPDATE memory_text_data SET block = x'0000'"), "text index of memories is damaged"),
    "the index lost its text": (sql("DELETE FROM memory_text_content WHERE id = 5"), "text index of memories is damaged"),
    "a window is gone": (sql("DELETE FROM message_text WHERE rowid = 2"), "1 conversations are not found"),
    "the window index is damaged": (sql("UPDATE message_text_data SET block = x'00'"), "text index of conversations is damaged"),
    "windows of nothing": (sql("INSERT INTO message_text (rowid, said) VALUES (77, 'x')"), "belong to nothing"),
    "a vector is gone": (sql("DELETE FROM vector_1 WHERE rowid = 2"), "have no vector"),
    "a vector of nothing": (sql("DELETE FROM embedding WHERE id = 2"), "vectors belong to no text"),
    "a vector of an older text": (sql("UPDATE embedding SET content_hash = 'x' WHERE id = 2"), "do not hold any more"),
    "all vectors are gone": (sql("DROP TABLE vector_1"), "vectors of 33 texts are gone"),
    "the vector table is damaged": (sql("DELETE FROM vector_1_vector_chunks00"), "vector"),
    "a window's vector is gone": (sql("DELETE FROM window_1 WHERE rowid / 16 = 2"), "have no vector"),
    "a successor is gone": (sql("UPDATE memory SET superseded_by = 4711 WHERE id = 1"), "successor that is gone"),
    "successors in a circle": (
        sql("UPDATE memory SET superseded_by = 2 WHERE id = 1", "UPDATE memory SET superseded_by = 1 WHERE id = 2"),
        "each other's successors",
    ),
    "a case without what was done": (sql("DELETE FROM case_detail"), "only the question is there"),
    "a task of a dead program": (sql("UPDATE case_detail SET outcome = 'running', runner = '1-dead.lock'"), "program has ended"),
    "a file of which nothing is kept": (
        sql("INSERT INTO document_file (profile, path, sha256, size, mtime_ns, read_at) VALUES ('default', '/a.md', 'x', 1, 1, '2026')"),
        "nothing of them is remembered",
    ),
}  # fmt: skip


def test_a_sound_bank_has_no_problems_and_the_check_writes_nothing(path: Path):
    bank = Bank(path)
    before = bank.one("SELECT count(*) AS n, total_changes() AS c FROM memory_text"), texts(bank)
    assert Check(bank).run() == []
    assert bank.one("SELECT count(*) AS n FROM memory_text")["n"] == before[0]["n"]
    assert texts(bank) == before[1]
    bank.close()
    assert mend(path).kept is None


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_what_is_wrong_is_found_and_mended(path: Path, damage: Callable[[Bank], None], said: str):
    bank = Bank(path)
    damage(bank)
    before = texts(bank)
    found = Check(bank).run()
    assert any(said in problem.what for problem in found), found
    assert all(problem.mendable for problem in found)
    bank.close()
    mended = mend(path)
    assert mended.found == found and mended.left == []
    assert mended.kept is not None and mended.kept in [copy.path for copy in Backups(path).copies()]
    bank = Bank(path)
    after = texts(bank)
    assert [row for row in after if "body" in row or "text" in row] == [row for row in before if "body" in row or "text" in row]
    assert all(row in after for row in before)
    assert len(Search(bank).find("plums", limit=64)) >= 29
    number = Embeddings(bank).register("toy", "0" * 64, 4)
    Embeddings(bank).store(number, [(item, VECTOR) for item in Embeddings(bank).waiting(number)])  # the queue holds what is missing
    assert Check(bank).run() == []
    bank.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE revision SET after = '{half' WHERE txn_id = 2", "cannot be read, and not be undone: 2"),
        ("UPDATE revision SET after = '[]' WHERE txn_id = 2", "cannot be read, and not be undone: 2"),
        ("UPDATE message SET session_id = 99", "3 rows of “message” belong to a row of “session” that is gone"),
    ],
)
def test_what_cannot_be_mended_is_said_and_left_as_it_is(path: Path, damage: str, said: str):
    bank = Bank(path)
    sql(damage, "DELETE FROM message_text", "DELETE FROM window_1", "DELETE FROM message_embedding")(bank)
    before = texts(bank)
    bank.close()
    mended = mend(path)
    assert any(said in problem.what and "memento restore" in problem.remedy for problem in mended.left), mended.left
    bank = Bank(path)
    assert texts(bank) == before
    bank.close()


@pytest.mark.parametrize("index", ["memory_hash", "memory_kind", "source_memory"])
def test_a_damaged_index_of_the_file_is_written_anew(path: Path, index: str):
    bank = Bank(path)
    before = texts(bank)
    bank.close()
    flipped(path, index)
    mended = mend(path)
    assert any("damaged" in problem.what for problem in mended.found)
    assert mended.left == [] and mended.kept is not None and mended.kept.name.startswith("set-aside")
    bank = Bank(path)
    assert texts(bank) == before
    bank.close()


def test_a_damaged_table_is_left_for_a_copy(path: Path):
    copy = Backups(path).keep("manual")
    flipped(path, "memory")
    before = digest(path)
    mended = mend(path)
    assert any(problem.structural and "memento restore" in problem.remedy for problem in mended.left)
    assert digest(path) == before
    Backups(path).restore(copy)
    assert mend(path).found == []


def test_nothing_is_repaired_without_room_for_a_copy(path: Path, monkeypatch: pytest.MonkeyPatch):
    bank = Bank(path)
    lose_an_index_entry(bank)
    bank.close()

    def full(*_: object) -> None:
        raise MementoError("The disk is full.")

    monkeypatch.setattr(Backups, "keep", full)
    with pytest.raises(MementoError, match="full"):
        mend(path)
    bank = Bank(path)
    assert [problem.what for problem in Check(bank).run()] == ["1 memories are not found by their words as they read now"]
    bank.close()


async def test_a_document_that_was_undone_is_no_problem_and_can_be_done_again(path: Path, tmp_path: Path):
    (tmp_path / "guide.md").write_text("# Keys\n\nThe spare key is in the shed.\n")
    bank = Bank(path)
    documents, history = Documents(bank, Memories(bank)), History(bank)
    await documents.remember([str(tmp_path / "guide.md")])
    assert Check(bank).run() == []
    history.undo()
    assert Check(bank).run() == []
    history.redo()
    assert Check(bank).run() == []
    for memory in Memories(bank).list(kinds=("document",)):
        Memories(bank).purge(memory.id)
    assert all(problem.minor for problem in Check(bank).run())
    bank.close()
