"""A memory as a sheet of Markdown with front matter, for the owner's editor, and what was written on it back into the bank.

Only what the owner changed on the sheet is changed, as one change. What cannot be read is refused with its line and the reason, and the
error holds the text, so that nothing that was typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.shaping import Shaped, Shaping
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.curation.finding import KINDS
from memento_desktop.memory.exchange.base import Bad
from memento_desktop.memory.exchange.front import FENCE, dump, load, split
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Case, Kind, Memory

SPOKEN = {True: "yes", False: "no"}
STATUSES = ("active", "archived", "trashed")
"""What the owner may make of a memory; what it is now may stay."""
TEXT = "text"
LONGEST = 1_000_000


class SheetError(MementoError):
    """A sheet that cannot be taken.

    Attributes:
        line: the line it is about, from 1; None where it is about no line.
        text: what the owner wrote, whole.
    """

    def __init__(self, message: str, hint: str, line: int | None, text: str) -> None:
        super().__init__(message, hint)
        self.line, self.text = line, text


@dataclass(frozen=True)
class Sheet:
    """A memory to be edited, or a new one (`memory_id` None)."""

    memory_id: int | None
    text: str


Fields = dict[str, Any]


class Sheets:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases | None = None) -> None:
        self.bank, self.memories = bank, memories
        self.cases = cases or Cases(bank, memories)
        self.shaping = Shaping(bank, memories, self.cases)

    def open(self, memory_id: int) -> Sheet:
        """
        Raises:
            MementoError: there is no such memory, it belongs to a shared pool, or its task still runs.
        """
        memory = self.memories.get(memory_id)
        if memory.pool:
            raise MementoError(f"Memory {memory_id} belongs to a shared pool and is read-only.", "Remember your own version of it.")
        case = self.cases.get(memory_id) if memory.kind == "case" else None
        if case is not None and case.outcome == "running":
            raise MementoError(f"Case {memory_id}, “{memory.title}”, still runs.", "Edit it when it has ended.")
        return Sheet(memory_id, _written(memory, case))

    def new(self, kind: Kind = "fact", text: str = "") -> Sheet:
        """
        Raises:
            MementoError: memories of this kind are not made by hand.
        """
        if kind not in KINDS:
            raise MementoError(f"A {kind} is not made by hand.", f"Known: {', '.join(KINDS)}.")
        return Sheet(None, _dumped({"kind": kind, "pinned": False, "since": None, "until": None}, text))

    def apply(self, sheet: Sheet, text: str) -> Shaped:
        """Does what was changed on a sheet, as one change.

        Raises:
            SheetError: a field or value cannot be taken, or the memory was changed meanwhile. Nothing is changed then.
        """
        lines = _Lines(text)
        fields = _read(text, lines, sheet.memory_id is None)
        try:
            if sheet.memory_id is None:
                return self._make(fields)
            then, today = _fields_of(sheet.text), _fields_of(self.open(sheet.memory_id).text)
            changed = {name: value for name, value in fields.items() if value != then.get(name)}
            for name in changed:
                if name == "memory":
                    raise _FieldError(name, f"This is memory {sheet.memory_id}; its number stays.", "Put it back.")
                if name not in then:
                    raise _FieldError(name, f"“{name}” is no field of this memory.", f"Known: {', '.join(then)}.")
                if today.get(name) != then[name] and today.get(name) != changed[name]:
                    raise _FieldError(name, f"The {name} was changed meanwhile.", "Open the memory again, and copy what you wrote.")
            return self._change(sheet.memory_id, changed, fields)
        except _FieldError as error:
            line = lines.of(error.field)
            where = f"Line {line}: " if line else ""
            raise SheetError(where + error.message, error.hint, line, text) from error
        except MementoError as error:
            raise SheetError(error.message, error.hint, None, text) from error

    def _make(self, fields: Fields) -> Shaped:
        if not fields[TEXT]:
            raise _FieldError(TEXT, "There is no text.", f"Write it below the second {FENCE}.")
        with self.bank.change("owner", f"remember: {title_of(fields[TEXT])}") as change:
            made = self.shaping.create(fields.get("kind", "fact"), fields[TEXT])
            number = made.memories[0].id
            self._steps(number, {name: value for name, value in fields.items() if name in ("pinned", "since", "until") and value})
        return self._done(made.memories[0].id, [one.id for one in made.also], change.id, made.label)

    def _change(self, number: int, changed: Fields, fields: Fields) -> Shaped:
        if TEXT in changed and not changed[TEXT]:
            raise _FieldError(TEXT, "There is no text left.", f"`memento memory delete {number}` deletes a memory.")
        memory = self.memories.get(number)
        label = f"edit: {title_of(fields[TEXT]) if TEXT in changed else memory.title}"
        with self.bank.change("owner", label) as change:
            also = self._steps(number, changed)
        return self._done(number, also, change.id, label)

    def _done(self, number: int, also: list[int], txn: int, label: str) -> Shaped:
        stands = self.bank.rows("SELECT 1 FROM txn WHERE id = ?", txn)
        others = [one for one in dict.fromkeys(also) if one != number]
        return Shaped(tuple(self.memories.of([number])), tuple(self.memories.of(others)), txn if stands else None, label)

    def _steps(self, number: int, changed: Fields) -> list[int]:
        """Does each change; the order matters: what is accepted gets its time from its text, which the owner's word overrides, and only
        what is in use is pinned."""
        also: list[int] = []

        def do(field: str, act: Callable[[], Shaped]) -> None:
            try:
                also.extend(one.id for one in act().also)
            except MementoError as error:
                raise _FieldError(field, error.message, error.hint) from error

        shaping, ids = self.shaping, [number]
        if TEXT in changed:
            do(TEXT, lambda: shaping.edit(number, changed[TEXT]))
        if "kind" in changed:
            do("kind", lambda: shaping.set_kind(ids, changed["kind"]))
        if "status" in changed:
            acts = {"active": shaping.activate, "archived": shaping.archive, "trashed": shaping.trash}
            if changed["status"] not in acts:
                raise _FieldError("status", f"A memory is not made “{changed['status']}” by hand.", f"Known: {', '.join(STATUSES)}.")
            do("status", lambda: acts[changed["status"]](ids))
        if "pinned" in changed:
            do("pinned", lambda: shaping.pin(ids, changed["pinned"]))
        if "since" in changed or "until" in changed:
            self._time(number, changed)
        if "reward" in changed or "correction" in changed:
            do("reward" if "reward" in changed else "correction", lambda: self._judge(number, changed))
        return also

    def _judge(self, number: int, changed: Fields) -> Shaped:
        case, said = self.cases.get(number), changed.get("correction")
        if "reward" in changed and changed["reward"] is None:
            raise _FieldError("reward", "A reward is not taken away.", "`memento memory undo` takes back a verdict.")
        if said is not None and not said and changed.get("reward", case.reward or 0.0) < 0.5:
            raise _FieldError("correction", "What was wrong is not taken away.", "Set reward: 1 if the task was right after all.")
        known = case.reward if case.reward is not None and case.reward < 0.5 else 0.0  # corrected is wrong
        reward = changed.get("reward", known if said else case.reward)
        return self.shaping.relabel([number], reward, correction=said or "")

    def _time(self, number: int, changed: Fields) -> None:
        with self.bank.change("owner", "time") as change:
            change.touch(number)
            for field, column in (("since", "valid_from"), ("until", "valid_to")):
                if field in changed:
                    self.bank.rows(f"UPDATE memory SET {column} = ? WHERE id = ?", changed[field], number)
            memory = self.memories.get(number)
            if memory.valid_from and memory.valid_to and memory.valid_to < memory.valid_from:
                field = "until" if "until" in changed else "since"
                raise _FieldError(field, "It would end before it begins.", "Mend since or until.")


class _FieldError(MementoError):
    """What is wrong with one field."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.field = field


