"""Plots and scatter as pure functions: each line is as wide as it should be, each value as high."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.tui.widgets.plots import bar, columns, months, width_of_each
from memento_desktop.tui.widgets.scatter import Spot, Window, drawn, in_reading_order, nearest, together, towards

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNIT = st.floats(0, 1, allow_nan=False)
SPOTS = st.lists(st.tuples(UNIT, UNIT), min_size=1, max_size=30).map(
    lambda found: [Spot(n, x, y, "fact") for n, (x, y) in enumerate(found)]
)


def test_columns_stand_on_one_floor():
    assert columns([4, 2, None, 0, 1], 2) == ["█    ", "██ ▁▄"]
    assert columns([1.0, 0.5], 1, each=3, most=1.0) == ["██ ▄▄ "]
    assert columns([], 2) == ["", ""]


@CALM
@given(st.lists(st.none() | st.floats(0, 1e6), max_size=20), st.integers(1, 8), st.integers(1, 4))
def test_columns_are_a_rectangle(values: list[float | None], height: int, each: int):
    lines = columns(values, height, each)
    assert [len(line) for line in lines] == [len(values) * each] * height


def test_a_bar_has_its_width_and_never_vanishes():
    assert (bar(5, 10, 4), bar(0, 10, 3), bar(1, 1000, 3), bar(10, 10, 2), bar(1, 0, 2)) == ("██  ", "   ", "▏  ", "██", "  ")


@CALM
@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 60))
def test_bars_have_their_width(value: float, most: float, width: int):
    assert len(bar(value, most, width)) == width


def test_months_stand_where_they_begin():
    weeks = ["2025-11-24", "2025-12-01", "2025-12-08", "2025-12-15", "2025-12-22", "2025-12-29", "2026-01-05", "2026-01-12"]
    assert months(weeks, 2) == "  Dec       2026"
    assert months([], 2) == ""
    assert months(["2026-01-05"], 1) == " "


def test_columns_are_as_wide_as_there_is_room():
    assert [width_of_each(26, room) for room in (10, 52, 70, 500)] == [1, 2, 2, 4]


@CALM
@given(SPOTS, st.integers(1, 60), st.integers(1, 20))
def test_everything_is_seen_on_the_whole_map(spots: list[Spot], width: int, height: int):
    window = Window(width, height)
    cells = drawn(spots, window, {0})
    assert sum(sum(mark.shades.values()) for mark in cells.values()) == len(spots)
    assert sum(mark.matches for mark in cells.values()) == 1
    assert all(mark.bits for mark in cells.values())


@CALM
@given(SPOTS, UNIT, UNIT, st.floats(0.1, 200))
def test_a_window_stays_within_the_square_and_follows(spots: list[Spot], x: float, y: float, zoom: float):
    window = Window(20, 10).around(x, y, zoom)
    half = 0.5 / window.zoom
    assert half - 1e-9 <= window.x <= 1 - half + 1e-9
    assert all(window.following(spot).cell(spot) is not None for spot in spots)


@CALM
@given(SPOTS)
def test_every_spot_is_reached(spots: list[Spot]):
    window = Window(20, 10)
    assert sorted(spot.id for spot in in_reading_order(spots)) == [spot.id for spot in spots]
    for spot in spots:
        assert spot in together(spots, window, spot)
        cell = window.cell(spot)
        assert cell is not None
        found = nearest(spots, window, *cell)
        assert found is not None and window.cell(found) == cell


def test_a_step_goes_straight_on_rather_than_aside():
    here, ahead, aside, behind = Spot(1, 0.5, 0.5, ""), Spot(2, 0.8, 0.5, ""), Spot(3, 0.6, 0.9, ""), Spot(4, 0.4, 0.5, "")
    spots, window = [here, ahead, aside, behind], Window(40, 20)
    steps = {step: found.id for step in ((1, 0), (-1, 0), (0, -1)) if (found := towards(spots, window, here, step))}
    assert steps == {(1, 0): 2, (-1, 0): 4, (0, -1): 3}
    assert towards(spots, window, here, (0, 1)) is None
