"""Import as a change: proposals, duplicates, bad records, all or nothing, undone in one step."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange import files
from memento_desktop.memory.exchange.importing import Importer
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.exchange.made import bodies, brought, chatgpt, importer, lines, reference, said, state, whole


def mem0(path: Path, *texts: str) -> Path:
    return whole(path, [{"id": str(n), "memory": text} for n, text in enumerate(texts)])


def test_everything_lands_as_a_proposal_and_is_undone_in_one_step(bank: Bank, memories: Memories, history: History, tmp_path: Path):
    memories.keep("My own fact.")
    before = state(bank)
    path = mem0(tmp_path / "m.json", *(f"Fact {n}" for n in range(300)))
    assert brought(bank, path).count == 300
    assert memories.count(("proposed",)) == 300
    assert history.list()[0].label == "import: m.json"
    done = state(bank)
    history.undo()
    assert state(bank) == before
    history.redo()
    assert state(bank) == done


def test_conversations_are_undone_too(bank: Bank, history: History, tmp_path: Path):
    before = state(bank)
    told = [chatgpt(f"talk {n}", ("a", None, "user", f"hello {n}"), ("b", "a", "assistant", "hi")) for n in range(20)]
    done = brought(bank, whole(tmp_path / "conversations.json", told))
    assert (done.conversations, done.messages) == (20, 40)
    assert bank.one("SELECT count(*) AS n FROM message_text WHERE message_text MATCH 'hello'")["n"] == 40
    history.undo()
    assert state(bank) == before


def test_a_dry_run_counts_the_same_and_writes_nothing(bank: Bank, memories: Memories, history: History, tmp_path: Path):
    memories.keep("Known.")
    before = state(bank)
    path = mem0(tmp_path / "m.json", "Known.", "New.", "New.", "", "Newer.")
    dry = brought(bank, path, dry_run=True)
    assert state(bank) == before
    assert len(history.list()) == 1
    wet = brought(bank, path)
    for name in ("memories", "active", "skipped", "left_out", "bad", "problems", "conversations", "messages"):
        assert getattr(dry, name) == getattr(wet, name)
    assert (wet.count, wet.skipped, wet.bad) == (2, {"known already": 1, "twice in the file": 1}, 1)
    assert dry.change is None
    assert wet.change is not None


def test_as_active_they_are_in_use_and_found(bank: Bank, memories: Memories, tmp_path: Path):
    done = brought(bank, mem0(tmp_path / "m.json", "The gate code is 12."), landed="active")
    assert done.active == 1
    assert memories.get(1).status == "active"
    assert memories.get(1).origin == "import"  # still no word of the owner's
    assert bank.rows("SELECT 1 FROM memory_text WHERE memory_text MATCH 'gate'")


def test_what_was_deleted_or_removed_for_good_does_not_come_back(bank: Bank, memories: Memories, tmp_path: Path):
    memories.trash(memories.keep("Deleted.").id)
    memories.purge(memories.keep("Purged.").id)
    done = brought(bank, mem0(tmp_path / "m.json", "Deleted.", "Purged.", "Fresh."))
    assert done.skipped == {"in the trash": 1, "removed for good before": 1}
    assert bodies(bank) == ["Deleted.", "Fresh."]


def test_a_second_import_brings_nothing_and_leaves_no_change(bank: Bank, history: History, tmp_path: Path):
    path = lines(tmp_path / "memory.jsonl", reference("Who?", "find"))
    brought(bank, path)
    again = brought(bank, path)
    assert (again.count, again.skipped, again.change) == (0, {"known already": 1}, None)
    assert len(history.list()) == 1


def test_a_conversation_that_went_on_grows(bank: Bank, history: History, tmp_path: Path):
    path = tmp_path / "conversations.json"
    first = ("a", None, "user", "one"), ("b", "a", "assistant", "two")
    brought(bank, whole(path, [chatgpt("Talk", *first)]))
    before = state(bank)
    done = brought(bank, whole(path, [chatgpt("Talk", *first, ("c", "b", "user", "three"))]))
    assert (done.conversations, done.grown, done.messages) == (0, 1, 1)
    assert said(bank) == [[("user", "one"), ("assistant", "two"), ("user", "three")]]
    assert brought(bank, path).skipped == {"conversations known already": 1}
    history.undo()
    assert state(bank) == before


def test_a_deleted_conversation_stays_deleted_and_another_branch_is_another_conversation(bank: Bank, tmp_path: Path):
    path = tmp_path / "conversations.json"
    nodes = ("a", None, "user", "one"), ("b", "a", "assistant", "two"), ("c", "a", "assistant", "three")
    brought(bank, whole(path, [chatgpt("Talk", *nodes)]))
    brought(bank, whole(path, [chatgpt("Talk", *nodes, current="b")]))
    assert said(bank) == [[("user", "one"), ("assistant", "three")], [("user", "one"), ("assistant", "two")]]
    Conversations(bank).trash(1)
    assert brought(bank, whole(path, [chatgpt("Talk", *nodes)])).skipped == {"conversations in the trash": 1}


def test_a_conversation_twice_in_the_file_comes_once_and_whole(bank: Bank, history: History, tmp_path: Path):
    one, two, three = ("a", None, "user", "one"), ("b", "a", "assistant", "two"), ("c", "b", "user", "three")
    told = [chatgpt("Talk", one, two), chatgpt("Talk", one, two, three), chatgpt("Talk", one, two, three)]
    before = state(bank)
    done = brought(bank, whole(tmp_path / "conversations.json", told))
    assert (done.conversations, done.grown, done.messages, done.skipped) == (1, 0, 3, {"conversations twice in the file": 1})
    history.undo()
    assert state(bank) == before


def test_proposals_are_asked_for_once_a_conversation_and_are_part_of_the_change(
    bank: Bank, memories: Memories, history: History, tmp_path: Path
):
    heard: list[int] = []

    def propose(session: int) -> int:
        heard.append(session)
        memories.keep(f"Proposed from {session}", origin="assistant", status="proposed", actor="assistant")
        return 1

    path = whole(tmp_path / "conversations.json", [chatgpt(f"t{n}", ("a", None, "user", "x")) for n in range(3)])
    before = state(bank)
    run = Importer(bank, memories, Conversations(bank), propose).run
    assert run(path, dry_run=True).proposals == 3
    assert state(bank) == before
    heard.clear()
    assert run(path).proposals == 3
    assert heard == [1, 2, 3]
    assert run(path).proposals == 0
    history.undo()
    assert state(bank) == before


def test_profiles_do_not_see_each_other(bank: Bank, memories: Memories, tmp_path: Path):
    path = mem0(tmp_path / "m.json", "One.", "Two.")
    talk = whole(tmp_path / "conversations.json", [chatgpt("t", ("a", None, "user", "x"))])
    brought(bank, path)
    brought(bank, talk)
    bank.use("work")
    assert memories.count(("proposed",)) == 0
    assert brought(bank, path).count == 2
    assert brought(bank, talk).conversations == 1


def test_bad_lines_are_named_and_the_rest_comes(bank: Bank, tmp_path: Path):
    path = tmp_path / "memory.jsonl"
    good = json.dumps(reference("Good?", "x"))
    deep = "[" * 200_000
    bad = [
        "{", "7", '{"case": "a"}', '{"case": 1, "plan": "{}", "case_label": "positive"}', '{"case": "a", "case": "b"}', deep,
        json.dumps(reference("x", label="maybe")), '{"case": "p", "plan": "no", "case_label": "positive"}', json.dumps(reference(" ")),
        '{"case": "p", "plan": "{\\"plan\\": [{\\"description\\": 3}]}", "case_label": "positive"}', '{"case": NaN}', "9" * 5000,
    ]  # fmt: skip
    path.write_bytes(
        "\n".join([good, *bad]).encode() + b"\n\xff\xfe bad bytes\r\n" + json.dumps(reference("Last?", "\x00y")).encode() + b"\r\n"
    )
    done = brought(bank, path)
    assert bodies(bank) == ["Good?", "Last?"]
    assert [p.place for p in done.problems] == [f"memory.jsonl, line {n}" for n in range(2, 15)]
    assert all(p.why for p in done.problems)
    with pytest.raises(MementoError, match=r"memory\.jsonl, line 2: it is not JSON"):
        brought(bank, path, strict=True)


def test_lone_surrogates_nul_and_byte_order_marks(bank: Bank, tmp_path: Path):
    path = tmp_path / "m.json"
    path.write_bytes(b'\xef\xbb\xbf[{"id":"1","memory":"a\\u0000b \\ud83d\\ude00 \\ud800 c"}]')
    brought(bank, path)
    (tmp_path / "wide.json").write_bytes(json.dumps([{"id": "1", "memory": "wide é"}], ensure_ascii=False).encode("utf-16"))
    brought(bank, tmp_path / "wide.json")
    assert bodies(bank) == ["a\ufffdb 😀 \ufffd c", "wide é"]


def test_nothing_stays_when_it_breaks_in_the_middle(bank: Bank, memories: Memories, tmp_path: Path):
    before = state(bank)
    path = mem0(tmp_path / "m.json", *(f"Fact {n}" for n in range(500)))

    def breaks(done: int, total: int) -> None:
        if done >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importer(bank).run(path, progress=breaks)
    assert state(bank) == before
    assert brought(bank, path).count == 500


def test_sizes_are_capped(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = mem0(tmp_path / "m.json", "x" * 1_000_001, "fine")
    assert "1,000,001 characters" in brought(bank, path).problems[0].why
    monkeypatch.setattr(files, "FILE_LIMIT", 1000)
    monkeypatch.setattr(files.capped, "__defaults__", (1000,))
    with pytest.raises(MementoError, match="larger than"):
        brought(bank, path)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b" " * 5_000_000)
    with pytest.raises(MementoError, match=r"conversations\.json is larger than"):
        brought(bank, tmp_path / "bomb.zip")


def test_a_damaged_archive_is_said(bank: Bank, tmp_path: Path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([chatgpt("t", ("a", None, "user", "hello " * 100))]))
    data = bytearray(path.read_bytes())
    data[50:70] = b"\0" * 20
    path.write_bytes(data)
    with pytest.raises(MementoError, match=r"conversations\.json in .*export\.zip cannot be read|in no format"):
        brought(bank, path)
    (tmp_path / "memories.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00garbage")
    with pytest.raises(MementoError, match="damaged gzip"):
        brought(bank, tmp_path / "memories.jsonl.gz")


def test_front_matter_cannot_harm(bank: Bank, tmp_path: Path):
    vault = tmp_path / "vault"
    vault.mkdir()
    heads = {
        "deep": "a: " + "[" * 100_000, "bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "twice": "title: a\ntitle: b",
        "code": "title: !!python/object/apply:os.getcwd []", "broken": "title: [", "list": "- a\n- b", "date": "created: 2025-13-45",
        "huge": "n: " + "9" * 5000,
    }  # fmt: skip
    for name, head in heads.items():
        (vault / f"{name}.md").write_text(f"---\n{head}\n---\nText of {name}.\n", encoding="utf-8")
    (vault / "open.md").write_text("---\ntitle: never closed\n", encoding="utf-8")
    done = brought(bank, vault)
    assert {p.place for p in done.problems} >= {f"{name}.md" for name in ("deep", "bomb", "twice", "code", "broken", "list")}
    assert "---\ntitle: never closed" in bodies(bank)


def test_links_in_a_folder_are_not_followed(bank: Bank, tmp_path: Path):
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "note.md").write_text("A note.", encoding="utf-8")
    secret = tmp_path / "secret.md"
    secret.write_text("A secret.", encoding="utf-8")
    try:
        (vault / "link.md").symlink_to(secret)
    except OSError:
        pytest.skip("no symbolic links here")
    done = brought(bank, vault)
    assert bodies(bank) == ["A note."]
    assert done.left_out == {"links to other files": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
BLOCKS = [{"type": "text", "text": "x"}]
SHAPES: dict[str, Any] = {
    "chatgpt": chatgpt("t", ("a", None, "user", "x"), ("b", "a", "assistant", "y")),
    "claude": {"uuid": "u", "name": "n", "chat_messages": [{"uuid": "m", "sender": "human", "content": BLOCKS, "files": []}]},
    "mem0": {
        "results": [{"id": "1", "memory": "x", "metadata": {"category": "y"}}],
        "relations": [{"source": "a", "relation": "b", "target": "c"}],
    },
    "openmemory": {"memories": [{"content": "x", "state": "active", "category_ids": ["1"]}], "categories": [{"id": "1", "name": "n"}]},
    "mcp": {
        "entities": [{"name": "a", "entityType": "b", "observations": ["c"]}],
        "relations": [{"from": "a", "relationType": "b", "to": "c"}],
    },
    "reference": reference("x", "y"),
    "memento": {
        "record": "memory", "id": "m", "kind": "case", "title": "t", "body": "b", "recorded_at": "2026-01-01",
        "links": [{"rel": "derived_from", "to": "m"}], "sources": [{"ref": "r"}],
        "case": {"outcome": "done", "plan": ["x"], "steps": [{"n": 1, "task": "t", "tool": "", "args": "{}", "result": "", "ok": True}]},
    },
}  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Any]:
    """A file of a format with one value replaced by something else, or one field gone."""
    name = draw(st.sampled_from(sorted(SHAPES)))
    value = json.loads(json.dumps(SHAPES[name]))
    node: Any = value
    at: Any = None
    inner: Any = value
    for depth in range(draw(st.integers(1, 7))):
        if not isinstance(inner, dict | list) or not inner:
            assert depth, "every shape has fields"
            break
        node, at = inner, draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))))
        inner = node[at]
    if draw(st.booleans()):
        node[at] = draw(JSON)
    else:
        del node[at]
    return name, value


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):
    bank = Bank(tmp_path_factory.mktemp("shared") / "bank.sqlite")
    yield bank
    bank.close()


@settings(max_examples=150, deadline=None)
@given(spoiled(), st.booleans())
def test_no_spoiled_file_ends_in_anything_but_a_message(
    shared: Bank, tmp_path_factory: pytest.TempPathFactory, made: tuple[str, Any], named: bool
):
    name, value = made
    path = tmp_path_factory.getbasetemp() / "spoiled.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        brought(shared, path, format=name if named else "", dry_run=True)
    except MementoError as error:
        assert error.message
