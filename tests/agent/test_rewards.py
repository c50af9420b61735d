"""What code alone can tell of an answer."""

from __future__ import annotations

import pytest

from memento_desktop.agent.rewards import StepOutcome, check, figures

READ = StepOutcome("total the km in trips.csv", "The total of km in trips.csv is 1,170.5 (3 rows).", True)
GONE = StepOutcome("total the km in trips.csv", "There is no file trips.csv here.", False)


@pytest.mark.parametrize(
    ("steps", "answer", "reason"),
    [
        ([READ], "", "without an answer"),
        ([GONE], "It is 170.", "no step worked"),
        ([READ, GONE], "It is 1170.5", "the last step failed"),
        ([READ], "The total is 1,180.5 km.", "1180.5 stands in the answer"),
    ],
)
def test_what_is_wrong_is_named_and_costs(steps: list[StepOutcome], answer: str, reason: str):
    found = check(steps, answer, ["Total the km"])
    assert found is not None
    assert found.source == "check"
    assert found.value <= 0.25
    assert reason in found.reason


@pytest.mark.parametrize(
    ("steps", "answer", "known"),
    [
        ([READ], "1,170.5 km", ()),
        ([READ], "about 1170 km in 3 trips", ()),
        ([READ], "about 1170 km over 30 days", ()),
        ([GONE, READ], "1170.5", ()),
        ([READ], "1170.5, not 2400", ["Is it 2400?"]),
        ([], "The war ended in 1945.", ()),
        ([StepOutcome("s", "0.45", True)], "45%", ()),
        ([StepOutcome("s", "1234.56", True)], "1.234,56 Euro", ()),
        ([READ], "In 2019 it was 1170.5", ()),
        ([READ], "see trips.csv, version v12345", ()),
    ],
)
def test_what_can_be_right_is_left_to_the_judge(steps: list[StepOutcome], answer: str, known: tuple[str, ...]):
    assert check(steps, answer, known) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1,170.5 km", {"1170.5"}), ("1.234,56 Euro", {"1234.56"}), ("1 234,56", {"1234.56"}), ("12 trips", {"12"}), ("v3", set[str]()),
        ("3.142", {"3.142", "3142"}), ("1,170", {"1.170", "1170"}),
    ],
)  # fmt: skip
def test_figures_are_read_as_they_may_be_written(text: str, read: set[str]):
    found = figures(text)
    assert len(found) <= 1
    assert set(*found) >= read if found else not read


def test_a_number_without_end_is_no_crash():
    assert check([READ], "9" * 5000, []) is None
