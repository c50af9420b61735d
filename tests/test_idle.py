"""Whether this is a moment to work for oneself."""

from __future__ import annotations

from typing import Any, NamedTuple

import psutil
import pytest

from memento_desktop.idle import Others, on_battery


class Battery(NamedTuple):
    percent: int
    secsleft: int
    power_plugged: bool | None


class Times(NamedTuple):
    user: float
    system: float
    idle: float
    iowait: float


@pytest.mark.parametrize(
    ("state", "answer"),
    [(None, False), (Battery(80, 100, True), False), (Battery(80, 100, False), True), (Battery(80, 100, None), None)],
)
def test_a_machine_on_its_battery_is_told_from_one_on_mains(monkeypatch: pytest.MonkeyPatch, state: Any, answer: bool | None):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: state, raising=False)
    assert on_battery() is answer


def test_a_platform_that_cannot_tell_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert on_battery() is None


def test_only_what_others_do_counts_as_load(monkeypatch: pytest.MonkeyPatch):
    looks = iter([(Times(0, 0, 0, 0), 0.0), (Times(6, 1, 3, 0), 2.0), (Times(6, 1, 13, 0), 2.0)])

    def times(self: Others) -> tuple[float, float, float]:
        whole, own = next(looks)
        return float(sum(whole)), float(whole.idle + whole.iowait), own

    monkeypatch.setattr(Others, "_times", times)
    others = Others()
    assert others.load() == pytest.approx(50.0), "seven of ten seconds were used, two of them by this program"
    assert others.load() == 0.0


def test_the_real_machine_answers():
    assert on_battery() in (True, False, None)
    assert 0.0 <= Others().load() <= 100.0
