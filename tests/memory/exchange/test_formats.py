"""Each format of other programs, on small files in its shapes."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories
from tests.memory.exchange.made import bodies, brought, chatgpt, claude, lines, reference, said, whole


def test_cases_of_the_reference_project_have_plan_and_label_and_no_owner(bank: Bank, memories: Memories, cases: Cases, tmp_path: Path):
    path = lines(tmp_path / "memory.jsonl", reference("Who wrote it?", "find it", "ask"), reference("When?", "look", label="negative"))
    done = brought(bank, path)
    assert (done.format, dict(done.memories)) == ("the reference project's case pool", {"case": 2})
    good, bad = cases.of([1, 2])
    assert (good.task, good.plan, good.outcome, good.reward, good.status) == ("Who wrote it?", ("find it", "ask"), "done", 1.0, "proposed")
    assert (bad.outcome, bad.reward, bad.worked) == ("failed", 0.0, False)
    assert {good.reward_source, bad.reward_source} == {""}  # nobody here said so
    assert [(s.ref, s.locator) for s in memories.sources(2)] == [("memory.jsonl", "line 2")]
    assert memories.get(1).origin == "import"


def test_chatgpt_follows_the_branch_that_was_on_the_screen(bank: Bank, tmp_path: Path):
    talk = chatgpt(
        "Trip", ("a", None, "system", ""), ("b", "a", "user", "Where to?"), ("c", "b", "assistant", "Rome"),
        ("d", "b", "assistant", "Paris"), ("e", "c", "user", "And then?"), current="d",
    )  # fmt: skip
    done = brought(bank, whole(tmp_path / "conversations.json", [talk]))
    assert said(bank) == [[("user", "Where to?"), ("assistant", "Paris")]]
    assert done.left_out == {"messages on other branches": 2}
    session = bank.one("SELECT * FROM session")
    assert (session["title"], session["origin"], session["ref"]) == ("Trip", "chatgpt", "chatgpt:id of Trip")
    assert session["started_at"].startswith("2025-05-03T13:46:40")


def test_chatgpt_leaves_out_what_nobody_said(bank: Bank, tmp_path: Path):
    talk = chatgpt("Mixed", ("a", None, "user", "Draw it"), ("b", "a", "assistant", "x"), ("c", "b", "tool", "y"), ("d", "c", "user", "z"))
    tree = talk["mapping"]
    tree["a"]["message"]["content"] = {
        "content_type": "multimodal_text",
        "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://1"}, "Draw it"],
    }
    tree["b"]["message"]["recipient"] = "python"
    tree["d"]["message"]["content"] = {"content_type": "user_editable_context", "user_profile": "secret"}
    done = brought(bank, whole(tmp_path / "conversations.json", [talk, chatgpt("Empty", ("a", None, "system", ""))]))
    assert said(bank) == [[("user", "[image]\nDraw it")]]
    assert done.left_out == {"messages of tools and of the system": 2, "custom instructions": 1, "conversations without a word": 1}


def test_chatgpt_without_a_current_message_takes_the_newest_leaf(bank: Bank, tmp_path: Path):
    talk = chatgpt("Old", ("a", None, "user", "one"), ("b", "a", "assistant", "two"), ("c", "a", "assistant", "three"))
    del talk["current_node"]
    brought(bank, whole(tmp_path / "conversations.json", [talk]))
    assert said(bank) == [[("user", "one"), ("assistant", "three")]]


def test_chatgpt_with_a_broken_chain_keeps_what_is_there_and_a_ring_is_refused(bank: Bank, tmp_path: Path):
    broken = chatgpt("Broken", ("a", None, "user", "one"), ("b", "a", "assistant", "two"))
    broken["mapping"]["a"]["parent"] = "lost"
    ring = chatgpt("Ring", ("a", None, "user", "one"), ("b", "a", "assistant", "two"))
    ring["mapping"]["a"]["parent"] = "b"
    done = brought(bank, whole(tmp_path / "conversations.json", [broken, ring]))
    assert said(bank) == [[("user", "one"), ("assistant", "two")]]
    assert [p.place for p in done.problems] == ["conversations.json, conversation 1, “Broken”", "conversations.json, conversation 2"]
    assert "ring" in done.problems[1].why


def test_an_archive_is_read_in_memory_and_its_paths_write_nothing(bank: Bank, tmp_path: Path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil/conversations.json", json.dumps([chatgpt("Zipped", ("a", None, "user", "hello"))]))
        archive.writestr("user.json", "{}")
    before = sorted(tmp_path.rglob("*"))
    done = brought(bank, path)
    assert said(bank) == [[("user", "hello")]]
    assert done.left_out == {"other files beside it": 1}
    assert sorted(tmp_path.rglob("*")) == before


def test_claude_with_and_without_parents(bank: Bank, tmp_path: Path):
    flat = claude("Flat", ("a", None, "human", "hi"), ("b", None, "assistant", "hello"))
    root = "00000000-0000-4000-8000-000000000000"
    tree = claude(
        "Tree", ("a", root, "human", "hi"), ("b", "a", "assistant", "old"), ("c", "a", "assistant", "new"), ("d", "c", "human", "ok")
    )
    pinned = claude("Pinned", ("a", root, "human", "hi"), ("b", "a", "assistant", "old"), ("c", "a", "assistant", "new"))
    pinned["current_leaf_message_uuid"] = "b"
    done = brought(bank, whole(tmp_path / "conversations.json", [flat, tree, pinned]))
    assert done.format == "a Claude export"
    assert said(bank) == [
        [("user", "hi"), ("assistant", "hello")],
        [("user", "hi"), ("assistant", "new"), ("user", "ok")],
        [("user", "hi"), ("assistant", "old")],
    ]
    assert done.left_out == {"messages on other branches": 2}


def test_claude_takes_text_blocks_and_names_files(bank: Bank, tmp_path: Path):
    talk = claude("Blocks", ("a", None, "human", "see"), ("b", None, "assistant", "x"))
    talk["chat_messages"][0] |= {
        "attachments": [{"file_name": "paste.txt", "extracted_content": "my code is 1"}],
        "files": [{"file_name": "a.png"}],
    }
    talk["chat_messages"][1]["content"] = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "I see"}, {"type": "tool_use"}]
    done = brought(bank, whole(tmp_path / "conversations.json", [talk]))
    assert said(bank) == [[("user", "see\n\n[file: paste.txt]\n[file: a.png]"), ("assistant", "I see")]]
    assert done.left_out == {"the machine's own notes, code and thoughts": 2}


@pytest.mark.parametrize("shape", ["results", "list", "lines", "nested"])
def test_mem0_in_its_shapes(bank: Bank, memories: Memories, tmp_path: Path, shape: str):
    told = [
        {
            "id": "1",
            "memory": "Likes oolong",
            "user_id": "sam",
            "created_at": "2024-05-03T02:00:00-07:00",
            "categories": ["user_preferences"],
        },
        {"id": "2", "memory": " Works at a bakery ", "user_id": "sam", "metadata": {"category": "work"}, "created_at": None},
    ]
    path = tmp_path / "mem0.json"
    if shape == "lines":
        lines(path, *told)
    else:
        whole(
            path,
            {"results": {"results": told}, "list": told, "nested": {"count": 2, "results": told}}[shape]
            if shape != "results"
            else {"results": told},
        )
    done = brought(bank, path)
    assert done.format == "memories of mem0"
    assert [(m.kind, m.body, m.status) for m in memories.of([1, 2])] == [
        ("preference", "Likes oolong", "proposed"), ("fact", "Works at a bakery", "proposed"),
    ]  # fmt: skip
    assert memories.get(1).recorded_at == "2024-05-03T09:00:00.000000+00:00"
    assert memories.sources(1)[0].quote == "Likes oolong"


def test_mem0_relations_are_sentences(bank: Bank, tmp_path: Path):
    edges = [
        {"source": "sam", "relationship": "works_at", "target": "bakery"},
        {"source": "sam", "relation": "likes", "destination": "tea"},
        {},
    ]
    done = brought(bank, whole(tmp_path / "m.json", {"results": [{"id": "1", "memory": "Is Sam"}], "relations": edges}))
    assert bodies(bank) == ["Is Sam", "sam works at bakery", "sam likes tea"]
    assert [p.place for p in done.problems] == ["m.json, relation 3"]


@pytest.mark.parametrize("shape", ["zip", "json", "gz", "page"])
def test_openmemory_in_its_shapes(bank: Bank, memories: Memories, tmp_path: Path, shape: str):
    told = [
        {"id": "1", "content": "Likes oolong", "state": "active", "created_at": "2025-05-03T14:00:00+00:00", "category_ids": ["c1"]},
        {"id": "2", "content": "Moved", "state": "deleted", "created_at": None, "category_ids": []},
        {"id": "3", "content": "Has a cat", "state": "archived", "created_at": 1746280800, "category_ids": []},
    ]
    export = {"user": {}, "categories": [{"id": "c1", "name": "preferences"}], "memories": told, "export_meta": {"version": "1"}}
    by_line = [
        {k: v for k, v in m.items() if k != "category_ids"} | {"app": "x", "categories": ["preferences"][: n == 0]}
        for n, m in enumerate(told)
    ]
    packed = gzip.compress("".join(json.dumps(m) + "\n" for m in by_line).encode())
    path = tmp_path / {"zip": "memories_export.zip", "json": "memories.json", "gz": "memories.jsonl.gz", "page": "page.json"}[shape]
    if shape == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("memories.json", json.dumps(export))
            archive.writestr("memories.jsonl.gz", packed)
    elif shape == "gz":
        path.write_bytes(packed)
    else:
        whole(path, export if shape == "json" else {"items": by_line, "total": 3, "page": 1})
    done = brought(bank, path)
    assert done.format == "an OpenMemory export"
    assert [(m.kind, m.body) for m in memories.of([1, 2, 3])] == [("preference", "Likes oolong"), ("fact", "Has a cat")]
    assert done.left_out["memories that were deleted there"] == 1
    assert memories.get(2).recorded_at == "2025-05-03T14:00:00.000000+00:00"  # from seconds since 1970


@pytest.mark.parametrize("shape", ["lines", "graph"])
def test_the_mcp_memory_servers_graph(bank: Bank, memories: Memories, tmp_path: Path, shape: str):
    entity = {"name": "John_Smith", "entityType": "person", "observations": ["Speaks fluent Spanish", "John Smith is tall", "", 7]}
    bare = {"name": "Acme", "entityType": "company", "observations": []}
    relation = {"from": "John_Smith", "to": "Acme", "relationType": "works_at"}
    path = tmp_path / "memory.jsonl"
    if shape == "lines":
        lines(path, {"type": "entity", **entity}, {"type": "entity", **bare}, {"type": "relation", **relation}, {"type": "odd"})
    else:
        whole(path, {"entities": [entity, bare], "relations": [relation]})
    done = brought(bank, path)
    assert bodies(bank) == ["John Smith: Speaks fluent Spanish", "John Smith is tall", "John Smith works at Acme"]
    assert done.left_out == {"entities of which nothing is known": 1}
    assert done.bad == (3 if shape == "lines" else 2)
    source = memories.sources(1)[0]
    assert source.quote == "Speaks fluent Spanish"
    assert source.locator.endswith(", John Smith (person)")


NOTE = """---
title: Coffee Brewing
type: note
tags: [coffee, brewing]
created: 2025-05-03
rating: 5
---
# Coffee Brewing

