"""Which reading of a document is in use: undo, redo, purge, import and copies leave the list and the bank in agreement."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.documents.report import Document
from memento_desktop.memory.durability.restoring import restore
from memento_desktop.memory.exchange.exporting import Exporter
from memento_desktop.memory.exchange.importing import Importer
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.test_documents import POLICY, bodies, documents, moved, one_about, policy, write

__all__ = ["documents", "policy"]  # fixtures


def only(documents: Documents) -> Document:
    (document,) = documents.list()
    return document


async def taken_back(documents: Documents, history: History, policy: Path) -> None:
    """Read, changed, read again, and that undone."""
    await documents.remember([str(policy)])
    write(policy, POLICY.format(150))
    await documents.refresh()
    history.undo()


def importing(bank: Bank, memories: Memories, path: Path, as_it_was: bool = True) -> None:
    Importer(bank, memories, Conversations(bank)).run(path, as_it_was=as_it_was)


async def test_an_undone_reading_is_told_and_not_done_again_by_itself(
    documents: Documents, memories: Memories, history: History, policy: Path
):
    await taken_back(documents, history, policy)
    assert (only(documents).state, only(documents).held) == ("as read", "older")
    assert (await documents.refresh(5)).lines() == []
    assert one_about(memories, "120 EUR").status == "active"
    history.redo()
    assert only(documents).held == "last"
    history.undo()
    assert (await documents.refresh(name="policy.md")).lines() == ["policy.md read again: 1 passage replaced"]
    assert (history.list()[0].label, history.list()[0].actor) == ("policy.md read again: 1 passage replaced", "owner")
    assert only(documents).held == "last"
    assert (await documents.refresh(name=str(policy))).lines() == []


async def test_a_change_of_the_file_ends_what_was_taken_back(documents: Documents, memories: Memories, history: History, policy: Path):
    await taken_back(documents, history, policy)
    write(policy, POLICY.format(180))
    assert (only(documents).state, only(documents).held) == ("changed", "older")
    assert (await documents.refresh(5)).lines() == ["policy.md changed: 1 passage replaced"]
    assert only(documents).held == "last"
    history.undo()
    write(policy, POLICY.format(120))  # back to what is in use
    assert (await documents.refresh(5)).lines() == []
    assert (only(documents).state, only(documents).held) == ("as read", "last")


async def test_text_that_went_and_was_brought_back_is_told(documents: Documents, memories: Memories, history: History, policy: Path):
    await documents.remember([str(policy)])
    leave = one_about(memories, "25 days")
    write(policy, POLICY.format(120).partition("## Leave")[0])
    await documents.refresh()
    assert only(documents).held == "last"
    history.undo()
    assert only(documents).held == "beside"
    history.redo()
    memories.restore(leave.id)
    assert only(documents).held == "beside"
    await documents.refresh(name=str(policy))
    assert (only(documents).held, memories.get(leave.id).status) == ("last", "superseded")


async def test_a_reading_that_only_moved_passages_can_be_taken_back_too(documents: Documents, history: History, policy: Path):
    await documents.remember([str(policy)])
    write(policy, "# Policy\n\n\n\n" + POLICY.format(120).removeprefix("# Policy\n\n"))
    await documents.refresh()
    assert only(documents).held == "last"
    history.undo()  # the lines that are told are those of the older reading
    assert only(documents).held == "older"


async def test_what_the_owner_did_to_passages_is_no_older_reading(documents: Documents, memories: Memories, history: History, policy: Path):
    await documents.remember([str(policy)])
    memories.edit(one_about(memories, "120 EUR").id, "The hotel limit is 120 EUR, for me 200.")
    memories.trash(one_about(memories, "parking").id)
    write(policy, POLICY.format(150))
    await documents.refresh()
    assert only(documents).held == "last"
    memories.purge(one_about(memories, "150 EUR", "proposed").id)
    memories.set_status(one_about(memories, "25 days").id, "archived", "archive")
    assert only(documents).held == "last"


async def test_what_an_earlier_version_noted_is_taken_as_it_was_and_renewed(
    documents: Documents, memories: Memories, history: History, policy: Path
):
    await documents.remember([str(policy)])
    memories.bank.rows("UPDATE document_file SET digest = ?", "0" * 64)
    assert only(documents).held == "last"
    assert (await documents.remember([str(policy)])).changed == []
    write(policy, POLICY.format(150))
    await documents.refresh()
    history.undo()
    assert only(documents).held == "older"


async def test_a_purge_forgets_no_file_that_may_be_redone(documents: Documents, memories: Memories, history: History, policy: Path):
    await documents.remember([str(policy)])
    (policy.parent / "other.md").write_text("Another note.")
    await documents.remember([str(policy.parent / "other.md")])
    other = one_about(memories, "Another")
    history.undo(history.list()[1].id)
    memories.purge(other.id)
    assert documents.list() == []
    history.redo(history.list()[-1].id)
    assert (only(documents).path, only(documents).state, only(documents).held) == (str(policy), "as read", "last")
    for memory in memories.list(["document"]):
        memories.purge(memory.id)
    assert memories.bank.rows("SELECT 1 FROM document_file") == []


async def test_a_copy_that_is_put_back_tells_what_it_holds(tmp_path: Path, policy: Path):
    bank = Bank(tmp_path / "home" / "bank.sqlite")
    documents, history = Documents(bank, Memories(bank)), History(bank)
    await taken_back(documents, history, policy)
    copy = bank.copies.keep("manual")
    history.redo()
    Memories(bank).purge(one_about(Memories(bank), "parking").id)
    bank.close()
    restore(bank.copies, copy)
    bank = Bank(tmp_path / "home" / "bank.sqlite")
    try:
        assert only(Documents(bank, Memories(bank))).held == "older"
        assert bodies(Memories(bank)) == ["The hotel limit is 120 EUR a night.", "25 days a year."]
    finally:
        bank.close()


@pytest.mark.parametrize("target", ["out.jsonl", "out"])
async def test_an_imported_document_is_not_watched_until_it_is_added(
    tmp_path: Path, documents: Documents, policy: Path, target: Literal["out.jsonl", "out"]
):
    await documents.remember([str(policy)])
    write(policy, POLICY.format(150))
    await documents.refresh()
    Exporter(documents.bank).write(tmp_path / target)
    bank = Bank(tmp_path / "other" / "bank.sqlite")
    try:
        memories = Memories(bank)
        there = Documents(bank, memories)
        importing(bank, memories, tmp_path / target)
        assert (only(there).state, only(there).passages, only(there).read_at) == ("imported", 3, None)
        write(policy, POLICY.format(180))
        assert (await there.refresh()).lines() == []
        with pytest.raises(MementoError, match="was imported, and is not watched here"):
            await there.refresh(name="policy.md")
        assert len(there.passages("policy.md")) == 3
        report = await there.remember([str(policy)])
        assert [(one.taken_up, one.same, one.replaced, one.new) for one in report.outcomes] == [(True, 2, 1, 0)]
        assert (only(there).state, only(there).held) == ("as read", "last")
        assert sorted(bodies(memories)) == sorted(["The hotel limit is 180 EUR a night.", "The parking code is 7731.", "25 days a year."])
        History(bank).undo()
        assert only(there).held == "older"
        there.forget("policy.md")
        assert there.list() == []
    finally:
        bank.close()


async def test_what_waits_from_an_import_is_taken_up_with_its_file_even_where_that_lies_elsewhere(
    tmp_path: Path, documents: Documents, policy: Path
):
    await documents.remember([str(policy)])
    Exporter(documents.bank).write(tmp_path / "out.jsonl")
    bank = Bank(tmp_path / "other" / "bank.sqlite")
    try:
        memories = Memories(bank)
        there = Documents(bank, memories)
        importing(bank, memories, tmp_path / "out.jsonl", as_it_was=False)
        assert (only(there).state, only(there).passages, only(there).proposed) == ("imported", 0, 3)
        rules = moved(policy, "rules.md")
        await there.remember([str(rules)])
        assert (only(there).path, only(there).passages, only(there).proposed) == (str(rules), 3, 0)
        assert {place.path for _, place in there.passages("rules.md")} == {str(rules)}
    finally:
        bank.close()


PARTS = [f"Rule {n}: the value of item {n} is {n * 7}." for n in range(5)]
VERSIONS = st.one_of(
    st.integers(1, len(PARTS)).map(lambda n: PARTS[:n]),  # what only grows or shrinks is what is least seen
    st.lists(st.sampled_from(PARTS), unique=True, min_size=1, max_size=4),
)
CHANGES = st.tuples(VERSIONS, st.booleans())
"""What the file says from then on, and whether it is looked at again at once."""
STEPS = st.lists(st.one_of(CHANGES, st.sampled_from(["refresh", "refresh it", "undo", "undo", "redo", "trash"])), max_size=14)
Step = str | tuple[list[str], bool]


@given(first=VERSIONS, steps=STEPS, seed=st.integers(0, 2**16))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_list_always_says_what_the_bank_tells(
    tmp_path_factory: pytest.TempPathFactory, first: list[str], steps: list[Step], seed: int
):
    folder = tmp_path_factory.mktemp("steps")
    bank = Bank(folder / "bank.sqlite")
    try:
        await _lived(bank, folder / "rules.md", first, steps, Random(seed))
    finally:
        bank.close()


def _text(parts: list[str]) -> str:
    return "".join(f"## {part[:6]}\n{part}\n" for part in parts)


async def _lived(bank: Bank, path: Path, first: list[str], steps: list[Step], random: Random) -> None:
    memories = Memories(bank)
    documents, history = Documents(bank, memories), History(bank)
    await asyncio.to_thread(path.write_text, _text(first))
    await documents.remember([str(path)])
    now, read = first, first
    for step in steps:
        active = memories.list(["document"])
        match step:
            case (version, again):
                now = version
                write(path, _text(now))
                if again:
                    await documents.refresh()
                    read = now if active else read
            case "refresh":
                await documents.refresh()
                read = now if active else read
            case "refresh it" if active:
                await documents.refresh(name=str(path))
                read = now
                assert all(document.held == "last" for document in documents.list())
            case "trash" if active:
                memories.trash(random.choice(active).id)
            case "undo" | "redo":
                try:
                    history.undo() if step == "undo" else history.redo()
                except MementoError:
                    continue  # nothing is left to undo or redo
            case _:
                continue
        _agree(documents, memories, read, now)


def _agree(documents: Documents, memories: Memories, read: list[str], now: list[str]) -> None:
    """What is listed, and what the bank holds: of the file `read` was read last, and it says `now`."""
    active, trashed = memories.list(["document"]), memories.list(["document"], ["trashed"])
    found = documents.list()
    assert len(found) == bool(active)
    for document in found:
        places = {m.body: documents.places([m.id])[m.id].locator for m in (*active, *trashed)}
        as_read = {part: f"line {2 * n + 2}" for n, part in enumerate(read)}
        assert (document.held == "last") == (
            all(places.get(part) == place for part, place in as_read.items()) and {m.body for m in active} <= set(read)
        )
        assert (document.state == "changed") == (now != read)
        assert document.passages == len(active)
