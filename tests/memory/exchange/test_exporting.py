"""Export and back: equal, by example and by property; nothing but an earlier export is ever replaced."""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange import front
from memento_desktop.memory.exchange.base import Bad
from memento_desktop.memory.exchange.exporting import Exporter
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Source
from tests.memory.exchange.made import bodies, brought, holdings, lines, state

SHAPES = ("jsonl", "markdown")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Bank]:
    opened = Bank(tmp_path / "other.sqlite")
    yield opened
    opened.close()


def filled(bank: Bank) -> None:
    """A bank with something of everything."""
    memories, cases, talks = Memories(bank), Cases(bank, Memories(bank)), Conversations(bank)
    session = talks.begin("A talk about locks", "2026-05-03T14:00:00+00:00")
    number = talks.add(session, "user", "My locker code is 4471.\n\n## You · 2026-05-03\n\\## Assistant · x\n")
    with bank.change("owner", "fill") as change:
        fact = memories.insert("fact", "Locker code", "The locker code is 4471.\n---\nkept: no\n", "active", "user")
        newer = memories.insert("fact", "The locker code is 9020.", "The locker code is 9020.", "active", "user")
        for item in (fact, newer):
            change.created(item)
        bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ?, valid_to = '2026-06-01' WHERE id = ?", newer, fact)
        bank.rows("UPDATE memory SET pinned = 1, user_edited = 1, trust = 0.0, valid_from = '2026-06-01', pool = 'p' WHERE id = ?", newer)
        bank.rows("INSERT INTO link VALUES (?,?,'supersedes')", newer, fact)
        bank.index(fact)
        memories.add_source(newer, Source(f"message:{number}", "My locker code is 4471."))
        memories.add_source(newer, Source("/a/handbook.md", "“quoted”", "ab" * 32, "page 3"))
    memories.keep("Answer in English.", kind="instruction")
    case = cases.begin("Total the km in trips.csv", "nano")
    cases.planned(case, ["total the km", "x: y"])
    cases.step(case, "total", "read_table", {"path": "trips.csv"}, "a\tb\r\n1\t2\x85\u2028\n\n", True, 3)
    cases.step(case, "fail", "", {}, "", False, 0)
    cases.finish(case, "done", "170", "", 12, 1e-07, True)
    cases.verdict(case, 0.0, "leave out rows marked void")
    talks.add(session, "assistant", "Noted.", case_id=case)
    memories.trash(memories.keep("Thrown away.").id)


@pytest.mark.parametrize("shape", SHAPES)
def test_there_and_back_is_equal(bank: Bank, other: Bank, tmp_path: Path, shape: Any):
    filled(bank)
    done = Exporter(bank).write(tmp_path / "out", shape)
    assert done.kinds == {"fact": 2, "instruction": 1, "case": 1, "conversation": 1}
    assert done.left_out == {"memories in the trash": 1}
    Memories(bank).purge(bank.one("SELECT id FROM memory WHERE status = 'trashed'")["id"])
    back = brought(other, tmp_path / "out", as_it_was=True, strict=True)
    assert back.bad == 0
    assert holdings(other) == holdings(bank)
    assert brought(other, tmp_path / "out", as_it_was=True).change is None  # all of it is known
    Exporter(other).write(tmp_path / "again", shape)
    assert records(tmp_path / "again") == records(tmp_path / "out")


