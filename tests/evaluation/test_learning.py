"""Arms through a stream: the harness around a model that does what the first fitting case says, and the report of what came of it."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from memento_desktop.assistant import Assistant
from memento_desktop.errors import MementoError
from memento_desktop.evaluation import arms, learning, streams
from memento_desktop.evaluation.arms import ARMS, Life, Models
from memento_desktop.evaluation.learning import Record
from memento_desktop.evaluation.streams import Stream, make
from memento_desktop.inference.builtin import built_in
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import EmbedderSource
from memento_desktop.inference.engine import Completion, Engine
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.learning.wording import kind_of_task
from memento_desktop.memory.memories import Memories
from memento_desktop.rerun import Practised

ARM = {arm.name: arm for arm in ARMS}
CASE = re.compile(r"^Task: (.*)\nPlan: 1\. ([^;\n]*)(?:; (.*))?(?:\nCorrection: (.*))?$", re.MULTILINE)
LESSON = re.compile(r'^- For tasks like "(.*)": (.*)$', re.MULTILINE)


@dataclass
class Obedient:
    """Plans what the newest case of the very same kind of task says, reads the table that way, and answers what the tool said."""

    stream: Stream
    name: str = "obedient"
    context: int = 8192
    family: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        tasks = [*(task for tasks in self.stream.rounds for task in tasks), *(old.task for old in self.stream.former)]
        self.steps = {task.text: task.step for task in tasks}
        self.family = {task.text: task.family.number for task in tasks}
        self.of_step = {task.step: task for task in tasks}

    async def count(self, messages: Sequence[Mapping[str, Any]]) -> int:
        return sum(len(m["content"]) // 4 for m in messages)

    async def complete(self, messages: Sequence[Mapping[str, Any]], schema: Any, max_tokens: int) -> AsyncGenerator[str | Completion]:
        text = json.dumps(self.reply(messages[0]["content"], messages[-1]["content"]))
        yield Completion(text, 10, 0, 5, 0.0, 0.9, False)

    def reply(self, system: str, said: str) -> dict[str, Any]:
        if said.startswith("<results>"):
            return {"answer": said.split(" => ")[1].split("\n")[0]}
        if system.startswith("You plan"):
            return {"plan": [{"id": 1, "task": self.step(said)}]}
        if said.startswith("<output"):
            return {"result": said.split("\n")[1]}
        return {"tool": "read_table", "args": self.arguments(said.split("Step 1: ")[1])}

    def step(self, prompt: str) -> str:
        task = prompt.rsplit("\nTask: ", 1)[1].removesuffix(arms.AGAIN)
        cases = [(self.family[case[0]], case[3] or case[2]) for case in CASE.findall(prompt)]
        lessons = [
            (self.family[text], advice) for kind, advice in LESSON.findall(prompt) for text in self.family if kind_of_task(text) == kind
        ]
        alike = [clause for family, clause in (*cases, *lessons) if family == self.family[task]]
        clause = alike[-1] if alike else ""
        return self.steps[task] + (f"; {clause}" if clause else "")

    def arguments(self, step: str) -> dict[str, str]:
        plain, _, clause = step.partition("; ")
        task = self.of_step[plain]
        args = {"path": task.file, "operation": task.family.operation, "column": task.family.column}
        for marker in streams.MARKERS:
            for name, forms in (("without", streams.LEAVE_OUT), ("only", streams.COUNT_ONLY)):
                if clause in [form.format(m=marker) for form in forms]:
                    args[name] = marker
        return args


class ByFamily(Embedder):
    """Tasks of one operation and column are one and the same to it, whatever their wording; others have nothing in common."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(EmbedderSource(tmp_path, "by family", "0" * 64, len(KINDS_OF_TASK)), log=tmp_path / "embedder.log")
        self._state, self._reason = "ready", ""

    async def embed(self, texts: Sequence[str], wait: float) -> list[bytes]:
        return [struct.pack(f"<{len(KINDS_OF_TASK)}f", *(float(self.kind(text) == kind) for kind in KINDS_OF_TASK)) for text in texts]

    @staticmethod
    def kind(text: str) -> tuple[str, str]:
        words = re.findall(r"\w+", text.lower())
        operation = next((name for name, said in SAID.items() if said & set(words)), "lowest")
        return operation, next(word for word in words if word in streams.COLUMNS)


SAID = {"total": {"total", "sum", "add"}, "average": {"average", "mean"}, "highest": {"highest", "maximum", "largest", "biggest"}}
KINDS_OF_TASK = [(operation, column) for operation in streams.QUESTIONS for column in streams.COLUMNS]


