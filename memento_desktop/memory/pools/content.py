"""What of a memory goes into a pool, and what of a record becomes a memory: a case, a lesson or a fact, as plain JSON.

    {"kind": "fact", "text": …, "since": …, "until": …}
    {"kind": "case", "task": …, "plan": […], "outcome": "done", "reward": 1.0, "correction": …, "answer": …, "steps": [{…}]}

A case's answer and the results of its tools are in it only when its owner asked for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from memento_desktop.errors import MementoError
from memento_desktop.memory.pools.identity import tidy
from memento_desktop.memory.pools.record import dumped
from memento_desktop.memory.records import Case, Memory

SHARED = ("case", "lesson", "fact")
Shared = Literal["case", "lesson", "fact"]
LONGEST_TEXT = 20_000
"""Characters of one text."""
MOST_STEPS = 200
HIDDEN = {"kind", "outcome", "since", "until", "ok"}
"""Fields that are no free text."""


def content_of(memory: Memory, case: Case | None, results: bool) -> dict[str, Any]:
    """What is published of a memory, before masking.

    Raises:
        MementoError: it is of a kind that is not shared, is in the trash, came from a pool, or still runs.
    """
    if memory.pool:
        raise MementoError(f"Memory {memory.id} came from a pool: it is its author's to share.", "Remember your own version of it.")
    if memory.kind not in SHARED:
        raise MementoError(f"Memory {memory.id} is of the kind “{memory.kind}”.", "Shared are cases, lessons and facts.")
    if memory.status not in ("active", "archived"):
        raise MementoError(f"Memory {memory.id} is {memory.status}.", "Only what is in use is shared.")
    if case is None:
        found: dict[str, Any] = {"kind": memory.kind, "text": tidy(memory.body)}
        found |= {name: at for name, at in (("since", memory.valid_from), ("until", memory.valid_to)) if at}
        return found
    if case.outcome not in ("done", "failed"):
        raise MementoError(f"Case {memory.id} is {case.outcome}.", "Only cases that came to an end are shared.")
    found = {"kind": "case", "task": tidy(case.task), "plan": [tidy(step) for step in case.plan], "outcome": case.outcome}
    if case.reward is not None:
        found["reward"] = round(case.reward, 4)
    if case.correction:
        found["correction"] = tidy(case.correction)
    if results:
        found["answer"] = tidy(case.answer)
        found["steps"] = [
            {"task": tidy(s.task), "tool": tidy(s.tool), "args": tidy(s.args), "result": tidy(s.result), "ok": s.ok} for s in case.steps
        ]
    return found


def texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every free text in it with the name of its field, in order."""
    for name, value in content.items():
        if name in HIDDEN:
            continue
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                if isinstance(item, str):
                    yield name, item
                elif isinstance(item, dict):
                    yield from texts(cast("dict[str, Any]", item))


def changed(value: Any, change: Callable[[str], str], name: str = "") -> Any:
    """`value` with every free text changed."""
    if isinstance(value, str):
        return value if name in HIDDEN else change(value)
    if isinstance(value, list):
        return [changed(item, change, name) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: changed(item, change, key) for key, item in cast("dict[str, Any]", value).items()}
    return value


def digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(dumped(dict(content))).hexdigest()


@dataclass(frozen=True)
class SharedStep:
    task: str
    tool: str
    args: str
    result: str
    ok: bool


@dataclass(frozen=True)
class Shown:
    """A record's content, checked: what a memory is made of."""

    kind: Shared
    text: str
    """The fact, the lesson, or the case's task."""
    since: str | None = None
    until: str | None = None
    plan: tuple[str, ...] = ()
    outcome: Literal["done", "failed"] = "done"
    reward: float | None = None
    correction: str = ""
    answer: str = ""
    steps: tuple[SharedStep, ...] = ()


def shown(content: Mapping[str, Any]) -> Shown:
    """
    Raises:
        ValueError: it is not what a memory can be made of.
    """
    kind = content.get("kind")
    if kind not in SHARED:
        raise ValueError("an unknown kind")
    if kind != "case":
        return Shown(kind, _text(content, "text"), since=_moment(content, "since"), until=_moment(content, "until"))
    outcome, reward = content.get("outcome"), content.get("reward")
    if outcome not in ("done", "failed"):
        raise ValueError("an unknown outcome")
    if reward is not None and (isinstance(reward, bool) or not isinstance(reward, int | float) or not 0 <= reward <= 1):
        raise ValueError("a reward outside of 0 to 1")
    plan = _list(content, "plan")
    return Shown(
        kind, _text(content, "task"), plan=tuple(_plain(step) for step in plan), outcome=outcome,
        reward=None if reward is None else float(reward), correction=_text(content, "correction", ""), answer=_text(content, "answer", ""),
        steps=tuple(_step(step) for step in _list(content, "steps")),
    )  # fmt: skip


def _text(content: Mapping[str, Any], name: str, default: str | None = None) -> str:
    text = _plain(content.get(name, default)).strip()
    if not text and default is None:
        raise ValueError(f"an empty {name}")
    return text


def _plain(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("a text that is none, or too long")
    return tidy(value)


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    found = content.get(name, [])
    if not isinstance(found, list) or len(cast("list[Any]", found)) > MOST_STEPS:
        raise ValueError(f"a {name} that is no list, or too long")
    return cast("list[Any]", found)


def _step(value: Any) -> SharedStep:
    if not isinstance(value, dict):
        raise ValueError("a step that is none")
    step = cast("dict[str, Any]", value)
    texts = [_text(step, name, "") for name in ("task", "tool", "args", "result")]
    return SharedStep(*texts, ok=bool(step.get("ok")))


def _moment(content: Mapping[str, Any], name: str) -> str | None:
    text = content.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError(f"a {name} that is no moment")
    datetime.fromisoformat(text)
    return text