def records(path: Path) -> dict[str, list[str]]:
    """An export without its header and without the numbers of its bank."""
    files = [path] if path.is_file() else sorted(path.rglob("*-*.md"))
    files = [file for file in files if file.name != "memento-export.md"]
    drop = ('{"memento_export"', "number:")
    kept = {
        f.name if path.is_dir() else "": [line for line in f.read_text("utf-8").split("\n") if not line.startswith(drop)] for f in files
    }
    return kept if path.is_dir() else {"": [json.dumps(json.loads(line) | {"number": 0}) for line in kept[""] if line]}


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40) | st.text(
    "ab\n\r\t #-:|'\"\\·Y{}[]\u2028\x85\ufeff", min_size=1, max_size=30
)
WORDS = TEXT.filter(lambda text: bool(text.strip()))
MOMENT = st.datetimes(min_value=datetime(2020, 1, 1)).map(lambda at: f"{at.isoformat(timespec='microseconds')}+00:00")
KIND = st.sampled_from(["fact", "preference", "instruction", "correction", "lesson", "document", "feedback", "case"])
SHARE = st.none() | st.floats(0, 1)
MEMORY = st.fixed_dictionaries({
    "kind": KIND, "title": WORDS, "body": WORDS, "status": st.sampled_from(["proposed", "active", "archived", "superseded"]),
    "origin": st.sampled_from(["user", "assistant", "tool", "web", "import"]), "flags": st.tuples(*[st.integers(0, 1)] * 4),
    "trust": st.floats(0, 1), "valid": st.tuples(st.none() | MOMENT, st.none() | MOMENT), "recorded": MOMENT,
    "sources": st.lists(st.tuples(st.sampled_from(["/a/b.md", "m"]), TEXT), max_size=2), "links": st.lists(st.integers(0, 5), max_size=2),
    "superseded": st.none() | st.integers(0, 5), "plan": st.lists(TEXT, max_size=2), "texts": st.tuples(TEXT, TEXT, TEXT),
    "reward": SHARE, "judged": SHARE, "steps": st.lists(st.tuples(TEXT, TEXT, st.integers(0, 1), st.integers(0, 9)), max_size=2),
})  # fmt: skip
TALK = st.tuples(WORDS, MOMENT, st.lists(st.tuples(st.sampled_from(["user", "assistant"]), TEXT | st.sampled_from([
    "## You · 2026\n", "\\## Assistant · x", "\n", "---\n", "\n\n## You · 2026-01-01T00:00:00+00:00\n\nfooled",
]), MOMENT), max_size=4))  # fmt: skip


def write(bank: Bank, memories: list[dict[str, Any]], talks: list[Any]) -> None:
    said = []
    for title, started, messages in talks:
        said += Conversations(bank).fill(Conversations(bank).begin(title, started), messages)
    store = Memories(bank)
    with bank.change("owner", "random") as change:
        ids = [store.insert(m["kind"], m["title"], m["body"], m["status"], m["origin"]) for m in memories]
        for number, m in zip(ids, memories, strict=True):
            change.created(number)
            bank.rows(
                "UPDATE memory SET pinned=?, always_on=?, user_edited=?, trust=?, valid_from=?, valid_to=?, recorded_at=?, superseded_by=? "
                "WHERE id=?", *m["flags"][:3], m["trust"], *m["valid"], m["recorded"],
                None if m["superseded"] is None or ids[m["superseded"] % len(ids)] == number else ids[m["superseded"] % len(ids)], number,
            )  # fmt: skip
            for ref, quote in m["sources"]:
                store.add_source(number, Source(f"message:{said[0]}" if ref == "m" and said else ref, quote))
            for link in m["links"]:
                if ids[link % len(ids)] != number:
                    bank.rows("INSERT OR IGNORE INTO link VALUES (?,?,'derived_from')", number, ids[link % len(ids)])
            if m["kind"] == "case":
                answer, correction, reason = m["texts"]
                bank.rows(
                    "INSERT INTO case_detail (memory_id, task, plan, outcome, answer, reward, correction, judged, reason, seconds, "
                    "tainted) "
                    "VALUES (?,?,?,'done',?,?,?,?,?,?,?)", number, m["body"], json.dumps(m["plan"]), answer, m["reward"], correction,
                    m["judged"], reason, m["trust"], m["flags"][3],
                )  # fmt: skip
                for n, (args, result, ok, ms) in enumerate(m["steps"], 1):
                    bank.rows("INSERT INTO step VALUES (?,?,?,?,?,?,?,?)", number, n, "t", "tool", args, result, ok, ms)
                if said:
                    bank.rows("UPDATE message SET case_id = ? WHERE id = ?", number, said[-1])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bank, Bank, Iterator[int]]]:
    """Two banks for all examples; each example has a profile of its own in both."""
    folder = tmp_path_factory.mktemp("two")
    banks = Bank(folder / "a.sqlite"), Bank(folder / "b.sqlite")
    yield (*banks, itertools.count())
    for bank in banks:
        bank.close()


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(MEMORY, max_size=4), st.lists(TALK, max_size=2))
def test_any_bank_comes_back_equal(two: tuple[Bank, Bank, Iterator[int]], shape: Any, memories: list[dict[str, Any]], talks: list[Any]):
    bank, other, numbers = two
    number = next(numbers)
    bank.use(f"a{number}")
    other.use(f"b{number}")
    write(bank, memories, talks)
    before = state(other) if number % 10 == 0 else None
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "out"
        Exporter(bank).write(target, shape)
        done = brought(other, target, as_it_was=True, strict=True)
    assert holdings(other) == holdings(bank)
    if done.change is not None:
        History(other).undo()
        assert before is None or state(other) == before
        History(other).redo()
        assert holdings(other) == holdings(bank)


