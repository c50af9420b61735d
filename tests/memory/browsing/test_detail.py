"""Everything around one memory, and why a task read what it read."""

from __future__ import annotations

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.detail import Details
from memento_desktop.memory.browsing.shaping import Shaping
from memento_desktop.memory.learning.kernel import Settings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.records import Source
from tests.memory.browsing.conftest import reading, task


@pytest.fixture
def details(bank: Bank, memories: Memories) -> Details:
    return Details(bank, memories)


def test_where_it_came_from(bank: Bank, memories: Memories, details: Details):
    number = memories.keep("Ruth lives in Porto").id
    session = bank.one("INSERT INTO session (title, started_at) VALUES ('t', '2026-05-03') RETURNING id")["id"]
    message = bank.one(
        "INSERT INTO message (session_id, n, role, text, at) VALUES (?, 1, 'user', 'x', '2026-05-03T12:00:00+00:00') RETURNING id", session
    )["id"]
    for source in (Source(f"message:{message}", "my sister Ruth moved to Porto"), Source("message:99"), Source("a.pdf", locator="page 3")):
        memories.add_source(number, source)
    said, gone, file = details.of(number).sources
    assert (said.where, said.quote, said.session) == ("what you said on 3 May 2026", "my sister Ruth moved to Porto", session)
    assert said.said_at == "2026-05-03T12:00:00+00:00"
    assert gone.where == "a conversation that is gone"
    assert file.where == "a.pdf, page 3"


def test_what_it_is_to_others(bank: Bank, memories: Memories, details: Details):
    shaping = Shaping(bank, memories)
    case = task(bank, memories, "Total the km in trips.csv", 0.9, "self")
    lesson = shaping.relabel([case], 0.0, correction="leave out the rows marked void").also[0].id
    assert [(link.rel, link.id) for link in details.of(case).links] == [("taught", lesson)]
    assert [(link.rel, link.id) for link in details.of(lesson).links] == [("drawn from", case)]
    one, other, third = (memories.keep(text).id for text in ("tea", "coffee", "milk"))
    shaping.merge(one, [other])
    shaping.supersede(one, third)
    assert [(link.rel, link.id) for link in details.of(one).links] == [("superseded by", third), ("merged into it", other)]
    assert [(link.rel, link.id) for link in details.of(other).links] == [("superseded by", one)]
    assert [(link.rel, link.id) for link in details.of(third).links] == [("supersedes", one)]
    parts = shaping.split(third, ["oat milk", "soy milk"]).memories
    assert {(link.rel, link.id) for link in details.of(third).links} == {
        ("superseded by", parts[0].id), ("became", parts[1].id), ("supersedes", one),
    }  # fmt: skip
    assert [(link.rel, link.id) for link in details.of(parts[0].id).links] == [("drawn from", third)]
    assert [change.label.partition(":")[0] for change in details.of(third).changes] == ["split", "outdated", "remember"]


def test_its_readings_and_its_credit(bank: Bank, memories: Memories, details: Details):
    case = task(bank, memories, "Total the km in trips.csv", 1.0)
    good, bad, judged = (
        task(bank, memories, f"t {n}", reward, by) for n, (reward, by) in enumerate(((1.0, "owner"), (0.0, "owner"), (0.9, "self")))
    )
    assert details.of(case).credit == ()
    for other, at in ((good, "2026-05-01"), (bad, "2026-05-02"), (judged, "2026-05-03")):
        reading(bank, other, case, at=at)
    reading(bank, good, case, shown=False, reason="not similar enough", at="2026-05-04")
    found = details.of(case)
    assert [use.verdict for use in found.uses] == ["", "", "harmed", "helped"]
    assert [use.shown for use in found.uses] == [False, True, True, True]
    assert found.uses[0].reason == "not similar enough"
    assert found.uses[1].terms == ("km",)
    assert found.uses[3].task_case == good
    assert len(details.of(case, uses=2).uses) == 2
    moments, values = zip(*found.credit, strict=True)
    assert [moment[:10] for moment in moments] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    start = Settings().works
    assert values[0] > start > values[1]
    assert values[1] < values[2]
    assert found.credited
    fact = memories.keep("a fact").id
    reading(bank, good, fact)
    assert details.of(fact).credit
    assert not details.of(fact).credited


def test_why_a_task_read_what_it_read(bank: Bank, memories: Memories, details: Details):
    asked = task(bank, memories, "what is the code?", 1.0)
    assert details.why(asked) is None
    read, left, gone = (memories.keep(text).id for text in ("the code is 1", "the coat is blue", "secret"))
    number = reading(bank, asked, read)
    for hit, why in ((left, '{"terms": [], "coverage": 0.1, "reason": "not similar enough"}'), (gone, "{}")):
        bank.rows(
            "INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown, why) VALUES (?,?,0,0,0,?)", number, hit, why
        )
    bank.rows("DELETE FROM memory WHERE id = ?", gone)
    found = details.why(asked)
    assert found is not None
    assert [one.memory_id for one in found.read] == [read]
    assert (found.read[0].terms, found.read[0].similarity, found.read[0].helped) == (("km",), 0.8, 1)
    assert {(one.memory_id, one.reason, one.gone) for one in found.left_out} == {(left, "not similar enough", False), (gone, "", True)}
    with pytest.raises(MementoError, match="no task"):
        details.why(read)


def test_another_profiles_memory_is_not_there(bank: Bank, memories: Memories, details: Details):
    number = memories.keep("one").id
    bank.use("work")
    with pytest.raises(MementoError, match="no memory"):
        details.of(number)
