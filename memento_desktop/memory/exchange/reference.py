"""The case pool of Memento's reference implementation: JSON lines of a case, its plan as a JSON string, and a label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memento_desktop.memory.exchange.base import Bad, CaseDraft, Draft, Log, body_of, mapping, one_of, sequence, text_of
from memento_desktop.memory.exchange.detection import JSON_LINES, Format
from memento_desktop.memory.exchange.files import Part, parsed


def _is_case(record: dict[str, Any]) -> bool:
    return isinstance(record.get("case"), str) and "plan" in record and "case_label" in record


def read(parts: list[Part], log: Log) -> Iterator[Draft]:
    for part in parts:
        for n, value in part.lines(log):
            try:
                yield _case(value, part.name, n)
            except Bad as error:
                log.bad(f"{part.name}, line {n}", str(error))


def _case(value: Any, file: str, n: int) -> Draft:
    record = mapping(value)
    label = one_of(record, "case_label", ("positive", "negative"))
    worked = label == "positive"
    # Its reward has no source that we know: neither our owner nor a check of ours said so.
    case = CaseDraft(
        plan=_plan(text_of(record, "plan")), outcome="done" if worked else "failed", reward=1.0 if worked else 0.0,
        reason=f"labelled {label} in {file}",
    )  # fmt: skip
    return Draft("case", body_of(text_of(record, "case"), "“case”"), file, f"line {n}", case=case)


def _plan(text: str) -> tuple[str, ...]:
    try:
        plan = parsed(text)
    except Bad as error:
        raise Bad(f"“plan”: {error}") from error
    steps = sequence(plan.get("plan") if isinstance(plan, dict) else plan, "plan")  # pyright: ignore[reportUnknownMemberType]
    return tuple(text_of(mapping(step, "a step of the plan"), "description").strip() for step in steps)


FORMAT = Format("reference", "the reference project's case pool", JSON_LINES, lambda part: any(map(_is_case, part.first_records)), read)
