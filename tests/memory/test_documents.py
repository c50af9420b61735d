"""Remembered documents: passages that stay themselves, changed ones replaced, the owner's hand respected, files gone and moved."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.documents.report import Place, Report
from memento_desktop.memory.documents.told import told
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Memory, Status
from memento_desktop.memory.search import Search
from memento_desktop.sandbox.convert import Limits, convert
from tests.files_made import make_csv, make_docx, make_pdf, make_pptx, make_xlsx

POLICY = "# Policy\n\n## Hotels\nThe hotel limit is {} EUR a night.\n\n## Parking\nThe parking code is 7731.\n\n## Leave\n25 days a year.\n"


@pytest.fixture
def documents(bank: Bank, memories: Memories) -> Documents:
    return Documents(bank, memories)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "desk" / "policy.md"
    path.parent.mkdir()
    path.write_text(POLICY.format(120))
    return path


def write(path: Path, text: str, later: int = 10) -> None:
    """A change of a file, some seconds after the last one as far as its stamp tells."""
    stamp = path.stat().st_mtime_ns + later * 10**9
    path.write_text(text)
    os.utime(path, ns=(stamp, stamp))


def moved(path: Path, name: str) -> Path:
    return path.rename(path.with_name(name))


def odd_files(folder: Path) -> int:
    """A pipe, links, and where the system has such a thing a name that is no text. Returns how many."""
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "up").symlink_to(folder.parent)
    (folder / "dangling.md").symlink_to(folder / "nothing")
    if sys.platform != "linux":
        return 3
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("hello")
    return 4


def passages(memories: Memories, *statuses: Status) -> list[Memory]:
    return sorted(memories.list(["document"], statuses or ["active"], 1000), key=lambda memory: memory.id)


def bodies(memories: Memories, *statuses: Status) -> list[str]:
    return [memory.body for memory in passages(memories, *statuses)]


def one_about(memories: Memories, word: str, *statuses: Status) -> Memory:
    (found,) = [memory for memory in passages(memories, *statuses) if word in memory.body]
    return found


def everything(bank: Bank) -> list[object]:
    tables = {"memory": "*", "source": "memory_id, ref, quote, sha256, locator", "link": "*", "memory_text": "*"}
    return [bank.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in tables.items()]


async def test_each_passage_is_a_memory_with_its_place(documents: Documents, memories: Memories, history: History, policy: Path):
    report = await documents.remember([str(policy)])
    assert [outcome.new for outcome in report.outcomes] == [3]
    hotels = passages(memories)[0]
    assert (hotels.title, hotels.body, hotels.origin) == ("policy.md › Hotels", "The hotel limit is 120 EUR a night.", "import")
    (source,) = memories.sources(hotels.id)
    assert (source.ref, source.quote, source.locator, len(source.sha256)) == (str(policy), hotels.body, "line 4", 64)
    assert [change.label for change in history.list()] == ["remember policy.md: 3 passages new"]
    assert documents.places([hotels.id, 999])[hotels.id].said == "policy.md, line 4"


async def test_every_format_is_remembered_with_its_places(documents: Documents, memories: Memories, tmp_path: Path):
    folder = tmp_path / "all"
    folder.mkdir()
    make_docx(folder / "a.docx", ["The rent is 900."])
    make_pdf(folder / "b.pdf", ["The notice period is three months."])
    make_xlsx(folder / "c.xlsx", [["item", "kg"], ["drill", 2.5]], {"Trips": [["to", "km"], ["Bern", 12]]})
    make_pptx(folder / "d.pptx", [("Launch", "Speaker: Yara")])
    make_csv(folder / "e.csv", [["to", "km"], ["Thun", 7]])
    (folder / "f.html").write_text("<h1>Rules</h1><p>No shoes.</p>")
    report = await documents.remember([str(folder)])
    assert report.skipped == []
    assert "The notice period is three months." in bodies(memories)
    assert {(m.title, m.body, documents.places([m.id])[m.id].locator) for m in passages(memories) if not m.title.startswith("b.pdf")} == {
        ("a.docx › The rent is 900.", "The rent is 900.", "line 1 of its text"),
        ("c.xlsx › Sheet", "item: drill; kg: 2.5", "sheet Sheet, row 2"),
        ("c.xlsx › Trips", "to: Bern; km: 12", "sheet Trips, row 2"),
        ("d.pptx › Launch", "Speaker: Yara", "slide 1"),
        ("e.csv › to: Thun; km: 7", "to: Thun; km: 7", "row 2"),
        ("f.html › Rules", "No shoes.", "line 3 of its text"),
    }


async def test_what_is_left_out_is_named(documents: Documents, memories: Memories, policy: Path):
    folder = policy.parent
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    (folder / ".env").write_text("secret")
    (folder / "empty.txt").touch()
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "copy.md").write_text(POLICY.format(120))
    report = await documents.remember([str(folder)])
    assert {Path(one.path).name: one.reason for one in report.skipped} == {
        ".git": "a hidden folder",
        ".env": "hidden",
        "empty.txt": "empty.txt is empty",
        "photo.jpg": "photo.jpg is a picture: there is no text in it to read",
        "policy.md": f"the same as {folder / 'copy.md'}, which is remembered",
    }
    assert len(passages(memories)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes, links and names that are no text")
async def test_what_is_no_file_is_not_opened(documents: Documents, tmp_path: Path):
    count = odd_files(tmp_path / "odd")
    report = await documents.remember([str(tmp_path / "odd")])
    assert report.outcomes == []
    assert len(report.skipped) == count


async def test_patterns_and_names_that_mean_nothing(documents: Documents, memories: Memories, policy: Path):
    (policy.parent / "deep").mkdir()
    (policy.parent / "deep" / "notes.md").write_text("A note.")
    (policy.parent / "deep" / "notes.txt").write_text("Another note.")
    await documents.remember([str(policy.parent / "**" / "*.md")])
    assert {document.path for document in documents.list()} == {str(policy), str(policy.parent / "deep" / "notes.md")}
    for name in ("nothing.md", "*.nothing"):
        with pytest.raises(MementoError, match="There is no file"):
            await documents.remember([str(policy), str(policy.parent / name)])


async def test_a_changed_file_changes_what_is_found_next(
    bank: Bank, documents: Documents, memories: Memories, history: History, policy: Path
):
    await documents.remember([str(policy)])
    parking, leave = one_about(memories, "parking"), one_about(memories, "25 days")
    write(
        policy,
        "# Policy\n\n## Hotels\nThe hotel limit is 150 EUR a night.\n\n## Parking\nThe parking code is 7731.\n\n## Trains\nSecond class.\n",
    )
    report = await documents.refresh(5)
    assert report.lines() == ["policy.md changed: 1 passage new, 1 replaced, 1 gone"]
    old, new = one_about(memories, "120 EUR", "superseded"), one_about(memories, "150 EUR")
    assert (old.superseded_by, old.valid_to) == (new.id, new.valid_from)
    assert one_about(memories, "parking").id == parking.id
    assert (gone := memories.get(leave.id)).status == "superseded"
    assert gone.superseded_by is None
    found = Search(bank).find("What is the hotel limit?", limit=10)
    assert [hit.memory_id for hit in found if "EUR" in memories.get(hit.memory_id).body] == [new.id]
    assert history.list()[0].actor == "assistant"
    assert (await documents.refresh(5)).lines() == []
    assert len(history.list()) == 2


async def test_a_passage_that_only_moved_stays_the_same_memory(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    before = passages(memories)
    memories.bank.rows("UPDATE memory SET pinned = 1 WHERE id = ?", before[1].id)
    write(policy, "# Policy\n\nAn introduction.\n\n" + POLICY.format(120).replace("# Policy\n\n", "").replace("## Parking", "## Car park"))
    report = await documents.refresh(5)
    assert report.lines() == ["policy.md changed: 1 passage new"]
    after = {memory.id: memory for memory in passages(memories)}
    assert [after[memory.id].body for memory in before] == [memory.body for memory in before]
    assert (after[before[1].id].title, after[before[1].id].pinned) == ("policy.md › Car park", True)
    assert documents.places([before[0].id])[before[0].id].locator == "line 6"


async def test_a_pin_goes_on_to_the_new_version(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    memories.bank.rows("UPDATE memory SET pinned = 1 WHERE id = ?", one_about(memories, "120 EUR").id)
    write(policy, POLICY.format(150))
    await documents.refresh(5)
    assert one_about(memories, "150 EUR").pinned


async def test_what_the_owner_edited_is_not_replaced(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    mine = memories.edit(one_about(memories, "120 EUR").id, "The hotel limit is 120 EUR, for me 200.")
    for value in (150, 180):
        write(policy, POLICY.format(value))
        report = await documents.refresh(5)
        assert report.changed
        assert memories.get(mine.id).body == mine.body
        assert memories.get(mine.id).status == "active"
        assert bodies(memories, "proposed") == [f"The hotel limit is {value} EUR a night."]
    assert (await documents.remember([str(policy)])).changed == []
    memories.trash(one_about(memories, "180 EUR", "proposed").id)
    assert (await documents.remember([str(policy)])).changed == []
    assert bodies(memories, "proposed") == []


async def test_what_the_owner_removed_stays_removed(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    memories.trash(one_about(memories, "parking").id)
    memories.set_status(one_about(memories, "25 days").id, "archived", "archive")
    write(policy, POLICY.format(150))
    await documents.refresh(5)
    await documents.remember([str(policy)])
    assert bodies(memories) == ["The hotel limit is 150 EUR a night."]
    memories.purge(one_about(memories, "150 EUR").id)
    report = await documents.remember([str(policy)])
    assert "The hotel limit is 150 EUR a night." not in bodies(memories)
    assert report.outcomes[0].left_out == 1


async def test_undo_and_redo_also_end_and_resume_the_watch(
    bank: Bank, documents: Documents, memories: Memories, history: History, policy: Path
):
    before = everything(bank)
    await documents.remember([str(policy)])
    remembered = everything(bank)
    history.undo()
    assert everything(bank) == before
    assert documents.list() == []
    write(policy, POLICY.format(150))
    assert (await documents.refresh(5)).lines() == []
    history.redo()
    assert everything(bank) == remembered
    assert (await documents.refresh(5)).lines() == ["policy.md changed: 1 passage replaced"]
    history.undo()
    assert one_about(memories, "120 EUR").status == "active"
    assert (await documents.refresh(5)).lines() == []  # what the owner took back stays so until the file changes again
    assert (await documents.remember([str(policy)])).lines() == ["policy.md changed: 1 passage replaced"]


async def test_forgotten_and_remembered_again(documents: Documents, memories: Memories, history: History, policy: Path):
    await documents.remember([str(policy)])
    known = [memory.id for memory in passages(memories)]
    assert documents.forget("policy.md") == ([str(policy)], 3)
    assert (passages(memories), documents.list()) == ([], [])
    assert history.list()[0].label == "forget policy.md"
    write(policy, POLICY.format(150))
    assert (await documents.refresh(5)).lines() == []
    report = await documents.remember([str(policy.parent)])
    assert [(outcome.back, outcome.new) for outcome in report.outcomes] == [(2, 1)]
    assert set(known[1:]) < {memory.id for memory in passages(memories)}
    assert documents.forget(str(policy.parent))[1] == 3
    with pytest.raises(MementoError, match=r"No document other\.md"):
        documents.forget("other.md")


async def test_a_file_that_is_gone_is_marked_until_it_is_back(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    away = moved(policy, "away")
    assert (await documents.refresh(5)).lines() == ["policy.md is gone: what it said is still remembered"]
    assert (await documents.refresh(5)).lines() == []
    (document,) = documents.list()
    place = documents.place(passages(memories)[0].id)
    assert (document.state, bool(document.missing_since)) == ("missing", True)
    assert place
    assert place.missing_since == document.missing_since
    moved(away, "policy.md")
    write(policy, POLICY.format(150))
    assert (await documents.refresh(5)).lines() == ["policy.md changed: 1 passage replaced", "policy.md is there again"]
    assert documents.list()[0].missing_since is None


async def test_a_moved_file_is_recognised(documents: Documents, memories: Memories, history: History, policy: Path):
    await documents.remember([str(policy)])
    known = [memory.id for memory in passages(memories)]
    rules = moved(policy, "rules.md")
    report = await documents.remember([str(rules)])
    assert [(outcome.moved_from, outcome.same, outcome.new) for outcome in report.outcomes] == [(str(policy), 3, 0)]
    assert [memory.id for memory in passages(memories)] == known
    assert passages(memories)[0].title == "rules.md › Policy › Hotels"
    assert [document.path for document in documents.list()] == [str(rules)]
    history.undo()
    assert [document.path for document in documents.list()] == [str(policy)]


async def test_a_file_that_is_being_written_is_left_for_the_next_time(bank: Bank, memories: Memories, policy: Path):
    async def slow(path: Path, limits: Limits) -> str:
        text = await convert(path, limits)
        if writing:
            write(path, text + "More.\n")
        return text

    writing, documents = False, Documents(bank, memories, slow)
    await documents.remember([str(policy)])
    write(policy, POLICY.format(150))
    writing = True
    report = await documents.refresh(5)
    assert "policy.md was not read again: policy.md is being written to" in report.lines()[0]
    assert one_about(memories, "120 EUR")
    writing = False
    assert (await documents.refresh(5)).lines() == ["policy.md changed: 2 passages replaced"]


async def test_what_cannot_be_read_now_stays_as_it_was(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    write(policy, "")
    assert (await documents.refresh(5)).lines() == ["policy.md was not read again: policy.md is empty"]
    assert one_about(memories, "120 EUR")
    write(policy, POLICY.format(150))
    assert "there was no time" in (await documents.refresh(0)).lines()[0]
    assert one_about(memories, "120 EUR")
    await documents.refresh()
    assert one_about(memories, "150 EUR")


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes")
async def test_a_file_that_became_a_pipe_is_not_opened(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    moved(policy, "away")
    os.mkfifo(policy)
    assert "it is no ordinary file any more" in (await documents.refresh(5)).lines()[0]
    assert documents.list()[0].state == "unreadable"
    assert one_about(memories, "120 EUR")


async def test_a_change_under_the_same_stamp_is_seen(documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    write(policy, POLICY.format(150), later=0)
    await documents.refresh(5)
    assert one_about(memories, "150 EUR")


async def test_profiles_do_not_share_documents(bank: Bank, documents: Documents, memories: Memories, policy: Path):
    await documents.remember([str(policy)])
    number = passages(memories)[0].id
    bank.use("work")
    assert (documents.list(), documents.places([number]), passages(memories)) == ([], {}, [])
    assert len((await documents.remember([str(policy)])).changed) == 1
    write(policy, POLICY.format(150))
    await documents.refresh(5)
    documents.forget(str(policy))
    bank.use("default")
    await documents.refresh(5)
    assert one_about(memories, "150 EUR")


async def test_memories_of_others_with_the_same_source_are_left_alone(documents: Documents, memories: Memories, policy: Path):
    """A file that was imported as memories of their own is not taken for one that was remembered."""
    with memories.bank.change("owner", "import") as change:
        number = memories.insert("document", "A note", "Something else.", "active", "import")
        change.created(number)
        memories.bank.rows("INSERT INTO source (memory_id, ref, quote) VALUES (?, ?, 'Something else.')", number, str(policy))
    await documents.remember([str(policy)])
    assert memories.get(number).status == "active"


PARTS = st.lists(st.sampled_from([f"Rule {n}: the value of item {n} is {n * 7}." for n in range(9)]), unique=True, min_size=1)


@given(st.lists(PARTS, min_size=2, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_any_changes_the_bank_says_what_the_file_says(tmp_path_factory: pytest.TempPathFactory, versions: list[list[str]]):
    folder = tmp_path_factory.mktemp("versions")
    bank = Bank(folder / "bank.sqlite")
    try:
        memories, path = Memories(bank), folder / "rules.md"
        documents, history = Documents(bank, memories), History(bank)
        path.write_text("x")
        for n, version in enumerate(versions):
            write(path, "".join(f"## {part[:6]}\n{part}\n" for part in version))
            await (documents.refresh() if n else documents.remember([str(path)]))
            assert sorted(bodies(memories)) == sorted(version)
        assert bank.problems() == []
        while not all(change.undone for change in history.list()):
            history.undo()
        assert bank.rows("SELECT 1 FROM memory") == []
    finally:
        bank.close()


def test_a_prompt_is_told_what_is_about_the_task_and_where_it_stands():
    body = "The parking code is 7731.\n\n- Alarm code: 9920\n- Printer PIN: 4411"
    place = Place("/desk/policy.md", "lines 9–12", None, None)
    assert told(place, body, "What is the parking code?", 160) == "policy.md, lines 9–12: The parking code is 7731."
    assert told(place, body, "What is the printer's PIN?", 160) == "policy.md, lines 9–12: Printer PIN: 4411"
    assert told(None, body, "Hello", 400) == "The parking code is 7731. Alarm code: 9920 Printer PIN: 4411"
    assert told(None, body, "Hello", 40) == "The parking code is 7731."


def test_a_report_is_short():
    assert Report().lines() == []
    lines = Report(missing=[f"/away/{n}.md" for n in range(1000)]).lines()
    assert [len(lines), lines[-1].partition(":")[0]] == [4, "997 more documents are gone"]