def shared(engine: Any, tmp_path: Path) -> Models:
    return Models(built_in(), None, engine, ByFamily(tmp_path), "")


async def lived(arm: str, stream: Stream, tmp_path: Path, misled: bool = False, engine: Any = None) -> list[Record]:
    life = Life(ARM[arm], stream, 0, misled, shared(engine or Obedient(stream), tmp_path), tmp_path)
    return [record async for record in life.play()]


def right(records: Sequence[Record], exposure: int) -> set[bool]:
    return {record["success"] for record in records if record["exposure"] == exposure}


async def test_a_correction_is_kept_and_read_at_the_next_exposure(tmp_path: Path):
    records = await lived("similarity", make(1, 3, 3), tmp_path)
    assert right(records, 1) == {False}
    assert right(records, 2) == right(records, 3) == {True}
    assert not any(record["wrong_case"] for record in records)
    assert all("own" in {one["of"] for one in record["read"]} for record in records if record["exposure"] > 1)


async def test_the_owners_verdict_stands_in_the_bank_and_makes_the_case_readable(tmp_path: Path):
    stream = make(1, 3, 2)
    records = await lived("similarity", stream, tmp_path)
    bank = Bank(tmp_path / "home" / "data" / "bank.sqlite")
    found = {case.task: case for case in Cases(bank, Memories(bank)).of(range(1, 10))}
    bank.close()
    assert len(found) == len(records)
    for record in records:
        case = found[record["task"]]
        assert (case.status, case.reward_source, case.reward) == ("active", "owner", float(record["success"]))
        assert any(word in case.correction.split() for word in record["convention"] if word) is not record["success"]


async def test_look_alikes_from_before_mislead_at_first(tmp_path: Path):
    records = await lived("similarity", make(1, 3, 2), tmp_path, misled=True)
    first = [record for record in records if record["exposure"] == 1]
    assert all(record["wrong_case"] and not record["success"] for record in first)
    assert all("former" in {one["of"] for one in record["read"]} for record in first)


async def test_practice_comes_between_the_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known: list[int] = []

    async def practise(assistant: Assistant, seconds: float, most: int) -> Practised:
        known.append(assistant.memories.count())
        return Practised(most, 2, 1.5, "enough")

    monkeypatch.setattr(Assistant, "practise", practise)
    records = await lived("kernel + practice", make(1, 3, 3), tmp_path)
    practised = {n: record for n, record in enumerate(records) if "practice_trials" in record}
    assert practised.keys() == {3, 6}
    assert practised[3]["practice_trials"] == arms.PRACTICE_TRIALS
    assert len(known) == 2
    assert 3 <= known[0] < known[1]


@pytest.mark.parametrize(("arm", "attempts"), [("no memory", 1), ("retry", 2)])
async def test_without_memory_nothing_is_learnt_and_a_second_try_costs_twice(tmp_path: Path, arm: str, attempts: int):
    records = await lived(arm, make(1, 2, 2), tmp_path, misled=True)
    assert right(records, 1) == right(records, 2) == {False}
    assert {len(record["answer"]) for record in records} == {attempts}
    assert {record["tokens"] for record in records} == {60 * attempts}
    assert not any(record["read"] for record in records)


async def test_arms_hear_the_same_owner(tmp_path: Path):
    stream = make(2, 3, 1)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        await lived("similarity" if name == "one" else "kernel", stream, tmp_path / name)
    said: list[list[str]] = []
    for name in ("one", "other"):
        bank = Bank(tmp_path / name / "home" / "data" / "bank.sqlite")
        said.append([case.correction for case in Cases(bank, Memories(bank)).of(range(1, 10))])
        bank.close()
    assert said[0] == said[1]
    assert all(said[0])


async def test_the_built_in_model_goes_through_the_same_door(tmp_path: Path):
    model = built_in()
    engine = Engine(model.path, log=tmp_path / "engine.log", context=model.context, name=model.name)
    try:
        records = await lived("similarity", make(0, 1, 2), tmp_path, engine=engine)
    finally:
        await engine.close()
    assert [record["exposure"] for record in records] == [1, 2]
    assert all(record["calls"] and record["tokens"] > 100 for record in records)
    assert [one["of"] for one in records[1]["read"]] == ["own"]


