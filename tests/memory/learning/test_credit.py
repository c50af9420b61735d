"""Credit and calibration: pure functions, by example and by property."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.learning.calibration import calibrated
from memento_desktop.memory.learning.credit import UNSEEN, followed

TASK = "Total the km in may.csv"
VOID, PAID = "total the km in a.csv; leave out rows marked void", "only rows marked paid count"


def test_credit_goes_to_the_memory_that_the_plan_followed():
    credit = followed(TASK, ["total the km in may.csv; leave out rows marked void"], {1: VOID, 2: PAID, 3: "average the price in b.csv"})
    assert credit[1] == 1.0
    assert credit[2] < 0.2
    assert credit[3] == 0.0


def test_a_plan_that_took_nothing_credits_all_a_little():
    assert followed(TASK, ["total the km in may.csv"], {1: VOID, 2: PAID}) == {1: UNSEEN, 2: UNSEEN}


def test_an_answer_is_credited_to_the_fact_that_holds_it():
    credit = followed("code of my bike lock", ["4471"], {1: "My bike lock opens with 4471", 2: "", 3: "My locker opens with 9020"})
    assert credit == {1: 1.0, 2: 0.0, 3: 0.0}


def test_figures_tell_advice_apart():
    credit = followed(TASK, ["total the km in may.csv; add 19% tax"], {1: "add 19% tax", 2: "add 7% tax"})
    assert credit[1] == 1.0 > credit[2]


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3), st.dictionaries(st.integers(), st.text(max_size=40), max_size=4))
def test_credit_is_a_share_and_somebody_has_the_most(task: str, done: list[str], advice: dict[int, str]):
    credit = followed(task, done, advice)
    assert credit.keys() == advice.keys()
    assert all(0.0 <= share <= 1.0 for share in credit.values())
    assert not credit or max(credit.values()) in (1.0, UNSEEN)


SHARE = st.floats(0, 1)


def test_a_judgement_that_was_never_checked_stays_what_it_is():
    assert calibrated(0.83, []) == 0.83


@given(SHARE, st.lists(st.tuples(SHARE, SHARE), max_size=20))
def test_a_calibrated_judgement_lies_between_what_was_said_and_what_was_true(judged: float, verdicts: list[tuple[float, float]]):
    all_said = [judged, *(truth for _, truth in verdicts)]
    assert min(all_said) - 1e-9 <= calibrated(judged, verdicts) <= max(all_said) + 1e-9


def test_a_model_that_is_always_sure_and_mostly_wrong_is_believed_less():
    verdicts = [(0.97, 0.0)] * 8 + [(0.97, 1.0)] * 2
    assert calibrated(0.97, verdicts) < 0.5
    assert calibrated(0.2, verdicts) == 0.2
