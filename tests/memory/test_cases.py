"""Cases are kept from their first moment, and what is read for a task is logged and credited."""

from __future__ import annotations

import subprocess
import sys

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import Search


@pytest.fixture
def reading(bank: Bank, memories: Memories, cases: Cases) -> Reading:
    return Reading(bank, memories, cases, Search(bank))


def done(cases: Cases, task: str, plan: str = "", reward: float | None = None) -> int:
    case_id = cases.begin(task, "nano")
    cases.planned(case_id, [plan or task])
    cases.finish(case_id, "done", "answer")
    if reward is not None:
        cases.reward(case_id, reward, "self")
    return case_id


def test_a_running_case_is_kept_but_not_read(cases: Cases, reading: Reading):
    case_id = cases.begin("Total the km in trips.csv", "nano")
    cases.step(case_id, "total", "read_table", {"path": "trips.csv"}, "170", True, 3)
    case = cases.get(case_id)
    assert (case.outcome, case.status, case.steps[0].result) == ("running", "archived", "170")
    assert reading.read("Total the km in trips.csv", None).cases == ()


BEGIN = """
import sys
from pathlib import Path
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
bank = Bank(Path(sys.argv[1])); cases = Cases(bank, Memories(bank))
print(cases.begin("theirs", "nano"), flush=True)
sys.stdin.read()
"""


def test_a_case_whose_process_is_gone_is_interrupted_and_one_that_lives_is_not(bank: Bank, cases: Cases):
    mine = cases.begin("mine", "nano")
    pipe = subprocess.PIPE
    other = subprocess.Popen([sys.executable, "-c", BEGIN, str(bank.path)], stdin=pipe, stdout=pipe, text=True)
    assert other.stdout
    theirs = int(other.stdout.readline())
    assert cases.recover() == []
    other.kill()
    other.communicate(timeout=30)
    assert [case.task for case in cases.recover()] == ["theirs"]
    assert cases.get(theirs).outcome == "interrupted"
    assert cases.get(mine).outcome == "running"
    assert cases.recover() == []


def test_a_running_task_is_not_undone_edited_or_deleted(bank: Bank, cases: Cases, memories: Memories, history: History):
    kept = memories.keep("before the task")
    case_id = cases.begin("task", "nano")
    for change in (lambda: memories.edit(case_id, "x"), lambda: memories.trash(case_id), lambda: memories.purge(case_id)):
        with pytest.raises(MementoError, match="still runs"):
            change()
    assert history.undo().label == "remember: before the task"
    history.redo()
    cases.finish(case_id, "done", "answer")
    assert history.undo().label == "task: task"
    assert [m.id for m in memories.list()] == [kept.id]


def test_similar_cases_are_read_and_others_are_not(cases: Cases, reading: Reading):
    similar = done(cases, "Total the km in trips_april.csv")
    done(cases, "Write a poem about the sea")
    read = reading.read("Total the km in trips_may.csv", None)
    assert [case.id for case in read.cases] == [similar]
    assert all(choice.propensity == float(choice.shown) for choice in read.choices)


def test_nothing_similar_reads_nothing(cases: Cases, reading: Reading):
    done(cases, "Total the km in trips_april.csv")
    assert reading.read("What is 17% of 2340?", None).cases == ()


def test_at_most_so_many_cases_sorted_by_number(cases: Cases, reading: Reading):
    ids = [done(cases, f"Total the km in trips_{n}.csv") for n in range(7)]
    read = reading.read("Total the km in trips_9.csv", None, most_cases=3)
    assert len(read.cases) == 3
    assert [c.id for c in read.cases] == sorted(c.id for c in read.cases)
    assert {c.id for c in read.cases} <= set(ids)
    assert [c.reason for c in read.choices if not c.shown] == ["enough were read"] * 4
    assert reading.read("Total the km in trips_9.csv", None, most_cases=0).cases == ()


def test_a_correction_turns_a_case_into_a_warning_and_debits_what_it_read(
    cases: Cases, reading: Reading, memories: Memories, history: History
):
    first = done(cases, "Total the km in trips_april.csv", reward=0.9)
    second = cases.begin("Total the km in trips_may.csv", "nano")
    reading.read("Total the km in trips_may.csv", second)
    cases.finish(second, "done", "200")
    cases.verdict(second, 0.0, "leave out rows marked void")
    case = cases.get(second)
    assert (case.worked, case.reward_source, case.correction) == (False, "owner", "leave out rows marked void")
    assert (memories.get(first).read, memories.get(first).harmful, memories.get(first).helpful) == (1, 1, 0)
    assert reading.uses(first)[0]["reward"] == 0.0
    history.undo()
    assert (memories.get(first).read, memories.get(first).harmful) == (1, 0)