async def test_a_broken_engine_is_an_error_and_no_wrong_answer(tmp_path: Path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    with pytest.raises(MementoError, match=r"broken\.gguf"):
        await lived("no memory", make(0, 1, 1), tmp_path, engine=Engine(broken, log=tmp_path / "engine.log"))


async def test_all_arms_are_played_on_both_streams_where_it_matters(tmp_path: Path):
    size = learning.Size(2, 2, (ARM["no memory"], ARM["similarity"]))
    heard: list[str] = []
    records = await learning.play(size, 2, shared(_Obeying(), tmp_path), heard.append)
    runs = [(r["seed"], r["arm"], r["stream"]) for r in records]
    assert {run: runs.count(run) for run in runs} == {
        (seed, arm, stream): 4
        for seed in (0, 1)
        for arm, stream in (("no memory", "both"), ("similarity", "plain"), ("similarity", "misleading"))
    }
    assert any("run 6 of 6" in text for text in heard)


class _Obeying(Obedient):
    """One that knows the streams of two seeds."""

    def __init__(self) -> None:
        super().__init__(make(0, 2, 2))
        other = Obedient(make(1, 2, 2))
        self.steps |= other.steps
        self.of_step |= other.of_step
        self.family |= other.family


def record(arm: str, stream: str, family: int, exposure: int, success: bool, **more: Any) -> Record:
    base = {"wrong_case": False, "tokens": 100, "seconds": 0.5, "seed": 0}
    return {**base, "arm": arm, "stream": stream, "family": family, "exposure": exposure, "success": success, **more}


def made(rates: Mapping[tuple[str, str], float], families: int = 20, exposures: int = 3) -> list[Record]:
    """Records in which the first so many families are right from the second exposure on."""
    return [
        record(arm, stream, family, exposure, exposure > 1 and family < rate * families)
        for (arm, stream), rate in rates.items()
        for family in range(families)
        for exposure in range(1, exposures + 1)
    ]


GOOD = {
    ("no memory", "both"): 0.0, ("similarity", "plain"): 0.9, ("similarity", "misleading"): 0.3, ("kernel", "plain"): 0.9,
    ("kernel", "misleading"): 0.7, ("kernel + practice", "plain"): 0.9, ("kernel + practice", "misleading"): 0.8,
}  # fmt: skip


def bars(rates: Mapping[tuple[str, str], float]) -> list[bool]:
    return [bar.ok for bar in learning.bars(made(rates), list(dict.fromkeys(arm for arm, _ in rates)))]


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({}, []),
        ({("no memory", "both"): 0.2}, [0]),
        ({("similarity", "plain"): 0.7}, [1]),
        ({("kernel", "misleading"): 0.3}, [2]),
        ({("kernel", "plain"): 0.7}, [3]),
        ({("kernel + practice", "misleading"): 0.7}, [4]),
    ],
)
def test_each_bar_fails_by_what_it_is_about(change: dict[tuple[str, str], float], missed: list[int]):
    assert [n for n, ok in enumerate(bars(GOOD | change)) if not ok] == missed


def test_a_difference_is_taken_on_the_same_tasks_and_only_once_memory_can_help():
    records = made({("similarity", "plain"): 0.5, ("kernel", "plain"): 0.75})
    mean, low, high = learning.difference(records, "kernel", "similarity", "plain")
    assert mean == pytest.approx(25.0)
    assert 0 < low < 25 < high < 60
    records.append(record("kernel", "plain", 0, 1, True))  # a first exposure
    assert learning.difference(records, "kernel", "similarity", "plain") == (mean, low, high)
    records.append(record("kernel", "plain", 99, 2, True))
    with pytest.raises(KeyError):
        learning.difference(records, "kernel", "similarity", "plain")


def test_the_report_shows_every_arm_at_every_exposure_of_both_streams():
    found = learning.report(made(GOOD, exposures=2), ["a note"])
    assert [chart.title for chart in found.charts] == ["Plain stream", "Misleading stream"]
    for chart in found.charts:
        assert [series.name for series in chart.series] == ["no memory", "similarity", "kernel", "kernel + practice"]
        assert all(list(series.x) == [1, 2] and len(series.low) == 2 for series in chart.series)
        assert chart.series[1].y[0] == 0 and chart.series[1].y[1] > 20
    settled, by_exposure = found.tables[0], found.tables[2]
    assert [row[0] for row in settled.rows] == ["no memory", "similarity", "kernel", "kernel + practice"]
    assert len(by_exposure.rows) == 8
    assert all(len(row) == len(table.headings) for table in found.tables for row in table.rows)
