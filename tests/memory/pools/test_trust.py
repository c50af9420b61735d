"""What is believed of an author follows from what tasks came to with their memories and without."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.pools.trust import EVEN, PRIOR, Belief, Outcome, belief, trust_shift
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.records import Kind
from memento_desktop.memory.search import Hit, Search
from tests.memory.pools.homes import Home

OUTCOMES = st.builds(
    Outcome, st.frozensets(st.sampled_from("total the km in file".split()), min_size=1), st.floats(0, 1), st.floats(0, 1)
)  # fmt: skip


def outcome(reward: float, weight: float = 1.0) -> Outcome:
    return Outcome(frozenset({"total", "km"}), reward, weight)


def test_a_stranger_stands_below_the_owners_own():
    assert belief([], []) == Belief(PRIOR, 0.0)
    assert trust_shift(PRIOR) < trust_shift(EVEN) == 0.0


def test_who_helps_rises_and_who_harms_falls_beside_comparable_tasks():
    others = [outcome(0.5)] * 10
    rising = [belief([outcome(1.0)] * n, others).mean for n in (0, 1, 5, 50)]
    falling = [belief([outcome(0.0)] * n, others).mean for n in (0, 1, 5, 50)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert trust_shift(rising[-1]) > 0 > trust_shift(falling[-1])
    assert belief([outcome(1.0)] * 5, [outcome(1.0)] * 10).mean < belief([outcome(1.0)] * 5, others).mean, "easy tasks tell little"


@given(st.lists(OUTCOMES, max_size=6), st.lists(OUTCOMES, max_size=6), st.data())
def test_belief_is_a_probability_that_more_reward_never_lowers(outcomes: list[Outcome], others: list[Outcome], data: st.DataObject):
    found = belief(outcomes, others)
    assert 0 < found.mean < 1
    assert -3 <= trust_shift(found.mean) <= 0.25
    if outcomes:
        n = data.draw(st.integers(0, len(outcomes) - 1))
        one = outcomes[n]
        better = Outcome(one.words, data.draw(st.floats(one.reward, 1)), one.weight)
        assert belief([*outcomes[:n], better, *outcomes[n + 1 :]], others).mean >= found.mean - 1e-12


def test_readings_in_the_bank_are_learnt_from_and_outlive_a_withdrawal(shared: Path, ann: Home, ben: Home):
    me = ann.pools.me
    assert me is not None
    fact = next(m for m in ben.memories.list() if "Totals" in m.body)
    for n in range(8):
        read_for(ben, f"Total the km in {n}.csv", [fact.id] if n % 2 else [], 0.0 if n % 2 else 1.0)
    harmed = ben.pools.trusting.of(me.key)
    assert harmed.evidence == 4
    assert harmed.mean < PRIOR
    (author,) = ben.pools.view("Team").authors
    assert author.belief == harmed
    number = next(m.id for m in ann.memories.list() if "Totals" in m.body)
    ann.pools.withdraw(str(number))
    ben.pools.sync("Team")
    assert ben.pools.trusting.of(me.key) == harmed
    ann.share(shared, "Something new.")
    ben.pools.sync("Team")
    assert next(m for m in ben.memories.list() if m.body == "Something new.").trust == round(harmed.mean, 4)


def read_for(home: Home, task: str, memories: list[int], reward: float) -> None:
    """A task that read these memories and that the owner gave a verdict on."""
    case = home.cases.begin(task, "nano")
    home.cases.finish(case, "done", "")
    home.cases.verdict(case, reward)
    with home.bank.writing():
        number = home.bank.one(
            "INSERT INTO retrieval (task_case, query, policy, at) VALUES (?, ?, 'similarity', 'now') RETURNING id", case, task
        )["id"]
        for memory in memories:
            home.bank.rows(
                "INSERT INTO retrieval_hit (retrieval_id, memory_id, score, propensity, shown) VALUES (?, ?, 0, 1, 1)", number, memory
            )


def test_hits_of_pools_are_ranked_with_their_authors_trust_and_the_owners_own_stay(shared: Path, ben: Home):
    own = ben.memories.keep("Totals here leave out void rows, always.")
    hits = Search(ben.bank).find("do totals leave out void rows", ("fact",))
    theirs = next(hit.memory_id for hit in hits if hit.memory_id != own.id)
    level = [hit_of(own.id, 1.0), hit_of(theirs, 1.1)]
    assert [hit.memory_id for hit in ben.pools.trusting.adjust(level)] == [own.id, theirs]
    assert ben.pools.trusting.adjust(level)[0].score == 1.0
    assert ben.pools.trusting.adjust([level[0]]) == [level[0]]
    assert Reading(ben.bank, ben.memories, ben.cases, Search(ben.bank)).read("do totals leave out void rows", None).facts


def hit_of(memory: int, score: float, kind: Kind = "fact") -> Hit:
    return Hit(memory, kind, "", score, 1.0, (), 1, None, None)