def test_an_import_of_memories_that_refer_to_each_other_is_undone(bank: Bank, other: Bank, tmp_path: Path):
    filled(bank)
    Exporter(bank).write(tmp_path / "out.jsonl")
    before = state(other)
    brought(other, tmp_path / "out.jsonl", as_it_was=True)
    done = state(other)
    History(other).undo()
    assert state(other) == before
    History(other).redo()
    assert state(other) == done


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT | st.just(""),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y_z"]), inner, max_size=3), max_leaves=6,
)))  # fmt: skip
def test_front_matter_comes_back_as_it_was(fields: dict[str, Any]):
    head, body = front.split(front.dump(fields) + "\nbody\n")
    assert (front.load(head), body) == (fields, "\nbody\n")


def test_every_column_of_the_bank_is_exported_or_known_not_to_be(bank: Bank):
    """A column that a later version adds must be carried too, or be named here."""
    known = {
        "memory": "id profile kind title body status pinned always_on origin trust user_edited valid_from valid_to recorded_at "
        "superseded_by content_hash pool",
        "case_detail": "memory_id task plan outcome answer reward reward_source correction reason model tokens seconds tainted runner "
        "judged",
        "step": "case_id n task tool args result ok ms",
        "source": "id memory_id ref quote sha256 locator",
        "link": "a b rel",
        "session": "id profile title started_at origin ref trashed",
        "message": "id session_id n role text at case_id",
    }
    for table, names in known.items():
        assert {row["name"] for row in bank.rows(f"SELECT name FROM pragma_table_info('{table}')")} == set(names.split()), table


def test_without_as_it_was_an_export_is_a_proposal_like_any_other(bank: Bank, other: Bank, tmp_path: Path):
    filled(bank)
    Exporter(bank).write(tmp_path / "out.jsonl")
    done = brought(other, tmp_path / "out.jsonl", landed="active")
    kept = Memories(other).of(range(1, 9))
    assert {(m.origin, m.pinned, m.user_edited, m.pool) for m in kept} == {("import", False, False, "")}
    assert [m.status for m in kept if m.kind == "instruction"] == ["proposed"]  # orders come from the owner alone
    assert done.left_out == {"memories that others had replaced (--as-it-was brings them)": 1, "links to memories that are not there": 1}
    (case,) = Cases(other, Memories(other)).of([m.id for m in kept if m.kind == "case"])
    assert (case.reward, case.reward_source) == (0.0, "")
    assert other.one("SELECT origin FROM session")["origin"] == "import"  # nor is what was said there the owner's keystrokes
    sources = Memories(other).sources(kept[0].id)
    assert (sources[0].ref, sources[0].locator) == ("out.jsonl", "line 3")
    assert sources[1].ref.startswith("message:")


def test_a_message_of_another_bank_is_not_ours_with_its_number(bank: Bank, tmp_path: Path):
    talks = Conversations(bank)
    talks.add(talks.begin("Mine"), "user", "private")
    record = {"record": "memory", "kind": "fact", "title": "t", "body": "b", "sources": [{"ref": "message:1"}]}
    brought(bank, lines(tmp_path / "x.jsonl", record), as_it_was=True)
    assert [s.ref for s in Memories(bank).sources(1)] == ["a conversation that is not in the export"]


def test_only_the_profile_and_the_kinds_asked_for_are_exported(bank: Bank, tmp_path: Path):
    memories = Memories(bank)
    memories.keep("Home fact.")
    memories.keep("I like tea.", kind="preference")
    Conversations(bank).begin("Talk")
    bank.use("work")
    memories.keep("Work fact.")
    Exporter(bank).write(tmp_path / "work.jsonl")
    bank.use("default")
    done = Exporter(bank).write(tmp_path / "facts.jsonl", kinds=["preference"])
    assert done.kinds == {"preference": 1}
    assert "Home" not in (tmp_path / "work.jsonl").read_text("utf-8")
    assert "tea" in (tmp_path / "facts.jsonl").read_text("utf-8")
    with pytest.raises(MementoError, match="no kind “facts”"):
        Exporter(bank).write(tmp_path / "x.jsonl", kinds=["facts"])


def test_a_file_that_was_cut_short_is_noticed(bank: Bank, other: Bank, tmp_path: Path):
    filled(bank)
    path = tmp_path / "out.jsonl"
    Exporter(bank).write(path)
    whole = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(whole[:-2]), encoding="utf-8")
    done = brought(other, path)
    assert "cut short" in done.problems[-1].why
    path.write_text(whole[0].replace('"memento_export": 1', '"memento_export": 99') + "".join(whole[1:]), encoding="utf-8")
    with pytest.raises(MementoError, match="newer version of Memento"):
        brought(other, path, strict=True)


