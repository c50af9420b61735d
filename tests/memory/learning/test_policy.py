"""Readers over a bank: propensities, the void case, what evidence does, and that undo takes all of it back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.history import History
from memento_desktop.memory.learning.kernel import Utility
from memento_desktop.memory.learning.lessons import Lessons
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.learning.readers import HELPED_NOT, TRIED, KernelReader, OnTrial, settings_of, useful
from memento_desktop.memory.learning.standing import Learner
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.policy import FAR, Asked, Reader, SimilarityReader, trial
from memento_desktop.memory.reading import Reading
from memento_desktop.memory.search import Hit, Search

EMBEDDER_DIM = 8


def hit(number: int, score: float = 1.0, coverage: float = 0.9) -> Hit:
    return Hit(number, "case", f"case {number}", score, coverage, (), number, None, None)


HITS = [hit(1, 2.0), hit(2, 1.5), hit(3, 1.0), hit(4, 0.5), hit(5, 0.1), hit(6, 0.0, coverage=0.1)]


@pytest.mark.parametrize("most", [0, 1, 4])
@pytest.mark.parametrize("explore", [0.0, 0.2])
def test_similaritys_propensities_are_those_with_which_it_shows(most: int, explore: float):
    reader, random, rounds = SimilarityReader(explore=explore), Random(3), 4000
    shown = Counter[int]()
    for _ in range(rounds):
        choices = reader.choose(HITS, most, Asked("task", random=random))
        shown.update(choice.hit.memory_id for choice in choices if choice.shown)
        assert sum(choice.shown for choice in choices) <= most
    for choice in reader.choose(HITS, most, Asked("task", random=random)):
        assert shown[choice.hit.memory_id] / rounds == pytest.approx(choice.propensity, abs=0.025)


def test_without_a_source_of_chance_nothing_is_tried():
    assert trial([7, 8, 9], 2, 0.2, None) == ({7: 1.0, 8: 1.0}, set())
    choices = SimilarityReader(explore=0.2).choose(HITS, 4, Asked("task"))
    assert [c.shown for c in choices] == [True] * 4 + [False] * 2
    assert choices[-1].reason == FAR


class House:
    """A bank with its rooms, and tasks that are asked and rewarded."""

    def __init__(self, path: Path) -> None:
        self.bank = Bank(path)
        self.memories = Memories(self.bank)
        self.cases = Cases(self.bank, self.memories)
        search = Search(self.bank)
        self.reading = Reading(self.bank, self.memories, self.cases, search)
        self.lessons = Lessons(self.bank, self.memories, self.cases, search)
        self.log = Log(self.bank)
        self.history = History(self.bank)

    def past(self, task: str, plan: str, reward: float = 1.0) -> int:
        case_id = self.cases.begin(task, "nano")
        self.cases.planned(case_id, [plan])
        self.cases.finish(case_id, "done", "1")
        self.cases.verdict(case_id, reward)
        return case_id

    def ask(self, task: str, clause: str, reward: float, random: Random | None = None, vector: bytes | None = None) -> int:
        case_id = self.cases.begin(task, "nano")
        embedder = None if vector is None else Embeddings(self.bank).register("m", "sha", EMBEDDER_DIM)
        asked = Asked(task, vector, embedder, random)
        self.reading._log(asked, case_id, "test", self.choices(asked), "")  # pyright: ignore[reportPrivateUsage]
        self.cases.planned(case_id, [f"{task.lower()}; {clause}"])
        self.cases.finish(case_id, "done", "1")
        self.reading.credit(case_id)
        self.cases.verdict(case_id, reward)
        self.memories.set_status(case_id, "archived", "aside")  # so that the candidates stay what they are
        return case_id

    def choices(self, asked: Asked, reader: Reader | None = None):
        hits = self.reading.search.find(asked.task, ("case", "lesson"), 12)
        return (reader or SimilarityReader()).choose(hits, 4, asked)

    def kernel(self) -> KernelReader:
        return KernelReader(self.log, settings_of(0.0))


@pytest.fixture
def house(tmp_path: Path):
    made = House(tmp_path / "bank.sqlite")
    yield made
    made.bank.close()


VOID, PAID = "leave out rows marked void", "only rows marked paid count"


@pytest.fixture
def two(house: House) -> tuple[int, int]:
    """Two look-alikes that give opposite advice."""
    return (
        house.past("Total the km in a.csv", f"total the km in a.csv; {VOID}"),
        house.past("Total the km in b.csv", f"total the km in b.csv; {PAID}"),
    )


def q(house: House, task: str = "Total the km in new.csv") -> dict[int, float | None]:
    return {choice.hit.memory_id: choice.q for choice in house.choices(Asked(task), house.kernel())}


def test_without_evidence_the_kernel_reads_what_similarity_reads(house: House, two: tuple[int, int]):
    asked = Asked("Total the km in new.csv")
    by_kernel = house.choices(asked, house.kernel())
    assert [(c.hit, c.shown) for c in by_kernel] == [(c.hit, c.shown) for c in house.choices(asked)]
    assert len({c.q for c in by_kernel}) == 1


def test_a_memory_that_misled_is_left_out_and_says_why(house: House, two: tuple[int, int]):
    house.ask("Total the km in c.csv", VOID, 0.0)
    choices = {choice.hit.memory_id: choice for choice in house.choices(Asked("Total the km in new.csv"), house.kernel())}
    assert not choices[two[0]].shown
    assert choices[two[0]].reason == HELPED_NOT
    assert choices[two[1]].shown
    assert (choices[two[0]].q or 0) < (choices[two[1]].q or 0)


def test_a_memory_that_failed_elsewhere_is_still_read_where_it_was_never_tried():
    def of(fit: float, works: float, evidence: float) -> Utility:
        return Utility(np.array([fit * works]), np.array([fit]), np.array([works]), np.array([evidence]))

    assert useful(of(0.6, 0.2, 0.0)).tolist() == [True], "no task near this one has read it"
    assert useful(of(0.6, 0.2, TRIED)).tolist() == [False]
    assert useful(of(0.6, 0.9, 3.0)).tolist() == [True]


def test_a_memory_that_helped_is_expected_to_help_again(house: House, two: tuple[int, int]):
    before = q(house)
    house.ask("Total the km in c.csv", VOID, 1.0)
    after = q(house)
    assert (after[two[0]] or 0) > (before[two[0]] or 0)


def test_undoing_verdicts_undoes_what_was_learnt_bit_for_bit(house: House, two: tuple[int, int]):
    random, seen = Random(5), [q(house)]
    for n in range(6):
        house.ask(f"Total the km in more{n}.csv", random.choice((VOID, PAID)), float(random.random() < 0.5))
        seen.append(q(house))
    assert len({tuple(sorted(one.items())) for one in seen}) > 3
    for earlier in reversed(seen[:-1]):
        for _ in range(3):  # put aside, verdict, task
            house.history.undo()
        assert q(house) == earlier
    for later in seen[1:]:
        for _ in range(3):
            house.history.redo()
        assert q(house) == later


def test_a_relabelled_task_is_learnt_anew(house: House, two: tuple[int, int]):
    case_id = house.ask("Total the km in c.csv", VOID, 0.0)
    low = q(house)[two[0]] or 0
    house.cases.verdict(case_id, 1.0)
    assert (q(house)[two[0]] or 0) > low


def test_a_reader_on_trial_shows_with_the_propensities_of_the_mixture(house: House, two: tuple[int, int]):
    house.ask("Total the km in c.csv", VOID, 0.0)
    random, rounds = Random(2), 1500
    reader = OnTrial(SimilarityReader(explore=0.1), house.kernel(), 0.3)
    hits = house.reading.search.find("Total the km in new.csv", ("case",), 12)
    shown = Counter[int]()
    for _ in range(rounds):
        shown.update(c.hit.memory_id for c in reader.choose(hits, 1, Asked("Total the km in new.csv", random=random)) if c.shown)
    for choice in reader.choose(hits, 1, Asked("Total the km in new.csv", random=random)):
        assert shown[choice.hit.memory_id] / rounds == pytest.approx(choice.propensity, abs=0.04)


def vector(seed: int) -> bytes:
    drawn = np.random.default_rng(seed).normal(size=EMBEDDER_DIM)
    return (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes()


def played(house: House, count: int, seed: int = 1) -> None:
    random = Random(seed)
    for n in range(count):
        clause = random.choice((VOID, PAID))
        house.ask(f"Total the km in t{n}.csv", clause, float(clause == VOID), random, vector(n % 5))


def test_nothing_is_decided_on_few_readings(house: House, two: tuple[int, int]):
    played(house, 5)
    learner = Learner(house.bank, house.log)
    assert learner.learn() is None
    assert learner.standing() is None
    assert learner.reader().name == "similarity"


def test_the_standing_is_shown_and_goes_with_the_evidence(house: House, two: tuple[int, int]):
    played(house, 40)
    learner = Learner(house.bank, house.log, explore=0.05)
    first = learner.learn()
    assert first is not None
    assert first == learner.standing()
    assert first.readings == 40
    assert learner.learn() is None, "nothing new was read"
    played(house, 10, seed=2)
    second = learner.learn()
    assert second is not None
    assert second.readings == 50
    for _ in range(30):
        house.history.undo()
    assert learner.standing() == first
    for _ in range(30):
        house.history.redo()
    assert learner.standing() == second


def test_a_log_that_was_changed_underneath_has_no_standing(house: House, two: tuple[int, int]):
    played(house, 40)
    learner = Learner(house.bank, house.log)
    assert learner.learn() is not None
    last = house.cases.last()
    house.cases.verdict(last.id, 1.0 - (last.reward or 0.0))
    assert learner.standing() is None


@pytest.mark.parametrize("wanted", ["similarity", "kernel", "neural"])
def test_the_owners_choice_of_reader_counts(house: House, two: tuple[int, int], wanted: str):
    played(house, 3)
    name = Learner(house.bank, house.log, wanted).reader().name  # pyright: ignore[reportArgumentType]
    assert name == ("kernel" if wanted == "neural" else wanted), "an untrained head leaves the choice to the kernel"


def test_the_head_is_trained_where_there_are_vectors_and_the_same_log_gives_the_same_bits(house: House, two: tuple[int, int]):
    played(house, 60)
    for n, case_id in enumerate(two):
        house.bank.rows("INSERT INTO embedding (id, memory_id, chunk, embedder_id, content_hash) VALUES (?,?,0,1,'h')", n + 1, case_id)
        house.bank.rows("INSERT INTO vector_1 (rowid, kind, vector, profile) VALUES (?,0,?,'default')", n + 1, vector(100 + n))
    learner = Learner(house.bank, house.log, "neural")
    assert learner.learn() is not None
    kept = house.bank.one("SELECT state FROM learned WHERE what = 'neural'")["state"]
    reader = learner.reader()
    assert reader.name == "neural"
    hits = house.reading.search.find("Total the km in new.csv", ("case",), 12)
    choices = {c.hit.memory_id: c for c in reader.choose(hits, 4, Asked("Total the km in new.csv", vector(1), 1))}
    assert (choices[two[0]].q or 0) > (choices[two[1]].q or 0)
    house.bank.rows("DELETE FROM learned")
    assert learner.learn(always=True) is not None
    assert house.bank.one("SELECT state FROM learned WHERE what = 'neural'")["state"] == kept
