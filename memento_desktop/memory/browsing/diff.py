"""What one change of the history did, memory by memory and field by field, in a person's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row, with_bools
from memento_desktop.memory.memories import title_of
from memento_desktop.memory.records import Transaction

STATUS = {
    "proposed": "waits for you", "active": "in use", "archived": "put aside", "superseded": "replaced", "trashed": "deleted",
}  # fmt: skip
ORIGIN = {"user": "you", "assistant": "the assistant", "tool": "a tool", "web": "the web", "import": "an import"}
LINKS = {
    "duplicates": "may be the same as",
    "contradicts": "stands against",
    "supersedes": "takes the place of",
    "derived_from": "drawn from",
}


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; empty where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """What a change did to one memory or conversation."""

    id: int
    kind: str
    title: str
    what: Literal["new", "changed", "removed"]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Diff:
    """A change with all that it did."""

    change: Transaction
    memories: tuple[Changed, ...]
    conversations: tuple[Changed, ...]


class Diffs:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def of(self, txn_id: int) -> Diff:
        """
        Raises:
            MementoError: there is no such change.
        """
        rows = self.bank.rows(
            "SELECT id, at, actor, label, undone_by IS NOT NULL AS undone, (SELECT count(*) FROM revision WHERE txn_id = txn.id) "
            "+ (SELECT count(*) FROM session_revision WHERE txn_id = txn.id) AS memories FROM txn WHERE id = ? AND profile = ?",
            txn_id, self.bank.profile,
        )  # fmt: skip
        if not rows:
            raise MementoError(f"There is no change {txn_id}.", "`memento memory history` shows their numbers.")
        memories = self.bank.rows("SELECT memory_id AS id, before, after FROM revision WHERE txn_id = ? ORDER BY memory_id", txn_id)
        talks = self.bank.rows("SELECT session_id AS id, before, after FROM session_revision WHERE txn_id = ? ORDER BY session_id", txn_id)
        return Diff(
            Transaction(**with_bools(rows[0], "undone")),
            tuple(_changed(row, _of_memory, _name_of_memory) for row in memories),
            tuple(_changed(row, _of_talk, _name_of_talk) for row in talks),
        )


def _changed(row: Row, told: Callable[[Row], dict[str, str]], name: Callable[[Row], tuple[str, str]]) -> Changed:
    before, after = (json.loads(row[side]) if row[side] else None for side in ("before", "after"))
    kind, title = name(after or before or {})
    old, new = (told(state) if state else {} for state in (before, after))
    names = [*new, *(one for one in old if one not in new)]
    fields = tuple(FieldChange(one, old.get(one, ""), new.get(one, "")) for one in names if old.get(one, "") != new.get(one, ""))
    return Changed(row["id"], kind, title, "new" if before is None else "removed" if after is None else "changed", fields)


def _name_of_memory(state: Row) -> tuple[str, str]:
    return state["memory"]["kind"], state["memory"]["title"]


def _name_of_talk(state: Row) -> tuple[str, str]:
    return "conversation", state["session"]["title"]


def _of_memory(state: Row) -> dict[str, str]:
    """The fields of a memory that say something, by the names that people know them by."""
    memory, found = state["memory"], dict[str, str]()
    found["text"] = memory["body"]
    if memory["title"] not in (title_of(memory["body"]), ""):
        found["title"] = memory["title"]
    found["kind"] = memory["kind"]
    found["state"] = STATUS[memory["status"]]
    found["pinned"] = "yes" if memory["pinned"] else ""
    found["in every prompt"] = "yes" if memory["always_on"] else ""
    found["from"] = ORIGIN[memory["origin"]]
    found["edited by you"] = "yes" if memory["user_edited"] else ""
    found["since"], found["until"] = (_moment(memory[name]) for name in ("valid_from", "valid_to"))
    found["noted"] = _moment(memory["recorded_at"])
    found["trust"] = "" if memory["trust"] == 1 else f"{memory['trust']:.2f}"
    found["replaced by"] = f"memory {memory['superseded_by']}" if memory["superseded_by"] else ""
    found["pool"] = memory.get("pool", "")
    for detail in state["case_detail"]:
        found |= _of_case(detail)
    found["steps"] = "\n".join(f"{step['tool']} {step['args']} → {step['result']}".strip() for step in state["step"])
    found["sources"] = "\n".join(_source(source) for source in state["source"])
    found["links"] = "\n".join(f"{LINKS[link['rel']]} {link['b']}" for link in state["link"])
    return {name: value for name, value in found.items() if value}


def _of_case(detail: Mapping[str, Any]) -> dict[str, str]:
    plan: Sequence[str] = json.loads(detail["plan"])
    return {
        "plan": "\n".join(f"{n}  {step}" for n, step in enumerate(plan, 1)),
        "outcome": detail["outcome"] + (f": {detail['reason']}" if detail["reason"] else ""),
        "answer": detail["answer"],
        "reward": "" if detail["reward"] is None else f"{detail['reward']:.2f}",
        "reward by": {"owner": "you", "check": "a check", "self": "the model"}.get(detail["reward_source"], ""),
        "correction": detail["correction"],
        "model": detail["model"],
    }


def _source(source: Mapping[str, Any]) -> str:
    where = ", ".join(part for part in (source["ref"].replace(":", " ") if source["ref"].startswith("message:") else source["ref"],
                                        source.get("locator", "")) if part)  # fmt: skip
    return f"{where}: “{title_of(source['quote'])}”" if source["quote"] else where


def _of_talk(state: Row) -> dict[str, str]:
    session = state["session"]
    count = len(state["message"])
    return {
        "title": session["title"],
        "messages": f"{count}" if count else "",
        "state": "deleted" if session["trashed"] else "there",
    }


def _moment(moment: str | None) -> str:
    """On the owner's clock."""
    if moment is None:
        return ""
    local = datetime.fromisoformat(moment).astimezone()
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute, local.second) == (0, 0, 0) else f"{local:%Y-%m-%d %H:%M}"
