"""Rows of the browser as text: always as wide as they must be, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from memento_desktop.memory.browsing.browser import Row
from memento_desktop.tui.widgets.memory_rows import bar, cells, decimal, fitted, fitting, heads, one_line, since, spark, state_of

NOW = datetime.now(UTC).isoformat()


def row(title: str = "x", **more: object) -> Row:
    return Row(**{
        "id": 1, "kind": "fact", "title": title, "status": "active", "pinned": False, "always_on": False, "reward": None, "read": 0,
        "helped": 0, "harmed": 0, "origin": "user", "pool": "", "edited": False, "recorded_at": NOW, "valid_to": None, "last_used": None,
        "outcome": None, "tainted": False, **more,
    })  # type: ignore[arg-type]  # fmt: skip


@given(title=st.text(max_size=300), width=st.integers(24, 200), status=st.sampled_from(("active", "proposed", "archived", "trashed")))
def test_a_row_is_as_wide_as_its_head(title: str, width: int, status: str):
    columns = fitting(width)
    told = "".join(text for text, _ in cells(row(title, status=status, reward=0.5, read=10**7), columns, True))
    head = "".join(text for text, _, _ in heads(columns, "recorded", False))
    assert "\n" not in told
    assert cell_len(head) == width
    assert cell_len(told) == width


@given(text=st.text(max_size=60), width=st.integers(0, 40), right=st.booleans())
def test_what_is_fitted_takes_exactly_its_cells(text: str, width: int, right: bool):
    assert cell_len(fitted(one_line(text), width, right)) == width


def test_columns_fold_away_and_the_title_stays():
    assert [column.name for column, _ in fitting(100)] == ["★", "kind", "title", "reward", "read", "helped", "from", "age"]
    assert "from" not in [column.name for column, _ in fitting(79)]
    assert [column.name for column, _ in fitting(38)] == ["★", "title"]


def test_what_is_not_simply_in_use_is_said():
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert state_of(row(status="proposed")) == ("proposed", "accent")
    assert state_of(row(status="trashed"))[0] == "in the trash"
    assert state_of(row(valid_to=past))[0].startswith("until ")
    assert state_of(row(valid_to="2999-01-01T00:00:00+00:00")) == ("", "")


def test_numbers_and_ages_are_short():
    assert [decimal(value) for value in (0.2, 0.95, 0.999, 1.0, 0.0)] == [".20", ".95", "1.0", "1.0", ".00"]
    assert bar(0.0) == "▁" and bar(1.0) == "█"
    assert spark([0.0, 1.0]) == "▁█" and len(spark([0.5] * 1000, 24)) == 24
    spans = ({"seconds": 5}, {"minutes": 12}, {"hours": 3}, {"days": 40}, {"days": 90}, {"days": 800})
    ago = [since((datetime.now(UTC) - timedelta(**span)).isoformat()) for span in spans]
    assert ago == ["5 s", "12 min", "3 h", "40 d", "2 mo", "2 y"]
    assert since("2999-01-01T00:00:00+00:00") == "0 s"