# writing


def _written(memory: Memory, case: Case | None) -> str:
    fields: Fields = {"memory": memory.id, "kind": memory.kind, "status": memory.status}
    if case is not None:
        fields |= {"reward": case.reward, "correction": case.correction}
        return _dumped(fields, case.task)
    fields["pinned"] = memory.pinned
    if memory.kind != "lesson":
        fields |= {"since": _shown(memory.valid_from), "until": _shown(memory.valid_to)}
    return _dumped(fields, memory.body)


HELP: Mapping[str, str] = {
    "memory": "the number of this memory; not to be changed",
    "kind": f"one of {', '.join(KINDS)}; an instruction is in every prompt",
    "status": f"one of {', '.join(STATUSES)}",
    "pinned": "yes puts it into every prompt",
    "since": "when it began to hold: a day like 2026-05-03, or nothing",
    "until": "when it ended: from then on it is told of the past only",
    "reward": "what the task was worth, 0 (wrong) to 1 (right)",
    "correction": "what was wrong, and what to do next time",
}


def _dumped(fields: Fields, text: str) -> str:
    lines = [FENCE + "\n"]
    for name, value in fields.items():
        fixed = name == "kind" and value not in KINDS
        lines.append(f"# {'not to be changed' if fixed else HELP[name]}\n")
        if value is None or isinstance(value, bool) or name in ("since", "until"):
            said = SPOKEN[value] if isinstance(value, bool) else value
            lines.append(f"{name}: {said}\n" if said else f"{name}:\n")
        else:
            lines.append(dump({name: value}).removeprefix(FENCE + "\n").removesuffix(FENCE + "\n"))
    return "".join((*lines, FENCE, "\n", text, "" if text.endswith("\n") else "\n"))