def test_nothing_but_an_earlier_export_is_replaced(bank: Bank, tmp_path: Path):
    Memories(bank).keep("A fact.")
    exporter = Exporter(bank)
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(MementoError, match=r"exists|not an earlier export"):
            exporter.write(thesis, "jsonl", force=force)
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"jpg")
    for force in (False, True):
        with pytest.raises(MementoError, match=r"exists|not an earlier export"):
            exporter.write(photos, "markdown", force=force)
    exporter.write(tmp_path / "out")
    (tmp_path / "out" / "mine.md").write_text("my own note", encoding="utf-8")
    with pytest.raises(MementoError, match=r"mine\.md is not part of an export"):
        exporter.write(tmp_path / "out", force=True)
    (tmp_path / "out" / "mine.md").unlink()
    Memories(bank).keep("Another fact.")
    assert exporter.write(tmp_path / "out", force=True).kinds == {"fact": 2}
    assert (thesis.read_text("utf-8"), (photos / "a.jpg").read_bytes()) == ("years of work", b"jpg")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    with pytest.raises(MementoError, match="no folder"):
        exporter.write(tmp_path / "nowhere" / "x.jsonl")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_failed_export_leaves_the_earlier_one(bank: Bank, tmp_path: Path, shape: Any):
    Memories(bank).keep("A fact.")
    target = tmp_path / "out"
    Exporter(bank).write(target, shape)
    before = {p.name: p.is_dir() or p.read_bytes() for p in [target, *target.rglob("*")]}

    def fails(done: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(MementoError, match="No space left"):
        Exporter(bank).write(target, shape, force=True, progress=fails)
    assert {p.name: p.is_dir() or p.read_bytes() for p in [target, *target.rglob("*")]} == before
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_exports_are_private(bank: Bank, tmp_path: Path):
    filled(bank)
    Exporter(bank).write(tmp_path / "out.jsonl")
    Exporter(bank).write(tmp_path / "out")
    modes = {p.stat().st_mode & 0o777 for p in [tmp_path / "out.jsonl", *(tmp_path / "out").rglob("*.md")]}
    assert modes == {0o600}
    assert {p.stat().st_mode & 0o777 for p in [tmp_path / "out", *(tmp_path / "out").glob("*/")] if p.is_dir()} == {0o700}


def test_an_exported_memory_can_be_edited_by_hand(bank: Bank, other: Bank, tmp_path: Path):
    Memories(bank).keep("The gate code is 12.")
    talks = Conversations(bank)
    talks.fill(talks.begin("Talk"), [("user", "hello", None), ("assistant", "hi", None)])
    Exporter(bank).write(tmp_path / "out")
    for file in (tmp_path / "out").rglob("*-*.md"):
        text = file.read_text("utf-8").replace("code is 12", "code is 99").replace("hello", "hello there").rstrip("\n")
        file.write_bytes(text.replace("\n", "\r\n").encode())
    brought(other, tmp_path / "out", as_it_was=True, strict=True)
    memory = Memories(other).get(1)
    assert (memory.title, memory.body) == ("The gate code is 99.", "The gate code is 99.")
    assert [row["text"] for row in other.rows("SELECT text FROM message ORDER BY n")] == ["hello there", "hi"]
    (tmp_path / "out" / "facts" / "odd.md").write_text("---\nrecord: memory\nkind: fact\nstatus: odd\n---\nx\n", encoding="utf-8")
    with pytest.raises(MementoError, match=r"facts/odd\.md: “status” is “odd”"):
        brought(other, tmp_path / "out", strict=True)


def test_hostile_titles_make_harmless_names(bank: Bank, tmp_path: Path):
    titles = ["../../etc/passwd", "CON", 'a/b\\c:d*e?f"g<h>i|j', "." * 50, "é" * 300, "\u202eevil", "日本語の題"]
    for title in titles:
        Memories(bank).keep(title)
    Exporter(bank).write(tmp_path / "out")
    names = [p.name for p in (tmp_path / "out" / "facts").iterdir()]
    assert len(names) == len(titles)
    assert all(len(name.encode()) < 255 and not set(name) & set('/\\:*?"<>|') and name[0] not in ". " for name in names)
    assert bodies(bank) == titles


def test_yaml_of_others_is_read_safely():
    for bad in ("a: 1\na: 2", "a: &x 1\nb: *x", "- 1", "a: [", "a: " + "[" * 300, "!!python/name:os.system x"):
        with pytest.raises(Bad):
            front.load(bad)