def test_the_owner_stands_over_the_judge(cases: Cases):
    case_id = done(cases, "task")
    cases.verdict(case_id, 0.0)
    cases.reward(case_id, 1.0, "self")
    assert cases.get(case_id).reward == 0.0


def test_a_tainted_case_waits_for_the_owner(cases: Cases, reading: Reading):
    case_id = cases.begin("find the total due in invoice.pdf", "nano")
    cases.finish(case_id, "done", "1,240", tainted=True)
    assert cases.get(case_id).status == "proposed"
    assert reading.read("find the total due in invoice.pdf", None).cases == ()
    cases.verdict(case_id, 1.0)
    assert [c.id for c in reading.read("find the total due in invoice.pdf", None).cases] == [case_id]


def test_facts_are_read_best_first_and_pinned_ones_always(bank: Bank, memories: Memories, reading: Reading):
    memories.keep("Tom's locker code is 12.")
    memories.keep("Ruth's locker code is 4471.")
    pinned = memories.keep("The house number is 8.")
    bank.rows("UPDATE memory SET pinned = 1 WHERE id = ?", pinned.id)
    memories.keep("Answer in one line.", "instruction")
    read = reading.read("What is Ruth's locker code?", None)
    assert [m.body for m in read.facts[:2]] == ["The house number is 8.", "Ruth's locker code is 4471."]
    assert [m.body for m in read.instructions] == ["Answer in one line."]


def test_what_was_read_can_be_looked_up_later(cases: Cases, reading: Reading):
    done(cases, "Total the km in trips_april.csv")
    second = cases.begin("Total the km in trips_may.csv", "nano")
    reading.read("Total the km in trips_may.csv", second, note="on text alone")
    row = reading.of_case(second)[0]
    assert row["title"] == "Total the km in trips_april.csv"
    assert row["shown"] == 1
    assert "km" in row["why"]["terms"]


def test_unknown_numbers_are_named(cases: Cases, memories: Memories):
    with pytest.raises(MementoError, match="no case 99"):
        cases.get(99)
    with pytest.raises(MementoError, match="no memory 99"):
        memories.get(99)
    with pytest.raises(MementoError, match="no case yet"):
        cases.last()


def test_memories_are_kept_once_and_never_empty(memories: Memories):
    assert memories.keep(" one ").id == memories.keep("one").id
    with pytest.raises(MementoError, match="empty"):
        memories.keep("  \n ")
    with pytest.raises(MementoError, match="empty"):
        memories.edit(memories.keep("x").id, "  ")


def test_a_purged_memory_is_gone_from_every_table(bank: Bank, memories: Memories):
    kept = memories.keep("secret zebra")
    memories.edit(kept.id, "secret horse")
    memories.trash(kept.id)
    memories.trash(kept.id)
    memories.purge(kept.id)
    with pytest.raises(MementoError, match="not learnt again"):
        memories.keep("secret horse", origin="assistant")
    assert memories.purged("secret horse")
    assert not memories.purged("something else")
    for table in ("memory", "revision", "memory_text", "retrieval_hit", "txn"):
        assert not [row for row in bank.rows(f"SELECT * FROM {table}") if "secret" in str(row)]


def test_an_undone_memory_can_be_purged_and_leaves_no_byte(bank: Bank, memories: Memories, history: History):
    kept = memories.keep("topsecret zebra")
    history.undo()
    memories.purge(kept.id)
    for path in bank.path.parent.glob("bank.sqlite*"):
        assert b"zebra" not in path.read_bytes()


def test_the_same_text_is_known_already(memories: Memories, history: History):
    first, new = memories.keep_new("one")
    again, newer = memories.keep_new("one")
    assert (first.id, new, newer) == (again.id, True, False)
    assert len(history.list()) == 1


def test_two_processes_may_embed_the_same_queue(bank: Bank, memories: Memories):
    from memento_desktop.memory.embeddings import Embeddings

    memories.keep("one")
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 2)
    batch = [(item, bytes(8)) for item in embeddings.waiting(number)]
    assert embeddings.store(number, batch) == 1
    assert embeddings.store(number, batch) == 0
