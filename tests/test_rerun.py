"""Past tasks done again from their records: nothing outside is called, what changed shows, and practice is bounded and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from memento_desktop import rerun as rerun_module
from memento_desktop.agent.budget import Caps
from memento_desktop.agent.ports import Recalled
from memento_desktop.bridge import recall
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.practice import Practice
from memento_desktop.memory.records import Case
from memento_desktop.rerun import Practising, Run, recorded, rerun, same_outcome
from memento_desktop.tools.calculate import Calculate
from memento_desktop.tools.files import Folders
from memento_desktop.tools.tables import ReadTable
from memento_desktop.tools.toolbox import Toolbox
from tests.agent.scripted import ScriptedModel
from tests.memory.learning.test_policy import VOID, House

TASK = "Total the km in may.csv"
RIGHT = {"path": "may.csv", "operation": "total", "column": "km", "without": "void"}
SAID = "The total of km in may.csv is 170 (3 rows, 1 with void left out)."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "bank.sqlite")
    yield made
    made.bank.close()


def live() -> Toolbox:
    return Toolbox([Calculate(date.today), ReadTable(Folders([]))])


def known(house: House, task: str = TASK, args: dict[str, str] = RIGHT, result: str = SAID) -> Case:
    """A task that went well, with its call on record."""
    case_id = house.cases.begin(task, "nano")
    house.reading.read(task, case_id)
    plan = f"{task.lower()}; {VOID}"
    house.cases.planned(case_id, [plan])
    house.cases.step(case_id, plan, "read_table", dict(args), result, True, 2)
    house.cases.finish(case_id, "done", result)
    house.reading.credit(case_id)
    return house.cases.verdict(case_id, 1.0)


def script(args: dict[str, str], result: str, clause: str = VOID) -> list[object]:
    plan = {"plan": [{"id": 1, "task": f"total the km in may.csv; {clause}"}]}
    return [plan, {"tool": "read_table", "args": args}, {"result": result}, {"answer": result}]


def again(house: House, case: Case, replies: list[object]) -> Run:
    model = ScriptedModel(list(replies))  # pyright: ignore[reportArgumentType]
    return asyncio.run(rerun(model, live(), case, Recalled(), Caps(judge=False)))


def test_a_recorded_call_gives_what_it_gave_then(house: House):
    case = known(house)
    run = again(house, case, script(dict(reversed(RIGHT.items())), SAID))
    assert run.answer == SAID
    assert run.calls[0].recorded
    assert same_outcome(recorded(case), run)
    assert house.cases.last().id == case.id, "a replay is no task"


def test_a_call_that_was_not_made_is_not_made_now(house: House):
    case = known(house)
    run = again(house, case, script(RIGHT | {"without": "draft"}, "not known"))
    assert not run.calls[0].recorded
    assert "not made in the recorded task" in run.calls[0].result
    assert not same_outcome(recorded(case), run)


def test_pure_computation_is_done_afresh(house: House):
    case = known(house)
    run = again(house, case, [{"plan": [{"id": 1, "task": "calculate 2 + 3"}]}, {"tool": "calculate", "args": {"expression": "2 + 3"}},
                              {"result": "5"}, {"answer": "5"}])  # fmt: skip
    assert run.calls[0].result == "5"


def test_an_answer_in_other_words_on_the_same_calls_is_the_same_outcome(house: House):
    case = known(house)
    replies = script(RIGHT, SAID)
    replies[-1] = {"answer": "It comes to 170 km."}
    assert same_outcome(recorded(case), again(house, case, replies))
    assert not same_outcome(recorded(case), Run((), (), "It comes to 170 km.", "done", 0, 0.0)), "the same words on no calls are not"


def practising(house: House, replies: list[object], stop: asyncio.Event) -> Practising:
    practice = Practice(house.bank, house.cases, house.reading, house.log)
    model = ScriptedModel(list(replies))  # pyright: ignore[reportArgumentType]
    given = partial(recall, house.memories, house.cases, Documents(house.bank, house.memories))
    return Practising(practice, model, live(), Caps(judge=False), given, lambda n, text: None, stop)


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun_module, "on_battery", lambda: False)


@pytest.mark.usefixtures("mains")
def test_practice_tells_the_memory_that_helps_from_the_one_that_misleads_and_is_undone(house: House):
    good = house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
    bad = house.past("Total the km in b.csv", "total the km in b.csv; only rows marked paid count")
    known(house)
    before = house.log.of([good, bad])
    replies = {good: script(RIGHT, SAID), bad: script(RIGHT | {"only": "paid"}, "none", "only rows marked paid count")}
    practice = Practice(house.bank, house.cases, house.reading, house.log)
    order = [trial.hit.memory_id for trial in practice.trials() if trial.case.task == TASK]
    assert sorted(order) == [good, bad]
    done = asyncio.run(practising(house, [r for number in order for r in replies[number]], asyncio.Event()).run(60, 2, False))
    assert (done.trials, done.right) == (2, 1)
    learnt = {one.memory: (one.reward, one.weight) for one in house.log.of([good, bad]) if one not in before}
    assert learnt[good][0] == 1.0
    assert learnt[bad][0] == 0.0
    assert learnt[good][1] == learnt[bad][1] > 0.5
    assert not [trial for trial in practice.trials() if trial.case.task == TASK], "no memory twice on one task"
    history = History(house.bank)
    assert history.list(1)[0].label == "practice: 2 trials"
    assert house.memories.get(good).read == 1, "practice is no use in a task"
    history.undo()
    assert house.log.of([good, bad]) == before
    history.redo()
    assert len(house.log.of([good, bad])) == len(before) + 2


@pytest.mark.usefixtures("mains")
def test_practice_stops_at_once_and_leaves_no_trace_of_nothing(house: House):
    house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}")
    known(house)
    changes = len(house.history.list(100))
    stop = asyncio.Event()
    stop.set()
    done = asyncio.run(practising(house, [], stop).run(60, None, False))
    assert done.trials == 0
    assert "stopped" in done.summary
    assert len(house.history.list(100)) == changes


@pytest.mark.parametrize("state", [True, None])
def test_practice_is_not_done_on_battery_nor_where_that_is_not_known(house: House, monkeypatch: pytest.MonkeyPatch, state: bool | None):
    monkeypatch.setattr(rerun_module, "on_battery", lambda: state)
    done = asyncio.run(practising(house, [], asyncio.Event()).run(60, None, False))
    assert "battery" in done.summary


def test_a_success_older_than_a_failure_of_its_kind_is_not_practised(house: House):
    known(house)
    practice = Practice(house.bank, house.cases, house.reading, house.log)
    assert [case.task for case in practice.known()] == [TASK]
    house.past("Total the km in later.csv", "total the km in later.csv", 0.0)
    assert practice.known() == []
