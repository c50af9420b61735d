"""What of the bank a task is given, and who vouches for it."""

from __future__ import annotations

from dataclasses import replace

from memento_desktop.bridge import recall, vouched_for
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.documents.library import Documents
from memento_desktop.memory.memories import Memories


def test_a_replay_is_given_what_stands_in_every_prompt_too(bank: Bank, memories: Memories, cases: Cases):
    memories.keep("Answer in metres.", "instruction")
    fact = memories.keep("Ruth's locker code is 4471.")
    case_id = cases.begin("Total the km", "nano")
    cases.finish(case_id, "done", "1")
    documents = Documents(bank, memories)
    given = recall(memories, cases, documents, [case_id], "Total the km")
    assert given.instructions == ("Answer in metres.",)
    assert [case.task for case in given.cases] == ["Total the km"]
    assert given.facts == ()
    given = recall(memories, cases, documents, [fact.id, 999], "Total the km")
    assert [note.text for note in given.facts] == ["Ruth's locker code is 4471."]


def test_the_owner_vouches_for_what_he_made_edited_or_called_good_and_for_his_corrections_of_own_tasks(memories: Memories, cases: Cases):
    case_id = cases.begin("Total the km", "nano")
    cases.finish(case_id, "done", "1", tainted=True)
    memory, case = memories.get(case_id), cases.get(case_id)
    foreign = replace(memory, origin="import")
    good, corrected = cases.verdict(case_id, 1.0), cases.verdict(case_id, 0.0, "leave out void")
    assert not vouched_for(memory, case), "foreign text was in it"
    assert vouched_for(memory, replace(case, tainted=False))
    assert vouched_for(memory, good)
    assert vouched_for(memory, corrected)
    assert vouched_for(foreign, good)
    assert not vouched_for(foreign, corrected), "the correction is his, the task that it stands on is not"
    assert vouched_for(replace(foreign, user_edited=True), case)


def test_nobody_vouches_for_what_came_from_outside(memories: Memories):
    fact = memories.keep("The gate opens at nine.")
    assert vouched_for(fact)
    for origin in ("web", "tool", "import", "assistant"):
        assert not vouched_for(replace(fact, origin=origin))
