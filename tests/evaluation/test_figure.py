"""A figure is well-formed whatever stands in it, draws within its page, and keeps its labels apart."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.evaluation.figure import MOST_POINTS, spread, svg, ticks
from memento_desktop.evaluation.report import Chart, Series

SVG = "{http://www.w3.org/2000/svg}"
numbers = st.floats(-1e12, 1e12) | st.sampled_from([math.nan, math.inf, -math.inf])
point = st.tuples(numbers, numbers, numbers, numbers)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    lines: list[Series] = []
    for _ in range(draw(st.integers(0, 4))):
        rows = draw(st.lists(point, max_size=6))
        x, y, low, high = ([row[n] for row in rows] for n in range(4))
        banded = draw(st.booleans())
        lines.append(Series(draw(st.text(max_size=30)), x, y, low if banded else (), high if banded else ()))
    return Chart(draw(st.text(max_size=60)), draw(st.text(max_size=20)), draw(st.text(max_size=20)), lines)


@given(st.lists(charts(), max_size=4), st.text(max_size=100))
def test_any_figure_is_well_formed_and_stays_on_its_page(drawn: list[Chart], title: str):
    root = ElementTree.fromstring(svg(drawn, title))
    assert root.tag == f"{SVG}svg"
    width, height = (float(v) for v in root.attrib["viewBox"].split()[2:])
    for group in root.iter(f"{SVG}g"):
        across, down = (float(v) for v in re.findall(r"[-\d.]+", group.attrib["transform"]))
        for element in group:
            assert not any("nan" in value or "inf" in value for value in element.attrib.values())
            if "d" in element.attrib and "H" not in element.attrib["d"]:
                pairs = re.findall(r"([-\d.]+) ([-\d.]+)", element.attrib["d"])
                assert all(0 <= across + float(x) <= width and 0 <= down + float(y) <= height for x, y in pairs)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_enclose_the_range_in_few_even_steps(low: float, length: float):
    found = ticks(low, low + length)
    slack = 1e-6 * (found[-1] - found[0])
    assert found[0] <= low + slack
    assert found[-1] >= low + length - slack
    assert 2 <= len(found) <= 8
    steps = [b - a for a, b in pairwise(found)]
    assert min(steps) > 0
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_labels_keep_their_distance_and_their_order(wanted: list[float]):
    placed = spread(wanted, 14.0, 0.0, 200.0)
    assert all(-1e-6 <= p <= 200 + 1e-6 for p in placed)
    ordered = [p for _, p in sorted(zip(wanted, placed, strict=True))]
    assert all(b - a >= 14.0 - 1e-6 for a, b in pairwise(ordered))


def test_a_name_has_one_colour_in_all_panels_and_no_two_look_alike():
    lines = [Series(f"s{n}", [0, 1], [n, n + 1]) for n in range(12)]
    root = ElementTree.fromstring(svg([Chart("a", "x", "y", lines), Chart("b", "x", "y", lines[6:])]))
    panels = [
        [(e.attrib["stroke"], e.attrib.get("stroke-dasharray")) for e in group if e.attrib.get("stroke-width") == "2"]
        for group in root.iter(f"{SVG}g")
    ]
    assert panels[1] == panels[0][6:]
    assert len(set(panels[0])) == 12


def test_a_long_line_is_thinned_but_keeps_its_ends():
    many = list(range(10_000))
    root = ElementTree.fromstring(svg([Chart("a", "x", "y", [Series("s", many, many)])]))
    path = next(e.attrib["d"] for e in root.iter(f"{SVG}path") if e.attrib.get("stroke-width") == "2")
    assert MOST_POINTS / 2 < path.count("L") <= MOST_POINTS + 1
    assert path.endswith(" 64.0")  # the top of the plot


def test_a_series_of_unlike_lengths_is_refused():
    with pytest.raises(ValueError, match="argument"):
        svg([Chart("a", "x", "y", [Series("s", [1, 2], [1])])])