def _shown(moment: str | None) -> str | None:
    """A moment as the owner's clock shows it; midnight is only the day."""
    if moment is None:
        return None
    local = datetime.fromisoformat(moment).astimezone()
    return local.date().isoformat() if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0) else local.isoformat()


# reading


class _Lines:
    """Where the fields of a sheet stand."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    def of(self, field: str) -> int | None:
        """The line of a field, from 1; of the text its first one."""
        if field == TEXT:
            ends = [n for n, line in enumerate(self.lines, 1) if line.rstrip("\r") == FENCE]
            return min(ends[1] + 1, len(self.lines)) if len(ends) > 1 else None
        return next((n for n, line in enumerate(self.lines, 1) if line.startswith((f"{field}:", f'"{field}"'))), None)


def _fields_of(text: str) -> Fields:
    return _read(text, _Lines(text), new=False)


def _read(text: str, lines: _Lines, new: bool) -> Fields:
    """The fields of a sheet, checked.

    Raises:
        SheetError: it cannot be read.
    """
    if len(text) > LONGEST:
        raise SheetError(f"The sheet has {len(text)} characters.", f"At most {LONGEST} are kept as one memory.", None, text)
    head, body = split(text.removeprefix("\ufeff"))
    if not text.removeprefix("\ufeff").startswith(FENCE) or (not head and text.count(f"\n{FENCE}") < 1):
        raise SheetError(
            f"Line 1: the fields between two lines of {FENCE} are missing.", "Put them back; below them stands the text.", 1, text
        )
    try:
        for name in ("since", "until"):  # YAML says only that some day does not exist
            if (line := lines.of(name)) is not None:
                _moment(name, lines.lines[line - 1].partition(":")[2].partition(" #")[0].strip("\"' \r") or None)
        found = load(head)
        fields = {name: _checked(name, value, new) for name, value in found.items()}
    except Bad as error:
        told = re.search(r"at line (\d+)$", str(error))
        line = int(told[1]) if told else None
        raise SheetError(
            f"The fields cannot be read: {error}.", "Mend the line; a text with : or # stands in quotes.", line, text
        ) from error
    except _FieldError as error:
        line = lines.of(error.field)
        raise SheetError(f"Line {line}: {error.message}" if line else error.message, error.hint, line, text) from error
    return fields | {TEXT: body.replace("\r\n", "\n").strip()}


def _checked(name: str, value: Any, new: bool) -> Any:
    if name not in HELP or (new and name not in ("kind", "pinned", "since", "until")):
        raise _FieldError(name, f"“{name}” is no field of a memory.", f"Known: {', '.join(HELP)}.")
    if name == "pinned":
        if isinstance(value, bool):
            return value
        raise _FieldError(name, f"pinned is yes or no, not “{value}”.", "Write pinned: yes, or pinned: no.")
    if name in ("since", "until"):
        return _moment(name, value)
    if name == "reward":
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0):
            return None if value is None else float(value)
        raise _FieldError(name, f"“{value}” is no reward.", "Write a number from 0 (wrong) to 1 (right).")
    if name == "correction":
        return "" if value is None else " ".join(str(value).split()) if not isinstance(value, dict | list) else _refuse(name)
    return value if name == "memory" else str(value)


def _refuse(name: str) -> Any:
    raise _FieldError(name, f"{name} is a text, not a list.", "Put it in quotes.")


def _moment(name: str, value: Any) -> str | None:
    if value is None:
        return None
    try:
        found = value if isinstance(value, date) else datetime.fromisoformat(str(value))
        when = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)
        return when.astimezone().astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise _FieldError(name, f"“{value}” is no day.", "Write a day like 2026-05-03, or leave it empty.") from None
