"""Small exports in the shapes of other programs, made here, and what a bank holds as one comparable value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.exchange.importing import Imported, Importer
from memento_desktop.memory.memories import Memories

TABLES = ("memory", "case_detail", "step", "source", "link", "session", "message", "embedding", "dismissed", "document_file", "tombstone")


def state(bank: Bank) -> dict[str, Any]:
    """Every row but the history, with what the text indexes find."""
    rows = {table: bank.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}
    return rows | {
        "text": bank.rows("SELECT rowid AS n, * FROM memory_text ORDER BY rowid"),
        "said": bank.rows("SELECT rowid AS n, * FROM message_text ORDER BY rowid"),
    }


def holdings(bank: Bank) -> dict[str, Any]:
    """What a profile holds, with places in the order of writing instead of numbers, so that two banks can be compared."""
    memories = bank.rows("SELECT * FROM memory WHERE profile = ? ORDER BY id", bank.profile)
    sessions = bank.rows("SELECT * FROM session WHERE profile = ? ORDER BY id", bank.profile)
    place = {row["id"]: n for n, row in enumerate(memories)} | {None: None}
    told: list[dict[str, Any]] = []
    messages: dict[str, str] = {}
    for n, session in enumerate(sessions):
        said = bank.rows("SELECT * FROM message WHERE session_id = ? ORDER BY n", session["id"])
        messages |= {f"message:{m['id']}": f"message {n}/{m['n']}" for m in said}
        kept = [(m["n"], m["role"], m["text"], m["at"], place[m["case_id"]]) for m in said]
        told.append({k: session[k] for k in ("title", "started_at", "origin", "ref")} | {"messages": kept})
    return {"conversations": told, "memories": [_memory(bank, row, place, messages) for row in memories]}


def _memory(bank: Bank, row: dict[str, Any], place: dict[Any, Any], messages: dict[str, str]) -> dict[str, Any]:
    number = row["id"]
    case = [dict(r) for r in bank.rows("SELECT * FROM case_detail WHERE memory_id = ?", number)]
    for detail in case:
        del detail["memory_id"], detail["runner"]
        detail["plan"] = json.loads(detail["plan"])
    return {name: value for name, value in row.items() if name not in ("id", "profile")} | {
        "superseded_by": place[row["superseded_by"]],
        "case": case,
        "steps": bank.rows("SELECT n, task, tool, args, result, ok, ms FROM step WHERE case_id = ? ORDER BY n", number),
        "sources": [
            {**source, "ref": messages.get(source["ref"], source["ref"])}
            for source in bank.rows("SELECT ref, quote, sha256, locator FROM source WHERE memory_id = ? ORDER BY id", number)
        ],
        "links": [(place[link["b"]], link["rel"]) for link in bank.rows("SELECT b, rel FROM link WHERE a = ? ORDER BY b, rel", number)],
        "found": bank.rows("SELECT title, body FROM memory_text WHERE rowid = ?", number),
    }


def importer(bank: Bank) -> Importer:
    return Importer(bank, Memories(bank), Conversations(bank))


def brought(bank: Bank, path: Path, **options: Any) -> Imported:
    return importer(bank).run(path, **options)


def bodies(bank: Bank, kind: str = "") -> list[str]:
    return [row["body"] for row in bank.rows("SELECT body FROM memory WHERE ? IN ('', kind) ORDER BY id", kind)]


def said(bank: Bank) -> list[list[tuple[str, str]]]:
    sessions = [row["id"] for row in bank.rows("SELECT id FROM session ORDER BY id")]
    rows = [bank.rows("SELECT role, text FROM message WHERE session_id = ? ORDER BY n", session) for session in sessions]
    return [[(row["role"], row["text"]) for row in messages] for messages in rows]


def lines(path: Path, *records: Any) -> Path:
    """JSON lines; a text stands as it is."""
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8")
    return path


def whole(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def reference(case: str, *steps: str, label: str = "positive") -> dict[str, Any]:
    plan = {"plan": [{"id": n, "description": step} for n, step in enumerate(steps, 1)]}
    return {"case": case, "plan": json.dumps(plan), "case_label": label}


def chatgpt(title: str, *nodes: tuple[str, str | None, str, str], current: str | None = None, **more: Any) -> dict[str, Any]:
    """A conversation of (name, parent, role, text) nodes below an empty root, as ChatGPT exports it."""
    tree: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    for n, (name, parent, role, text) in enumerate(nodes):
        content = {"content_type": "text", "parts": [text]}
        message = {
            "id": name,
            "author": {"role": role},
            "create_time": 1746280000.0 + n,
            "content": content,
            "metadata": {},
            "recipient": "all",
        }
        tree[name] = {"id": name, "message": message, "parent": parent or "root", "children": []}
        tree[parent or "root"]["children"].append(name)
    return {
        "title": title, "create_time": 1746280000.0, "mapping": tree, "current_node": current or nodes[-1][0],
        "conversation_id": f"id of {title}", **more,
    }  # fmt: skip


def claude(title: str, *messages: tuple[str, str | None, str, str], **more: Any) -> dict[str, Any]:
    """A conversation of (name, parent, sender, text) messages, as Claude exports it."""
    told = [
        {
            "uuid": name, "sender": sender, "text": text, "content": [{"type": "text", "text": text}], "attachments": [], "files": [],
            "created_at": f"2025-05-03T14:00:{n:02}.000000Z", **({"parent_message_uuid": parent} if parent else {}),
        }
        for n, (name, parent, sender, text) in enumerate(messages)
    ]  # fmt: skip
    return {"uuid": f"id of {title}", "name": title, "created_at": "2025-05-03T14:00:00Z", "chat_messages": told, **more}
