"""Our own records: a memory or a conversation as plain fields, the same in JSON lines and in front matter, and back.

What stands at its default is left away. `SCHEMA` grows when a reader of today could not understand the records any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, cast, get_args

from memento_desktop.memory.exchange.base import (
    LARGEST,
    Bad,
    CaseDraft,
    Draft,
    Said,
    Talk,
    Was,
    exact_moment,
    flag_of,
    mapping,
    one_of,
    real_of,
    sequence,
    share_of,
    text_of,
    whole_of,
)
from memento_desktop.memory.records import Kind, Origin, Outcome, RewardSource, Source, Status, Step

SCHEMA = 1
RELATIONS = ("duplicates", "contradicts", "supersedes", "derived_from")
ANY_LENGTH = LARGEST
GONE = "a conversation that is not in the export"
"""What a source refers to whose message was not exported."""


def memory_fields(draft: Draft) -> dict[str, Any]:
    """A memory with all that belongs to it."""
    was = draft.was
    assert was is not None, "only memories of a bank are exported"
    record: dict[str, Any] = {
        "record": "memory", "id": draft.key, "number": draft.number, "kind": draft.kind, "status": was.status, "origin": was.origin,
        "recorded_at": draft.at, "title": draft.title, "body": draft.body, "pinned": was.pinned, "always_on": was.always_on,
        "user_edited": was.user_edited, "trust": was.trust, "pool": was.pool, "valid_from": draft.valid_from, "valid_to": draft.valid_to,
        "superseded_by": draft.superseded_by, "links": [{"rel": rel, "to": to} for rel, to in draft.links],
        "sources": [_lean(asdict(source)) for source in draft.sources],
    }  # fmt: skip
    if was.trust == 1.0:
        del record["trust"]
    if draft.case is not None:
        case = {f.name: getattr(draft.case, f.name) for f in fields(draft.case)}
        case |= {"plan": list(draft.case.plan), "steps": [asdict(step) for step in draft.case.steps]}
        record["case"] = _lean(case)
    return _lean(record) | {"title": draft.title, "body": draft.body}


def _lean(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value not in (None, "", [], False) or isinstance(value, float)}


def memory_of(value: Any, file: str, place: str) -> Draft:
    """
    Raises:
        Bad: it is no memory, or not one that the bank could hold.
    """
    record = mapping(value)
    was = Was(
        cast("Status", one_of(record, "status", get_args(Status), "active")), flag_of(record, "pinned"), flag_of(record, "always_on"),
        cast("Origin", one_of(record, "origin", get_args(Origin), "import")), real_of(record, "trust", 1.0), flag_of(record, "user_edited"),
        text_of(record, "pool", ""),
    )  # fmt: skip
    kind = cast("Kind", one_of(record, "kind", get_args(Kind)))
    case = _case_of(record["case"]) if record.get("case") is not None else None
    if (kind == "case") != (case is not None):
        raise Bad("a case without its plan and outcome" if kind == "case" else f"a {kind} that has what only a case has")
    links = [mapping(link, "a link") for link in sequence(record.get("links"), "links")]
    return Draft(
        kind, text_of(record, "body", limit=ANY_LENGTH), file, place, title=text_of(record, "title", "", ANY_LENGTH),
        at=exact_moment(record, "recorded_at"), valid_from=exact_moment(record, "valid_from"), valid_to=exact_moment(record, "valid_to"),
        case=case, sources=tuple(_source_of(source) for source in sequence(record.get("sources"), "sources")),
        key=text_of(record, "id", ""),
        links=tuple((one_of(link, "rel", RELATIONS), text_of(link, "to")) for link in links),
        superseded_by=text_of(record, "superseded_by", ""), was=was, number=whole_of(record, "number"),
    )  # fmt: skip


def _case_of(value: Any) -> CaseDraft:
    record = mapping(value, "“case”")
    plan = sequence(record.get("plan"), "plan")
    if not all(isinstance(step, str) for step in plan):
        raise Bad("“plan” is not a list of texts")
    return CaseDraft(
        tuple(text_of({"plan": step}, "plan", limit=ANY_LENGTH) for step in plan),
        cast("Outcome", one_of(record, "outcome", get_args(Outcome))), text_of(record, "answer", "", ANY_LENGTH),
        share_of(record, "reward"), cast("RewardSource", one_of(record, "reward_source", get_args(RewardSource), "")),
        text_of(record, "correction", "", ANY_LENGTH), share_of(record, "judged"), text_of(record, "reason", "", ANY_LENGTH),
        text_of(record, "model", ""), whole_of(record, "tokens"), real_of(record, "seconds"), flag_of(record, "tainted"),
        _steps_of(record), text_of(record, "task", "", ANY_LENGTH),
    )  # fmt: skip


def _steps_of(record: Mapping[str, Any]) -> tuple[Step, ...]:
    steps = [mapping(step, "a step") for step in sequence(record.get("steps"), "steps")]
    found = tuple(
        Step(
            whole_of(step, "n"), text_of(step, "task", limit=ANY_LENGTH), text_of(step, "tool"), text_of(step, "args", limit=ANY_LENGTH),
            text_of(step, "result", limit=ANY_LENGTH), flag_of(step, "ok"), whole_of(step, "ms"),
        )
        for step in steps
    )  # fmt: skip
    if len({step.n for step in found}) < len(found):
        raise Bad("two steps have the same number")
    return found


def _source_of(value: Any) -> Source:
    record = mapping(value, "a source")
    return Source(
        text_of(record, "ref"), text_of(record, "quote", "", ANY_LENGTH), text_of(record, "sha256", ""), text_of(record, "locator", "")
    )


def talk_fields(talk: Talk) -> dict[str, Any]:
    """A conversation without its messages."""
    record = {"record": "conversation", "id": talk.key, "number": talk.number, "title": talk.title, "started_at": talk.started_at}
    return record | ({"origin": talk.origin} if talk.origin != "memento" else {}) | ({"ref": talk.ref} if talk.ref else {})


def message_fields(said: Said) -> dict[str, Any]:
    return {"role": said.role, "at": said.at, "text": said.text} | ({"case": said.case} if said.case else {})


def talk_of(value: Any, file: str, place: str) -> Talk:
    """
    Raises:
        Bad: it is no conversation.
    """
    record = mapping(value)
    return Talk(
        text_of(record, "title"), exact_moment(record, "started_at") or _missing("started_at"),
        tuple(said_of(message) for message in sequence(record.get("messages"), "messages")), file, place,
        text_of(record, "origin", "memento", 100), text_of(record, "ref", "", 1000), text_of(record, "id", ""), whole_of(record, "number"),
    )  # fmt: skip


def said_of(value: Any) -> Said:
    record = mapping(value, "a message")
    at = exact_moment(record, "at") or _missing("at")
    return Said(one_of(record, "role", ("user", "assistant")), text_of(record, "text", limit=ANY_LENGTH), at, text_of(record, "case", ""))


def _missing(name: str) -> str:
    raise Bad(f"“{name}” is missing")