The water is [[Water|filtered water]].

```sh
# no heading
- [no] observation
```

## Observations
- [method] Pour over is clearer #brewing
- [preference] Coffee Brewing at 92 degrees (mine)
- [x] a task that was done
- [link](https://example.org) is none

## Relations
- relates_to [[Coffee Beans]]
- [[Tea]]
"""


def test_a_note_of_basic_memory(bank: Bank, memories: Memories, tmp_path: Path):
    vault = tmp_path / "vault"
    (vault / "sub").mkdir(parents=True)
    (vault / ".obsidian").mkdir()
    (vault / ".obsidian" / "x.md").write_text("hidden", encoding="utf-8")
    (vault / "sub" / "coffee.md").write_text(NOTE, encoding="utf-8")
    (vault / "picture.png").write_bytes(b"\x89PNG")
    (vault / "short.md").write_text("\ufeffRuth's locker code is 4471, see [[Locker#Code]] and ![[map.png|300]].\r\n", encoding="utf-8")
    done = brought(bank, vault)
    assert done.format == "Markdown notes"
    assert done.left_out == {"other files beside it": 1}
    kept = memories.of(range(1, 20))
    assert [(m.kind, m.title, m.body) for m in kept] == [
        (
            "fact",
            "Ruth's locker code is 4471, see Locker › Code and map.png.",
            "Ruth's locker code is 4471, see Locker › Code and map.png.",
        ),
        ("document", "Coffee Brewing", kept[1].body),
        ("document", "Coffee Brewing › Observations", "- [x] a task that was done\n- [link](https://example.org) is none"),
        ("fact", "Coffee Brewing: Pour over is clearer #brewing", "Coffee Brewing: Pour over is clearer #brewing"),
        ("preference", "Coffee Brewing at 92 degrees (mine)", "Coffee Brewing at 92 degrees (mine)"),
        ("fact", "Coffee Brewing relates to Coffee Beans", "Coffee Brewing relates to Coffee Beans"),
        ("fact", "Coffee Brewing relates to Tea", "Coffee Brewing relates to Tea"),
    ]
    assert kept[1].body.startswith("Tags: coffee, brewing\nrating: 5\n\nThe water is filtered water.")
    assert "# no heading" in kept[1].body
    assert kept[3].recorded_at == "2025-05-03T00:00:00.000000+00:00"
    (source,) = memories.sources(4)
    assert (source.ref, source.locator, source.quote) == (
        "vault/sub/coffee.md",
        "line 18, [method]",
        "- [method] Pour over is clearer #brewing",
    )


def test_a_long_note_is_cut_between_paragraphs(bank: Bank, tmp_path: Path):
    paragraphs = [f"Paragraph {n}. " + "word " * 60 for n in range(12)]
    (tmp_path / "long.md").write_text("# Long\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    brought(bank, tmp_path / "long.md")
    kept = bodies(bank)
    assert len(kept) > 2
    assert "\n\n".join(kept) == "\n\n".join(p for p in paragraphs).strip()


def test_what_is_in_no_known_format_is_said(bank: Bank, tmp_path: Path):
    (tmp_path / "a.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(MementoError, match=r"a\.txt is in no format that is known: it is not JSON"):
        brought(bank, tmp_path / "a.txt")
    with pytest.raises(MementoError, match="There is no file"):
        brought(bank, tmp_path / "nowhere.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MementoError, match="it is empty"):
        brought(bank, tmp_path / "empty")
    with pytest.raises(MementoError, match="There is no format “x”"):
        brought(bank, tmp_path / "a.txt", format="x")
    with pytest.raises(MementoError, match=r"Nothing in a\.txt could be read\. a\.txt, line 1: it is not JSON"):
        brought(bank, tmp_path / "a.txt", format="reference")
